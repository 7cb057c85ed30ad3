"""The page of one record asks the database as often with 3 rows below it as with 30."""

import pytest

from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.directory import service
from eventhub.invitations.states import InvitationState
from tests.factories.basics import a_meeting
from tests.factories.directory import a_person, an_organisation
from tests.factories.invitations import a_nomination, address, an_invitation, an_invited_organisation


def organisation_with_people():
    """An organisation, the address of its page, and what gives it n more people."""
    organisation = an_organisation()

    def more(n):
        for _ in range(n):
            a_person(organisation)

    return f"/staff/organisations/{organisation.id}", more


def person_of_many_places():
    person = a_person()

    def more(n):
        for _ in range(n):
            service.affiliate(person, an_organisation(), by=SYSTEM)
        db.session.commit()

    return f"/staff/people/{person.id}", more


def invitation_with_people(staff=True):
    meeting = a_meeting()
    invitation = an_invitation(
        InvitationState.ACCEPTED, meeting=meeting, organisation=an_invited_organisation(), seats=40
    )

    def more(n):
        for _ in range(n):
            a_nomination(invitation)

    return f"/staff/m/{meeting.slug}/invitations/{invitation.id}" if staff else address(invitation), more


RECORDS = {
    "organisation": organisation_with_people,
    "person": person_of_many_places,
    "invitation": invitation_with_people,
    "invitation of the organisation": lambda: invitation_with_people(staff=False),
}


@pytest.mark.once
@pytest.mark.parametrize("record", sorted(RECORDS))
def test_a_record_asks_as_often_with_three_rows_as_with_thirty(sign_in, queries, record):
    browser = sign_in()
    page, more = RECORDS[record]()
    counts = []
    for n in (3, 27):
        more(n)
        browser.get(page)  # warms what is kept per process
        with queries() as seen:
            assert browser.get(page).status_code == 200
        counts.append(seen.count)
    assert counts[0] == counts[1], seen.statements
    assert counts[1] <= 20
