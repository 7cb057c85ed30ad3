"""The links in our letters: an organisation answers and names people, a nominee finds the way to register.

A GET shows and decides nothing, so that a mail scanner accepts nothing; it only notes when the link was first opened.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import get_global
from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub import clock
from eventhub.audit import Actor
from eventhub.db import db, writing
from eventhub.errors import InvalidError, LinkUsedError
from eventhub.invitations import forms, queries, service, service_naming
from eventhub.invitations.models import Invitation, Nomination
from eventhub.invitations.states import NominationState, NomineeRole
from eventhub.meetings.public import registration_window
from eventhub.registration import queries as registrations
from eventhub.registration import service_deciding
from eventhub.registration.states import RegistrationState
from eventhub.security import guess_limit, public
from eventhub.security import token as personal

bp = Blueprint("invitation", __name__)


# --- the organisation's page -------------------------------------------------------------------------------------


@bp.get("/invitation/<token>")
@public
@guess_limit
def show(token: str) -> ResponseReturnValue:
    invitation = _note_opened(token, _load(token))
    if invitation.person_id is not None:
        return _page_alone(invitation, forms.DeclineForm(formdata=None))
    return _page(invitation, _fresh(invitation), forms.DeclineForm(formdata=None))


@bp.post("/invitation/<token>/accept")
@public
@guess_limit
def accept(token: str) -> ResponseReturnValue:
    invitation = _load(token)
    if invitation.person_id is not None:
        service_naming.come(invitation, by=service.actor(invitation))
        db.session.commit()
        flash(_("Thank you. You accepted the invitation. Now please register."), "ok")
        return _back(token)
    service.accept(invitation, by=service.actor(invitation))
    db.session.commit()
    flash(_("Thank you. You accepted the invitation. Now name the people who will come."), "ok")
    return _back(token)


@bp.post("/invitation/<token>/decline")
@public
@guess_limit
def decline(token: str) -> ResponseReturnValue:
    invitation, form = _load(token), forms.DeclineForm()
    alone, by = invitation.person_id is not None, service.actor(invitation)
    if not form.validate():
        page = _page_alone(invitation, form) if alone else _page(invitation, forms.NomineeForm(formdata=None), form)
        return page, 422
    if alone:
        _stay_away(invitation, by=by)
    service.decline(invitation, reason=form.reason.data or "", by=by)
    db.session.commit()
    flash(_("Thank you for telling us. The organisers know that you cannot come."), "ok")
    return _back(token)


@bp.post("/invitation/<token>/people")
@public
@guess_limit
def nominate(token: str) -> ResponseReturnValue:
    invitation, form = _load(token), forms.NomineeForm()
    try:
        if not form.validate():
            raise InvalidError
        nomination = service_naming.nominate(invitation, form.nominee(), by=service.actor(invitation))
    except InvalidError as error:
        return _page(_refuse(token, form, error), form, forms.DeclineForm(formdata=None)), 422
    db.session.commit()
    _tell(nomination)
    return _back(token)


@bp.route("/invitation/<token>/people/<int:nomination_id>/replace", methods=["GET", "POST"])
@public
@guess_limit
def replace(token: str, nomination_id: int) -> ResponseReturnValue:
    invitation = _load(token)
    before = queries.get_nomination(nomination_id, invitation_id=invitation.id)
    form, by = forms.NomineeForm(role=before.role.value), service.actor(invitation)
    if form.is_submitted():
        try:
            if not form.validate():
                raise InvalidError
            service.check_open(invitation, by=by)
            end_registration(before, by=by)
            nomination = service_naming.nominate(invitation, form.nominee(), replaces=before, by=by)
        except InvalidError as error:
            invitation = _refuse(token, form, error)
            before = queries.get_nomination(nomination_id, invitation_id=invitation.id)
            return _replace_page(token, invitation, before, form), 422
        db.session.commit()
        _tell(nomination)
        return _back(token)
    return _replace_page(token, invitation, before, form)


@bp.post("/invitation/<token>/people/<int:nomination_id>/withdraw")
@public
@guess_limit
def withdraw(token: str, nomination_id: int) -> ResponseReturnValue:
    invitation = _load(token)
    nomination = queries.get_nomination(nomination_id, invitation_id=invitation.id)
    by = service.actor(invitation)
    service.check_open(invitation, by=by)
    end_registration(nomination, by=by)
    service_naming.withdraw(nomination, by=by)
    db.session.commit()
    flash(_("The nomination was taken back. You can name somebody else."), "ok")
    return _back(token)


@bp.post("/invitation/<token>/people/<int:nomination_id>/up")
@public
@guess_limit
def move_up(token: str, nomination_id: int) -> ResponseReturnValue:
    invitation = _load(token)
    nomination = queries.get_nomination(nomination_id, invitation_id=invitation.id)
    service_naming.move_up(nomination, by=service.actor(invitation))
    db.session.commit()
    _tell(nomination)
    return _back(token)


def _load(token: str) -> Invitation:
    invitation = service.find_by_token(token)
    g.meeting = invitation.meeting
    return invitation


def _stay_away(invitation: Invitation, *, by: Actor) -> None:
    """Who was invited alone does not come: their registration, if there is one, ends with the invitation."""
    service.check_open(invitation, by=by)
    for nomination in queries.standing(invitation):
        end_registration(nomination, by=by)
        service_naming.withdraw(nomination, by=by)


def _note_opened(token: str, invitation: Invitation) -> Invitation:
    """Note the first opening, in a transaction that begins as one that writes."""
    if invitation.opened_at is not None or request.method != "GET":
        return invitation
    db.session.rollback()
    writing.set(True)
    service.note_opened(_load(token), at=clock.now())
    db.session.commit()
    writing.set(False)
    return _load(token)


def end_registration(nomination: Nomination, *, by: Actor) -> None:
    """Who is replaced or taken back does not come: the registration that followed from the nomination ends with it.

    Before the nomination itself: who registers locks the meeting first, too.
    """
    if nomination.state is not NominationState.REGISTERED:
        return
    registration = registrations.find_registration(nomination.invitation.meeting_id, nomination.person_id)
    if registration is not None and registration.nomination_id == nomination.id:
        service_deciding.cancel(registration, by=by)


def people_states(invitation: Invitation) -> dict[int, str]:
    """What to show as each nomination's state: of who has registered and does not come after all, "cancelled"."""
    people = [n.person_id for n in invitation.nominations if n.state is NominationState.REGISTERED]
    ended = {
        person_id: row.state.value
        for person_id, row in registrations.registrations_of(people, invitation.meeting_id).items()
        if row.state in (RegistrationState.CANCELLED, RegistrationState.DECLINED)
    }
    return {n.id: ended.get(n.person_id, n.state.value) for n in invitation.nominations}


