"""Figures about what came of the meetings. Confirmed and above in the one column, only reported in the other, never mixed;
earlier work of one party is counted nowhere."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from itertools import combinations

from flask_babel import gettext as _

from eventhub.directory.places import country_name
from eventhub.partnerships.queries_commit import balance
from eventhub.partnerships.states import FOLLOW_UP_MONTHS, LevelKind, OriginKind, Rung
from eventhub.reports import charts, survival
from eventhub.reports.facts import Facts
from eventhub.reports.figures import Figure, figure, ids, share, split, split_header
from eventhub.reports.ledger import Kept
from eventhub.reports.survival import DAYS_A_MONTH, Watched
from eventhub.reports.tables import Cell, Row, Table
from eventhub.states import label_of

WORDS = Callable[[], tuple[str, str]]
ACROSS = 14  # columns of a matrix


def _words() -> tuple[str, str]:
    return _("confirmed"), _("only reported")


def _of(
    facts: Facts, key: str, title: str, rows: list[Row], header: list[str], definition: str, note: str = "", **more
) -> Figure:
    """A figure over all partnerships in question; the last two columns are confirmed and only reported."""
    many = len(header)
    table = Table(key, title, [*header, *split_header()], rows, note, frozenset({many, many + 1}))
    return Figure(
        key, title, len(facts.kept), _("partnerships logged"), definition, facts.as_of, facts.response, table, **more
    )


def _bars(title: str, rows: list[Row]):
    return charts.bars(
        title, [(str(row.cells[0]), int(row.cells[-2] or 0), int(row.cells[-1] or 0)) for row in rows], _words()
    )


@figure("evidence")
def evidence(facts: Facts) -> Figure | None:
    """How well it is known: response rate and share verified, by meeting."""
    if not facts.kept:
        return None
    groups: dict[str, list[Kept]] = defaultdict(list)
    titles = {meeting.id: meeting.title for meeting in facts.meetings}
    for row in facts.kept:
        groups[titles.get(row.meeting_id or 0) or _("from no meeting")].append(row)
    lines = [*groups.items(), *([(_("Together"), facts.kept)] if len(groups) > 1 else [])]
    rows = []
    for title, here in lines:
        counted = [row for row in here if row.counted]
        firm = [row for row in here if row.standing.rung is Rung.SUBSTANTIATED]
        disputed = [row for row in here if row.standing.disputed]
        asked, answered = sum(row.asked for row in here), sum(row.answered for row in here)
        cells: list[Cell] = [
            title, len(here), len(counted), len(firm), len(disputed), share(len(counted), len(here)), asked, answered, share(answered, asked),
        ]  # fmt: skip
        rows.append(Row(cells, records={1: ids(here), 2: ids(counted), 3: ids(firm), 4: ids(disputed)}))
    header = [
        _("Meeting"), _("Logged"), _("Confirmed and above"), _("Of them substantiated"), _("Disputed"), _("Share verified"),
        _("Parties asked"), _("Answered"), _("Response rate"),
    ]  # fmt: skip
    table = Table("evidence", _("How well it is known"), header, rows, "", frozenset(range(1, 9)))
    definition = _(
        "Verified: all parties confirmed the facts as they stand. Response: parties asked about the facts that answered anything at all. More answers move the response rate; only facts move the counts."
    )
    bars = [
        (str(r.cells[0]), int(r.cells[2] or 0), int(r.cells[1] or 0) - int(r.cells[2] or 0))
        for r in rows[: len(groups)]
    ]
    picture = charts.bars(table.title, bars, (_("confirmed and above"), _("not confirmed")))
    return Figure(
        "evidence",
        table.title,
        len(facts.kept),
        _("partnerships logged"),
        definition,
        facts.as_of,
        facts.response,
        table,
        picture,
    )


def watched(rows: Iterable[Kept], facts: Facts) -> list[Watched]:
    """The confirmed partnerships whose first contact is known, for the curve. An activity without a date happened at
    some time between the contact and today."""
    found = []
    for row in rows:
        if row.contact is None:
            continue
        open_days = (facts.as_of - row.contact.last).days
        if row.time is not None:
            found.append(Watched(row.time.least, row.time.most))
        elif row.counted_activities and open_days >= 0:
            found.append(Watched(0, (facts.as_of - row.contact.first).days))
        elif open_days >= 0:
            found.append(Watched(open=open_days))
    return found


@figure("first_activity")
def first_activity(facts: Facts) -> Figure | None:
    """Time from first contact to the first activity, with those that have none yet."""
    found = watched(facts.counted, facts)
    if not found:
        return None
    early, late = survival.curve(found, late=False), survival.curve(found, late=True)
    last = max(w.open if w.open is not None else w.most for w in found)
    rows = []
    for months in (3, 6, 12, 18, 24, 36, 48, 60):
        days = months * DAYS_A_MONTH
        if days > last and months > 12:
            break
        cells: list[Cell] = [
            _("%(n)d months", n=months), survival.at_risk(found, days, late=True),
            f"{round(100 * survival.at(late, days))}%", f"{round(100 * survival.at(early, days))}%",
        ]  # fmt: skip
        rows.append(Row(cells))
    header = [_("After first contact"), _("Still watched, none before"), _("Had an activity, at least"), _("At most")]
    open_ones = sum(w.open is not None for w in found)
    note = _("%(open)d of %(n)d have no activity yet: they count for as long as they were watched. %(out)d confirmed ones without any date of contact are left out.",
             open=open_ones, n=len(found), out=len(facts.counted) - len(found))  # fmt: skip
    table = Table(
        "first_activity", _("From first contact to the first activity"), header, rows, note, frozenset({1, 2, 3})
    )
    definition = _(
        "Confirmed partnerships and activities only; the product-limit estimate (Kaplan–Meier). Where a date is known by its month or year there are two curves, one for the earliest days it allows and one for the latest: the truth lies between."
    )
    picture = charts.curves(table.title, early, late, last)
    return Figure(
        "first_activity",
        table.title,
        len(found),
        _("confirmed partnerships with a first contact"),
        definition,
        facts.as_of,
        facts.response,
        table,
        picture,
    )


@figure("cohorts")
def cohorts(facts: Facts) -> Figure | None:
    """Of each edition's confirmed partnerships: how many had an activity within 3, 6, 12, 24 months."""
    rows = []
    for meeting in facts.meetings:
        here = [row for row in facts.counted if row.meeting_id == meeting.id]
        if not here:
            continue
        cells: list[Cell] = [meeting.title, len(here)]
        records = {1: ids(here)}
        for months in FOLLOW_UP_MONTHS:
            days = months * DAYS_A_MONTH
            if (facts.as_of - meeting.ends).days < days:
                cells.append(_("not yet"))
                continue
            sure = [row for row in here if row.time is not None and row.time.most <= days]
            maybe = [
                row
                for row in here
                if (row.time is not None and row.time.least <= days) or (row.time is None and row.counted_activities)
            ]
            cells.append(str(len(sure)) if len(sure) == len(maybe) else f"{len(sure)}–{len(maybe)}")
            records[len(cells) - 1] = ids(maybe)
        rows.append(Row(cells, records=records))
    if not rows:
        return None
    header = [
        _("Edition"),
        _("Confirmed partnerships"),
        *(_("Activity within %(n)d months", n=n) for n in FOLLOW_UP_MONTHS),
    ]
    note = _("A range where a date is known by its month or year only. “Not yet”: so many months have not passed.")
    table = Table(
        "cohorts", _("Edition by edition: activity within months"), header, rows, note, frozenset(range(1, 6))
    )
    definition = _(
        "From first contact to the first activity that all parties confirmed, of the confirmed partnerships of each edition."
    )
    return Figure(
        "cohorts",
        table.title,
        len(facts.counted),
        _("confirmed partnerships"),
        definition,
        facts.as_of,
        facts.response,
        table,
    )


