"""The door's pages: making checkpoints and devices, checking in without a script, who is here; and who sees children."""

import re

import pytest

from eventhub.checkin import devices, queries
from eventhub.checkin.models import Device
from eventhub.db import db
from eventhub.security import Role, limiter
from tests.factories.checkin import (
    Door,
    a_checkpoint,
    a_participant,
    a_scan,
    name_adult,
)


@pytest.fixture
def door_staff(sign_in, meeting):
    return sign_in(Role.DOOR, meeting)


def start(browser, meeting, checkpoint):
    db.session.commit()
    answer = browser.post(f"/staff/m/{meeting.slug}/door/start", data={"checkpoint": checkpoint.id})
    assert answer.status_code == 302
    return f"/staff/m/{meeting.slug}/door"


def scan_id(page):
    return re.search(r'name="scan_id"[^>]*value="([^"]+)"', page)[1]


def test_a_checkpoint_is_made_changed_and_closed(sign_in, meeting):
    browser, base = sign_in(Role.ORGANISER, meeting), f"/staff/m/{meeting.slug}"
    day = meeting.days[0].day.isoformat()
    made = browser.post(
        f"{base}/checkpoints/new",
        data={"name": "Hall", "kind": "entrance", "day": day, "reentry": "yes", "session_id": 0},
    )
    assert made.status_code == 302
    [checkpoint] = queries.list_checkpoints(meeting.id)
    assert (checkpoint.name, checkpoint.day.isoformat()) == ("Hall", day)
    again = browser.post(
        f"{base}/checkpoints/new",
        data={"name": "Hall", "kind": "entrance", "day": "", "reentry": "yes", "session_id": 0},
    )
    assert again.status_code == 422 and "of this name already" in again.text
    page = f"{base}/checkpoints/{checkpoint.id}"
    assert browser.post(page, data={"reentry": "once", "capacity": "20"}).status_code == 302
    assert queries.current_rules(meeting.id)[checkpoint.id].capacity == 20
    assert browser.post(f"{page}/close").status_code == 302
    assert queries.get_checkpoint(checkpoint.id, meeting.id).closed_at is not None


def test_a_phone_is_enrolled_once_and_revoked(sign_in, client, meeting):
    browser, checkpoint = sign_in(Role.ORGANISER, meeting), a_checkpoint(meeting)
    db.session.commit()
    base = f"/staff/m/{meeting.slug}"
    limiter.reset()  # other tests enrol too
    page = browser.post(f"{base}/checkpoints/{checkpoint.id}/enrol", data={"scope": ["desk"], "days": "2"})
    token = re.search(r"/door/e/([0-9A-Z]+)", page.text)[1]
    assert client.get(f"/DOOR/E/{token}").status_code == 200
    enrolled = client.post("/api/v1/door/enrol", json={"token": token, "name": "Borrowed phone"})
    assert enrolled.status_code == 200 and enrolled.json["scope"] == ["desk"]
    assert client.post("/api/v1/door/enrol", json={"token": token, "name": "Another"}).status_code == 401
    assert client.get(f"/door/e/{token}").status_code == 401
    headers = {"Authorization": f"Bearer {enrolled.json['key']}"}
    assert client.get("/api/v1/door/presence", headers=headers).status_code == 200
    assert browser.post(f"{base}/devices/{enrolled.json['device']}/revoke").status_code == 302
    assert client.get("/api/v1/door/presence", headers=headers).status_code == 401


