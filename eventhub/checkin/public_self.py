"""Self check-in: the room's screen, the address that its code holds, and "I am in a session" behind the personal link.

Looking records nothing: only a press does.
"""

from flask import Response, g, jsonify, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from eventhub.badges.cards import host
from eventhub.badges.qr import qr_svg
from eventhub.checkin import app_files, remembered, self_check_in, words_self
from eventhub.checkin.public import bp
from eventhub.db import db
from eventhub.errors import RuleError
from eventhub.pages import clean_line
from eventhub.programme.models import Session
from eventhub.registration import queries as registrations
from eventhub.registration.models import Registration
from eventhub.security import public


@bp.get("/screen/<token>")
@public
def screen(token: str) -> ResponseReturnValue:
    """For the room's screen; needs no sign-in on the room's computer. Without a script it reloads itself."""
    _row, session = self_check_in.get_screen(token)
    g.meeting = session.meeting
    return render_template(
        "checkin/screen.html",
        session=session,
        picture=Markup(_picture(session)),  # noqa: S704  (the drawing is ours, made of numbers and a path)
        address=f"{host()}/s/",
        settings={"more": url_for(".screen_code", token=token), "seconds": self_check_in.seconds_left()},
    )


@bp.get("/screen/<token>/code")
@public
def screen_code(token: str) -> ResponseReturnValue:
    """The code of this half minute, for the screen's script."""
    _row, session = self_check_in.get_screen(token)
    return jsonify(picture=_picture(session), seconds=self_check_in.seconds_left())


def _picture(session: Session) -> str:
    return qr_svg(f"HTTPS://{host()}/S/{self_check_in.code_now(session)}".upper())


@bp.get("/s/<code>")
@bp.get("/S/<code>")
@public
def room(code: str) -> ResponseReturnValue:
    """What a phone's own camera opens: whose phone it is decides what to press, or where to go."""
    session, step = self_check_in.read_code(code)
    g.meeting = session.meeting
    sealed = remembered.seal(session.id, step)
    people = remembered.people(session.meeting_id)
    page = render_template("checkin/self_room.html", session=session, people=people, seen=sealed)
    return remembered.keep_room(make_response(page), sealed)


@bp.post("/s/")
@public
def room_press() -> ResponseReturnValue:
    """ "I am here", by a browser that opened the person's page before."""
    session_id, step = remembered.unseal(request.form.get("seen", ""))
    session = db.session.get_one(Session, session_id)
    g.meeting = session.meeting
    known = {str(registration.id): registration for registration in remembered.people(session.meeting_id)}
    registration = known.get(request.form.get("who", ""))
    if registration is None:
        page = render_template(
            "checkin/self_room.html", session=session, people=list(known.values()), seen=request.form["seen"], ask=True
        )
        return page, 422
    return _record(registration, session, step)


@bp.get("/me/<token>/here")
@public
def here(token: str) -> ResponseReturnValue:
    """The camera for the room's code; or, when this phone has just scanned one, the press that records it."""
    registration = registrations.get_by_link(token)
    g.meeting = registration.meeting
    sealed = remembered.room()
    session = db.session.get(Session, remembered.unseal(sealed)[0]) if sealed else None
    if session is not None and session.meeting_id != registration.meeting_id:
        session = None
    return remembered.remember(_camera(registration, token, session=session, seen=sealed), registration)


@bp.post("/me/<token>/here")
@public
def here_press(token: str) -> ResponseReturnValue:
    """Record: by the code that the camera read (``code``), or by the one scanned a moment ago (``seen``)."""
    registration = registrations.get_by_link(token)
    g.meeting = registration.meeting
    try:
        if request.form.get("seen"):
            session_id, step = remembered.unseal(request.form["seen"])
            session = db.session.get_one(Session, session_id)
        else:
            session, step = self_check_in.read_code(_code_in(str(clean_line(request.form.get("code", "")))))
    except RuleError as error:
        return _camera(registration, token, error=str(error)), error.status
    return _record(registration, session, step, token)


def _camera(
    registration: Registration, token: str, *, session: Session | None = None, seen: str = "", error: str = ""
) -> str:
    return render_template(
        "checkin/self_here.html",
        registration=registration,
        token=token,
        session=session,
        seen=seen,
        error=error,
        version=app_files.version(),
    )


def _code_in(text: str) -> str:
    """The code in a whole address, or the text itself."""
    return text.rstrip("/").rpartition("/")[2][:200]


def _record(registration: Registration, session: Session, step: int, token: str | None = None) -> ResponseReturnValue:
    title, room_name = session.title, session.room.name if session.room else ""
    try:
        tone, word, sentence = words_self.words_of(self_check_in.record(registration, session, step))
        status = 200
    except RuleError as error:
        db.session.rollback()
        tone, word, sentence, status = "stop", "", str(error), error.status
    page = render_template(
        "checkin/self_done.html", tone=tone, word=word, sentence=sentence, title=title, room=room_name, token=token
    )
    answer: Response = make_response(page, status)
    answer.delete_cookie(remembered.ROOM)
    return answer
