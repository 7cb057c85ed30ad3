"""The participant's own page at /me/<token>: the ticket, what to do, change, cancel, consents. Acts only by POST.

A child's page belongs to its guardian.
"""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub import clock
from eventhub.badges import queries as badges
from eventhub.checkin import app_files, remembered, self_check_in
from eventhub.db import db
from eventhub.directory.places import country_name
from eventhub.documents import queries as documents
from eventhub.errors import RuleError, StaleError
from eventhub.meetings import queries as meetings
from eventhub.networking import ask_links, people_words, queries_met, queries_own, queries_suggestions
from eventhub.programme import queries as programme
from eventhub.registration import forms, queries, queries_fields, questions, service, service_deciding, service_own
from eventhub.registration.completeness import missing
from eventhub.registration.models import Registration
from eventhub.registration.states import IN_FORCE
from eventhub.safeguarding import queries as safeguarding
from eventhub.safeguarding.models import ConsentBy
from eventhub.security import public

bp = Blueprint("me", __name__, url_prefix="/me/<token>")


def _mine(token: str) -> Registration:
    """The registration of the link in the address; its meeting is the page's meeting."""
    registration = queries.get_by_link(token)
    g.meeting = registration.meeting
    return registration


@bp.get("")
@public
def page(token: str) -> ResponseReturnValue:
    """Look: the ticket, what to do, the facts, my data."""
    registration = _mine(token)
    return remembered.remember(_page(registration, token), registration)


def _page(registration: Registration, token: str, photos: Any = None) -> str:
    meeting = registration.meeting
    answers = safeguarding.answers(registration.person_id, meeting.id, ConsentBy.SELF)
    if photos is None:
        photos = forms.PhotoQuestions(
            **{purpose.value: "yes" if answer else "no" for purpose, answer in answers.items()}
        )
    return render_template(
        "me/page.html",
        registration=registration,
        person=registration.person,
        token=token,
        meeting=meeting,
        country=country_name(registration.country) if registration.country else "",
        in_force=registration.state in IN_FORCE,
        ticket=badges.ticket_view(registration),
        certificate_url=documents.certificate_url(registration),
        has_rooms=bool(self_check_in.open_sessions(meeting.id)),
        met=[] if registration.is_child else queries_met.list_met(registration),
        version=app_files.version(),
        has_sessions=programme.asks_to_sign_up(meeting.id),
        place=queries.place_in_queue(registration),
        missing=missing(registration, meeting) if registration.state in IN_FORCE else [],
        code_missing=bool(meeting.code_of_conduct and registration.code_of_conduct_at is None),
        answers=[(a.field.label, questions.shown(a.field, a.value)) for a in queries_fields.list_answers(registration)],
        sealed=safeguarding.sealed_kinds([registration.person_id], meeting.id).get(registration.person_id, []),
        guardian=safeguarding.find_guardian(registration.person_id, meeting.id) if registration.is_child else None,
        photos=photos,
        suggested=queries_suggestions.list_for(registration),
        ask=ask_links.links(registration, token),
        has_begun=clock.today(meeting.tz) >= meeting.starts,
        one_to_ones=queries_own.count_to_do(registration, at=clock.now()),
        why=people_words.why,
        needs=forms.NeedsQuestions(formdata=None),
    )


@bp.route("/edit", methods=["GET", "POST"])
@public
def edit(token: str) -> ResponseReturnValue:
    """Change one's own data. The second of two browsers is told, and sees both versions."""
    registration = _mine(token)
    if registration.state not in IN_FORCE:
        flash(_("This registration is not in force, so there is nothing to change."), "info")
        return redirect(url_for("me.page", token=token))
    asked = [] if registration.is_child else queries_fields.list_fields(registration.meeting_id)
    sectors = meetings.list_sectors()
    base = forms.ChildMineForm if registration.is_child else forms.MineForm
    form: Any = questions.form_with(base, asked)(**forms.stored(registration), version=str(registration.version))
    form.ask_about(sectors)
    if not form.is_submitted():
        questions.fill(form, asked, {answer.field_id: answer.value for answer in registration.answers})
    if not form.validate_on_submit():
        return _edit_page(form, asked, token), 422 if form.errors else 200
    try:
        service_own.change(
            registration,
            form.entry(sectors, asked),
            version=int(form.version.data) if (form.version.data or "").isdecimal() else 0,
            by=service.participant(registration),
        )
    except RuleError as error:
        db.session.rollback()
        form.refuse(error)
        registration = _mine(token)
        differs = _differences(form, registration) if isinstance(error, StaleError) else {}
        if isinstance(error, StaleError):
            form.version.data = str(registration.version)  # whoever saves now has seen what is stored
        return _edit_page(form, asked, token, differs), error.status
    db.session.commit()
    flash(_("Your changes are saved."), "ok")
    return redirect(url_for("me.page", token=token), 303)


def _edit_page(form: Any, asked: list[Any], token: str, differs: dict[str, str] | None = None) -> str:
    return render_template(
        "me/edit.html",
        form=form,
        asked=[(question, form[questions.name_of(question)]) for question in asked],
        token=token,
        differs=differs or {},
    )


def _differences(form: Any, registration: Registration) -> dict[str, str]:
    """What is stored now, where it differs from what was typed."""
    return {
        name: value
        for name, value in forms.stored(registration).items()
        if name in form and (form[name].data or "") != value
    }


@bp.post("/cancel")
@public
def cancel(token: str) -> ResponseReturnValue:
    registration = _mine(token)
    service_deciding.cancel(registration, by=service.participant(registration))
    db.session.commit()
    flash(_("The registration is cancelled. A letter says so, too."), "ok")
    return redirect(url_for("me.page", token=token), 303)


@bp.post("/code")
@public
def accept_code(token: str) -> ResponseReturnValue:
    registration = _mine(token)
    service_own.accept_conduct(registration, by=service.participant(registration))
    db.session.commit()
    flash(_("Thank you. You accepted the code of conduct."), "ok")
    return redirect(url_for("me.page", token=token), 303)


@bp.post("/photos")
@public
def photos(token: str) -> ResponseReturnValue:
    """Answer about photos, or take a yes back. Nothing else depends on it."""
    registration = _mine(token)
    form = forms.PhotoQuestions()
    if registration.is_child or not form.validate():
        return _page(registration, token, form), 422
    service_own.answer_photos(
        registration, form.consents(), language=form.shown_in.language, by=service.participant(registration)
    )
    db.session.commit()
    flash(_("Your answers about photos are kept. The mark on your badge follows them."), "ok")
    return redirect(url_for("me.page", token=token), 303)


@bp.post("/needs")
@public
def needs(token: str) -> ResponseReturnValue:
    """Replace the sealed needs; what was kept before is never shown."""
    registration = _mine(token)
    form = forms.NeedsQuestions()
    if not form.validate():
        return _page(registration, token), 422
    service_own.change_needs(registration, form.needs(), by=service.participant(registration))
    db.session.commit()
    flash(_("Your needs are kept, sealed."), "ok")
    return redirect(url_for("me.page", token=token), 303)


@bp.post("/letter")
@public
def letter(token: str) -> ResponseReturnValue:
    """Send a guardian the link to the consents again."""
    registration = _mine(token)
    guardian = safeguarding.find_guardian(registration.person_id, registration.meeting_id)
    if guardian is not None:
        service_own.send_consent_link(registration, guardian, by=service.participant(registration))
        db.session.commit()
    flash(_("We sent the letter again."), "ok")
    return redirect(url_for("me.page", token=token), 303)
