"""The participant's own page: look, change, cancel, consents; two browsers; links that do not work."""

import pytest

from eventhub import audit
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.mail.models import Message
from eventhub.registration import service_own
from eventhub.registration.models import FieldKind, Registration
from eventhub.registration.states import RegistrationState
from eventhub.safeguarding import queries as safeguarding
from eventhub.safeguarding.models import ConsentBy, Purpose
from eventhub.security import token
from tests.factories.basics import a_meeting
from tests.factories.registration import a_child, a_question, a_registration, letters_follow
from tests.registration.test_form import ADULT, rows

MINE = {
    "full_name": "សុខ ដារ៉ា",
    "latin_name": "Sok Dara",
    "called": "Dara",
    "country": "KH",
    "organisation": "Lotus Network",
    "language": "km",
}


def page_of(registration):
    return f"/me/{token('me', registration.id, registration.link_version)}"


def test_the_page_shows_what_was_said_and_that_nothing_is_to_do(client):
    registration = a_registration(
        a_meeting(), full_name="សុខ ដារ៉ា", latin_name="Sok Dara", called="Dara", organisation="Lotus Network"
    )
    page = client.get(page_of(registration)).text
    for text in ("សុខ ដារ៉ា", "Sok Dara", "Dara", "Lotus Network", "Cambodia", registration.person.email, "Confirmed"):
        assert text in page
    assert "Nothing. We look forward" in page


@pytest.mark.parametrize("state", [s for s in RegistrationState if s != "started"])
def test_the_page_opens_in_every_state(client, state):
    meeting = a_meeting(capacity=1, needs_approval=state in ("submitted", "declined"))
    if state is RegistrationState.WAITING:
        a_registration(meeting)
    facts = {"accepts_code": state is not RegistrationState.APPROVED}
    registration = a_registration(meeting, state, **facts)
    assert client.get(page_of(registration)).status_code == 200


@pytest.mark.parametrize("wrong", ["x", "1-1-" + "a" * 26, "0-0-0", "9" * 40, "٣-1-" + "a" * 26, "%00"])
def test_a_guessed_link_says_so(client, wrong):
    answer = client.get(f"/me/{wrong}")
    assert answer.status_code == 404 and "does not work" in answer.text


def test_a_replaced_link_says_so_everywhere(client):
    registration = a_registration(a_meeting())
    old = page_of(registration)
    service_own.renew_link(registration, by=SYSTEM)
    db.session.commit()
    assert client.get(old).status_code == 410
    for act in ("cancel", "code", "photos", "needs", "edit"):
        assert client.post(f"{old}/{act}").status_code == 410
    assert client.get(page_of(registration)).status_code == 200
    assert rows(Registration)[0].state is RegistrationState.CONFIRMED


def test_opening_the_page_changes_nothing(client):
    registration = a_registration(a_meeting())
    for _ in range(2):
        client.get(page_of(registration))
    assert client.get(f"{page_of(registration)}/cancel").headers["Location"] == page_of(
        registration
    )  # looking does nothing
    assert rows(Registration)[0].state is RegistrationState.CONFIRMED


def test_a_person_changes_their_data_and_answers(client):
    meeting = a_meeting()
    question = a_question(meeting, "Flight", FieldKind.TEXT)
    registration = a_registration(meeting, email="dara@lotus.example", answers={question.id: "MH 370"})
    address = f"{page_of(registration)}/edit"
    assert "MH 370" in client.get(address).text
    answer = client.post(
        address,
        data={**MINE, "email": "dara@lotus.example", "version": registration.version, f"q{question.id}": "VN 1"},
    )
    assert answer.status_code == 303
    [registration] = rows(Registration)
    person = registration.person
    assert (person.full_name, person.latin_name, person.language) == ("សុខ ដារ៉ា", "Sok Dara", "km")
    assert [a.value for a in registration.answers] == ["VN 1"]
    assert registration.organisation_text == "Lotus Network"
    assert rows(Message) == []


def test_the_second_of_two_browsers_is_told_sees_both_and_loses_nothing(client):
    registration = a_registration(a_meeting(), email="dara@lotus.example", organisation="Lotus Network")
    address, version = f"{page_of(registration)}/edit", registration.version
    data = {**MINE, "email": "dara@lotus.example", "version": version}
    assert client.post(address, data={**data, "called": "First"}).status_code == 303
    answer = client.post(address, data={**data, "called": "Second", "organisation": "Typed by the second"})
    assert answer.status_code == 409
    for text in ("Somebody changed this", "Second", "Typed by the second", "Stored now: First"):
        assert text in answer.text
    assert rows(Registration)[0].person.called == "First"
    again = {**data, "called": "Second", "version": rows(Registration)[0].version}
    assert client.post(address, data=again).status_code == 303
    assert rows(Registration)[0].person.called == "Second"


@pytest.mark.parametrize("version", ["", "x", "-1", "99999999999999999999", "\x00"])
def test_a_version_that_is_none_is_an_old_one(client, version):
    registration = a_registration(a_meeting())
    answer = client.post(f"{page_of(registration)}/edit", data={**MINE, "email": "a@b.example", "version": version})
    assert answer.status_code == 409


def test_a_new_address_is_told_to_both_and_an_address_of_somebody_else_is_refused(client):
    meeting = a_meeting()
    registration = a_registration(meeting, email="old@lotus.example")
    a_registration(meeting, full_name="Secret Name", email="taken@lotus.example")
    address = f"{page_of(registration)}/edit"
    refused = client.post(address, data={**MINE, "email": "Taken@lotus.example", "version": registration.version})
    assert refused.status_code == 422
    assert "cannot be set here" in refused.text and "Secret Name" not in refused.text
    client.post(address, data={**MINE, "email": "new@lotus.example", "version": registration.version})
    letters = [(m.to_email, f"eventhub-link:me/{registration.id}" in m.text) for m in rows(Message)]
    assert letters == [("new@lotus.example", True), ("old@lotus.example", False)]
    history = [e.action for e in audit.history(rows(Registration)[0])]
    assert "changed address" in history