def _refuse(token: str, form: forms.NomineeForm, error: InvalidError) -> Invitation:
    """The form with what was typed and the rule's sentence; the invitation as it is stored."""
    db.session.rollback()
    if not form.errors:
        form.refuse(error)
    return _load(token)


def _page(invitation: Invitation, form: forms.NomineeForm, decline_form: forms.DeclineForm) -> str:
    return render_template(
        "invitation/show.html",
        token=(request.view_args or {})["token"],
        invitation=invitation,
        people=queries.standing(invitation),
        gone=[n for n in invitation.nominations if n.state is NominationState.DECLINED],
        taken=queries.seats_taken(invitation),
        may_change=service.may_change(invitation),
        roles=forms.role_names(),
        states=people_states(invitation),
        form=form,
        decline_form=decline_form,
        **_deadline(invitation),
    )


def _page_alone(invitation: Invitation, decline_form: forms.DeclineForm) -> str:
    nomination = next(iter(queries.standing(invitation)), None)
    return render_template(
        "invitation/alone.html",
        token=(request.view_args or {})["token"],
        invitation=invitation,
        nomination=nomination,
        state=people_states(invitation)[nomination.id] if nomination is not None else "",
        form_url=_form_of(nomination) if nomination is not None else "",
        window=registration_window(invitation.meeting, is_named=True),
        may_change=service.may_change(invitation),
        decline_form=decline_form,
        **_deadline(invitation),
    )


def _form_of(nomination: Nomination) -> str:
    """Where somebody who was named registers."""
    mine = personal("nomination", nomination.id, nomination.link_version)
    return url_for("register.form", slug=nomination.invitation.meeting.slug, nomination=mine)


