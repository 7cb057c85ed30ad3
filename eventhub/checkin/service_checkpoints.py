"""Rules for a whole meeting's checkpoints: made from the programme in one go, and following their sessions.

What is there already is left alone, so asking twice makes nothing twice. A session's checkpoint that follows it takes
over hours, places and sign-up whenever they change, as new rules from that moment; what was decided before stays.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import force_locale
from flask_babel import lazy_gettext as _

from eventhub import audit, clock
from eventhub.audit import Actor
from eventhub.checkin import queries, service
from eventhub.checkin.models import Checkpoint, CheckpointKind, CheckpointRules
from eventhub.db import db, lock
from eventhub.errors import InvalidError
from eventhub.meetings.models import Meeting
from eventhub.programme import queries as programme
from eventhub.programme.models import Room, Session
from eventhub.ui import day_text as words_of_day

BEFORE_SESSION = 15  # minutes that a session's checkpoint opens before it
LONGEST_BEFORE = 240
HOUSE, ROOMS = "house", "rooms"  # the groups that this makes


@dataclass(frozen=True)
class Meal:
    """A meal of every day, by the place's clock; one that ends before it begins ends after midnight."""

    name: str
    opens: time
    closes: time


@dataclass(frozen=True)
class Plan:
    """What to make: entrances of every day by their doors' names, sessions by id, meals."""

    doors: Sequence[str] = ()
    sessions: Collection[int] = ()
    meals: Sequence[Meal] = ()
    rooms_move: bool = True  # entering one session leaves the others
    minutes: int = BEFORE_SESSION


def make(meeting: Meeting, plan: Plan, *, by: Actor) -> list[Checkpoint]:
    """Make what is not there yet; returns it. Raises InvalidError."""
    if not 0 <= plan.minutes <= LONGEST_BEFORE:
        raise InvalidError(
            _("A door opens up to %(minutes)s minutes before its session.", minutes=LONGEST_BEFORE), field="minutes"
        )
    if not meeting.days:
        raise InvalidError(_("The days of this meeting are not known. Put them into the meeting's facts first."))
    lock(Meeting, meeting.id)
    there = queries.list_checkpoints(meeting.id)
    names = {each.name for each in there}
    made = [*_entrances(meeting, plan, names, by), *_meals(meeting, plan, names, by)]
    taken = {each.session_id for each in there}
    sessions = [s for s in programme.list_sessions(meeting.id) if s.id in plan.sessions and s.id not in taken]
    return made + [_of_session(meeting, session, plan, names, by) for session in sessions]


def _entrances(meeting: Meeting, plan: Plan, names: set[str], by: Actor) -> list[Checkpoint]:
    group = HOUSE if len(plan.doors) > 1 else None
    wanted = [(f"{door}, {_day(row.day)}", row.day) for row in meeting.days for door in plan.doors]
    return [
        service.create_checkpoint(meeting, name=name, day=day, group=group, by=by)
        for name, day in wanted
        if name not in names
    ]


def _meals(meeting: Meeting, plan: Plan, names: set[str], by: Actor) -> list[Checkpoint]:
    made = []
    for row in meeting.days:
        for meal in plan.meals:
            name = f"{meal.name}, {_day(row.day)}"
            if name in names:
                continue
            opens, closes = hours(meeting, row.day, meal.opens, meal.closes)
            made.append(
                service.create_checkpoint(
                    meeting,
                    name=name,
                    kind=CheckpointKind.MEAL,
                    day=row.day,
                    by=by,
                    reentry="once",
                    open_from=opens,
                    open_to=closes,
                )
            )
    return made


def _day(day: date) -> str:
    """A day as it stands in a name, the same for every reader."""
    with force_locale("en"):
        return words_of_day(day)


def hours(meeting: Meeting, day: date, opens: time, closes: time) -> tuple[datetime, datetime]:
    """The instants of two local times of a day; the second lies after the first, if need be on the next day."""
    zone = ZoneInfo(meeting.tz)
    last = day if closes > opens else day + timedelta(days=1)
    begin, end = datetime.combine(day, opens, zone), datetime.combine(last, closes, zone)
    return begin.astimezone(UTC), end.astimezone(UTC)


