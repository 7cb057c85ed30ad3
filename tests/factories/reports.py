"""A meeting with people in every step of the funnel, row by row. Committed."""

from datetime import timedelta
from typing import Any

from eventhub import clock
from eventhub.checkin.models import Checkpoint, CheckpointKind, FirstEntry
from eventhub.db import db
from eventhub.directory.models import Organisation, Person
from eventhub.invitations.models import Invitation, Nomination
from eventhub.invitations.states import InvitationState, NominationState, NomineeRole
from eventhub.meetings.models import Meeting
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState
from tests.factories.directory import a_person, an_organisation


def invite(
    meeting: Meeting, organisation: Organisation, state: InvitationState = InvitationState.ACCEPTED, **facts: Any
) -> Invitation:
    """An invitation that was sent (unless it is a draft), with two seats."""
    sent = None if state is InvitationState.DRAFT else clock.now()
    row = Invitation(
        meeting=meeting,
        organisation=organisation,
        state=state,
        seats=2,
        deadline=clock.today() + timedelta(days=9),
        sent_at=sent,
        **facts,
    )
    db.session.add(row)
    db.session.commit()
    return row


def nominate(
    invitation: Invitation,
    person: Person,
    state: NominationState = NominationState.REGISTERED,
    role: NomineeRole = NomineeRole.DELEGATE,
) -> None:
    db.session.add(Nomination(invitation=invitation, person_id=person.id, state=state, role=role))
    db.session.commit()


def register(
    meeting: Meeting,
    person: Person | None = None,
    state: RegistrationState = RegistrationState.CONFIRMED,
    **facts: Any,
) -> Person:
    """An adult (or the given person) who registered for the first of their organisations."""
    person = person or a_person(an_organisation(), country="KH")
    home = person.affiliations[0].organisation if person.affiliations else None
    values = {"country": person.country, "organisation": home, "is_child": person.is_child, **facts}
    db.session.add(Registration(meeting=meeting, person=person, state=state, **values))
    db.session.commit()
    return person


def let_in(meeting: Meeting, person: Person, kind: CheckpointKind = CheckpointKind.ENTRANCE) -> None:
    """The person's first entry at a checkpoint of this kind."""
    checkpoint = db.session.query(Checkpoint).filter_by(meeting_id=meeting.id, kind=kind).first()
    if checkpoint is None:
        checkpoint = Checkpoint(meeting_id=meeting.id, name=kind.value, kind=kind)
        db.session.add(checkpoint)
        db.session.flush()
    db.session.add(
        FirstEntry(
            meeting_id=meeting.id,
            checkpoint_id=checkpoint.id,
            day=meeting.starts,
            person_key=f"p{person.id}",
            t=0,
            device_id=1,
            scan_id=f"s{person.id}",
        )
    )
    db.session.commit()
