"""The invited side's rules: an organisation answers by its link, a nominee has a link of their own.

Naming people is in service_naming.py, what the secretariat does in service_sending.py, quotas are in
service_quotas.py. Only ``move`` and ``move_nomination`` change a state.
"""

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from eventhub import audit, clock
from eventhub.audit import Actor
from eventhub.db import db, lock
from eventhub.errors import IllegalMoveError, LinkError, LinkExpiredError, LinkWithdrawnError, RuleError
from eventhub.invitations import letters, queries
from eventhub.invitations.models import Invitation, Nomination
from eventhub.invitations.states import (
    INVITATION_MOVES,
    NOMINATION_MOVES,
    STANDING,
    InvitationState,
    NominationState,
)
from eventhub.meetings.models import Meeting
from eventhub.meetings.states import MeetingState
from eventhub.security import read_token

COMING = (MeetingState.PLANNED, MeetingState.OPEN, MeetingState.RUNNING)  # people can still be invited


class MeetingNotComingError(RuleError):
    sentence = _(
        "This meeting is postponed, cancelled or over, so nothing changes here now. "
        "Write to the organisers if you have a question."
    )


class AnswerClosedError(LinkExpiredError):
    sentence = _(
        "The deadline for this answer is over, so it can no longer be changed here. "
        "Write to the organisers: they can give you more time."
    )


# --- moves -------------------------------------------------------------------------------------------------------


def move(invitation: Invitation, state: InvitationState, *, by: Actor) -> Invitation:
    """Take an invitation to another state; the only place that does. Raises IllegalMoveError."""
    if state not in INVITATION_MOVES[invitation.state]:
        raise IllegalMoveError
    audit.record(by, state.value, invitation, before=invitation.state.value)
    invitation.state = state
    db.session.flush()
    return invitation


def move_nomination(nomination: Nomination, state: NominationState, *, by: Actor) -> Nomination:
    """Take a nomination to another state; the only place that does. Raises IllegalMoveError."""
    if state not in NOMINATION_MOVES[nomination.state]:
        raise IllegalMoveError
    meeting_id = nomination.invitation.meeting_id
    audit.record(by, state.value, nomination, meeting_id=meeting_id, before=nomination.state.value)
    nomination.state = state
    db.session.flush()
    return nomination


def actor(invitation: Invitation) -> Actor:
    """The invited organisation, or the person who is invited alone, as the one who acts."""
    if invitation.person is not None:
        return Actor("participant", str(invitation.person_id), invitation.person.full_name)
    organisation = invitation.organisation
    return Actor("organisation", str(invitation.organisation_id), organisation.name if organisation else "")


def nominee_actor(nomination: Nomination) -> Actor:
    """The nominated person as the one who acts; a child's name stays out of the audit."""
    person = nomination.person
    return Actor("participant", str(person.id), "" if person.is_child else person.full_name)


# --- the organisation's answer -----------------------------------------------------------------------------------


def find_by_token(token: str) -> Invitation:
    """The invitation behind an organisation's link.

    Raises LinkError (guessed), LinkWithdrawnError (replaced or withdrawn), LinkExpiredError (never answered in time).
    """
    ident, version = read_token("invitation", token)
    invitation = db.session.get(Invitation, ident, options=queries.WHOLE)
    if invitation is None or invitation.state is InvitationState.DRAFT:
        raise LinkError
    if invitation.link_version != version or invitation.state is InvitationState.WITHDRAWN:
        raise LinkWithdrawnError(meeting_id=invitation.meeting_id)
    unanswered = invitation.state in (InvitationState.SENT, InvitationState.EXPIRED)
    if unanswered and (invitation.state is InvitationState.EXPIRED or queries.is_past(invitation)):
        raise AnswerClosedError(meeting_id=invitation.meeting_id)
    return invitation


def note_opened(invitation: Invitation, *, at: datetime) -> None:
    """Note when the link was first opened: a time, not a state; nothing else follows from it."""
    if invitation.opened_at is None:
        invitation.opened_at = at
        db.session.flush()


def may_change(invitation: Invitation) -> bool:
    """Whether the organisation can still answer, name and replace by its link."""
    return not queries.is_past(invitation) and invitation.meeting.state in COMING


def accept(invitation: Invitation, *, by: Actor) -> Invitation:
    """The organisation comes. Twice is once; after a decline it is a change of mind."""
    invitation = hold(invitation, by=by)
    if invitation.state is not InvitationState.ACCEPTED:
        move(invitation, InvitationState.ACCEPTED, by=by)
        _answered(invitation, reason="")
    return invitation


def decline(invitation: Invitation, *, reason: str = "", by: Actor) -> Invitation:
    """The organisation does not come; whom it named and who has not registered is withdrawn.

    Raises RuleError while somebody it named is registered.
    """
    invitation = hold(invitation, by=by)
    if any(n.state is NominationState.REGISTERED for n in invitation.nominations):
        raise RuleError(
            _(
                "Somebody whom you named has already registered. Withdraw that person first, then decline the invitation."
            )
        )
    if invitation.state is not InvitationState.DECLINED:
        move(invitation, InvitationState.DECLINED, by=by)
        for nomination in invitation.nominations:
            if nomination.state in STANDING:
                take_back(nomination, NominationState.WITHDRAWN, by=by)
    _answered(invitation, reason=reason)
    return invitation


