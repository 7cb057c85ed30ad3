"""A child's registration: what is asked, what it needs, where its letters go, and that nobody else sees it."""

import pytest
import sqlalchemy as sa

from eventhub.audit import SYSTEM, AuditEntry
from eventhub.db import db
from eventhub.directory.models import Person
from eventhub.mail.models import Message
from eventhub.registration import queries, service_deciding
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationRole, RegistrationState
from eventhub.safeguarding import queries as safeguarding
from eventhub.safeguarding import service as safeguarding_service
from eventhub.safeguarding.models import ConsentBy, Guardian, Purpose
from eventhub.security import Role, token
from tests.factories.basics import a_meeting
from tests.factories.registration import a_child, a_registration
from tests.registration.test_form import ADULT, rows

S = RegistrationState
CHILD = {
    "submission_key": "c" * 32,
    "called": "Bopha",
    "age_band": "13-15",
    "country": "KH",
    "organisation": "Lotus Network",
    "guardian_name": "Mother Sok",
    "guardian_relation": "mother",
    "guardian_email": "mother@family.example",
    "guardian_phone": "+855 12 000 000",
    "adult_email": "adult@lotus.example",
    "language": "en",
    "diet": "No nuts",
    "accepts_code": "y",
}
YES = {"participation": "yes", "travel": "yes", "medical": "yes"}


def test_the_form_asks_nothing_that_a_child_must_not_be_asked(client):
    meeting = a_meeting(admits_children=True)
    page = client.get(f"/m/{meeting.slug}/register/child").text
    names = set(part.split('"')[0] for part in page.split(' name="')[1:])
    assert names.isdisjoint({"full_name", "latin_name", "email", "phone", "address", "school", "birth"})
    assert {"called", "age_band", "guardian_email", "guardian_phone", "adult_email"} <= names
    assert "Does the child need anything" in page and "Do you need anything" not in page  # an adult reads it
    assert "Do you need anything" in client.get(f"/m/{meeting.slug}/register").text


def test_a_guardian_registers_a_child_and_gets_every_letter(client):
    meeting = a_meeting(admits_children=True)
    for _ in range(2):
        answer = client.post(f"/m/{meeting.slug}/register/child", data=CHILD)
        assert (answer.status_code, answer.location) == (303, f"/m/{meeting.slug}/register/done")
    [registration] = rows(Registration)
    person = registration.person
    assert (registration.state, registration.role) == (S.APPROVED, RegistrationRole.CHILD_DELEGATE)
    assert (person.is_child, person.full_name, person.called) == (True, "Bopha", "Bopha")
    assert (person.email, person.phone, person.latin_name) == ("", "", "")
    assert [(g.name, g.age_band.value) for g in rows(Guardian)] == [("Mother Sok", "13-15")]
    letters = {m.letter: (m.to_email, m.about_child) for m in rows(Message)}
    assert letters == {
        "registration_child": ("mother@family.example", True),
        "named_adult": ("adult@lotus.example", True),
    }
    assert "Bopha" not in next(m for m in rows(Message) if m.letter == "named_adult").text


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"called": " "}, 422),
        ({"age_band": "18"}, 422),
        ({"age_band": ""}, 422),
        ({"guardian_email": ""}, 422),
        ({"guardian_email": "mother"}, 422),
        ({"guardian_phone": ""}, 422),
        ({"adult_email": "x"}, 422),
        ({"accepts_code": ""}, 422),
        ({"called": "x" * 5000}, 422),
        ({"email": "child@family.example", "phone": "123", "school": "x"}, 303),
    ],
)
def test_what_is_wrong_comes_back_with_all_that_was_typed(client, change, status):
    meeting = a_meeting(admits_children=True)
    answer = client.post(f"/m/{meeting.slug}/register/child", data={**CHILD, **change})
    assert answer.status_code == status
    if status == 422:
        assert "No nuts" in answer.text and rows(Person) == []


def test_a_minor_on_the_form_for_adults_is_led_to_the_other_form_and_nothing_is_kept(client):
    meeting = a_meeting(admits_children=True)
    answer = client.post(f"/m/{meeting.slug}/register", data={**ADULT, "adult": "no"})
    assert answer.status_code == 200
    assert "Register a child" in answer.text and "Lotus Network" in answer.text and "Dara" in answer.text
    assert ADULT["email"] not in answer.text
    assert rows(Person) == rows(Registration) == rows(Message) == []


def test_a_child_is_confirmed_only_when_everything_is_there_and_not_before(client):
    meeting = a_meeting(admits_children=True)
    client.post(f"/m/{meeting.slug}/register/child", data=CHILD)
    [guardian] = rows(Guardian)
    link = f"/consent/{token('consent', guardian.id, 1)}"
    assert "What do you agree to?" in client.get(link).text
    assert client.post(link, data={"side": "guardian", **YES}).status_code == 303
    assert "Now hand the phone to the child" in client.get(link).text
    assert rows(Registration)[0].state is S.APPROVED
    assert client.post(link, data={"side": "child", **YES}).status_code == 303
    assert "No adult is named" in client.get(link).text
    assert rows(Registration)[0].state is S.APPROVED
    client.post(f"/m/{meeting.slug}/register", data={**ADULT, "email": "Adult@lotus.example"})
    child, adult = rows(Registration)
    assert safeguarding.named_adult(child.person_id, meeting.id) is adult.person
    assert (child.state, adult.state) == (S.CONFIRMED, S.CONFIRMED)
    assert "Nothing is missing" in client.get(link).text
    # the adult cancels: the child is not sure any more
    client.post(f"/me/{token('me', adult.id, 1)}/cancel")
    assert [r.state for r in rows(Registration)] == [S.APPROVED, S.CANCELLED]
    assert [m.to_email for m in rows(Message) if m.letter == "registration_place"] == ["mother@family.example"]


