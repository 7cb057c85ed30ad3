"""The public form: what people type, what they get back, and that nothing is ever lost or leaked."""

import dataclasses
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.directory import service as directory
from eventhub.directory.models import Person
from eventhub.mail.models import Message
from eventhub.meetings.models import Meeting
from eventhub.meetings.states import MeetingState
from eventhub.registration.models import Answer, FieldKind, Registration
from eventhub.registration.service_fields import remove
from eventhub.registration.states import RegistrationState
from eventhub.safeguarding.models import Consent, SealedRecord
from tests.factories.basics import a_meeting, a_sector
from tests.factories.registration import a_question, a_registration, letters_follow

KEY = "k" * 32
ADULT = {
    "submission_key": KEY,
    "adult": "yes",
    "full_name": "សុខ ដារ៉ា",
    "latin_name": "Sok Dara",
    "called": "Dara",
    "email": "dara@lotus.example",
    "country": "KH",
    "organisation": "Lotus Network",
    "language": "en",
    "access": "A quiet room",
    "diet": "No pork",
    "photo_internal": "yes",
    "photo_public": "no",
    "accepts_code": "y",
}


def rows(model):
    db.session.expire_all()
    return list(db.session.scalars(sa.select(model).order_by(model.id)))


def form_of(meeting):
    return f"/m/{meeting.slug}/register"


def test_one_form_makes_one_confirmed_registration_with_all_that_was_said(client):
    meeting, sector = a_meeting(), a_sector()
    db.session.commit()
    answer = client.post(form_of(meeting), data={**ADULT, "sector_id": sector.id})
    assert (answer.status_code, answer.location) == (303, f"/m/{meeting.slug}/register/done")
    [registration] = rows(Registration)
    person = registration.person
    assert (person.full_name, person.latin_name, person.called) == ("សុខ ដារ៉ា", "Sok Dara", "Dara")
    assert (registration.state, registration.country, registration.sector) == (
        RegistrationState.CONFIRMED,
        "KH",
        sector,
    )
    assert (registration.organisation, registration.organisation_text) == (None, "Lotus Network")
    assert registration.code_of_conduct_version == meeting.code_of_conduct_version
    assert {(c.purpose.value, c.answer) for c in rows(Consent)} == {("photo_internal", True), ("photo_public", False)}
    assert sorted(record.kind for record in rows(SealedRecord)) == ["access", "diet"]
    letters_follow()
    [message] = rows(Message)
    assert (message.letter, message.to_email) == ("ticket", "dara@lotus.example")
    assert f"eventhub-link:me/{registration.id}/1" in message.text


def test_the_page_after_the_form_holds_nothing_personal(client):
    meeting = a_meeting()
    page = client.post(form_of(meeting), data=ADULT, follow_redirects=True)
    assert page.status_code == 200 and "mailbox" in page.text
    assert "dara" not in page.text.lower() and "me/" not in page.text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"full_name": ""}, "This answer is needed."),
        ({"full_name": "   \t "}, "This answer is needed."),
        ({"full_name": "\x00\x1b"}, "This answer is needed."),
        ({"full_name": "…!?"}, "at least one letter"),
        ({"full_name": "x" * 301}, "This is longer than 300 characters. Shorten it."),
        ({"full_name": "x" * 5_000_000}, "This is longer than 300 characters. Shorten it."),
        ({"latin_name": "សុខ"}, "Latin letters"),
        ({"email": "dara"}, "complete e-mail address"),
        ({"email": "dara@lotus.example\r\nBcc: all@lotus.example"}, "complete e-mail address"),
        ({"email": "a@b@c.example"}, "complete e-mail address"),
        ({"email": f"{'d' * 250}@lotus.example"}, "254"),
        ({"country": "XX"}, "Not a valid choice"),
        ({"country": ""}, "This answer is needed."),
        ({"adult": ""}, "This answer is needed."),
        ({"accepts_code": ""}, "Nobody can take part without it."),
        ({"sector_id": "99999999999999999999"}, "Not a valid choice"),
        ({"photo_public": "perhaps"}, "Not a valid choice"),
        ({"access": "x" * 2001}, "2000"),
        ({"language": "klingon"}, "Not a valid choice"),
    ],
)
def test_what_is_wrong_comes_back_with_a_sentence_and_all_that_was_typed(client, change, sentence):
    meeting = a_meeting()
    answer = client.post(form_of(meeting), data={**ADULT, "organisation": "Kept as typed", **change})
    assert answer.status_code == 422
    assert sentence in answer.text and "Kept as typed" in answer.text and "No pork" in answer.text
    assert KEY in answer.text
    assert rows(Registration) == rows(Person) == rows(Message) == []


