"""Staff pages: the programme by day, one session, rooms and tracks."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub import audit, trail
from eventhub.accounts.guard import staff
from eventhub.db import db
from eventhub.directory.models import Person
from eventhub.errors import RuleError
from eventhub.programme import clashes, forms, people, queries, service
from eventhub.programme.kinds import AUDIENCES, KINDS, PARTS
from eventhub.programme.models import Session
from eventhub.security import permission

bp = Blueprint("programme", __name__, url_prefix="/staff/m/<slug>/programme")


@bp.get("/")
@permission("programme.read")
def index() -> ResponseReturnValue:
    """The programme by day, with what stands in whose way."""
    sessions = queries.list_sessions(g.meeting.id)
    shown = queries.shown_speakers(sessions, g.meeting.id)
    named = {row.speaker.id for rows in shown.values() for row in rows}
    hidden = {s.person_id for session in sessions for s in session.speakers if s.id not in named}
    found = clashes.every(sessions)
    return render_template(
        "programme/index.html",
        by_day=queries.by_day(sessions, g.meeting.tz),
        shown=shown,
        clashes={ident: [c.sentence(g.meeting.tz, hidden) for c in rows] for ident, rows in found.items()},
        kinds=KINDS,
        parts=PARTS,
        audiences=AUDIENCES,
    )


@bp.route("/new", methods=["GET", "POST"])
@permission("programme.edit")
def new() -> ResponseReturnValue:
    form = forms.SessionForm(g.meeting)
    if request.method == "GET":
        form.day.data = request.args.get("day", form.day.data)
    if form.validate_on_submit():
        try:
            speakers, added = people.read(form.people(), by=staff())
            service.create_session(
                g.meeting, by=staff(), speakers=speakers, keep_clashes=form.keep_clashes.data, **form.facts()
            )
        except RuleError as error:
            return _again(form, error)
        db.session.commit()
        _tell(added, _("The session is in the programme."))
        return redirect(url_for("programme.index"))
    return _form(form)


@bp.route("/<int:session_id>", methods=["GET", "POST"])
@permission("programme.edit")
def edit(session_id: int) -> ResponseReturnValue:
    session = queries.get_session(g.meeting.id, session_id)
    shown = queries.shown_speakers([session], g.meeting.id).get(session.id, [])
    lines = [(people.written(row.speaker.person, row.organisation), row.part) for row in shown]
    form = forms.SessionForm(g.meeting, data=forms.values_of(session, lines))
    if form.validate_on_submit():
        named = {row.speaker.id for row in shown}
        # whom this page may not name stays in the session
        unnamed = [(s.person, s.part) for s in session.speakers if s.id not in named]
        try:
            speakers, added = people.read(form.people(), by=staff())
            service.change_session(
                session,
                version=int(form.version.data or 0),
                by=staff(),
                speakers=speakers + unnamed,
                keep_clashes=form.keep_clashes.data,
                **form.facts(),
            )
        except RuleError as error:
            return _again(form, error, session_id)
        db.session.commit()
        _tell(added, _("The session was saved."))
        return redirect(url_for("programme.index"))
    return _form(form, session)


@bp.post("/<int:session_id>/delete")
@permission("programme.edit")
def delete(session_id: int) -> ResponseReturnValue:
    service.remove_session(queries.get_session(g.meeting.id, session_id), by=staff())
    db.session.commit()
    flash(_("The session was taken out of the programme."), "ok")
    return redirect(url_for("programme.index"))


def _form(form: forms.SessionForm, session: Session | None = None, **more: object) -> ResponseReturnValue:
    form.add_rows()
    page = render_template(
        "programme/edit.html",
        form=form,
        session=session,
        suggestions=[people.written(person, org) for person, org in queries.suggested_people(g.meeting.id)],
        history=trail.lines(audit.history(session)) if session is not None else [],
        **more,
    )
    return page, 422 if form.errors or more else 200


def _again(form: forms.SessionForm, error: RuleError, session_id: int | None = None) -> ResponseReturnValue:
    """The form with what was typed; a clash stands on top with a box to keep it all the same."""
    db.session.rollback()
    session = queries.get_session(g.meeting.id, session_id) if session_id is not None else None
    if isinstance(error, service.ClashError):
        return _form(form, session, found=error.clashes)
    form.refuse(error)
    return _form(form, session)


def _tell(added: list[Person], sentence: str) -> None:
    flash(sentence, "ok")
    for person in added:
        flash(_("%(name)s was not in the directory yet and was added to it.", name=person.full_name), "info")


@bp.route("/rooms", methods=["GET", "POST"])
@permission("programme.edit")
def rooms() -> ResponseReturnValue:
    """Rooms and tracks: what there is, and one form each to add."""
    room_form, track_form = forms.RoomForm(prefix="room"), forms.TrackForm(prefix="track")
    form = track_form if "track-name" in request.form else room_form
    if form.validate_on_submit():
        try:
            if form is track_form:
                service.add_track(g.meeting, name=form.name.data, by=staff())
            else:
                service.add_room(g.meeting, name=form.name.data, capacity=room_form.capacity.data, by=staff())
        except RuleError as error:
            db.session.rollback()
            form.refuse(error)
            return _rooms(room_form, track_form), 422
        db.session.commit()
        flash(_("“%(name)s” was added.", name=form.name.data), "ok")
        return redirect(url_for("programme.rooms"))
    return _rooms(room_form, track_form), 422 if form.errors else 200


def _rooms(room_form: forms.RoomForm, track_form: forms.TrackForm) -> str:
    return render_template(
        "programme/rooms.html",
        rooms=queries.list_rooms(g.meeting.id),
        tracks=queries.list_tracks(g.meeting.id),
        room_form=room_form,
        track_form=track_form,
    )


@bp.route("/rooms/<int:room_id>", methods=["GET", "POST"])
@permission("programme.edit")
def room(room_id: int) -> ResponseReturnValue:
    row = queries.get_room(g.meeting.id, room_id)
    form = forms.RoomForm(obj=row)
    if form.validate_on_submit():
        try:
            service.change_room(row, name=form.name.data, capacity=form.capacity.data, by=staff())
        except RuleError as error:
            db.session.rollback()
            form.refuse(error)
            return _place(form), 422
        db.session.commit()
        flash(_("“%(name)s” was saved.", name=form.name.data), "ok")
        return redirect(url_for("programme.rooms"))
    return _place(form), 422 if form.errors else 200


@bp.route("/tracks/<int:track_id>", methods=["GET", "POST"])
@permission("programme.edit")
def track(track_id: int) -> ResponseReturnValue:
    row = queries.get_track(g.meeting.id, track_id)
    form = forms.TrackForm(obj=row)
    if form.validate_on_submit():
        try:
            service.change_track(row, name=form.name.data, by=staff())
        except RuleError as error:
            db.session.rollback()
            form.refuse(error)
            return _place(form), 422
        db.session.commit()
        flash(_("“%(name)s” was saved.", name=form.name.data), "ok")
        return redirect(url_for("programme.rooms"))
    return _place(form), 422 if form.errors else 200


def _place(form: forms.RoomForm | forms.TrackForm) -> str:
    return render_template("programme/place.html", form=form)


@bp.post("/rooms/<int:room_id>/delete")
@permission("programme.edit")
def delete_room(room_id: int) -> ResponseReturnValue:
    service.remove_room(queries.get_room(g.meeting.id, room_id), by=staff())
    db.session.commit()
    flash(_("The room was removed."), "ok")
    return redirect(url_for("programme.rooms"))


@bp.post("/tracks/<int:track_id>/delete")
@permission("programme.edit")
def delete_track(track_id: int) -> ResponseReturnValue:
    service.remove_track(queries.get_track(g.meeting.id, track_id), by=staff())
    db.session.commit()
    flash(_("The track was removed."), "ok")
    return redirect(url_for("programme.rooms"))
