"""Figures about people and organisations at the meetings: the funnel, growth, sectors, new and returning, quotas.

Children are in none of them. Where a past meeting kept no records, nothing is known, which is not 0.
"""

from collections import Counter, defaultdict
from dataclasses import replace

from flask_babel import gettext as _
from flask_babel import ngettext

from eventhub.directory.places import country_name
from eventhub.meetings.models import Meeting
from eventhub.reports import charts
from eventhub.reports.facts import Facts
from eventhub.reports.figures import Figure, figure, ids, of_table, share
from eventhub.reports.picture import Picture
from eventhub.reports.queries import People
from eventhub.reports.suppression import hidden
from eventhub.reports.tables import Cell, Row, Table

# where the people behind a number stand, for who may see them
INVITED, REGISTERED, INTRODUCED = "invitations.index", "registration.index", "networking.index"
THREE = 3  # stage "cooperating": resources are shared


@figure("funnel")
def funnel(facts: Facts) -> Figure:
    """From the invitation to a partnership at stage 3: each step of what it is a part of."""
    rows = ([] if facts.silent_on_people else _steps_of_people(facts)) + _steps_of_partnerships(facts)
    header = [_("Step"), _("Number"), _("of"), _("of what"), _("share"), _("How this is counted")]
    note = _("Adults only. Steps count organisations first, then people, then partnerships.")
    table = Table("funnel", _("From the invitation to working together"), header, rows, note, frozenset({1, 2, 4}))
    bars = [(str(row.cells[0]), n, 0) for row in rows if isinstance(n := row.cells[1], int)]
    picture = charts.bars(table.title, bars, (_("number"), ""))
    return of_table(
        facts,
        table,
        len(facts.meetings),
        _("meetings"),
        _("Each step counts those of the step's own base; the bases differ, so read each share by itself."),
        picture,
    )


def _sum(numbers: list[int | None]) -> int | None:
    """The sum of what is known; None where nothing is."""
    known = [n for n in numbers if n is not None]
    return sum(known) if known else None


def _step(label: str, n: int | None, of: int | None, base: str, definition: str, records: tuple[int, ...] = ()) -> Row:
    rate = share(n, of) if n is not None and of else None
    return Row([label, n, of, base, rate, definition], records={1: records} if records else {})


def _people_step(facts: Facts, page: str, label: str, n: int | None, of: int | None, base: str, definition: str) -> Row:
    """A step that counts people; of one edition its number leads to them."""
    only = facts.scope.edition.slug if facts.scope.edition and not facts.scope.narrowed else ""
    return replace(_step(label, n, of, base, definition), meeting=only, people=(1, page))


def _steps_of_people(facts: Facts) -> list[Row]:
    people, invited = facts.people.values(), facts.invited.values()
    unknown = sum(one.registered is None for one in people)
    without = (
        ngettext(
            "%(num)d meeting without records is left out.", "%(num)d meetings without records are left out.", unknown
        )
        if unknown
        else ""
    )

    def size(name: str) -> int | None:
        return _sum([None if (group := getattr(one, name)) is None else len(group) for one in people])

    sent, seats = _sum([one.sent for one in invited]), _sum([one.seats for one in invited])
    steps = []
    if not facts.scope.narrowed:
        drawn = _sum([one.drawn_up for one in invited])
        told = _("Invitations that were sent.")
        steps = [_people_step(facts, INVITED, _("Organisations invited"), sent, drawn, _("invitations drawn up"), told)]
    else:
        seats = None
    both = _sum([len(one.attended | one.introduced) for one in people if one.attended is not None])
    return [
        *steps,
        _people_step(facts, INVITED, _("People nominated"), size("nominated"), seats, _("seats accepted"), _("People whom invited organisations named for their seats; alternates are not counted before they move up.")),
        _people_step(
            facts, REGISTERED,
            _("Registered"), size("registered"), _sum([len(o.registered | (o.nominated or set())) for o in people if o.registered is not None]),
            _("nominated or registered"), " ".join([_("Who sent in the form, whatever became of it."), without]).strip(),
        ),
        _people_step(facts, REGISTERED, _("Attended"), size("attended"), size("confirmed"), _("confirmed"), _("Whom an entrance let in at least once.")),
        _people_step(
            facts, INTRODUCED,
            _("Introduced to somebody"), size("introduced") if both is not None else _sum([len(o.introduced) for o in people]), both,
            _("attended or introduced"), _("In at least one introduction that neither side denies."),
        ),
    ]  # fmt: skip


