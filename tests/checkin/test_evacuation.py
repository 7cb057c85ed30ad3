"""Who is in the building: the board that looks again by itself, and the list for an evacuation."""

from datetime import timedelta

import pytest

from eventhub import clock
from eventhub.audit import SYSTEM, AuditEntry
from eventhub.checkin import evacuation, queries, queries_evacuation, views_board
from eventhub.checkin.models import Presence, SelfCheckIn
from eventhub.db import db
from eventhub.directory.service import merge
from eventhub.security import Role
from tests.factories.badges import NAMES
from tests.factories.checkin import (
    Door,
    a_checkpoint,
    a_device,
    a_participant,
    a_person,
    a_running_meeting,
    a_scan,
    name_adult,
)
from tests.factories.programme import a_session
from tests.typeset.pages import letters, pages, size, words


@pytest.fixture
def meeting(app):
    return a_running_meeting(admits_children=True, focal_point_name="Sok Chanthy", focal_point_phone="+855 23 555 0142")


def found(meeting, **more):
    return queries_evacuation.evacuation(queries.about(meeting.id), **{"with_children": True, **more})


def in_room(client, meeting, *badges):
    room = Door(client, a_checkpoint(meeting, "Room A"))
    for badge in badges:
        assert room.enter(badge) == "admitted"


def test_everybody_inside_stands_there_once_where_they_were_last(client, meeting, door):
    adult = a_participant(meeting, "ស្ត្រី ចន្ធី", latin_name="Strey Chanthy", organisation="Lotus Network")
    risk = a_participant(meeting, "Hidden Person", at_risk=True, called="Lily", organisation="Told Nobody")
    gone = a_participant(meeting, "Gone Person")
    child = a_participant(meeting, "Malee Familyname", is_child=True, called="Malee")
    name_adult(meeting, child, adult)
    assert [door.enter(each) for each in (adult, risk, gone, child)] == ["admitted"] * 4
    door.ask(a_scan(door.checkpoint, walk_in={"name": "Walter", "organisation": "Press", "adult": True}))
    assert door.leave(gone) == "left"
    door.send(a_scan(door.checkpoint, code="7K3Q9XW2MZ4TA8NPC6RJ5", told="admitted"))
    in_room(client, meeting, adult)
    listed = found(meeting)
    assert (listed.count, listed.unnamed, listed.alone) == (5, 0, [])
    assert {(line.name, line.place) for line in listed.lines} == {
        ("ស្ត្រី ចន្ធី", "Room A"),
        ("Lily", "Main entrance"),
        ("Walter", "Main entrance"),
        ("", "Main entrance"),
    }
    [first] = [line for line in listed.lines if line.latin_name]
    assert (first.organisation, [line.name for line in first.children]) == ("Lotus Network", ["Malee"])
    blind = found(meeting, with_children=False)
    assert (blind.count, blind.unnamed, [line.children for line in blind.lines]) == (5, 1, [[], [], [], []])
    text = words(pages(evacuation.pdf(meeting, listed, by_name="Dara"))[0])
    for said in ("5 people in the building", "Strey Chanthy", "Malee", "Walter", "A badge that nobody knows", "Dara"):
        assert said in text
    assert "Familyname" not in text and "Hidden" not in text and "Told Nobody" not in text
    text = words(pages(evacuation.pdf(meeting, blind, by_name="Dara"))[0])
    assert "1 children whose names are with the focal point: Sok Chanthy +855 23 555 0142" in text.replace("\r\n", " ")
    assert "Malee" not in text


