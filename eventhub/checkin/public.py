"""The door on a borrowed phone: the page that enrols it, and the page of one that was enrolled before."""

from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from eventhub.checkin import queries, words
from eventhub.checkin.devices import TokenUsedError
from eventhub.checkin.views_door import page_words
from eventhub.security import limiter, public

bp = Blueprint("door_app", __name__)


@bp.get("/door/e/<token>")
@bp.get("/DOOR/E/<token>")
@public
@limiter.limit("60/minute")
def enrol(token: str) -> ResponseReturnValue:
    """A borrowed phone becomes a device: it asks for a name, and its script trades the code for a key."""
    if queries.find_token(token) is None:
        raise TokenUsedError
    return render_template("checkin/phone.html", settings={**_settings(), "token": token.upper()})


@bp.get("/door/")
@public
def phone() -> ResponseReturnValue:
    """The door on a phone that was enrolled before: its key lies in the phone."""
    return render_template("checkin/phone.html", settings=_settings())


def _settings() -> dict[str, Any]:
    return {
        "enrol": url_for("door_api.enrol"),
        "ask": url_for("door_api.ask"),
        "words": words.all_words(),
        "marks": {name: str(word) for name, word in words.MARKS.items()},
        "say": page_words(),
    }
