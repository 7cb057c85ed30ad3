"""Staff pages: the sheets to sign, by day and by session: who came, who signed, and the papers themselves."""

from flask import Response, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub.accounts.guard import may, staff
from eventhub.checkin import facts
from eventhub.checkin import queries as checkin
from eventhub.db import db
from eventhub.documents import forms, queries_sheets, service_sheets, sheets
from eventhub.documents.queries_sheets import Sheet
from eventhub.documents.views import bp
from eventhub.errors import InvalidError, NotAllowedError
from eventhub.files import attachment_name, export_csv
from eventhub.jobs import service as jobs
from eventhub.registration.lists import KINDS, workbook
from eventhub.security import permission
from eventhub.ui import day_text
from eventhub.waits import numbers

FILE_NAMES = {"signed": "signatures", "blank": "attendance-on-paper", "children": "children"}


@bp.get("/sheets/", endpoint="sheets")
@permission("documents.edit")
def index() -> ResponseReturnValue:
    """Every day and session with how many came and how many signed; and what stands over the papers."""
    return _index(forms.HeadForm(formdata=None, project_line=g.meeting.project_line))


def _index(form: forms.HeadForm) -> str:
    days, sessions = queries_sheets.count_came(g.meeting.id)
    return render_template(
        "documents/sheets.html",
        sheets=queries_sheets.list_sheets(g.meeting),
        days=days,
        sessions=sessions,
        signed=queries_sheets.count_signed(g.meeting.id),
        form=form,
    )


@bp.post("/sheets/head")
@permission("documents.edit")
def sheets_head() -> ResponseReturnValue:
    """The project line and the logo that stand over every sheet."""
    form = forms.HeadForm()
    sent = form.logo.data
    try:
        if not form.validate():
            return _index(form), 422
        service_sheets.set_head(
            g.meeting,
            project_line=form.project_line.data or "",
            logo=(sent.filename or "", sent.read()) if sent and sent.filename else None,
            remove_logo=form.remove_logo.data,
            by=staff(),
        )
    except InvalidError as error:
        db.session.rollback()
        form.refuse(error)
        return _index(form), 422
    db.session.commit()
    flash(_("This stands over every sheet from now on."), "ok")
    return redirect(url_for("documents.sheets"))


@bp.get("/sheets/<name>")
@permission("documents.edit")
def sheet(name: str) -> ResponseReturnValue:
    """One day or session: who came and who signed, and its papers."""
    found = queries_sheets.get_sheet(g.meeting, name)
    rows = queries_sheets.came(found)
    return render_template(
        "documents/sheet.html",
        sheet=found,
        rows=rows,
        confirmed=numbers([checkin.count_confirmed(g.meeting.id)])[0],
        reach=[(word, rows.count(reach)) for reach, word in forms.REACH.items()],
        words=forms.REACH,
        moment_of=facts.moment,
    )


@bp.post("/sheets/<name>/<any(signed,blank,children):form>.pdf")
@permission("documents.edit")
def sheet_pdf(name: str, form: str) -> ResponseReturnValue:
    """A paper at once, or as a job when it is long. By POST, since each printing is noted."""
    found = queries_sheets.get_sheet(g.meeting, name)
    if form == "children":
        if not may("safeguarding.see_children"):
            raise NotAllowedError
        pdf = sheets.children_list(found)
    else:
        rows = queries_sheets.came(found) if form == "signed" else queries_sheets.expected(found)
        if len(rows.named) > sheets.MANY:
            return _start(found, form)
        pdf, _number = sheets.MAKERS[form](found)
    return _sent(found, form, "pdf", pdf, "application/pdf")


def _start(found: Sheet, form: str) -> ResponseReturnValue:
    title = _("Sheet: %(name)s", name=found.session.title if found.session else day_text(found.day))
    job = jobs.start(sheets.JOB, title, args={"sheet": found.name, "form": form}, meeting=g.meeting, by=staff())
    service_sheets.note_printed(found, form, by=staff())
    db.session.commit()
    return redirect(url_for("jobs.show", job_id=job.id))


@bp.post("/sheets/<name>/table.<any(csv,xlsx):kind>")
@permission("documents.edit")
def sheet_table(name: str, kind: str) -> ResponseReturnValue:
    """The signature list for a spreadsheet."""
    found = queries_sheets.get_sheet(g.meeting, name)
    table = sheets.table(found)
    return _sent(found, "signed", kind, export_csv(table) if kind == "csv" else workbook(table), KINDS[kind])


def _sent(found: Sheet, form: str, kind: str, content: bytes, media_type: str) -> Response:
    service_sheets.note_printed(found, form, by=staff())
    db.session.commit()
    name = f"{FILE_NAMES[form]}-{g.meeting.slug}-{found.name}.{kind}"
    headers = {"Content-Disposition": attachment_name(name), "Cache-Control": "no-store"}
    return Response(content, content_type=media_type, headers=headers)
