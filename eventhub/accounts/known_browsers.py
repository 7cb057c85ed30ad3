"""Browsers in which somebody signed in before: whoever guesses elsewhere does not lock them out there.

A signed cookie says for which accounts a browser is known; wrong guesses from it are counted by themselves (OWASP,
"Device cookies"). It opens nothing: it only says whose guesses are whose.
"""

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask, Response, after_this_request, current_app, request
from flask_login import user_logged_in
from flask_security import password_reset
from itsdangerous import BadData, URLSafeSerializer

from eventhub import clock
from eventhub.accounts.models import User
from eventhub.db import db

COOKIE = "known_browser"
LASTS = timedelta(days=400)  # the longest that browsers keep a cookie; each sign-in begins it anew
MOST = 5  # accounts of one browser: a desk may have one computer


def init_app(app: Flask) -> None:
    """Know a browser from now on in which somebody signed in, or set the password by the link of a letter."""
    user_logged_in.connect(_remember, app)
    password_reset.connect(_remember, app)


def _remember(_app: Flask, user: User, **_more: Any) -> None:
    name, known = _read() or (secrets.token_urlsafe(16), [])
    accounts = [user.id, *(ident for ident in known if ident != user.id)][:MOST]
    written = _signer().dumps([name, accounts, int(clock.now().timestamp())])

    def send(response: Response) -> Response:
        response.set_cookie(
            COOKIE,
            written,
            max_age=LASTS,
            path=current_app.config["SECURITY_URL_PREFIX"],
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
        return response

    after_this_request(send)


def key_here(meant: Callable[[User], bool]) -> str | None:
    """What to count this browser's guesses by, when it is known for the account that is ``meant``; None when not."""
    name, known = _read() or ("", [])
    users = (db.session.get(User, ident) for ident in known)
    return next((f"browser:{name}:{user.id}" for user in users if user is not None and meant(user)), None)


def _read() -> tuple[str, list[int]] | None:
    """The browser's own name and the accounts that it is known for, as we signed them."""
    try:
        name, known, since = _signer().loads(request.cookies.get(COOKIE, ""))
    except BadData:
        return None
    return (name, known) if clock.now().timestamp() - since < LASTS.total_seconds() else None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="known browser")
