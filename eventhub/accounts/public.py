"""The link in a letter to staff: it opens the page where the person chooses a password."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_security.recoverable import generate_reset_password_token

from eventhub.accounts import service
from eventhub.security import public

bp = Blueprint("staff_link", __name__)


@bp.get("/staff/password/<token>")
@public
def password(token: str) -> ResponseReturnValue:
    """Opening changes nothing (mail scanners open links too); the form behind it does."""
    user = service.read_link(token)
    return redirect(url_for("security.reset_password", token=generate_reset_password_token(user)))
