"""API tokens: a program's key, shown once, stored as its hash, with the rights of the person who made it."""

import secrets
from datetime import timedelta

from flask_babel import lazy_gettext as _

from eventhub import audit, clock
from eventhub.accounts.models import ApiToken, User
from eventhub.audit import Actor
from eventhub.db import db
from eventhub.errors import InvalidError, NotFoundError
from eventhub.security import hashed

PREFIX = "eventhub_"  # so that a scanner for leaked secrets can know one
MOST = 20  # tokens of one person that work at a time
NOTED_EVERY = timedelta(minutes=10)  # how exact "last used" is


def make(user: User, *, name: str, days: int, by: Actor) -> tuple[ApiToken, str]:
    """A new token that works for ``days``; returns the row and the secret, which nobody can see again."""
    working = db.session.query(ApiToken).filter_by(user_id=user.id, revoked_at=None).count()
    if working >= MOST:
        raise InvalidError(_("You have %(most)s tokens. Revoke one that is not needed first.", most=MOST), field="name")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(
        user_id=user.id, name=name, token_hash=hashed(secret), expires_at=clock.now() + timedelta(days=days)
    )
    db.session.add(token)
    db.session.flush()
    audit.record(by, "made_token", user, token=token.id)
    return token, secret


def revoke(user: User, token_id: int, *, by: Actor) -> None:
    """End one of the person's tokens at once; raises NotFoundError for somebody else's."""
    token = db.session.get(ApiToken, token_id)
    if token is None or token.user_id != user.id:
        raise NotFoundError(_("You have no such token."))
    if token.revoked_at is None:
        token.revoked_at = clock.now()
        db.session.flush()
        audit.record(by, "revoked_token", user, token=token.id)
