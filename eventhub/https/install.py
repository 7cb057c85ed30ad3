"""The only pages over plain HTTP: how a phone comes to trust the local authority. Everything else is sent on to HTTPS.

A phone cannot open the HTTPS address without a warning before it trusts the authority, so these pages have to be plain.
They hold a public certificate and nothing else; its fingerprint is in the terminal too, to compare.
"""

import plistlib
import uuid
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Flask, make_response, render_template, request

from eventhub.https.addresses import is_private
from eventhub.https.venue import Venue

StartResponse = Callable[..., Any]
_SPACE = uuid.UUID("3f1e6a0c-5a5f-4f0e-9d2b-6d1f6b0d7c11")  # names the profile after the certificate in it


class Install:
    """A WSGI application. ``app`` lends its templates and languages."""

    def __init__(self, app: Flask, venue: Venue) -> None:
        self.app, self.venue = app, venue

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        path, authority = environ.get("PATH_INFO", "/"), self.venue.authority
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return _plain(
                start_response, "405 Method Not Allowed", "Use the https:// address.", [("Allow", "GET, HEAD")]
            )
        if authority is not None and path == "/install":
            return self._page(environ, start_response)
        if authority is not None and path in ("/install/eventhub.crt", "/install/eventhub.mobileconfig"):
            apple = path.endswith("mobileconfig")
            kind = "application/x-apple-aspen-config" if apple else "application/x-x509-ca-cert"
            body = profile(authority.der) if apple else authority.der
            start_response("200 OK", _headers(kind, len(body)))
            return [body]
        return _plain(start_response, "308 Permanent Redirect", "", [("Location", self._target(environ))])

    def _page(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        with self.app.request_context(environ):
            site = f"https://{self._host(environ)}/"
            text = render_template(
                "install/page.html",
                platform=platform_of(request.user_agent.string),
                fingerprint=self.venue.authority.fingerprint if self.venue.authority else "",
                site=site,
            )
            return make_response(text, 200, _headers("text/html; charset=utf-8"))(environ, start_response)

    def _target(self, environ: dict[str, Any]) -> str:
        query, path = environ.get("QUERY_STRING", ""), environ.get("PATH_INFO", "/").encode("latin-1")
        return f"https://{self._host(environ)}{quote(path)}{'?' + query if query else ''}"

    def _host(self, environ: dict[str, Any]) -> str:
        """The host that was asked for, when it is one that we may be; else the one in letters and codes."""
        ours = urlsplit(self.venue.base_url)
        try:
            asked = urlsplit(f"//{environ.get('HTTP_HOST', '')}").hostname or ""
        except ValueError:  # no host at all, such as "[::"
            asked = ""
        if self.venue.authority is None or asked == ours.hostname or not is_private(asked) or ":" in asked:
            return ours.netloc
        return f"{asked}:{self.venue.port}"


def platform_of(user_agent: str) -> str:
    """Which of the explanations to open first."""
    said = user_agent.lower()
    for platform, marks in {
        "ios": ("iphone", "ipad", "ipod"),
        "android": ("android",),
        "windows": ("windows",),
        "mac": ("mac os",),
    }.items():
        if any(mark in said for mark in marks):
            return platform
    return "linux"


def profile(der: bytes) -> bytes:
    """A configuration profile for iPhone and iPad that holds the authority's certificate."""
    ident = uuid.uuid5(_SPACE, der.hex())
    inner = {
        "PayloadType": "com.apple.security.root",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"eventhub.authority.{ident}.certificate",
        "PayloadUUID": str(uuid.uuid5(ident, "certificate")),
        "PayloadDisplayName": "EventHub local authority",
        "PayloadContent": der,
    }
    return plistlib.dumps(
        {
            "PayloadType": "Configuration",
            "PayloadVersion": 1,
            "PayloadIdentifier": f"eventhub.authority.{ident}",
            "PayloadUUID": str(ident),
            "PayloadDisplayName": "EventHub at this venue",
            "PayloadDescription": "Lets this device open EventHub in the venue's own network. It can vouch for private "
            "addresses only. Remove it after the meeting.",
            "PayloadRemovalDisallowed": False,
            "PayloadContent": [inner],
        }
    )


def _headers(kind: str, length: int | None = None) -> list[tuple[str, str]]:
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    fixed = [
        ("Content-Type", kind),
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-store"),
    ]
    return fixed if length is None else [*fixed, ("Content-Length", str(length))]


def _plain(start_response: StartResponse, status: str, text: str, more: list[tuple[str, str]]) -> Iterable[bytes]:
    start_response(status, [*_headers("text/plain; charset=utf-8", len(text.encode())), *more])
    return [text.encode()]
