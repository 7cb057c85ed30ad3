"""Staff pages: past editions from a list. Choose it, decide about unknown names, look at each row, then say so."""

from collections.abc import Mapping
from typing import Any

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub.accounts.guard import staff
from eventhub.db import db
from eventhub.errors import InvalidError, NotFoundError
from eventhub.files import attachment_name
from eventhub.jobs import queries as jobs
from eventhub.jobs.models import Job
from eventhub.meetings import queries as meetings
from eventhub.pages import cut, query_text
from eventhub.partnerships import attendance, backfill, backfill_columns, forms_backfill
from eventhub.partnerships.views import bp
from eventhub.security import permission

ADDRESS = "/past-editions"
TEMPLATES = {
    "csv": ("text/csv; charset=utf-8", backfill_columns.template_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", backfill_columns.template_xlsx),
}


@bp.route(ADDRESS, methods=["GET", "POST"])
@permission("meeting.create")
def past() -> ResponseReturnValue:
    """Choose a list; below, the latest ones."""
    form = forms_backfill.PastForm(meetings.list_series())
    if form.validate_on_submit():
        file = form.file.data
        try:
            job = backfill.receive(
                file.filename or "",
                file.read(),
                series=form.series(),
                encoding=form.encoding.data or "",
                by=staff(),
            )
        except InvalidError as error:
            db.session.rollback()
            form.refuse(error)
            return _choose(form, 422)
        db.session.commit()
        return redirect(url_for("partnerships.past_preview", job_id=job.id))
    return _choose(form, 422 if form.errors else 200)


def _choose(form: Any, status: int) -> ResponseReturnValue:
    page = render_template(
        "partnerships/past.html", form=form, recent=backfill.list_recent(), columns=backfill_columns.COLUMNS
    )
    return page, status


@bp.get(f"{ADDRESS}/<int:job_id>")
@permission("meeting.create")
def past_preview(job_id: int) -> ResponseReturnValue:
    """What the list would do, row by row, and which names wait for a decision; nothing has been written."""
    return _preview(_read_job(job_id), {}, 200)


def _preview(job: Job, chosen: Mapping[str, str], status: int, problem: str = "") -> ResponseReturnValue:
    found = backfill.preview(job)
    state = query_text("state")
    rows = [o for o in found.outcomes if state in ("", o.state)] if found else []
    page = render_template(
        "partnerships/past_preview.html",
        job=job,
        preview=found,
        state_chosen=state,
        chosen=chosen,
        problem=problem,
        page=cut(rows),
        series=meetings.list_series() if found and backfill.lacks_series(job, found) else [],
    )
    return page, status


@bp.post(f"{ADDRESS}/<int:job_id>/names")
@permission("meeting.create")
def past_names(job_id: int) -> ResponseReturnValue:
    """Keep the decisions about names, then read the list again."""
    job = _read_job(job_id)
    found = backfill.preview(job)
    names = found.names if found else []
    choices = {name.text: request.form.get(f"name-{at}", "") for at, name in enumerate(names)}
    typed = {name.text: request.form.get(f"number-{at}", "").strip().lstrip("#") for at, name in enumerate(names)}
    choices = {text: typed[text] or choice for text, choice in choices.items()}
    try:
        decided = backfill.decide(choices, by=staff())
        if not decided:
            raise InvalidError(_("Decide about one name at least."))
    except (InvalidError, NotFoundError) as error:
        db.session.rollback()
        return _preview(_read_job(job_id), choices, 422, str(error))
    again = backfill.read_again(job, by=staff())
    db.session.commit()
    flash(_("The decisions are kept, also for the next list. The list is read again."), "ok")
    return redirect(url_for("partnerships.past_preview", job_id=again.id))


@bp.post(f"{ADDRESS}/<int:job_id>/series")
@permission("meeting.create")
def past_series(job_id: int) -> ResponseReturnValue:
    """Say to which series the list's meetings belong, then read it again."""
    job = _read_job(job_id)
    again = backfill.read_again(job, series=meetings.get_series(request.form.get("series_id", 0, type=int)), by=staff())
    db.session.commit()
    flash(_("The series is chosen. The list is read again."), "ok")
    return redirect(url_for("partnerships.past_preview", job_id=again.id))


@bp.post(f"{ADDRESS}/<int:job_id>/begin")
@permission("meeting.create")
def past_begin(job_id: int) -> ResponseReturnValue:
    job = backfill.begin(_read_job(job_id), by=staff())
    db.session.commit()
    flash(_("The import goes on by itself now."), "ok")
    return redirect(url_for("jobs.show", job_id=job.id))


@bp.get("/m/<slug>/who-was-there")
@permission("partnerships.read")
def came() -> ResponseReturnValue:
    """Which organisations were at a past meeting, as lists of the time say."""
    found = attendance.list_came([g.meeting.id])
    least = [row.at_least or 0 for row in found]
    return render_template("partnerships/came.html", page=cut(found), at_least=sum(least))


@bp.get(f"{ADDRESS}/template.<kind>")
@permission("meeting.create")
def past_template(kind: str) -> ResponseReturnValue:
    """A list with the right columns and invented rows; the workbook holds the data dictionary."""
    if kind not in TEMPLATES:
        raise NotFoundError
    media_type, make = TEMPLATES[kind]
    headers = {"Content-Disposition": attachment_name(f"past-editions.{kind}")}
    return Response(make(), content_type=media_type, headers=headers)


def _read_job(job_id: int) -> Job:
    job = jobs.get_job(job_id)
    if job.kind != backfill.READ:
        raise NotFoundError
    return job
