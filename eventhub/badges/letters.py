"""The letters that carry the ticket: at once after the confirmation, again on request, and before the meeting.

A child's letters go to the guardian or the named adult and call the child by the name it chose.
"""

from typing import Any

from eventhub import clock
from eventhub.badges.cards import NAMELESS
from eventhub.directory import queries as directory
from eventhub.mail import service as mail
from eventhub.mail.models import Message
from eventhub.registration.models import Registration
from eventhub.safeguarding import queries as safeguarding
from eventhub.security import placeholder


def ticket(registration: Registration, *, again: bool = False) -> Message:
    """The place is sure: ticket and calendar file. Once per confirmation; ``again`` sends it once more a minute."""
    moment = clock.now() if again else registration.confirmed_at or registration.created_at
    once = f"again:{moment:%Y%m%d%H%M}" if again else f"{moment:%Y%m%d%H%M%S%f}"
    return _queue(registration, "ticket", f"ticket:{registration.id}:{once}")


def reminder(registration: Registration) -> Message:
    """The meeting begins soon: the same ticket once more; one reminder a day at most."""
    return _queue(registration, "reminder", f"reminder:{registration.id}:{clock.now():%Y%m%d}")


def _queue(registration: Registration, letter: str, key: str) -> Message:
    person = directory.canonical(registration.person)
    child = registration.is_child or person.is_child
    email, name = safeguarding.contact_for(person, registration.meeting) or ("", "")
    return mail.queue(
        letter=letter,
        key=key,
        to_email=email,
        to_name=name,
        language=registration.language,
        context=context(
            name=name if child else person.called or person.full_name,
            child=(person.called or NAMELESS) if child else "",
            role=registration.role.shown,
            link=placeholder("me", registration.id, registration.link_version),
        ),
        meeting=registration.meeting,
        person_id=person.id,
        about_child=child,
        attachments=[{"kind": "ticket", "id": registration.id}, {"kind": "calendar", "id": registration.id}],
    )


def context(*, name: str, child: str, role: str, link: str) -> dict[str, Any]:
    """What both letters say. ``child`` is a child's chosen name when the letter is about one, else empty."""
    return {"name": name, "child": child, "role": role, "link": link}
