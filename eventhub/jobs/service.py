"""Long work: starting it, doing it once, saying how far it is, stopping it, taking it up again when a worker was lost.

A job is a row first. A worker claims it by one conditional UPDATE; every later write of that worker holds only while
the job is still its own (same attempt, not cancelled). So a job that two workers believe to have is finished by one.
What a kind of job writes between two calls of its progress may be done twice after a crash: it must then equal once.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from eventhub import audit, clock, files, tasks
from eventhub.audit import Actor
from eventhub.db import db
from eventhub.errors import IllegalMoveError, RuleError
from eventhub.jobs import queries
from eventhub.jobs.models import Job, JobState
from eventhub.meetings.models import Meeting

log = logging.getLogger(__name__)

SILENT = timedelta(minutes=2)  # a running job without a sign of life for so long has lost its worker
OVERDUE = timedelta(seconds=45)  # a queued job older than this may have lost its task
ATTEMPTS = 3
BREATH = 0.02  # seconds: SQLite's other writers only ask now and then, and must find it free sometimes
KEEP_FILE = timedelta(days=30)  # results hold people's names
KEEP_JOB = timedelta(days=180)
ACTIVE = (JobState.QUEUED, JobState.RUNNING)

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Result:
    """What a job leaves: a file to download (name, media type, content) and JSON of its own.

    ``data["summary"]``, a list of ``[label, value]``, is shown on the job's page.
    """

    file: tuple[str, str, bytes] | None = None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Kind:
    """One kind of long work: the function that does it, who may have its file, its own page where it has one, and where one
    goes on from there: labels with endpoints."""

    run: Callable[[Job, Progress], Result]
    permission: str
    page: str | None
    after: tuple[tuple[Any, str], ...] = ()


class CancelledError(Exception):
    """The job is no longer this worker's: somebody cancelled it, or another worker took it up."""


_kinds: dict[str, Kind] = {}


def kind(
    name: str,
    *,
    permission: str = "safeguarding.see_children",
    page: str | None = None,
    after: tuple[tuple[Any, str], ...] = (),
    only_looks: bool = False,
) -> Callable[[Callable[[Job, Progress], Result]], Callable[[Job, Progress], Result]]:
    """Register a kind of job; its function gets the job and ``progress(done, total)``.

    Call progress at least every second or so, and right before a long computation: it saves what was written and
    frees the database meanwhile (SQLite has one writer). It raises CancelledError, which the function lets pass.
    The file is for who started the job and for who holds ``permission`` in its meeting: by default those who may see
    children, since most sheets name them. ``page`` is an endpoint with ``job_id`` that shows what came of it,
    ``after`` the pages (label, endpoint) where the work goes on once it is done.
    One that ``only_looks`` and fails leaves nothing that waits for anybody.
    """

    def register(run: Callable[[Job, Progress], Result]) -> Callable[[Job, Progress], Result]:
        _kinds[name] = Kind(run, permission, page, after)
        if only_looks:
            queries.ONLY_LOOKS.add(name)
        return run

    return register


def get_kind(name: str) -> Kind | None:
    """How a kind was registered; None for one that this version does not know (any more)."""
    return _kinds.get(name)


def start(kind: str, title: str, *, args: dict[str, Any], meeting: Meeting | None = None, by: Actor) -> Job:
    """Ask for long work: a row now, the task after the commit. ``args`` is JSON: ids, never people's data."""
    if kind not in _kinds:
        raise ValueError(f"no kind of job is called {kind!r}")
    job = Job(
        kind=kind,
        title=title,
        args=args,
        meeting_id=meeting.id if meeting is not None else None,
        by_id=by.staff_id,
        by_name=by.name,
    )
    db.session.add(job)
    db.session.flush()
    tasks.after_commit(db.session, tasks.JOBS_RUN, job.id)
    return job


