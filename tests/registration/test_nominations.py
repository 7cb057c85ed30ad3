"""Registering through the link that an organisation's nomination brought."""

from datetime import timedelta

import pytest

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.invitations import service as invitations
from eventhub.invitations import service_naming
from eventhub.invitations.states import NominationState, NomineeRole
from eventhub.mail.models import Message
from eventhub.meetings.models import Meeting
from eventhub.meetings.states import MeetingState
from eventhub.registration.models import Registration, Source
from eventhub.registration.states import RegistrationRole, RegistrationState
from eventhub.security import token
from tests.factories.basics import a_meeting
from tests.factories.invitations import a_nomination, nominee_address
from tests.factories.registration import a_registration, letters_follow
from tests.registration.test_children import CHILD
from tests.registration.test_form import ADULT, rows


def form_of(nomination, child=""):
    meeting: Meeting = nomination.invitation.meeting
    link = token("nomination", nomination.id, nomination.link_version)
    return f"/m/{meeting.slug}/register{child}?nomination={link}"


def by_invitation(**facts):
    return a_meeting(open_registration=False, **facts)


def letters_to(address):
    return [
        m.letter for m in rows(Message) if m.to_email == address and m.letter.startswith(("registration", "ticket"))
    ]


def test_a_nominee_finds_what_is_known_and_registers_though_the_meeting_is_by_invitation(client):
    nomination = a_nomination(meeting=by_invitation(), full_name="Sok Dara", role=NomineeRole.OBSERVER)
    organisation, email = nomination.invitation.organisation, nomination.person.email
    page = client.get(form_of(nomination)).text
    for text in ("Sok Dara", email, organisation.name, "named you for this meeting"):
        assert text in page
    data = {**ADULT, "email": email, "organisation": organisation.name}
    for _ in range(2):
        assert client.post(form_of(nomination), data=data).status_code == 303
    [registration] = rows(Registration)
    assert (registration.state, registration.source) == (RegistrationState.CONFIRMED, Source.NOMINATION)
    assert (registration.role, registration.organisation) == (RegistrationRole.OBSERVER, organisation)
    assert registration.person is nomination.person and nomination.person.full_name == ADULT["full_name"]
    assert nomination.state is NominationState.REGISTERED
    letters_follow()
    assert letters_to(email) == ["ticket"]
    assert "Please look into your mailbox" in client.get(form_of(nomination)).text


def test_a_nominee_may_give_another_address_and_the_letter_goes_there(client):
    nomination = a_nomination(meeting=by_invitation())
    client.post(form_of(nomination), data={**ADULT, "email": "private@lotus.example"})
    assert nomination.person.email == "private@lotus.example"
    letters_follow()
    assert letters_to("private@lotus.example") == ["ticket"]


def test_colleagues_who_share_an_address_may_both_register_when_both_are_named(client):
    meeting = by_invitation()
    first = a_nomination(meeting=meeting, full_name="First", email="office@lotus.example")
    second = a_nomination(first.invitation, full_name="Second", email="office@lotus.example")
    for n, nomination in enumerate((first, second)):
        data = {**ADULT, "submission_key": str(n) * 32, "full_name": f"Person {n}", "email": "office@lotus.example"}
        assert client.post(form_of(nomination), data=data).status_code == 303
    assert [r.person.full_name for r in rows(Registration)] == ["Person 0", "Person 1"]


def test_a_link_that_was_withdrawn_replaced_or_guessed_does_nothing(client):
    nomination = a_nomination(meeting=by_invitation())
    address = form_of(nomination)
    service_naming.withdraw(nomination, by=SYSTEM)
    db.session.commit()
    for method in (client.get, client.post):
        assert method(address, data=ADULT).status_code == 410
        assert method(address.split("=")[0] + "=1-1-x", data=ADULT).status_code == 404
    assert rows(Registration) == []


def test_a_link_for_another_meeting_does_nothing(client):
    nomination, other = a_nomination(meeting=by_invitation()), by_invitation()
    address = form_of(nomination).replace(nomination.invitation.meeting.slug, other.slug)
    assert client.get(address).status_code == client.post(address, data=ADULT).status_code == 404


def test_a_nominee_who_had_declined_comes_after_all(client):
    nomination = a_nomination(meeting=by_invitation())
    invitations.decline_nomination(nomination, by=SYSTEM)
    db.session.commit()
    assert client.post(form_of(nomination), data=ADULT).status_code == 303
    assert nomination.state is NominationState.REGISTERED


@pytest.mark.parametrize("path", ["", "/child"])
def test_a_nominated_child_is_registered_by_its_guardian(client, path):
    nomination = a_nomination(
        meeting=by_invitation(admits_children=True),
        full_name="Bopha",
        email="",
        is_child=True,
        role=NomineeRole.CHILD_DELEGATE,
        contact_name="Mother Sok",
        contact_email="mother@family.example",
    )
    page = client.get(form_of(nomination, path), follow_redirects=True)
    assert "Register a child" in page.text and "mother@family.example" in page.text
    assert client.post(form_of(nomination), data=ADULT).status_code == 422
    assert client.post(form_of(nomination, "/child"), data=CHILD).status_code == 303
    [registration] = rows(Registration)
    assert (registration.person, registration.is_child) == (nomination.person, True)
    assert nomination.state is NominationState.REGISTERED


def test_an_organiser_registers_a_nominee(sign_in):
    meeting = by_invitation()
    nomination = a_nomination(meeting=meeting, full_name="Sok Dara")
    browser = sign_in()
    address = f"/staff/m/{meeting.slug}/registrations/new?nomination={nomination.id}"
    assert "Sok Dara" in browser.get(address).text
    data = {**ADULT, "adult": "y", "role": "observer", "email": nomination.person.email}
    assert browser.post(address, data=data).status_code == 302
    assert nomination.state is NominationState.REGISTERED
    assert browser.get(address.replace(str(nomination.id), "999999")).status_code == 404
    a_registration(meeting)


@pytest.mark.parametrize(
    ("state", "opens", "sentence"),
    [
        (MeetingState.PLANNED, None, "The organisers are still preparing the meeting."),
        (MeetingState.PLANNED, timedelta(days=9), "Registration opens on"),
        (MeetingState.OPEN, timedelta(days=9), "Registration opens on"),
    ],
)
@pytest.mark.parametrize("is_child", [False, True])
def test_who_is_named_before_registration_opens_reads_that_it_will_and_fills_in_nothing(
    client, state, opens, sentence, is_child
):
    """Invitations go out while a meeting is planned: the link must not lead nowhere, nor to a form that is refused."""
    meeting = by_invitation(state=state, admits_children=True, registration_opens=opens and clock.now() + opens)
    child = {"is_child": True, "email": "", "contact_name": "Sok Maly", "contact_email": "maly@families.example"}
    nomination = a_nomination(meeting=meeting, **(child if is_child else {}))
    page = client.get(form_of(nomination, "/child" if is_child else ""), follow_redirects=True)
    assert page.status_code == 200 and page.request.path == nominee_address(nomination)
    assert (
        "You cannot register yet" in page.text and sentence in page.text and "its link leads to the form" in page.text
    )
    assert "/register?" not in page.text and 'name="full_name"' not in page.text
    # the meeting has no public page yet: its name in the head leads nowhere
    assert (f'href="/m/{meeting.slug}"' in page.text) is (state is MeetingState.OPEN)
    meeting.state, meeting.registration_opens = MeetingState.OPEN, None
    db.session.commit()
    assert "/register?" in client.get(nominee_address(nomination)).text
