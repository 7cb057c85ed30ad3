from eventhub.checkin.models import Presence
from eventhub.checkin.queries import today
from eventhub.db import db
from tests.factories.checkin import a_checkpoint, a_device, a_participant, name_adult


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


PAGES = {
    "checkin.checkpoints": checkpoints,
    "checkin.board": present,
    "checkin.evacuation_list": present,
    "checkin.children": children,
}
