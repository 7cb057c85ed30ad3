"""The public form, and the page after it. What one participant sees of theirs is in ``me``."""

import re
import time
from threading import Lock
from typing import Any

from flask import Blueprint, Response, abort, current_app, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import lazy_gettext as _
from flask_wtf.csrf import generate_csrf
from sqlalchemy.exc import IntegrityError

from eventhub.db import db
from eventhub.errors import LinkError, RuleError
from eventhub.invitations import queries as invitations_queries
from eventhub.invitations import service as invitations
from eventhub.invitations.models import Nomination
from eventhub.meetings import queries as meetings
from eventhub.meetings.models import Sector
from eventhub.meetings.public import public_meeting, registration_window
from eventhub.registration import children, forms, queries, queries_fields, questions, service, service_deciding
from eventhub.registration.models import FormField
from eventhub.registration.service import AlreadyRegisteredError
from eventhub.security import limiter, public

bp = Blueprint("register", __name__, url_prefix="/m/<slug>/register")


class ChangedFormError(RuleError):
    sentence = _("The form was changed while you filled it in. Look at it once more, then send it again.")


SENDING = "120 per minute; 900 per hour"  # per address: a whole delegation may sit behind one


@bp.get("")
@public
def form() -> ResponseReturnValue:
    """The form; the untouched one is kept ready, only its two secrets differ from reader to reader."""
    if token := request.args.get("nomination"):
        return _not_now(token) or _nominee_form(token)
    return _untouched("adult", _adult_page)


@bp.post("")
@public
@limiter.limit(SENDING)
def send() -> ResponseReturnValue:
    meeting, nomination = public_meeting(kept=True), _nomination()
    (asked, sectors), thanks = _definition(meeting.id), url_for("register.done")
    form = _adult_form(asked, sectors)
    if form.adult.data == "no":
        return _under_age(form, nomination)
    if not form.validate():
        return _adult_page(form, asked, nomination), 422
    try:
        service.register(
            meeting=meeting,
            entry=form.entry(sectors, asked, nomination),
            nomination=nomination,
            submission_key=form.key(),
            submission_hash=form.fingerprint(),
            by=service.participant(),
        )
    except AlreadyRegisteredError as error:
        return _neutral(error)
    except RuleError as error:
        db.session.rollback()
        form.refuse(error)
        return _adult_page(form, asked, nomination), error.status
    except IntegrityError:  # a question that was answered here was removed a moment ago
        db.session.rollback()
        _definitions.clear()
        form.refuse(ChangedFormError())
        return _adult_page(form, asked, nomination), ChangedFormError.status
    db.session.commit()
    return redirect(thanks, 303)


@bp.get("/child")
@public
def child() -> ResponseReturnValue:
    """A parent or guardian registers a child; where the meeting admits none, a kind word."""
    if elsewhere := _not_now(request.args.get("nomination")):
        return elsewhere
    meeting = public_meeting()
    if not meeting.admits_children:
        return _refusal()
    if request.args.get("nomination"):
        nomination = _nomination()
        return _child_page(_child_form(nomination), nomination)
    return _untouched("child", lambda: _child_page(_child_form()))


@bp.post("/child")
@public
@limiter.limit(SENDING)
def send_child() -> ResponseReturnValue:
    meeting, nomination = public_meeting(), _nomination()
    if not meeting.admits_children:
        return _refusal()
    form = _child_form()
    if not form.validate():
        return _child_page(form, nomination), 422
    try:
        children.register_child(
            meeting=meeting,
            entry=form.entry(meetings.list_sectors()),
            nomination=nomination,
            submission_key=form.key(),
            submission_hash=form.fingerprint(),
            by=service.participant(),
        )
    except AlreadyRegisteredError as error:
        return _neutral(error)
    except RuleError as error:
        db.session.rollback()
        form.refuse(error)
        return _child_page(form, nomination), error.status
    db.session.commit()
    return redirect(url_for("register.done"), 303)


@bp.get("/done")
@public
def done() -> ResponseReturnValue:
    """After the form: what happens next. Nothing personal stands here, whoever opens it."""
    return render_template("register/done.html", meeting=public_meeting())


# --- the parts of a page -----------------------------------------------------------------------------------------


