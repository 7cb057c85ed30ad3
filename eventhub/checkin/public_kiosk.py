"""The kiosk: a tablet before which people hold their own badge. Its page knows nobody; its key lies in the tablet."""

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub.checkin import app_files, queries
from eventhub.checkin.devices import KIOSK, TokenUsedError
from eventhub.checkin.public import bp, worker_answer
from eventhub.security import limiter, public


@bp.get("/kiosk/e/<token>")
@bp.get("/KIOSK/E/<token>")
@public
@limiter.limit("60/minute")
def kiosk_enrol(token: str) -> ResponseReturnValue:
    """A tablet becomes a kiosk: its script trades the code for a key."""
    found = queries.find_token(token)
    if found is None or KIOSK not in found.scope:
        raise TokenUsedError
    return _page(token=token.upper())


@bp.get("/kiosk/")
@public
def kiosk() -> ResponseReturnValue:
    """The kiosk on a tablet that was enrolled before."""
    return _page()


@bp.get("/kiosk/sw.js")
@public
def kiosk_worker() -> ResponseReturnValue:
    """What keeps the kiosk in the tablet: one that was started again with no network still is a kiosk."""
    return worker_answer(app_files.worker("kiosk", url_for(".kiosk"), _page()))


def _page(**more: str) -> str:
    return render_template("checkin/kiosk.html", settings={**_settings(), **more}, version=app_files.version())


def _settings() -> dict[str, Any]:
    return {
        "home": url_for(".kiosk"),
        "worker": url_for(".kiosk_worker"),
        "alive": url_for("house.healthz"),
        "enrol": url_for("door_api.enrol"),
        "ask": url_for("door_api.ask"),
        "pin": url_for("door_api.pin"),
        "key": url_for("door_api.key"),
        "say": _say(),
        "refused": _refused(),
    }


def _say() -> dict[str, str]:
    return {
        "welcome": _("Welcome"),
        "again": _("Welcome back"),
        "in": _("You are checked in."),
        "was_in": _("You were checked in already. If that was not you, please come to the desk."),
        "child": _("Please see the desk. Somebody there helps you in."),
        "next": _("Your next session"),
        "now": _("Your session now"),
        "desk": _("Please come to the desk"),
        "busy": _("One moment"),
        "offline": _("No network just now"),
        "offline_more": _("Please go to the desk. They check you in there."),
        "off": _("This kiosk is switched off"),
        "off_more": _("Please go to the desk."),
        "no_camera": _("No camera here. An organiser has to look at this tablet."),
        "needs_https": _("The camera needs a secure address (https). An organiser has to look at this tablet."),
        "camera_refused": _("The browser may not use the camera. An organiser allows it in the browser's settings."),
        "wrong_pin": _("This is not the PIN."),
        "too_many": _("Too many wrong PINs. Wait ten minutes."),
        "no_network_pin": _("This tablet cannot check the PIN while there is no network."),
        "failed": _("The server did not answer. Try again."),
    }


def _refused() -> dict[str, str]:
    """What to do, kindly. Why stays between the person and the desk, but where it is about the place and not about them."""
    there = _("They can help you there. It takes a moment only.")
    place = _("This entrance is not open now. They know at the desk where to go.")
    unread = _("This is no badge that we know. Hold it again, straight, or show it at the desk.")
    return {
        "other": there,
        "unknown": unread,
        "wrong_meeting": unread,
        "wrong_day": place,
        "closed": place,
        "full": _("All places are taken just now. They can tell you at the desk when one is free."),
    }
