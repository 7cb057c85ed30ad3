"""Staff pages of self check-in: which sessions have it, and the link for the room's screen."""

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub.accounts.guard import staff
from eventhub.checkin import queries, self_check_in
from eventhub.checkin.models import Device
from eventhub.checkin.views import bp
from eventhub.db import db
from eventhub.errors import NotFoundError
from eventhub.programme import queries as programme
from eventhub.security import permission


@bp.get("/self-check-in")
@permission("checkin.manage")
def self_sessions() -> ResponseReturnValue:
    """Every session, and whether people check in there by themselves."""
    sessions = [session for session in programme.list_sessions(g.meeting.id) if session.kind != "break"]
    return render_template(
        "checkin/self_sessions.html", sessions=sessions, open=self_check_in.open_sessions(g.meeting.id)
    )


@bp.get("/sessions/<int:session_id>/screen")
@permission("checkin.manage")
def self_screen(session_id: int) -> ResponseReturnValue:
    """One session: open self check-in, show the screen, withdraw its link, end it."""
    session = programme.get_session(g.meeting.id, session_id)
    row = self_check_in.find(session.id)
    is_open = row is not None and self_check_in.is_open(row)
    address, there, rules, place = "", 0, None, None
    if row is not None and is_open:
        path = url_for("door_app.screen", token=self_check_in.screen_token(row))
        address = current_app.config["EVENTHUB"].base_url + path
        day = queries.today(g.meeting.id)
        place = db.session.get_one(Device, row.device_id).checkpoint_id
        there = queries.count_present(g.meeting.id, day).get(place, 0) if day else 0
        rules = queries.current_rules(g.meeting.id).get(place)
    return render_template(
        "checkin/self_screen.html",
        session=session,
        is_open=is_open,
        address=address,
        there=there,
        rules=rules,
        checkpoint_id=place,
    )


@bp.post("/sessions/<int:session_id>/screen")
@permission("checkin.manage")
def self_change(session_id: int) -> ResponseReturnValue:
    """``action``: open, renew the link, or end."""
    session = programme.get_session(g.meeting.id, session_id)
    action = request.form.get("action", "")
    row = self_check_in.find(session.id)
    if action == "open":
        self_check_in.open_for(session, by=staff())
        said = _("Self check-in is open. Show the screen in the room.")
    elif action == "renew" and row is not None:
        self_check_in.renew_link(row, by=staff())
        said = _("The old link does not work any more. Open the new one on the room's computer.")
    elif action == "end" and row is not None:
        self_check_in.end(row, by=staff())
        said = _("Self check-in has ended. Who is noted stays noted.")
    else:
        raise NotFoundError
    db.session.commit()
    flash(said, "ok")
    return redirect(url_for("checkin.self_screen", session_id=session.id))
