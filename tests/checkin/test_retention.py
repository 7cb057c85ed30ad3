"""What the purge takes from the door, and that counts, first entries and repeats are as before."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.checkin import devices, retention, service
from eventhub.checkin.devices import DeviceRefusedError, TokenUsedError
from eventhub.checkin.models import Device, EnrolmentToken, FirstEntry, Presence, RosterMark, Scan, Verdict
from eventhub.db import db
from eventhub.security import hashed
from tests.factories.checkin import a_participant, a_running_meeting, a_scan
from worker import purge as worker

WALK_IN = {"name": "Zoë Ng", "latin_name": "Zoe Ng", "organisation": "Lotus Network", "adult": True}


@pytest.fixture
def meeting(app):
    return a_running_meeting()


def rows():
    kept = [db.session.execute(sa.select(m.__table__).order_by(m.id)).all() for m in (Presence, FirstEntry, Verdict)]
    return [[tuple(row) for row in each] for each in kept]


def test_names_of_walk_ins_go_after_a_year_and_what_was_counted_stays(door, meeting):
    scan = a_scan(door.checkpoint, walk_in=WALK_IN, told="admitted")
    door.send(scan)
    door.enter(a_participant(meeting))
    before, now = rows(), clock.now()
    retention.purge(now + timedelta(days=364))
    assert db.session.scalar(sa.select(Scan).where(Scan.scan_id == scan["id"])).content["walk_in"] == WALK_IN
    later = now + timedelta(days=368)
    with clock.frozen(later):
        assert worker.run(later)["checkin"] == 1
        assert worker.run(later)["checkin"] == 0
    stored = db.session.scalar(sa.select(Scan).where(Scan.scan_id == scan["id"]))
    assert stored.content["walk_in"] == {"name": "—", "adult": True}
    assert "Lotus" not in str([row.content for row in db.session.scalars(sa.select(Scan))])
    service.refold_meeting(stored.meeting_id)
    db.session.commit()
    assert rows() == before


def test_a_purged_walk_in_that_is_sent_again_is_no_other(door):
    scan = a_scan(door.checkpoint, walk_in=WALK_IN, told="admitted")
    door.send(scan)
    assert retention.purge(clock.now() + timedelta(days=400)) > 0
    door.device.key_hash = hashed(door.key)  # as if its time were not over
    db.session.commit()
    [result] = door.send(scan)
    assert result["verdict"] == "admitted"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Scan)) == 1


def test_enrolment_codes_and_old_keys_go(door, meeting):
    now = clock.now()
    token = devices.make_token(door.checkpoint, scope=[], expires_at=now + timedelta(days=3), by=SYSTEM)
    door.get("roster")
    assert retention.purge(now + timedelta(hours=1)) == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(EnrolmentToken)) == 1
    assert retention.purge(now + timedelta(days=2)) == 1
    with pytest.raises(TokenUsedError):
        devices.enrol(token=token, name="Late")
    assert devices.authenticate(door.key, fresh=True).id == door.device.id
    a_participant(meeting)
    door.get("roster")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(RosterMark)) == 1
    assert retention.purge(now + timedelta(days=94)) == 2
    assert db.session.scalar(sa.select(sa.func.count()).select_from(RosterMark)) == 0
    with pytest.raises(DeviceRefusedError):
        devices.authenticate(door.key, fresh=True)
    assert db.session.get(Device, door.device.id).name == door.device.name
    assert retention.purge(now + timedelta(days=95)) == 0
