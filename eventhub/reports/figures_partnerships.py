"""Figures about what came of the meetings. Confirmed and above in the one column, only reported in the other, never mixed;
earlier work of one party is counted nowhere."""

from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import combinations

from flask_babel import gettext as _
from flask_babel import ngettext

from eventhub.directory.places import country_name
from eventhub.partnerships.states import LevelKind, OriginKind
from eventhub.reports import charts
from eventhub.reports.facts import Facts
from eventhub.reports.figures import Figure, figure, ids, of_table, share, split, split_header
from eventhub.reports.ledger import Kept
from eventhub.reports.tables import Row, Table
from eventhub.states import label_of

WORDS = Callable[[], tuple[str, str]]
ACROSS = 14  # columns of a matrix


def _words() -> tuple[str, str]:
    return _("confirmed"), _("only reported")


def _of(
    facts: Facts,
    key: str,
    title: str,
    rows: list[Row],
    header: list[str],
    definition: str,
    note: str = "",
    *,
    base: str = "",
    **more,
) -> Figure:
    """A figure over all partnerships in question; the last two columns are confirmed and only reported."""
    many = len(header)
    table = Table(key, title, [*header, *split_header()], rows, note, frozenset({many, many + 1}))
    return of_table(facts, table, len(facts.kept), base or _("partnerships logged"), definition, **more)


def _bars(title: str, rows: list[Row]):
    return charts.bars(
        title, [(str(row.cells[0]), int(row.cells[-2] or 0), int(row.cells[-1] or 0)) for row in rows], _words()
    )


@figure("stages")
def stages(facts: Facts) -> Figure | None:
    """How close the work is."""
    if not facts.kept:
        return None
    names = [_("0 none"), _("1 networking"), _("2 coordinating"), _("3 cooperating"), _("4 collaborating")]
    rows = [
        split(name, [r for r in facts.kept if r.stage is not None and r.stage.least == n])
        for n, name in enumerate(names)
    ]
    rows.append(split(_("nobody said"), [r for r in facts.kept if r.stage is None]))
    definition = _(
        "Himmelman's four questions, by the newest statement; an unanswered question counts as no step. The stage may go down."
    )
    return _of(
        facts,
        "stages",
        _("How close the work is"),
        rows,
        [_("Stage")],
        definition,
        picture=_bars(_("How close the work is"), rows),
    )


@figure("crossing")
def crossing(facts: Facts) -> Figure | None:
    """The share that crosses borders and sectors."""
    if not facts.kept:
        return None
    lines: list[tuple[str, Callable[[Kept], bool | None]]] = [
        (_("Between countries"), lambda row: _differ([facts.organisations[i].country or None for i in row.parties])),
        (_("Between sectors"), lambda row: _differ([facts.organisations[i].sector_id for i in row.parties])),
    ]
    rows = []
    for label, test in lines:
        said = [(row, test(row)) for row in facts.counted]
        known = [row for row, differ in said if differ is not None]
        across = [row for row, differ in said if differ]
        beside = [row for row in facts.reported if test(row)]
        rows.append(
            Row(
                [label, len(across), len(known), share(len(across), len(known)), len(beside)],
                records={1: ids(across), 2: ids(known), 4: ids(beside)},
            )
        )
    header = [_("Partnerships"), _("Confirmed"), _("of those where it is known"), _("Share"), _("Only reported")]
    table = Table("crossing", _("Across borders and sectors"), header, rows, "", frozenset(range(1, 5)))
    definition = _(
        "At least two parties of different countries, or of different sectors. Known: noted for every party, or different already."
    )
    picture = charts.bars(
        table.title, [(str(r.cells[0]), int(r.cells[1] or 0), int(r.cells[4] or 0)) for r in rows], _words()
    )
    return of_table(facts, table, len(facts.kept), _("partnerships logged"), definition, picture)


def _differ(values: list) -> bool | None:
    """Whether two of them differ; None where that is not known."""
    known = set(values)
    unknown = None in known
    return True if len(known) - unknown > 1 else None if unknown else False