def test_cancelling_moves_up_whoever_waits_first(client):
    meeting = a_meeting(capacity=1)
    first = a_registration(meeting)
    second, third = (a_registration(meeting, RegistrationState.WAITING) for _ in range(2))
    assert "place 2 on the list" in client.get(page_of(third)).text
    for _ in range(2):  # a double click
        assert client.post(f"{page_of(first)}/cancel").status_code == 303
    states = [r.state.value for r in rows(Registration)]
    assert states == ["cancelled", "confirmed", "waiting"]
    assert "place 1 on the list" in client.get(page_of(third)).text
    letters = [(m.letter, m.person_id) for m in rows(Message)][2:]
    assert letters == [("registration_cancelled", first.person_id)]
    assert second.state is RegistrationState.CONFIRMED


def test_who_cancelled_may_register_again_with_the_same_address(client):
    meeting = a_meeting()
    registration = a_registration(meeting, full_name=ADULT["full_name"], email=ADULT["email"])
    client.post(f"{page_of(registration)}/cancel")
    assert client.post(f"/m/{meeting.slug}/register", data=ADULT).status_code == 303
    [again] = rows(Registration)
    assert (again.id, again.state, again.cancelled_at) == (registration.id, RegistrationState.CONFIRMED, None)
    letters_follow()
    assert [m.letter for m in rows(Message)][-1] == "ticket"


def test_the_code_of_conduct_is_accepted_on_the_page_when_staff_registered_the_person(client):
    registration = a_registration(a_meeting(), RegistrationState.APPROVED, accepts_code=False)
    page = client.get(page_of(registration)).text
    assert "has not been accepted yet" in page and "Be kind. Keep children safe." in page
    client.post(f"{page_of(registration)}/code")
    [registration] = rows(Registration)
    assert registration.state is RegistrationState.CONFIRMED and registration.code_of_conduct_version == "1"


def test_photo_answers_can_be_given_and_taken_back(client):
    registration = a_registration(a_meeting(), consents={Purpose.PHOTO_PUBLIC: True, Purpose.PHOTO_INTERNAL: True})
    person, meeting = registration.person_id, registration.meeting_id
    assert safeguarding.photo_ok([person], meeting) == {person: True}
    client.post(f"{page_of(registration)}/photos", data={"photo_public": "no", "photo_internal": "yes"})
    assert safeguarding.photo_ok([person], meeting) == {person: False}
    assert client.post(f"{page_of(registration)}/photos", data={"photo_public": "maybe"}).status_code == 422
    assert safeguarding.answers(person, meeting, ConsentBy.SELF)[Purpose.PHOTO_PUBLIC] is False
    assert rows(Registration)[0].state is RegistrationState.CONFIRMED


def test_sealed_needs_are_replaced_and_never_shown(client):
    registration = a_registration(a_meeting(), needs={"diet": "Secret diet"})
    assert "Secret diet" not in client.get(page_of(registration)).text
    assert client.post(f"{page_of(registration)}/needs", data={"diet": "", "access": "Ramp"}).status_code == 303
    kinds = safeguarding.sealed_kinds([registration.person_id], registration.meeting_id)
    assert kinds == {registration.person_id: ["access"]}


def test_a_childs_page_is_its_guardians(client):
    meeting = a_meeting(admits_children=True)
    child = a_child(meeting, guardian_name="Mother Sok", called="Bopha")
    page = client.get(page_of(child)).text
    assert "Bopha" in page and "Mother Sok" in page and "No adult is named" in page
    assert client.post(f"{page_of(child)}/photos", data={"photo_public": "yes"}).status_code == 422
    edit = f"{page_of(child)}/edit"
    assert 'name="email"' not in client.get(edit).text
    data = {"called": "Chan", "country": "KH", "organisation": "Lotus", "language": "en", "version": child.version}
    assert client.post(edit, data=data).status_code == 303
    assert rows(Registration)[0].person.called == rows(Registration)[0].person.full_name == "Chan"


def test_a_lost_link_is_sent_again_to_whom_it_belongs_and_the_page_says_the_same_to_everybody(client):
    meeting = a_meeting(admits_children=True)
    registration, child = a_registration(meeting), a_child(meeting)
    guardian = safeguarding.find_guardian(child.person_id, meeting.id)
    elsewhere = a_registration(a_meeting(), email="else@lotus.example")
    letters_follow()
    before = len(rows(Message))
    address = f"/m/{meeting.slug}/register/link"
    assert f'href="{address}"' in client.get(f"/m/{meeting.slug}").text and client.get(address).status_code == 200
    pages = {
        client.post(address, data={"email": email}).text
        for email in (
            registration.person.email.upper(), guardian.email, elsewhere.person.email, "nobody@lotus.example",
            registration.person.email,
        )
    }  # fmt: skip
    assert len(pages) == 1
    sent = rows(Message)[before:]
    assert [(m.letter, m.to_email) for m in sent] == [
        ("registration_link", registration.person.email),
        ("registration_link", guardian.email),
    ]
    wrong = client.post(address, data={"email": "dara at lotus"})
    assert wrong.status_code == 422 and "dara at lotus" in wrong.text
    registration.link_version += 1
    assert f'href="{address}"' in client.get(f"/me/{token('me', registration.id, 1)}").text
