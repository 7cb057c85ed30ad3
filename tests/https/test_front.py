"""What the web server behind TLS is told, and what it may say."""

import socket

import pytest
from werkzeug.test import Client

from eventhub.https.front import Behind, introduction

pytestmark = pytest.mark.once


def test_the_web_server_is_told_whom_it_speaks_with():
    assert introduction(("10.0.0.7", 51000), ("10.0.0.1", 8000)) == b"PROXY TCP4 10.0.0.7 10.0.0.1 51000 8000\r\n"
    six = introduction(("fe80::1%eth0", 51000, 0, 2), ("fe80::2", 8000, 0, 2))
    assert six == b"PROXY TCP6 fe80::1 fe80::2 51000 8000\r\n"
    assert introduction(None, None) == b"PROXY UNKNOWN\r\n"


@pytest.mark.parametrize("lasting", [True, False])
def test_browsers_insist_on_https_only_where_the_name_is_ours_for_long(lasting):
    def app(environ, start_response):
        start_response(
            "200 OK", [("Strict-Transport-Security", "max-age=31536000"), ("X-Kept", environ["REMOTE_ADDR"])]
        )
        return [environ["wsgi.url_scheme"].encode()]

    with socket.socket() as connection:
        client = Client(Behind(app, lasting=lasting))
        first = {"gunicorn.socket": connection, "PROXY_PROTOCOL": "TCP4", "REMOTE_ADDR": "10.0.0.7"}
        assert client.get("/", environ_overrides=first).headers["X-Kept"] == "10.0.0.7"
        answer = client.get("/", environ_overrides={"gunicorn.socket": connection, "REMOTE_ADDR": ""})
    assert (answer.text, answer.headers["X-Kept"]) == ("https", "10.0.0.7")
    assert ("Strict-Transport-Security" in answer.headers) is lasting
