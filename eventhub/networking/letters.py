"""The letter that asks one of two people whether they met. Its link is a placeholder until it is sent."""

from typing import Any

from eventhub import security
from eventhub.directory import queries as directory
from eventhub.directory.models import Person
from eventhub.mail import service as mail
from eventhub.mail.models import Message
from eventhub.networking import queries
from eventhub.networking.models import Introduction, IntroductionSource


def ask(introduction: Introduction, side: str, person: Person) -> Message:
    """Queue the letter to one side; asked again with the same link, it is the same letter."""
    other = introduction.b if side == "a" else introduction.a
    version = introduction.link_version
    return mail.queue(
        letter="introduction",
        key=f"introduction:{introduction.id}:{side}:{version}",
        to_email=person.email,
        to_name=person.full_name,
        language=person.language,
        context=context(
            introduction, person, other, security.placeholder(f"introduction_{side}", introduction.id, version)
        ),
        meeting=introduction.meeting,
        person_id=person.id,
    )


def context(introduction: Introduction, person: Person, other: Person, link: str) -> dict[str, Any]:
    """What the letter about an introduction says to ``person``."""
    organisation = directory.current_organisation(other)
    return {
        "person": person.called or person.full_name,
        "other": other.full_name,
        "organisation": organisation.name if organisation else "",
        "meeting_title": introduction.meeting.title,
        "topic": introduction.topic,
        "says_so": queries.has_said_yes(introduction, other),
        "introducer": _introducer(introduction),
        "link": link,
    }


def _introducer(introduction: Introduction) -> str:
    """The member who brought the two together, where that one may be named; else ""."""
    by = introduction.introduced_by
    is_theirs = introduction.source is IntroductionSource.MEMBER
    return by.full_name if is_theirs and by is not None and queries.is_listed(by) else ""


def sample() -> dict[str, Any]:
    return {
        "person": "Sopheap",
        "other": "山田 花子",
        "organisation": "Lotus Child Rights Network (Cambodia)",
        "meeting_title": "APPM, Manila",
        "topic": "Child-led networks",
        "says_so": True,
        "introducer": "",
        "link": "https://hub.example/introduction/1-1-abc",
    }
