"""Rules for staff accounts: making one, changing it, giving and taking roles, links that set a password.

Who administers one meeting may decide about roles in it, and about people who have no role elsewhere; who administers
all meetings may decide about everybody. One administrator of all meetings always stays.
"""

import uuid
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from flask_security.utils import hash_password
from sqlalchemy.exc import IntegrityError

from eventhub import audit, clock, security
from eventhub.accounts import queries, sign_ins
from eventhub.accounts.models import ApiToken, Grant, User
from eventhub.accounts.settings import LONGEST_PASSWORD, SHORTEST_PASSWORD
from eventhub.audit import Actor
from eventhub.db import db
from eventhub.errors import InvalidError, LinkError, LinkExpiredError, LinkWithdrawnError, NotAllowedError, RuleError
from eventhub.security import SECOND_FACTOR_ROLES, Role

INVITATION_LASTS = timedelta(days=7)
RESET_LASTS = timedelta(hours=24)
LINK = "staff_password"


class LastFactorError(RuleError):
    sentence = _(
        "Your role needs more than a password, and this is the last thing you have for it. "
        "Add another passkey or set up an authenticator app first."
    )


class LastAdministratorError(RuleError):
    sentence = _("This is the last administrator of all meetings. Make somebody else administrator first.")


def create(*, email: str, name: str, password: str | None, by: Actor) -> User:
    """Make a staff account. Without a password the person sets one by the link in a letter."""
    if password is not None:
        _check_password(password)
    user = User(
        email=email.strip().lower(),
        name=name,
        password=hash_password(password) if password else None,
        fs_uniquifier=uuid.uuid4().hex,
        active=True,
    )
    _save_email(user)
    audit.record(by, "created", user)
    return user


def change(user: User, *, email: str, name: str, by: Actor) -> None:
    """Correct somebody's name or address. A link that waits in the old mailbox is withdrawn."""
    _check_manages(by, user)
    if (user.email, user.name) == (email.strip().lower(), name):
        return
    if user.email != email.strip().lower():
        close_link(user)
    user.email, user.name = email.strip().lower(), name
    _save_email(user)
    audit.record(by, "changed", user)


def grant(user: User, role: Role, meeting_id: int | None, *, by: Actor) -> Grant:
    """Give a role, in one meeting or (None) in all. Giving it twice is giving it once.

    Who thereby needs a second factor and has none is signed out, and sets one up when signing in again.
    """
    _check_administers(by, meeting_id)
    for held in user.grants:
        if held.role is role and held.meeting_id == meeting_id:
            return held
    needed_before = user.needs_second_factor
    new = Grant(user=user, role=role, meeting_id=meeting_id)
    db.session.add(new)
    if role in SECOND_FACTOR_ROLES and not needed_before and not user.has_second_factor:
        sign_out_everywhere(user)
    db.session.flush()
    audit.record(by, "granted", user, meeting_id=meeting_id, role=role.value)
    return new


def revoke(held: Grant, *, by: Actor) -> None:
    """Take a role back; raises LastAdministratorError."""
    _check_administers(by, held.meeting_id)
    user = held.user
    if held.role is Role.ADMINISTRATOR and held.meeting_id is None:
        _check_another_administrator(user)
    audit.record(by, "revoked", user, meeting_id=held.meeting_id, role=held.role.value)
    user.grants.remove(held)
    db.session.flush()


