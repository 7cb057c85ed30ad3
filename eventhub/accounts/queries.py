"""Looking up staff and what they may do."""

from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy.orm import joinedload, selectinload

from eventhub import clock
from eventhub.accounts.models import ApiToken, Grant, SignIn, User
from eventhub.db import db, page_of
from eventhub.errors import NotFoundError
from eventhub.security import PERMISSIONS, hashed

ROWS = 50  # a page


def find_user(email: str) -> User | None:
    """The account of an e-mail address, in whatever case it was typed."""
    return db.session.scalar(sa.select(User).where(User.email == email.strip().lower()))


def find_signed_in(uniquifier: str, key: str) -> User | None:
    """Who is signed in by a cookie that names the person and one of their sign-ins; None when either ended.

    One question, for it is asked with every page.
    """
    wanted = (
        sa.select(User)
        .join(SignIn, SignIn.user_id == User.id)
        .options(joinedload(User.roles), joinedload(User.grants))  # every page decides by them
        .where(User.fs_uniquifier == uniquifier, User.active, SignIn.key_hash == hashed(key))
    )
    return db.session.scalars(wanted).unique().first()


def get_user(user_id: int) -> User:
    """The member of staff; raises NotFoundError."""
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFoundError(_("There is no such staff account."))
    return user


def list_users() -> list[User]:
    """Every account, by name."""
    return list(db.session.scalars(sa.select(User).order_by(User.name, User.email)))


def search_users(text: str, page: int) -> Pagination:
    """Staff whose name or address contains the text, a page of them."""
    query = (
        sa.select(User)
        .options(selectinload(User.grants), selectinload(User.webauthn))
        .order_by(User.active.desc(), User.name, User.id)
    )
    if text:
        pattern = f"%{_escaped(text.lower())}%"
        query = query.where(sa.func.lower(User.name).like(pattern, "\\") | User.email.like(pattern, "\\"))
    return page_of(query, page, ROWS)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def get_grant(user: User, grant_id: int) -> Grant:
    """One of the person's roles; raises NotFoundError when it was taken back meanwhile."""
    for held in user.grants:
        if held.id == grant_id:
            return held
    raise NotFoundError(_("This role was taken back already."))


def may(user: User, permission: str, meeting_id: int | None) -> bool:
    """Whether the user holds the permission in the meeting (or, with None, in any meeting)."""
    if not user.active:
        return False
    if permission == "staff":
        return True
    return any(permission in PERMISSIONS[grant.role] and _covers(grant, meeting_id) for grant in user.grants)


def may_everywhere(user: User, permission: str) -> bool:
    """Whether the user holds the permission for all meetings, not only for some of them."""
    return user.active and meetings_where(user, permission) is None


def _covers(grant: Grant, meeting_id: int | None) -> bool:
    return grant.meeting_id is None or meeting_id is None or grant.meeting_id == meeting_id


def administers(user: User, meeting_id: int | None) -> bool:
    """Whether the user decides about roles in the meeting, or (None) in all meetings."""
    held = {grant.meeting_id for grant in user.grants if "accounts.edit" in PERMISSIONS[grant.role]}
    return user.active and (None in held or (meeting_id is not None and meeting_id in held))


def manages(user: User, target: User) -> bool:
    """Whether the user decides about another's account: all of the other's roles lie where the user administers."""
    return administers(user, None) or (
        bool(target.grants) and all(administers(user, grant.meeting_id) for grant in target.grants)
    )


def meeting_ids(user: User) -> set[int] | None:
    """The meetings where the user has a role; None means all."""
    if any(grant.meeting_id is None for grant in user.grants):
        return None
    return {grant.meeting_id for grant in user.grants if grant.meeting_id is not None}


def meetings_where(user: User, permission: str) -> set[int] | None:
    """The meetings where the user holds a permission; None means all."""
    held = {grant.meeting_id for grant in user.grants if permission in PERMISSIONS[grant.role]}
    return None if None in held else {ident for ident in held if ident is not None}


def list_tokens(user: User) -> list[ApiToken]:
    """The person's tokens, newest first."""
    return list(db.session.scalars(sa.select(ApiToken).where(ApiToken.user_id == user.id).order_by(ApiToken.id.desc())))


def find_token(secret: str) -> tuple[ApiToken, User] | None:
    """A token that works now, and whose it is."""
    row: Any = db.session.execute(
        sa.select(ApiToken, User)
        .join(User, User.id == ApiToken.user_id)
        .where(ApiToken.token_hash == hashed(secret), ApiToken.revoked_at.is_(None), User.active)
    ).first()
    if row is None or (row[0].expires_at is not None and row[0].expires_at <= clock.now()):
        return None
    return row[0], row[1]
