"""One's own 1:1 meetings behind the personal link: ask, answer, propose another time, cancel, and "we met" afterwards.

Pages open with GET and act only by POST; what was typed comes back with the sentence that says what is wrong.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from eventhub import clock, ui
from eventhub.db import db
from eventhub.errors import NotFoundError, RuleError
from eventhub.networking import calendars, queries_own, service_kept
from eventhub.networking import forms_one_to_one as forms
from eventhub.networking import queries_one_to_one as slots
from eventhub.networking import service_one_to_one as service
from eventhub.networking.models_one_to_one import OneToOne
from eventhub.networking.queries_own import Own
from eventhub.pages import PageForm
from eventhub.registration import queries as registrations
from eventhub.registration.models import Registration
from eventhub.security import limiter, public

bp = Blueprint("one_to_one", __name__, url_prefix="/me/<token>/one-to-one")


STEPS = {
    "requested": _l("Asked"),
    "proposed": _l("Proposed"),
    "accepted": _l("Accepted"),
    "moved": _l("Accepted the new time"),
    "kept": _l("Kept the time"),
    "declined": _l("Declined"),
    "withdrawn": _l("Taken back"),
    "cancelled": _l("Cancelled"),
    "seated": _l("Arranged"),
}


def _whose() -> str:
    return f"one-to-one:{request.view_args['token'] if request.view_args else ''}"


# letters that one person's presses can cause
_presses = limiter.limit("120 per hour", key_func=_whose, methods=["POST"])


def _mine(token: str) -> Registration:
    registration = registrations.get_by_link(token)
    g.meeting = registration.meeting
    service.check_may_meet(registration)
    return registration


@bp.get("")
@public
def index(token: str) -> ResponseReturnValue:
    """What waits for my answer, what is agreed, whom I asked, what is over; and whom I can ask."""
    registration = _mine(token)
    return render_template(
        "networking/one_to_one.html",
        token=token,
        own=queries_own.list_own(registration),
        is_open=slots.is_open(registration.meeting_id, at=clock.now()),
        met=queries_own.list_met_to_ask(registration),
        introduced=queries_own.introduced(registration),
    )


@bp.route("/times", methods=["GET", "POST"])
@public
@_presses
def times(token: str) -> ResponseReturnValue:
    """The times that I keep for myself."""
    registration = _mine(token)
    now = clock.now()
    ahead = [slot for slot in slots.list_slots(registration.meeting_id) if slot.starts > now]
    kept = [forms.key_of(row.starts) for row in slots.list_kept(registration.id)]
    # a form that is sent with nothing chosen is an answer, too
    form = forms.KeptForm(ahead, g.meeting.tz, data={"times": kept if request.method == "GET" else []})
    status = 200
    if form.validate_on_submit():
        try:
            number = service_kept.keep_times(registration, form.wanted)
        except RuleError as error:
            db.session.rollback()
            form.refuse(error)
            status = error.status
        else:
            db.session.commit()
            flash(
                ngettext("You keep %(num)d time for yourself.", "You keep %(num)d times for yourself.", number)
                if number
                else _("You keep no time for yourself."),
                "ok",
            )
            return redirect(url_for(".index", token=token), 303)
    elif form.is_submitted():
        status = 422
    return render_template("networking/one_to_one_times.html", token=token, form=form, has_slots=bool(ahead)), status


@bp.route("/ask/<int:registration_id>", methods=["GET", "POST"])
@public
@_presses
def ask(token: str, registration_id: int) -> ResponseReturnValue:
    """Choose a time in which both are free, say why, ask."""
    registration = _mine(token)
    other = slots.find_askable(registration, registration_id)
    if other is None:
        raise service.NotAskableError
    standing = slots.find_between(registration.id, other.id, at=clock.now())
    if standing is not None:
        return redirect(url_for(".show", token=token, one_to_one_id=standing.id))
    form = forms.AskForm(slots.common_slots(registration.meeting_id, registration.id, other.id), g.meeting.tz)
    status = 422 if form.errors else 200
    if form.validate_on_submit():
        try:
            made = service.ask(registration, other.id, starts=form.starts, message=form.message.data or "")
        except RuleError as error:
            db.session.rollback()
            form.refuse(error)
            status = error.status
        else:
            db.session.commit()
            flash(_("Your request is on its way. You get a letter with the answer."), "ok")
            return redirect(url_for(".show", token=token, one_to_one_id=made.id), 303)
    elif form.is_submitted():
        status = 422
    page = render_template(
        "networking/one_to_one_ask.html",
        token=token,
        form=form,
        person=other.person,
        organisation=other.organisation.name if other.organisation else other.organisation_text,
        said_no=slots.said_no(registration.id, other.id),
    )
    return page, status


@bp.get("/<int:one_to_one_id>")
@public
def show(token: str, one_to_one_id: int) -> ResponseReturnValue:
    """One of them: with whom, when, where, what was said, and what can be done now."""
    return _page(_mine(token), token, one_to_one_id)


def _page(registration: Registration, token: str, one_to_one_id: int, wrong: PageForm | None = None) -> str:
    own = queries_own.get_own(registration, one_to_one_id)
    return render_template(
        "networking/one_to_one_show.html",
        token=token,
        own=own,
        standing=queries_own.introduced(registration).get(own.person.id) if own.is_agreed and own.is_over else None,
        history=_history(own),
        propose=wrong if isinstance(wrong, forms.ProposeForm) else _propose_form(own, is_sent=False),
        decline=wrong if wrong is not None and wrong._prefix == "no-" else forms.NoForm(prefix="no", formdata=None),
        cancel=wrong if wrong is not None and wrong._prefix == "off-" else forms.NoForm(prefix="off", formdata=None),
        wrong=wrong,
    )


def _history(own: Own) -> list[dict[str, Any]]:
    """What happened, the latest first, as this one of the two reads it."""
    name = own.person.called or own.person.full_name
    lines = []
    for step in reversed(slots.list_steps(own.row.id)):
        who = _("You") if step.by_id == own.me.id else name if step.by_id == own.other.id else _("The organisers")
        when = ui.moment_text(step.starts, own.row.meeting.tz)
        said = f"{STEPS[step.step]}: {when}" + (f" · “{step.words}”" if step.words else "")
        lines.append({"at": step.at, "who": who, "what": said})
    return lines


def _propose_form(own: Own, *, is_sent: bool = True) -> forms.ProposeForm:
    found: list[Any] = []
    if own.is_standing:
        found = slots.common_slots(own.row.meeting_id, own.row.a_id, own.row.b_id, besides=own.row.id)
        found = [slot for slot in found if slot.starts not in (own.row.starts, own.row.new_starts)]
    return forms.ProposeForm(found, own.row.meeting.tz, prefix="new", **({} if is_sent else {"formdata": None}))


def _act(
    token: str, one_to_one_id: int, do: Callable[[OneToOne, Registration], object], sentence: str, form: PageForm | None
) -> ResponseReturnValue:
    """Do one thing; what stands in its way comes back with what was typed."""
    registration = _mine(token)
    own = queries_own.get_own(registration, one_to_one_id)
    if form is not None and not form.validate():
        return _page(registration, token, one_to_one_id, form), 422
    try:
        do(own.row, registration)
    except RuleError as error:
        db.session.rollback()
        if form is None:
            flash(str(error), "stop")
            return redirect(url_for(".show", token=token, one_to_one_id=one_to_one_id), 303)
        form.refuse(error)
        return _page(_mine(token), token, one_to_one_id, form), error.status
    db.session.commit()
    flash(sentence, "ok")
    return redirect(url_for(".show", token=token, one_to_one_id=one_to_one_id), 303)


@bp.post("/<int:one_to_one_id>/accept")
@public
@_presses
def accept(token: str, one_to_one_id: int) -> ResponseReturnValue:
    return _act(token, one_to_one_id, service.accept, _("Agreed. Both of you get a letter that says where."), None)


@bp.post("/<int:one_to_one_id>/propose")
@public
@_presses
def propose(token: str, one_to_one_id: int) -> ResponseReturnValue:
    form = _propose_form(queries_own.get_own(_mine(token), one_to_one_id))

    def do(row: OneToOne, registration: Registration) -> object:
        return service.propose(row, registration, starts=form.starts, words=form.words.data or "")

    return _act(token, one_to_one_id, do, _("They are asked whether this time suits them."), form)


@bp.post("/<int:one_to_one_id>/decline")
@public
@_presses
def decline(token: str, one_to_one_id: int) -> ResponseReturnValue:
    form = forms.NoForm(prefix="no")

    def do(row: OneToOne, registration: Registration) -> object:
        return service.decline(row, registration, words=form.words.data or "")

    return _act(token, one_to_one_id, do, _("They are told."), form)


@bp.post("/<int:one_to_one_id>/cancel")
@public
@_presses
def cancel(token: str, one_to_one_id: int) -> ResponseReturnValue:
    form = forms.NoForm(prefix="off")

    def do(row: OneToOne, registration: Registration) -> object:
        return service.take_back(row, registration, words=form.words.data or "")

    return _act(token, one_to_one_id, do, _("It does not take place. They are told."), form)


@bp.post("/<int:one_to_one_id>/met")
@public
@_presses
def met(token: str, one_to_one_id: int) -> ResponseReturnValue:
    """ "We met": an introduction, which the other confirms like any other."""
    shares = request.form.get("answer") == "share"

    def do(row: OneToOne, registration: Registration) -> object:
        return service.met(row, registration, shares=shares)

    return _act(token, one_to_one_id, do, _("Noted. They are asked whether it is right."), None)


@bp.get("/<int:one_to_one_id>.ics")
@public
def entry(token: str, one_to_one_id: int) -> ResponseReturnValue:
    """What is agreed, for one's own calendar."""
    registration = _mine(token)
    own = queries_own.get_own(registration, one_to_one_id)
    if not queries_own.in_calendar([own]):
        raise NotFoundError(_("There is no entry for a calendar: it is made once both of you agree."))
    return calendar_file(*calendars.of_one(own.row, registration))


def calendar_file(name: str, media_type: str, content: bytes) -> Response:
    """A calendar as a download."""
    return Response(content, content_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
