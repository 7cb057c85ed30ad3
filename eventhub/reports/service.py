"""What a report says: each figure with its base, its definition and the table behind it.

Headline figures count partnerships that all parties confirmed, and above; what is only reported stands beside and is
never mixed in. Earlier work of one party is counted nowhere. Contribution, not attribution.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from eventhub import clock
from eventhub.directory.imprecise import Span
from eventhub.directory.places import country_name
from eventhub.meetings import queries as meetings
from eventhub.meetings.models import Meeting, Sector
from eventhub.meetings.states import MeetingState
from eventhub.partnerships import queries as partnerships
from eventhub.partnerships import timing
from eventhub.partnerships.listing import Entry, entries
from eventhub.partnerships.queries import Response
from eventhub.partnerships.states import FOLLOW_UP_MONTHS, Rung
from eventhub.partnerships.timeline import span_text
from eventhub.reports import ledger, queries
from eventhub.reports.suppression import hidden
from eventhub.reports.tables import Cell, Row, Step, Table, careful
from eventhub.states import label_of


@dataclass(frozen=True)
class Outcome:
    """What came of a meeting: confirmed and above in ``counted``, the rest in ``reported``."""

    counted: list[Entry]
    reported: list[Entry]
    substantiated: int
    response: Response
    time: Span | None  # from first contact to first activity: the median's range over the counted ones
    timed: int  # of how many counted partnerships the time is known

    @property
    def with_activity(self) -> int:
        return sum(entry.counted_activities > 0 for entry in self.counted)


@dataclass(frozen=True)
class Report:
    """One meeting's report, as of a day."""

    as_of: date
    steps: list[Step]
    outcome: Outcome
    tables: list[Table]
    children: Cell


def outcome(found: list[Entry]) -> Outcome:
    counted = [entry for entry in found if entry.standing.counted]
    spans = [span for entry in counted if (span := first_activity(entry)) is not None]
    middle = Span(round(median(s.least for s in spans)), round(median(s.most for s in spans))) if spans else None
    return Outcome(
        counted,
        [entry for entry in found if not entry.standing.counted],
        sum(entry.standing.rung is Rung.SUBSTANTIATED for entry in found),
        partnerships.verification_response(entry.partnership for entry in found),
        middle,
        len(spans),
    )


def first_activity(entry: Entry) -> Span | None:
    """Days from first contact to the first dated activity; of a counted partnership only confirmed activities."""
    rows = entry.partnership.activities
    if entry.standing.counted:
        rows = [row for row in rows if entry.standing.items[f"activity:{row.id}"] is not Rung.REPORTED]
    return timing.time_to_first(rows, timing.contact_of(entry.partnership.origin))


def report(meeting: Meeting, *, may_see_children: bool = False) -> Report:
    """Everything that the report page of a meeting shows."""
    people, invited = _records(meeting)
    found = entries(partnerships.list_partnerships([meeting.id]))
    came = outcome(found)
    steps = _invitation_steps(invited) + _people_steps(people, invited) + _partnership_steps(came)
    sectors = meetings.list_sectors()
    children = careful(queries.count_children(meeting), True) if may_see_children and meeting.admits_children else None
    suppress = queries.could_show_somebody([meeting])
    tables = [
        _funnel_table(steps),
        _sector_table(people, invited, sectors, suppress),
        _country_table(people, suppress),
        _partnership_table(found),
        _follow_up_table(queries.follow_ups(meeting)),
    ]
    return Report(clock.today(meeting.tz), steps, came, tables, children)


def funnel(meeting: Meeting) -> list[Step]:
    """The first steps only, from the invitation to the introduction: for the meeting's first page."""
    people, invited = _records(meeting)
    return _invitation_steps(invited) + _people_steps(people, invited)


def _records(meeting: Meeting) -> tuple[queries.People, queries.Invited]:
    people = queries.people([meeting])[meeting.id]
    invited = queries.invited([meeting])[meeting.id]
    if people.nominated is None and invited.drawn_up is not None:
        people.nominated = set()  # there are invitations, and nobody was named
    return people, invited