@pytest.mark.parametrize("side", ["guardian", "child"])
def test_taking_a_needed_yes_back_takes_the_confirmation_back(client, side):
    meeting = a_meeting(admits_children=True)
    child = a_child(meeting, complete=True)
    guardian = safeguarding.find_guardian(child.person_id, meeting.id)
    link = f"/consent/{token('consent', guardian.id, guardian.link_version)}"
    assert child.state is S.CONFIRMED
    client.post(f"{link}/withdraw/{side}/photo_public")
    assert rows(Registration)[1].state is S.CONFIRMED
    client.post(f"{link}/withdraw/{side}/travel")
    assert rows(Registration)[1].state is S.APPROVED
    client.post(link, data={"side": side, **YES})
    assert rows(Registration)[1].state is S.CONFIRMED
    assert client.post(f"{link}/withdraw/{side}/nothing").status_code == 404


def test_photo_consent_is_never_a_condition(client):
    meeting = a_meeting(admits_children=True)
    child = a_child(meeting, complete=True)
    for side in (ConsentBy.CHILD, ConsentBy.GUARDIAN):
        safeguarding_service.record_consents(
            person=child.person,
            meeting=meeting,
            side=side,
            answers={p: False for p in Purpose if p.value.startswith("photo")},
            language="en",
            by=SYSTEM,
        )
    assert service_deciding.confirm_if_complete(child, by=SYSTEM)


@pytest.mark.parametrize("data", [{}, {"side": "child"}, {"side": "x", **YES}, {**YES, "travel": "maybe"}])
def test_half_an_answer_is_asked_again(client, data):
    meeting = a_meeting(admits_children=True)
    guardian = safeguarding.find_guardian(a_child(meeting).person_id, meeting.id)
    link = f"/consent/{token('consent', guardian.id, 1)}"
    assert client.post(link, data=data).status_code == 422
    assert safeguarding.newest_consents([guardian.child_id], meeting.id) == {}


def test_a_consent_link_that_was_replaced_or_guessed_or_is_over(client):
    meeting = a_meeting(admits_children=True)
    child = a_child(meeting)
    guardian = safeguarding.find_guardian(child.person_id, meeting.id)
    assert client.get(f"/consent/{token('consent', guardian.id, 2)}").status_code == 410
    assert client.get(f"/consent/{token('consent', 999, 1)}").status_code == 410
    assert client.get(f"/consent/{token('me', guardian.id, 1)}").status_code == 404
    service_deciding.cancel(child, by=SYSTEM)
    assert client.get(f"/consent/{token('consent', guardian.id, 1)}").status_code == 410


def test_the_language_and_version_of_what_was_read_are_kept(client):
    meeting = a_meeting(admits_children=True)
    guardian = safeguarding.find_guardian(a_child(meeting).person_id, meeting.id)
    client.post(f"/consent/{token('consent', guardian.id, 1)}?lang=ur", data={"side": "guardian", **YES})
    consents = safeguarding.newest_consents([guardian.child_id], meeting.id).values()
    # nobody has translated them, so they were shown in English
    assert {(c.language, c.text_version, c.by) for c in consents} == {("en", "2026-1", ConsentBy.GUARDIAN)}


def test_a_child_waits_like_anybody_else_and_moves_up_into_a_seat_that_is_not_sure_yet(app):
    meeting = a_meeting(admits_children=True, capacity=1)
    first = a_registration(meeting)
    child = a_child(meeting)
    assert (child.state, child.queue_no) == (S.WAITING, 1)
    service_deciding.cancel(first, by=SYSTEM)
    assert child.state is S.APPROVED
    letter = next(m for m in rows(Message) if m.letter == "registration_place")
    assert letter.about_child and letter.to_email.endswith("@family.example")


SECRET = "Zephyrine"


def test_a_child_appears_nowhere_for_who_may_not_see_children(app, client, sign_in):
    meeting = a_meeting(admits_children=True)
    a_child(meeting, complete=True, called=SECRET)
    assert [r.person.called for r in queries.list_confirmed(meeting.id)] == [""]
    assert len(queries.list_confirmed(meeting.id, with_children=True)) == 2
    for role in (Role.READER, Role.PROGRAMME, None):
        browser = sign_in(role, meeting) if role else client
        for address in addresses(app, meeting):
            answer = browser.get(address)
            assert answer.status_code < 500 and SECRET not in answer.text, (role, address)
    assert SECRET not in str([e.detail for e in db.session.scalars(sa.select(AuditEntry))])
    assert SECRET in sign_in(Role.ORGANISER, meeting).get(f"/staff/m/{meeting.slug}/registrations/").text


def addresses(app, meeting):
    """Every address that a reader can open with a GET, for this meeting."""
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and rule.arguments <= {"slug"} and not rule.rule.startswith("/static"):
            yield rule.rule.replace("<slug>", meeting.slug) + f"?q={SECRET.lower()}"


def test_a_meeting_without_a_code_of_conduct_does_not_ask_for_it(client):
    meeting = a_meeting(code_of_conduct="", admits_children=True)
    told = {name: value for name, value in ADULT.items() if name != "accepts_code"}
    assert client.post(f"/m/{meeting.slug}/register", data=told).status_code == 303
    assert client.post(f"/m/{meeting.slug}/register/child", data=CHILD).status_code == 303
    adult, child = db.session.scalars(sa.select(Registration).order_by(Registration.id))
    assert (adult.state, adult.code_of_conduct_at, child.is_child) == (RegistrationState.CONFIRMED, None, True)
