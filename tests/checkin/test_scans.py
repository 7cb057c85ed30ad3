"""Scans that devices made by themselves: stored whatever they are, put aside when somebody has to look, never twice."""

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.badges.models import BadgeState
from eventhub.checkin import careful, limits, service, wire
from eventhub.checkin.facts import content_hash
from eventhub.checkin.models import DoorClock, Scan, Told, Verdict
from eventhub.db import db
from eventhub.directory.service import merge, undo_merge
from tests.factories.checkin import (
    Door,
    a_checkpoint,
    a_participant,
    a_running_meeting,
    a_scan,
    name_adult,
    text,
    verdict,
)
from worker import checkin as worker


@pytest.fixture
def meeting(app):
    return a_running_meeting()


def count(model=Scan):
    return db.session.scalar(sa.select(sa.func.count()).select_from(model))


def test_one_result_per_scan_in_order_and_a_wrong_one_harms_no_other(door, meeting):
    one, two = a_participant(meeting), a_participant(meeting)
    scans = [
        a_scan(door.checkpoint, code=one.code, told="admitted"),
        {"id": "nonsense"},
        "nothing",
        a_scan(door.checkpoint, code=two.code),
        a_scan(door.checkpoint, code=one.code, at=clock.now() + timedelta(seconds=5)),
    ]
    results = door.send(*scans)
    assert [r.get("verdict") or r["error"]["code"] for r in results] == [
        "admitted",
        "malformed",
        "malformed",
        "admitted",
        "already_in",
    ]
    assert [r["id"] for r in results] == [scans[0]["id"], None, None, scans[3]["id"], scans[4]["id"]]
    assert (count(), count(Told)) == (3, 1)


def test_sending_it_again_changes_nothing(door, meeting):
    scans = [a_scan(door.checkpoint, code=a_participant(meeting).code, told="admitted") for _ in range(3)]
    first = door.send(*scans)
    assert door.send(*scans) == first
    assert door.send(*reversed(scans)) == first[::-1]
    assert (count(), count(Told), count(Verdict)) == (3, 3, 3)
    assert door.presence()["checkpoints"][0]["count"] == 3


def test_other_content_under_the_same_name_is_kept_aside(door, meeting):
    one, two = a_participant(meeting), a_participant(meeting)
    scan = a_scan(door.checkpoint, code=one.code)
    other = {**scan, "code": two.code}
    door.send(scan)
    door.send(other)
    assert count() == 2
    counting = min((scan, other), key=content_hash)
    [present] = door.presence()["checkpoints"][0]["present"]
    person = one if counting is scan else two
    assert present["key"] == f"p{person.registration.person_id}"


def test_what_people_were_told_decides_who_is_inside(door, meeting):
    revoked, fine = a_participant(meeting), a_participant(meeting)
    revoked.ended_at, revoked.state = clock.now() - timedelta(hours=1), BadgeState.REVOKED
    results = door.send(
        a_scan(door.checkpoint, code=revoked.code, told="admitted"),
        a_scan(door.checkpoint, code=fine.code, told="refused/unknown"),
    )
    assert [verdict(r) for r in results] == ["refused/revoked", "admitted"]
    presence = door.presence()
    assert [p["key"] for p in presence["checkpoints"][0]["present"]] == [f"p{revoked.registration.person_id}"]
    assert sorted(c["verdict"] for c in presence["conflicts"]) == ["admitted", "refused/revoked"]


def test_a_void_that_comes_first_undoes_what_comes_later(door, meeting):
    scan = a_scan(door.checkpoint, code=a_participant(meeting).code)
    door.send(a_scan(door.checkpoint, "void", voids=scan["id"]))
    door.send(scan)
    assert door.presence()["checkpoints"][0]["count"] == 0


@pytest.mark.parametrize("why", ["revoked", "expired", "checkpoint", "clock", "scope"])
def test_doubtful_scans_are_put_aside(client, meeting, why):
    checkpoint, badge = a_checkpoint(meeting), a_participant(meeting)
    times = {"revoked": {"revoked_at": clock.now()}, "expired": {"expires_at": clock.now() - timedelta(minutes=1)}}
    door = Door(client, checkpoint, scope=[], **times.get(why, {}))
    scan = a_scan(checkpoint, code=badge.code, told="admitted")
    device_time = text()
    if why == "checkpoint":
        scan["checkpoint"] = str(a_checkpoint(meeting).id)
    elif why == "clock":
        device_time = text(clock.now() - timedelta(days=2))
    elif why == "scope":
        del scan["code"]
        scan["walk_in"] = {"name": "Zoë Ng", "adult": True}
    db.session.commit()
    answer = door.post("scans", {"device_time": device_time, "scans": [scan]})
    assert [verdict(r) for r in answer.json["results"]] == [f"put_aside/{why}"]
    assert count() == 1
    watcher = Door(client, checkpoint)
    assert watcher.presence()["checkpoints"][0]["count"] == 0


def test_who_may_not_ask(client, door, meeting):
    body = {"device_time": text(), "scan": a_scan(door.checkpoint, code="X")}
    assert client.post("/api/v1/door/ask", json=body).status_code == 401
    assert client.post("/api/v1/door/ask", json=body, headers={"Authorization": "Bearer nobody"}).status_code == 401
    door.device.revoked_at = clock.now()
    for answer in (door.post("ask", body), door.post("ask", body)):
        assert answer.status_code == 401 and answer.content_type == "application/problem+json"
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_revocation_counts_at_once(door, meeting):
    one, two = a_participant(meeting), a_participant(meeting)
    assert door.enter(one) == "admitted"  # and the process keeps what it knows of the device
    door.device.revoked_at = clock.now()
    scan = a_scan(door.checkpoint, code=two.code)
    assert door.post("ask", {"device_time": text(), "scan": scan}).status_code == 401
    assert count() == 1