@pytest.mark.parametrize(
    ("full_name", "stored"),
    [
        ("𠮷野 家𓀀", "𠮷野 家𓀀"),
        ("محمد عارف", "محمد عارف"),
        ("ស្ត្រី ကျွန်ုပ် श्री நீ ශ්‍රී", "ស្ត្រី ကျွန်ုပ် श्री நீ ශ්‍රී"),
        ("n" * 300, "n" * 300),
        ("Evil\r\nBcc: all@hub.example", "Evil Bcc: all@hub.example"),
        ("A\x00B\x07\x1b[31m", "AB[31m"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("{{ 7 * 7 }} %(x)s", "{{ 7 * 7 }} %(x)s"),
        ("=HYPERLINK(1)", "=HYPERLINK(1)"),
        ("Nguye\u0302\u0303n", "Nguyễn"),
        ("Sukarno", "Sukarno"),
        ("eventhub-link:me/1/1", "eventhub-link:me/1/1"),
    ],
)
def test_a_name_is_kept_as_it_is_written_and_breaks_nothing(client, full_name, stored):
    meeting = a_meeting()
    answer = client.post(form_of(meeting), data={**ADULT, "full_name": full_name, "latin_name": "", "called": ""})
    assert answer.status_code == 303
    [registration] = rows(Registration)
    assert registration.person.full_name == stored
    letters_follow()
    [message] = rows(Message)
    assert "\n" not in message.subject + message.to_name
    assert "<script>" not in message.html


@pytest.mark.parametrize(
    "email", ["дара@пример.рф", "दारा@उदाहरण.भारत", "用户@例子.广告", "o'brien+x@a-b.example", "a@test.test"]
)
def test_an_address_in_any_script_is_accepted_without_asking_the_network(client, email):
    meeting = a_meeting()
    assert client.post(form_of(meeting), data={**ADULT, "email": email}).status_code == 303
    letters_follow()
    assert rows(Message)[0].to_email == email
    assert rows(Message)[0].state == "queued"


def test_the_same_form_twice_is_one_registration_and_one_letter(client):
    meeting = a_meeting()
    answers = [client.post(form_of(meeting), data=ADULT) for _ in range(3)]
    assert {(a.status_code, a.location) for a in answers} == {(303, f"/m/{meeting.slug}/register/done")}
    letters_follow()
    assert len(rows(Registration)) == len(rows(Message)) == len(rows(Person)) == 1


def test_the_same_key_with_other_answers_is_refused_with_a_reason(client):
    meeting = a_meeting()
    client.post(form_of(meeting), data=ADULT)
    answer = client.post(form_of(meeting), data={**ADULT, "full_name": "Somebody Else"})
    assert answer.status_code == 409
    assert "already sent, with other answers" in answer.text and "Somebody Else" in answer.text
    assert [r.person.full_name for r in rows(Registration)] == ["សុខ ដារ៉ា"]


def test_a_known_address_gets_a_letter_and_the_answer_is_everybodys(client):
    meeting = a_meeting()
    known = a_registration(meeting, full_name="Private Name", email="dara@lotus.example")
    for key in ("a" * 32, "b" * 32):
        answer = client.post(form_of(meeting), data={**ADULT, "submission_key": key, "email": "DARA@Lotus.example"})
        assert (answer.status_code, answer.location) == (303, f"/m/{meeting.slug}/register/done")
    new = client.post(form_of(meeting), data={**ADULT, "submission_key": "c" * 32, "email": "new@lotus.example"})
    assert (new.status_code, new.location) == (answer.status_code, answer.location)
    assert set(new.headers.keys()) == set(answer.headers.keys())
    assert len(rows(Registration)) == 2
    [message] = rows(Message)
    assert message.letter == "registration_link"
    assert message.to_email == known.person.email


def test_a_form_cannot_change_somebody_whom_the_directory_knows(client):
    meeting, other = a_meeting(), a_meeting()
    a_registration(other, full_name="Sok Dara", latin_name="Sok Dara", email="dara@lotus.example")
    client.post(form_of(meeting), data={**ADULT, "full_name": "SOK  dara", "latin_name": "Changed"})
    client.post(
        form_of(meeting),
        data={**ADULT, "submission_key": "z" * 32, "full_name": "A Colleague", "email": "other@lotus.example"},
    )
    people = rows(Person)
    assert [(p.full_name, p.latin_name) for p in people] == [("Sok Dara", "Sok Dara"), ("A Colleague", "Sok Dara")]


def test_an_organisation_is_found_in_the_directory_by_any_of_its_names(client):
    meeting = a_meeting()
    lotus = directory.create_organisation(
        name="Lotus Child Rights Network", names=[("បណ្តាញផ្កាឈូក", "km", "alias")], by=SYSTEM
    )
    db.session.commit()
    client.post(form_of(meeting), data={**ADULT, "organisation": "បណ្តាញផ្កាឈូក"})
    [registration] = rows(Registration)
    assert (registration.organisation, registration.organisation_text) == (lotus, "")
    assert [a.organisation for a in registration.person.affiliations] == [lotus]


def test_a_meetings_own_questions_are_asked_kept_and_checked(client):
    meeting, coalition, other = a_meeting(), a_sector("coalition"), a_sector("research")
    text = a_question(meeting, "Which session?", required=True)
    one = a_question(meeting, "Shirt", FieldKind.CHOICE, choices=["S", "M"])
    some = a_question(meeting, "Days", FieldKind.CHOICES, choices=["Monday", "Tuesday", "Wednesday"])
    day = a_question(meeting, "Arrival", FieldKind.DATE)
    number = a_question(meeting, "Flights", FieldKind.NUMBER)
    yes = a_question(meeting, "Visa?", FieldKind.YES_NO, sector=coalition, required=True)
    page = client.get(form_of(meeting)).text
    assert all(label in page for label in ("Which session?", "Shirt", "Tuesday", "Arrival", "Flights", "Visa?"))
    data = {**ADULT, "sector_id": other.id, f"q{text.id}": "Tie", f"q{number.id}": "1.5", f"q{day.id}": "2026-07-01"}
    for wrong in (
        {f"q{text.id}": " "},
        {f"q{one.id}": "XL"},
        {f"q{some.id}": ["Monday", "Sunday"]},
        {f"q{day.id}": "tomorrow"},
        {f"q{number.id}": "NaN"},
        {f"q{number.id}": "9" * 400},
        {"sector_id": coalition.id},
    ):
        assert client.post(form_of(meeting), data={**data, **wrong}).status_code == 422, wrong
    sent = {**data, f"q{some.id}": ["Monday", "Tuesday"], f"q{yes.id}": "yes"}
    assert client.post(form_of(meeting), data=sent).status_code == 303
    answers = {a.field_id: a.value for a in rows(Answer)}
    assert answers == {text.id: "Tie", some.id: ["Monday", "Tuesday"], day.id: "2026-07-01", number.id: 1.5}


def test_a_minor_is_refused_kindly_where_children_do_not_take_part_and_nothing_is_kept(client):
    meeting = a_meeting()
    answer = client.post(form_of(meeting), data={**ADULT, "adult": "no"})
    assert answer.status_code == 403
    assert "This meeting is for people of 18 and over" in answer.text
    assert client.get(f"{form_of(meeting)}/child").status_code == 403
    assert rows(Person) == rows(Registration) == rows(Message) == []


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"state": MeetingState.OVER}, "Registration is closed"),
        ({"open_registration": False}, "by invitation"),
        ({"registration_opens": "later"}, "Registration opens on"),
        ({"registration_closes": "before"}, "Registration is closed"),
    ],
)
def test_a_closed_window_is_explained_and_holds(client, facts, sentence):
    moments = {"later": clock.now() + timedelta(days=1), "before": clock.now() - timedelta(days=1)}
    meeting = a_meeting(**{name: moments.get(value, value) for name, value in facts.items()})
    page = client.get(form_of(meeting))
    assert page.status_code == 200 and sentence in page.text and 'name="full_name"' not in page.text
    assert client.post(form_of(meeting), data=ADULT).status_code in (403, 409)
    assert rows(Registration) == []