@figure("country_pairs")
def country_pairs(facts: Facts) -> Figure | None:
    """Which countries' organisations work together."""
    pairs: dict[tuple[str, str], list[Kept]] = defaultdict(list)
    for row in facts.kept:
        lands = facts.countries(row)
        for pair in combinations(lands, 2) if len(lands) > 1 else [(lands[0], lands[0])] if lands else []:
            pairs[pair].append(row)
    if not pairs:
        return None
    order = sorted(pairs.items(), key=lambda item: (-sum(r.counted for r in item[1]), -len(item[1]), item[0]))
    rows = [split(f"{_land(a)} – {_land(b)}", here) for (a, b), here in order]
    title = _("Country by country")
    often = Counter(land for (a, b), here in pairs.items() for land in {a, b} for _row in here)
    across = sorted((land for land, _n in often.most_common(ACROSS)), key=_land)
    cells = {}
    for (a, b), here in pairs.items():
        if a in across and b in across:
            cells[_land(a), b or "?"] = cells[_land(b), a or "?"] = len(here)
    picture = charts.matrix(
        _("Partnerships between countries, confirmed and reported"),
        [_land(a) for a in across],
        [a or "?" for a in across],
        cells,
    )
    definition = _(
        "Each pair of countries or territories that parties of one partnership come from; the diagonal: all parties from one."
    )
    return _of(facts, "country_pairs", title, rows, [_("Countries or territories")], definition, picture=picture)


def _land(code: str) -> str:
    return country_name(code) if code else _("no country noted")


@figure("themes")
def themes(facts: Facts) -> Figure | None:
    """What it is about, and where."""
    found: dict[tuple[str, str], list[Kept]] = defaultdict(list)
    totals: dict[str, list[Kept]] = defaultdict(list)
    none = _("no theme noted")
    for row in facts.kept:
        for theme in row.theme_words() or [none]:
            totals[theme].append(row)
            for land in facts.countries(row):
                found[theme, land].append(row)
    if not found:
        return None
    order = sorted(totals, key=lambda theme: (theme == none, -len(totals[theme]), theme))
    rows = []
    for theme in order:
        lands = sorted((land for t, land in found if t == theme), key=lambda land: (-len(found[theme, land]), land))
        rows += [split(theme, found[theme, land], _land(land)) for land in lands]
    often = Counter(land for (_theme, land), here in found.items() for _row in here)
    across = sorted(land for land, _n in often.most_common(ACROSS))
    cells = {
        (theme, land or "?"): len(found[theme, land])
        for theme in order[:12]
        for land in across
        if found.get((theme, land))
    }
    title = _("Themes and countries")
    picture = charts.matrix(
        _("Partnerships by theme and country, confirmed and reported"), order[:12], [a or "?" for a in across], cells
    )
    definition = _(
        "A partnership stands under each of its themes and each country of its parties, so lines do not add up to the whole."
    )
    return _of(facts, "themes", title, rows, [_("Theme"), _("Country or territory")], definition, picture=picture)


@figure("levels")
def levels(facts: Facts) -> Figure | None:
    """From the commune to the world."""
    if not facts.kept:
        return None
    rows = [split(label_of(kind), [r for r in facts.kept if kind.value in r.levels]) for kind in LevelKind]
    rows.append(split(_("no level noted"), [r for r in facts.kept if not r.levels]))
    definition = _("A partnership may work on several levels, so lines do not add up to the whole.")
    return _of(facts, "levels", _("Levels"), rows, [_("Level")], definition, picture=_bars(_("Levels"), rows))


@figure("origins")
def origins(facts: Facts) -> Figure | None:
    """Where they began: by session, and by who introduced them."""
    if not facts.kept:
        return None
    sessions: dict[str, list[Kept]] = defaultdict(list)
    through: dict[str, list[Kept]] = defaultdict(list)
    kinds = {kind: label_of(kind) for kind in OriginKind}
    unlisted, nobody = _("somebody who is not listed"), _("nobody, or not known")
    for row in facts.kept:
        sessions[facts.sessions.get(row.session_id or 0) or kinds[row.kind]].append(row)
        known = row.introducer_id is not None
        through[facts.introducers.get(row.introducer_id or 0, unlisted) if known else nobody].append(row)
    rows, occasion = [], _("Session or occasion")
    for heading, groups in ((occasion, sessions), (_("Introduced by"), through)):
        for name, here in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
            rows.append(split(name, here, heading))
    # last, so that a short print still says where partnerships did begin
    without = sorted({name for name in facts.sessions.values() if name not in sessions})
    rows += [split(name, [], occasion) for name in without]
    every = len(set(facts.sessions.values()))
    title = _("Where partnerships began")
    note = ""
    if without:
        note = ngettext(
            "%(num)d session of %(n)d led to no partnership on record; that does not say that it was of no use.",
            "%(num)d sessions of %(n)d led to no partnership on record; that does not say that they were of no use.",
            len(without), n=every,
        )  # fmt: skip
    definition = _(
        "As the parties or the secretariat stated it. Contribution, not attribution: that they met there does not say that they would not have met elsewhere."
    )
    return _of(
        facts,
        "origins",
        title,
        rows,
        [_("Began with"), _("What that is")],
        definition,
        note,
        base=_("partnerships logged; %(n)d sessions in the programmes", n=every) if every else "",
        picture=_bars(title, [r for r in rows if r.cells[1] == occasion and (r.cells[2] or r.cells[3])]),
    )
