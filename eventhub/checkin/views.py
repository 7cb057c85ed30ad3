"""Staff pages of the door: checkpoints and devices, and who is here."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from eventhub import audit, clock
from eventhub.accounts.guard import may, staff
from eventhub.badges.qr import qr_svg
from eventhub.checkin import devices, facts, forms, kiosks, queries, service, service_checkpoints
from eventhub.checkin.models import Checkpoint, CheckpointKind
from eventhub.db import db
from eventhub.errors import RuleError
from eventhub.meetings.views import history
from eventhub.programme import queries as programme
from eventhub.security import permission

bp = Blueprint("checkin", __name__, url_prefix="/staff/m/<slug>")


@bp.get("/checkpoints")
@permission("checkin.manage")
def checkpoints() -> ResponseReturnValue:
    """Every checkpoint with its rules, and every device."""
    return render_template(
        "checkin/checkpoints.html",
        checkpoints=queries.list_checkpoints(g.meeting.id),
        rules=queries.current_rules(g.meeting.id),
        devices=queries.list_devices(g.meeting.id),
        let_in=queries.count_let_in(g.meeting.id),
        kinds=forms.KINDS,
        now=clock.now(),
    )


@bp.route("/checkpoints/new", methods=["GET", "POST"])
@permission("checkin.manage")
def new_checkpoint() -> ResponseReturnValue:
    form = forms.CheckpointForm(g.meeting)
    if form.validate_on_submit():
        try:
            made = _make(form)
        except RuleError as error:
            db.session.rollback()
            form.refuse(error)
            return render_template("checkin/new.html", form=form), 422
        db.session.commit()
        flash(_("The checkpoint is open. Now make a device for it, or open the door page yourself."), "ok")
        return redirect(url_for("checkin.checkpoint", checkpoint_id=made.id))
    return render_template("checkin/new.html", form=form), 422 if form.errors else 200


def _make(form: forms.CheckpointForm) -> Checkpoint:
    session = programme.get_session(g.meeting.id, form.session_id.data) if form.session_id.data else None
    kind, rules, follows = CheckpointKind(form.kind.data), form.rules(g.meeting.tz), None
    if kind is CheckpointKind.SESSION and session is not None and not (rules["open_from"] or rules["open_to"]):
        follows = service_checkpoints.BEFORE_SESSION
        rules |= service_checkpoints.rules_of(session, follows)
    return service.create_checkpoint(
        g.meeting,
        name=form.name.data,
        kind=kind,
        group=form.group.data,
        session=session,
        day=date.fromisoformat(form.day.data) if form.day.data else None,
        follows_minutes=follows,
        by=staff(),
        **rules,
    )


@bp.route("/checkpoints/<int:checkpoint_id>", methods=["GET", "POST"])
@permission("checkin.manage")
def checkpoint(checkpoint_id: int) -> ResponseReturnValue:
    """One checkpoint: its rules, and a code to enrol a device."""
    found = queries.get_checkpoint(checkpoint_id, g.meeting.id)
    rules = queries.current_rules(g.meeting.id).get(found.id)
    form = forms.RulesForm(data=forms.filled(rules, g.meeting.tz))
    if form.validate_on_submit():
        try:
            service_checkpoints.stop_following(found, by=staff())
            service.change_rules(found, by=staff(), **form.rules(g.meeting.tz))
        except RuleError as error:
            db.session.rollback()
            form.refuse(error)
            return _checkpoint_page(checkpoint_id, form), 422
        db.session.commit()
        flash(_("The new rules hold from now on."), "ok")
        return redirect(url_for("checkin.checkpoint", checkpoint_id=found.id))
    return _checkpoint_page(checkpoint_id, form), 422 if form.errors else 200


def _checkpoint_page(checkpoint_id: int, form: forms.RulesForm | None = None, **more: Any) -> str:
    """The page with its three forms; those that were not sent are fresh."""
    found = queries.get_checkpoint(checkpoint_id, g.meeting.id)
    fresh = {"enrol": _enrol_form(formdata=None), "kiosk": forms.KioskForm(formdata=None)}
    day, let_in = queries.today(g.meeting.id), queries.count_let_in(g.meeting.id)
    return render_template(
        "checkin/checkpoint.html",
        form=form or _rules_form(found.id),
        checkpoint=found,
        session=programme.get_session(g.meeting.id, found.session_id) if found.session_id else None,
        today=day,
        present=queries.count_present(g.meeting.id, day).get(found.id, 0) if day else 0,
        let_in={day: n for (ident, day), n in let_in.items() if ident == found.id},
        rules=queries.list_rules(found.id),
        together=[name for name in queries.list_groups(g.meeting.id).get(found.group or "", []) if name != found.name],
        devices=[row for row in queries.list_devices(g.meeting.id) if row[0].checkpoint_id == found.id],
        kinds=forms.KINDS,
        history=history(audit.history(found)),
        moment_of=facts.moment,
        now=clock.now(),
        **{**fresh, **more},
    )


@bp.post("/checkpoints/<int:checkpoint_id>/close")
@permission("checkin.manage")
def close(checkpoint_id: int) -> ResponseReturnValue:
    service.close(queries.get_checkpoint(checkpoint_id, g.meeting.id), by=staff())
    db.session.commit()
    flash(_("The checkpoint is closed. New rules open it again."), "ok")
    return redirect(url_for("checkin.checkpoints"))


@bp.post("/checkpoints/<int:checkpoint_id>/enrol")
@permission("checkin.manage")
def enrol(checkpoint_id: int) -> ResponseReturnValue:
    """A code for one new device, shown now and never again."""
    found = queries.get_checkpoint(checkpoint_id, g.meeting.id)
    form = _enrol_form()
    if not form.validate():
        return _checkpoint_page(found.id, enrol=form), 422
    until = clock.now() + timedelta(days=form.days.data)
    token = devices.make_token(found, scope=form.scope.data or [], expires_at=until, by=staff())
    db.session.commit()
    return _enrolment(found, f"/door/e/{token}")


@bp.post("/checkpoints/<int:checkpoint_id>/kiosk")
@permission("checkin.manage")
def kiosk(checkpoint_id: int) -> ResponseReturnValue:
    """A code for one new kiosk, shown now and never again."""
    found = queries.get_checkpoint(checkpoint_id, g.meeting.id)
    form = forms.KioskForm()
    if form.validate():
        until = clock.now() + timedelta(days=form.days.data)
        try:
            token = kiosks.make_token(found, pin=form.pin.data, expires_at=until, by=staff())
        except RuleError as error:
            form.refuse(error)
        else:
            db.session.commit()
            return _enrolment(found, f"/kiosk/e/{token}")
    return _checkpoint_page(found.id, kiosk=form), 422


def _enrol_form(**more: Any) -> forms.EnrolForm:
    return forms.EnrolForm(may_see_children=may("safeguarding.see_children"), **more)


def _enrolment(found: Checkpoint, path: str) -> str:
    """The address that makes a device, as a code too."""
    address = current_app.config["EVENTHUB"].base_url + path
    # the drawing is ours, made of numbers and a path
    picture = Markup(qr_svg(address.upper()))  # noqa: S704
    until = clock.now() + devices.TOKEN_LIVES
    return render_template("checkin/enrol.html", checkpoint=found, address=address, picture=picture, until=until)


def _rules_form(checkpoint_id: int) -> forms.RulesForm:
    rules = queries.current_rules(g.meeting.id).get(checkpoint_id)
    return forms.RulesForm(formdata=None, data=forms.filled(rules, g.meeting.tz))


@bp.post("/devices/<int:device_id>/revoke")
@permission("checkin.manage")
def revoke(device_id: int) -> ResponseReturnValue:
    devices.revoke(devices.get_device(device_id, g.meeting.id), by=staff())
    db.session.commit()
    flash(_("The device's key does not work any more. What it still sends is kept aside for you."), "ok")
    return redirect(url_for("checkin.checkpoints"))
