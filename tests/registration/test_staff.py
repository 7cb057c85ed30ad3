"""Staff pages: list, decisions, registering on behalf, the meeting's own questions, the files."""

import csv
import io

import openpyxl
import pytest

from eventhub.db import db
from eventhub.mail.models import Message
from eventhub.registration import queries_fields
from eventhub.registration.models import FormField, Registration, Source
from eventhub.registration.states import RegistrationRole, RegistrationState
from eventhub.security import Role
from tests.factories.basics import a_meeting, a_sector
from tests.factories.registration import a_child, a_question, a_registration
from tests.registration.test_form import rows

S = RegistrationState
SOMEBODY = {
    "full_name": "Sok Dara",
    "email": "dara@lotus.example",
    "country": "KH",
    "language": "en",
    "role": "observer",
    "adult": "y",
}


def base(meeting):
    return f"/staff/m/{meeting.slug}/registrations"


def test_the_list_is_searched_and_filtered(sign_in):
    meeting, sector = a_meeting(capacity=2), a_sector()
    a_registration(meeting, full_name="សុខ ដារ៉ា", latin_name="Sok Dara", sector=sector)
    a_registration(meeting, full_name="Somebody", organisation="Lotus_Network 100%", role=RegistrationRole.OBSERVER)
    a_registration(meeting, S.WAITING, full_name="Waiting Person")
    browser = sign_in(Role.ORGANISER, meeting)
    everybody = {"Sok Dara", "Somebody", "Waiting Person"}
    for query, seen in {
        "": everybody,
        "?q=ដារ៉ា": {"Sok Dara"},
        "?q=sok+dara": {"Sok Dara"},
        "?q=100%25": {"Somebody"},
        "?q=_": {"Somebody"},
        "?q=nobody": set(),
        "?state=waiting": {"Waiting Person"},
        "?state=nonsense&sector=x&role=%00&page=-1": everybody,
        f"?sector={sector.id}": {"Sok Dara"},
        "?role=observer": {"Somebody"},
        "?page=99999": set(),
        "?page=999999999999": everybody,
        "?q=SÓK": {"Sok Dara"},
    }.items():
        page = browser.get(f"{base(meeting)}/{query}")
        assert page.status_code == 200
        assert {name for name in everybody if name in page.text} == seen, query


def test_fifty_rows_a_page(sign_in):
    meeting = a_meeting()
    for _ in range(51):
        a_registration(meeting)
    page = sign_in(Role.ORGANISER, meeting).get(f"{base(meeting)}/").text
    assert page.count('name="ids"') == 50 and "page=2" in page


def test_several_are_approved_after_one_question(sign_in):
    meeting = a_meeting(needs_approval=True, capacity=1)
    ids = [a_registration(meeting, S.SUBMITTED).id for _ in range(3)]
    browser, address = sign_in(Role.ORGANISER, meeting), f"{base(meeting)}/bulk"
    assert browser.post(address, data={"action": "approve"}, follow_redirects=True).text.count("Choose at least one")
    sure = browser.post(address, data={"action": "approve", "ids": ids[:2]})
    assert "Approve 2 registrations" in sure.text and {r.state for r in rows(Registration)} == {S.SUBMITTED}
    browser.post(address, data={"action": "approve", "ids": [*ids[:2], "x", "99999", "9" * 30], "sure": "1"})
    browser.post(address, data={"action": "decline", "ids": ids[2:], "sure": "1"})
    assert [r.state for r in rows(Registration)] == [S.CONFIRMED, S.WAITING, S.DECLINED]
    again = browser.post(address, data={"action": "decline", "ids": ids[:1], "sure": "1"}, follow_redirects=True)
    assert "could not be" in again.text


@pytest.mark.parametrize(
    ("state", "action", "after"),
    [
        (S.SUBMITTED, "approve", S.CONFIRMED),
        (S.SUBMITTED, "decline", S.DECLINED),
        (S.CONFIRMED, "cancel", S.CANCELLED),
        (S.CONFIRMED, "confirm", S.CONFIRMED),
        (S.CONFIRMED, "link", S.CONFIRMED),
        (S.CONFIRMED, "decline", S.CONFIRMED),
        (S.DECLINED, "approve", S.DECLINED),
        (S.CANCELLED, "cancel", S.CANCELLED),
    ],
)
def test_one_decision_about_one_registration(sign_in, state, action, after):
    meeting = a_meeting(needs_approval=True)
    registration = a_registration(meeting, state)
    browser, address = sign_in(Role.ORGANISER, meeting), f"{base(meeting)}/{registration.id}"
    assert browser.get(address).status_code == 200
    for _ in range(2):
        assert browser.post(f"{address}/{action}", data={"note": "A word"}).status_code in (302, 409)
    assert rows(Registration)[0].state is after
    assert browser.post(f"{address}/explode").status_code == 404


def test_a_declined_person_reads_the_organisers_word(sign_in):
    meeting = a_meeting(needs_approval=True)
    registration = a_registration(meeting, S.SUBMITTED)
    address = f"{base(meeting)}/{registration.id}/decline"
    sign_in(Role.ORGANISER, meeting).post(address, data={"note": "Next year, <b>please</b>."})
    letter = rows(Message)[-1]
    assert "Next year, <b>please</b>." in letter.text and "<b>please" not in letter.html


