"""How often somebody may guess: wrong passwords, codes and passkeys are counted per account and per address, right ones are not.

Anybody who knows an address can use up its tries. So a browser in which that person signed in before has tries of its
own, as many, and what strangers do, also at the same address, takes none of them.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, request, session, url_for
from flask_limiter.util import get_remote_address
from flask_security import current_user

from eventhub.accounts import known_browsers
from eventhub.accounts.models import User
from eventhub.security import limiter

PER_ACCOUNT = "10 per 10 minutes; 50 per day"
PER_ADDRESS = "30 per 10 minutes; 300 per day"  # an office shares one address
BEGUN_PER_ADDRESS = "200 per 10 minutes"  # presses on "sign in with a passkey"
LETTERS_PER_ACCOUNT = "3 per 10 minutes; 10 per day"


def _email() -> str:
    return request.form.get("email", "").strip().lower()[:255]


def _typed_email() -> str:
    return f"email:{_email()}"


def _half_signed_in() -> str:
    return f"user:{session.get('tf_user_id') or get_remote_address()}"


def _signed_in() -> str:
    return f"user:{current_user.get_id() or get_remote_address()}"


# endpoint -> who is limited besides the address, and which account they are about to open
GUARDED: dict[str, tuple[Callable[[], str], Callable[[User], bool]]] = {
    "security.login": (_typed_email, lambda user: user.email == _email()),
    "security.two_factor_token_validation": (_half_signed_in, lambda user: _uniquifier("tf_user_id", user)),
    "security.mf_recovery": (_half_signed_in, lambda user: _uniquifier("tf_user_id", user)),
    "security.verify": (_signed_in, lambda user: _uniquifier("_user_id", user)),
    "security.change_password": (_signed_in, lambda user: _uniquifier("_user_id", user)),
    "security.two_factor_setup_validate": (_signed_in, lambda user: _uniquifier("_user_id", user)),
}


# the limiter knows views by their names, and counts twice what it is told of twice: a further app has the same views
_limited: dict[str, Any] = {}


def _uniquifier(name: str, user: User) -> bool:
    return bool(session.get(name) == user.fs_uniquifier)


def _unless_known(counted: Callable[[], str | None], meant: Callable[[User], bool]) -> Callable[[], str | None]:
    """Count by the browser where it is known for the account, else as strangers are counted."""
    return lambda: known_browsers.key_here(meant) or counted()


def init_app(app: Flask) -> None:
    """Wrap Flask-Security's views. A page that was refused is shown again (200 or 422); one that went well redirects."""
    if _limited:
        app.view_functions.update(_limited)
        return
    for endpoint, (account, meant) in GUARDED.items():
        _limit(app, endpoint, PER_ACCOUNT, _unless_known(account, meant), _went_wrong)
        _limit(app, endpoint, PER_ADDRESS, _unless_known(get_remote_address, meant), _went_wrong)
    for endpoint in ("security.wan_signin_response", "security.wan_verify_response"):
        # whose passkey it is, its answer says: known for anybody is enough, for nobody guesses a passkey
        _limit(app, endpoint, PER_ADDRESS, _unless_known(get_remote_address, lambda _user: True), _passkey_refused)
    for endpoint in ("security.wan_signin", "security.wan_verify"):
        _limit(app, endpoint, BEGUN_PER_ADDRESS, get_remote_address)
    _limit(app, "security.forgot_password", LETTERS_PER_ACCOUNT, _typed_email)
    _limit(app, "security.forgot_password", PER_ADDRESS, get_remote_address)


def _limit(app: Flask, endpoint: str, limits: str, key: object, counted: object = None) -> None:
    """``counted`` says which answers count against the limit; without it all do."""
    limit = limiter.limit(
        limits,
        key_func=key,  # type: ignore[arg-type]  # a function without arguments
        methods=["POST"],
        deduct_when=counted,  # type: ignore[arg-type]  # of a response, or None
    )
    app.view_functions[endpoint] = _limited[endpoint] = limit(app.view_functions[endpoint])  # type: ignore[assignment]  # a view all the same


def _went_wrong(response: Response) -> bool:
    return response.status_code not in (302, 303)


def _passkey_refused(response: Response) -> bool:
    """The library answers a wrong passkey by going back to where it was asked for."""
    back = ("security.wan_signin", "security.wan_verify")
    return _went_wrong(response) or urlsplit(response.location or "").path in map(url_for, back)