def _steps_of_partnerships(facts: Facts) -> list[Row]:
    asked = {reply.partnership for reply in facts.replies if reply.months == 3}
    contact = {r.partnership for r in facts.replies if r.months == 3 and r.said & {"in_touch", "activity"}}
    acted = [row for row in facts.counted if row.counted_activities]
    staged = [row for row in facts.counted if row.stage is not None]
    close = [row for row in staged if row.stage is not None and row.stage.least >= THREE]
    return [
        _step(
            _("Partnerships, confirmed"), len(facts.counted), len(facts.kept), _("logged"),
            _("All parties confirmed the facts as they stand. The rest is only reported and stands beside."), ids(facts.counted),
        ),
        _step(
            _("Contact at 3 months"), len(contact), len(asked), _("partnerships asked at 3 months"),
            _("A party said at 3 months that they are in touch or did something together. No reply is not a no."), tuple(sorted(contact)),
        ),
        _step(
            _("An activity"), len(acted), len(facts.counted), _("confirmed partnerships"),
            _("At least one activity that all parties confirmed. Earlier work of one party is never counted."), ids(acted),
        ),
        _step(
            _("Stage 3 or 4"), len(close), len(staged), _("confirmed ones with a stage"),
            _("By the newest answers to Himmelman's four questions: they share resources, at least."), ids(close),
        ),
    ]  # fmt: skip


@figure("growth")
def growth(facts: Facts) -> Figure | None:
    """Year by year; a year without a meeting is seen as such."""
    held = defaultdict(list)
    for meeting in facts.meetings:
        held[meeting.year].append(meeting)
    if not held:
        return None
    begun = defaultdict(list)
    years = {meeting.id: meeting.year for meeting in facts.meetings}
    for row in facts.kept:
        begun[years.get(row.meeting_id) or row.since.year].append(row)
    rows, marks = [], []
    for year in range(min(held), max(held) + 1):
        here = held.get(year, [])
        counted, reported = [r for r in begun[year] if r.counted], [r for r in begun[year] if not r.counted]
        cells: list[Cell] = [
            str(year),
            ", ".join(meeting.title for meeting in here) or _("no meeting"),
            _people_cell(facts, here, _organisations) if here else None,
            _people_cell(facts, here, _confirmed) if here else None,
        ]
        records = {4: ids(counted), 5: ids(reported)}
        quiet = not here and not counted and not reported
        pair: list[Cell] = [None, None] if quiet else [len(counted), len(reported)]
        only = here[0].slug if len(here) == 1 else ""
        rows.append(Row([*cells, *pair], quiet=quiet, records=records, meeting=only, people=(3, REGISTERED)))
        marks.append((str(year), None if quiet else len(counted), None if quiet else len(reported)))
    header = [
        _("Year"),
        _("Meeting"),
        _("Organisations"),
        _("People"),
        _("Partnerships, confirmed"),
        _("Only reported"),
    ]
    note = _("Partnerships stand in the year of the meeting that they came from. Adults only.")
    table = Table("growth", _("Year by year"), header, rows, note, frozenset({2, 3, 4, 5}))
    picture = charts.columns(_("Partnerships by year"), marks, (_("confirmed"), _("only reported")))
    definition = _(
        "Organisations and people: with a confirmed registration; organisations also when a list of the time names "
        "them. A meeting without records is unknown, not 0."
    )
    return of_table(facts, table, len(facts.kept), _("partnerships"), definition, picture)


def _people_cell(facts: Facts, meetings: list[Meeting], of) -> Cell:
    """How many in these meetings together; nothing where the filters could single somebody out."""
    if facts.silent_on_people:
        return _("not written")
    groups = [of(facts.people[meeting.id]) for meeting in meetings]
    known = [group for group in groups if group is not None]
    return len(set().union(*known)) if known else None


def _organisations(one: People) -> set[int] | None:
    return one.organisations


def _confirmed(one: People) -> set[int] | None:
    return one.confirmed


@figure("sectors", people=True)
def sectors(facts: Facts) -> Figure | None:
    """Who came, by sector: organisations and people."""
    people: dict[int | None, set[int]] = defaultdict(set)
    organisations: dict[int | None, set[int]] = defaultdict(set)
    for one in facts.people.values():
        for person in one.confirmed or ():
            people[one.sector.get(person)].add(person)
            if person in one.organisation:
                organisations[one.sector.get(person)].add(one.organisation[person])
    if not people:
        return None
    total = len(set().union(*people.values()))
    order = [ident for ident in (*facts.sectors, None) if ident in people]
    secret = hidden([len(people[ident]) for ident in order]) if facts.sensitive else set()
    only = facts.scope.edition.slug if facts.scope.edition and not facts.scope.narrowed else ""
    rows = []
    for place, ident in enumerate(order):
        n = len(people[ident])
        said: list[Cell] = [_("not written"), None] if place in secret else [n, share(n, total)]
        # one organisation may stand for one person
        firms: Cell = _("not written") if place in secret else len(organisations[ident])
        rows.append(Row([_sector_name(facts, ident), firms, *said], meeting=only, people=(2, REGISTERED), sector=ident))
    header = [_("Sector"), _("Organisations"), _("People"), _("Share of people")]
    table = Table("sectors", _("Who came, by sector"), header, rows, _adults(bool(secret)), frozenset({1, 2, 3}))
    shown = [(str(r.cells[0]), r.cells[2], 0) for r in rows if isinstance(r.cells[2], int)]
    picture = charts.bars(table.title, shown, (_("people"), ""))  # type: ignore[arg-type]  # whole numbers, see above
    definition = _(
        "Adults with a confirmed registration, each once, by the sector they registered in, else their organisation's."
    )
    return of_table(facts, table, total, _("people"), definition, picture, by_answers=False)


