"""Staff pages of safeguarding: the children of a meeting and what each still lacks; sealed records; incidents.

Who holds safeguarding.see_children sees chosen names, states and adults. Sealed records and incidents open only for
who holds safeguarding.read, and each opening is in the audit.
"""

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from eventhub import audit
from eventhub.accounts.guard import staff
from eventhub.db import db
from eventhub.directory.queries import email_key
from eventhub.errors import InvalidError, NotFoundError, RuleError
from eventhub.meetings.views import history
from eventhub.registration import queries as registrations
from eventhub.registration import service_deciding
from eventhub.registration import service_own as registration_own
from eventhub.registration.completeness import missing_of_children
from eventhub.registration.models import Registration
from eventhub.registration.states import IN_FORCE
from eventhub.safeguarding import forms, incidents, kitchen, queries, service, texts
from eventhub.safeguarding.models import REQUIRED_OF_CHILDREN, AgeBand, ChaperoneRole, Consent, ConsentBy, Purpose
from eventhub.safeguarding.ratios import adults_needed
from eventhub.security import permission

bp = Blueprint("safeguarding", __name__, url_prefix="/staff/m/<slug>/children")


@bp.get("/")
@permission("safeguarding.see_children")
def children() -> ResponseReturnValue:
    """Each child: state, what is still missing, who answers for it."""
    rows = registrations.list_children(g.meeting.id)
    ids = [row.person_id for row in rows]
    known = queries.answerable(ids, g.meeting.id)
    carers, guardians = known.carers, known.guardians
    named = {carer.adult_id for held in carers.values() for carer in held}
    return render_template(
        "safeguarding/children.html",
        rows=rows,
        missing=missing_of_children(rows, g.meeting, known),
        carers=carers,
        guardians=guardians,
        bands=forms.AGE_BANDS,
        adults=registrations.count_adults_for_children(g.meeting.id, named),
        needed=adults_needed(guardians[ident].age_band if ident in guardians else None for ident in ids),
    )


def _child(registration_id: int) -> Registration:
    registration = registrations.get_registration(registration_id)
    if registration.meeting_id != g.meeting.id or not registration.is_child:
        raise NotFoundError
    return registration


@bp.get("/<int:registration_id>")
@permission("safeguarding.see_children")
def child(registration_id: int) -> ResponseReturnValue:
    """One child: consents of both sides, adult and deputy, guardian."""
    return _child_page(_child(registration_id))


def _child_page(registration: Registration, adult: forms.AdultForm | None = None) -> str:
    """``adult`` is the form that was refused; else it offers the address that the guardian named."""
    person = registration.person
    known = queries.answerable([person.id], g.meeting.id)
    guardian, carers = known.guardians.get(person.id), known.carers.get(person.id, [])
    wanted = guardian.adult_email if guardian is not None and not carers else ""
    return render_template(
        "safeguarding/child.html",
        registration=registration,
        person=person,
        missing=missing_of_children([registration], g.meeting, known)[registration.id],
        carers=carers,
        guardian=guardian,
        bands=forms.AGE_BANDS,
        names=texts.NAMES,
        purposes=list(Purpose),
        required=REQUIRED_OF_CHILDREN,
        said=_said(known),
        sides=[(ConsentBy.GUARDIAN, _("Guardian")), (ConsentBy.CHILD, _("Child"))],
        sealed=queries.sealed_kinds([person.id], g.meeting.id).get(person.id, []),
        history=history(audit.history(registration)),
        form=adult or forms.AdultForm(formdata=None, email=wanted, role="deputy" if carers else "adult"),
    )


def _said(known: queries.Answerable) -> dict[ConsentBy, dict[Purpose, Consent]]:
    """Each side's newest answers, with when and how they came."""
    said: dict[ConsentBy, dict[Purpose, Consent]] = {side: {} for side in queries.SIDES_OF_A_CHILD}
    for (_person, side, purpose), consent in known.consents.items():
        said[side][purpose] = consent
    return said


@bp.route("/<int:registration_id>/paper/<any(guardian, child):side>", methods=["GET", "POST"])
@permission("safeguarding.edit")
def paper(registration_id: int, side: str) -> ResponseReturnValue:
    """Write down what one side answered on paper or aloud: not every family has e-mail, and some answers change at
    the door."""
    registration, who = _child(registration_id), ConsentBy(side)
    stands = queries.answers(registration.person_id, g.meeting.id, who)
    known = {purpose.value: "yes" if answer else "no" for purpose, answer in stands.items()}
    form = forms.paper_form(who, language=registration.person.language, **known)
    if not form.validate_on_submit():
        return render_template(
            "safeguarding/paper.html",
            form=form,
            registration=registration,
            side=side,
            version=texts.VERSION,
            required=REQUIRED_OF_CHILDREN,
            purposes=list(Purpose),
        ), (422 if form.errors else 200)
    service.record_consents(
        person=registration.person,
        meeting=g.meeting,
        side=who,
        answers=form.answers(),
        language=form.language.data,
        by=staff(),
    )
    service_deciding.reconsider(registration.person_id, g.meeting.id, by=staff())
    db.session.commit()
    flash(_("The answers are kept, with your name as the one who wrote them down."), "ok")
    return redirect(url_for("safeguarding.child", registration_id=registration_id))


