"""One job, done once: claimed, cancelled, lost with its worker, taken up again."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from eventhub import clock, files, tasks
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.errors import IllegalMoveError, InvalidError
from eventhub.jobs import service
from eventhub.jobs.models import Job, JobState
from tests.factories.jobs import STEPS, a_job
from worker.app import celery


@pytest.fixture(autouse=True)
def _steps():
    STEPS.clear()


@service.kind("tests.refuse")
def refuse(job, progress):
    raise InvalidError("This file has no column with a name.")


@service.kind("tests.break")
def break_down(job, progress):
    db.session.add(Job(kind="tests.count", title="left behind"))
    db.session.flush()
    raise ZeroDivisionError("secret detail")


def started(kind):
    job = service.start(kind, "Work", args={}, by=SYSTEM)
    db.session.commit()
    return job


def reread(job):
    db.session.rollback()
    return db.session.get(Job, job.id, populate_existing=True)


def test_a_job_is_done_with_progress_a_file_and_a_summary(app):
    job = service.run_now(a_job().id)
    assert (job.state, job.done, job.total, job.attempts) == (JobState.DONE, 3, 3, 1)
    assert job.result == {"summary": [["Counted", 3]]}
    assert files.get(job.result_file_id).content == b"3"
    assert job.started_at and job.finished_at and job.problem == ""


def test_the_worker_does_a_job_once_however_often_it_is_asked(app):
    job = a_job()
    job_id = job.id
    db.session.commit()
    celery.loader.import_default_modules()
    for _ in range(3):
        celery.tasks[tasks.JOBS_RUN](job_id)
    assert reread(job).state is JobState.DONE
    assert list(STEPS) == [(1, job.id)]
    assert db.session.scalar(sa.select(sa.func.count(files.StoredFile.id))) == 1


def test_a_refusal_is_told_and_a_breakdown_keeps_its_cause_to_the_log(app, caplog):
    refused, broken = started("tests.refuse"), started("tests.break")
    for job in (refused, broken):
        service.run(job.id, save=db.session.commit)
    assert (refused.state, refused.problem) == (JobState.FAILED, "This file has no column with a name.")
    assert broken.state is JobState.FAILED
    assert "secret detail" not in broken.problem and "secret detail" in caplog.text
    assert db.session.scalar(sa.select(sa.func.count(Job.id))) == 2  # what it had written is undone


def test_a_cancelled_job_does_not_begin_and_a_running_one_stops_at_its_next_sign_of_life(app):
    waiting, running = a_job(), a_job(to=5)
    service.cancel(waiting, by=SYSTEM)
    db.session.commit()
    service.run(waiting.id, save=db.session.commit)
    saves = []

    def save():
        db.session.commit()
        saves.append(1)
        if len(saves) == 3:  # the claim, then two steps
            service.cancel(db.session.get(Job, running.id), by=SYSTEM)
            db.session.commit()

    service.run(running.id, save=save)
    assert reread(waiting).state is JobState.CANCELLED
    running = reread(running)
    assert (running.state, running.done, running.result_file_id) == (JobState.CANCELLED, 2, None)
    assert list(STEPS) == [(1, running.id)]
    service.cancel(running, by=SYSTEM)  # twice is once
    db.session.commit()


def test_what_is_over_cannot_be_stopped(app):
    job = service.run_now(a_job().id)
    with pytest.raises(IllegalMoveError):
        service.cancel(job, by=SYSTEM)


def test_a_job_whose_worker_was_lost_is_taken_up_and_given_up_after_three(app):
    job = a_job()
    at = clock.now()
    for attempt in (1, 2, 3):
        with clock.frozen(at):
            assert service.claim(job.id) == attempt
            assert service.claim(job.id) is None  # it gave a sign of life just now
            assert service.sweep() == 0
        at += service.SILENT + timedelta(seconds=1)
    with clock.frozen(at):
        assert service.claim(job.id) is None
        assert service.sweep() == 1
    db.session.commit()
    job = reread(job)
    assert job.state is JobState.FAILED and "3 times" in job.problem


def test_a_worker_that_was_thought_lost_cannot_finish_what_another_took_up(app):
    job = a_job(to=2)
    taken = []

    def save():
        db.session.commit()
        if not taken:  # right after the claim another worker takes the job up and does it
            taken.append(1)
            with clock.frozen(clock.now() + service.SILENT * 2):
                service.run(job.id, save=db.session.commit)

    service.run(job.id, save=save)
    assert reread(job).state is JobState.DONE
    assert job.attempts == 2
    assert db.session.scalar(sa.select(sa.func.count(files.StoredFile.id))) == 1


def test_the_sweep_names_the_task_of_a_job_that_the_queue_forgot(app, monkeypatch):
    sent = []
    monkeypatch.setattr(tasks, "send", lambda *call: sent.append(call))
    tasks.connect("redis://127.0.0.1:1/0")
    job = a_job()
    sent.clear()
    assert service.sweep() == 0
    with clock.frozen(clock.now() + service.OVERDUE * 2):
        assert service.sweep() == 1
    db.session.commit()
    assert sent == [(tasks.JOBS_RUN, job.id)]


def test_a_kind_nobody_knows_is_refused_at_the_start_and_told_later(app):
    with pytest.raises(ValueError, match="no kind"):
        service.start("tests.nothing", "Work", args={}, by=SYSTEM)
    job = a_job()
    job.kind = "tests.gone"
    db.session.commit()
    assert "not known" in service.run_now(job.id).problem


def test_purges_leave_nothing_dangling(app):
    job = service.run_now(a_job().id)
    db.session.commit()
    assert files.purge(clock.now() + service.KEEP_FILE * 2) == 1
    db.session.commit()
    assert reread(job).result_file_id is None
    assert service.purge(clock.now()) == 0
    assert service.purge(clock.now() + service.KEEP_JOB + timedelta(days=1)) == 1
