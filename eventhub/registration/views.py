"""Staff pages: the list, one registration, registering on behalf, decisions. The form's own questions: views_fields.

Children stand in lists, searches and exports only for who may see children.
"""

from collections import Counter
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from eventhub import audit
from eventhub.accounts.guard import may, staff
from eventhub.db import db
from eventhub.directory.places import country_name
from eventhub.errors import InvalidError, NotFoundError, RuleError
from eventhub.invitations import queries as invitations
from eventhub.meetings import queries as meetings
from eventhub.meetings.views import history
from eventhub.pages import query_number, query_text
from eventhub.registration import (
    completeness,
    forms,
    lists,
    queries,
    queries_fields,
    queries_waiting,
    questions,
    seats,
    service,
    service_deciding,
    service_own,
)
from eventhub.registration.models import Registration, Source
from eventhub.registration.states import RegistrationRole, RegistrationState
from eventhub.safeguarding import queries as safeguarding
from eventhub.security import permission
from eventhub.states import label_of

bp = Blueprint("registration", __name__, url_prefix="/staff/m/<slug>/registrations")
MOST_AT_ONCE = 500


@bp.get("/")
@permission("registration.read")
def index() -> ResponseReturnValue:
    """All registrations that the reader may see: search, chips, 50 rows a page."""
    asked = _asked()
    seen = may("safeguarding.see_children")
    counts = queries.counts(g.meeting.id, with_children=seen)
    return render_template(
        "registration/index.html",
        page=queries.page_of_list(queries.search(g.meeting.id, with_children=seen, **asked), query_number("page", 1)),
        asked=asked,
        q=asked["q"],
        sectors=meetings.list_sectors(),
        roles=[role for role in RegistrationRole if seen or role is not RegistrationRole.CHILD_DELEGATE],
        counts=counts,
        total=sum(counts.values()),
        chips=[(label_of(state), state.value, counts[state]) for state in RegistrationState if counts.get(state)],
        free=seats.free(g.meeting),
        over=queries_waiting.over_quota(g.meeting.id),
        country_name=country_name,
    )


def _asked() -> dict[str, Any]:
    """The search and the chips, from the address; what is unknown is not asked."""
    state, role, sector = query_text("state"), query_text("role"), query_number("sector", 0)
    return {
        "q": query_text("q"),
        "state": RegistrationState(state) if state in list(RegistrationState) else None,
        "role": RegistrationRole(role) if role in list(RegistrationRole) else None,
        "sector_id": sector or None,
    }


@bp.get("/export.<kind>")
@permission("registration.read")
def export(kind: str) -> ResponseReturnValue:
    """The list as it is filtered now, as CSV or XLSX."""
    if kind not in lists.KINDS:
        raise NotFoundError
    rows = queries_fields.with_answers(
        queries.search(g.meeting.id, with_children=may("safeguarding.see_children"), **_asked())
    )
    return lists.download(kind, g.meeting, rows, queries_fields.list_fields(g.meeting.id))


@bp.post("/bulk")
@permission("registration.edit")
def bulk() -> ResponseReturnValue:
    """Approve or decline the chosen rows: first the names and one question, then the deed."""
    form, chosen = forms.BulkForm(), _chosen()
    if not form.validate() or not chosen:
        flash(_("Choose at least one registration first."), "info")
        return redirect(url_for("registration.index"))
    action = form.action.data
    if "sure" not in request.form:
        return render_template("registration/bulk.html", form=form, rows=chosen, action=action)
    decide = service_deciding.approve if action == "approve" else service_deciding.decline
    done, refused = [], 0
    for registration in chosen:
        try:
            with db.session.begin_nested():
                decide(registration, by=staff())
            done.append(registration)
        except RuleError:
            refused += 1
    db.session.commit()
    if done:  # how it went on for them: who is approved may be confirmed at once, or wait for a seat
        states = Counter(label_of(registration.state) for registration in done)
        flash(_("Decided. %(states)s.", states=". ".join(f"{word}: {n}" for word, n in states.items())), "ok")
    if refused:
        flash(
            ngettext(
                "%(num)s could not be: its state does not allow it, or no seat is free.",
                "%(num)s could not be: their state does not allow it, or no seat is free.",
                refused,
            ),
            "wait",
        )
    return redirect(url_for("registration.index"))


def _chosen() -> list[Registration]:
    ids = [int(text) for text in request.form.getlist("ids")[:MOST_AT_ONCE] if text.isdecimal() and len(text) < 10]
    return queries.list_by_ids(g.meeting.id, ids, with_children=may("safeguarding.see_children"))


def _one(registration_id: int) -> Registration:
    """The registration, if it is this meeting's and the reader may see it."""
    registration = queries.get_registration(registration_id)
    hidden = registration.is_child and not may("safeguarding.see_children")
    if registration.meeting_id != g.meeting.id or hidden:
        raise NotFoundError
    return registration


@bp.get("/<int:registration_id>")
@permission("registration.read")
def show(registration_id: int) -> ResponseReturnValue:
    """One registration: facts, answers, what is missing, its history. Sealed things are not shown here."""
    registration = _one(registration_id)
    return render_template(
        "registration/show.html",
        registration=registration,
        person=registration.person,
        history=history(audit.history(registration)),
        answers=[(a.field.label, questions.shown(a.field, a.value)) for a in queries_fields.list_answers(registration)],
        missing=completeness.missing(registration, g.meeting),
        place=queries.place_in_queue(registration),
        country=country_name(registration.country) if registration.country else "",
        sealed=safeguarding.sealed_kinds([registration.person_id], g.meeting.id).get(registration.person_id, []),
        photo=safeguarding.photo_ok([registration.person_id], g.meeting.id)[registration.person_id],
        form=forms.DecisionForm(),
    )


