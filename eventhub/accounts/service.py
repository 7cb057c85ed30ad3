"""Rules for staff accounts: making one, giving and taking roles."""

import uuid

from flask_security.utils import hash_password

from eventhub import audit
from eventhub.accounts import queries
from eventhub.accounts.models import Grant, User
from eventhub.audit import Actor
from eventhub.db import db
from eventhub.errors import InvalidError
from eventhub.security import Role

SHORTEST_PASSWORD = 12


def create(*, email: str, name: str, password: str | None, by: Actor) -> User:
    """Make a staff account. Without a password the person sets one through "forgot password"."""
    if queries.find_user(email):
        raise InvalidError("There is already an account with this e-mail address.", field="email")
    if password is not None and len(password) < SHORTEST_PASSWORD:
        raise InvalidError(f"Choose a password of at least {SHORTEST_PASSWORD} characters.", field="password")
    user = User(
        email=email.strip().lower(),
        name=name,
        password=hash_password(password) if password else None,
        fs_uniquifier=uuid.uuid4().hex,
        active=True,
    )
    db.session.add(user)
    db.session.flush()
    audit.record(by, "created", user)
    return user


def grant(user: User, role: Role, meeting_id: int | None, *, by: Actor) -> Grant:
    """Give a role, in one meeting or (None) in all. Giving it twice is giving it once."""
    for held in user.grants:
        if held.role is role and held.meeting_id == meeting_id:
            return held
    new = Grant(user=user, role=role, meeting_id=meeting_id)
    db.session.add(new)
    db.session.flush()
    audit.record(by, "granted", user, meeting_id=meeting_id, role=role.value)
    return new


def revoke(held: Grant, *, by: Actor) -> None:
    """Take a role back."""
    user = held.user
    audit.record(by, "revoked", user, meeting_id=held.meeting_id, role=held.role.value)
    user.grants.remove(held)
    db.session.flush()


def actor(user: User) -> Actor:
    """The user as the one who acts, for ``by=``."""
    return Actor("staff", str(user.id), user.name or user.email)
