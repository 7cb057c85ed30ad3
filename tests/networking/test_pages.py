"""Introductions through their pages: staff record and ask, the two people answer, nobody at risk is named."""

from eventhub.db import db
from eventhub.directory import service as directory
from eventhub.networking import queries
from eventhub.networking.models import Introduction
from eventhub.security import Role, link, token
from tests.factories.basics import a_meeting
from tests.factories.checkin import a_running_meeting
from tests.factories.directory import a_person, an_organisation
from tests.factories.partnerships import an_introduction, two_people


def address(meeting, path=""):
    return f"/staff/m/{meeting.slug}/introductions{path}"


def test_an_organiser_records_an_introduction(sign_in):
    meeting = a_running_meeting()
    machiko = a_person(an_organisation(name="C-Rights"), full_name="Machiko Kaida")
    son = a_person(an_organisation(name="CRC-Cambodia"), full_name="Pehn Son", email="son@crc.example")
    data = {
        "a": f"Machiko Kaida (C-Rights) #{machiko.id}",
        "b": "son@crc.example",
        "session_id": "",
        "met": "2018",
        "topic": "Child-led networks",
        "source": "published",
        "source_text": "A story",
    }
    browser = sign_in(Role.ORGANISER, meeting)
    answer = browser.post(address(meeting, "/new"), data=data, follow_redirects=True)
    assert answer.status_code == 200 and "Machiko Kaida" in answer.text and "Log a partnership" in answer.text
    row = db.session.query(Introduction).one()
    assert ({row.a_id, row.b_id}, str(row.met_precision)) == ({machiko.id, son.id}, "year")
    page = browser.get(address(meeting, "?q=kaida")).text
    assert "Pehn Son" in page and "2018" in page
    assert "Nobody matches" in browser.get(address(meeting, "?q=nobody")).text
    assert "Nobody matches" in browser.get(address(meeting, "?standing=confirmed")).text


def test_what_was_typed_comes_back_with_a_sentence(sign_in):
    meeting, child = a_running_meeting(), a_person(is_child=True, full_name="Dara Somebody", email="dara@kid.example")
    a, _b = two_people()
    browser = sign_in()
    for typed, sentence in (
        ({"a": f"#{a.id}", "b": f"#{a.id}"}, "two different people"),
        ({"a": f"#{a.id}", "b": f"#{child.id}"}, "Nobody is found"),
        ({"a": f"#{a.id}", "b": "Dara"}, "Nobody is found"),
        ({"a": "", "b": "x"}, "required"),
        ({"a": f"#{a.id}", "b": "nobody@x.example", "met": "yesterday"}, "Write 2020-02-18"),
    ):
        answer = browser.post(address(meeting, "/new"), data={"source": "staff", "topic": "Kept as typed", **typed})
        assert answer.status_code == 422 and sentence in answer.text and "Kept as typed" in answer.text
    assert db.session.query(Introduction).count() == 0


def test_staff_note_nothing_before_the_meeting_either(sign_in):
    meeting, (a, b) = a_meeting(), two_people()
    typed = {"a": f"#{a.id}", "b": f"#{b.id}", "met": "2018", "source": "staff", "topic": "Kept as typed"}
    answer = sign_in().post(address(meeting, "/new"), data=typed)
    assert answer.status_code == 422 and "The meeting begins on" in answer.text and "Kept as typed" in answer.text


def test_only_who_may_and_only_of_this_meeting(client, sign_in):
    introduction = an_introduction()
    here, elsewhere = introduction.meeting, a_meeting()
    assert client.get(address(here)).status_code == 302
    reader = sign_in(Role.READER, here)
    assert reader.get(address(here)).status_code == 403
    assert reader.get(address(here, f"/{introduction.id}")).status_code == 200
    assert sign_in().get(address(elsewhere, f"/{introduction.id}")).status_code == 404


def test_a_personal_link_opens_with_get_and_acts_with_post(client):
    introduction = an_introduction(topic="Reports")
    path = f"/introduction/{token('introduction_a', introduction.id)}"
    page = client.get(path)
    assert introduction.b.full_name in page.text and "Reports" in page.text
    db.session.expire_all()
    assert introduction.a_answer is None
    for _ in range(2):  # a double click
        assert client.post(path, data={"answer": "yes"}).status_code == 302
    assert "You said: yes, we met" in client.get(path).text
    assert client.post(path, data={"answer": "perhaps"}).status_code == 422
    db.session.expire_all()
    assert queries.standing(introduction) is queries.Standing.ONE_SIDE


def test_links_that_were_guessed_or_withdrawn(client):
    introduction = an_introduction()
    good = token("introduction_a", introduction.id)
    assert client.get(f"/introduction/{good[:-1]}0").status_code == 404
    assert client.post(f"/introduction/{token('me', introduction.id)}", data={"answer": "yes"}).status_code == 404
    introduction.link_version = 2
    gone = client.get(f"/introduction/{good}")
    assert gone.status_code == 410 and introduction.meeting.title in gone.text


def test_staff_never_see_a_partys_link(sign_in):
    introduction = an_introduction()
    browser = sign_in()
    browser.post(address(introduction.meeting, f"/{introduction.id}/ask"))
    page = browser.get(address(introduction.meeting, f"/{introduction.id}")).text
    assert link("introduction_a", introduction.id) not in page


def test_a_person_at_risk_is_named_nowhere(sign_in):
    safe, hidden = two_people()
    directory.change_person(hidden, version=hidden.version, at_risk=True, by=directory.audit.SYSTEM)
    introduction = an_introduction(people=(safe, hidden))
    browser = sign_in()
    assert hidden.full_name not in browser.get(address(introduction.meeting)).text
    page = browser.get(address(introduction.meeting, f"/{introduction.id}")).text
    assert hidden.full_name not in page and "a person who is not listed" in page
