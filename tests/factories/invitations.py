"""Invitations and nominations that tests begin with, made through the services."""

import itertools
from datetime import timedelta
from typing import Any

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.directory.models import Organisation
from eventhub.invitations import service, service_naming, service_sending
from eventhub.invitations.models import Invitation, Nomination
from eventhub.invitations.service_naming import Nominee
from eventhub.invitations.states import InvitationState
from eventhub.security import token
from tests.factories.basics import a_meeting, a_sector
from tests.factories.directory import an_organisation

_numbers = itertools.count(1)


def an_invited_organisation(**facts: Any) -> Organisation:
    """An organisation that can be invited: it has a sector and an address. Committed."""
    return an_organisation(**{"sector": facts.pop("sector", None) or a_sector(), **facts})


def an_invitation(state: InvitationState = InvitationState.SENT, **facts: Any) -> Invitation:
    """An invitation in the given state; ``meeting``, ``organisation``, ``seats`` … as given. Committed."""
    meeting = facts.pop("meeting", None) or a_meeting()
    organisation = facts.pop("organisation", None) or an_invited_organisation()
    values = {"seats": 2, "deadline": clock.today(meeting.tz) + timedelta(days=5), **facts}
    (invitation,) = service_sending.prepare(meeting=meeting, organisations=[organisation], by=SYSTEM, **values)
    if state is not InvitationState.DRAFT:
        service_sending.send([invitation], meeting=meeting, reason="a test", by=SYSTEM)
    if state is InvitationState.ACCEPTED:
        service.accept(invitation, by=service.actor(invitation))
    elif state is InvitationState.DECLINED:
        service.decline(invitation, reason="No budget", by=service.actor(invitation))
    elif state is InvitationState.WITHDRAWN:
        service_sending.withdraw(invitation, by=SYSTEM)
    elif state is InvitationState.EXPIRED:
        service.move(invitation, InvitationState.EXPIRED, by=SYSTEM)
    db.session.commit()
    return invitation


def a_nominee(**facts: Any) -> Nominee:
    n = next(_numbers)
    return Nominee(**{"full_name": f"Chan Dara {n}", "email": f"dara{n}@lotus.example", **facts})


def a_nomination(invitation: Invitation | None = None, **facts: Any) -> Nomination:
    """A named person; ``meeting`` for a new invitation, the rest as in Nominee. Committed."""
    meeting = facts.pop("meeting", None)
    if invitation is None:
        invitation = an_invitation(InvitationState.ACCEPTED, **({"meeting": meeting} if meeting else {}))
    nomination = service_naming.nominate(invitation, a_nominee(**facts), by=service.actor(invitation))
    db.session.commit()
    return nomination


def address(invitation: Invitation) -> str:
    """The organisation's link, as in its letter."""
    return f"/invitation/{token('invitation', invitation.id, invitation.link_version)}"


def nominee_address(nomination: Nomination) -> str:
    """The nominee's link, as in the letter."""
    return f"/nomination/{token('nomination', nomination.id, nomination.link_version)}"
