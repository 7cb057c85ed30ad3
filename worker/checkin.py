"""The door's background work: fold a meeting's scans anew, when a scan came late or a fact changed; follow sessions."""

from functools import partial

from celery import shared_task

from eventhub import tasks
from eventhub.audit import SYSTEM
from eventhub.checkin import service, service_checkpoints
from eventhub.checkin.api_door import again
from eventhub.db import db


@shared_task(name=tasks.CHECKIN_FOLLOW)
def follow(meeting_id: int | None = None) -> None:
    """Checkpoints take over the hours of their sessions, in one meeting or (None, the sweep) wherever one moved."""
    for each in service_checkpoints.list_behind(meeting_id):
        again(partial(_follow, each))


def _follow(checkpoint_id: int) -> None:
    service_checkpoints.follow(checkpoint_id, by=SYSTEM)
    db.session.commit()


@shared_task(name=tasks.CHECKIN_REFOLD)
def refold(meeting_id: int | None = None) -> None:
    """One meeting, or (None, the sweep) every meeting that waits for it."""
    for each in service.list_waiting() if meeting_id is None else [meeting_id]:
        again(partial(_refold, each))


def _refold(meeting_id: int) -> None:
    service.refold_meeting(meeting_id)
    db.session.commit()
