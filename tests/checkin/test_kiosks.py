"""Kiosks: what a tablet for the public may ask and hear, and the PIN that leaves it."""

import hashlib
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.badges import service as badges
from eventhub.checkin import devices, kiosks, limits
from eventhub.checkin.facts import milliseconds, written
from eventhub.checkin.models import Scan
from eventhub.db import db
from eventhub.errors import InvalidError
from eventhub.programme import service as programme
from eventhub.security import Role, limiter
from tests.factories.checkin import (
    Door,
    a_checkpoint,
    a_participant,
    a_running_meeting,
    a_scan,
    name_adult,
    verdict,
)
from tests.factories.programme import a_room, a_session


@pytest.fixture
def meeting(app):
    limits.forget()
    return a_running_meeting(admits_children=True, programme_public=True)


@pytest.fixture
def entrance(meeting):
    return a_checkpoint(meeting, "Main entrance")


@pytest.fixture
def kiosk(client, entrance):
    return Door(client, entrance, scope=[devices.KIOSK])


def enrolled(client, checkpoint, pin="4711"):
    token = kiosks.make_token(checkpoint, pin=pin, expires_at=clock.now() + timedelta(days=1), by=SYSTEM)
    db.session.commit()
    limiter.reset()
    return client.post("/api/v1/door/enrol", json={"token": token, "name": "Tablet"}).json


def today(meeting):
    return clock.today(meeting.tz)


def test_it_greets_by_name_and_says_the_own_session_before_what_is_open_to_all(meeting, kiosk):
    badge = a_participant(meeting, "សុខ ស្រីមុំ", latin_name="Sok Sreymom")
    hall = a_room(meeting, "Lotus hall")
    a_session(meeting, "Over", "04:30", "05:00", day=today(meeting))
    a_session(meeting, "Coffee", "23:00", "23:10", day=today(meeting), kind="break")
    a_session(meeting, "For all", "23:10", "23:40", day=today(meeting))
    a_session(meeting, "Tomorrow", "09:00", "10:00", day=today(meeting) + timedelta(days=1))
    own = a_session(meeting, "Workshop", "23:20", "23:50", day=today(meeting), needs_sign_up=True, room=hall)
    first = kiosk.ask(a_scan(kiosk.checkpoint, code=badge.code))
    assert (first["verdict"], first["person"]["name"]) == ("admitted", "សុខ ស្រីមុំ")
    assert (first["next"]["title"], first["next"]["room"]) == ("For all", "")
    programme.sign_up(own, badge.registration, by=SYSTEM)
    again = kiosk.ask(a_scan(kiosk.checkpoint, code=badge.code))
    assert (again["verdict"], "first" in again) == ("already_in", False)
    assert again["next"] == {
        "title": "Workshop",
        "starts": written(milliseconds(own.starts)),
        "room": "Lotus hall",
    }


def test_an_unpublished_programme_is_not_told(meeting, kiosk):
    meeting.programme_public = False
    a_session(meeting, "Secret", "23:10", "23:40", day=today(meeting))
    badge = a_participant(meeting)
    answer = kiosk.ask(a_scan(kiosk.checkpoint, code=badge.code))
    assert answer["verdict"] == "admitted"
    assert "next" not in answer


def test_a_refusal_names_nobody(meeting, kiosk):
    old = a_participant(meeting, "Somchai Dee")
    badges.replace(old, by=SYSTEM)
    answer = kiosk.ask(a_scan(kiosk.checkpoint, code=old.code))
    assert set(answer) == {"id", "verdict", "reason"}
    assert verdict(answer) == "refused/revoked"


def test_a_child_is_not_named_and_follows_its_adult_as_at_any_entrance(meeting, kiosk):
    child, adult = a_participant(meeting, "Hidden Name", is_child=True, called="Star"), a_participant(meeting)
    name_adult(meeting, child, adult)
    early = kiosk.ask(a_scan(kiosk.checkpoint, code=child.code))
    assert (verdict(early), "person" in early) == ("refused/chaperone_first", False)
    assert kiosk.enter(adult) == "admitted"
    answer = kiosk.ask(a_scan(kiosk.checkpoint, code=child.code))
    assert answer["verdict"] == "admitted"
    assert (answer["person"]["name"], answer["person"]["see_focal_point"]) == ("", True)
    assert "Star" not in str(answer) and "Hidden" not in str(answer) and "next" not in answer


def test_somebody_at_risk_goes_by_what_they_want_to_be_called(meeting, kiosk):
    badge = a_participant(meeting, "Whole Name", latin_name="Whole Name", called="River", at_risk=True)
    answer = kiosk.ask(a_scan(kiosk.checkpoint, code=badge.code))
    assert answer["person"]["name"] == "River"
    assert "Whole" not in str(answer)


