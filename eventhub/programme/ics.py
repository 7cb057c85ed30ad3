"""The meeting or its programme as iCalendar (RFC 5545), for people's own calendars.

Instants are written in UTC, so no program has to know our time zones; identifiers stay the same for ever, so a second
download changes what is there instead of adding to it.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import gettext as _

from eventhub import clock
from eventhub.meetings.models import Meeting
from eventhub.meetings.states import MeetingState
from eventhub.programme.models import Session
from eventhub.ui import moment_text

if TYPE_CHECKING:
    from icalendar import Event


def calendar(meeting: Meeting, sessions: Sequence[Session] | None = None) -> bytes:
    """The .ics file: one event for each session, or without ``sessions`` one for all the meeting's days."""
    from icalendar import Calendar, vText  # only who makes a calendar needs it in memory

    book = Calendar()
    book.add("prodid", "-//EventHub//EventHub//EN")
    book.add("version", "2.0")
    book.add("method", "PUBLISH")
    book.add("x-wr-calname", vText(meeting.title))
    book.add("x-wr-timezone", vText(meeting.tz))
    for event in [_whole(meeting)] if sessions is None else [_session(meeting, s) for s in sessions]:
        book.add_component(event)
    return bytes(book.to_ical())


def _event(kind: str, ident: int, meeting: Meeting, title: str, version: int) -> "Event":
    base = current_app.config["EVENTHUB"].base_url
    from icalendar import Event

    event = Event()
    event.add("uid", f"{kind}-{ident}@{urlsplit(base).hostname}")
    event.add("dtstamp", clock.now())
    event.add("sequence", version)
    event.add("summary", title)
    event.add("url", f"{base}/m/{meeting.slug}")
    event.add("status", "CANCELLED" if meeting.state is MeetingState.CANCELLED else "CONFIRMED")
    return event


def _whole(meeting: Meeting) -> "Event":
    event = _event("meeting", meeting.id, meeting, meeting.title, meeting.version)
    event.add("dtstart", meeting.starts)
    event.add("dtend", meeting.ends + timedelta(days=1))  # RFC 5545: the end is not part of it
    event.add("transp", "TRANSPARENT")
    if where := ", ".join(part for part in (" ".join(meeting.venue.split()), meeting.place) if part):
        event.add("location", where)
    if meeting.theme:
        event.add("description", meeting.theme)
    return event


def _session(meeting: Meeting, session: Session) -> "Event":
    event = _event("session", session.id, meeting, session.title, session.version)
    event.add("dtstart", session.starts)
    event.add("dtend", session.ends)
    rooms = [session.room.name] if session.room else []
    if where := ", ".join(part for part in (*rooms, " ".join(meeting.venue.split()), meeting.place) if part):
        event.add("location", where)
    when = _("Begins %(when)s.", when=moment_text(session.starts, meeting.tz))
    event.add("description", f"{session.summary}\n\n{when}".strip())
    return event
