"""Staff pages: long work, how far it is, its file. Seen by who started it and by who may read the meeting's jobs."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user
from werkzeug.routing import BuildError

from eventhub import files
from eventhub.accounts import queries as accounts
from eventhub.accounts.guard import may, may_open, staff
from eventhub.db import db
from eventhub.errors import NotFoundError
from eventhub.jobs import queries, service
from eventhub.jobs.models import Job, JobState
from eventhub.pages import query_number
from eventhub.security import permission

bp = Blueprint("jobs", __name__, url_prefix="/staff")


@bp.get("/m/<slug>/jobs")
@permission("jobs.read")
def index() -> ResponseReturnValue:
    page = queries.list_jobs(
        g.meeting.id, by_id=current_user.id, houses=may("directory.edit"), page=query_number("page", 1)
    )
    return render_template("jobs/index.html", page=page)


@bp.get("/jobs/<int:job_id>")
@permission("staff")
def show(job_id: int) -> ResponseReturnValue:
    job = _seen(job_id)
    kind = service.get_kind(job.kind)
    return render_template(
        "jobs/show.html",
        job=job,
        has_file=job.result_file_id is not None and _may_have_file(job),
        after=_after(kind, job),
        own_page=url_for(kind.page, job_id=job.id) if kind and kind.page else None,
    )


@bp.get("/jobs/<int:job_id>/file")
@permission("staff")
def file(job_id: int) -> ResponseReturnValue:
    job = _seen(job_id)
    if job.result_file_id is None or not _may_have_file(job):
        raise NotFoundError(_("There is no file here for you. It may not be ready yet."))
    return files.sent(files.get(job.result_file_id))


@bp.post("/jobs/<int:job_id>/cancel")
@permission("staff")
def cancel(job_id: int) -> ResponseReturnValue:
    job = service.cancel(_seen(job_id), by=staff())
    db.session.commit()
    flash(_("The work was stopped. What it had done before may stay."), "ok")
    return redirect(url_for("jobs.show", job_id=job.id))


def _seen(job_id: int) -> Job:
    """The job, for who may know of it; for others it does not exist. Its meeting's rail stands beside it."""
    job = queries.get_job(job_id)
    if not queries.may_see(current_user, job):
        raise NotFoundError
    if job.meeting is not None and request.method == "GET":
        g.meeting = job.meeting
    return job


def _after(kind: service.Kind | None, job: Job) -> list[tuple[str, str]]:
    """Where the work goes on: the pages that the reader may open, those of a meeting only when the job has one."""
    if kind is None or job.state is not JobState.DONE:
        return []
    here = {"slug": job.meeting.slug} if job.meeting is not None else {}
    found = []
    for label, endpoint in kind.after:
        try:
            address = url_for(endpoint, **here)
        except BuildError:  # a meeting's page, and no meeting
            continue
        if may_open(address):
            found.append((label, address))
    return found


def _may_have_file(job: Job) -> bool:
    kind = service.get_kind(job.kind)
    needed = kind.permission if kind else "safeguarding.see_children"
    return job.by_id == current_user.id or accounts.may(current_user, needed, job.meeting_id)
