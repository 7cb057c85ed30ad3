"""Staff pages: importing a list. Choose it, look at what would happen, then say so."""

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from eventhub.accounts import queries as accounts
from eventhub.accounts.guard import staff
from eventhub.db import db
from eventhub.directory import columns, forms, imports
from eventhub.directory.columns import What
from eventhub.directory.views import page
from eventhub.errors import InvalidError, NotFoundError
from eventhub.files import attachment_name
from eventhub.jobs import queries as jobs
from eventhub.jobs.models import Job
from eventhub.pages import cut, query_text
from eventhub.security import permission

TEMPLATES = {
    "csv": ("text/csv; charset=utf-8", columns.template_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", columns.template_xlsx),
}


@page("/imports", methods=("GET", "POST"), endpoint="imports")
@permission("directory.edit")
def choose_list() -> ResponseReturnValue:
    """Choose a list; below, the latest ones."""
    form = forms.ImportForm(what=query_text("what") or What.ORGANISATIONS.value)
    if form.validate_on_submit():
        file = form.file.data
        try:
            job = imports.receive(
                What(form.what.data),
                file.filename or "",
                file.read(),
                encoding=form.encoding.data or "",
                meeting=g.get("meeting"),
                by=staff(),
            )
        except InvalidError as error:
            db.session.rollback()
            form.refuse(error)
            return _choose(form), 422
        db.session.commit()
        return redirect(url_for("directory.preview", job_id=job.id))
    return _choose(form), 422 if form.errors else 200


def _choose(form: forms.ImportForm) -> str:
    recent = imports.list_recent(accounts.meetings_where(current_user, "directory.edit"))
    return render_template("directory/imports.html", form=form, recent=recent)


@page("/imports/<int:job_id>")
@permission("directory.edit")
def preview(job_id: int) -> ResponseReturnValue:
    """What the list would do, row by row; nothing has been written."""
    job = _read_job(job_id)
    found = imports.preview(job)
    state = query_text("state")
    chosen = [o for o in found.outcomes if state in ("", o.state)] if found else []
    return render_template(
        "directory/preview.html",
        job=job,
        preview=found,
        state_chosen=state,
        page=cut(chosen),
    )


@page("/imports/<int:job_id>/begin", methods=("POST",))
@permission("directory.edit")
def begin(job_id: int) -> ResponseReturnValue:
    job = imports.begin(_read_job(job_id), by=staff())
    db.session.commit()
    flash(_("The import goes on by itself now."), "ok")
    return redirect(url_for("jobs.show", job_id=job.id))


@page("/imports/template/<what>.<kind>")
@permission("directory.edit")
def template(what: str, kind: str) -> ResponseReturnValue:
    """An empty list with the right column names."""
    if what not in list(What) or kind not in TEMPLATES:
        raise NotFoundError
    media_type, make = TEMPLATES[kind]
    return Response(
        make(What(what)), content_type=media_type, headers={"Content-Disposition": attachment_name(f"{what}.{kind}")}
    )


def _read_job(job_id: int) -> Job:
    """A list that was read, for who may know of it: it holds people as somebody's own file names them."""
    job = jobs.get_job(job_id)
    if job.kind != imports.READ or not jobs.may_see(current_user, job):
        raise NotFoundError
    if job.meeting is not None and request.method == "GET":
        g.meeting = g.get("meeting") or job.meeting
    return job
