import itertools

from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.invitations import service_quotas, service_sending
from eventhub.invitations.states import InvitationState
from tests.factories.basics import a_sector
from tests.factories.directory import a_person
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


def people(_meeting, n):
    organisation = an_invited_organisation()
    for _ in range(n):
        a_person(organisation)


def guests(meeting, n):
    """Invitations of organisations and of single people."""
    invitations(meeting, n)
    found = [a_person() for _ in range(n)]
    service_sending.prepare(meeting=meeting, people=found, deadline=meeting.starts, by=SYSTEM)
    db.session.commit()


PAGES = {
    "invitations.index": guests,
    "invitations.review": drafts,
    "invitations.new": organisations,
    "invitations.new_people": people,
    "invitations.quotas": quotas,
}
