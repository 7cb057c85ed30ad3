"""The gate in front of every page: a route has a permission, or it is marked public, or it stays shut."""

from typing import Any

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import Security, SQLAlchemyUserDatastore, current_user

from eventhub import problems
from eventhub.accounts import queries, service
from eventhub.accounts.models import SecurityRole, User
from eventhub.audit import Actor
from eventhub.db import db

_UNMARKED = object()
# endpoints that libraries bring; each takes care of itself
OPEN_ENDPOINTS = {"static", "bootstrap.static", "security.static", "flask-apispec.static"}
OPEN_PREFIXES = ("security.", "api-docs.")


def init_app(app: Flask) -> None:
    """Flask-Security, and the gate."""
    datastore = SQLAlchemyUserDatastore(db, User, SecurityRole)
    Security(app, datastore, register_blueprint=True)
    app.before_request(check_permission)
    app.jinja_env.globals["may"] = may


def permission_of(app: Flask, endpoint: str) -> Any:
    """The permission a route needs: a name, None for public, or a marker for "nobody thought of it"."""
    view = app.view_functions[endpoint]
    view = getattr(view, "view_class", view)
    return getattr(view, "permission", _UNMARKED)


def is_marked(app: Flask, endpoint: str) -> bool:
    """Whether somebody said who may open the route."""
    return permission_of(app, endpoint) is not _UNMARKED or is_open(endpoint)


def is_open(endpoint: str) -> bool:
    return endpoint in OPEN_ENDPOINTS or endpoint.startswith(OPEN_PREFIXES)


def check_permission() -> ResponseReturnValue | None:
    """Before every request: let in, send to sign-in, or refuse. Closed by default."""
    if request.endpoint is None or is_open(request.endpoint):
        return None
    needed = permission_of(current_app, request.endpoint)
    if needed is None:
        return None
    if needed is _UNMARKED:
        abort(403)
    if not current_user.is_authenticated:
        if problems.wanted():
            abort(401, "Sign in, or send a token: Authorization: Bearer …")
        return redirect(url_for("security.login", next=request.full_path.rstrip("?")))
    if not may(needed):
        abort(403)
    return None


def may(permission: str) -> bool:
    """Whether the signed-in person holds a permission in the page's meeting (or anywhere, outside of a meeting)."""
    if not current_user.is_authenticated:
        return False
    meeting = g.get("meeting")
    return queries.may(current_user, permission, meeting.id if meeting is not None else None)


def staff() -> Actor:
    """The signed-in member of staff, for ``by=``."""
    return service.actor(current_user)