def claim(job_id: int) -> int | None:
    """Take a job that waits or fell silent; the number of this attempt, or None when it is not to be had."""
    now = clock.now()
    free = sa.or_(Job.state == JobState.QUEUED, sa.and_(Job.state == JobState.RUNNING, Job.beat_at < now - SILENT))
    done = db.session.execute(
        sa.update(Job)
        .where(Job.id == job_id, free, Job.attempts < ATTEMPTS)
        .values(
            state=JobState.RUNNING,
            started_at=sa.func.coalesce(Job.started_at, now),
            beat_at=now,
            attempts=Job.attempts + 1,
        )
        .execution_options(synchronize_session=False)
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE always has a row count
        return None
    return db.session.scalar(sa.select(Job.attempts).where(Job.id == job_id))


def run(job_id: int, *, save: Callable[[], None]) -> None:
    """Do a job, unless somebody else does. ``save`` is the edge's commit: after the claim, at progress, at the end."""
    attempt = claim(job_id)
    save()
    if attempt is None:
        return
    job = queries.get_job(job_id)
    db.session.refresh(job)

    def progress(done: int, total: int | None) -> None:
        _write(job_id, attempt, done=done, total=total)
        save()
        if db.engine.dialect.name == "sqlite":
            time.sleep(BREATH)

    try:
        known = _kinds.get(job.kind)
        if known is None:
            raise RuleError(_("This kind of work is not known to this version of EventHub. Start it again."))
        _finish(job_id, attempt, known.run(job, progress))
    except CancelledError:
        db.session.rollback()
        log.info("job %s: no longer ours", job_id)
    except RuleError as error:
        db.session.rollback()
        _fail(job_id, attempt, str(error))
    except Exception:
        db.session.rollback()
        log.exception("job %s failed", job_id)
        _fail(job_id, attempt, "Something went wrong on our side. It is in the log. Start it again in a minute.")
    save()


def run_now(job_id: int) -> Job:
    """Do a job here and now, for the command line and for tests. Flushes; the caller commits."""
    run(job_id, save=db.session.flush)
    job = queries.get_job(job_id)
    db.session.refresh(job)
    return job


def cancel(job: Job, *, by: Actor) -> Job:
    """Stop a job: at once when it waits, at its next sign of life when it runs. Stopping it twice is stopping it once."""
    if job.state is JobState.CANCELLED:
        return job
    if not _set(job.id, ATTEMPTS, state=JobState.CANCELLED, finished_at=clock.now()):
        raise IllegalMoveError(_("This work is already over, so there is nothing to stop."))
    db.session.refresh(job)
    audit.record(by, "cancelled", job)
    return job


def sweep() -> int:
    """Name the task again for jobs that wait too long or lost their worker; give up after three lost workers.

    Returns how many were looked after.
    """
    now = clock.now()
    late = queries.list_late(queued_before=now - OVERDUE, silent_since=now - SILENT)
    for job in late:
        if job.state is JobState.RUNNING and job.attempts >= ATTEMPTS:
            log.error("job %s (%s) lost its worker %s times", job.id, job.kind, job.attempts)
            _fail(
                job.id, job.attempts, f"The work stopped {ATTEMPTS} times before it was done. Tell who runs the server."
            )
        else:
            tasks.after_commit(db.session, tasks.JOBS_RUN, job.id)
    return len(late)


def purge(before: datetime) -> int:
    """Delete jobs that were over 180 days before the given instant; returns how many."""
    gone = db.session.execute(sa.delete(Job).where(Job.finished_at < before - KEEP_JOB))
    return gone.rowcount  # type: ignore[attr-defined]  # as above


def _finish(job_id: int, attempt: int, result: Result) -> None:
    values: dict[str, Any] = {"state": JobState.DONE, "finished_at": clock.now(), "result": result.data, "problem": ""}
    if result.file:
        values["result_file_id"] = files.store(*result.file, keep=KEEP_FILE).id
    values["done"] = sa.func.coalesce(Job.total, Job.done)
    _write(job_id, attempt, **values)


def _fail(job_id: int, attempt: int, sentence: str) -> None:
    _set(job_id, attempt, state=JobState.FAILED, finished_at=clock.now(), problem=sentence, attempts=attempt)


def _write(job_id: int, attempt: int, **values: Any) -> None:
    if not _set(job_id, attempt, **values):
        raise CancelledError


def _set(job_id: int, attempt: int, **values: Any) -> bool:
    """Write to a job that waits or runs, and that nobody took up after ``attempt``. False when it is not so."""
    db.session.flush()
    done = db.session.execute(
        sa.update(Job)
        .where(Job.id == job_id, Job.state.in_(ACTIVE), Job.attempts <= attempt)
        .values(beat_at=clock.now(), **values)
        .execution_options(synchronize_session=False)
    )
    return done.rowcount == 1  # type: ignore[attr-defined]  # as above
