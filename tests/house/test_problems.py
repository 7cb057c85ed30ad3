"""Bodies that are no JSON, and what the API answers to them."""

import marshmallow as ma
import pytest
from flask import Flask

from eventhub.problems import MEDIA_TYPE, Api, ApiBlueprint

bp = ApiBlueprint("echo", __name__, url_prefix="/api/echo")


class EchoSchema(ma.Schema):
    number = ma.fields.Integer(required=True, strict=True)


@bp.post("")
@bp.arguments(EchoSchema)
@bp.response(200, EchoSchema)
def echo(data):
    return data


@pytest.fixture(scope="module")
def small():
    app = Flask(__name__)
    app.config.update(API_TITLE="Echo", API_VERSION="1", OPENAPI_VERSION="3.1.0")
    Api(app).register_blueprint(bp)
    return app.test_client()


@pytest.mark.once
@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b'{"number": 1}', "application/json", 200),
        (b'{"number": 1}', "text/plain", 415),
        (b"number=1", "application/x-www-form-urlencoded", 415),
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"number": ' + b"9" * 5000 + b"}", "application/json", 400),
        (b'{"number": "one"}', "application/json", 422),
        (b"[]", "application/json", 422),
        (b"", "application/json", 422),
        (b"", "", 422),
    ],
)
def test_a_body_is_read_or_refused(small, body, media_type, status):
    answer = small.post("/api/echo", data=body, headers={"Content-Type": media_type})
    assert answer.status_code == status
    if status != 200:
        assert answer.content_type == MEDIA_TYPE and answer.json["status"] == status and answer.json["detail"]
    if body.startswith(b'{"number": "one'):
        assert answer.json["errors"] == {"json": {"number": ["Not a valid integer."]}}
