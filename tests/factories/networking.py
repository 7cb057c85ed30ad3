"""What participants offer and seek, made through the services. Committed."""

from typing import Any

from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.meetings.models import Meeting
from eventhub.networking import offers, suggestions
from eventhub.networking.models import Profile, Side
from eventhub.registration.models import Registration
from tests.factories.registration import a_registration


def a_profile(meeting: Meeting, registration: Registration | None = None, **facts: Any) -> Profile:
    """A listed profile; ``offers=["5"]`` and the like are codes of the CRC clusters, ``words`` what they offer."""
    registration = registration or a_registration(meeting, **facts.pop("person", {}))
    codes = [
        (side, "crc_cluster", code)
        for side in (Side.OFFERS, Side.SEEKS, Side.WORKS_ON)
        for code in facts.pop(side.value, [])
    ]
    codes += [
        (side, "", code) for side in (Side.COUNTRY, Side.LANGUAGE, Side.LEVEL) for code in facts.pop(side.value, [])
    ]
    entry = offers.Entry(**{"offers": facts.pop("words", ""), "listed": True, "codes": codes, **facts})
    profile = offers.save(registration, entry, by=SYSTEM)
    db.session.commit()
    return profile


def suggestions_of(meeting: Meeting) -> int:
    """What the worker does by the clock; how many stand. Commits."""
    made = suggestions.suggest(meeting.id)
    db.session.commit()
    return made