@bp.route("/new", methods=["GET", "POST"])
@permission("registration.edit")
def new() -> ResponseReturnValue:
    """Register an adult on their behalf; also somebody whom an organisation named."""
    nomination = None
    if query_number("nomination", 0):
        nomination = invitations.get_nomination(query_number("nomination", 0), meeting=g.meeting)
    form = forms.StaffForm(**_known(nomination))
    form.ask_about(meetings.list_sectors())
    if form.validate_on_submit():
        entry = form.entry(meetings.list_sectors(), [])
        entry.role = RegistrationRole(form.role.data)
        try:
            registration = service.register(
                meeting=g.meeting, entry=entry, nomination=nomination, source=Source.STAFF, by=staff()
            )
        except service.AlreadyRegisteredError as error:
            ident = error.registration.id
            db.session.rollback()
            flash(_("This address is registered already. Here is that registration."), "info")
            return redirect(url_for("registration.show", registration_id=ident))
        except RuleError as error:
            return _again(form, error, nomination=nomination)
        db.session.commit()
        flash(_("The person is registered, and got a letter with their own link."), "ok")
        return redirect(url_for("registration.show", registration_id=registration.id))
    return render_template("registration/edit.html", form=form, nomination=nomination, registration=None), (
        422 if form.errors else 200
    )


def _known(nomination: Any) -> dict[str, Any]:
    """What a nomination says about the person, for the form."""
    if nomination is None:
        return {"role": "delegate"}
    if nomination.person.is_child:
        raise InvalidError(_("A child is registered by its guardian, through the link in the guardian's letter."))
    person, organisation = nomination.person, invitations.home_of(nomination.invitation)
    return {
        "full_name": person.full_name,
        "latin_name": person.latin_name,
        "called": person.called,
        "email": person.email,
        "country": person.country or (organisation.country if organisation else ""),
        "organisation": organisation.name if organisation else "",
        "sector_id": str(nomination.invitation.sector_id or ""),
        "language": person.language,
        "role": nomination.role.value,
        "adult": True,
    }


@bp.route("/<int:registration_id>/edit", methods=["GET", "POST"])
@permission("registration.edit")
def edit(registration_id: int) -> ResponseReturnValue:
    registration = _one(registration_id)
    if registration.is_child:
        raise InvalidError(_("A child's registration is changed by its guardian, or on the page of the children."))
    asked, sectors = queries_fields.list_fields(g.meeting.id), meetings.list_sectors()
    form: Any = questions.form_with(forms.StaffForm, asked)(
        **forms.stored(registration), role=registration.role.value, adult=True, version=str(registration.version)
    )
    form.ask_about(sectors)
    if not form.is_submitted():
        questions.fill(form, asked, {answer.field_id: answer.value for answer in registration.answers})
    if form.validate_on_submit():
        entry = form.entry(sectors, asked)
        entry.role = RegistrationRole(form.role.data)
        version = int(form.version.data) if (form.version.data or "").isdecimal() else 0
        try:
            service_own.change(registration, entry, version=version, keeps_role=False, by=staff())
        except RuleError as error:
            return _again(form, error, registration_id=registration_id)
        db.session.commit()
        flash(_("The registration was saved."), "ok")
        return redirect(url_for("registration.show", registration_id=registration_id))
    return render_template("registration/edit.html", form=form, registration=registration, nomination=None), (
        422 if form.errors else 200
    )


def _again(form: Any, error: RuleError, *, nomination: Any = None, registration_id: int = 0) -> ResponseReturnValue:
    """The form with what was typed and the rule's sentence."""
    db.session.rollback()
    form.refuse(error)
    registration = _one(registration_id) if registration_id else None
    if registration is not None and error.status == 409:
        form.version.data = str(registration.version)  # whoever saves now has been told
    return render_template("registration/edit.html", form=form, registration=registration, nomination=nomination), 422


@bp.post("/<int:registration_id>/<any(approve, decline, cancel, confirm, link):action>")
@permission("registration.edit")
def act(registration_id: int, action: str) -> ResponseReturnValue:
    """One decision about one registration."""
    registration = _one(registration_id)
    form = forms.DecisionForm()
    if not form.validate():
        flash(_("The word to the person is too long. Shorten it."), "stop")
        return redirect(url_for("registration.show", registration_id=registration_id))
    if action == "decline":
        service_deciding.decline(registration, note=form.note.data or "", by=staff())
    elif action == "link":
        service_own.renew_link(registration, by=staff())
    else:
        {
            "approve": service_deciding.approve,
            "cancel": service_deciding.cancel,
            "confirm": service_deciding.confirm_if_complete,
        }[action](registration, by=staff())
    said = {
        "approve": _("Decided. The person gets a letter."),
        "decline": _("Declined. The person gets a letter."),
        "cancel": _("Cancelled. Whoever waits first moved up."),
        "confirm": _("Looked at again: it is confirmed as soon as nothing is missing."),
        "link": _("The old link is withdrawn, and a new one is on its way."),
    }
    db.session.commit()
    flash(said[action], "ok")
    return redirect(url_for("registration.show", registration_id=registration_id))


@bp.post("/fill")
@permission("registration.edit")
def fill() -> ResponseReturnValue:
    """Give free seats to who waits, after the number of seats was raised."""
    moved = service_deciding.fill_seats(g.meeting, by=staff())
    db.session.commit()
    flash(ngettext("%(num)s person moved up.", "%(num)s people moved up.", len(moved)), "ok" if moved else "info")
    return redirect(url_for("registration.index"))