def deactivate(user: User, *, by: Actor) -> None:
    """Close an account: no sign-in, no tokens, no links. What the person did stays in the audit."""
    _check_manages(by, user)
    if by.staff_id == user.id:
        raise RuleError(_("You cannot close your own account. Ask another administrator."))
    if not user.active:
        return
    if any(held.role is Role.ADMINISTRATOR and held.meeting_id is None for held in user.grants):
        _check_another_administrator(user)
    user.active = False
    close_link(user)
    sign_out_everywhere(user)
    db.session.execute(
        sa.update(ApiToken)
        .where(ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )
    db.session.flush()
    audit.record(by, "deactivated", user)


def activate(user: User, *, by: Actor) -> None:
    """Open a closed account again, with the roles it had; its tokens stay revoked."""
    _check_manages(by, user)
    if not user.active:
        user.active = True
        db.session.flush()
        audit.record(by, "activated", user)


def reset_second_factor(user: User, *, by: Actor) -> None:
    """For who lost the phone and the recovery codes: app, passkeys and codes end; the next sign-in sets up a new second factor."""
    _check_manages(by, user)
    user.tf_primary_method = user.tf_totp_secret = user.mf_recovery_codes = user.tf_last_counter = None
    user.webauthn.clear()
    sign_out_everywhere(user)
    db.session.flush()
    audit.record(by, "reset_second_factor", user)


def check_reachable(user: User, *, by: Actor) -> None:
    """Whether a letter with a link may be sent to the person now; raises when not."""
    _check_manages(by, user)
    if not user.active:
        raise RuleError(_("This account is closed. Open it first."))


def sign_out_everywhere(user: User) -> None:
    """End every session of the person, and every sign-in that is half done: both hold this value."""
    user.fs_uniquifier = uuid.uuid4().hex
    sign_ins.end_all(user)


# --- links that set a password -----------------------------------------------------------------------------------


def open_link(user: User, lasts: timedelta) -> int:
    """A new link for setting a password, valid for ``lasts``; older ones are withdrawn. Returns its version."""
    user.link_version += 1
    user.link_expires_at = clock.now() + lasts
    db.session.flush()
    return user.link_version


def close_link(user: User) -> None:
    """No link works any more: it was used, or must not be."""
    user.link_expires_at = None


def read_link(text: str) -> User:
    """Whose password a link sets; raises LinkError and its children."""
    ident, version = security.read_token(LINK, text)
    user = db.session.get(User, ident)
    if user is None or not user.active:
        raise LinkError
    if user.link_version != version or user.link_expires_at is None:
        raise LinkWithdrawnError(_('This link was used or replaced. Press "Forgot your password?" for a new one.'))
    if user.link_expires_at < clock.now():
        raise LinkExpiredError(_('This link has expired. Press "Forgot your password?" for a new one.'))
    return user


def actor(user: User) -> Actor:
    """The user as the one who acts, for ``by=``."""
    return Actor("staff", str(user.id), user.name or user.email)


# --- who may, and what may not ------------------------------------------------------------------------------------


def _check_password(password: str) -> None:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InvalidError(
            _("Choose a password of at least %(least)s characters.", least=SHORTEST_PASSWORD), field="password"
        )


def _save_email(user: User) -> None:
    """Store; the table says whether the address is free."""
    try:
        with db.session.begin_nested():
            db.session.add(user)
    except IntegrityError as error:
        raise InvalidError(_("There is already an account with this e-mail address."), field="email") from error


def _acting(by: Actor) -> User | None:
    """The member of staff who acts; None for the system, which may do all."""
    return db.session.get(User, by.staff_id) if by.kind == "staff" else None


def _check_administers(by: Actor, meeting_id: int | None) -> None:
    user = _acting(by)
    if user is not None and not queries.administers(user, meeting_id):
        raise NotAllowedError(_("You may give and take roles only in meetings that you administer."))


def _check_manages(by: Actor, target: User) -> None:
    user = _acting(by)
    if user is not None and not queries.manages(user, target):
        raise NotAllowedError(_("This person also works for meetings that you do not administer. Ask who does."))


def _check_another_administrator(user: User) -> None:
    """Raise when nobody else administers all meetings. Locks them all first: two cannot remove each other."""
    rows: list[Any] = list(
        db.session.execute(
            sa.select(Grant.id, User.id)
            .join(User, User.id == Grant.user_id)
            .where(Grant.role == Role.ADMINISTRATOR, Grant.meeting_id.is_(None), User.active)
            .order_by(Grant.id)
            .with_for_update()
        )
    )
    if not any(user_id != user.id for _grant_id, user_id in rows):
        raise LastAdministratorError
