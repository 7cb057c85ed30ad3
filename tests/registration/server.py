"""A real web server with two processes on the test's own database, and browsers that are only sockets."""

import http.client
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier
from urllib.parse import urlencode

from flask import Flask

from eventhub import up
from tests import stack
from tests.live import wait_until

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def serving(app: Flask) -> Iterator[int]:
    """The app's twin under gunicorn, two processes with eight threads each; gives the port."""
    settings, port = app.config["EVENTHUB"], up.free_port()
    environment = {
        **os.environ,
        "EVENTHUB_DATA": str(settings.data),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "EVENTHUB_LIMITS": "off",
        "LOG_LEVEL": "WARNING",
    }
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "wsgi:app",
        "--bind",
        f"127.0.0.1:{port}",
        "--workers",
        "2",
        "--preload",
    ]
    process = subprocess.Popen(
        [*command, "--worker-class", "gthread", "--threads", "8", "--log-level", "warning"], cwd=ROOT, env=environment
    )
    try:
        wait_until(lambda: stack.listening(port), 40)
        yield port
    finally:
        process.terminate()
        process.wait(60)


class Browser:
    """One visitor: keeps its cookie, reads the hidden fields of the form."""

    def __init__(self, port: int, address: str) -> None:
        self.port, self.address = port, address
        status, head, body = self.ask("GET")
        assert status == 200
        self.cookie = head.get("Set-Cookie", "").split(";")[0]
        self.hidden = {
            name: re.search(rf'name="{name}"[^>]*value="([^"]+)"', body)[1] for name in ("csrf_token", "submission_key")
        }

    def ask(self, method: str, body: str = "") -> tuple[int, http.client.HTTPMessage, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": getattr(self, "cookie", "")}
        connection.request(method, self.address, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, answer.headers, text

    def send(self, data: dict[str, str]) -> tuple[int, str]:
        """Status and where it leads."""
        status, head, _ = self.ask("POST", urlencode({**data, **self.hidden}))
        return status, head.get("Location", "")


def all_at_once(acts: list) -> list:
    """Run every function in a thread of its own, all starting together; their answers in order."""
    barrier = Barrier(len(acts))

    def one(act):
        barrier.wait(60)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))
