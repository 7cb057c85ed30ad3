"""Rules for badges: one valid badge per registration, whatever runs at once; lost ones replaced, never reused."""

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from eventhub import audit, clock, security
from eventhub.audit import Actor
from eventhub.badges import letters, queries
from eventhub.badges.models import MOVES, Badge, BadgeState
from eventhub.db import db, lock
from eventhub.errors import IllegalMoveError, RuleError
from eventhub.meetings.models import Meeting
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState


class NotConfirmedError(RuleError):
    sentence = _("Only confirmed people get a badge. Look at the registration first: it says what is missing.")


class ConductError(RuleError):
    sentence = _(
        "The code of conduct is not signed yet, so there is no badge. It can be signed on the person's own page."
    )


def issue(registration: Registration, *, by: Actor) -> Badge:
    """The registration's badge; made when there is none. Asked twice, also at the same time, it is the same badge.

    Raises NotConfirmedError, ConductError.
    """
    held = lock(Registration, registration.id)
    if held is None or held.state is not RegistrationState.CONFIRMED:
        raise NotConfirmedError
    badge = queries.held_badge(held.id)
    if badge is not None:
        return badge
    if lacks_conduct(held):
        raise ConductError
    return _new(held, by=by)


def issue_missing(meeting: Meeting, *, by: Actor) -> int:
    """Issue every badge that is due in a meeting; returns how many were."""
    lock(Meeting, meeting.id)
    due = queries.ids_without_badge(meeting.id)
    badges = [_row(registration_id) for registration_id in due]
    db.session.add_all(badges)
    db.session.flush()
    for badge in badges:
        audit.record(by, "issued", badge, meeting_id=meeting.id)
    return len(badges)


def revoke(badge: Badge, *, by: Actor) -> Badge:
    """The badge opens no door any more and there is no other until one is issued. Revoked twice is revoked once."""
    lock(Registration, badge.registration_id)
    db.session.refresh(badge)
    if badge.state is not BadgeState.REVOKED:
        _end(badge, BadgeState.REVOKED, by=by)
    return badge


def replace(badge: Badge, *, by: Actor) -> Badge:
    """A new badge with a new code in place of this one, which stops working. Raises IllegalMoveError unless valid."""
    registration = lock(Registration, badge.registration_id)
    db.session.refresh(badge)
    if registration is None or registration.state is not RegistrationState.CONFIRMED:
        raise NotConfirmedError
    _end(badge, BadgeState.REPLACED, by=by)
    new = _new(registration, by=by)
    badge.replaced_by_id = new.id
    db.session.flush()
    return new


def lacks_conduct(registration: Registration) -> bool:
    """Whether the meeting has a code of conduct that this person has not signed."""
    return bool(registration.meeting.code_of_conduct) and registration.code_of_conduct_at is None


def _end(badge: Badge, state: BadgeState, *, by: Actor) -> None:
    if state not in MOVES[badge.state]:
        raise IllegalMoveError(_("This badge was revoked or replaced already. Look at the page again."))
    badge.state, badge.ended_at = state, clock.now()
    db.session.flush()
    audit.record(by, state.value, badge, meeting_id=badge.registration.meeting_id)


def _row(registration_id: int) -> Badge:
    code = security.new_code()
    return Badge(registration_id=registration_id, code=code, code_hash=security.hashed(code), state=BadgeState.VALID)


def _new(registration: Registration, *, by: Actor) -> Badge:
    """Insert a badge; the unique index speaks last, and whoever came first holds the one badge."""
    badge = _row(registration.id)
    try:
        with db.session.begin_nested():
            db.session.add(badge)
    except sa.exc.IntegrityError:
        known = queries.held_badge(registration.id)
        if known is None:
            raise
        return known
    audit.record(by, "issued", badge, meeting_id=registration.meeting_id)
    return badge


def react_to_confirmed(registration_id: int) -> bool:
    """What follows a confirmation: the badge, and the letter with ticket and calendar file. Done once.

    Returns whether it was done now. A registration that is not confirmed (any more), or whose code of conduct is not
    signed, waits: the sweep comes back to it.
    """
    registration = lock(Registration, registration_id)
    if registration is None or registration.state is not RegistrationState.CONFIRMED:
        return False
    if registration.followed_up_at is not None or lacks_conduct(registration):
        return False
    newest = queries.newest_badge(registration.id)
    # a badge revoked after this confirmation is somebody's decision: it stays
    if newest is None or newest.state is not BadgeState.REVOKED or _before(newest, registration):
        issue(registration, by=audit.SYSTEM)
        letters.ticket(registration)
    # past the row's version: a participant who edits meanwhile changed nothing that this concerns
    db.session.execute(
        sa.update(Registration).where(Registration.id == registration.id).values(followed_up_at=clock.now())
    )
    return True


def _before(badge: Badge, registration: Registration) -> bool:
    """Whether a badge ended before its registration was (last) confirmed."""
    return bool(badge.ended_at and registration.confirmed_at and badge.ended_at < registration.confirmed_at)
