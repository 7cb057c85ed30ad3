"""1:1 meetings over HTTP, without JavaScript: from asking to "we met", the agenda and its calendar."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from icalendar import Calendar

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.mail import compose
from eventhub.mail.letters import ATTACHMENTS
from eventhub.mail.models import Message
from eventhub.networking import queries, service_one_to_one
from eventhub.networking import service as introductions
from eventhub.networking.models import Introduction
from eventhub.networking.models_one_to_one import OneToOne
from eventhub.programme import service as programme
from eventhub.registration import service_deciding
from eventhub.security import token
from tests.factories.basics import a_meeting
from tests.factories.networking import suggestions_of
from tests.factories.one_to_one import a_table, a_window, who_may_be_asked
from tests.factories.programme import a_room, a_session, at
from tests.factories.registration import a_child

pytestmark = pytest.mark.once  # the rules behind these pages run on both databases


@pytest.fixture
def meeting(app):
    """Three slots from noon at a table in the garden."""
    meeting = a_meeting(admits_children=True)
    a_window(meeting)
    a_table(meeting, room=a_room(meeting, "Garden"), place="By the window")
    return meeting


@pytest.fixture
def pair(meeting):
    return [who_may_be_asked(meeting, name) for name in ("Machiko Kaida", "ប៉ែន សុន")]


def mine(registration, path=""):
    return f"/me/{token('me', registration.id, registration.link_version)}{path}"


def value(meeting, time):
    return str(int(at(meeting, time).timestamp()))


def the_only():
    db.session.expire_all()
    return db.session.scalars(sa.select(OneToOne)).one()


def ask(client, me, other, time="12:00", message="About youth councils"):
    path = mine(me, f"/one-to-one/ask/{other.id}")
    return client.post(path, data={"time": value(me.meeting, time), "message": message}, follow_redirects=True)


def act(client, me, what, **fields):
    answer = client.post(mine(me, f"/one-to-one/{the_only().id}/{what}"), data=fields, follow_redirects=True)
    db.session.expire_all()
    return answer


def events(client, me, path="/agenda.ics"):
    answer = client.get(mine(me, path))
    assert answer.status_code == 200 and answer.mimetype == "text/calendar"
    return Calendar.from_ical(answer.data).walk("VEVENT")


def test_from_asking_to_we_met(client, meeting, pair):
    me, other = pair
    talk = a_session(meeting, "Alternative reports", "10:00", "11:00", speakers=[(me.person, "speaker")])
    db.session.commit()
    listed = client.get(mine(me, "/people")).text
    assert f'href="{mine(me, f"/one-to-one/ask/{other.id}")}"' in listed
    form = client.get(mine(me, f"/one-to-one/ask/{other.id}")).text
    assert re.findall(r"\d\d:\d\d–\d\d:\d\d", form) == ["12:00–12:20", "12:20–12:40", "12:40–13:00"]
    assert "Your request is on its way" in ask(client, me, other).text
    assert "Answer 1 request for a 1:1 meeting" in client.get(mine(other)).text
    theirs = client.get(mine(other, "/one-to-one")).text
    assert "Waits for your answer" in theirs and "About youth councils" in theirs and "Machiko Kaida" in theirs
    page = act(client, other, "propose", **{"new-time": value(meeting, "12:20"), "new-words": "After lunch"})
    assert "asked whether this time suits them" in page.text
    page = client.get(mine(me, f"/one-to-one/{the_only().id}")).text
    assert page.count("After lunch") == 2 and "What happened so far" in page
    assert "Agreed. Both of you get a letter" in act(client, me, "accept").text
    agenda = client.get(mine(me, "/agenda")).text
    for text in ("Alternative reports", "ប៉ែន សុន", "Table 1", "Garden", "By the window", "webcal://"):
        assert text in agenda
    session, one = events(client, me)
    assert session["uid"] == f"session-{talk.id}@localhost" and one["uid"].startswith("one-to-one-")
    assert one.decoded("dtstart") == at(meeting, "12:20") and one["summary"] == "1:1 meeting with ប៉ែន សុន"
    assert one["location"].startswith("Table 1, Garden, By the window") and one["sequence"] == 1
    assert me.person.email not in agenda and other.person.email not in agenda
    with clock.frozen(at(meeting, "12:50")):
        assert "We met" in client.get(mine(me, "/one-to-one")).text
        act(client, me, "met", answer="share")
        act(client, me, "met", answer="share")
        row = db.session.scalars(sa.select(Introduction)).one()
        assert (row.met_on, queries.standing(row)) == (meeting.starts, queries.Standing.ONE_SIDE)
        act(client, other, "met", answer="yes")
        assert queries.standing(row) is queries.Standing.CONFIRMED
        assert me.person.email in client.get(mine(other, "/met")).text


def test_before_its_time_nobody_met_and_nothing_else_is_taken_for_it(client, meeting, pair):
    me, other = pair
    ask(client, me, other)
    for answer in (act(client, other, "met"), act(client, me, "accept")):
        assert "not possible from the present state" in answer.text
    assert db.session.query(Introduction).count() == 0


def test_letters_carry_the_calendar_and_the_way_to_the_page(client, meeting, pair):
    me, other = pair
    ask(client, me, other)
    row = the_only()
    asked = db.session.scalars(sa.select(Message).where(Message.key.like("one_to_one:%"))).one()
    assert asked.to_email == other.person.email and "About youth councils" in asked.text
    assert f"/one-to-one/{row.id}" in compose.security.fill_links(asked.text) and "12:00 (Manila" in asked.text
    act(client, other, "accept")
    act(client, other, "accept")
    agreed = list(db.session.scalars(sa.select(Message).where(Message.subject.contains("is agreed"))))
    assert {letter.to_email for letter in agreed} == {me.person.email, other.person.email}
    assert all("Table 1, Garden, By the window" in letter.text for letter in agreed)
    kinds = {letter.attachments[0]["kind"] for letter in agreed}
    assert kinds == {"one_to_one_a", "one_to_one_b"}
    act(client, me, "cancel", **{"off-words": "I am ill"})
    assert "I am ill" in client.get(mine(other, f"/one-to-one/{row.id}")).text
    name, media_type, content = ATTACHMENTS["one_to_one_b"](row.id)
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    assert "method=CANCEL" in media_type and name.endswith(".ics") and b"METHOD:CANCEL" in content
    assert (event["status"], event["sequence"], event["summary"]) == ("CANCELLED", 2, "1:1 meeting with Machiko Kaida")
    assert [e["status"] for e in events(client, me)] == ["CANCELLED"]


def test_what_was_typed_comes_back_when_the_time_is_gone(client, meeting, pair):
    me, other = pair
    third = who_may_be_asked(meeting, "Third Person")
    ask(client, third, other)
    act(client, other, "accept")
    answer = ask(client, me, other, message="Kept as typed")
    assert answer.status_code == 422 and "not free any more for both" in answer.text and "Kept as typed" in answer.text
    for wrong in ("", "x", "99999999999999999999", "-1"):
        path = mine(me, f"/one-to-one/ask/{other.id}")
        again = client.post(path, data={"time": wrong, "message": "Kept as typed"})
        assert again.status_code == 422 and "Kept as typed" in again.text
    too_long = client.post(path, data={"time": value(meeting, "12:20"), "message": "y" * 601})
    assert too_long.status_code == 422 and "y" * 601 in too_long.text


def test_a_page_tells_nothing_of_what_the_other_does(client, meeting, pair):
    me, other = pair
    secret = a_session(meeting, "Secret session", "12:00", "12:20", needs_sign_up=True)
    programme.sign_up(secret, other, by=SYSTEM)
    db.session.commit()
    page = client.get(mine(me, f"/one-to-one/ask/{other.id}")).text
    assert "12:00–12:20" not in page and "Secret session" not in page
    ask(client, me, other, "12:20")
    act(client, other, "accept")
    a_session(meeting, "Hidden change", "12:20", "12:40", speakers=[(other.person, "speaker")])
    db.session.commit()
    row = the_only()
    mine_, theirs = (client.get(mine(who, f"/one-to-one/{row.id}")).text for who in (me, other))
    assert "Hidden change" not in mine_ and "does not suit the other person any more" in mine_
    assert "Now against “Hidden change”" in theirs
    assert "Now against “Hidden change”" in client.get(mine(other, "/agenda")).text
    assert all("Choose another time for 1 1:1 meeting" in client.get(mine(who)).text for who in (me, other))


def test_a_time_that_one_keeps_is_nobodys_and_nobody_hears_why(client, meeting, pair):
    me, other = pair
    address = mine(other, "/one-to-one/times")
    kept = {"times": [value(meeting, "12:00"), value(meeting, "12:40")]}
    assert "You keep 2 times for yourself" in client.post(address, data=kept, follow_redirects=True).text
    assert client.get(address).text.count(" checked ") == 2
    form = client.get(mine(me, f"/one-to-one/ask/{other.id}")).text
    assert re.findall(r"\d\d:\d\d–\d\d:\d\d", form) == ["12:20–12:40"] and "keep" not in form
    ask(client, me, other, "12:20")
    act(client, other, "accept")
    refused = client.post(address, data={"times": [value(meeting, "12:20"), value(meeting, "12:40")]})
    assert refused.status_code == 422 and "Move or cancel it first" in refused.text
    assert refused.text.count(" checked ") == 2  # as it was sent
    assert client.post(address, data={"times": ["x"]}).status_code == 422
    assert "You keep no time for yourself" in client.post(address, data={}, follow_redirects=True).text
    nowhere = who_may_be_asked(a_meeting(), "Nobody Yet")
    assert "There are no times yet" in client.get(mine(nowhere, "/one-to-one/times")).text


def test_nobody_sees_or_moves_what_is_not_theirs(client, meeting, pair):
    me, other = pair
    third = who_may_be_asked(meeting, "Third Person")
    ask(client, me, other)
    row = the_only()
    assert client.get(mine(third, f"/one-to-one/{row.id}")).status_code == 404
    for what in ("accept", "decline", "propose", "cancel", "met"):
        assert client.post(mine(third, f"/one-to-one/{row.id}/{what}")).status_code == 404
        assert client.get(mine(me, f"/one-to-one/{row.id}/{what}")).status_code == 302  # looking does nothing
    assert client.get(mine(me, f"/one-to-one/{row.id}.ics")).status_code == 404  # nothing is agreed yet
    assert the_only().state == "requested"


def test_a_child_is_never_one_of_the_two_and_has_an_agenda_of_sessions(client, meeting, pair):
    me, _other = pair
    child = a_child(meeting, complete=True, called="Star")
    for path in ("/one-to-one", f"/one-to-one/ask/{me.id}"):
        assert client.get(mine(child, path)).status_code == 403
    refused = client.get(mine(me, f"/one-to-one/ask/{child.id}"))
    assert refused.status_code == 404 and "Star" not in refused.text
    chosen = a_session(meeting, "Drawing", needs_sign_up=True)
    programme.sign_up(chosen, child, by=SYSTEM)
    db.session.commit()
    agenda = client.get(mine(child, "/agenda")).text
    assert "Drawing" in agenda and "one-to-one" not in agenda
    assert [event["summary"] for event in events(client, child)] == ["Drawing"]


def test_somebody_at_risk_is_not_named_in_a_calendar(client, meeting, pair):
    me, other = pair
    other.person.at_risk = True
    db.session.commit()
    row = service_one_to_one.ask(other, me.id, starts=at(meeting, "12:00"))
    service_one_to_one.accept(row, me)
    db.session.commit()
    assert "ប៉ែន សុន" in client.get(mine(me, "/agenda")).text
    assert [event["summary"] for event in events(client, me)] == ["1:1 meeting"]


def test_empty_closed_full_and_cancelled(client, pair):
    me, other = pair
    nowhere = who_may_be_asked(a_meeting(), "Nobody Yet")
    assert "No 1:1 meetings yet" in client.get(mine(nowhere, "/one-to-one")).text
    assert "Nothing in it yet" in client.get(mine(nowhere, "/agenda")).text
    with clock.frozen(at(me.meeting, "14:00")):
        page = client.get(mine(me, f"/one-to-one/ask/{other.id}"))
        assert "No free time together" in page.text
        assert "/ask/" not in client.get(mine(me, "/people")).text
    service_deciding.cancel(other, by=SYSTEM)
    db.session.commit()
    assert client.get(mine(other, "/one-to-one")).status_code == 409
    assert client.get(mine(other, "/agenda")).status_code == 404


def test_suggestions_and_people_one_met_lead_to_asking(client, meeting, pair):
    me, other = pair
    with clock.frozen(at(meeting, "08:00")):
        met = introductions.introduce(meeting=meeting, a=me.person, b=other.person, by=SYSTEM)
    for side in ("a", "b"):
        introductions.answer(met, side, True)
    db.session.commit()
    assert f"/one-to-one/ask/{other.id}" in client.get(mine(me, "/one-to-one")).text
    ask(client, me, other)
    page = client.get(mine(me, "/one-to-one")).text
    assert f"/one-to-one/ask/{other.id}" not in page and "Waits for their answer" in page
    people = client.get(mine(me, "/people")).text
    assert "Our 1:1 meeting" in people and f"/one-to-one/{the_only().id}" in people
    suggestions_of(meeting)
    assert client.get(mine(me)).status_code == 200


def test_the_lists_ask_the_database_as_often_with_many_as_with_one(client, meeting, pair, queries):
    me, other = pair
    a_window(meeting, "14:00", "18:00")
    counts = []
    for n in range(1, 9):
        them = other if n == 1 else who_may_be_asked(meeting, f"Person {n}")
        starts = at(meeting, "14:00") + timedelta(minutes=20 * n)
        service_one_to_one.accept(service_one_to_one.ask(me, them.id, starts=starts), them)
        db.session.commit()
        if n in (1, 8):
            for path in ("/one-to-one", "/agenda"):
                client.get(mine(me, path))
                with queries() as seen:
                    assert client.get(mine(me, path)).status_code == 200
                counts.append(seen.count)
    assert counts[:2] == counts[2:] and max(counts) <= 20, seen.statements
