"""A device's key: changed without locking anybody out, worth nothing elsewhere; and a roster that was stolen."""

import math
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from eventhub import clock
from eventhub.audit import AuditEntry
from eventhub.checkin import limits, unsettled
from eventhub.checkin.models import Scan
from eventhub.db import db
from eventhub.security import CODE_ALPHABET, Role, hashed, limiter, new_code
from tests.factories.basics import a_meeting
from tests.factories.checkin import (
    Door,
    a_checkpoint,
    a_participant,
    a_running_meeting,
    a_scan,
    text,
    verdict,
)


@pytest.fixture
def meeting(app):
    return a_running_meeting(title="Quiet meeting")


def with_key(door, key):
    """The same device with another key."""
    other = object.__new__(Door)
    other.__dict__.update(door.__dict__, key=key)
    return other


def new_key(door):
    answer = door.post("key", None)
    assert answer.status_code == 200, answer.text
    assert answer.json["expires_at"] == door.device.expires_at.isoformat()
    return with_key(door, answer.json["key"])


def statuses(door):
    """What each address answers to this key."""
    scan = a_scan(door.checkpoint, code="NOBODYS")
    asked = door.post("ask", {"device_time": text(), "scan": scan})
    sent = door.post("scans", {"device_time": text(), "scans": [{**scan, "id": str(uuid.uuid4())}]})
    return [a.status_code for a in (asked, door.get("presence"), door.get("roster"), door.post("key", None), sent)]


@pytest.mark.parametrize("first", ["ask", "scans", "presence", "roster", "key"])
def test_the_old_key_works_until_the_new_one_was_used_and_never_again(door, meeting, first):
    badge = a_participant(meeting)
    assert door.enter(badge) == "admitted"
    lost = new_key(door)  # an answer that never arrived
    new = new_key(door)
    assert statuses(door) == [200] * 5  # and another one is on its way, which the device does not use
    new = new_key(door)
    if first in ("ask", "scans"):
        scan = a_scan(door.checkpoint, code=badge.code)
        body = {"scan": scan} if first == "ask" else {"scans": [scan]}
        assert new.post(first, {"device_time": text(), **body}).status_code == 200
    else:
        assert (new.post(first, None) if first == "key" else new.get(first)).status_code == 200
    assert statuses(door) == statuses(lost) == [401] * 5
    assert statuses(new) == [200] * 5
    changes = sa.select(sa.func.count()).select_from(AuditEntry).where(AuditEntry.action == "changed its key")
    assert db.session.scalar(changes) == 1


def test_a_revoked_or_expired_device_gets_no_key_and_may_only_deliver(door, client, meeting):
    badge, new = a_participant(meeting), new_key(door)
    door.device.revoked_at = clock.now()
    late = Door(client, door.checkpoint, expires_at=clock.now() - timedelta(seconds=1))
    for each in (door, late, new):  # taking up a new key does not bring a device back
        assert statuses(each) == [401] * 4 + [200]
    [result] = new.send(a_scan(door.checkpoint, code=badge.code, told="admitted"))
    assert (result["verdict"], result["reason"]) == ("put_aside", "revoked")
    [result] = late.send(a_scan(door.checkpoint, code=badge.code, told="admitted"))
    assert (result["verdict"], result["reason"]) == ("put_aside", "expired")
    assert unsettled.counts(meeting.id)["aside"] == 5 and new.device.id == door.device.id


def test_the_browser_of_a_member_of_staff_keeps_its_key(client, meeting):
    browser = Door(client, a_checkpoint(meeting), user_id=1)
    answer = browser.post("key", None)
    assert answer.status_code == 403 and answer.content_type == "application/problem+json"


def test_a_key_works_for_its_own_checkpoint_only(door, client, meeting):
    other, badge = a_checkpoint(meeting, "Another door"), a_participant(meeting)
    elsewhere = a_checkpoint(a_running_meeting())
    db.session.commit()
    for checkpoint in (other, elsewhere):
        asked = door.ask(a_scan(checkpoint, code=badge.code))
        [sent] = door.send(a_scan(checkpoint, code=badge.code, told="admitted"))
        assert verdict(asked) == verdict(sent) == "put_aside/checkpoint"
        assert "person" not in asked
    assert [place["count"] for place in door.presence()["checkpoints"]] == [0, 0]
    assert unsettled.counts(meeting.id)["aside"] == 4