def test_more_than_a_thousand_are_too_many(door):
    scans = [a_scan(door.checkpoint, code="X")] * (wire.MOST_SCANS + 1)
    assert door.post("scans", {"device_time": text(), "scans": scans}).status_code == 413
    assert door.post("scans", {"device_time": text(), "scans": []}).status_code == 422


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"[" * 100_000, b'{"device_time": 1, "scan": {}}', b'{"scan": {}}', b"9" * 10_000]
)
def test_no_body_is_too_strange(door, client, body):
    headers = {"Authorization": f"Bearer {door.key}", "Content-Type": "application/json"}
    for what in ("ask", "scans"):
        answer = client.post(f"/api/v1/door/{what}", data=body, headers=headers)
        assert answer.status_code in (400, 422) and answer.content_type == "application/problem+json"


@pytest.mark.parametrize(
    "change",
    [
        {"code": "\x00"},
        {"code": "\ud800"},
        {"code": "x" * 201},
        {"code": None},
        {"person": "p1"},
        {"offset_ms": 10**30},
        {"offset_ms": 0.5},
        {"offset_ms": True},
        {"scanned_at": "yesterday"},
        {"scanned_at": "9999-99-99T00:00:00Z"},
        {"kind": "dance"},
        {"id": "NOT-A-UUID"},
        {"told": "perhaps"},
        {"by": ["me"]},
        {"more": 1},
    ],
)
def test_a_scan_that_is_none_is_malformed(door, change):
    scan = {**a_scan(door.checkpoint, code="X"), **change}
    [result] = door.send(scan)
    assert result["error"]["code"] == "malformed" and result["error"]["detail"].endswith(".")
    assert count() == 0


def test_wild_guessing_is_slowed_down(door):
    limits.forget()
    for _ in range(limits.PER_DEVICE):
        assert door.enter(str(uuid.uuid4())) == "refused/unknown"
    answer = door.post("ask", {"device_time": text(), "scan": a_scan(door.checkpoint, code="X")})
    limits.forget()
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0


def test_a_long_day_is_folded_by_the_worker(door, meeting, monkeypatch):
    monkeypatch.setattr(careful, "LONG", 0)
    room = Door(door.client, a_checkpoint(meeting, kind="meal", capacity=1))
    one, two = a_participant(meeting), a_participant(meeting)
    assert room.enter(one) == "admitted"
    late = a_scan(room.checkpoint, code=two.code, at=clock.now() - timedelta(minutes=5), told="admitted")
    room.send(late)
    waits = sa.select(DoorClock.refold_wanted_at).where(DoorClock.meeting_id == meeting.id)
    assert db.session.scalar(waits) is not None
    db.session.commit()
    worker.refold()  # the sweep finds it
    assert db.session.scalar(waits) is None
    assert room.presence()["checkpoints"][1]["count"] == 2
    assert sorted(c["verdict"] for c in room.presence()["conflicts"]) == ["refused/full"]


def test_the_sweep_folds_when_a_fact_changed(door, meeting):
    badge = a_participant(meeting)
    door.enter(badge)
    db.session.commit()
    worker.refold()
    assert service.list_waiting() == []
    badge.ended_at = clock.now() + timedelta(seconds=1)
    db.session.commit()
    assert service.list_waiting() == [meeting.id]
    db.session.commit()
    with clock.frozen(clock.now() + timedelta(minutes=5)):
        worker.refold()
        assert service.list_waiting() == []


def test_the_sweep_folds_when_two_persons_are_found_to_be_one_and_again_when_they_are_two(door, meeting):
    one, other = a_participant(meeting), a_participant(meeting)
    door.enter(one)
    door.enter(other)
    kept, gone = one.registration.person, other.registration.person
    start = clock.now()
    for minutes, change, people in (
        (10, lambda: merge(kept, gone, by=SYSTEM), 1),
        (30, lambda: undo_merge(gone, by=SYSTEM), 2),
    ):
        with clock.frozen(start + timedelta(minutes=minutes)):
            change()
            db.session.commit()
            assert service.list_waiting() == [meeting.id]
        with clock.frozen(start + timedelta(minutes=minutes + 10)):
            db.session.commit()
            worker.refold()
            assert service.list_waiting() == []
            assert door.presence()["checkpoints"][0]["count"] == people


def test_the_sweep_folds_when_somebody_turns_out_to_be_a_child_or_has_an_adult(door, meeting):
    child, adult = a_participant(meeting), a_participant(meeting)
    named_at = clock.now() - timedelta(seconds=1)
    assert [door.enter(each) for each in (adult, child)] == ["admitted"] * 2
    db.session.commit()
    worker.refold()
    assert service.list_waiting() == []
    db.session.commit()
    child.registration.is_child = child.registration.person.is_child = True
    for change, conflicts in (
        (lambda: None, ["refused/chaperone_first"]),
        (lambda: name_adult(meeting, child, adult, start=named_at), []),  # dated before the folding, committed after
    ):
        change()
        db.session.commit()
        assert service.list_waiting() == [meeting.id]
        db.session.commit()
        worker.refold()
        assert [c["verdict"] for c in door.presence()["conflicts"]] == conflicts
    with clock.frozen(clock.now() + timedelta(minutes=5)):
        db.session.commit()
        worker.refold()
        assert service.list_waiting() == []


def test_a_fact_that_is_committed_after_the_folding_and_dated_before_it_is_seen(door, meeting):
    badge = a_participant(meeting)
    door.enter(badge)
    dated = clock.now()
    with clock.frozen(dated + timedelta(seconds=5)):
        service.refold_meeting(meeting.id)
        badge.ended_at = dated
        db.session.commit()
        assert service.list_waiting() == [meeting.id]