def _size(group: set[int] | None) -> int | None:
    return None if group is None else len(group)


def _union(first: set[int] | None, second: set[int] | None) -> int | None:
    return None if first is None or second is None else len(first | second)


def _invitation_steps(invited: queries.Invited) -> list[Step]:
    organisations = "organisations"
    return [
        Step(
            "invited", _("Invited"), organisations, invited.sent, invited.drawn_up, _("invitations drawn up"),
            _("Invitations that were sent, to organisations or to single people. Withdrawn ones are not counted."),
        ),
        Step(
            "opened", _("Opened their link"), organisations, invited.opened, invited.sent, _("sent"),
            _("Somebody opened the page behind the link. A mail scanner may have done so too."),
        ),
        Step(
            "accepted", _("Accepted"), organisations, invited.accepted, invited.sent, _("sent"),
            _("Invitations that stand as accepted today."),
        ),
    ]  # fmt: skip


def _people_steps(people: queries.People, invited: queries.Invited) -> list[Step]:
    by_people = "people"
    n = people.introductions
    pairs = ngettext("in %(num)d introduction", "in %(num)d introductions", n) if n else ""
    return [
        Step(
            "nominated", _("Nominated"), by_people, _size(people.nominated), invited.seats, _("seats accepted"),
            _("Adults whom invited organisations named for their seats, without those replaced, withdrawn or declined, and without alternates who wait."),
        ),
        Step(
            "registered", _("Registered"), by_people, _size(people.registered),
            _union(people.nominated if people.nominated is not None else set(), people.registered),
            _("nominated or registered"),
            _("Adults who sent in the form, whatever became of it: waiting, declined and cancelled ones too."),
        ),
        Step(
            "confirmed", _("Confirmed"), by_people, _size(people.confirmed), _size(people.registered), _("registered"),
            _("Adults whose registration stands as confirmed today."),
        ),
        Step(
            "attended", _("Attended"), by_people, _size(people.attended), _union(people.confirmed, people.attended),
            _("confirmed or let in"),
            _("Adults whom an entrance let in at least once."),
        ),
        Step(
            "introduced", _("Introduced to somebody"), by_people, len(people.introduced),
            _union(people.attended, people.introduced), _("attended or introduced"),
            _("Adults in at least one recorded introduction that neither side denies. "
              "Sitting in the same session is not an introduction."),
            pairs,
        ),
    ]  # fmt: skip


def _partnership_steps(came: Outcome) -> list[Step]:
    logged = len(came.counted) + len(came.reported)
    kind = "partnerships"
    return [
        Step(
            "partnerships", _("Partnerships, confirmed"), kind, len(came.counted), logged, _("logged"),
            _("Partnerships from this meeting that all parties confirmed as they stand, and above. A disputed or "
              "corrected one is not counted until it is confirmed again. Hidden ones are left out."),
            _("%(n)d only reported", n=len(came.reported)) if came.reported else "",
        ),
        Step(
            "activities", _("Of these, with an activity"), kind, came.with_activity, len(came.counted),
            _("confirmed partnerships"),
            _("Confirmed partnerships with at least one activity that all parties confirmed. Earlier work of one "
              "party is never counted."),
        ),
    ]  # fmt: skip


# the tables behind


def _funnel_table(steps: Sequence[Step]) -> Table:
    rows = [Row([s.label, s.n, s.of, s.of_what, s.beside, s.definition]) for s in steps]
    header = [_("Step"), _("Number"), _("of"), _("of what"), _("beside it"), _("How this is counted")]
    return Table("funnel", _("From the invitation to the activity"), header, rows, numeric=frozenset({1, 2}))


