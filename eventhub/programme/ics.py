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
    return book(meeting, [_whole(meeting)] if sessions is None else [session_event(meeting, s) for s in sessions])


def book(meeting: Meeting, events: Sequence["Event"], *, method: str = "PUBLISH") -> bytes:
    """These events of a meeting as a file."""
    from icalendar import Calendar, vText  # only who makes a calendar needs it in memory

    made = Calendar()
    made.add("prodid", "-//EventHub//EventHub//EN")
    made.add("version", "2.0")
    made.add("method", method)
    made.add("x-wr-calname", vText(meeting.title))
    made.add("x-wr-timezone", vText(meeting.tz))
    for one in events:
        made.add_component(one)
    return bytes(made.to_ical())


def event(kind: str, ident: int, meeting: Meeting, title: str, version: int) -> "Event":
    """An event without its times; ``kind`` and ``ident`` name it for ever, ``version`` grows when it changes."""
    base = current_app.config["EVENTHUB"].base_url
    from icalendar import Event

    made = Event()
    made.add("uid", f"{kind}-{ident}@{urlsplit(base).hostname}")
    made.add("dtstamp", clock.now())
    made.add("sequence", version)
    made.add("summary", title)
    made.add("url", f"{base}/m/{meeting.slug}")
    made.add("status", "CANCELLED" if meeting.state is MeetingState.CANCELLED else "CONFIRMED")
    return made


def _whole(meeting: Meeting) -> "Event":
    made = event("meeting", meeting.id, meeting, meeting.title, meeting.version)
    made.add("dtstart", meeting.starts)
    made.add("dtend", meeting.ends + timedelta(days=1))  # RFC 5545: the end is not part of it
    made.add("transp", "TRANSPARENT")
    if where := ", ".join(part for part in (" ".join(meeting.venue.split()), meeting.place) if part):
        made.add("location", where)
    if meeting.theme:
        made.add("description", meeting.theme)
    return made


def session_event(meeting: Meeting, session: Session) -> "Event":
    """A session's event, with its times and its room."""
    made = event("session", session.id, meeting, session.title, session.version)
    made.add("dtstart", session.starts)
    made.add("dtend", session.ends)
    rooms = [session.room.name] if session.room else []
    if where := ", ".join(part for part in (*rooms, " ".join(meeting.venue.split()), meeting.place) if part):
        made.add("location", where)
    when = _("Begins %(when)s.", when=moment_text(session.starts, meeting.tz))
    made.add("description", f"{session.summary}\n\n{when}".strip())
    return made
