"""Rules for seating everybody: what the solver is asked, its proposal, what an organiser changes in it, publishing.

A meeting has one open proposal; a newer one takes its place. Publishing decides at once that it is published, and then
makes the 1:1 meetings one by one in the worker: each is looked at again under the lock of the meeting's plan, so what
came between falls out and says why. What was done is done, so going on after a crash, or publishing twice, is once.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _

from eventhub import audit, clock
from eventhub.audit import Actor
from eventhub.db import db, lock
from eventhub.errors import IllegalMoveError, NotFoundError, RuleError
from eventhub.jobs import service as jobs
from eventhub.jobs.models import Job
from eventhub.meetings.models import Meeting
from eventhub.networking import queries_one_to_one, queries_seating, service_one_to_one
from eventhub.networking.models_one_to_one import OneToOnePlan
from eventhub.networking.models_seating import ProposedSeat, SeatingProposal
from eventhub.networking.seating import Problem, Seating, Sitter
from eventhub.networking.slots import Slot, free, overlaps
from eventhub.networking.states_seating import MOVES, SEAT_MOVES, Bar, NoSeat, ProposalState, SeatState

SOLVE, PUBLISH = "seating.solve", "seating.publish"  # kinds of jobs


@dataclass(frozen=True)
class Ground:
    """What a seating stands on: the slots that are ahead, the free tables of each, who agreed and how many they want."""

    slots: list[Slot]
    tables: tuple[tuple[int, ...], ...]
    wants: dict[int, int]


@dataclass(frozen=True)
class Asked:
    """What the solver is asked, and what its slot numbers mean."""

    problem: Problem
    slots: list[Slot]
    barred: frozenset[tuple[int, int]]  # pairs that something stands between


def ground(meeting_id: int, *, at: datetime | None = None) -> Ground:
    """What a seating stands on at an instant (now)."""
    now = at or clock.now()
    slots = [slot for slot in queries_one_to_one.list_slots(meeting_id) if slot.starts > now]
    taken = queries_one_to_one.tables_taken(meeting_id)
    ready = [table.id for table in queries_one_to_one.list_tables(meeting_id, active=True)]
    tables = tuple(
        tuple(table for table in ready if not any(overlaps(slot, other) for other in taken.get(table, ())))
        for slot in slots
    )
    return Ground(slots, tables, queries_seating.sitters(meeting_id))


def gather(meeting_id: int, *, fill: bool = True, at: datetime | None = None) -> Asked:
    """Everybody who agreed, with their wishes, and the slots after ``at``; ``fill`` takes suggestions in as well."""
    stands_on = ground(meeting_id, at=at)
    slots, wants = stands_on.slots, stands_on.wants
    history, has = queries_seating.history(meeting_id)
    spans = queries_one_to_one.busy(meeting_id)
    number = {slot: n for n, slot in enumerate(slots)}
    sitters = tuple(
        Sitter(ident, frozenset(number[slot] for slot in free(slots, spans.get(ident, ()))), max(0, most - has[ident]))
        for ident, most in sorted(wants.items())
    )
    people = queries_seating.one_person(meeting_id)
    wishes = queries_seating.live_wishes(meeting_id)
    suggested = queries_seating.suggested(meeting_id) if fill else set()
    barred = frozenset(
        pair
        for pair in {(min(asked), max(asked)) for asked in [*wishes, *suggested]}
        if pair in history or people[pair[0]] == people[pair[1]]
    )
    problem = Problem(
        tables=stands_on.tables,
        sitters=sitters,
        wishes={asked: place for asked, place in wishes.items() if (min(asked), max(asked)) not in barred},
        suggested=frozenset(suggested - barred),
    )
    return Asked(problem, slots, barred)


def start(meeting: Meeting, *, fill: bool, by: Actor) -> Job:
    """Ask the worker for a proposal; asked again while one is being made, it is the same work.

    Raises RuleError while a proposal is being published, or where there is no slot, no table, or nobody who agreed.
    """
    if lock(OneToOnePlan, meeting.id) is None or not queries_one_to_one.list_slots(meeting.id):
        raise RuleError(_("There are no times for 1:1 meetings yet. Add a window and a table first."))
    running = queries_seating.find_job(meeting.id, SOLVE, PUBLISH)
    if running is not None and running.kind == PUBLISH:
        raise RuleError(_("A seating is being published. Wait until it is done, then seat everybody who is left."))
    return running or jobs.start(SOLVE, "Seat everybody", args={"fill": fill}, meeting=meeting, by=by)


def propose(meeting: Meeting, asked: Asked, seating: Seating, *, by: Actor) -> SeatingProposal:
    """Keep what the solver found as the meeting's open proposal, in place of the one before."""
    lock(OneToOnePlan, meeting.id)
    before = queries_seating.find_proposal(meeting.id)
    if before is not None and before.state is ProposalState.PROPOSED:
        _move(before, ProposalState.WITHDRAWN)
        db.session.flush()
    proposal = SeatingProposal(meeting_id=meeting.id, by_name=by.name, figures=_figures(asked, seating))
    db.session.add(proposal)
    db.session.flush()
    db.session.add_all(
        ProposedSeat(
            proposal_id=proposal.id,
            a_id=seat.a,
            b_id=seat.b,
            starts=asked.slots[seat.slot].starts,
            ends=asked.slots[seat.slot].ends,
            table_id=seat.table,
        )
        for seat in seating.seats
    )
    db.session.flush()
    audit.record(by, "proposed", proposal, seats=len(seating.seats))
    return proposal


