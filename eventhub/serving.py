"""The web server of ``eventhub up``: gunicorn with threads, alone or behind TLS, and the plain pages of a phone's first visit."""

import gc
import logging
import socket
import sys
import time
from typing import TYPE_CHECKING, Any

from flask import Flask

if TYPE_CHECKING:
    from eventhub.https.venue import Venue

log = logging.getLogger(__name__)


def warm(app: Flask) -> None:
    """Make ready what the first reader of a large network's reports would wait for; a second or two, once, before the
    first question is taken. Processes that are forked afterwards share it. Without a database they start all the same."""
    from eventhub import schema
    from eventhub.db import db
    from eventhub.reports import ready  # pages: only now has the app loaded them in their order

    start = time.monotonic()
    with app.app_context():
        try:
            if schema.is_migrated() and ready.make():
                gc.collect()
                gc.freeze()  # it stays: no collection looks through it again, and forked processes share it
                log.info("the report pages were made ready in %.1f s", time.monotonic() - start)
        except Exception:
            log.exception("the report pages could not be made ready: their first reader waits longer")
        finally:
            db.session.remove()
            db.engine.dispose()  # no connection crosses a fork


def web(app: Flask, host: str, port: int, venue: "Venue | None") -> None:
    """Serve the app until SIGTERM: on host and port, or with a venue on the socket that only TLS speaks to."""
    settings = app.config["EVENTHUB"]
    options = {
        "workers": settings.web_workers,
        "threads": settings.web_threads,
        "keepalive": 30,
        "backlog": 2048,
        "proc_name": "eventhub-web",
    }
    if venue is None:
        _serve(app, f"{host}:{port}", options)
        return
    from eventhub.https.front import Behind

    _serve(Behind(app, lasting=venue.authority is None), f"unix:{venue.web}", {**options, "proxy_protocol": "v1"})


def tls(host: str, port: int, venue: "Venue") -> None:
    """Take TLS off the connections of the venue's network until SIGTERM."""
    from eventhub.https.front import Front

    Front(host, port, venue.certificate, venue.key, venue.web).run()


def plain(app: Flask, host: str, venue: "Venue") -> None:
    """Serve the page from which phones install the authority until SIGTERM; all else is sent on to HTTPS."""
    from eventhub.https.install import Install

    options = {"workers": 1, "threads": 4, "keepalive": 2, "proc_name": "eventhub-http"}
    _serve(Install(app, venue), f"{host}:{venue.http_port}", options)


SPARE = 60  # seconds that the kernel keeps a connection on which nobody has said anything


def _wait_for_a_question(server: Any) -> None:
    """Browsers open connections to spare, and each would hold a thread until something comes: the kernel (Linux) hands
    one over only when a question has begun."""
    for listener in server.LISTENERS:
        if listener.sock.family != socket.AF_UNIX and hasattr(socket, "TCP_DEFER_ACCEPT"):
            listener.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, SPARE)


def _serve(wsgi_app: Any, bind: str, options: dict[str, Any]) -> None:
    from gunicorn.app.base import BaseApplication

    class Web(BaseApplication):
        def load_config(self) -> None:
            for name, value in {
                "bind": bind,
                "worker_class": "gthread",
                "timeout": 60,
                "graceful_timeout": 15,
                "preload_app": True,
                "control_socket_disable": True,
                "accesslog": None,
                "loglevel": "warning",
                "when_ready": _wait_for_a_question,
                **options,
            }.items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Any:
            return wsgi_app

    sys.argv = ["eventhub"]
    Web().run()
