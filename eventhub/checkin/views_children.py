"""Pages for who may see children: where each child and its adults are, handing over, leaving, and the safe return.

A handover or an exit is a scan like any other, made by this person's browser as a device of the checkpoint where the
child is. With whom a child leaves stands beside the scan: the protocol's scan names the child only.
"""

import uuid
from datetime import date
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from eventhub import clock
from eventhub.accounts.guard import may, staff
from eventhub.checkin import api_door, devices, facts, gather, queries, queries_children, words
from eventhub.checkin.forms_children import OTHER, HandoverForm, LeaveForm
from eventhub.checkin.queries_children import ChildNow, Place
from eventhub.checkin.views import bp
from eventhub.db import db
from eventhub.directory.models import Person
from eventhub.errors import InvalidError, NotAllowedError, RuleError
from eventhub.meetings.states import MeetingState
from eventhub.safeguarding import queries as safeguarding
from eventhub.safeguarding import service as safeguarding_service
from eventhub.security import permission

GUARDIAN = "guardian"


@bp.get("/children-here")
@permission("safeguarding.see_children")
def children() -> ResponseReturnValue:
    """Every child: where it is, where its adults are, with whom it left, and whether somebody made sure it is safe."""
    about = queries.about(g.meeting.id)
    return render_template(
        "checkin/children.html",
        children=queries_children.list_children(about),
        day=about.day(facts.milliseconds(clock.now())),
        nights=[day for day in about.calendar if day <= clock.today(g.meeting.tz)],
        moment_of=facts.moment,
        now=clock.now(),
        is_over=g.meeting.state is MeetingState.OVER or clock.today(g.meeting.tz) >= g.meeting.ends,
    )


@bp.get("/children-here/<int:registration_id>")
@permission("safeguarding.see_children")
def child_here(registration_id: int) -> ResponseReturnValue:
    """One child: hand it over, or let it leave."""
    return _page(_child(registration_id))


@bp.get("/children-here/of/<key>")
@permission("safeguarding.see_children")
def child_of(key: str) -> ResponseReturnValue:
    """From a verdict at the door, about a child or about an adult who may not leave yet, to the child's page."""
    ident, rows = gather.id_of(key), queries_children.list_children(queries.about(g.meeting.id))
    found = [row for row in rows if row.registration.person_id == ident]
    found = found or [row for row in rows if row.places and ident in (carer.person.id for carer in row.carers)]
    if len(found) == 1:
        return redirect(url_for("checkin.child_here", registration_id=found[0].registration.id))
    return redirect(url_for("checkin.children"))


def _child(registration_id: int) -> ChildNow:
    return queries_children.get_child(queries.about(g.meeting.id), registration_id)


def _page(
    child: ChildNow, handover: HandoverForm | None = None, leave: LeaveForm | None = None, said: Any = None
) -> str:
    handover = handover or HandoverForm(_takers(child), formdata=None)
    leave = leave or LeaveForm(_leavers(child), formdata=None)
    handover.scan_id.data, leave.scan_id.data = str(uuid.uuid4()), str(uuid.uuid4())
    return render_template(
        "checkin/child.html",
        child=child,
        handover=handover,
        leave=leave,
        said=said,
        can_scan=may("checkin.use"),
        moment_of=facts.moment,
    )


def _takers(child: ChildNow) -> list[tuple[str, str]]:
    """Adults inside with the child, those who answer for it first."""
    if not child.places:
        return []
    group, day = child.places[0].group, queries.today(g.meeting.id)
    own = {carer.person.id: carer for carer in child.carers if carer.is_in(group)}
    others = [p for p in queries_children.list_adults_inside(g.meeting.id, day, group) if p.id not in own]
    first = [(gather.key_of(ident), _named(carer.person, _word(carer.word))) for ident, carer in own.items()]
    return first + [(gather.key_of(person.id), _named(person)) for person in others]


def _leavers(child: ChildNow) -> list[tuple[str, str]]:
    choices = [(gather.key_of(carer.person.id), _named(carer.person, _word(carer.word))) for carer in child.carers]
    guardian = safeguarding.find_guardian(child.registration.person_id, g.meeting.id)
    if guardian is not None and guardian.name:
        choices.append((GUARDIAN, f"{guardian.name} ({_('guardian')})"))
    return choices


def _word(word: str) -> str:
    return {"adult": _("named adult"), "deputy": _("deputy"), "took_over": _("took over today")}[word]


def _named(person: Person, word: str = "") -> str:
    latin = person.latin_name
    name = f"{person.full_name}, {latin}" if latin and latin != person.full_name else person.full_name
    return f"{name} ({word})" if word else name


