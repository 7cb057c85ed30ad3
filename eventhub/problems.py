"""How the API says no: ``application/problem+json`` (RFC 9457), the same for every resource.

An ``api`` module makes its blueprint of ``ApiBlueprint``, so that a body which is no JSON, or no JSON that Python can
hold, is answered with 400 or 415; everything else that goes wrong reaches the handlers in ``app``.
"""

import http
import json
from typing import Any

import flask_smorest
import marshmallow as ma
from flask import Response, jsonify, request
from flask_smorest.utils import prepare_response
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, HTTPException, UnsupportedMediaType

MEDIA_TYPE = "application/problem+json"
NOT_JSON = "Send JSON, with the header Content-Type: application/json."
UNREADABLE = "The body is not JSON that this server can read."


class ProblemSchema(ma.Schema):
    """What the documentation says of every error."""

    type = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    detail = ma.fields.String(required=True)
    errors = ma.fields.Dict(metadata={"description": "By place (json, query) and field: what is wrong with it."})


class _Parser(FlaskParser):
    def load_json(self, req: Any, schema: ma.Schema) -> Any:
        if req.get_data(cache=True) and not req.is_json:
            raise UnsupportedMediaType(NOT_JSON)
        try:
            return super().load_json(req, schema)
        except (RecursionError, ValueError) as error:  # nested too deeply; a number of thousands of digits
            raise BadRequest(UNREADABLE) from error


class ApiBlueprint(flask_smorest.Blueprint):
    """flask-smorest's blueprint, with our reading of bodies."""

    ARGUMENTS_PARSER = _Parser()


class Api(flask_smorest.Api):
    """flask-smorest's API, whose documented errors are problems."""

    ERROR_SCHEMA = ProblemSchema

    def _register_responses(self) -> None:
        for status in [*http.HTTPStatus, None]:
            name = status.name if status else self.DEFAULT_ERROR_RESPONSE_NAME
            response: dict[str, Any] = {"description": status.phrase if status else "What went wrong"}
            if status is None or status >= 400:
                response["schema"] = self.ERROR_SCHEMA
            prepare_response(response, self.spec, MEDIA_TYPE)
            self.spec.components.response(name, response, lazy=True)

    def handle_http_exception(self, error: HTTPException) -> Response:
        return of_http(error)


def body() -> Any:
    """The request's body, read as JSON; for views that check it by hand."""
    data = request.get_data()
    if data and request.content_type != "application/json" and not request.is_json:
        raise UnsupportedMediaType(NOT_JSON)
    try:
        return json.loads(data)
    except (RecursionError, ValueError) as error:  # nested too deeply; a number of thousands of digits
        raise BadRequest(UNREADABLE) from error


def wanted() -> bool:
    """Whether this request is a program's, which is told in JSON."""
    return request.path.startswith("/api/")


def answer(status: int, detail: str, **more: Any) -> Response:
    """A problem: ``status``, the sentence, and whatever helps a program (``errors``)."""
    title = http.HTTPStatus(status).phrase
    response = jsonify({"type": "about:blank", "title": title, "status": status, "detail": detail, **more})
    response.content_type = MEDIA_TYPE
    response.status_code = status
    return response


def of_http(error: HTTPException) -> Response:
    """An HTTP error as a problem, with its headers (Allow, Retry-After) and with what webargs says of each field."""
    data = getattr(error, "data", None) or {}
    errors = data.get("errors") or data.get("messages")
    status = error.code or 500
    detail = data.get("message") or ("Something that was sent is not right." if errors else error.description)
    response = answer(status, detail or error.name, **({"errors": errors} if errors else {}))
    for name, value in error.get_headers():
        if name.lower() != "content-type":
            response.headers[name] = value
    return response


def unauthorized() -> Response:
    """401: who asks is not known. For ``abort``."""
    response = answer(401, "Sign in, or send a token: Authorization: Bearer …")
    response.headers["WWW-Authenticate"] = 'Bearer realm="EventHub"'
    return response
