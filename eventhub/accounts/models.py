"""Staff: who signs in, which role they have in which meeting, and tokens for programs."""

import logging
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app
from flask_security.core import RoleMixin, UserMixin, WebAuthnMixin
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub.db import Base, choice, created, key, reference
from eventhub.security import SECOND_FACTOR_ROLES, Role

log = logging.getLogger(__name__)


class SecurityRole(Base, RoleMixin):
    """Flask-Security's own notion of a role; ours are per meeting (Grant). Kept empty."""

    __tablename__ = "security_roles"

    id: Mapped[int] = key()
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    description: Mapped[str | None]
    permissions: Mapped[list[Any] | None] = mapped_column(MutableList.as_mutable(sa.JSON()))


class UserRole(Base):
    __tablename__ = "user_security_roles"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), primary_key=True)
    role_id: Mapped[int] = mapped_column(sa.ForeignKey("security_roles.id"), primary_key=True)


class User(Base, UserMixin):
    """A member of staff. Participants have no account: they have personal links."""

    __tablename__ = "users"

    id: Mapped[int] = key()
    email: Mapped[str] = mapped_column(sa.String(255), unique=True)
    name: Mapped[str] = mapped_column(default="")
    password: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(sa.String(64), unique=True)
    confirmed_at: Mapped[datetime | None]
    tf_primary_method: Mapped[str | None] = mapped_column(sa.String(64))
    tf_totp_secret: Mapped[str | None]
    tf_phone_number: Mapped[str | None] = mapped_column(sa.String(64))
    tf_last_counter: Mapped[int | None] = mapped_column(sa.BigInteger)  # the last code's time step: never taken twice
    mf_recovery_codes: Mapped[list[Any] | None] = mapped_column(MutableList.as_mutable(sa.JSON()))
    last_login_at: Mapped[datetime | None]  # type: ignore[assignment]  # empty until then
    current_login_at: Mapped[datetime | None]  # type: ignore[assignment]  # empty until then
    last_login_ip: Mapped[str | None] = mapped_column(sa.String(64))
    current_login_ip: Mapped[str | None] = mapped_column(sa.String(64))
    login_count: Mapped[int | None]  # type: ignore[assignment]  # empty until then
    link_version: Mapped[int] = mapped_column(default=0, server_default="0")  # of the newest letter with a link
    link_expires_at: Mapped[datetime | None]  # None: no link is waiting
    create_datetime: Mapped[datetime] = created()
    update_datetime: Mapped[datetime] = created()

    roles: Mapped[list[SecurityRole]] = relationship(  # type: ignore[assignment]  # the library's type is wider
        secondary="user_security_roles"
    )
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(  # type: ignore[assignment]  # empty without passkeys
        sa.String(64), unique=True, index=True
    )
    webauthn: Mapped[list["Passkey"]] = relationship(  # type: ignore[assignment]  # the library's type is wider
        cascade="all, delete-orphan", order_by="Passkey.id"
    )
    grants: Mapped[list["Grant"]] = relationship(cascade="all, delete-orphan", back_populates="user", lazy="selectin")

    @property
    def needs_second_factor(self) -> bool:
        """Whether one of the person's roles asks for a second factor (and the house does not waive it)."""
        required: bool = current_app.config["EVENTHUB"].require_second_factor
        return required and any(grant.role in SECOND_FACTOR_ROLES for grant in self.grants)

    @property
    def has_second_factor(self) -> bool:
        """Whether the person can show more than a password: by an authenticator app or a passkey."""
        return bool(self.tf_primary_method or self.webauthn)

    def check_tf_required(self, tf_setup_methods: list[Any], tf_fresh: bool) -> tuple[bool, list[Any]]:
        """Flask-Security asks this after a right password: is a code, or a passkey, needed too?

        A passkey of somebody whose role asks for none is a comfort: the password opens the account as before.
        """
        return self.needs_second_factor or bool(self.tf_primary_method), tf_setup_methods

    def check_tf_required_setup(self) -> bool:
        """Flask-Security asks this on the page of the second factor: may the app be switched off?"""
        return self.needs_second_factor and not self.webauthn

    def track_failed_authn(self, auth_type: str, tfa: bool = False) -> None:
        """Flask-Security calls this after a wrong password or code; the limits do the rest."""
        log.warning("wrong %s for staff account %s", auth_type, self.id)


class Passkey(Base, WebAuthnMixin):
    """The public half of a key that a person's device holds: the table can open nothing."""

    __tablename__ = "passkeys"
    __table_args__ = (sa.UniqueConstraint("user_id", "name"),)

    usage = "first"  # each verifies its owner, and so is both factors
    extensions = None  # the library reads it; we keep nothing of what a browser adds

    id: Mapped[int] = key()
    user_id: Mapped[int] = reference("users.id")
    name: Mapped[str] = mapped_column(sa.String(64))
    credential_id: Mapped[bytes] = mapped_column(sa.LargeBinary(1023), unique=True)
    public_key: Mapped[bytes] = mapped_column(sa.LargeBinary)
    sign_count: Mapped[int] = mapped_column(sa.BigInteger)  # 32 bits without a sign; 0 where the device keeps none
    transports: Mapped[list[Any] | None]
    backup_state: Mapped[bool]  # synchronised to other devices of its owner
    device_type: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime] = created()
    lastuse_datetime: Mapped[datetime]  # when it was made, until it is used


class Grant(Base):
    """A role in one meeting, or in all meetings when ``meeting_id`` is empty."""

    __tablename__ = "grants"
    __table_args__ = (sa.UniqueConstraint("user_id", "role", "meeting_id"),)

    id: Mapped[int] = key()
    user_id: Mapped[int] = reference("users.id")
    role: Mapped[Role] = mapped_column(choice(Role))
    meeting_id: Mapped[int | None] = reference("meetings.id", nullable=True)
    created_at: Mapped[datetime] = created()

    user: Mapped[User] = relationship(back_populates="grants")


class SignIn(Base):
    """A browser in which somebody is signed in; deleted when they sign out there."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = key()
    user_id: Mapped[int] = reference("users.id")
    key_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    browser: Mapped[str] = mapped_column(sa.String(80))  # as its owner would call it; empty when it does not say
    address: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime] = created()
    seen_at: Mapped[datetime]


class ApiToken(Base):
    """A program's key: shown once, stored as its hash, limited to one user's rights."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = key()
    user_id: Mapped[int] = reference("users.id")
    name: Mapped[str]
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime] = created()
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
