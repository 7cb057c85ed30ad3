"""Rooms and sessions that tests begin with."""

import itertools
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from eventhub.audit import SYSTEM
from eventhub.directory.models import Person
from eventhub.meetings.models import Meeting
from eventhub.programme import service
from eventhub.programme.models import Room, Session

_numbers = itertools.count(1)


def a_room(meeting: Meeting, name: str = "", capacity: int | None = None) -> Room:
    return service.add_room(meeting, name=name or f"Room {next(_numbers)}", capacity=capacity, by=SYSTEM)


def at(meeting: Meeting, clock: str, day: date | None = None) -> datetime:
    """ "09:30" on a day of the meeting (the first by default), at the place's time."""
    local = datetime.combine(day or meeting.starts, time.fromisoformat(clock), ZoneInfo(meeting.tz))
    return local.astimezone(UTC)


def a_session(
    meeting: Meeting,
    title: str = "",
    starts: str = "09:00",
    ends: str = "10:00",
    *,
    day: date | None = None,
    **facts: Any,
) -> Session:
    """A session on the meeting's first day; clashes are kept, so that tests may make them."""
    facts.setdefault("keep_clashes", True)
    return service.create_session(
        meeting,
        title=title or f"Session {next(_numbers)}",
        starts=at(meeting, starts, day),
        ends=at(meeting, ends, day),
        by=SYSTEM,
        **facts,
    )


def a_speaker(full_name: str = "", **facts: Any) -> Person:
    """A person with no more than a name, made without the directory's rules."""
    from eventhub.db import db

    person = Person(full_name=full_name or f"Speaker {next(_numbers)}", **facts)
    db.session.add(person)
    db.session.flush()
    return person
