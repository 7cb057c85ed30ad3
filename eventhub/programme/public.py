"""The public programme: by day, in the place's time, on a phone and on paper; as iCalendar; and one's own choice of
sessions behind the personal link."""

import re

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub.audit import Actor
from eventhub.db import db
from eventhub.errors import NotFoundError, RuleError
from eventhub.meetings.models import Meeting
from eventhub.meetings.public import public_meeting
from eventhub.pages import cached_page
from eventhub.programme import queries, service
from eventhub.programme.ics import calendar
from eventhub.programme.kinds import AUDIENCES, KINDS, PARTS
from eventhub.registration import queries as registrations
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState
from eventhub.security import public

bp = Blueprint("programme_public", __name__)


@bp.get("/m/<slug>/programme")
@public
@cached_page
def programme() -> ResponseReturnValue:
    """All days on one page; children are never named."""
    meeting = _with_programme()
    sessions = queries.list_sessions(meeting.id)
    return render_template(
        "programme/public.html",
        meeting=meeting,
        by_day=queries.by_day(sessions, meeting.tz),
        shown=queries.shown_speakers(sessions, meeting.id),
        labels={day.day: day.label for day in meeting.days if day.label},
        kinds=KINDS,
        parts=PARTS,
        audiences=AUDIENCES,
    )


@bp.get("/m/<slug>/programme.ics")
@public
def ics() -> ResponseReturnValue:
    """The programme for people's own calendars."""
    meeting = _with_programme()
    content = calendar(meeting, queries.list_sessions(meeting.id))
    name = f"{meeting.slug}-programme.ics"
    return Response(
        content,
        mimetype="text/calendar",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@bp.route("/me/<token>/sessions", methods=["GET", "POST"])
@public
def mine(token: str) -> ResponseReturnValue:
    """The sessions that need signing up, for one person: take a place, give it back."""
    registration = registrations.get_by_link(token)
    g.meeting = registration.meeting
    if registration.state is not RegistrationState.CONFIRMED:
        raise NotFoundError(_("You can choose sessions once your place is confirmed. Your page says what is missing."))
    if request.method == "POST":
        return _choose(token, registration)
    sessions = [session for session in queries.list_sessions(g.meeting.id) if session.needs_sign_up]
    return render_template(
        "programme/mine.html",
        token=token,
        by_day=queries.by_day(sessions, g.meeting.tz),
        shown=queries.shown_speakers(sessions, g.meeting.id),
        taken=queries.places_taken(g.meeting.id),
        chosen={session.id for session in queries.sessions_of(registration.id)},
        kinds=KINDS,
        parts=PARTS,
        audiences=AUDIENCES,
    )


def _choose(token: str, registration: Registration) -> ResponseReturnValue:
    """One press: ``session`` and whether to take a place or to give it back."""
    text = request.form.get("session", "")
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise NotFoundError
    session = queries.get_session(registration.meeting_id, int(text))
    by = Actor("participant", str(registration.person_id), "participant")
    try:
        if request.form.get("action") == "withdraw":
            service.withdraw(session, registration, by=by)
            sentence = _("You gave your place in “%(title)s” back.", title=session.title)
        else:
            service.sign_up(session, registration, by=by)
            sentence = _("You have a place in “%(title)s”.", title=session.title)
    except RuleError as error:
        db.session.rollback()
        flash(str(error), "stop")
        return redirect(url_for("programme_public.mine", token=token))
    db.session.commit()
    flash(sentence, "ok")
    return redirect(url_for("programme_public.mine", token=token))


def _with_programme() -> Meeting:
    meeting = public_meeting()
    if not meeting.programme_public:
        raise NotFoundError(_("The programme is not published yet. The meeting's page says more."))
    return meeting
