"""Following up: asks what is due, notes who stayed silent. Each letter is a transaction of its own."""

from eventhub import clock, tasks
from eventhub.db import db
from eventhub.partnerships import follow_ups as rules
from eventhub.partnerships import queries, queries_follow, verification, waves
from worker.app import celery


@celery.task(name=tasks.PARTNERSHIPS_FOLLOW_UPS)
def follow_ups() -> None:
    """Send the follow-ups whose day has come, remind of them, mark what nobody answered. Twice is once.

    People first: where a party's focal person gets a letter about everybody, the party gets none of its own.
    """
    for meeting in queries_follow.list_meetings_to_follow(clock.today()):
        waves.schedule(meeting)
        db.session.commit()
    for ident in queries_follow.list_due(clock.today()):
        waves.send(ident)
        db.session.commit()
    waves.remind(clock.now())
    waves.mark_overdue(clock.now())
    db.session.commit()
    for ident in queries.list_due_follow_ups(clock.today()):
        rules.send(ident)
        db.session.commit()
    rules.mark_overdue(clock.now())
    verification.close_unanswered(clock.now())
    db.session.commit()
