"""The letters of this feature: each function builds the context and puts one letter into the outbox.

A child's letters go to the adult whom the organisation named for it, never to the child.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from eventhub import clock
from eventhub.directory.models import Person
from eventhub.invitations import queries
from eventhub.invitations.models import Invitation, Nomination
from eventhub.mail import service as mail
from eventhub.mail.letters import Rendered, render
from eventhub.mail.models import Message
from eventhub.security import deaden_links, placeholder


def invitation_context(invitation: Invitation) -> dict[str, Any]:
    """What the letters to an organisation, or to a person who is invited alone, speak of."""
    return {
        "organisation": invitation.name,
        "alone": invitation.person is not None,
        "addressee": invitation.addressee,
        "seats": invitation.seats,
        "last_day": invitation.deadline,
        "last_minute": queries.closes_at(invitation) - timedelta(minutes=1),
        "tz": invitation.meeting.tz,
        "link": placeholder("invitation", invitation.id or 0, invitation.link_version or 1),
    }


def nomination_context(nomination: Nomination) -> dict[str, Any]:
    """What the letters to a nominee speak of; ``called`` is a child's chosen name."""
    invitation, person = nomination.invitation, nomination.person
    meeting = invitation.meeting
    closes = meeting.registration_closes
    return {
        "organisation": invitation.organisation.name if invitation.organisation else "",
        "name": nomination.contact_name if person.is_child else shown_name(person),
        "nominee": shown_name(person),
        "is_child": person.is_child,
        "role": "delegate" if person.is_child else nomination.role.value,
        "register_by": closes,
        "tz": meeting.tz,
        "link": placeholder("nomination", nomination.id, nomination.link_version),
    }


def shown_name(person: Person) -> str:
    """What to call a person in a letter: of a child only the name it chose."""
    return person.called or person.full_name


def preview(invitation: Invitation) -> Rendered:
    """The invitation as it will look, with a dead link."""
    words = render(
        "invitation", language=invitation.language, context=invitation_context(invitation), meeting=invitation.meeting
    )
    return Rendered(words.subject, deaden_links(words.text), deaden_links(words.html))


def send_invitation(invitation: Invitation) -> Message:
    """Queue the invitation as it was sent then; the same sending again is the same letter."""
    return _to_organisation(invitation, "invitation", _instant(invitation.sent_at))


def send_reminder(invitation: Invitation) -> Message:
    """Queue a reminder, at most one on a day of the meeting's place."""
    day = clock.now().astimezone(ZoneInfo(invitation.meeting.tz)).date()
    return _to_organisation(invitation, "invitation_reminder", day.isoformat())


def send_withdrawn(invitation: Invitation) -> Message:
    """Queue the news that the invitation does not stand any more."""
    return _to_organisation(invitation, "invitation_withdrawn", str(invitation.link_version))


def send_nomination_declined(nomination: Nomination) -> Message:
    """Tell the organisation that somebody it named does not come. A child is called by its chosen name."""
    invitation = nomination.invitation
    return _to_organisation(
        invitation,
        "nomination_declined",
        f"{nomination.id}:{_instant(clock.now())}",
        about_child=nomination.person.is_child,
        nominee=shown_name(nomination.person),
    )


def _to_organisation(
    invitation: Invitation, letter: str, once: str, *, about_child: bool = False, **more: Any
) -> Message:
    return mail.queue(
        letter=letter,
        key=f"{letter}:{invitation.id}:{once}",
        to_email=invitation.email,
        to_name=invitation.addressee or invitation.name,
        language=invitation.language,
        context={**invitation_context(invitation), **more},
        meeting=invitation.meeting,
        person_id=invitation.person_id,
        about_child=about_child,
    )


def send_nomination(nomination: Nomination) -> Message:
    """Queue the letter with the link to register; of a child it goes to its guardian."""
    letter = "nomination_guardian" if nomination.person.is_child else "nomination"
    return _to_nominee(nomination, letter)


def send_nomination_withdrawn(nomination: Nomination) -> Message:
    """Queue the news that somebody is not named any more."""
    return _to_nominee(nomination, "nomination_withdrawn")


def _to_nominee(nomination: Nomination, letter: str) -> Message:
    person = nomination.person
    return mail.queue(
        letter=letter,
        key=f"{letter}:{nomination.id}:{nomination.link_version}",
        to_email=nomination.contact_email if person.is_child else person.email,
        to_name=nomination.contact_name if person.is_child else person.full_name,
        language=person.language,
        context=nomination_context(nomination),
        meeting=nomination.invitation.meeting,
        person_id=person.id,
        about_child=person.is_child,
    )


def _instant(value: datetime | None) -> str:
    return (value or clock.now()).astimezone(UTC).strftime("%Y%m%dT%H%M%S%f")
