"""Staff actions on one nomination: noting a yes, taking it back, sending its letter again, letting an alternate move up."""

from flask import flash, g, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub.accounts.guard import may, staff
from eventhub.db import db
from eventhub.errors import NotFoundError
from eventhub.invitations import queries, service_naming, service_sending
from eventhub.invitations.models import Nomination
from eventhub.invitations.public import end_registration
from eventhub.invitations.states import NominationState
from eventhub.invitations.views import bp
from eventhub.security import permission


@bp.post("/<int:invitation_id>/come")
@permission("invitations.edit")
def come(invitation_id: int) -> ResponseReturnValue:
    """Somebody who is invited alone said yes on the telephone: the organiser notes it and registers them."""
    invitation = queries.get_invitation(invitation_id, meeting=g.meeting)
    nomination = service_naming.come(invitation, by=staff())
    db.session.commit()
    flash(_("Noted: the invitation is accepted. Register the person now, or let them do it by their own link."), "ok")
    if may("registration.edit") and nomination.state is NominationState.INVITED:
        return redirect(url_for("registration.new", nomination=nomination.id))
    return _back(nomination)


@bp.post("/people/<int:nomination_id>/withdraw")
@permission("invitations.edit")
def withdraw_nomination(nomination_id: int) -> ResponseReturnValue:
    nomination = _get(nomination_id)
    end_registration(nomination, by=staff())
    service_naming.withdraw(nomination, by=staff())
    db.session.commit()
    flash(_("The nomination was taken back. The seat is free again."), "ok")
    return _back(nomination)


@bp.post("/people/<int:nomination_id>/again")
@permission("invitations.edit")
def send_nomination_again(nomination_id: int) -> ResponseReturnValue:
    nomination = _get(nomination_id)
    service_sending.send_nomination_again(nomination, by=staff())
    db.session.commit()
    flash(_("The letter goes out again, with a new link. The old link no longer works."), "ok")
    return _back(nomination)


@bp.post("/people/<int:nomination_id>/up")
@permission("invitations.edit")
def move_up(nomination_id: int) -> ResponseReturnValue:
    nomination = _get(nomination_id)
    service_naming.move_up(nomination, by=staff())
    db.session.commit()
    flash(_("The alternate has the seat now and gets a letter to register."), "ok")
    return _back(nomination)


def _get(nomination_id: int) -> Nomination:
    nomination = queries.get_nomination(nomination_id, meeting=g.meeting)
    if nomination.person.is_child and not may("safeguarding.see_children"):
        raise NotFoundError
    return nomination


def _back(nomination: Nomination) -> ResponseReturnValue:
    return redirect(url_for("invitations.show", invitation_id=nomination.invitation_id))