def _adult_form(asked: list[FormField], sectors: list[Any], **data: Any) -> Any:
    form = questions.form_with(forms.RegisterForm, asked)(**data)
    form.ask_about(sectors)
    if not g.meeting.code_of_conduct:
        del form.accepts_code
    return form


def _adult_page(form: Any = None, asked: list[FormField] | None = None, nomination: Nomination | None = None) -> str:
    meeting = public_meeting()
    if asked is None:
        asked, sectors = _definition(meeting.id)
        form = _adult_form(asked, sectors, language=str(get_locale()))
    form.key()
    return render_template(
        "register/form.html",
        form=form,
        asked=[(question, form[questions.name_of(question)]) for question in asked],
        window="open" if nomination else registration_window(meeting),
        nomination=nomination,
    )


def _nominee_form(token: str) -> ResponseReturnValue:
    """The form of somebody whom an organisation named, with what is known filled in."""
    meeting, nomination = public_meeting(), _nomination_of(token)
    if nomination.person.is_child:
        return redirect(url_for("register.child", nomination=token))
    known = queries.find_registration(meeting.id, nomination.person_id)
    if known is not None and known.state != "cancelled":
        return render_template("register/known.html", meeting=meeting)
    person, invitation = nomination.person, nomination.invitation
    home = invitations_queries.home_of(invitation)
    asked, sectors = _definition(meeting.id)
    form = _adult_form(
        asked,
        sectors,
        full_name=person.full_name,
        latin_name=person.latin_name,
        called=person.called,
        email=person.email,
        country=person.country or (home.country if home else ""),
        organisation=home.name if home else "",
        sector_id=str(invitation.sector_id or ""),
        language=person.language,
    )
    return _adult_page(form, asked, nomination)


def _child_form(nomination: Nomination | None = None, **data: Any) -> forms.ChildForm:
    if nomination is not None:
        organisation = nomination.invitation.organisation
        data = {
            "called": nomination.person.called or nomination.person.full_name,
            "organisation": organisation.name if organisation else "",
            "country": organisation.country if organisation else "",
            "sector_id": str(nomination.invitation.sector_id or ""),
            "guardian_name": nomination.contact_name,
            "guardian_email": nomination.contact_email,
        }
    form = forms.ChildForm(**{"language": str(get_locale()), **data})
    form.ask_about(meetings.list_sectors())
    if not g.meeting.code_of_conduct:
        del form.accepts_code
    return form


def _child_page(form: forms.ChildForm, nomination: Nomination | None = None, *, moved: bool = False) -> str:
    form.key()
    window = "open" if nomination else registration_window(g.meeting)
    return render_template("register/child.html", form=form, window=window, nomination=nomination, moved=moved)


def _under_age(form: Any, nomination: Nomination | None) -> ResponseReturnValue:
    """Somebody says they are under 18: on to the guardian's form, or a kind word. Nothing is stored."""
    if not g.meeting.admits_children:
        return _refusal()
    known = {"called": form.called.data or "", "organisation": form.organisation.data, "country": form.country.data}
    guardian = forms.ChildForm(formdata=None, **known, sector_id=form.sector_id.data, language=form.language.data)
    guardian.ask_about(meetings.list_sectors())
    if not g.meeting.code_of_conduct:
        del guardian.accepts_code
    return _child_page(guardian, nomination, moved=True)


def _refusal() -> ResponseReturnValue:
    return render_template("register/under_18.html", meeting=g.meeting), 403


def _neutral(error: AlreadyRegisteredError) -> ResponseReturnValue:
    """The address is registered: its owner gets a letter. Whoever sent the form is answered as if it was not: else the
    form would tell anybody who comes to the meeting."""
    ident = error.registration.id
    db.session.rollback()  # whatever the attempt had begun
    registration = queries.get_registration(ident)
    service_deciding.send_link(registration, by=service.participant())
    db.session.commit()
    return redirect(url_for("register.done"), 303)


def _nomination() -> Nomination | None:
    """The nomination whose link led here, if one did."""
    token = request.args.get("nomination")
    return _nomination_of(token) if token else None


