"""The gate in front of every page: a route has a permission, or it is marked public, or it stays shut.

People come with a session, which ends when they sign out or after twelve idle hours; programs come to /api/ with a token.
"""

import re
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, abort, current_app, flash, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import COOKIE_NAME as REMEMBERED
from flask_security import MailUtil, Security, current_user, logout_user
from werkzeug.exceptions import HTTPException

from eventhub import clock, problems
from eventhub.accounts import (
    factors,
    known_browsers,
    limits,
    passkey_forms,
    passkeys,
    queries,
    service,
    sign_ins,
    signin_forms,
)
from eventhub.accounts.models import ApiToken, Passkey, SecurityRole, User
from eventhub.accounts.tokens import NOTED_EVERY
from eventhub.audit import Actor
from eventhub.db import db
from eventhub.security import csrf

_UNMARKED = object()
# endpoints that libraries bring; each takes care of itself
OPEN_ENDPOINTS = {"static", "bootstrap.static", "security.static", "flask-apispec.static"}
OPEN_PREFIXES = ("security.", "api-docs.")
SHUT_ENDPOINTS = {"security.two_factor_rescue", "security.tf_select"}  # there is one kind of second factor only


def init_app(app: Flask, mail_util: type[MailUtil]) -> None:
    """Flask-Security, and the gate. ``mail_util`` sends its letters."""
    library = Security(
        app,
        factors.Datastore(db, User, SecurityRole, Passkey),
        register_blueprint=True,
        mail_util_cls=mail_util,
        totp_cls=factors.Codes,
        mf_recovery_codes_util_cls=factors.RecoveryCodes,
        webauthn_util_cls=passkeys.Ceremonies,
        **signin_forms.FORMS,
        **passkey_forms.FORMS,
    )
    library.want_json(lambda _request: False)
    app.login_manager.request_loader(lambda _request: token_user())  # type: ignore[attr-defined]  # Flask-Login puts itself there
    sign_ins.init_app(app)
    factors.init_app(app)
    passkeys.init_app(app)
    known_browsers.init_app(app)
    limits.init_app(app)
    app.url_value_preprocessor(_know_strangers)  # comes before the libraries' own questions
    app.before_request(check_permission)
    app.after_request(_note_token)
    app.jinja_env.globals["may"] = may


def _know_strangers(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Who brings no sign-in of any kind is nobody: said before Flask-Login asks.

    It would look the stranger up all the same, and write into the session of each, so that every form's answer had to
    sign the cookie anew.
    """
    if "_user_id" in session or "Authorization" in request.headers or REMEMBERED in request.cookies:
        return
    current_app.login_manager._update_request_context_with_user()  # type: ignore[attr-defined]


def permission_of(app: Flask, endpoint: str) -> Any:
    """The permission a route needs: a name, None for public, or a marker for "nobody thought of it"."""
    view = app.view_functions[endpoint]
    view = getattr(view, "view_class", view)
    return getattr(view, "permission", _UNMARKED)


def is_marked(app: Flask, endpoint: str) -> bool:
    """Whether somebody said who may open the route."""
    return permission_of(app, endpoint) is not _UNMARKED or is_open(endpoint)


def is_open(endpoint: str) -> bool:
    """Whether it is a library's own page, which sees to itself: static files, sign-in, the API's documentation."""
    return endpoint in OPEN_ENDPOINTS or endpoint.startswith(OPEN_PREFIXES)


def check_permission() -> ResponseReturnValue | None:
    """Before every request: let in, send to sign-in, or refuse. Closed by default."""
    if request.endpoint is None:
        return None
    if is_open(request.endpoint):
        return _check_signin() if request.endpoint.startswith("security.") else None
    needed = permission_of(current_app, request.endpoint)
    if needed is None:
        return None
    if needed is _UNMARKED:
        abort(403)
    if (ended := _end_when_idle()) is not None:
        return ended
    if not current_user.is_authenticated:
        return _ask_to_sign_in()
    if problems.wanted() and "Authorization" not in request.headers and current_app.config["WTF_CSRF_ENABLED"]:
        csrf.protect()  # a browser's session at /api/, where blueprints are exempt from the form's token
    if not may(needed):
        abort(403, _("Your account may not do this here.") if problems.wanted() else None)
    return None


def _ask_to_sign_in() -> ResponseReturnValue:
    if problems.wanted():
        abort(problems.unauthorized())
    return redirect(url_for("security.login", next=request.full_path.rstrip("?")))


def _check_signin() -> ResponseReturnValue | None:
    """What Flask-Security's own pages do not look at: bodies in JSON, where ``next`` leads, idle sessions."""
    if request.endpoint in SHUT_ENDPOINTS:
        abort(404)
    if request.is_json:
        abort(415)
    if not all(is_local(address) for address in (request.args.get("next"), request.form.get("next")) if address):
        abort(400)
    return _end_when_idle()


def is_local(address: str) -> bool:
    """Whether an address leads to a page of ours, whatever a browser makes of odd slashes."""
    path = "/" + address[len(request.host_url) :] if address.startswith(request.host_url) else address
    return bool(re.fullmatch(r"/(?!/)[^\\\x00-\x20]*", path))


def _end_when_idle() -> ResponseReturnValue | None:
    """Sign out who has not opened a page for IDLE."""
    if "_user_id" not in session:
        return None
    now = clock.now()
    seen = datetime.fromtimestamp(session.get(sign_ins.SEEN, now.timestamp()), UTC)
    if now - seen > sign_ins.IDLE:
        sign_ins.leave_behind()
        logout_user()
        if problems.wanted():
            abort(problems.unauthorized())
        flash(_("You were signed out after twelve hours without a page. Sign in again to go on."), "info")
        return redirect(
            url_for("security.login", next=request.full_path.rstrip("?") if request.method == "GET" else None)
        )
    if request.method == "GET" and now - seen > sign_ins.SEEN_EVERY:
        sign_ins.note_seen(now)
    return None


def may(permission: str) -> bool:
    """Whether the signed-in person holds a permission in the page's meeting (or anywhere, outside of a meeting)."""
    if not current_user.is_authenticated:
        return False
    meeting = g.get("meeting")
    return queries.may(current_user, permission, meeting.id if meeting is not None else None)


def may_open(address: str) -> bool:
    """Whether the signed-in person may open one of our pages, given its path."""
    try:
        endpoint, _values = current_app.url_map.bind("").match(address.partition("?")[0], method="GET")
    except HTTPException:
        return False
    needed = permission_of(current_app, endpoint)
    return needed is None or (needed is not _UNMARKED and may(needed))


def staff() -> Actor:
    """The signed-in member of staff, for ``by=``."""
    return service.actor(current_user)


def token_user() -> User | None:
    """Whose token a program sends as ``Authorization: Bearer …``, at /api/ only; None without a token that works."""
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    if not problems.wanted() or scheme.lower() != "bearer" or not secret:
        return None
    found = queries.find_token(secret.strip())
    if found is None:
        return None
    token, user = found
    if token.last_used_at is None or clock.now() - token.last_used_at > NOTED_EVERY:
        g.used_token = token.id
    return user


def _note_token(response: Response) -> Response:
    """When a token was used: written after the answer is made, in a transaction of its own."""
    if g.get("used_token"):
        db.session.remove()
        used = sa.update(ApiToken).where(ApiToken.id == g.used_token).values(last_used_at=clock.now())
        with db.engine.begin() as connection:
            connection.execute(used)
    return response