def test_a_planned_meeting_has_no_form(client):
    meeting = a_meeting(MeetingState.PLANNED)
    assert client.get(form_of(meeting)).status_code == 404
    assert client.post(form_of(meeting), data=ADULT).status_code == 404


def test_the_untouched_form_asks_the_database_little_and_its_keys_differ(app, client, queries):
    meeting = a_meeting()
    keys, address = set(), form_of(meeting)
    for _ in range(2):
        with queries() as seen:
            page = client.get(address)
        assert seen.count == 3, seen.statements
        keys.add(re.search(r'name="submission_key"[^>]*value="([^"]+)"', page.text)[1])
    assert len(keys) == 2


def test_a_question_removed_while_somebody_answers_it_is_asked_no_more(app, client, monkeypatch):
    meeting = a_meeting()
    question = a_question(meeting, "Shirt size")
    settings = dataclasses.replace(app.config["EVENTHUB"], page_cache_seconds=60)
    monkeypatch.setitem(app.config, "EVENTHUB", settings)
    assert "Shirt size" in client.get(form_of(meeting)).text
    remove(question, by=SYSTEM)
    db.session.commit()
    answers = [client.post(form_of(meeting), data={**ADULT, f"q{question.id}": "M"}) for _ in range(2)]
    assert [a.status_code for a in answers] == [409, 303]
    assert "The form was changed while you filled it in" in answers[0].text
    assert len(rows(Registration)) == 1 and rows(Answer) == []