def _fresh(invitation: Invitation) -> forms.NomineeForm:
    """An empty form; when all seats have a name, the next one is an alternate."""
    full = queries.seats_taken(invitation) >= invitation.seats
    return forms.NomineeForm(formdata=None, role=(NomineeRole.ALTERNATE if full else NomineeRole.DELEGATE).value)


def _replace_page(token: str, invitation: Invitation, before: Nomination, form: forms.NomineeForm) -> str:
    return render_template(
        "invitation/replace.html", token=token, invitation=invitation, before=before, form=form, **_deadline(invitation)
    )


def _tell(nomination: Nomination) -> None:
    if nomination.state is NominationState.NAMED:
        flash(_("The person is named as an alternate. A letter goes out when they take a seat."), "ok")
    elif nomination.person.is_child:
        flash(_("The child is named. The letter goes to the adult you wrote down, not to the child."), "ok")
    else:
        flash(_("The person is named. A letter with a link to register is on its way to them."), "ok")


def _back(token: str) -> ResponseReturnValue:
    return redirect(url_for("invitation.show", token=token))


# --- the deadline, here and there --------------------------------------------------------------------------------


def _deadline(invitation: Invitation) -> dict[str, object]:
    """The last minute, the meeting's zone, and the reader's: that of who is invited, where it differs."""
    last_minute = queries.closes_at(invitation) - timedelta(minutes=1)
    here = ZoneInfo(invitation.meeting.tz)
    there = _zone_of(invitation.country, last_minute)
    if there is not None and last_minute.astimezone(there).utcoffset() == last_minute.astimezone(here).utcoffset():
        there = None
    return {"last_minute": last_minute, "reader_zone": there}


def _zone_of(country: str, at: datetime) -> ZoneInfo | None:
    """The time zone of a country or territory, when one clock is right in all of it."""
    zones = _zones_of(country)
    return zones[0] if zones and len({at.astimezone(zone).utcoffset() for zone in zones}) == 1 else None


@lru_cache(maxsize=300)
def _zones_of(country: str) -> list[ZoneInfo]:
    found = []
    for name, territory in sorted(get_global("zone_territories").items()):
        if country and territory == country:
            try:
                found.append(ZoneInfo(name))
            except (ZoneInfoNotFoundError, ValueError):
                continue  # a zone that this machine's tables do not have says nothing about the clock
    return found


# --- the nominee's page ------------------------------------------------------------------------------------------


@bp.get("/nomination/<token>")
@public
@guess_limit
def nomination(token: str) -> ResponseReturnValue:
    """What this is about, and the way to the form."""
    found = _load_nomination(token)
    if found.invitation.person_id is not None:  # who was invited alone has one page, that of the invitation
        mine = personal("invitation", found.invitation_id, found.invitation.link_version)
        return redirect(url_for("invitation.show", token=mine))
    return render_template(
        "invitation/nomination.html",
        nomination=found,
        token=token,
        form_url=url_for("register.form", nomination=token),
        window=registration_window(found.invitation.meeting, is_named=True),
    )


@bp.post("/nomination/<token>/decline")
@public
@guess_limit
def decline_nomination(token: str) -> ResponseReturnValue:
    found = _load_nomination(token)
    service.decline_nomination(found, by=service.nominee_actor(found))
    db.session.commit()
    return redirect(url_for("invitation.nomination", token=token))


@bp.post("/nomination/<token>/return")
@public
@guess_limit
def return_nomination(token: str) -> ResponseReturnValue:
    found = _load_nomination(token)
    service.return_nomination(found, by=service.nominee_actor(found))
    db.session.commit()
    flash(_("Good. Now please register."), "ok")
    return redirect(url_for("invitation.nomination", token=token))


def _load_nomination(token: str) -> Nomination:
    """The nomination that still asks for an answer; raises LinkUsedError when the person is registered."""
    found = service.find_nomination_by_token(token)
    g.meeting = found.invitation.meeting
    if found.state is NominationState.REGISTERED:
        raise LinkUsedError(
            _("You have registered already. The link to your own page is in the letter that came after that.")
        )
    return found
