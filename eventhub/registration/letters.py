"""The letters about a registration: each function builds the context and puts one letter into the outbox.

A child's letters go to its guardian, else to the named adult; they say the name the child chose and nothing else.
The ticket letter belongs to ``badges``.
"""

from typing import Any

from flask_babel import force_locale

from eventhub import clock
from eventhub.mail import service as mail
from eventhub.mail.letters import spoken
from eventhub.mail.models import Message
from eventhub.meetings.models import Meeting
from eventhub.registration import queries
from eventhub.registration.completeness import missing
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState
from eventhub.safeguarding import queries as safeguarding
from eventhub.safeguarding.models import Guardian
from eventhub.security import placeholder


def shown_name(registration: Registration) -> str:
    """What to call a person in a letter: of a child only the name it chose."""
    person = registration.person
    return person.called or person.full_name


def address_of(registration: Registration) -> str:
    """Where the letters about a registration go; "" when there is no address."""
    contact = safeguarding.contact_for(registration.person, registration.meeting)
    return contact[0] if contact else ""


def received(registration: Registration, meeting: Meeting, *, is_new: bool = False) -> Message | None:
    """The registration arrived: what it is now, and the personal link. Who waits is told the place in the queue.

    Whose place is sure at once gets one letter only, the ticket (``badges``), which says so and holds the link too.
    A cancelled one that was sent again gets a letter of its own. ``is_new`` says that the row was made just now.
    """
    if registration.state is RegistrationState.CONFIRMED:
        return None
    if registration.state is RegistrationState.WAITING:
        return waiting(registration, meeting)
    once = str(registration.link_version) if is_new else f"{registration.link_version}:{_now()}"
    return _send(registration, "registration_received", once, surely_new=is_new, state=registration.state.value)


def waiting(registration: Registration, meeting: Meeting) -> Message:
    """There is no seat: which place on the waiting list it is."""
    return _send(
        registration,
        "registration_waiting",
        str(registration.queue_no),
        place=queries.place_in_queue(registration),
        seats=meeting.capacity,
    )


def place(registration: Registration, meeting: Meeting) -> Message:
    """There is a seat, and something is still missing before it is sure; said in the letter's own language."""
    with force_locale(spoken(registration.language)):
        lacking = missing(registration, meeting)
    return _send(registration, "registration_place", _now(), missing=lacking)


def declined(registration: Registration, note: str) -> Message:
    """The organisers said no; ``note`` is their reason in their own words."""
    return _send(registration, "registration_declined", _now(), note=note)


def cancelled(registration: Registration, meeting: Meeting) -> Message:
    """The registration does not stand any more."""
    return _send(registration, "registration_cancelled", _now())


def child(registration: Registration, guardian: Guardian) -> Message:
    """A child was registered: the guardian gets the link to the consents, and the child's page."""
    purpose = f"{guardian.link_version}:{registration.link_version}:{registration.queue_no or 0}"
    return _to_guardian(registration, guardian, purpose)


def consent_again(registration: Registration, guardian: Guardian) -> Message:
    """The guardian's links again, at most once an hour."""
    return _to_guardian(registration, guardian, f"{guardian.link_version}:again:{clock.now():%Y%m%d%H}")


def _to_guardian(registration: Registration, guardian: Guardian, purpose: str) -> Message:
    return _send(
        registration,
        "registration_child",
        purpose,
        consent_link=placeholder("consent", guardian.id, guardian.link_version),
        state=registration.state.value,
        place=queries.place_in_queue(registration),
        adult_email=guardian.adult_email,
    )


def named_adult(registration: Registration, guardian: Guardian) -> Message:
    """Ask the adult whom a guardian named to register. The child is not named: the address may be mistyped."""
    return mail.queue(
        letter="named_adult",
        key=f"named_adult:{registration.id}:{guardian.adult_email_key}"[:200],
        to_email=guardian.adult_email,
        language=registration.language,
        context={"link": mail.address("register.form", slug=registration.meeting.slug)},
        meeting=registration.meeting,
        about_child=True,
    )


def link(registration: Registration) -> Message:
    """The personal link again, at most once an hour: anybody may ask for it by typing the address into the form."""
    return _send(registration, "registration_link", f"{registration.link_version}:{clock.now():%Y%m%d%H}")


def address_changed(registration: Registration, *, old: str, new: str) -> None:
    """Tell both addresses: the new one gets the link, the old one only that it is no longer used."""
    _send(registration, "registration_address", f"{_now()}:new", to=(new, shown_name(registration)), is_new=True)
    _send(registration, "registration_address", f"{_now()}:old", to=(old, shown_name(registration)), is_new=False)


def _send(
    registration: Registration,
    letter: str,
    once: str,
    *,
    to: tuple[str, str] | None = None,
    surely_new: bool = False,
    **context: Any,
) -> Message:
    meeting, person = registration.meeting, registration.person
    contact = to or safeguarding.contact_for(person, meeting) or ("", "")
    return mail.queue(
        letter=letter,
        key=f"{letter}:{registration.id}:{once}",
        to_email=contact[0],
        to_name=contact[1],
        language=registration.language,
        context={
            "name": contact[1] if registration.is_child else shown_name(registration),
            "child": shown_name(registration) if registration.is_child else "",
            "link": placeholder("me", registration.id, registration.link_version),
            **context,
        },
        meeting=meeting,
        person_id=person.id,
        about_child=registration.is_child,
        surely_new=surely_new,
    )


def _now() -> str:
    return clock.now().strftime("%Y%m%dT%H%M%S%f")
