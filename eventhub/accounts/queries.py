"""Looking up staff and what they may do."""

import sqlalchemy as sa

from eventhub.accounts.models import Grant, User
from eventhub.db import db
from eventhub.security import PERMISSIONS


def find_user(email: str) -> User | None:
    return db.session.scalar(sa.select(User).where(User.email == email.strip().lower()))


def list_users() -> list[User]:
    return list(db.session.scalars(sa.select(User).order_by(User.name, User.email)))


def may(user: User, permission: str, meeting_id: int | None) -> bool:
    """Whether the user holds the permission in the meeting (or, with None, in any meeting)."""
    if not user.active:
        return False
    if permission == "staff":
        return True
    return any(permission in PERMISSIONS[grant.role] and _covers(grant, meeting_id) for grant in user.grants)


def _covers(grant: Grant, meeting_id: int | None) -> bool:
    return grant.meeting_id is None or meeting_id is None or grant.meeting_id == meeting_id


def meeting_ids(user: User) -> set[int] | None:
    """The meetings where the user has a role; None means all."""
    if any(grant.meeting_id is None for grant in user.grants):
        return None
    return {grant.meeting_id for grant in user.grants if grant.meeting_id is not None}