def test_the_door_works_without_a_script(door_staff, meeting):
    checkpoint = a_checkpoint(meeting, "Main entrance")
    badge = a_participant(meeting, "សុខ ស្រីមុំ", latin_name="Sok Sreymom", organisation="Lotus Network")
    assert "Main entrance" in door_staff.get(f"/staff/m/{meeting.slug}/door").text
    address = start(door_staff, meeting, checkpoint)
    page = door_staff.get(address)
    typed = f"https://hub.example/b/{badge.code.lower()}"
    data = {"text": typed, "kind": "entry", "scan_id": scan_id(page.text)}
    for _ in range(2):  # sent twice is one scan
        page = door_staff.post(address, data=data)
        assert page.status_code == 200
        assert "Admitted" in page.text and "សុខ ស្រីមុំ" in page.text and "Lotus Network" in page.text
        assert "No photo" in page.text
    page = door_staff.post(address, data={"text": "sreymom", "kind": "entry", "scan_id": scan_id(page.text)})
    key = re.search(r'name="person" value="(p[0-9]+)"', page.text)[1]
    page = door_staff.post(address, data={"person": key, "kind": "entry", "scan_id": scan_id(page.text)})
    assert "Already in" in page.text and "Main entrance" in page.text
    undo = re.search(r'name="undo" value="([^"]+)"', page.text)[1]
    assert "Undone" in door_staff.post(address, data={"undo": undo, "kind": "entry"}).text


def test_a_revoked_browser_has_to_choose_again(door_staff, meeting):
    address = start(door_staff, meeting, a_checkpoint(meeting))
    assert "Code or name" in door_staff.get(address).text
    devices.revoke(db.session.query(Device).one(), by=devices.Actor("system", "", ""))
    assert "Where do you stand?" in door_staff.get(address).text


def test_children_are_named_only_to_who_may_see_them(sign_in, door_staff, client, meeting):
    checkpoint = a_checkpoint(meeting)
    adult = a_participant(meeting, "Somchai Dee")
    child = a_participant(meeting, "Malee Familyname", is_child=True, called="Malee")
    name_adult(meeting, child, adult)
    device = Door(client, checkpoint)
    assert [device.enter(adult), device.enter(child)] == ["admitted", "admitted"]
    base = f"/staff/m/{meeting.slug}"
    board = door_staff.get(f"{base}/here").text
    assert "Somchai" in board and "Malee" not in board and "1 children are counted" in board
    assert "Malee" not in door_staff.get(f"{base}/door/find?q=malee").text
    organiser = sign_in(Role.ORGANISER, meeting)
    board = organiser.get(f"{base}/here").text
    assert "Malee" in board and "Familyname" not in board
    found = organiser.get(f"{base}/door/find?q=malee").text
    assert "Malee" in found and "Familyname" not in found
    assert "Malee" not in organiser.get(f"{base}/door/find?q=familyname").text
    blind = Door(client, checkpoint, scope=["evacuation"])
    shown = blind.ask(a_scan(checkpoint, code=child.code))
    assert shown["person"]["name"] == "" and shown["person"]["see_focal_point"] is True
    everything = str(blind.presence())
    assert "Malee" not in everything and f"p{child.registration.person_id}" not in everything
    assert blind.presence()["checkpoints"][0]["count"] == 2


def test_a_found_badge_says_only_which_meeting(client, door_staff, meeting):
    badge = a_participant(meeting, "Somchai Dee")
    stranger = client.get(f"/B/{badge.code}").text
    assert meeting.title in stranger and "Somchai" not in stranger and "Check this badge in" not in stranger
    assert f"/door?code={badge.code}" in door_staff.get(f"/b/{badge.code}").text
    assert client.get("/b/NOBODYS0CODE").status_code == 404


@pytest.mark.once
def test_only_who_may_see_children_lets_a_device_see_them(sign_in, meeting):
    checkpoint = a_checkpoint(meeting)
    db.session.commit()
    page = f"/staff/m/{meeting.slug}/checkpoints/{checkpoint.id}"
    for role, offered, status in ((Role.ORGANISER, True, 200), (Role.DOOR, False, 422)):
        browser = sign_in(role, meeting)
        assert ("sees children by their chosen names" in browser.get(page).text) is offered
        assert browser.post(f"{page}/enrol", data={"scope": ["children"], "days": "1"}).status_code == status