def _breakdown(people: queries.People, of: dict[int, str]) -> dict[str, tuple[int, int | None, int | None]]:
    """Registered, confirmed, attended per group."""
    groups = Counter(of.get(person, "") for person in people.registered or ())

    def among(who: set[int] | None) -> Counter[str] | None:
        return None if who is None else Counter(of.get(person, "") for person in who)

    confirmed, attended = among(people.confirmed), among(people.attended)
    return {
        group: (n, None if confirmed is None else confirmed[group], None if attended is None else attended[group])
        for group, n in groups.items()
    }


def _careful(groups: dict[str, tuple[int, int | None, int | None]], suppress: bool) -> dict[str, tuple[Cell, ...]]:
    """The breakdown without the numbers that could point to somebody, column by column."""
    secret = [hidden([numbers[k] for numbers in groups.values()]) if suppress else set() for k in range(3)]
    return {
        name: tuple(_("not written") if row in secret[k] else n for k, n in enumerate(numbers))
        for row, (name, numbers) in enumerate(groups.items())
    }


def _small_note(suppress: bool) -> str:
    adults = _("Adults only: children are in no breakdown.")
    return (
        f"{adults} {_('Numbers under 5 are not written, nor others from which they could be worked out.')}"
        if suppress
        else adults
    )


def _sector_table(people: queries.People, invited: queries.Invited, sectors: Sequence[Sector], suppress: bool) -> Table:
    names = {sector.id: sector.name for sector in sectors}
    of = {person: names.get(sector_id or 0, "") for person, sector_id in people.sector.items()}
    counted = _careful(_breakdown(people, of), suppress)
    rows = []
    for sector_id, name in [*names.items(), (None, "")]:
        adults = counted.get(name, (0, _zero(people.confirmed), _zero(people.attended)))
        sent = invited.sent_by_sector[sector_id] if invited.sent is not None else None
        accepted = invited.accepted_by_sector[sector_id] if invited.sent is not None else None
        if sent or adults[0]:
            rows.append(Row([name or _("no sector noted"), sent, accepted, *adults]))
    header = [_("Sector"), _("Invited"), _("Accepted"), _("Registered"), _("Confirmed"), _("Attended")]
    return Table("sectors", _("By sector"), header, rows, _small_note(suppress), frozenset(range(1, 6)))


def _zero(group: set[int] | None) -> int | None:
    return None if group is None else 0


def _country_table(people: queries.People, suppress: bool) -> Table:
    plain = _breakdown(people, people.country)
    counted = _careful(plain, suppress)
    order = sorted(plain, key=lambda code: (0 if suppress else -plain[code][0], code))  # an order by size tells sizes
    rows = [Row([country_name(code) if code else _("no country noted"), *counted[code]]) for code in order]
    header = [_("Country or territory"), _("Registered"), _("Confirmed"), _("Attended")]
    return Table("countries", _("By country or territory"), header, rows, _small_note(suppress), frozenset({1, 2, 3}))


def _partnership_table(found: Sequence[Entry]) -> Table:
    order = [Rung.SUBSTANTIATED, Rung.CONFIRMED, Rung.REPORTED]
    rows = []
    for entry in sorted(found, key=lambda e: (order.index(e.standing.rung), e.partnership.ref)):
        p, time = entry.partnership, first_activity(entry)
        rows.append(
            Row(
                [
                    p.title,
                    p.ref,
                    " · ".join(party.organisation.name for party in p.parties),
                    label_of("disputed" if entry.standing.disputed else entry.standing.rung),
                    f"{entry.stage.least}–{entry.stage.most}" if entry.stage and not entry.stage.known
                    else entry.stage.least if entry.stage else None,
                    entry.counted_activities,
                    len(p.activities),
                    span_text(time) if time else None,
                ],
                url_for("partnerships.show", partnership_id=p.id),
            )
        )  # fmt: skip
    header = [
        _("Partnership"), _("Reference"), _("Between"), _("Evidence"), _("Stage 0–4"),
        _("Activities, confirmed"), _("Activities, all"), _("From first contact to first activity"),
    ]  # fmt: skip
    note = _("Confirmed ones first; reported ones stand below and are in no headline figure.")
    return Table("partnerships", _("The partnerships"), header, rows, note, frozenset({5, 6}))


