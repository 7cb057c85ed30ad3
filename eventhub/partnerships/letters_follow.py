"""The letter to a participant: what came of the people whom you met? Also its reminders, and to a successor."""

from typing import Any

from eventhub import clock, security
from eventhub.directory import imprecise
from eventhub.directory.models import Person
from eventhub.mail import service as mail
from eventhub.mail.letters import Rendered, render
from eventhub.mail.models import Message
from eventhub.partnerships.models_follow import PersonFollowUp

LETTER = "person_follow_up"
DEAD_LINK = "https://link.invalid/follow-up"


def ask(row: PersonFollowUp, subjects: int, promised: int, *, reminder: int = 0, handed_by: str = "") -> Message:
    """Queue the letter; ``letters`` counts them, so that each is a letter of its own."""
    link = security.placeholder(LETTER, row.id, row.link_version)
    return mail.queue(
        letter=LETTER,
        key=f"{LETTER}:{row.id}:{row.letters}",
        to_email=row.asked_email or row.person.email,
        to_name=row.asked_name or row.person.full_name,
        language=row.person.language,
        context=context(row, subjects, promised, link, reminder=reminder, handed_by=handed_by),
        meeting=row.meeting,
        person_id=row.person_id,
    )


def preview(row: PersonFollowUp, subjects: int, promised: int, *, reminder: int = 0) -> Rendered:
    """The letter as it would go out now, with a dead link: staff can never act as a participant."""
    return render(
        LETTER,
        language=row.person.language,
        context=context(row, subjects, promised, DEAD_LINK, reminder=reminder),
        meeting=row.meeting,
    )


def context(
    row: PersonFollowUp, subjects: int, promised: int, link: str, *, reminder: int = 0, handed_by: str = ""
) -> dict[str, Any]:
    """What the letter says that asks a participant what came of whom they met; ``promised`` are commitments."""
    return {
        "name": row.asked_name or _called(row.person),
        "meeting_title": row.meeting.title,
        # how long ago it was, also where the letter goes out late
        "months": max(row.months, imprecise.months_between(row.meeting.ends, clock.today(row.meeting.tz))),
        "subjects": subjects,
        "promised": promised,
        "reminder": reminder,
        "handed_by": handed_by,
        "participant": row.person.full_name if handed_by or row.asked_name else "",
        "link": link,
    }


def _called(person: Person) -> str:
    return person.called or person.full_name


def sample() -> dict[str, Any]:
    return {
        "name": "Sopheap",
        "meeting_title": "APPM, Manila",
        "months": 6,
        "subjects": 4,
        "promised": 1,
        "reminder": 1,
        "handed_by": "Dara Sok",
        "participant": "Dara Sok",
        "link": "https://hub.example/follow-up/1-1-abc",
    }
