"""Issued reports by the clock: what somebody took back since is taken out of them, and their files are made again."""

from eventhub import tasks
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.reports import issuing
from worker.app import celery


@celery.task(name=tasks.REPORTS_WITHHOLD)
def withhold() -> None:
    """One transaction per report. Nothing waits for this: what may not be shown is not served meanwhile."""
    for ident in issuing.list_ids():
        issuing.withhold(ident, by=SYSTEM)
        db.session.commit()