def test_a_form_that_holds_rubbish_is_answered(client):
    meeting = a_meeting()
    for data in ({}, {"q1": "x"}, {"submission_key": "☃" * 5000}, {name: ["a", "b"] for name in ADULT}):
        assert client.post(form_of(meeting), data=data).status_code == 422
    assert client.post(form_of(meeting), data={**ADULT, "submission_key": "\x00'; DROP"}).status_code == 303


def test_a_meeting_that_is_kept_in_memory_never_decides_by_what_it_was(app, client, queries, monkeypatch):
    """A form that is sent compares the meeting's version only; what staff changed a moment ago holds at once."""
    meeting = a_meeting(capacity=None)
    ident, address = meeting.id, form_of(meeting)
    settings = dataclasses.replace(app.config["EVENTHUB"], page_cache_seconds=60)
    monkeypatch.setitem(app.config, "EVENTHUB", settings)

    def send(n):
        db.session.remove()
        own = {"email": f"person.{n}@example.org", "submission_key": f"{n:032d}"}
        return client.post(address, data={**ADULT, **own}).status_code

    def change(**facts):
        db.session.remove()
        changed = db.session.get_one(Meeting, ident)
        for name, value in facts.items():
            setattr(changed, name, value)
        db.session.commit()

    assert [send(0), send(1)] == [303, 303]
    with queries() as seen:
        assert send(2) == 303
    assert not [text for text in seen.statements if "JOIN series" in text], seen.statements
    change(capacity=3)
    assert send(3) == 303
    assert [row.state for row in rows(Registration)] == ["confirmed"] * 3 + ["waiting"]
    change(open_registration=False)
    assert send(4) == 403
    assert len(rows(Registration)) == 4
