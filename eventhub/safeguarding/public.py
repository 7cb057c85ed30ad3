"""The guardian's and the child's page behind a personal link: first the guardian answers, then the child.

Both answer on the same device, one after the other, and each page shows only that side's answers. Acts only by POST.
"""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub.audit import Actor
from eventhub.db import db
from eventhub.errors import LinkWithdrawnError, NotFoundError
from eventhub.meetings import queries as meetings
from eventhub.registration import queries as registrations
from eventhub.registration import service_deciding
from eventhub.registration.completeness import missing
from eventhub.registration.states import IN_FORCE
from eventhub.safeguarding import forms, queries, service, texts
from eventhub.safeguarding.models import ConsentBy, Guardian, Purpose
from eventhub.security import public, read_token

bp = Blueprint("consent", __name__, url_prefix="/consent/<token>")


def _guardian(token: str) -> Guardian:
    """The guardian of the link; its meeting is the page's meeting."""
    ident, version = read_token("consent", token)
    try:
        guardian = queries.get_guardian(ident)
    except NotFoundError as error:
        raise LinkWithdrawnError from error
    registration = registrations.find_registration(guardian.meeting_id, guardian.child_id)
    if guardian.link_version != version or registration is None or registration.state not in IN_FORCE:
        raise LinkWithdrawnError(meeting_id=guardian.meeting_id)
    g.meeting = meetings.get_by_id(guardian.meeting_id)
    return guardian


@bp.get("")
@public
def page(token: str) -> ResponseReturnValue:
    """The side that has not answered yet; when both have, what was said, with "change" beside it."""
    guardian = _guardian(token)
    wanted = request.args.get("side", "")
    if wanted in (ConsentBy.GUARDIAN, ConsentBy.CHILD):
        return _form_page(token, guardian, ConsentBy(wanted))
    for side in (ConsentBy.GUARDIAN, ConsentBy.CHILD):
        if not queries.answers(guardian.child_id, guardian.meeting_id, side):
            return _form_page(token, guardian, side)
    registration = registrations.find_registration(guardian.meeting_id, guardian.child_id)
    return render_template(
        "safeguarding/consent_done.html",
        guardian=guardian,
        child=guardian.child,
        token=token,
        sides=[
            (side, queries.answers(guardian.child_id, guardian.meeting_id, side))
            for side in (ConsentBy.GUARDIAN, ConsentBy.CHILD)
        ],
        purposes=list(Purpose),
        names=texts.NAMES,
        missing=missing(registration, g.meeting) if registration is not None else [],
        registration=registration,
    )


def _form_page(token: str, guardian: Guardian, side: ConsentBy) -> str:
    said = queries.answers(guardian.child_id, guardian.meeting_id, side)
    known = {purpose.value: "yes" if answer else "no" for purpose, answer in said.items()}
    return _render(token, guardian, side, forms.consent_form(side, formdata=None, **known))


def _render(token: str, guardian: Guardian, side: ConsentBy, form: forms.ConsentForm) -> str:
    return render_template(
        "safeguarding/consent.html",
        form=form,
        guardian=guardian,
        child=guardian.child,
        side=side.value,
        token=token,
        version=texts.VERSION,
        required=service.REQUIRED_OF_CHILDREN,
        purposes=list(Purpose),
    )


@bp.post("")
@public
def answer(token: str) -> ResponseReturnValue:
    """Keep one side's answers; a changed answer may confirm the registration or take it back."""
    guardian = _guardian(token)
    side = ConsentBy.CHILD if request.form.get("side") == ConsentBy.CHILD else ConsentBy.GUARDIAN
    form = forms.consent_form(side)
    if not form.validate():
        return _render(token, guardian, side, form), 422
    by = Actor("participant", f"guardian {guardian.id}", side.value)
    service.record_consents(
        person=guardian.child,
        meeting=g.meeting,
        side=side,
        answers=form.answers(),
        language=form.shown_in.language,
        by=by,
    )
    service_deciding.reconsider(guardian.child_id, guardian.meeting_id, by=by)
    db.session.commit()
    flash(_("The answers are kept. They can be changed here at any time."), "ok")
    return redirect(url_for("consent.page", token=token), 303)


@bp.post("/withdraw/<any(guardian, child):side>/<purpose>")
@public
def withdraw(token: str, side: str, purpose: str) -> ResponseReturnValue:
    """Take back one "yes"."""
    guardian = _guardian(token)
    if purpose not in list(Purpose):
        raise NotFoundError
    by = Actor("participant", f"guardian {guardian.id}", side)
    service.withdraw_consent(
        person=guardian.child, meeting=g.meeting, purpose=Purpose(purpose), side=ConsentBy(side), by=by
    )
    service_deciding.reconsider(guardian.child_id, guardian.meeting_id, by=by)
    db.session.commit()
    flash(_("It is taken back. Nobody will ask why."), "ok")
    return redirect(url_for("consent.page", token=token), 303)
