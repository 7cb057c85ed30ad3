"""Figures about how well it is known and what came of it in time: response and verification, the time to the first
activity, what the parties said later, what delegations promised. Confirmed partnerships only, where it does not say so."""

from collections import defaultdict
from collections.abc import Iterable

from flask_babel import gettext as _

from eventhub.partnerships.queries_commit import balance
from eventhub.partnerships.states import FOLLOW_UP_MONTHS, Rung
from eventhub.reports import charts, survival
from eventhub.reports.facts import Facts
from eventhub.reports.figures import Figure, figure, ids, of_table, share
from eventhub.reports.ledger import Kept
from eventhub.reports.survival import DAYS_A_MONTH, Watched
from eventhub.reports.tables import Cell, Row, Table


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
    return of_table(facts, table, len(facts.kept), _("partnerships logged"), definition, picture)


def watched(rows: Iterable[Kept], facts: Facts) -> dict[int, Watched]:
    """By id the confirmed partnerships whose first contact is known, for the curve. An activity without a date happened at
    some time between the contact and today."""
    found = {}
    for row in rows:
        if row.contact is None:
            continue
        open_days = (facts.as_of - row.contact.last).days
        if row.time is not None:
            found[row.id] = Watched(row.time.least, row.time.most)
        elif row.counted_activities and open_days >= 0:
            found[row.id] = Watched(0, (facts.as_of - row.contact.first).days)
        elif open_days >= 0:
            found[row.id] = Watched(open=open_days)
    return found


@figure("first_activity")
def first_activity(facts: Facts) -> Figure | None:
    """Time from first contact to the first activity, with those that have none yet."""
    by_id = watched(facts.counted, facts)
    found = list(by_id.values())
    if not found:
        return None
    early, late = survival.curve(found, late=False), survival.curve(found, late=True)
    last = max(w.open if w.open is not None else w.most for w in found)
    until = {ident: one.until(late=True) for ident, one in by_id.items()}
    rows = []
    for months in (3, 6, 12, 18, 24, 36, 48, 60):
        days = months * DAYS_A_MONTH
        if days > last and months > 12:
            break
        left = tuple(ident for ident, day in until.items() if day >= days)
        cells: list[Cell] = [
            _("%(n)d months", n=months), len(left),
            f"{round(100 * survival.at(late, days))}%", f"{round(100 * survival.at(early, days))}%",
        ]  # fmt: skip
        rows.append(Row(cells, records={1: left}))
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
    return of_table(facts, table, len(found), _("confirmed partnerships with a first contact"), definition, picture)


@figure("cohorts")
def cohorts(facts: Facts) -> Figure | None:
    """Of each edition's confirmed partnerships: how many had an activity within 3, 6, 12, 24 months."""
    rows, drawn = [], []
    of_meeting: dict[int | None, list[Kept]] = defaultdict(list)
    for row in facts.counted:
        of_meeting[row.meeting_id].append(row)
    for meeting in facts.meetings:
        here = of_meeting.get(meeting.id)
        if here:
            times = _cohort(here, watched_days=(facts.as_of - meeting.ends).days)
            rows.append(_cohort_line(meeting.title, here, times))
            counts = [None if time is None else (len(time[0]), len(time[1])) for time in times]
            drawn.append((meeting.title, len(here), counts))
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
    across = [_("%(n)d months", n=n) for n in FOLLOW_UP_MONTHS]
    picture = charts.shares(table.title, across, drawn, (_("surely"), _("perhaps, by its dates"), _("not yet")))
    return of_table(facts, table, len(facts.counted), _("confirmed partnerships"), definition, picture=picture)


Times = list[tuple[tuple[int, ...], tuple[int, ...]] | None]


def _cohort(here: list[Kept], *, watched_days: int) -> Times:
    """Per time after the first contact: which of these surely had an activity by then, and which may have; None where
    so many months have not passed."""
    found: Times = []
    for months in FOLLOW_UP_MONTHS:
        days = months * DAYS_A_MONTH
        if watched_days < days:
            found.append(None)
            continue
        sure = [row for row in here if row.time is not None and row.time.most <= days]
        maybe = [
            row
            for row in here
            if (row.time is not None and row.time.least <= days) or (row.time is None and row.counted_activities)
        ]
        found.append((ids(sure), ids(maybe)))
    return found


def _cohort_line(title: str, here: list[Kept], times: Times) -> Row:
    """One edition in words: a range where a date allows several answers."""
    cells: list[Cell] = [title, len(here)]
    records = {1: ids(here)}
    for time in times:
        if time is None:
            cells.append(_("not yet"))
            continue
        sure, maybe = time
        cells.append(str(len(sure)) if len(sure) == len(maybe) else f"{len(sure)}–{len(maybe)}")
        records[len(cells) - 1] = maybe
    return Row(cells, records=records)


@figure("replies")
def replies(facts: Facts) -> Figure | None:
    """What the parties said later."""
    if not facts.replies:
        return None
    rows, last = [], max(FOLLOW_UP_MONTHS)
    times = [
        (_("%(n)d months", n=n), [reply for reply in facts.replies if reply.months == n]) for n in FOLLOW_UP_MONTHS
    ]
    if later := [reply for reply in facts.replies if reply.months > last]:
        times.append((_("Later, asked by hand"), later))
    for label, here in times:
        asked, answered = sum(r.asked for r in here), sum(r.answered for r in here)
        said = {
            word: tuple(r.partnership for r in here if word in r.said) for word in ("activity", "in_touch", "nothing")
        }
        records = {4: said["activity"], 5: said["in_touch"], 6: said["nothing"]}
        rows.append(
            Row(
                [label, asked, answered, share(answered, asked), *map(len, said.values())],
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
    definition = _(
        "Each party is asked by itself 3, 6, 12 and 24 months after the meeting; about one that was entered later, once by hand."
    )
    return of_table(facts, table, asked, _("questions sent"), definition)


@figure("commitments")
def commitments(facts: Facts) -> Figure | None:
    """What the delegations promised, and what they kept."""
    if not facts.commitments:
        return None
    rows = []
    each = [(m.title, m.slug, [row for row in facts.commitments if row.meeting_id == m.id]) for m in facts.meetings]
    for title, slug, here in [*each, (_("Together"), "", facts.commitments)]:
        if here:
            n = balance(here)
            told = n.kept + n.partly + n.not_kept
            cells: list[Cell] = [
                title, n.total, n.kept, n.partly, n.not_kept, n.going_on, n.silent, n.due, share(n.kept, told),
            ]  # fmt: skip
            rows.append(Row(cells, meeting=slug, people=(1, "partnerships.commitments")))
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
    picture = charts.bars(title, bars, (_("kept"), _("partly, not, still going on, or not told")))
    n = int(rows[-1].cells[1] or 0)
    return of_table(facts, table, n, _("commitments"), definition, picture, by_answers=False)
