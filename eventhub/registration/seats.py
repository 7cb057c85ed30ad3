"""Who gets a seat: exactly as many as there are, in order of arrival, whatever the concurrency.

Lock the meeting's row, then count. A seat is held by who is approved or confirmed.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from eventhub.audit import Actor
from eventhub.db import db, lock
from eventhub.errors import NotFoundError
from eventhub.meetings.models import Meeting
from eventhub.registration import queries
from eventhub.registration.models import Registration
from eventhub.registration.moves import move, step
from eventhub.registration.states import HOLDS_SEAT, RegistrationState


def hold(meeting_id: int) -> Meeting:
    """The meeting, fresh and locked until the transaction ends. Take it before anything is counted."""
    meeting = lock(Meeting, meeting_id)
    if meeting is None:
        raise NotFoundError
    return meeting


def free(meeting: Meeting) -> int | None:
    """How many seats nobody holds; None when there is no limit. Below 0 when the capacity was lowered since."""
    if meeting.capacity is None:
        return None
    return meeting.capacity - queries.seats_taken(meeting.id)


def is_full(meeting: Meeting) -> bool:
    """Whether no seat is left; never where the meeting has no capacity."""
    left = free(meeting)
    return left is not None and left <= 0


@dataclass(frozen=True)
class Standing:
    """How a meeting stands: seats taken, people waiting, the last number given in the queue."""

    taken: int
    waiting: int
    last_number: int


def standing(meeting_id: int) -> Standing:
    """Counted now, in one query; true as long as the meeting is held."""
    row = db.session.execute(
        sa.select(
            sa.func.count().filter(Registration.state.in_(HOLDS_SEAT)),
            sa.func.count().filter(Registration.state == RegistrationState.WAITING),
            sa.func.coalesce(sa.func.max(Registration.queue_no), 0),
        ).where(Registration.meeting_id == meeting_id)
    ).one()
    return Standing(*row)


def next_number(meeting_id: int) -> int:
    """The next place in the queue; numbers are never given twice in a meeting."""
    return standing(meeting_id).last_number + 1


def seat_or_queue(registration: Registration, meeting: Meeting, *, at: datetime) -> None:
    """Give a submitted registration a seat, or the next place in the queue; nobody passes those who wait."""
    now = standing(meeting.id) if meeting.capacity is not None else None
    if now is not None and meeting.capacity is not None and (now.taken >= meeting.capacity or now.waiting):
        registration.queue_no = now.last_number + 1
        step(registration, RegistrationState.WAITING, at=at)
    else:
        step(registration, RegistrationState.APPROVED, at=at)


def first_waiting(meeting_id: int) -> Registration | None:
    """Who is first on the waiting list."""
    return db.session.scalar(
        sa.select(Registration)
        .where(Registration.meeting_id == meeting_id, Registration.state == RegistrationState.WAITING)
        .order_by(Registration.queue_no, Registration.id)
        .limit(1)
    )


def move_up(meeting: Meeting, *, by: Actor) -> list[Registration]:
    """Give every free seat to whoever waits first; returns who got one. The caller confirms and writes to them."""
    moved = []
    while not is_full(meeting):
        waiting = first_waiting(meeting.id)
        if waiting is None:
            break
        moved.append(move(waiting, RegistrationState.APPROVED, by=by))
    return moved
