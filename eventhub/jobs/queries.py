"""Looking up long work."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import url_for
from flask_babel import lazy_gettext as _
from flask_babel import ngettext
from flask_sqlalchemy.pagination import Pagination

from eventhub import clock
from eventhub.accounts import queries as accounts
from eventhub.accounts.models import User
from eventhub.db import db, page_of
from eventhub.errors import NotFoundError
from eventhub.jobs.models import Job, JobState
from eventhub.meetings.models import Meeting
from eventhub.waits import Wait, count_of

ROWS = 50  # of a page
RECENT = timedelta(days=7)
# kinds that only look at something: why it failed is said where it was asked for, and nothing waits for a decision
ONLY_LOOKS: set[str] = set()


def get_job(job_id: int) -> Job:
    """The job; raises NotFoundError."""
    job = db.session.get(Job, job_id)
    if job is None:
        raise NotFoundError(_("This work is no longer kept, or it was never started."))
    return job


def may_see(user: User, job: Job) -> bool:
    """Whether somebody may know of a job: who started it, and who reads its meeting's jobs; of no meeting, who edits the
    directory."""
    needed = "jobs.read" if job.meeting_id is not None else "directory.edit"
    return job.by_id == user.id or accounts.may(user, needed, job.meeting_id)


def list_jobs(meeting_id: int, *, by_id: int, houses: bool, page: int = 1) -> Pagination:
    """A meeting's jobs and those of no meeting (the reader's own; all with ``houses``), newest first, 50 a page."""
    of_house: sa.ColumnElement[bool] = Job.meeting_id.is_(None)
    if not houses:
        of_house = sa.and_(of_house, Job.by_id == by_id)
    wanted = sa.select(Job).where(sa.or_(Job.meeting_id == meeting_id, of_house)).order_by(Job.id.desc())
    return page_of(wanted, page, ROWS)


def waiting(meeting: Meeting) -> list[Wait]:
    """What waits for a decision: work that failed in the last week."""
    failed = count_of(
        Job,
        Job.meeting_id == meeting.id,
        Job.state == JobState.FAILED,
        Job.finished_at > clock.now() - RECENT,
        Job.kind.not_in(ONLY_LOOKS),
    )
    return [
        Wait(
            failed,
            lambda n: ngettext(
                "piece of long work that failed this week", "pieces of long work that failed this week", n
            ),
            url_for("jobs.index"),
        )
    ]


def list_late(*, queued_before: datetime, silent_since: datetime) -> list[Job]:
    """Jobs that wait since before one instant, or run without a sign of life since another."""
    return list(
        db.session.scalars(
            sa.select(Job)
            .where(
                sa.or_(
                    sa.and_(Job.state == JobState.QUEUED, Job.created_at < queued_before),
                    sa.and_(Job.state == JobState.RUNNING, Job.beat_at < silent_since),
                )
            )
            .order_by(Job.id)
            .limit(200)
            .execution_options(populate_existing=True)
        )
    )