def test_a_stolen_roster_opens_nothing(door, client, meeting):
    badge = a_participant(meeting, "Somchai Dee")
    [entry] = door.get("roster").json["entries"]
    assert entry["h"] == hashed(badge.code) == badge.code_hash
    for stolen in (entry["h"], entry["h"].upper(), entry["person"]):
        assert door.enter(stolen) == "refused/unknown"
        [sent] = door.send(a_scan(door.checkpoint, code=stolen))
        assert verdict(sent) == "refused/unknown"
        assert client.get(f"/b/{stolen}").status_code == 404
        assert client.get("/api/v1/door/roster", headers={"Authorization": f"Bearer {stolen}"}).status_code == 401
    assert door.enter(badge) == "admitted"


@pytest.mark.once
def test_a_code_has_more_than_a_hundred_random_bits():
    codes = [new_code() for _ in range(200)]
    assert {len(code) for code in codes} == {21} and len(set(codes)) == 200
    assert math.log2(len(set(CODE_ALPHABET))) * 21 >= 100
    # every letter stands in every place, sooner or later
    assert set("".join(codes)) == set(CODE_ALPHABET)
    assert all(len({code[n] for code in codes}) > 20 for n in range(21))


def test_another_meetings_badge_is_refused_without_naming_it(door, client, sign_in, meeting):
    other = a_meeting(title="Secret gathering")
    theirs = a_participant(other, "Nobody Here", organisation="Hidden Network")
    asked = door.post("ask", {"device_time": text(), "scan": a_scan(door.checkpoint, code=theirs.code)})
    assert verdict(asked.json["result"]) == "refused/wrong_meeting"
    sent = door.post("scans", {"device_time": text(), "scans": [a_scan(door.checkpoint, code=theirs.code)]})
    roster = door.get("roster")
    browser = sign_in(Role.DOOR, meeting)
    base = f"/staff/m/{meeting.slug}"
    browser.post(f"{base}/door/start", data={"checkpoint": door.checkpoint.id})
    page = browser.post(f"{base}/door", data={"text": theirs.code, "kind": "entry", "scan_id": str(uuid.uuid4())})
    assert "Another meeting" in page.text
    here = browser.get(f"{base}/here")
    for answer in (asked, sent, roster, page, here):
        assert answer.status_code == 200
        for secret in ("Secret gathering", other.slug, "Nobody Here", "Hidden Network"):
            assert secret not in answer.text
    by_name = door.ask(a_scan(door.checkpoint, person=f"p{theirs.registration.person_id}"))
    assert verdict(by_name) == "refused/unknown" and "person" not in by_name


def test_wrong_codes_that_come_later_are_slowed_down_too(door, meeting):
    """Also they say whether a code exists; what was told without the server is not lost, only later."""
    scans = [a_scan(door.checkpoint, code=new_code()) for _ in range(limits.SENT_LATER)]
    door.send(*scans)
    later = a_scan(door.checkpoint, code=a_participant(meeting).code, told="admitted")
    refused = door.post("scans", {"device_time": text(), "scans": [later]})
    assert refused.status_code == 429 and int(refused.headers["Retry-After"]) > 0
    assert door.enter(a_participant(meeting)) == "admitted"  # the door itself goes on
    limits.forget()
    assert [verdict(r) for r in door.send(later)] == ["admitted"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Scan)) == limits.SENT_LATER + 2


def test_who_guesses_hears_nothing_more_not_even_of_a_right_code(door, meeting):
    badge = a_participant(meeting)
    for _ in range(limits.PER_DEVICE):
        limits.note_wrong(door.device.id, "127.0.0.1")
    answer = door.post("ask", {"device_time": text(), "scan": a_scan(door.checkpoint, code=badge.code)})
    assert answer.status_code == 429 and 0 < int(answer.headers["Retry-After"]) <= 61


@pytest.mark.parametrize(("what", "most"), [("roster", limits.ROSTERS), ("key", limits.KEYS)])
def test_costly_questions_are_limited(door, what, most):
    for _ in range(most):
        limits.spend(what, door.device.id, most)
    answer = door.get(what) if what == "roster" else door.post(what, None)
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0


def test_who_guesses_badges_as_a_stranger_is_stopped(client, meeting):
    badge = a_participant(meeting)
    limiter.reset()
    guesses = [client.get(f"/b/{new_code()}").status_code for _ in range(30)]
    answer = client.get(f"/b/{badge.code}")
    limiter.reset()
    assert (set(guesses), answer.status_code) == ({404}, 429)
    assert client.get(f"/b/{badge.code}").status_code == 200


def test_who_enrols_too_often_hears_a_sentence(client):
    limiter.reset()
    answers = [client.post("/api/v1/door/enrol", json={"token": "X" * 24, "name": "A phone"}) for _ in range(21)]
    limiter.reset()
    assert [a.status_code for a in answers[:20]].count(429) == 0 and answers[20].status_code == 429
    assert answers[20].json["detail"] == "That was asked too often. Wait 60 seconds, then try again."
    assert answers[20].headers["Retry-After"] == "60"
