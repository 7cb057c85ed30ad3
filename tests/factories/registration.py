"""Registrations, made through the services."""

import itertools
from datetime import timedelta
from typing import Any

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.badges import queries as badges
from eventhub.badges.service import react_to_confirmed
from eventhub.db import db
from eventhub.meetings.models import Meeting
from eventhub.registration import service, service_deciding
from eventhub.registration.children import ChildEntry, register_child
from eventhub.registration.models import FieldKind, FormField, Registration
from eventhub.registration.service_fields import add
from eventhub.registration.states import RegistrationState
from eventhub.safeguarding import service as safeguarding
from eventhub.safeguarding.models import REQUIRED_OF_CHILDREN, AgeBand, ConsentBy

_numbers = itertools.count(1)


def a_registration(
    meeting: Meeting, state: RegistrationState = RegistrationState.CONFIRMED, **facts: Any
) -> Registration:
    """An adult's registration in a state; ``facts`` are those of ``service.Entry``. Commits."""
    n = next(_numbers)
    entry = {
        "full_name": f"Delegate {n}",
        "email": f"delegate{n}@people.example",
        "country": "KH",
        "accepts_code": True,
        **facts,
    }
    registration = service.register(meeting=meeting, by=SYSTEM, **entry)
    if state is RegistrationState.CONFIRMED and registration.state is RegistrationState.SUBMITTED:
        service_deciding.approve(registration, by=SYSTEM)
    elif state is RegistrationState.DECLINED:
        service_deciding.decline(registration, by=SYSTEM)
    elif state is RegistrationState.CANCELLED:
        service_deciding.cancel(registration, by=SYSTEM)
    db.session.commit()
    assert registration.state is state, f"the meeting made it {registration.state}"
    return registration


def a_child(
    meeting: Meeting, *, complete: bool = False, adult: Registration | None = None, **facts: Any
) -> Registration:
    """A child's registration; with ``complete`` every consent is given and the adult is confirmed. Commits."""
    n = next(_numbers)
    if complete and adult is None:
        adult = a_registration(meeting)
    entry = {
        "called": f"Bopha {n}",
        "age_band": AgeBand.FROM_13_TO_15,
        "guardian_name": f"Guardian {n}",
        "guardian_email": f"guardian{n}@family.example",
        "guardian_phone": "+855 12 000 000",
        "guardian_relation": "mother",
        "adult_email": adult.person.email if adult is not None else f"adult{n}@people.example",
        "country": "KH",
        "organisation": "Lotus Network",
        "accepts_code": True,
        **facts,
    }
    registration = register_child(meeting=meeting, entry=ChildEntry(**entry), by=SYSTEM)
    if complete:
        for side in (ConsentBy.GUARDIAN, ConsentBy.CHILD):
            safeguarding.record_consents(
                person=registration.person,
                meeting=meeting,
                side=side,
                answers=dict.fromkeys(REQUIRED_OF_CHILDREN, True),
                language="en",
                by=SYSTEM,
            )
        service_deciding.confirm_if_complete(registration, by=SYSTEM)
    db.session.commit()
    return registration


def a_question(meeting: Meeting, label: str = "Arrival", kind: FieldKind = FieldKind.TEXT, **facts: Any) -> FormField:
    """One of the meeting's own questions. Commits."""
    field = add(meeting, label=label, kind=kind, by=SYSTEM, **facts)
    db.session.commit()
    return field


def letters_follow() -> None:
    """What the worker does after the commit: who is confirmed gets badge and ticket letter. Commits."""
    for registration_id in badges.not_followed_up(clock.now() + timedelta(minutes=1)):
        react_to_confirmed(registration_id)
    db.session.commit()
