"""People I met, behind the personal link: scan or type a badge and press once, answer, introduce two others, the card."""

from datetime import UTC, datetime

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub import clock
from eventhub.checkin import app_files
from eventhub.db import db
from eventhub.errors import InvalidError, NotFoundError, RuleError
from eventhub.networking import forms, queries, queries_candidates, queries_met, service, service_met, vcard
from eventhub.networking.public import bp
from eventhub.registration import queries as registrations
from eventhub.registration.models import Registration
from eventhub.security import limiter, public


def _whose() -> str:
    return f"met:{request.view_args['token'] if request.view_args else ''}"


# of one person's page: wrong codes and names a minute, and letters that presses can cause in an hour
_guesses = limiter.limit("12 per minute", key_func=_whose, deduct_when=lambda answer: answer.status_code == 404)
_presses = limiter.limit("120 per hour", key_func=_whose)


def _mine(token: str) -> Registration:
    registration = registrations.get_by_link(token)
    g.meeting = registration.meeting
    return registration


@bp.get("/me/<token>/met")
@public
def met(token: str) -> ResponseReturnValue:
    """The camera, the field for a code or a name, and the people met so far."""
    registration = _mine(token)
    service_met.check_may_meet(registration)
    return _page(registration, token)


@bp.post("/me/<token>/met")
@public
@_guesses
@_presses
def meet(token: str) -> ResponseReturnValue:
    """ "We met": pressed just now, or sent by the page's script, which says so in ``kept`` and reads no page."""
    registration = _mine(token)
    service_met.check_may_meet(registration)
    form = _form(registration)
    is_kept = request.form.get("kept") == "1"
    if not form.validate():
        return ("", 422) if is_kept else (_page(registration, token, form), 422)
    try:
        introduction = service_met.meet(
            registration,
            form.badge.data,
            **form.facts(),
            shares=request.form.get("answer") == "share",
            at=_moment(request.form.get("at", "")),
        )
    except RuleError as error:
        db.session.rollback()
        if is_kept:
            flash(str(error), "stop")
            return "", error.status
        form.refuse(error)
        return _page(_mine(token), token, form), error.status
    db.session.commit()
    _thank(queries_met.get_met(registration, introduction.id))
    return ("", 204) if is_kept else redirect(url_for(".met", token=token), 303)


def _thank(met: queries_met.Met) -> None:
    words = {
        queries.Standing.CONFIRMED: _("You both say that you met: %(name)s.", name=met.other.full_name),
        queries.Standing.DENIED: _(
            "%(name)s says that you did not meet, so it is not counted.", name=met.other.full_name
        ),
    }
    sentence = words.get(met.standing) or _("Noted: you met %(name)s. They are asked, too.", name=met.other.full_name)
    flash(sentence, "info" if met.standing is queries.Standing.DENIED else "ok")


def _moment(text: str) -> datetime | None:
    """When the phone read the badge, as its script writes it; None for anything else."""
    try:
        moment = datetime.fromisoformat(text[:40])
    except ValueError:
        return None
    try:
        return moment.astimezone(UTC) if moment.tzinfo else None
    except OverflowError:
        return None


@bp.post("/me/<token>/met/<int:introduction_id>")
@public
@_presses
def answer_met(token: str, introduction_id: int) -> ResponseReturnValue:
    """Yes with my address, yes without it, or no."""
    registration = _mine(token)
    said = request.form.get("answer")
    if said not in ("share", "yes", "no"):
        raise InvalidError(_("Choose one of the answers."))
    service_met.answer_own(registration, introduction_id, yes=said != "no", shares=said == "share")
    db.session.commit()
    flash(_("Thank you. Your answer was kept."), "ok")
    return redirect(url_for(".met", token=token), 303)


@bp.post("/me/<token>/met/others")
@public
@_presses
def introduce_others(token: str) -> ResponseReturnValue:
    """Bring two people together whom I met."""
    registration = _mine(token)
    service_met.check_may_meet(registration)
    others = _others_form(queries_met.list_met(registration))
    if others is None:
        raise InvalidError(_("You can introduce people who confirmed that they met you."))
    if not others.validate():
        return _page(registration, token, others=others), 422
    try:
        service_met.introduce_others(
            registration, int(others.first.data), int(others.second.data), topic=others.topic.data or ""
        )
    except RuleError as error:
        db.session.rollback()
        others.refuse(error)
        return _page(_mine(token), token, others=others), error.status
    db.session.commit()
    flash(_("Each of them gets a letter that introduces the other."), "ok")
    return redirect(url_for(".met", token=token), 303)


@bp.get("/me/<token>/met/<int:introduction_id>.vcf")
@public
def card(token: str, introduction_id: int) -> ResponseReturnValue:
    """The other's card for my address book, once both said yes and the other shares the address."""
    registration = _mine(token)
    service_met.check_may_meet(registration)
    found = queries_met.get_met(registration, introduction_id)
    if not found.email:
        raise NotFoundError(
            _("There is no card: it is given once both of you say yes and the other shares the address.")
        )
    text = vcard.card(
        found.other.full_name,
        organisation=found.organisation,
        email=found.email,
        note=_("We met at %(meeting)s.", meeting=registration.meeting.title),
    )
    answer = Response(text, content_type="text/vcard; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="met-{introduction_id}.vcf"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _form(registration: Registration, *, is_sent: bool = True) -> forms.MetForm:
    """The form as it was sent, or untouched with the session that is on now."""
    sessions = queries.list_sessions(registration.meeting_id) if registration.meeting.programme_public else []
    if is_sent:
        return forms.MetForm(sessions)
    form = forms.MetForm(sessions, formdata=None)
    if sessions:
        now = queries_met.session_on_now(registration, at=clock.now())
        form.session_id.data = str(now.id) if now is not None else ""
    return form


def _others_form(people: list[queries_met.Met], *, is_sent: bool = True) -> forms.OthersForm | None:
    """None while there are not two to choose from."""
    known = [
        (str(met.introduction.id), met.other.full_name)
        for met in people
        if met.standing is queries.Standing.CONFIRMED and queries.is_listed(met.other)
    ]
    if len(known) < 2:
        return None
    return forms.OthersForm(known) if is_sent else forms.OthersForm(known, formdata=None)


def _page(
    registration: Registration, token: str, form: forms.MetForm | None = None, others: forms.OthersForm | None = None
) -> str:
    people = queries_met.list_met(registration)
    return render_template(
        "networking/met.html",
        registration=registration,
        token=token,
        form=form or _form(registration, is_sent=False),
        others=others or _others_form(people, is_sent=False),
        people=people,
        has_begun=service.has_begun(registration.meeting),
        candidates=queries_candidates.list_candidates(registration, at=clock.now()),
        version=app_files.version(),
    )