def _figures(asked: Asked, seating: Seating) -> dict[str, Any]:
    problem = asked.problem
    seated = {who for seat in seating.seats for who in (seat.a, seat.b)}
    return {
        "people": len(problem.sitters),
        "seated": len(seated),
        "wishes": sum(who in problem.by_ident() for who, _whom in problem.wishes),
        "met": sum(len(problem.wishers((seat.a, seat.b))) for seat in seating.seats),
        "worth": seating.worth,
        "bound": seating.bound,
        "simple": seating.simple,
        "none": [
            [sitter.ident, _why_none(asked, sitter).value] for sitter in problem.sitters if sitter.ident not in seated
        ],
    }


def _why_none(asked: Asked, sitter: Sitter) -> NoSeat:
    """The first thing that kept every pair of somebody from being seated."""
    problem, me = asked.problem, sitter.ident
    if any(me in pair for pair in problem.couples()):
        return NoSeat.OTHERS_FIRST
    if sitter.most == 0:
        return NoSeat.HAVE_ALL
    known = problem.by_ident()
    theirs = [pair for pair in [*problem.wishes, *problem.suggested] if me in pair]
    others = [known.get(pair[0] if pair[1] == me else pair[1]) for pair in theirs]
    if not theirs:
        return NoSeat.HAVE_ALL if any(me in pair for pair in asked.barred) else NoSeat.NO_WISH
    return NoSeat.NO_TIME if any(other and other.most for other in others) else NoSeat.OTHERS_NOT_AGREED


def bars(meeting_id: int, seats: list[ProposedSeat], stands_on: Ground) -> dict[int, Bar]:
    """What stands in the way of each of these seats now, by its id; what is possible is not in it.

    The seats count in their order: of three for somebody who wants two, the third is one too many.
    """
    wants = stands_on.wants
    history, has = queries_seating.history(meeting_id)
    ids = {ident for seat in seats for ident in (seat.a_id, seat.b_id)}
    coming = wants.keys() | (queries_seating.who_takes_part(ids - wants.keys()) if ids - wants.keys() else set())
    spans = queries_one_to_one.busy(meeting_id, ids)
    tables = dict(zip(stands_on.slots, stands_on.tables, strict=True))
    load: Counter[Slot] = Counter()
    found: dict[int, Bar] = {}
    for seat in seats:
        pair, slot = (seat.a_id, seat.b_id), Slot(seat.starts, seat.ends)
        bar = _bar(pair, coming, wants, history, has)
        if bar is None:
            if slot not in tables:
                bar = Bar.NO_SLOT
            elif any(not free([slot], spans.get(ident, ())) for ident in pair):
                bar = Bar.BUSY
            elif load[slot] >= len(tables[slot]):
                bar = Bar.NO_TABLE
        if bar is not None:
            found[seat.id] = bar
        else:
            load[slot] += 1
            has.update(pair)
    return found


