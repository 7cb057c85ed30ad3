"""People who were there: the door's own row, without its rules."""

import itertools

from eventhub.checkin.models import Checkpoint, FirstEntry
from eventhub.db import db
from eventhub.meetings.models import Meeting
from eventhub.registration.models import Registration

_numbers = itertools.count(1)


def let_in(meeting: Meeting, *registrations: Registration, person_id: int | None = None) -> None:
    """Note that the door let these people in on the first day."""
    checkpoint = db.session.query(Checkpoint).filter_by(meeting_id=meeting.id).first()
    if checkpoint is None:
        checkpoint = Checkpoint(meeting_id=meeting.id, name="Entrance")
        db.session.add(checkpoint)
        db.session.flush()
    for ident in [row.person_id for row in registrations] + ([person_id] if person_id else []):
        n = next(_numbers)
        db.session.add(
            FirstEntry(
                meeting_id=meeting.id,
                checkpoint_id=checkpoint.id,
                day=meeting.starts,
                person_key=f"p{ident}",
                t=n,
                device_id=1,
                scan_id=f"scan-{n}",
            )
        )
    db.session.flush()
