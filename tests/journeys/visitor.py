"""A person with a plain browser, over HTTP: opens pages, fills the forms that stand on them, follows redirects."""

import mimetypes
import urllib.request
import uuid
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit

from tests.journeys import crawl


class Visitor:
    """One browser with its own cookies, at one EventHub."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.address, self.text, self.status, self.content = base_url, "", 0, b""
        self.page = crawl.Page(base_url)

    def open(self, address: str, data: bytes | None = None, headers: dict[str, str] | None = None) -> "Visitor":
        """Go to an address (whole, or of this EventHub); a 5xx fails at once."""
        request = urllib.request.Request(urljoin(self.address, address), data=data, headers=headers or {})
        try:
            answer = self.opener.open(request, timeout=90)
        except HTTPError as error:
            answer = error
        with answer:
            self.status, self.address, self.content = answer.status, answer.url, answer.read()
            kind = answer.headers.get_content_type()
        assert self.status < 500, f"{request.full_url}: {self.status}\n{self.content[:2000]!r}"
        self.text = self.content.decode(errors="replace") if kind.startswith("text/") else ""
        self.page = crawl.read(self.address, self.text)
        return self

    def form(self, having: str = "", action: str = "") -> crawl.Form:
        """The form of this page that has a field (or button) of that name, or whose address contains ``action``."""
        for form in self.page.forms:
            if (having and having in {**form.fields, **form.choices}) or (action and action in form.action):
                return form
        names = [(f.action, sorted({**f.fields, **f.choices})) for f in self.page.forms]
        raise AssertionError(
            f"no form with {having or action!r} on {self.address}; there are {names}\n{self.text[:3000]}"
        )

    def send(
        self, form: crawl.Form, expect: int = 200, files: dict[str, tuple[str, bytes]] | None = None, **values
    ) -> "Visitor":
        """Fill a form and send it; a list gives a field several values, None leaves a field out. ``expect`` is the final status."""
        unknown = set(values) - set(form.fields) - set(form.choices)
        assert not unknown, f"{form.action} has no {sorted(unknown)}; it has {sorted({**form.fields, **form.choices})}"
        pairs = [(name, value) for name, value in form.repeated if name not in values]
        for name, value in {**form.values, **values}.items():
            for one in value if isinstance(value, (list, tuple)) else [value]:
                if one is not None:
                    pairs.append((name, str(one)))
        if form.method == "get":
            self.open(form.action.split("?")[0] + "?" + urlencode(pairs))
        elif form.multipart or files:
            body, kind = _multipart(pairs, files or {})
            self.open(form.action, body, {"Content-Type": kind})
        else:
            self.open(form.action, urlencode(pairs).encode(), {"Content-Type": "application/x-www-form-urlencoded"})
        assert self.status == expect, f"{form.action}: {self.status}, expected {expect}\n{_sentences(self.text)}"
        return self

    def link(self, part: str) -> str:
        """The first link on this page whose address contains ``part``."""
        found = next((link for link in self.page.links if part in link), None)
        assert found, f"no link with {part!r} on {self.address}; there are {self.page.links}"
        return found

    @property
    def path(self) -> str:
        return urlsplit(self.address).path


def _multipart(pairs: list[tuple[str, str]], files: dict[str, tuple[str, bytes]]) -> tuple[bytes, str]:
    boundary, lines = uuid.uuid4().hex, []
    for name, value in pairs:
        if name not in files:
            lines += [f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()]
    for name, (filename, content) in files.items():
        kind = mimetypes.guess_type(filename)[0] or "application/octet-stream"
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\nContent-Type: {kind}\r\n\r\n'
        lines += [head.encode(), content, b"\r\n"]
    return b"".join([*lines, f"--{boundary}--\r\n".encode()]), f"multipart/form-data; boundary={boundary}"


def _sentences(html: str) -> str:
    """What a page says, without its markup, for a failure's message."""
    import re

    return re.sub(r"\s+", " ", re.sub(r"<(style|script).*?</\1>|<[^>]+>", " ", html, flags=re.S))[:2500]
