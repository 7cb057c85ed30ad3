"""Invitations by the clock: what is past its deadline expires, and who has not answered is reminded once."""

from celery import shared_task

from eventhub import tasks
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.errors import IllegalMoveError
from eventhub.invitations import queries, service_sending
from eventhub.invitations.models import Invitation


@shared_task(name=tasks.INVITATIONS_SWEEP)
def sweep() -> None:
    """One transaction per invitation: a list of hundreds holds no lock for long, and a fault stops only one."""
    for meeting in queries.list_meetings_with_unanswered():
        for ident in queries.list_past_deadline(meeting):
            invitation = db.session.get(Invitation, ident)
            if invitation is not None:
                service_sending.expire(invitation)
            db.session.commit()
        for ident in service_sending.list_due_reminders(meeting):
            _remind(ident)


def _remind(ident: int) -> None:
    invitation = db.session.get(Invitation, ident)
    try:
        if invitation is not None:
            service_sending.remind(invitation, by=SYSTEM)
    except IllegalMoveError:  # it was answered a moment ago
        db.session.rollback()
    db.session.commit()