def _answered(invitation: Invitation, *, reason: str) -> None:
    invitation.answered_at = clock.now()
    invitation.opened_at = invitation.opened_at or invitation.answered_at
    invitation.decline_reason = reason
    db.session.flush()


def lock_whole(invitation: Invitation) -> Invitation:
    """The invitation and its nominations, locked and read afresh: what follows may count."""
    held = lock(Invitation, invitation.id)
    if held is None:
        raise LinkError
    rows = sa.select(Nomination).where(Nomination.invitation_id == held.id).with_for_update()
    db.session.scalars(rows.execution_options(populate_existing=True)).all()
    db.session.expire(held, ["nominations"])
    return held


def hold(invitation: Invitation, *, by: Actor) -> Invitation:
    """``lock_whole``, when something may still change: the meeting is to come, and the deadline is not over.

    Staff may act after the deadline; the organisation raises AnswerClosedError then.
    """
    held = lock_whole(invitation)
    check_open(held, by=by)
    return held


def check_open(invitation: Invitation, *, by: Actor) -> None:
    """Raises MeetingNotComingError, and for who is invited AnswerClosedError after the deadline."""
    if invitation.meeting.state not in COMING:
        raise MeetingNotComingError
    invited = by.kind == "organisation" or (by.kind == "participant" and invitation.person_id is not None)
    if invited and queries.is_past(invitation):
        raise AnswerClosedError(meeting_id=invitation.meeting_id)


def take_back(nomination: Nomination, state: NominationState, *, by: Actor) -> None:
    """End a standing nomination as withdrawn or replaced: its link dies, and who was asked to register is told."""
    # who has registered hears it from the registration; who was invited alone, from the invitation
    told = nomination.state is NominationState.INVITED and nomination.invitation.person_id is None
    move_nomination(nomination, state, by=by)
    nomination.link_version += 1
    if told:
        letters.send_nomination_withdrawn(nomination)
    db.session.flush()


# --- the nominee's link ------------------------------------------------------------------------------------------


def find_nomination_by_token(token: str) -> Nomination:
    """The nomination behind a nominee's link: invited, registered or declined; the caller looks at its state.

    Raises LinkError (guessed), LinkWithdrawnError (replaced or withdrawn), LinkExpiredError (the meeting or its
    registration is over, and the person is not registered).
    """
    ident, version = read_token("nomination", token)
    nomination = db.session.get(Nomination, ident)
    if nomination is None or nomination.state is NominationState.NAMED:
        raise LinkError
    gone = (NominationState.REPLACED, NominationState.WITHDRAWN)
    meeting = nomination.invitation.meeting
    if nomination.link_version != version or nomination.state in gone:
        raise LinkWithdrawnError(meeting_id=meeting.id)
    if nomination.state is not NominationState.REGISTERED and _registration_is_over(meeting):
        raise LinkExpiredError(meeting_id=meeting.id)
    return nomination


def _registration_is_over(meeting: Meeting) -> bool:
    closed = meeting.registration_closes is not None and clock.now() >= meeting.registration_closes
    return closed or meeting.state not in COMING or clock.today(meeting.tz) > meeting.ends


def mark_registered(nomination: Nomination, *, by: Actor) -> Nomination:
    """The nominee has registered. Twice is once; after a decline it is a change of mind, while the seat is free.

    Raises IllegalMoveError when the nomination no longer stands. The caller holds the meeting's row, if any.
    """
    if nomination.state is NominationState.DECLINED:
        return_nomination(nomination, by=by)
    held = lock(Nomination, nomination.id)
    if held is None:
        raise LinkError
    if held.state is not NominationState.REGISTERED:
        move_nomination(held, NominationState.REGISTERED, by=by)
    return held


def decline_nomination(nomination: Nomination, *, by: Actor) -> Nomination:
    """The nominee does not come; the organisation is told and may name somebody else. Twice is once."""
    invitation = hold(nomination.invitation, by=by)
    held = queries.get_nomination(nomination.id, invitation_id=invitation.id)
    if held.state is not NominationState.DECLINED:
        move_nomination(held, NominationState.DECLINED, by=by)
        letters.send_nomination_declined(held)
    return held


def return_nomination(nomination: Nomination, *, by: Actor) -> Nomination:
    """A nominee who had declined comes after all, if the seat is still free. Raises RuleError when it is not."""
    invitation = hold(nomination.invitation, by=by)
    held = queries.get_nomination(nomination.id, invitation_id=invitation.id)
    if held.state is NominationState.DECLINED:
        if invitation.state is not InvitationState.ACCEPTED or queries.seats_taken(invitation) >= invitation.seats:
            raise RuleError(_("Your place was given to somebody else meanwhile. Ask your organisation about it."))
        move_nomination(held, NominationState.INVITED, by=by)
    return held


def purge(before: datetime) -> int:
    """Forget the adults behind nominated children in meetings that ended before ``before``; returns how many."""
    rows = queries.list_contacts_before(before.date())
    for nomination in rows:
        nomination.contact_name = nomination.contact_email = ""
    db.session.flush()
    return len(rows)