def _sector_name(facts: Facts, ident: int | None) -> str:
    return facts.sectors.get(ident or 0) or _("no sector noted")


def _adults(suppressed: bool) -> str:
    adults = _("Adults only: children are in no breakdown.")
    return (
        f"{adults} {_('Small numbers are not written, and as many others as it takes to keep them unknown.')}"
        if suppressed
        else adults
    )


@figure("returning", people=True)
def returning(facts: Facts) -> Figure | None:
    """New and returning organisations, edition by edition; each series has its own memory."""
    seen: dict[int, set[int]] = defaultdict(set)
    rows, marks, every = [], [], set()
    for meeting in facts.meetings:
        here = _organisations(facts.people[meeting.id])
        if here is None:
            rows.append(Row([meeting.title, str(meeting.year), None, None, None, None]))
            marks.append((meeting.title, 0, 0))
            continue
        before = seen[meeting.series_id]
        new, back = len(here - before), len(here & before)
        pair: list[Cell] = [new, back] if before else [None, None]
        rows.append(
            Row(
                [meeting.title, str(meeting.year), len(here), *pair, share(back, len(here)) if before else None],
                meeting=meeting.slug,
                people=(2, REGISTERED),
            )
        )
        marks.append((meeting.title, back if before else 0, new if before else len(here)))
        seen[meeting.series_id] |= here
        every |= here
    if not every:
        return None
    header = [_("Meeting"), _("Year"), _("Organisations"), _("New"), _("Returning"), _("Share returning")]
    note = _("New: in no earlier edition of the series within this report. The first on record has nothing before it.")
    table = Table("returning", _("New and returning organisations"), header, rows, note, frozenset({2, 3, 4, 5}))
    picture = charts.bars(table.title, marks, (_("returning"), _("new, or the first edition on record")))
    definition = _(
        "Organisations with a confirmed adult at the meeting, or on a list of the time; merged ones are one."
    )
    return of_table(facts, table, len(every), _("organisations"), definition, picture, by_answers=False)


@figure("quotas", people=True)
def quotas(facts: Facts) -> Figure | None:
    """Seats that were planned for a sector, or for a sector of one country, and who came."""
    if not facts.quotas:
        return None
    rows = []
    for meeting in facts.meetings:
        one = facts.people[meeting.id]
        planned = [(sector, land, seats) for m, sector, land, seats in facts.quotas if m == meeting.id]
        came = Counter(one.sector.get(person) for person in one.confirmed or ())
        came_from = Counter((one.sector.get(person), one.country.get(person, "")) for person in one.confirmed or ())
        actual = [came_from[sector, land] if land else came[sector] for sector, land, _seats in planned]
        # seats of one country are a part of the sector's: what is hidden is hidden among all of them together
        secret = _secret(planned, actual) if facts.sensitive and one.confirmed is not None else set()
        for place, (sector, land, seats) in enumerate(planned):
            said: list[Cell] = (
                [actual[place], share(actual[place], seats)] if one.confirmed is not None else [None, None]
            )
            if place in secret:
                said = [_("not written"), _("not written")]
            words = _sector_name(facts, sector) + (f", {country_name(land)}" if land else "")
            rows.append(
                Row([meeting.title, words, seats, *said], meeting=meeting.slug, people=(3, REGISTERED), sector=sector)
            )
    header = [_("Meeting"), _("Seats for"), _("Seats planned"), _("Confirmed"), _("Share")]
    table = Table("quotas", _("Quota and actual"), header, rows, _adults(facts.sensitive), frozenset({2, 3, 4}))
    definition = _(
        "Seats planned for a sector, or for a sector of one country, and the adults of it whose registration is confirmed today. A quota warns; it does not block."
    )
    return of_table(facts, table, len(rows), _("quotas"), definition, _seats(table.title, rows), by_answers=False)


def _secret(planned: list[tuple[int, str, int]], actual: list[int]) -> set[int]:
    """Which places are not written: small ones; and where seats of a country are, all of that sector's, since the one
    could be worked out from the other."""
    secret = hidden(actual)
    sectors = {planned[place][0] for place in secret if any(land for s, land, _n in planned if s == planned[place][0])}
    return secret | {place for place, (sector, _land, _seats) in enumerate(planned) if sector in sectors}


def _seats(title: str, rows: list[Row]) -> Picture | None:
    """Of the last meeting with quotas: seats and people, where all may be written."""
    last = [row for row in rows if row.cells[0] == rows[-1].cells[0]]
    pairs = [(str(row.cells[1]), row.cells[3], row.cells[2]) for row in last]
    if not all(isinstance(n, int) for _label, n, _seats in pairs):
        return None
    words = _("%(title)s: %(meeting)s", title=title, meeting=rows[-1].cells[0])
    return charts.bars(
        words, pairs, (_("people confirmed, %(meeting)s", meeting=rows[-1].cells[0]), _("seats planned"))
    )  # type: ignore[arg-type]  # whole numbers, see above
