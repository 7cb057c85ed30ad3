"""Passkeys (WebAuthn Level 2): Flask-Security's pages, in our house.

A passkey here is always discoverable and always verifies its owner (by finger, face or PIN). So it is both factors at
once, and signing in by it asks for no address: nobody learns from it who has an account. Its name for us (the RP id)
and where it works follow from BASE_URL, whatever a proxy calls us; a passkey cannot belong to a bare IP address, so
where BASE_URL is one it belongs to ``localhost``.
"""

import secrets
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_security import WebauthnUtil, auth_required
from flask_security.tf_plugin import tf_clean_session
from flask_security.utils import check_and_get_token_status, get_message
from flask_security.webauthn import WebAuthnTfPlugin

from eventhub import clock
from eventhub.accounts import passkey_library
from eventhub.accounts.models import User
from eventhub.accounts.settings import FRESH

LONGEST_NAME = 64
VIEWS = (
    "wan_register",
    "wan_register_response",
    "wan_signin",
    "wan_signin_response",
    "wan_delete",
    "wan_verify",
    "wan_verify_response",
)


def init_app(app: Flask) -> None:
    """Make Flask-Security's pages of passkeys ours; call it after Flask-Security is there."""
    views: dict[str, Any] = app.view_functions  # type: ignore[assignment]  # views all the same
    for name in VIEWS:
        views[f"security.{name}"] = _with_library(views[f"security.{name}"])
    # the library asks for a fresh sign-in only where adding begins: its second half could come from another session
    views["security.wan_register_response"] = auth_required("session", **FRESH)(
        _begun_as_adding(views["security.wan_register_response"])
    )
    views["security.wan_signin_response"] = _as_whole_signin(views["security.wan_signin_response"])
    app.jinja_env.globals["passkey_origin"] = origin


def _with_library(view: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(view)
    def prepared(*args: Any, **values: Any) -> Any:
        passkey_library.load()
        return view(*args, **values)

    return prepared


def _begun_as_adding(view: Callable[..., Any]) -> Callable[..., Any]:
    """The library keeps what it began in one kind of token: one of a sign-in names no passkey, and adds none."""

    @wraps(view)
    def checked(token: str) -> Any:
        *_state, begun = check_and_get_token_status(token, "wan", current_app.config["SECURITY_WAN_REGISTER_WITHIN"])
        if not isinstance(begun, dict) or "name" not in begun:
            flash(*get_message("API_ERROR"))
            return redirect(url_for("security.wan_register"))
        return view(token)

    return checked


def _as_whole_signin(view: Callable[..., Any]) -> Callable[..., Any]:
    """A passkey signs in by itself, also after a password: the library would look for one that is a second factor only."""

    @wraps(view)
    def whole(token: str) -> Any:
        tf_clean_session()
        return view(token)

    return whole


# --- where passkeys work -----------------------------------------------------------------------------------------


def _place() -> tuple[str, str]:
    """Scheme, and host with its port, of the address where passkeys work."""
    parts = urlsplit(current_app.config["EVENTHUB"].base_url)
    host = parts.hostname or ""
    try:
        ip_address(host)
    except ValueError:
        pass
    else:
        host = "localhost"
    return parts.scheme, f"{host}:{parts.port}" if parts.port else host


def origin() -> str:
    """The one address, without a path, whose pages may ask for a passkey."""
    return "://".join(_place())


def rp_id() -> str:
    """The host that passkeys belong to."""
    return _place()[1].partition(":")[0]


@contextmanager
def named_as_told() -> Iterator[None]:
    """Within the block the request's host is BASE_URL's: the library checks a passkey's answer against it."""
    called = request.host
    request.host = _place()[1]
    try:
        yield
    finally:
        request.host = called


# --- what the library asks us ------------------------------------------------------------------------------------


class Ceremonies(WebauthnUtil):
    """What browsers are asked for when a passkey is made or used."""

    def generate_challenge(self, nbytes: int | None = None) -> str:
        """256 random bits, and when they were made (microseconds): see ``asked_at``."""
        return f"{secrets.token_urlsafe(32)}.{int(clock.now().timestamp() * 1_000_000)}"

    def origin(self) -> str:
        return origin()

    def registration_options(self, user: User, usage: str, existing_options: dict[str, Any]) -> dict[str, Any]:
        options = super().registration_options(user, usage, existing_options)
        return {**options, "rp_id": rp_id(), "user_display_name": user.name or user.email}

    def authenticator_selection(self, user: User, usage: str) -> Any:
        from webauthn.helpers import structs

        return structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        )

    def authentication_options(
        self, user: User | None, usage: list[str], existing_options: dict[str, Any]
    ) -> dict[str, Any]:
        return {**super().authentication_options(user, usage, existing_options), "rp_id": rp_id()}

    def user_verification(self, user: User | None, usage: list[str]) -> Any:
        from webauthn.helpers import structs

        return structs.UserVerificationRequirement.REQUIRED

    def name_svn(self, value: str) -> tuple[str | None, str | None]:
        """A passkey's name in any script: what is wrong with it, or the name as it is kept."""
        # first its length: to put marks in order that are piled upon one letter takes the square of their number
        name = " ".join(unicodedata.normalize("NFC", value[: 4 * LONGEST_NAME]).split())
        if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in name):
            return _("There is a sign in this that no keyboard has. Write it again."), None
        if not name:
            return get_message("WEBAUTHN_NAME_REQUIRED")[0], None
        if len(name) > LONGEST_NAME:
            return _("This is too long."), None
        return None, name


def asked_at(challenge: str) -> datetime:
    """When a challenge of ours was made."""
    return datetime.fromtimestamp(int(challenge.rpartition(".")[2]) / 1_000_000, UTC)


class PasskeyStep(WebAuthnTfPlugin):
    """After the password, for who needs a second factor and has no authenticator app: the passkey, or a recovery code."""

    def get_setup_methods(self, user: User) -> list[tuple[str, str]]:
        return [("webauthn", _("Passkey"))] if user.webauthn and not user.tf_primary_method else []
