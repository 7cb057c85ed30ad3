"""The door app's own addresses: its page, its files under their version, its service worker, its manifest and icon."""

import json
from typing import Any

from flask import Blueprint, Response, request, send_from_directory, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub.checkin import app_files, queries, words
from eventhub.checkin.app_words import app_words
from eventhub.checkin.devices import TokenUsedError
from eventhub.errors import NotFoundError
from eventhub.paths import STATIC
from eventhub.security import limiter, public

bp = Blueprint("door_app", __name__)

YEAR = 31_536_000  # seconds


@bp.get("/door/e/<token>")
@bp.get("/DOOR/E/<token>")
@public
@limiter.limit("60/minute")
def enrol(token: str) -> ResponseReturnValue:
    """A borrowed phone becomes a device: it asks for a name, and its script trades the code for a key."""
    if queries.find_token(token) is None:
        raise TokenUsedError
    return app_files.page(**_settings(), token=token.upper())


@bp.get("/door/")
@public
def phone() -> ResponseReturnValue:
    """The door on a phone that was enrolled before: its key lies in the phone."""
    return app_files.page(**_settings())


@bp.get("/door/sw.js")
@public
def worker() -> ResponseReturnValue:
    """What keeps the app in the phone. Its place gives it the scope /door/."""
    return worker_answer(app_files.worker("door", url_for(".phone"), app_files.page(**_settings())))


def worker_answer(script: str) -> Response:
    """A service worker's script, which browsers look at again each time."""
    answer = Response(script, mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@bp.get("/door/f/<version>/<path:name>")
@public
def part(version: str, name: str) -> ResponseReturnValue:
    """One of the app's scripts. An older version gets the present file, which is kept for no time at all."""
    if name not in app_files.names():
        raise NotFoundError
    packed = request.accept_encodings["gzip"] > 0 and (STATIC / f"{name}.gz").is_file()
    kind = "application/wasm" if name.endswith(".wasm") else "text/javascript"
    answer = send_from_directory(STATIC, f"{name}.gz" if packed else name, mimetype=kind, max_age=YEAR)
    if packed:
        answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Vary"] = "Accept-Encoding"
    if version != app_files.version():
        answer.headers["Cache-Control"] = "no-cache"
    return answer


@bp.get("/door/manifest.webmanifest")
@public
def manifest() -> ResponseReturnValue:
    """What a phone needs to know to put the door on its home screen."""
    sizes = [{"src": url_for(".icon", size=size), "sizes": f"{size}x{size}"} for size in app_files.ICON_SIZES]
    about = {
        "name": _("EventHub door"),
        "short_name": _("Door"),
        "start_url": url_for(".phone"),
        "scope": url_for(".phone"),
        "display": "standalone",
        "background_color": "#0b0f14",
        "theme_color": "#0b0f14",
        "icons": [{**size, "type": "image/png", "purpose": use} for size in sizes for use in ("any", "maskable")],
    }
    return Response(json.dumps(about, ensure_ascii=False), mimetype="application/manifest+json")


@bp.get("/door/icon-<int:size>.png")
@public
def icon(size: int) -> ResponseReturnValue:
    """The app's icon."""
    if size not in app_files.ICON_SIZES:
        raise NotFoundError
    answer = Response(app_files.icon(size), mimetype="image/png")
    answer.headers["Cache-Control"] = f"public, max-age={YEAR}"
    return answer


def _settings() -> dict[str, Any]:
    return {
        "home": url_for(".phone"),
        "worker": url_for(".worker"),
        "paths": {name: f"/api/v1/door/{name}" for name in ("enrol", "ask", "scans", "roster", "presence", "key")},
        "words": words.all_words(),
        "marks": {name: str(word) for name, word in words.MARKS.items()},
        "say": app_words(),
    }