def _bar(
    pair: tuple[int, int],
    coming: set[int],
    wants: dict[int, int],
    history: dict[tuple[int, int], Bar],
    has: Counter[int],
) -> Bar | None:
    if not coming.issuperset(pair):
        return Bar.GONE
    if not wants.keys() >= set(pair):
        return Bar.NOT_AGREED
    if pair in history:
        return history[pair]
    return Bar.ENOUGH if any(has[ident] >= wants[ident] for ident in pair) else None


def choose(proposal: SeatingProposal, seat_ids: set[int], *, keep: bool, by: Actor) -> int:
    """Leave seats of an open proposal out, or take them in again; returns how many changed."""
    lock(OneToOnePlan, proposal.meeting_id)
    lock(SeatingProposal, proposal.id)
    if proposal.state is not ProposalState.PROPOSED:
        raise IllegalMoveError(_("This proposal is not open any more, so nothing in it changes."))
    to = SeatState.KEPT if keep else SeatState.LEFT_OUT
    changed = [
        seat for seat in queries_seating.list_seats(proposal.id) if seat.id in seat_ids and to in SEAT_MOVES[seat.state]
    ]
    for seat in changed:
        seat.state = to
    db.session.flush()
    if changed:
        audit.record(by, "took in" if keep else "left out", proposal, seats=[seat.id for seat in changed])
    return len(changed)


def withdraw(proposal: SeatingProposal, *, by: Actor) -> None:
    """Throw an open proposal away. Twice is once."""
    lock(OneToOnePlan, proposal.meeting_id)
    lock(SeatingProposal, proposal.id)
    if proposal.state is ProposalState.WITHDRAWN:
        return
    _move(proposal, ProposalState.WITHDRAWN)
    db.session.flush()
    audit.record(by, "withdrawn", proposal)


def publish(proposal: SeatingProposal, *, by: Actor, at: datetime | None = None) -> Job | None:
    """Decide that an open proposal is published; the worker makes its 1:1 meetings. Again is the same, without work.

    Raises IllegalMoveError for one that was thrown away, RuleError when nothing of it is kept.
    """
    lock(OneToOnePlan, proposal.meeting_id)
    lock(SeatingProposal, proposal.id)
    if proposal.state is ProposalState.PUBLISHED:
        return None
    if not queries_seating.list_seats(proposal.id, SeatState.KEPT):
        raise RuleError(_("Nothing of this proposal is kept. Take something in again, or throw it away."))
    _move(proposal, ProposalState.PUBLISHED)
    proposal.published_at = at or clock.now()
    db.session.flush()
    audit.record(by, "published", proposal)
    return jobs.start(PUBLISH, "Publish the seating", args={"proposal": proposal.id}, meeting=proposal.meeting, by=by)


def publish_some(proposal_id: int, number: int, *, by: Actor) -> int:
    """Make 1:1 meetings of the next ``number`` seats of a published proposal; returns how many are left."""
    proposal = db.session.get(SeatingProposal, proposal_id)
    if proposal is None or proposal.state is not ProposalState.PUBLISHED:
        raise NotFoundError(_("This proposal was not published."))
    lock(OneToOnePlan, proposal.meeting_id)
    seats = queries_seating.list_seats(proposal.id, SeatState.KEPT)
    in_the_way = bars(proposal.meeting_id, seats[:number], ground(proposal.meeting_id))
    for seat in seats[:number]:
        _publish_one(proposal.meeting, seat, in_the_way.get(seat.id), by)
    db.session.flush()
    return max(0, len(seats) - number)


def _publish_one(meeting: Meeting, seat: ProposedSeat, bar: Bar | None, by: Actor) -> None:
    slot = Slot(seat.starts, seat.ends)
    table = queries_one_to_one.find_free_table(meeting.id, slot, rather=seat.table_id)
    if bar is None and table is None:
        bar = Bar.NO_TABLE
    if bar is None and table is not None:
        try:
            made = service_one_to_one.seat(meeting, seat.a, seat.b, slot=slot, table=table, by=by)
        except RuleError:  # a rule of 1:1 meetings that knows more than these bars
            bar = Bar.BUSY
        else:
            seat.state, seat.one_to_one_id, seat.table_id = SeatState.PUBLISHED, made.id, table.id
            return
    seat.state, seat.why = SeatState.FELL_OUT, bar.value if bar is not None else ""


def _move(proposal: SeatingProposal, state: ProposalState) -> None:
    if state not in MOVES[proposal.state]:
        raise IllegalMoveError
    proposal.state = state
