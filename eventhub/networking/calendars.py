"""One's own agenda and one's 1:1 meetings as iCalendar (RFC 5545): the same identifiers for ever, a sequence that grows
with each change, so that a second download or a letter changes what is in a calendar instead of adding to it.

No personal link stands in it, and nobody at risk by name: people share their calendars.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flask_babel import force_locale
from flask_babel import gettext as _

from eventhub.directory import queries as directory
from eventhub.mail.compose import sender_address
from eventhub.mail.letters import spoken
from eventhub.networking.letters_one_to_one import is_named
from eventhub.networking.models_one_to_one import OneToOne
from eventhub.networking.states import OneToOneState
from eventhub.programme import ics
from eventhub.programme.models import Session
from eventhub.registration.models import Registration
from eventhub.ui import moment_text

if TYPE_CHECKING:
    from icalendar import Event


def of_one(row: OneToOne, me: Registration) -> tuple[str, str, bytes]:
    """(file name, media type, content) of one 1:1 meeting for one of the two; cancels the entry once it is cancelled."""
    method = "CANCEL" if row.state is OneToOneState.CANCELLED else "PUBLISH"
    with force_locale(spoken(me.language)):
        content = ics.book(row.meeting, [_one_to_one(row, me)], method=method)
    return f"one-to-one-{row.id}.ics", f"text/calendar; method={method}; charset=utf-8", content


def agenda(me: Registration, sessions: Sequence[Session], rows: Sequence[OneToOne]) -> bytes:
    """Everything that a participant has agreed to; what was cancelled stands in it as cancelled."""
    with force_locale(spoken(me.language)):
        events = [ics.session_event(me.meeting, session) for session in sessions]
        return ics.book(me.meeting, [*events, *(_one_to_one(row, me) for row in rows)])


def _one_to_one(row: OneToOne, me: Registration) -> "Event":
    other = row.b if row.a_id == me.id else row.a
    name = directory.canonical(other.person).full_name if is_named(other) else ""
    title = _("1:1 meeting with %(name)s", name=name) if name else _("1:1 meeting")
    event = ics.event("one-to-one", row.id, row.meeting, title, row.sequence)
    if row.state is OneToOneState.CANCELLED:
        del event["status"]
        event.add("status", "CANCELLED")
    event.add("dtstart", row.starts)
    event.add("dtend", row.ends)
    event.add("organizer", f"mailto:{row.meeting.contact_email or sender_address()}")
    table = row.table
    where = [table.name, table.room.name if table.room else "", table.place] if table else []
    where += [" ".join(row.meeting.venue.split()), row.meeting.place]
    if place := ", ".join(part for part in where if part):
        event.add("location", place)
    event.add("description", _("Begins %(when)s.", when=moment_text(row.starts, row.meeting.tz)))
    return event