@bp.post("/<int:registration_id>/adult")
@permission("safeguarding.see_children")
def name_adult(registration_id: int) -> ResponseReturnValue:
    """Name the adult or the deputy, by the address with which that adult is registered."""
    registration = _child(registration_id)
    form = forms.AdultForm()
    if not form.validate():
        return _child_page(registration, form), 422
    try:
        found = registrations.list_by_address(g.meeting.id, email_key(form.email.data))
        found = [row for row in found if row.state in IN_FORCE]
        if not found:
            raise InvalidError(
                _("Nobody with this address is registered for this meeting. The adult registers first."), field="email"
            )
        service.name_adult(
            child=registration.person,
            adult=found[0].person,
            meeting=g.meeting,
            role=ChaperoneRole(form.role.data),
            by=staff(),
        )
        service_deciding.reconsider(registration.person_id, g.meeting.id, by=staff())
    except RuleError as error:
        db.session.rollback()
        form.refuse(error)
        return _child_page(_child(registration_id), form), 422
    db.session.commit()
    flash(_("The adult is named."), "ok")
    return redirect(url_for("safeguarding.child", registration_id=registration_id))


@bp.route("/<int:registration_id>/guardian", methods=["GET", "POST"])
@permission("safeguarding.see_children")
def guardian(registration_id: int) -> ResponseReturnValue:
    """Correct the guardian's contact; a new address gets the letter with its own link."""
    registration = _child(registration_id)
    known = queries.find_guardian(registration.person_id, g.meeting.id)
    form = forms.GuardianForm.of(known)
    if form.validate_on_submit():
        before = known.link_version if known is not None else 0
        changed = service.set_guardian(
            child=registration.person,
            meeting=g.meeting,
            name=form.name.data,
            email=form.email.data,
            phone=form.phone.data or "",
            relation=form.relation.data or "",
            age_band=AgeBand(form.age_band.data),
            adult_email=known.adult_email if known is not None else "",
            by=staff(),
        )
        if changed.link_version != before:
            registration_own.renew_guardian_links(registration, changed, by=staff())
        service_deciding.reconsider(registration.person_id, g.meeting.id, by=staff())
        db.session.commit()
        flash(_("The guardian's contact is kept."), "ok")
        return redirect(url_for("safeguarding.child", registration_id=registration_id))
    return render_template("safeguarding/guardian.html", form=form, registration=registration), (
        422 if form.errors else 200
    )


@bp.post("/<int:registration_id>/letter")
@permission("safeguarding.see_children")
def letter(registration_id: int) -> ResponseReturnValue:
    """Send the guardian the link to the consents again."""
    registration = _child(registration_id)
    known = queries.find_guardian(registration.person_id, g.meeting.id)
    if known is None:
        raise InvalidError(_("There is no guardian to write to yet."))
    registration_own.send_consent_link(registration, known, by=staff())
    db.session.commit()
    flash(_("The letter is on its way to the guardian."), "ok")
    return redirect(url_for("safeguarding.child", registration_id=registration_id))


@bp.post("/sealed/<int:registration_id>/<kind>")
@permission("safeguarding.read")
def sealed(registration_id: int, kind: str) -> ResponseReturnValue:
    """Open one sealed record, of a child or an adult. By POST, so that no link and no history opens it by itself."""
    registration = registrations.get_registration(registration_id)
    if registration.meeting_id != g.meeting.id:
        raise NotFoundError
    text = service.read_sealed(person=registration.person, meeting=g.meeting, kind=kind, by=staff())
    if text is None:
        raise NotFoundError
    db.session.commit()
    return render_template("safeguarding/sealed.html", registration=registration, kind=kind, text=text)


@bp.post("/kitchen")
@permission("safeguarding.read")
def for_kitchen() -> ResponseReturnValue:
    """What those who come may not eat, without names. By POST, as it opens what is sealed."""
    coming = registrations.list_confirmed(g.meeting.id, with_children=True)
    diets = kitchen.diets([row.person_id for row in coming], g.meeting, by=staff())
    db.session.commit()
    return render_template("safeguarding/kitchen.html", diets=diets, coming=len(coming))


# --- incidents ---------------------------------------------------------------------------------------------------


@bp.route("/incidents", methods=["GET", "POST"])
@permission("safeguarding.read")
def incident_log() -> ResponseReturnValue:
    """The incidents that the reader may know of, and a form for a new one."""
    form = forms.IncidentForm()
    if form.validate_on_submit():
        incidents.report(meeting=g.meeting, text=form.text.data, named=form.addresses(), by=staff())
        db.session.commit()
        flash(_("The incident is written down, sealed."), "ok")
        return redirect(url_for("safeguarding.incident_log"))
    rows = incidents.list_open_to(current_user.email, g.meeting.id)
    return render_template("safeguarding/incidents.html", rows=rows, form=form), 422 if form.errors else 200


@bp.post("/incidents/<int:incident_id>")
@permission("safeguarding.read")
def incident(incident_id: int) -> ResponseReturnValue:
    """Read one incident; the reading is noted."""
    found, text = incidents.read(incident_id, meeting_id=g.meeting.id, reader_email=current_user.email, by=staff())
    db.session.commit()
    return render_template("safeguarding/incident.html", incident=found, text=text)


@bp.post("/incidents/<int:incident_id>/close")
@permission("safeguarding.edit")
def close_incident(incident_id: int) -> ResponseReturnValue:
    incidents.close(incident_id, meeting_id=g.meeting.id, reader_email=current_user.email, by=staff())
    db.session.commit()
    flash(_("The incident is closed. It stays in the log."), "ok")
    return redirect(url_for("safeguarding.incident_log"))
