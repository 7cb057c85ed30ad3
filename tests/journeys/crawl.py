"""Walks the pages as a curious person would: every link, every form, a few addresses of each kind."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient

TEXT_TYPES = {
    "text",
    "search",
    "email",
    "tel",
    "url",
    "number",
    "date",
    "datetime-local",
    "password",
    "hidden",
    "time",
    "",
}


@dataclass
class Form:
    page: str
    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)  # name -> kind of control
    values: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    repeated: list[tuple[str, str]] = field(default_factory=list)  # further hidden values of a name
    multipart: bool = False

    @property
    def text_fields(self) -> list[str]:
        return [n for n, kind in self.fields.items() if kind in TEXT_TYPES | {"textarea"} and n != "csrf_token"]


class Page(HTMLParser):
    """The links and forms of one page."""

    def __init__(self, address: str) -> None:
        super().__init__(convert_charrefs=True)
        self.address, self.links, self.forms = address, [], []
        self._select = ""

    def handle_starttag(self, tag: str, attributes) -> None:
        a = {k: v or "" for k, v in attributes}
        if tag == "a" and a.get("href"):
            self.links.append(urldefrag(urljoin(self.address, a["href"]))[0])
        elif tag == "form":
            action = urljoin(self.address, a.get("action") or self.address)
            method = a.get("method", "get").lower()
            self.forms.append(Form(self.address, action, method, multipart="multipart" in a.get("enctype", "")))
        elif self.forms and a.get("name"):
            self._control(tag, a)
        elif tag == "option" and self._select and self.forms:
            self.forms[-1].choices.setdefault(self._select, []).append(a.get("value", ""))
            # as a browser does: the first option, unless another is selected
            self.forms[-1].values.setdefault(self._select, a.get("value", ""))
            if "selected" in a:
                self.forms[-1].values[self._select] = a.get("value", "")

    def _control(self, tag: str, a: dict[str, str]) -> None:
        form, name, kind = self.forms[-1], a["name"], a.get("type", "text") if tag in ("input", "button") else tag
        if tag == "button" or kind in ("submit", "button"):
            form.choices.setdefault(name, []).append(a.get("value", ""))
            return
        form.fields[name] = kind
        if tag == "select":
            self._select = name
        elif kind in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(a.get("value", "y"))
            if "checked" in a:
                form.values[name] = a.get("value", "y")
        elif kind == "hidden" and name in form.values:
            form.repeated.append((name, a.get("value", "")))
        else:
            form.values.setdefault(name, a.get("value", ""))


def read(address: str, html: str) -> Page:
    page = Page(address)
    page.feed(html)
    return page


def walk(app: Flask, browser: FlaskClient, starts: list[str], per_endpoint: int = 3) -> Iterator[tuple[str, int, Page]]:
    """Yield (address, status, page) for every address that can be reached by links, a few of each endpoint."""
    base = "http://localhost"
    waiting, seen, visits = [urljoin(base, s) for s in starts], set(), Counter()
    while waiting:
        address = waiting.pop(0)
        parts = urlsplit(address)
        if address in seen or parts.netloc not in ("localhost", "") or parts.scheme not in ("http", ""):
            continue
        seen.add(address)
        endpoint = endpoint_of(app, parts.path)
        if endpoint in ("static", "security.logout", None) or visits[endpoint] >= per_endpoint:
            continue
        visits[endpoint] += 1
        answer = browser.get(parts.path + ("?" + parts.query if parts.query else ""))
        page = read(address, answer.text if answer.mimetype == "text/html" else "")
        yield address, answer.status_code, page
        if 300 <= answer.status_code < 400:
            waiting.append(urljoin(address, answer.headers["Location"]))
        waiting += page.links


def endpoint_of(app: Flask, path: str, method: str = "get") -> str | None:
    """The endpoint that a path leads to; None when there is none."""
    adapter = app.url_map.bind("localhost")
    try:
        return adapter.match(path, method.upper())[0]
    except Exception:  # a 404, a 405 or a redirect of the router: the walk then sees it for itself
        return "unrouted:" + path
