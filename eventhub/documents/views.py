"""Staff pages: who was there, and their certificates of attendance; the sheets to sign are in ``views_sheets`` and ``views_paper``."""

from flask import Blueprint, Response, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub.accounts.guard import may, staff
from eventhub.db import db
from eventhub.documents import printing, queries, service
from eventhub.errors import NotFoundError
from eventhub.files import attachment_name
from eventhub.jobs import service as jobs
from eventhub.pages import query_number
from eventhub.registration import queries as registrations
from eventhub.registration.models import Registration
from eventhub.security import permission

bp = Blueprint("documents", __name__, url_prefix="/staff/m/<slug>")


@bp.get("/certificates/")
@permission("documents.edit")
def index() -> ResponseReturnValue:
    page = queries.list_attended(
        g.meeting.id, with_children=may("safeguarding.see_children"), page=query_number("page", 1)
    )
    return render_template("documents/index.html", page=page)


@bp.post("/certificates/all")
@permission("documents.edit")
def all_certificates() -> ResponseReturnValue:
    """Issue what is missing and make one PDF, as a job."""
    title = _("Certificates: %(meeting)s", meeting=g.meeting.title)
    args = {"with_children": may("safeguarding.see_children")}
    job = jobs.start("documents.certificates", title, args=args, meeting=g.meeting, by=staff())
    db.session.commit()
    return redirect(url_for("jobs.show", job_id=job.id))


@bp.post("/certificates/issue/<int:registration_id>")
@permission("documents.edit")
def issue(registration_id: int) -> ResponseReturnValue:
    registration = registrations.get_registration(registration_id)
    if registration.meeting_id != g.meeting.id:
        raise NotFoundError
    _check_seen(registration)
    document = service.issue(registration, by=staff())
    db.session.commit()
    flash(_("Certificate %(number)s was issued.", number=document.number), "ok")
    return redirect(url_for("documents.index"))


@bp.get("/certificates/<int:document_id>.pdf")
@permission("documents.edit")
def person(document_id: int) -> ResponseReturnValue:
    """One certificate as PDF."""
    document = queries.get_certificate(g.meeting.id, document_id)
    _check_seen(document.registration)
    return Response(
        printing.one_pdf(document),
        mimetype="application/pdf",
        headers={
            "Content-Disposition": attachment_name(f"certificate-{document.number}.pdf"),
            "Cache-Control": "no-store",
        },
    )


def _check_seen(registration: Registration) -> None:
    """A child is there only for who may see children."""
    if (registration.is_child or registration.person.is_child) and not may("safeguarding.see_children"):
        raise NotFoundError