def test_somebody_is_registered_on_their_behalf_and_accepts_the_code_themselves(sign_in):
    meeting = a_meeting(open_registration=False)
    browser = sign_in(Role.ORGANISER, meeting)
    answer = browser.post(f"{base(meeting)}/new", data=SOMEBODY)
    [registration] = rows(Registration)
    assert answer.location.endswith(f"/registrations/{registration.id}")
    assert (registration.state, registration.source) == (S.APPROVED, Source.STAFF)
    assert registration.role is RegistrationRole.OBSERVER
    assert [m.letter for m in rows(Message)] == ["registration_received"]
    again = browser.post(f"{base(meeting)}/new", data=SOMEBODY, follow_redirects=True)
    assert "registered already" in again.text and len(rows(Registration)) == 1
    minor = browser.post(f"{base(meeting)}/new", data={**SOMEBODY, "adult": "", "email": "x@lotus.example"})
    assert minor.status_code == 422 and "guardian" in minor.text


def test_staff_correct_a_registration_and_the_second_is_told(sign_in):
    meeting = a_meeting()
    registration = a_registration(meeting, full_name="Sok Dara", email="dara@lotus.example")
    browser, address = sign_in(Role.ORGANISER, meeting), f"{base(meeting)}/{registration.id}/edit"
    data = {**SOMEBODY, "version": registration.version, "called": "Dara"}
    assert browser.get(address).status_code == 200
    assert browser.post(address, data=data).status_code == 302
    answer = browser.post(address, data={**data, "called": "Other"})
    assert answer.status_code == 422 and "Somebody changed this" in answer.text and "Other" in answer.text
    [registration] = rows(Registration)
    assert (registration.person.called, registration.role) == ("Dara", RegistrationRole.OBSERVER)


def test_a_registration_of_another_meeting_is_not_found(sign_in):
    meeting, other = a_meeting(), a_meeting()
    registration = a_registration(other)
    browser = sign_in(Role.ORGANISER, meeting)
    for address in ("", "/edit"):
        assert browser.get(f"{base(meeting)}/{registration.id}{address}").status_code == 404
    assert browser.post(f"{base(meeting)}/{registration.id}/cancel").status_code == 404
    assert browser.get(f"{base(other)}/{registration.id}").status_code == 403


def test_free_seats_are_given_to_who_waits(sign_in):
    meeting = a_meeting(capacity=0)
    a_registration(meeting, S.WAITING)
    meeting.capacity = 5
    db.session.commit()
    browser = sign_in(Role.ORGANISER, meeting)
    assert "People wait although seats are free" in browser.get(f"{base(meeting)}/").text
    browser.post(f"{base(meeting)}/fill")
    assert rows(Registration)[0].state is S.CONFIRMED


def test_the_files_hold_the_list_as_text_and_no_formula(sign_in):
    meeting = a_meeting(admits_children=True)
    question = a_question(meeting, "=1+1")
    a_registration(
        meeting, full_name="=HYPERLINK(1)", latin_name="Eve", answers={question.id: "@cmd"}, needs={"diet": "x"}
    )
    a_child(meeting, called="Bopha", guardian_email="mother@family.example")
    browser = sign_in(Role.ORGANISER, meeting)
    table = list(csv.reader(io.StringIO(browser.get(f"{base(meeting)}/export.csv").data.decode("utf-8-sig"))))
    assert table[0][-1] == "'=1+1"
    assert sorted(row[0] for row in table[1:]) == ["'=HYPERLINK(1)", "Bopha"]
    assert all("mother@family.example" not in row for row in table)
    book = openpyxl.load_workbook(io.BytesIO(browser.get(f"{base(meeting)}/export.xlsx?q=eve").data))
    cells = [[cell.value for cell in row] for row in book.active.rows]
    assert cells[1][0] == "=HYPERLINK(1)" and book.active["A2"].data_type == "s" and len(cells) == 2
    assert browser.get(f"{base(meeting)}/export.pdf").status_code == 404


def test_the_meetings_own_questions_are_added_changed_ordered_and_removed(sign_in):
    meeting = a_meeting()
    browser, address = sign_in(Role.ORGANISER, meeting), f"{base(meeting)}/form"
    new = {"label": "Shirt", "kind": "choice", "choices": "S\r\nM\r\n\r\nM"}
    assert browser.post(address, data={**new, "choices": "S"}).status_code == 422
    assert browser.post(address, data={**new, "kind": "rubbish"}).status_code == 422
    assert browser.post(address, data={**new, "label": " "}).status_code == 422
    assert browser.post(address, data=new).status_code == 302
    assert browser.post(address, data={"label": "Flight", "kind": "text", "required": "y"}).status_code == 302
    shirt, flight = queries_fields.list_fields(meeting.id)
    assert (shirt.choices, flight.required) == (["S", "M"], True)
    browser.post(f"{address}/{flight.id}/up")
    assert [f.label for f in queries_fields.list_fields(meeting.id)] == ["Flight", "Shirt"]
    a_registration(meeting, answers={shirt.id: "S"})
    page = browser.post(f"{address}/{shirt.id}", data={**new, "kind": "text"})
    assert page.status_code == 422 and "its kind stays" in page.text
    assert browser.post(f"{address}/{shirt.id}/remove").status_code == 409
    assert browser.post(f"{address}/{flight.id}/remove").status_code == 302
    assert [f.label for f in rows(FormField)] == ["Shirt"]
    assert browser.get(f"/staff/m/{a_meeting().slug}/registrations/form/{shirt.id}").status_code in (403, 404)


def test_only_who_may_edits(sign_in):
    meeting = a_meeting()
    registration = a_registration(meeting)
    browser = sign_in(Role.SAFEGUARDING, meeting)
    assert browser.get(f"{base(meeting)}/").status_code == 200
    assert browser.get(f"{base(meeting)}/new").status_code == 403
    assert browser.post(f"{base(meeting)}/{registration.id}/cancel").status_code == 403
    assert sign_in(Role.READER, meeting).get(f"{base(meeting)}/").status_code == 403