@figure("replies")
def replies(facts: Facts) -> Figure | None:
    """What the parties said later."""
    if not facts.replies:
        return None
    rows = []
    for months in FOLLOW_UP_MONTHS:
        here = [reply for reply in facts.replies if reply.months == months]
        asked, answered = sum(r.asked for r in here), sum(r.answered for r in here)
        said = {
            word: tuple(r.partnership for r in here if word in r.said) for word in ("activity", "in_touch", "nothing")
        }
        records = {4: said["activity"], 5: said["in_touch"], 6: said["nothing"]}
        rows.append(
            Row(
                [_("%(n)d months", n=months), asked, answered, share(answered, asked), *map(len, said.values())],
                records=records,
            )
        )
    header = [
        _("After the meeting"),
        _("Parties asked"),
        _("Answered"),
        _("Response rate"),
        _("Partnerships: an activity"),
        _("In touch"),
        _("Nothing came of it"),
    ]
    table = Table(
        "replies",
        _("What the parties said later"),
        header,
        rows,
        _("No reply does not mean no tie. Two parties may say different things."),
        frozenset(range(1, 7)),
    )
    asked = sum(r.asked for r in facts.replies)
    definition = _("Each party is asked by itself 3, 6, 12 and 24 months after the meeting.")
    return Figure("replies", table.title, asked, _("questions sent"), definition, facts.as_of, facts.response, table)


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
        known = [row for row in facts.counted if test(row) is not None]
        across = [row for row in known if test(row)]
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
    return Figure(
        "crossing",
        table.title,
        len(facts.kept),
        _("partnerships logged"),
        definition,
        facts.as_of,
        facts.response,
        table,
        picture,
    )


