"""What the programme adds to letters: the meeting's dates as a calendar file."""

from eventhub.mail import service as mail
from eventhub.programme.ics import calendar
from eventhub.registration import queries as registrations


@mail.attachment("calendar")
def calendar_file(registration_id: int) -> tuple[str, str, bytes]:
    """The .ics of the meeting that a registration is for."""
    meeting = registrations.get_registration(registration_id).meeting
    return f"{meeting.slug}.ics", "text/calendar; charset=utf-8; method=PUBLISH", calendar(meeting)
