"""Suggestions of whom to meet, computed again for each meeting where somebody said something new; and the letter of
the evening before 1:1 meetings."""

import logging

from celery import shared_task

from eventhub import tasks
from eventhub.db import db
from eventhub.networking import evening, matching, suggestions

log = logging.getLogger(__name__)


@shared_task(name=tasks.NETWORKING_SUGGEST)
def suggest() -> None:
    """The facts are read in one transaction and the pairs kept in another: while it computes, others may write."""
    meetings = suggestions.due()
    db.session.commit()
    for meeting_id in meetings:
        try:
            seen = suggestions.digest(meeting_id)
            facts, apart = suggestions.facts(meeting_id), suggestions.apart(meeting_id)
            standing = suggestions.standing(meeting_id)
            db.session.commit()
            suggestions.keep(meeting_id, matching.suggest(facts, apart, standing), seen)
            db.session.commit()
        except Exception:
            db.session.rollback()
            log.exception("meeting %s: no new suggestions; the next round tries again", meeting_id)


@shared_task(name=tasks.NETWORKING_EVENING)
def remind_of_tomorrow() -> None:
    """One transaction each; every hour of the evening is once."""
    tomorrow = evening.due()
    db.session.commit()
    for registration_id, day in tomorrow:
        try:
            evening.remind(registration_id, day)
            db.session.commit()
        except Exception:
            db.session.rollback()
            log.exception("registration %s: no letter about tomorrow", registration_id)