def _differ(values: list) -> bool | None:
    """Whether two of them differ; None where that is not known."""
    known = {value for value in values if value is not None}
    return True if len(known) > 1 else None if None in values else False


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
    none = {_("no theme noted"): None}
    for row in facts.kept:
        for theme in dict.fromkeys(theme for _scheme, theme in row.themes) or none:
            totals[theme].append(row)
            for land in facts.countries(row):
                found[theme, land].append(row)
    if not found:
        return None
    order = sorted(totals, key=lambda theme: (-len(totals[theme]), theme))
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


@figure("commitments")
def commitments(facts: Facts) -> Figure | None:
    """What the delegations promised, and what they kept."""
    if not facts.commitments:
        return None
    rows = []
    titled = [(m.title, [row for row in facts.commitments if row.meeting_id == m.id]) for m in facts.meetings]
    for title, here in [*titled, (_("Together"), facts.commitments)]:
        if here:
            n = balance(here)
            told = n.kept + n.partly + n.not_kept
            cells: list[Cell] = [
                title, n.total, n.kept, n.partly, n.not_kept, n.going_on, n.silent, n.due, share(n.kept, told),
            ]  # fmt: skip
            rows.append(Row(cells))
    header = [
        _("Meeting"), _("Promised"), _("Kept"), _("Partly"), _("Not kept"), _("Goes on"), _("Nothing told"),
        _("Open and past its day"), _("Kept, of those told"),
    ]  # fmt: skip
    title = _("Commitments kept")
    table = Table("commitments", title, header, rows, "", frozenset(range(1, 9)))
    definition = _(
        "Commitments of delegations by what was told last; withdrawn ones are in no total. Nothing told is not the same as not kept."
    )
    bars = [(str(r.cells[0]), int(r.cells[2] or 0), int(r.cells[1] or 0) - int(r.cells[2] or 0)) for r in rows[:-1]]
    picture = charts.bars(title, bars, (_("kept"), _("not kept, partly, or not told")))
    n = int(rows[-1].cells[1] or 0)
    return Figure("commitments", title, n, _("commitments"), definition, facts.as_of, None, table, picture)


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
    rows = []
    for heading, groups in ((_("Session or occasion"), sessions), (_("Introduced by"), through)):
        for name, here in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
            rows.append(split(name, here, heading))
    title = _("Where partnerships began")
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
        picture=_bars(title, [r for r in rows if r.cells[1] == _("Session or occasion")]),
    )
