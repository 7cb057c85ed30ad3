"""The second factor: each code and each recovery code works once, also for two requests at the same instant; the last
one stays with who needs it; and what the audit says of them, of passkeys and of passwords."""

from typing import Any

import sqlalchemy as sa
from flask import Flask, session
from flask_babel import lazy_gettext as _
from flask_security import (
    MfRecoveryCodesUtil,
    SQLAlchemyUserDatastore,
    Totp,
    password_changed,
    password_reset,
    user_authenticated,
)
from passlib.exc import UsedTokenError
from passlib.totp import TotpMatch
from sqlalchemy.exc import IntegrityError

from eventhub import audit, clock
from eventhub.accounts import queries, service, sign_ins
from eventhub.accounts.models import Passkey, User
from eventhub.db import db, lock
from eventhub.errors import RuleError


class Codes(Totp):
    """Codes of an authenticator app (RFC 6238). A code that let somebody in never works again (5.2 there)."""

    def get_last_counter(self, user: Any) -> int | None:
        # while a new app is set up, the old one's last code says nothing
        return None if session.get("tf_state") == "validating_profile" else user.tf_last_counter

    def set_last_counter(self, user: Any, tmatch: TotpMatch) -> None:
        counter = sa.func.coalesce(User.tf_last_counter, 0)
        fresh = sa.update(User).where(User.id == user.id).values(tf_last_counter=tmatch.counter)
        if self.get_last_counter(user) is not None:
            fresh = fresh.where(counter < tmatch.counter)
        if not db.session.execute(fresh).rowcount:  # type: ignore[attr-defined]  # an UPDATE always has a row count
            raise UsedTokenError


class RecoveryCodes(MfRecoveryCodesUtil):
    """Codes on paper, for who lost the phone; stored encrypted, used once."""

    def check_recovery_code(self, user: Any, code: str) -> bool:
        lock(User, user.id)
        return super().check_recovery_code(user, _as_stored(code))

    def delete_recovery_code(self, user: Any, code: str) -> bool:
        audit.record(service.actor(user), "used_recovery_code", user)
        return super().delete_recovery_code(user, _as_stored(code))


def _as_stored(code: str) -> str:
    """A code as it was printed, whatever its capitals and spaces when it is typed."""
    return code.strip().lower()


class Datastore(SQLAlchemyUserDatastore):
    """Flask-Security's door to our tables; notes in the audit what it changes."""

    def set_uniquifier(self, user: Any, uniquifier: str | None = None) -> None:
        """The library calls this when a password was changed or set anew: it ends every session."""
        super().set_uniquifier(user, uniquifier)
        sign_ins.end_all(user)

    def tf_set(self, user: Any, primary_method: str, totp_secret: str | None = None, phone: str | None = None) -> None:
        if totp_secret and user.tf_totp_secret != totp_secret:
            audit.record(service.actor(user), "set_second_factor", user)
        super().tf_set(user, primary_method, totp_secret, phone)

    def tf_reset(self, user: Any) -> None:
        held = _held(user.id)
        if held.needs_second_factor and not held.webauthn:
            raise service.LastFactorError
        audit.record(service.actor(user), "removed_second_factor", user)
        super().tf_reset(user)

    def mf_set_recovery_codes(self, user: Any, rcs: list[str] | None) -> None:
        audit.record(service.actor(user), "made_recovery_codes", user)
        super().mf_set_recovery_codes(user, rcs)

    def create_webauthn(self, user: Any, **facts: Any) -> None:
        now = clock.now()
        kept = {name: value for name, value in facts.items() if name not in ("usage", "extensions")}
        try:
            with db.session.begin_nested():
                user.webauthn.append(Passkey(created_at=now, lastuse_datetime=now, **kept))
        except IntegrityError as error:  # the same answer twice at the same instant
            raise RuleError(_("This passkey, or one with this name, was added just now.")) from error
        audit.record(service.actor(user), "added_passkey", user)

    def delete_webauthn(self, webauthn: Any) -> None:
        user = _held(webauthn.user_id)
        if user.needs_second_factor and not user.tf_primary_method and len(user.webauthn) == 1:
            raise service.LastFactorError
        audit.record(service.actor(user), "removed_passkey", user)
        if webauthn in user.webauthn:  # it may have gone while we waited
            user.webauthn.remove(webauthn)


def _held(user_id: int) -> User:
    """The person as they are now, held: of two second factors that are removed at once, one stays."""
    user = lock(User, user_id) or queries.get_user(user_id)
    db.session.refresh(user, ["webauthn"])
    return user


def init_app(app: Flask) -> None:
    """Hear from Flask-Security when a password was changed or set by a letter's link."""
    password_changed.connect(_changed, app)
    password_reset.connect(_reset, app)
    user_authenticated.connect(_signed_in, app)


def _changed(_app: Flask, user: User, **_more: Any) -> None:
    audit.record(service.actor(user), "changed_password", user)


def _reset(_app: Flask, user: User, **_more: Any) -> None:
    service.close_link(user)
    audit.record(service.actor(user), "set_password", user)


def _signed_in(_app: Flask, user: User, authn_via: list[str] | None = None, **_more: Any) -> None:
    if "webauthn" in (authn_via or ()):
        audit.record(service.actor(user), "used_passkey", user)