def _not_now(token: str | None) -> ResponseReturnValue | None:
    """Who was named comes before registration opens, or too late: their own page says so, not a form that is refused
    once it is filled in. None: the form is theirs."""
    if not token:
        return None
    meeting = invitations.find_nomination_by_token(token).invitation.meeting
    if meeting.slug != g.meeting_slug or registration_window(meeting, is_named=True) == "open":
        return None
    return redirect(url_for("invitation.nomination", token=token))


def _nomination_of(token: str) -> Nomination:
    """Raises LinkError when the link does not work (any more), or is another meeting's."""
    nomination = invitations.find_nomination_by_token(token)
    if nomination.invitation.meeting_id != public_meeting().id:
        raise LinkError
    return nomination


_definitions: dict[tuple[str, int], tuple[float, tuple[list[FormField], list[Sector]]]] = {}


def _definition(meeting_id: int) -> tuple[list[FormField], list[Sector]]:
    """The meeting's own questions and all sectors, kept as long as a public page: to read, not to change."""
    settings = current_app.config["EVENTHUB"]
    kept = _definitions.get((settings.database_url, meeting_id))
    if kept is None or kept[0] <= time.monotonic():
        asked, sectors = queries_fields.list_fields(meeting_id), meetings.list_sectors()
        if settings.page_cache_seconds:
            for row in (*asked, *sectors):
                db.session.expunge(row)  # they outlive this request and its session
        kept = (time.monotonic() + settings.page_cache_seconds, (asked, sectors))
        if len(_definitions) > 200:
            _definitions.clear()
        _definitions[settings.database_url, meeting_id] = kept
    return kept[1]


# --- its styles --------------------------------------------------------------------------------------------------

_OF_SECTOR = (
    '.of-sector-{n}{{display:none}}form:has(#sector_id option[value="{n}"]:checked) .of-sector-{n}{{display:block}}'
)


@bp.get("/of-sectors/<ids>.css")
@public
def of_sectors(ids: str) -> ResponseReturnValue:
    """Shows a question of one sector to who chose it, also without JavaScript; ``ids`` is "3-7"."""
    if not re.fullmatch("[0-9]{1,9}(-[0-9]{1,9}){0,99}", ids):
        abort(404)
    rules = "".join(_OF_SECTOR.format(n=n) for n in ids.split("-"))
    kept = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(f"@supports selector(:has(a)){{{rules}}}", mimetype="text/css", headers=kept)


# --- the untouched form ------------------------------------------------------------------------------------------
# It is the same for everybody but for its CSRF token and its submission key. The page is kept with marks in their
# place, as long as any public page; filling them in takes no query and no rendering. While one thread makes it anew,
# the others hand out the old one.

_kept: dict[tuple[str, ...], tuple[float, str]] = {}
_making = Lock()
_TOKEN, _KEY = "\x02token\x02", "\x02key\x02"


def _untouched(which: str, render: Any) -> ResponseReturnValue:
    token = generate_csrf()
    if session.get("_flashes") or session.get("_user_id") or request.args.keys() - {"lang"}:
        return render()
    name = (current_app.config["EVENTHUB"].database_url, g.meeting_slug, which, str(get_locale()))
    kept = _kept.get(name)
    if kept is None:
        kept = _make(name, token, render)
    elif kept[0] <= time.monotonic() and _making.acquire(blocking=False):
        try:
            kept = _make(name, token, render)
        finally:
            _making.release()
    body = kept[1].replace(_TOKEN, token).replace(_KEY, forms.new_key())
    return Response(body, mimetype="text/html")


def _make(name: tuple[str, ...], token: str, render: Any) -> tuple[float, str]:
    page = render()
    key = page.split('name="submission_key"', 1)[-1].split('value="', 1)[-1].split('"', 1)[0]
    page = page.replace(token, _TOKEN).replace(key, _KEY)
    kept = (time.monotonic() + current_app.config["EVENTHUB"].page_cache_seconds, page)
    if len(_kept) > 200:  # many addresses: forget all rather than grow
        _kept.clear()
    _kept[name] = kept
    return kept


for _view in (form, send, child, send_child, done, of_sectors):
    _view.loads_meeting = False  # type: ignore[attr-defined]  # each loads it itself, when it needs it
