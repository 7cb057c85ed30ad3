"""Staff pages: who has a badge; issue, replace, revoke; print one or all; send tickets and reminders."""

from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub.accounts.guard import may, staff
from eventhub.badges import forms, letters, printing, queries, service
from eventhub.badges.models import Badge
from eventhub.db import db
from eventhub.errors import NotFoundError
from eventhub.files import attachment_name
from eventhub.jobs import service as jobs
from eventhub.pages import query_number, query_text
from eventhub.registration import queries as registrations
from eventhub.registration.models import Registration
from eventhub.security import permission

bp = Blueprint("badges", __name__, url_prefix="/staff/m/<slug>/badges")
SHOWN = ("", "missing", "unprinted")


@bp.get("/")
@permission("badges.edit")
def index() -> ResponseReturnValue:
    """Confirmed people with their badges, and the form to print them."""
    return _index(forms.PrintForm()), 200


def _index(form: forms.PrintForm) -> str:
    show = query_text("show") if query_text("show") in SHOWN else ""
    with_children = may("safeguarding.see_children")
    page = queries.search(
        g.meeting.id, with_children=with_children, q=query_text("q"), show=show, page=query_number("page", 1)
    )
    return render_template(
        "badges/index.html",
        form=form,
        page=page,
        q=query_text("q"),
        show=show,
        counts=queries.counts(g.meeting.id, with_children=with_children),
    )


@bp.post("/print")
@permission("badges.edit")
def sheet() -> ResponseReturnValue:
    """Start a print run; its page shows how far it is and has the file."""
    form = forms.PrintForm()
    if not form.validate_on_submit():
        return _index(form), 422
    choice = form.choice(with_children=may("safeguarding.see_children"))
    title = _("Badges: %(meeting)s", meeting=g.meeting.title)
    job = jobs.start("badges.sheet", title, args=choice.args(), meeting=g.meeting, by=staff())
    db.session.commit()
    return redirect(url_for("jobs.show", job_id=job.id))


@bp.post("/remind")
@permission("badges.edit")
def remind() -> ResponseReturnValue:
    """A reminder with the ticket to everybody who is confirmed."""
    title = _("Reminder: %(meeting)s", meeting=g.meeting.title)
    job = jobs.start("mail.reminder", title, args={}, meeting=g.meeting, by=staff())
    db.session.commit()
    return redirect(url_for("jobs.show", job_id=job.id))


@bp.get("/<int:badge_id>.pdf")
@permission("badges.edit")
def person(badge_id: int) -> ResponseReturnValue:
    """One person's badge as PDF."""
    badge = _badge(badge_id)
    return Response(
        printing.badge_pdf(badge),
        mimetype="application/pdf",
        headers={"Content-Disposition": attachment_name(f"badge-{badge.id}.pdf"), "Cache-Control": "no-store"},
    )


@bp.post("/issue/<int:registration_id>")
@permission("badges.edit")
def issue(registration_id: int) -> ResponseReturnValue:
    service.issue(_registration(registration_id), by=staff())
    db.session.commit()
    flash(_("The badge was issued. Print it, or send the ticket."), "ok")
    return _back()


@bp.post("/<int:badge_id>/replace")
@permission("badges.edit")
def replace(badge_id: int) -> ResponseReturnValue:
    service.replace(_badge(badge_id), by=staff())
    db.session.commit()
    flash(_("There is a new badge, and the old code stopped working. Print the new one."), "ok")
    return _back()


@bp.post("/<int:badge_id>/revoke")
@permission("badges.edit")
def revoke(badge_id: int) -> ResponseReturnValue:
    service.revoke(_badge(badge_id), by=staff())
    db.session.commit()
    flash(_("The badge was revoked: it opens no door any more."), "ok")
    return _back()


@bp.post("/send/<int:registration_id>")
@permission("badges.edit")
def send(registration_id: int) -> ResponseReturnValue:
    """The ticket letter once more, on request."""
    letters.ticket(_registration(registration_id), again=True)
    db.session.commit()
    flash(_("The ticket is in the outbox."), "ok")
    return _back()


def _badge(badge_id: int) -> Badge:
    badge = queries.get_badge(g.meeting.id, badge_id)
    _check_seen(badge.registration)
    return badge


def _registration(registration_id: int) -> Registration:
    registration = registrations.get_registration(registration_id)
    if registration.meeting_id != g.meeting.id:
        raise NotFoundError
    _check_seen(registration)
    return registration


def _check_seen(registration: Registration) -> None:
    """A child is there only for who may see children."""
    if (registration.is_child or registration.person.is_child) and not may("safeguarding.see_children"):
        raise NotFoundError


def _back() -> ResponseReturnValue:
    """The list as it was: search, filter and page travel in the address."""
    kept: dict[str, Any] = {key: value for key, value in request.args.items() if key in ("q", "show", "page")}
    return redirect(url_for("badges.index", **kept))
