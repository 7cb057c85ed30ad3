"""Following up: asks what is due, notes who stayed silent. Each letter is a transaction of its own."""

from eventhub import clock, tasks
from eventhub.db import db
from eventhub.partnerships import follow_ups as rules
from eventhub.partnerships import queries, verification
from worker.app import celery


@celery.task(name=tasks.PARTNERSHIPS_FOLLOW_UPS)
def follow_ups() -> None:
    """Send the follow-ups whose day has come; then mark what nobody answered. Twice is once."""
    for ident in queries.list_due_follow_ups(clock.today()):
        rules.send(ident)
        db.session.commit()
    rules.mark_overdue(clock.now())
    verification.close_unanswered(clock.now())
    db.session.commit()
