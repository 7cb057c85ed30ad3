"""Long work: one task per job, and the sweep that takes up what a lost worker or queue left behind."""

from celery import shared_task

from eventhub import tasks
from eventhub.db import db
from eventhub.jobs import service


@shared_task(name=tasks.JOBS_RUN)
def run(job_id: int) -> None:
    service.run(job_id, save=db.session.commit)


@shared_task(name=tasks.JOBS_SWEEP)
def sweep() -> None:
    service.sweep()
    db.session.commit()