def test_who_belongs_to_another_meeting_is_counted_and_not_named_and_people_at_risk_go_by_what_they_are_called(
    sign_in, meeting, door
):
    elsewhere = a_running_meeting(title="Other forum")
    stranger = a_participant(elsewhere, "Other Person", organisation="Elsewhere")
    their_child = a_participant(elsewhere, "Other Child", called="Kit", is_child=True)
    risk = a_participant(meeting, "Hidden Person", at_risk=True, called="Lily", organisation="Told Nobody")
    earlier = a_participant(meeting, "Known Here", person=a_person("Known Before"), organisation="Lotus Network")
    before = a_person("Kept Record")
    merge(before, earlier.registration.person, by=SYSTEM)
    for badge in (stranger, their_child, risk, earlier):
        door.send(a_scan(door.checkpoint, code=badge.code, told="admitted"))
    presence = db.session.query(Presence).filter_by(person_key=f"p{earlier.registration.person_id}").one()
    presence.person_key = f"p{before.id}"  # the key of both when theirs is the least
    db.session.commit()
    listed = found(meeting)
    assert listed.count == 4
    assert sorted(line.name for line in listed.lines) == ["", "", "Kept Record", "Lily"]
    there = {p["name"]: p["organisation"] for p in door.presence()["checkpoints"][0]["present"]}
    assert there == {"": "", "Kept Record": "Lotus Network", "Lily": ""}
    board = sign_in(Role.ORGANISER, meeting).get(f"/staff/m/{meeting.slug}/here").text
    assert board.count("A badge that nobody knows here") == 2 and "Lily" in board
    for secret in ("Other Person", "Elsewhere", "Kit", "Other Child", "Hidden", "Told Nobody"):
        assert secret not in board + str(listed.lines) + str(there)


def test_a_child_whose_adults_left_stands_on_top(meeting, door):
    adult, child = a_participant(meeting), a_participant(meeting, is_child=True, called="Malee")
    name_adult(meeting, child, adult)
    door.send(*(a_scan(door.checkpoint, code=each.code, told="admitted") for each in (adult, child)))
    door.send(a_scan(door.checkpoint, "exit", code=adult.code, told="left"))
    assert [line.name for line in found(meeting).alone] == ["Malee"]
    assert "none of their adults" in words(pages(evacuation.pdf(meeting, found(meeting), by_name="D"))[0])


def test_who_left_by_an_entrance_while_a_room_still_has_them_is_listed_apart(client, sign_in, meeting, door):
    gone, back = a_participant(meeting, "Gone Person"), a_participant(meeting, "Back Person")
    room, moments = (
        Door(client, a_checkpoint(meeting, "Room A")),
        (clock.now() - timedelta(minutes=n) for n in (9, 8, 7, 6)),
    )
    in_by_door, in_room, out_by_door, in_again = moments
    for badge in (gone, back):
        door.send(a_scan(door.checkpoint, code=badge.code, at=in_by_door, told="admitted"))
        room.send(a_scan(room.checkpoint, code=badge.code, at=in_room, told="admitted"))
        door.send(a_scan(door.checkpoint, "exit", code=badge.code, at=out_by_door, told="left"))
    room.send(a_scan(room.checkpoint, code=back.code, at=in_again, told="already_in"))
    listed = found(meeting)
    assert (listed.count, [line.name for line in listed.lines]) == (1, ["Back Person"])
    assert [(line.name, line.place) for line in listed.gone] == [("Gone Person", "Room A")]
    text = words(pages(evacuation.pdf(meeting, listed, by_name="D"))[0])
    assert "1 person in the building" in text and "Probably outside" in text and "Gone Person" in text
    browser = sign_in(Role.DOOR, meeting)
    assert "Probably outside" in browser.get(f"/staff/m/{meeting.slug}/here/evacuation").text
    about = queries.about(meeting.id)
    assert queries_evacuation.mark(about, clock.today(meeting.tz))[1] == 1


def test_devices_that_are_silent_are_named(meeting, door):
    assert door.enter(a_participant(meeting)) == "admitted"
    silent, _key = a_device(door.checkpoint, name="Garden phone", seen_at=clock.now() - timedelta(hours=2))
    a_device(door.checkpoint, name="Revoked", revoked_at=clock.now())
    a_device(door.checkpoint, name="Browser", user_id=7)
    a_device(door.checkpoint, name="Tablet", scope=["kiosk"])
    a_device(door.checkpoint, name="Never heard")
    own_phones, _key = a_device(door.checkpoint, name="Own phones")
    db.session.add(SelfCheckIn(session_id=a_session(meeting).id, device_id=own_phones.id))
    db.session.flush()
    listed = found(meeting).silent
    assert {(each.name, each.heard_at) for each in listed} == {("Garden phone", silent.seen_at), ("Never heard", None)}
    text = words(pages(evacuation.pdf(meeting, found(meeting), by_name="D"))[0])
    assert "Garden phone, Main entrance" in text and "is missing here" in text