@bp.post("/children-here/<int:registration_id>/handover")
@permission("safeguarding.see_children")
def hand_over(registration_id: int) -> ResponseReturnValue:
    """Another adult inside answers for the child from now on; the verdict is shown."""
    child = _child(registration_id)
    form = HandoverForm(_takers(child))
    if not form.validate() or not child.places:
        return _page(child, handover=form), 422
    scan = {"kind": "handover", "person": _key(child), "with": form.adult.data}
    said = _scan(child.places[0], form.ident(), scan)
    return _page(_child(registration_id), said=said)


@bp.post("/children-here/<int:registration_id>/leave")
@permission("safeguarding.see_children")
def let_leave(registration_id: int) -> ResponseReturnValue:
    """The child leaves, and with whom; when a door has let it out already, only with whom is written down."""
    child = _child(registration_id)
    form = LeaveForm(_leavers(child))
    if not form.validate():
        return _page(child, leave=form), 422
    said = None
    if child.places:
        said = _scan(child.places[0], form.ident(), {"kind": "exit", "person": _key(child)})
        child = _child(registration_id)
    if child.left is None:
        return _page(child, leave=form, said=said), 422
    try:
        _note(child, form)
    except RuleError as error:
        db.session.rollback()
        form.refuse(error)
        return _page(_child(registration_id), leave=form, said=said), 422
    db.session.commit()
    return _page(_child(registration_id), said=said or words.words_of("left"))


def _note(child: ChildNow, form: LeaveForm) -> None:
    """Write down with whom, beside the exit; the same again is written once."""
    chosen, name, adult = form.adult.data, "", None
    if chosen == OTHER:
        name = form.name.data or ""
    elif chosen == GUARDIAN:
        guardian = safeguarding.find_guardian(child.registration.person_id, g.meeting.id)
        name = f"{guardian.name} ({_('guardian')})" if guardian is not None else ""
    else:
        adult = next((carer.person for carer in child.carers if gather.key_of(carer.person.id) == chosen), None)
    if child.left is None or (child.departure and child.departure.adult_name == (adult.full_name if adult else name)):
        return
    safeguarding_service.note_departure(
        child=child.registration.person, meeting=g.meeting, scan=child.left.scan, adult=adult, name=name, by=staff()
    )


def _key(child: ChildNow) -> str:
    return gather.key_of(child.registration.person_id)


def _scan(place: Place, ident: str, about: dict[str, Any]) -> tuple[str, str, str]:
    """Ask as a device of the checkpoint where the child is; the verdict's tone, word and sentence."""
    if not may("checkin.use"):
        raise NotAllowedError
    checkpoint = queries.get_checkpoint(place.checkpoint_id, g.meeting.id)
    scope = ["children", "evacuation"]
    device = devices.own_browser(checkpoint, user=current_user, scope=scope, by=staff())
    db.session.commit()
    now = facts.written(facts.milliseconds(clock.now()))
    scan = {"id": ident, "checkpoint": str(checkpoint.id), "scanned_at": now, "offset_ms": 0, **about}
    # a form that is sent twice means the scan of the first time, with its time
    result = api_door.answer(device, queries.find_scan(device.id, ident) or scan, now)
    return words.words_of("/".join(filter(None, (result["verdict"], result.get("reason")))))


@bp.post("/children-here/safe")
@permission("safeguarding.see_children")
def safe() -> ResponseReturnValue:
    """These children are safe: for a night, or home."""
    day = _night(request.form.get("when", ""))
    wanted = {text for text in request.form.getlist("child") if text.isascii() and text.isdigit()}
    rows = queries_children.list_children(queries.about(g.meeting.id))
    chosen = [row.registration.person for row in rows if str(row.registration.id) in wanted]
    if not chosen:
        flash(_("Tick the children of whom you made sure. Then press the button again."), "wait")
        return redirect(url_for("checkin.children"))
    for person in chosen:
        if request.form.get("action") == "withdraw":
            safeguarding_service.withdraw_safe(child=person, meeting=g.meeting, day=day, by=staff())
        else:
            safeguarding_service.confirm_safe(child=person, meeting=g.meeting, day=day, by=staff())
    db.session.commit()
    flash(_("Noted with your name."), "ok")
    return redirect(url_for("checkin.children"))


def _night(text: str) -> date | None:
    """The night of a day of the meeting; None is home."""
    if text == "home":
        return None
    for row in g.meeting.days:
        if row.day.isoformat() == text:
            found: date = row.day
            return found
    raise InvalidError(_("Choose a night of the meeting, or home."))
