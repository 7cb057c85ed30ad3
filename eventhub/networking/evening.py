"""The letter of the evening before: with whom, when and where one meets tomorrow. Once for each person and day."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from eventhub import clock, security
from eventhub.db import db
from eventhub.directory import queries as directory
from eventhub.mail import service as mail
from eventhub.mail.models import Message
from eventhub.meetings.models import Meeting
from eventhub.networking import queries_own
from eventhub.networking.letters_one_to_one import is_named
from eventhub.networking.models_one_to_one import OneToOne
from eventhub.networking.queries_own import Own
from eventhub.networking.states import OneToOneState
from eventhub.registration import queries as registrations

FROM = 17  # o'clock, at the place


def due(at: datetime | None = None) -> list[tuple[int, date]]:
    """(registration, day): who meets somebody tomorrow, once it is evening at the place."""
    now = at or clock.now()
    rows = db.session.execute(
        sa.select(OneToOne.a_id, OneToOne.b_id, OneToOne.starts, Meeting.tz)
        .join(Meeting, Meeting.id == OneToOne.meeting_id)
        .where(
            OneToOne.state == OneToOneState.ACCEPTED,
            OneToOne.starts > now,
            OneToOne.starts < now + timedelta(hours=36),
        )
    )
    found = set()
    for a, b, starts, tz in rows:
        here = now.astimezone(ZoneInfo(tz))
        day = starts.astimezone(ZoneInfo(tz)).date()
        if here.hour >= FROM and day == here.date() + timedelta(days=1):
            found |= {(a, day), (b, day)}
    return sorted(found)


def remind(registration_id: int, day: date) -> Message | None:
    """Queue the letter; None when there is nothing to tell. Whatever names somebody at risk is left out."""
    me = registrations.get_registration(registration_id)
    if not is_named(me):
        return None
    tomorrow = [
        own
        for own in queries_own.list_own(me)
        if own.is_agreed and own.date == day and is_named(own.other) and not own.clashes
    ]
    if not tomorrow:
        return None
    person = directory.canonical(me.person)
    return mail.queue(
        letter="one_to_one_day",
        key=f"one_to_one_day:{me.id}:{day:%Y%m%d}",
        to_email=person.email,
        to_name=person.full_name,
        language=me.language,
        context=context(
            person.called or person.full_name,
            day,
            me.meeting.tz,
            [_line(own) for own in tomorrow],
            security.placeholder("me", me.id, me.link_version),
        ),
        meeting=me.meeting,
        person_id=person.id,
    )


def _line(own: Own) -> tuple[str, datetime, str]:
    table = own.row.table
    places = [table.name, table.room.name if table.room else "", table.place] if table else []
    return own.person.full_name, own.starts, ", ".join(part for part in places if part)


def context(person: str, day: date, tz: str, lines: Iterable[tuple[str, datetime, str]], link: str) -> dict[str, Any]:
    """What the letter says; ``lines`` are (with whom, when, where)."""
    return {"person": person, "day": day, "tz": tz, "lines": list(lines), "link": f"{link}/agenda"}


def sample() -> dict[str, Any]:
    now = clock.now()
    line = ("山田 花子", now, "Table 4, Garden")
    return context("Sopheap", now.date(), "Asia/Manila", [line], security.placeholder("me", 1))