def test_a_phone_that_only_asks_for_its_roster_is_heard_of(client, meeting, door):
    assert [each.name for each in found(meeting).silent] == [door.device.name]
    headers = {"Authorization": f"Bearer {door.key}"}
    for _ in range(2):
        assert client.get("/api/v1/door/roster", headers=headers).status_code == 200
    db.session.expire_all()
    assert found(meeting).silent == []


def test_who_printed_the_list_is_in_the_audit_and_reading_it_is_not(sign_in, meeting, door):
    assert door.enter(a_participant(meeting, "Somchai Dee")) == "admitted"
    browser, base = sign_in(Role.DOOR, meeting), f"/staff/m/{meeting.slug}/here/evacuation"
    page = browser.get(base).text
    assert "Somchai Dee" in page and "print.js" not in page
    assert "print.js" in browser.post(base).text
    made = browser.post(f"{base}.pdf")
    assert "Somchai Dee" in words(pages(made.data)[0])
    entries = db.session.query(AuditEntry).filter_by(action="printed the evacuation list of").all()
    assert [(entry.actor_name, entry.detail["people"]) for entry in entries] == [("Door", 1), ("Door", 1)]


def test_the_board_looks_again_and_says_nothing_when_nothing_changed(sign_in, queries, meeting, door):
    people = [a_participant(meeting, f"Person {letter}") for letter in "AB"]
    assert door.enter(people[0]) == "admitted"
    browser, base = sign_in(Role.DOOR, meeting), f"/staff/m/{meeting.slug}/here"
    page = browser.get(base).text
    mark = page.split('name="mark" value="')[1].split('"')[0]
    assert "Person A" in page and "Person B" not in page
    browser.get(f"{base}/now?mark={mark}")
    with queries() as seen:
        assert browser.get(f"{base}/now?mark={mark}").status_code == 204
    assert len([s for s in seen.statements if "presence" in s]) == 1 and seen.count <= 12
    assert door.enter(people[1]) == "admitted"
    part = browser.get(f"{base}/now?mark={mark}&q=b")
    assert part.status_code == 200 and "Person B" in part.text and "Person A" not in part.text
    assert "<html" not in part.text


def test_three_hundred_people_of_every_script_are_listed_at_once(sign_in, queries, meeting, door, monkeypatch):
    day = queries_evacuation.queries.today(meeting.id)
    for n in range(300):
        name, latin, _country, _language = NAMES[n % len(NAMES)]
        badge = a_participant(
            meeting, f"{name} {n}" if n else "Wolfeschlegelsteinhausen" * 4, latin_name=f"{latin} {n}"
        )
        place = {"day": day, "group_key": "g", "person_key": f"p{badge.registration.person_id}", "since_t": 1}
        db.session.add(Presence(meeting_id=meeting.id, checkpoint_id=door.checkpoint.id, **place))
    db.session.commit()
    browser, base = sign_in(Role.ORGANISER, meeting), f"/staff/m/{meeting.slug}/here/evacuation"
    with queries() as seen:
        assert browser.get(base).text.count('class="last"') == 300
    assert seen.count <= 20
    board = browser.get(base.removesuffix("/evacuation")).text
    assert board.count('data-label="Since"') == 300 and "more. Search a name" not in board
    made = pages(browser.post(f"{base}.pdf").data)
    assert {size(page) for page in made} == {(210, 297)}
    text = "".join(words(page) for page in made)
    assert "300 people in the building" in text and "Kim Cheol-su 299" in text
    assert max(one.right for one in letters(made[0])) < 198
    monkeypatch.setattr(views_board, "MOST_SHOWN", 200)
    board = browser.get(base.removesuffix("/evacuation")).text
    assert board.count('data-label="Since"') == 200 and "And 100 more. Search a name" in board
