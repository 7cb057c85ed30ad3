"""Staff pages: the letters of a meeting, one letter as it looks, and what may be decided about it."""

import uuid
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user
from werkzeug.wrappers import Response as Redirect

from eventhub import audit, security, trail
from eventhub.accounts.guard import may, staff
from eventhub.db import db
from eventhub.errors import InvalidError, NotAllowedError, NotFoundError
from eventhub.mail import forms, queries, service
from eventhub.mail.models import Message
from eventhub.mail.states import AGAIN, MessageState
from eventhub.pages import clean_line, query_number, query_text
from eventhub.security import permission
from eventhub.states import label_of

bp = Blueprint("mail", __name__, url_prefix="/staff")

# nothing of a letter is executed or loaded from anywhere, and only our own page may frame it
LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox"
)


@bp.get("/m/<slug>/letters")
@permission("mail.read")
def outbox() -> ResponseReturnValue:
    """Every letter of the meeting, newest first."""
    return _outbox()


@bp.get("/letters")
@permission("accounts.edit")
def others() -> ResponseReturnValue:
    """Letters of no meeting: between parties of partnerships, to the staff."""
    return _outbox()


def _outbox() -> str:
    meeting_id = _meeting_id()
    q, state, children = query_text("q"), query_text("state"), may("safeguarding.see_children")
    counts = queries.count_by_state(meeting_id, q=q, children=children)
    return render_template(
        "outbox/index.html",
        page=queries.page_of_messages(meeting_id, q=q, state=state, children=children, page=query_number("page", 1)),
        chips=[(label_of(s), s.value, counts[s]) for s in MessageState if counts.get(s)],
        total=sum(counts.values()),
        failed=counts.get(MessageState.FAILED, 0),
        held_up=queries.count_held_up(meeting_id),
        here=_here(),
        zone=ZoneInfo(g.meeting.tz if meeting_id is not None else "UTC"),
        q=q,
        state=state,
    )


@bp.post("/m/<slug>/letters/send-again")
@bp.post("/letters/send-again")
@permission("mail.edit")
def send_failed_again() -> ResponseReturnValue:
    _meeting_id()
    n = service.send_failed_again(g.get("meeting"), children=may("safeguarding.see_children"), by=staff())
    db.session.commit()
    flash(_("Letters that go out again: %(n)s. Those without a usable address stay here.", n=n), "ok")
    return redirect(_here())


@bp.get("/m/<slug>/letters/<int:message_id>")
@bp.get("/letters/<int:message_id>")
@permission("mail.read")
def show(message_id: int) -> ResponseReturnValue:
    """One letter: what became of it, and how it looks."""
    message = _seen(message_id)
    return _letter(message, forms.AddressForm(to_email=message.to_email))


def _letter(message: Message, form: forms.AddressForm) -> str:
    return render_template(
        "outbox/show.html",
        message=message,
        text=security.deaden_links(message.text),
        form=form,
        may_again=message.state in AGAIN,
        suppression=queries.find_suppression(message.to_email),
        recent=trail.lines(audit.history(message)),
        once=uuid.uuid4().hex,
        here=_here(),
    )


@bp.get("/m/<slug>/letters/<int:message_id>/look")
@bp.get("/letters/<int:message_id>/look")
@permission("mail.read")
def look(message_id: int) -> ResponseReturnValue:
    """The letter itself, for the frame on its page: personal links dead, nothing in it runs."""
    message = _seen(message_id)
    return Response(
        security.deaden_links(message.html),
        mimetype="text/html",
        headers={"Content-Security-Policy": LETTER_POLICY, "Cache-Control": "no-store"},
    )


@bp.post("/m/<slug>/letters/<int:message_id>/test/<once>")
@bp.post("/letters/<int:message_id>/test/<once>")
@permission("mail.edit")
def test(message_id: int, once: str) -> ResponseReturnValue:
    message = _seen(message_id)
    service.send_test(
        message, to_email=current_user.email, to_name=current_user.name, once=clean_line(once)[:40], by=staff()
    )
    db.session.commit()
    flash(_("A test is on its way to %(email)s. Its personal links are dead.", email=current_user.email), "ok")
    return _back(message)


@bp.post("/m/<slug>/letters/<int:message_id>/address")
@bp.post("/letters/<int:message_id>/address")
@permission("mail.edit")
def correct(message_id: int) -> ResponseReturnValue:
    message, form = _seen(message_id), forms.AddressForm()
    if not form.validate_on_submit():
        return _letter(message, form), 422
    try:
        service.correct(message, to_email=form.to_email.data, by=staff())
    except InvalidError as error:
        db.session.rollback()
        form.refuse(error)
        return _letter(_seen(message_id), form), 422
    db.session.commit()
    flash(_("The letter goes to %(email)s now.", email=form.to_email.data), "ok")
    return _back(message)


@bp.post("/m/<slug>/letters/<int:message_id>/again")
@bp.post("/letters/<int:message_id>/again")
@permission("mail.edit")
def again(message_id: int) -> ResponseReturnValue:
    message = service.send_again(_seen(message_id), by=staff())
    db.session.commit()
    flash(_("The letter goes out again."), "ok")
    return _back(message)


@bp.post("/m/<slug>/letters/<int:message_id>/arrived")
@bp.post("/letters/<int:message_id>/arrived")
@permission("mail.edit")
def settle(message_id: int) -> ResponseReturnValue:
    message = service.settle(_seen(message_id), by=staff())
    db.session.commit()
    flash(_("The letter is marked as sent."), "ok")
    return _back(message)


@bp.post("/m/<slug>/letters/<int:message_id>/allow")
@bp.post("/letters/<int:message_id>/allow")
@permission("mail.edit")
def allow(message_id: int) -> ResponseReturnValue:
    message = _seen(message_id)
    service.allow(message.to_email, by=staff())
    db.session.commit()
    flash(_("This address may be written to again. Now send the letter again."), "ok")
    return _back(message)


def _meeting_id() -> int | None:
    """The page's meeting; letters of no meeting, such as those to the staff, are for the house's administrators."""
    if g.get("meeting") is not None:
        return int(g.meeting.id)
    if not may("accounts.edit"):
        raise NotAllowedError
    return None


def _seen(message_id: int) -> Message:
    """The letter, for who may know of it; for others it does not exist."""
    message = queries.get_message(message_id)
    hidden = message.about_child and not may("safeguarding.see_children")
    if message.meeting_id != _meeting_id() or hidden:
        raise NotFoundError(_("There is no such letter here."))
    return message


def _here() -> str:
    return url_for("mail.outbox") if g.get("meeting") is not None else url_for("mail.others")


def _back(message: Message) -> Redirect:
    return redirect(url_for("mail.show", message_id=message.id))