def _of_session(meeting: Meeting, session: Session, plan: Plan, names: set[str], by: Actor) -> Checkpoint:
    name = session.title[:100]
    if name in names:
        there = session.starts.astimezone(ZoneInfo(meeting.tz))
        name = f"{name}, {_day(there.date())}, {there:%H:%M}"
    if name in names:
        name = f"{name} ({session.id})"
    names.add(name)
    return service.create_checkpoint(
        meeting,
        name=name,
        kind=CheckpointKind.SESSION,
        session=session,
        group=ROOMS if plan.rooms_move else None,
        follows_minutes=plan.minutes,
        by=by,
        **rules_of(session, plan.minutes),
    )


def rules_of(session: Session, minutes: int) -> dict[str, Any]:
    """The rules that a session asks for at its door."""
    capacity = session.capacity
    if capacity is None and session.room is not None:
        capacity = session.room.capacity
    return {
        "capacity": capacity,
        "needs_sign_up": session.needs_sign_up,
        "open_from": session.starts - timedelta(minutes=minutes),
        "open_to": session.ends,
    }


# --- following ---------------------------------------------------------------------------------------------------


def start_following(checkpoint: Checkpoint, *, by: Actor) -> None:
    """From now on by its session. Raises InvalidError for a checkpoint that has none."""
    if checkpoint.session_id is None:
        raise InvalidError(_("This checkpoint has no session to follow."))
    if checkpoint.follows_minutes is None:
        checkpoint.follows_minutes = BEFORE_SESSION
        db.session.flush()
        audit.record(by, "let the session decide the rules of", checkpoint)
    follow(checkpoint.id, by=by)


def stop_following(checkpoint: Checkpoint, *, by: Actor) -> None:
    """The rules stay as they are, and are changed by hand from now on."""
    if checkpoint.follows_minutes is not None:
        checkpoint.follows_minutes = None
        db.session.flush()
        audit.record(by, "set by hand the rules of", checkpoint)


def follow(checkpoint_id: int, *, by: Actor) -> bool:
    """New rules for a checkpoint whose session changed; whether there were any. One that was closed stays closed."""
    checkpoint = lock(Checkpoint, checkpoint_id)
    if checkpoint is None or checkpoint.session_id is None or checkpoint.follows_minutes is None:
        return False
    if checkpoint.closed_at is not None:
        return False
    session = programme.get_session(checkpoint.meeting_id, checkpoint.session_id)
    db.session.refresh(session)
    wanted = rules_of(session, checkpoint.follows_minutes)
    now = queries.current_rules(checkpoint.meeting_id).get(checkpoint.id)
    if now is not None and all(getattr(now, name) == value for name, value in wanted.items()):
        return False
    service.change_rules(checkpoint, by=by, reentry=now.reentry if now is not None else "yes", **wanted)
    return True


def list_behind(meeting_id: int | None = None) -> list[int]:
    """Open checkpoints whose rules are not those of the session that they follow; one statement."""
    latest = (
        sa.select(CheckpointRules.checkpoint_id, sa.func.max(CheckpointRules.id).label("last"))
        .group_by(CheckpointRules.checkpoint_id)
        .subquery()
    )
    query = (
        sa.select(Checkpoint, Session, CheckpointRules)
        .join(Session, Session.id == Checkpoint.session_id)
        .join(latest, latest.c.checkpoint_id == Checkpoint.id)
        .join(CheckpointRules, CheckpointRules.id == latest.c.last)
        .outerjoin(Room, Room.id == Session.room_id)
        .options(sa.orm.contains_eager(Session.room))
        .where(Checkpoint.follows_minutes.is_not(None), Checkpoint.closed_at.is_(None))
        .where(Session.ends > clock.now() - timedelta(days=1))
    )
    if meeting_id is not None:
        query = query.where(Checkpoint.meeting_id == meeting_id)
    return [
        checkpoint.id
        for checkpoint, session, rules in db.session.execute(query)
        if any(getattr(rules, k) != v for k, v in rules_of(session, checkpoint.follows_minutes or 0).items())
    ]
