"""The express lane: the plainest questions to the door are answered before Flask builds a request around them.

It answers only what needs nothing else: a known device, a well-formed question, an adult whom nobody else's place
concerns, PostgreSQL. Whatever is not so plain goes on, untouched, to the API's own route, which answers everything; and
when something fails on the way, the same question is asked again there, and gets the same answer.
"""

import json
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

import psycopg
from flask import Flask

from eventhub import clock
from eventhub.checkin import ask, direct, facts, known, limits, rows, shown, supposed, sync, wire
from eventhub.checkin import devices as kept_devices
from eventhub.checkin.rules import Verdict
from eventhub.errors import RuleError
from eventhub.security import lasting_headers

PATH = "/api/v1/door/ask"
LONGEST = 16 * 1024  # bytes of a question
_MEMBERS = {"device_time", "scan"}
# what makes a question leave the lane: it is no plain one, somebody was quicker, or the database said no
_GOES_ON = (RuleError, ValueError, RecursionError, OverflowError, rows.AgainError, psycopg.Error)

StartResponse = Callable[..., Any]


class Express:
    """WSGI middleware around the app."""

    def __init__(self, app: Flask) -> None:
        self.app, self.rest = app, app.wsgi_app
        fixed = lasting_headers(secure=app.config["EVENTHUB"].secure)
        self.headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store"), *fixed.items()]

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        answer = None
        if environ["PATH_INFO"] == PATH and environ["REQUEST_METHOD"] == "POST":
            length = environ.get("CONTENT_LENGTH", "")
            if length.isdigit() and int(length) <= LONGEST and environ.get("CONTENT_TYPE") == "application/json":
                body = environ["wsgi.input"].read(int(length))
                environ["wsgi.input"] = BytesIO(body)  # for whoever answers in the end
                answer = self._answer(environ.get("HTTP_AUTHORIZATION", ""), body)
        if answer is None:
            return self.rest(environ, start_response)
        start_response("200 OK", [*self.headers, ("Content-Length", str(len(answer)))])
        return [answer]

    def _answer(self, authorization: str, body: bytes) -> bytes | None:
        with self.app.app_context():
            if not direct.is_offered() or not authorization.startswith("Bearer "):
                return None
            try:
                result = _ask(authorization[7:], json.loads(body))
            except _GOES_ON:
                return None
        if result is None:
            return None
        said = {"server_time": facts.written(facts.milliseconds(clock.now())), "result": result}
        return json.dumps(said, ensure_ascii=False).encode()


def _ask(key: str, body: Any) -> dict[str, Any] | None:
    if not isinstance(body, dict) or body.keys() != _MEMBERS or not isinstance(body["device_time"], str):
        return None
    device, now = kept_devices.authenticate(key.strip()), clock.now()
    limits.check(device.id, "")  # the address is the route's to know, behind whatever proxies
    scan = wire.check_scan(body["scan"])
    question = ask.Question.read(device, scan)
    if "told" in scan or sync.put_aside(question, body["device_time"], now):
        return None
    with direct.connection() as connection:
        answer = supposed.answer(connection, question, now, but=Verdict.UNKNOWN)  # the route counts wrong codes
    if answer is None:
        return None
    return shown.result(device, known.kept(device.meeting_id), answer)
