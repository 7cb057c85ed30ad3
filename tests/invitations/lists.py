import itertools

from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.invitations import service_quotas
from eventhub.invitations.states import InvitationState
from tests.factories.basics import a_sector
from tests.factories.invitations import a_nomination, an_invitation, an_invited_organisation

_numbers = itertools.count(1)


def invitations(meeting, n):
    for _ in range(n):
        a_nomination(an_invitation(InvitationState.ACCEPTED, meeting=meeting))


def drafts(meeting, n):
    for _ in range(n):
        an_invitation(InvitationState.DRAFT, meeting=meeting)


def organisations(_meeting, n):
    for _ in range(n):
        an_invited_organisation()
    db.session.commit()


def quotas(meeting, n):
    for _ in range(n):
        sector = a_sector(f"sector-{next(_numbers)}")
        service_quotas.set_quota(meeting=meeting, sector=sector, seats=3, by=SYSTEM)
        service_quotas.set_quota(meeting=meeting, sector=sector, country="KH", seats=1, by=SYSTEM)
        an_invitation(meeting=meeting, organisation=an_invited_organisation(sector=sector))
    db.session.commit()


PAGES = {
    "invitations.index": invitations,
    "invitations.review": drafts,
    "invitations.new": organisations,
    "invitations.quotas": quotas,
}
