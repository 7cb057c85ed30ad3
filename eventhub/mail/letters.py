"""Decides how a letter is made: three small templates, rendered in the recipient's language; and which letters exist.

A letter is templates/mail/<letter>/{subject.txt,body.txt,body.html}. A feature names its letters, and how their
attachments are made, in its ``reactions.py``.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import current_app
from flask_babel import force_locale

from eventhub.meetings.models import Meeting
from eventhub.pages import clean_line, clean_text

LONGEST_SUBJECT = 250  # characters

# letter -> a function that makes a context to show it with; kind of attachment -> a function that makes the file
LETTERS: dict[str, Callable[[], dict[str, Any]]] = {}
ATTACHMENTS: dict[str, Callable[[int], tuple[str, str, bytes]]] = {}


@cache
def _inliner() -> Any:
    import css_inline  # only who renders letters needs it in memory

    return css_inline.CSSInliner(load_remote_stylesheets=False)


@dataclass(frozen=True)
class Rendered:
    """A letter's words; personal links stand in them as placeholders."""

    subject: str  # one line
    text: str
    html: str


def letter(name: str, *, sample: Callable[[], dict[str, Any]]) -> None:
    """Name a letter. ``sample()`` gives a context that it can be rendered with (in an app context, without rows)."""
    LETTERS[name] = sample


def attachment(kind: str) -> Callable[[Callable[[int], tuple[str, str, bytes]]], Any]:
    """Decorator: ``fn(ident) -> (filename, media_type, content)`` makes attachments of this kind when a letter is sent.

    It may raise: the letter is then tried again later, and in the end failed.
    """

    def keep(make: Callable[[int], tuple[str, str, bytes]]) -> Callable[[int], tuple[str, str, bytes]]:
        ATTACHMENTS[kind] = make
        return make

    return keep


def spoken(language: str) -> str:
    """The language a letter is written in for someone who asked for ``language``: that one, where we speak it."""
    tag = language.replace("_", "-")
    offered = current_app.config["LANGUAGES"]
    return next((choice for choice in (tag, tag.split("-")[0].lower()) if choice in offered), "en")


def address(endpoint: str, **values: Any) -> str:
    """The whole address of one of our public pages, for a letter: there may be no request to take the host from."""
    base: str = current_app.config["EVENTHUB"].base_url
    return base + current_app.url_map.bind("").build(endpoint, values)


def render(name: str, *, language: str, context: Mapping[str, Any], meeting: Meeting | None = None) -> Rendered:
    """The letter in a language. Templates see ``context``, ``meeting``, ``lang`` and ``address(endpoint, …)``.

    Not by flask.render_template: a letter must come out the same in a task as on a page.
    """
    lang = spoken(language)
    everything = {"meeting": meeting, "address": address, **context, "lang": lang}
    env = current_app.jinja_env
    with force_locale(lang):
        subject, text, html = (
            env.get_template(f"mail/{name}/{part}").render(everything)
            for part in ("subject.txt", "body.txt", "body.html")
        )
    return Rendered(
        subject=" ".join(clean_line(subject).split())[:LONGEST_SUBJECT],
        text=re.sub(r"\n[ \t]*\n(?:[ \t]*\n)+", "\n\n", clean_text(text)) + "\n",
        html=_inliner().inline(html),
    )
