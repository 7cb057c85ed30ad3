import uuid

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.checkin import self_check_in
from eventhub.checkin.models import Presence, Scan, Told, Verdict
from eventhub.checkin.queries import today
from eventhub.db import db
from tests.factories.checkin import a_checkpoint, a_device, a_participant, name_adult
from tests.factories.programme import a_room, a_session


def checkpoints(meeting, n):
    for _ in range(n):
        a_device(a_checkpoint(meeting))


def present(meeting, n):
    """People who are here; the meeting is on today."""
    checkpoint = a_checkpoint(meeting)
    for _ in range(n):
        key = f"p{a_participant(meeting).registration.person_id}"
        place = {"day": today(meeting.id) or meeting.starts, "group_key": "g", "person_key": key}
        db.session.add(Presence(meeting_id=meeting.id, checkpoint_id=checkpoint.id, **place))


def children(meeting, n):
    """Children and their adults, some of them inside."""
    for _ in range(n):
        child, adult = a_participant(meeting, is_child=True, called="Malee"), a_participant(meeting)
        name_adult(meeting, child, adult)


def sessions(meeting, n):
    for number in range(n):
        made = a_session(meeting, f"Session {number}", room=a_room(meeting))
        if number % 3 == 0:
            self_check_in.open_for(made, by=SYSTEM)


def differing(meeting, n):
    """Scans of adults and children where the door and the rules differ."""
    checkpoint = a_checkpoint(meeting)
    device, _ = a_device(checkpoint)
    for each in range(n):
        badge = a_participant(meeting, is_child=each % 2 == 0)
        scan_id, code = str(uuid.uuid4()), badge.code
        content = {"checkpoint": str(checkpoint.id), "kind": "entry", "code": code}
        about = {"device_id": device.id, "scan_id": scan_id}
        db.session.add(
            Scan(
                **about,
                meeting_id=meeting.id,
                checkpoint_id=checkpoint.id,
                kind="entry",
                t=0,
                person_key=f"p{badge.registration.person_id}",
                content={**content, "scanned_at": clock.now().isoformat()},
                content_hash=scan_id,
            )
        )
        db.session.add(Told(**about, verdict="admitted"))
        db.session.add(Verdict(**about, meeting_id=meeting.id, verdict="refused/closed", conflict=True))


PAGES = {
    "checkin.checkpoints": checkpoints,
    "checkin.board": present,
    "checkin.evacuation_list": present,
    "checkin.children": children,
    "checkin.self_sessions": sessions,
    "checkin.to_settle": differing,
}