def test_it_asks_about_codes_and_entries_only_and_gets_no_roster(meeting, kiosk, client):
    badge = a_participant(meeting, "Somchai Dee")
    key = f"p{badge.registration.person_id}"
    for scan in (
        a_scan(kiosk.checkpoint, person=key),
        a_scan(kiosk.checkpoint, "exit", code=badge.code),
        a_scan(kiosk.checkpoint, walk_in={"name": "X", "adult": True}),
    ):
        answer = kiosk.ask(scan)
        assert (verdict(answer), "person" in answer) == ("put_aside/scope", False)
    headers = {"Authorization": f"Bearer {kiosk.key}"}
    assert client.get("/api/v1/door/roster", headers=headers).status_code == 403
    places = kiosk.presence()["checkpoints"]
    assert [place["present"] for place in places] == [[]]
    db.session.commit()
    assert db.session.scalars(sa.select(Scan.put_aside)).all() == ["scope"] * 3


def test_other_doors_hear_no_next_session(meeting, client, entrance):
    a_session(meeting, "For all", "23:10", "23:40", day=today(meeting))
    door, badge = Door(client, entrance), a_participant(meeting)
    assert "next" not in door.ask(a_scan(entrance, code=badge.code))


def test_the_pin_is_tried_five_times_then_it_rests(client, entrance):
    made = enrolled(client, entrance)
    assert made["scope"] == ["kiosk"]
    check = made["pin"]  # by which the tablet checks it while there is no network
    derived = hashlib.pbkdf2_hmac("sha256", b"4711", bytes.fromhex(check["salt"]), check["iterations"])
    assert (derived.hex(), check["iterations"] >= 100_000) == (check["hash"], True)
    assert enrolled(client, entrance)["pin"]["salt"] != check["salt"]
    headers = {"Authorization": f"Bearer {made['key']}"}

    def tried(pin):
        return client.post("/api/v1/door/pin", json={"pin": pin}, headers=headers)

    assert tried("4711").status_code == 200
    assert [tried(f"000{n}").status_code for n in range(4)] == [403] * 4
    assert tried("4711").status_code == 200  # a right one counts the wrong ones anew
    answers = [tried(f"000{n}") for n in range(5)]
    assert [a.json["detail"][-2:] for a in answers] == ["4.", "3.", "2.", "1.", "0."]
    resting = tried("4711")
    assert resting.status_code == 429
    assert 590 <= int(resting.headers["Retry-After"]) <= 601
    with clock.frozen(clock.now() + timedelta(minutes=10, seconds=1)):
        assert tried("4711").status_code == 200
    assert [tried(pin).status_code for pin in ("12", "", "ab12", "1" * 9)] == [422] * 4


def test_who_is_no_kiosk_has_no_pin(client, entrance):
    door = Door(client, entrance)
    assert door.post("pin", {"pin": "4711"}).status_code == 403
    assert client.post("/api/v1/door/pin", json={"pin": "4711"}).status_code == 401


def test_a_kiosk_has_no_other_scope_and_a_pin_that_is_one(entrance):
    with pytest.raises(InvalidError, match="no other scope"):
        devices.make_token(
            entrance, scope=["kiosk", "desk"], expires_at=clock.now() + timedelta(days=1), by=SYSTEM, pin_hash="x"
        )
    for pin in ("123", "12345678x", "0000", "١٢٣٤"):
        with pytest.raises(InvalidError, match="4 to 8 digits"):
            kiosks.make_token(entrance, pin=pin, expires_at=clock.now() + timedelta(days=1), by=SYSTEM)


def test_an_organiser_makes_a_kiosk_on_the_checkpoints_page(sign_in, client, meeting, entrance):
    browser = sign_in(Role.DOOR, meeting)
    page = f"/staff/m/{meeting.slug}/checkpoints/{entrance.id}"
    wrong = browser.post(f"{page}/kiosk", data={"kiosk-pin": "77", "kiosk-days": "2"})
    assert wrong.status_code == 422 and "4 to 8 digits" in wrong.text and 'value="77"' in wrong.text
    same = browser.post(f"{page}/kiosk", data={"kiosk-pin": "7777", "kiosk-days": "2"})
    assert same.status_code == 422 and "not all the same" in same.text
    made = browser.post(f"{page}/kiosk", data={"kiosk-pin": "4711", "kiosk-days": "2"})
    token = re.search(r"/kiosk/e/([0-9A-Z]+)", made.text)[1]
    limiter.reset()
    for address in (f"/kiosk/e/{token}", f"/KIOSK/E/{token}"):
        answer = client.get(address)
        assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    door = devices.make_token(entrance, scope=["desk"], expires_at=clock.now() + timedelta(days=1), by=SYSTEM)
    db.session.commit()
    assert client.get(f"/kiosk/e/{door}").status_code == 401
    assert client.get("/kiosk/").headers["Cache-Control"] == "no-store"
