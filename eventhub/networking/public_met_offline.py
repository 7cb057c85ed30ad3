""" "I met somebody" without a network, also when the page is loaded anew.

Phones are shared, and the page of one's own link shows names and addresses, so that page is never kept. What a service
worker keeps is an empty one, the same for everybody, which notes opaque badge codes until the network is back. It
stands in for /me/<link>/met only, and only where the server cannot be reached.
"""

import hashlib
import json

from flask import Response, render_template, url_for
from flask.typing import ResponseReturnValue

from eventhub.checkin import app_files
from eventhub.networking.public import bp
from eventhub.paths import STATIC
from eventhub.security import public
from eventhub.ui import asset

_STYLES = (
    "vendor/bootstrap/bootstrap.min.css",
    "vendor/bootstrap/bootstrap.rtl.min.css",
    "css/eventhub.css",
    "css/self.css",
    "img/icon.svg",
)


@bp.get("/met/offline")
@public
def met_offline() -> ResponseReturnValue:
    """The empty page."""
    return _shell()


@bp.get("/met/worker.js")
@public
def met_worker() -> ResponseReturnValue:
    """The service worker: what it keeps, then what it does."""
    scripts = [name for name in app_files.names() if name.startswith(("js/met.", "js/camera.", "vendor/zxing/"))]
    keep = {
        "name": "met",
        "version": f"{app_files.version()}-{hashlib.sha256(_shell().encode()).hexdigest()[:16]}",
        "shell": url_for(".met_offline"),
        "only": "^/me/[^/]+/met$",
        "files": [
            *(url_for("door_app.part", version=app_files.version(), name=name) for name in scripts),
            *(asset(path) for path in _STYLES),
        ],
    }
    script = f"const KEEP = {json.dumps(keep)};\n" + (STATIC / "js" / "door" / "sw.js").read_text()
    answer = Response(script, mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Service-Worker-Allowed"] = "/me/"
    return answer


def _shell() -> str:
    return render_template("networking/met_offline.html", version=app_files.version())