def _follow_up_table(found: dict[int, Counter[str]]) -> Table:
    rows = []
    for months in FOLLOW_UP_MONTHS:
        n = found.get(months, Counter())
        label = _("%(n)d months", n=months)
        cells: list[Cell] = [n["scheduled"], n["sent"], n["activity"], n["in_touch"], n["nothing"], n["no_reply"]]
        rows.append(Row([label, *cells]))
    header = [
        _("After the meeting"), _("Still to come"), _("Asked"), _("An activity"), _("In touch"),
        _("Nothing came of it"), _("No reply"),
    ]  # fmt: skip
    note = _("One line per time of asking; each party is asked by itself. No reply does not mean no tie.")
    return Table("follow_ups", _("What the parties said later"), header, rows, note, frozenset(range(1, 7)))


# across years

_EMPTY = (None,) * 8
_AS_USUAL = (MeetingState.OVER, MeetingState.ARCHIVED)


def years(found: Sequence[Meeting], *, allowed: set[int] | None) -> Table:
    """One row per edition of a series, oldest first, and one for each year without a meeting.

    ``allowed`` are the meetings whose figures the reader may see (None: all).
    """
    shown = [m for m in found if allowed is None or m.id in allowed]
    people = queries.people(shown)
    logged = Counter((row.meeting_id, row.counted) for row in ledger.read(themes=False))
    rows: list[Row] = []
    seen: set[int] = set()
    last: int | None = None
    for meeting in sorted(found, key=lambda m: (m.year, m.starts)):
        for gap in range((last or meeting.year) + 1, meeting.year):
            rows.append(Row([str(gap), None, _("no meeting"), *_EMPTY], quiet=True))
        last = meeting.year
        if meeting.id not in people:
            title = _("%(title)s (not yours to see)", title=meeting.title)
            rows.append(Row([str(meeting.year), meeting.edition_no, title, *_EMPTY]))
            continue
        cells = _year_cells(people[meeting.id], seen)
        seen |= people[meeting.id].organisations or set()
        rows.append(
            Row(
                [
                    str(meeting.year), meeting.edition_no, _titled(meeting), *cells,
                    people[meeting.id].introductions, logged[meeting.id, True], logged[meeting.id, False],
                ],
                url_for("reports.meeting", slug=meeting.slug),
            )
        )  # fmt: skip
    header = [
        _("Year"), _("Edition"), _("Meeting"), _("Countries, territories"), _("Organisations"),
        _("New"), _("Returning"), _("People"), _("Pairs introduced"), _("Partnerships, confirmed"), _("Only reported"),
    ]  # fmt: skip
    note = _(
        "Organisations and people: those with a confirmed registration, adults only; organisations also when a list "
        "of the time names them. New: in no earlier edition of "
        "the series whose participants are recorded here. A past meeting without records is unknown, not 0."
    )
    return Table("years", _("Edition by edition"), header, rows, note, frozenset({0, 1, *range(3, 11)}))


def _titled(meeting: Meeting) -> str:
    """The title, with the state where it is not simply over."""
    return meeting.title if meeting.state in _AS_USUAL else f"{meeting.title} ({label_of(meeting.state)})"


def _year_cells(people: queries.People, seen: set[int]) -> list[Cell]:
    """Countries, organisations, new, returning, people; unknown where nothing is recorded."""
    organisations = people.organisations
    if organisations is None:
        return [None] * 5
    countries = {people.country[person] for person in people.confirmed or () if people.country.get(person)}
    countries |= {country for _sector, country in people.listed.values() if country}
    new: Cell = len(organisations - seen) if seen else None  # the first edition on record has nothing before it
    back: Cell = len(organisations & seen) if seen else None
    return [len(countries), len(organisations), new, back, None if people.confirmed is None else len(people.confirmed)]
