"""Introductions and partnerships for tests, made through the services. Committed."""

from datetime import date, timedelta
from typing import Any

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.directory.models import Organisation, Person
from eventhub.meetings.models import Meeting
from eventhub.networking import service as networking
from eventhub.networking.models import Introduction
from eventhub.partnerships import service, verification
from eventhub.partnerships.models import Partnership, Party, Verification
from eventhub.partnerships.states import VerificationState
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState
from tests.factories.basics import a_meeting
from tests.factories.directory import a_person, an_organisation
from tests.factories.programme import at


def a_past_meeting(**facts: Any) -> Meeting:
    """A meeting that ended ten days ago."""
    starts = clock.today("Asia/Manila") - timedelta(days=12)
    return a_meeting(starts=starts, ends=starts + timedelta(days=2), **facts)


def two_people(**facts: Any) -> tuple[Person, Person]:
    """Two adults of two organisations."""
    return a_person(an_organisation(), **facts), a_person(an_organisation(country="JP"), **facts)


def an_introduction(meeting: Meeting | None = None, **facts: Any) -> Introduction:
    """At a meeting that is still to come it is noted on its first day."""
    a, b = facts.pop("people", None) or two_people()
    meeting = meeting or a_past_meeting()
    with clock.frozen(max(clock.now(), at(meeting, "09:00"))):
        introduction = networking.introduce(**{"meeting": meeting, "a": a, "b": b, "by": SYSTEM, **facts})
    db.session.commit()
    return introduction


def a_partnership(meeting: Meeting | None = None, **facts: Any) -> Partnership:
    """Between two new organisations, each with a focal person, from a meeting ten days ago."""
    people = two_people()
    parties: list[Organisation] = [person.affiliations[0].organisation for person in people]
    partnership = service.create(
        **{"meeting": meeting or a_past_meeting(), "parties": parties, "focal": people, "by": SYSTEM, **facts}
    )
    db.session.commit()
    return partnership


def a_delegation(meeting: Meeting, *, organisation: Organisation | None = None) -> tuple[Organisation, Person]:
    """An organisation whose delegate was at a meeting, as a back-fill records it; and the delegate."""
    organisation = organisation or an_organisation()
    person = a_person(organisation)
    now = clock.now()
    db.session.add(
        Registration(
            meeting=meeting,
            person=person,
            organisation=organisation,
            state=RegistrationState.CONFIRMED,
            confirmed_at=now,
            followed_up_at=now,
        )
    )
    db.session.commit()
    return organisation, person


def says(
    party: Party, state: VerificationState = VerificationState.CONFIRMED, words: str = "", **more: Any
) -> Verification:
    """The party is asked and answers at once, as if by its link."""
    asked = verification.ask(party, by=SYSTEM)
    answered = verification.answer(
        asked,
        state=state,
        words=words or ("" if state is VerificationState.CONFIRMED else "It was another year."),
        by_name=more.pop("by_name", "Focal Person"),
        seen=verification.digest(party.partnership, asked.field_group),
        **more,
    )
    db.session.commit()
    return answered


def confirm(partnership: Partnership) -> Partnership:
    """Both parties confirm the facts as they stand."""
    for party in partnership.parties:
        says(party)
    return partnership


THE_VISIT = date(2020, 2, 18)
