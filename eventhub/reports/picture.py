"""Pictures as plain marks: what a chart or map consists of, before anybody decides how it looks.

A page, a file and the typeset report draw the same marks. Every picture says in words what it shows, and a table
stands behind it. Colour says nothing that shape, length, dashes or words do not say too.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from itertools import accumulate
from typing import Any, Literal

from flask import current_app
from markupsafe import Markup, escape

Tag = Literal["rect", "line", "path", "circle", "text", "g"]


@dataclass(frozen=True)
class Mark:
    """One SVG element; ``kind`` is its class, ``words`` a text's content, ``title`` what a pointer is told."""

    tag: Tag
    at: dict[str, float | str]
    kind: str = ""
    words: str = ""
    title: str = ""
    url: str = ""
    marks: "tuple[Mark, ...]" = ()  # of a group

    @staticmethod
    def of_json(kept: dict[str, Any]) -> "Mark":
        return Mark(**{**kept, "marks": tuple(Mark.of_json(one) for one in kept["marks"])})


@dataclass(frozen=True)
class Picture:
    title: str
    says: str  # the picture in a sentence, for who cannot see it
    width: float
    height: float
    marks: Sequence[Mark] = field(default_factory=tuple)

    def svg(self) -> bytes:
        """The picture as a file of its own, with its own style, in grey where the page has colours."""
        # a job draws it too: the template asks nothing of a request
        return current_app.jinja_env.get_template("reports/picture.svg").render(picture=self).encode()

    def drawn(self) -> Markup:
        """The marks as SVG elements, a line each. A map has more than a thousand: a template takes thrice as long."""
        return _drawn(self.marks)

    def as_json(self) -> dict[str, Any]:
        """The picture as plain values: an issued report keeps it, and draws the same again."""
        return asdict(self)

    @staticmethod
    def of_json(kept: dict[str, Any]) -> "Picture":
        return Picture(**{**kept, "marks": [Mark.of_json(one) for one in kept["marks"]]})


def _drawn(marks: Sequence[Mark]) -> Markup:
    return Markup("".join([_element(mark) for mark in marks]))  # noqa: S704  (every text in it was escaped)


def _element(mark: Mark) -> str:
    kind = f' class="{_plain(mark.kind)}"' if mark.kind else ""
    facts = [f' {name}="{escape(value) if isinstance(value, str) else value}"' for name, value in mark.at.items()]
    inner = f"{escape(mark.words)}{_drawn(mark.marks)}"
    title = f"<title>{escape(mark.title)}</title>" if mark.title else ""
    element = f"<{mark.tag}{kind}{''.join(facts)}>{inner}{title}</{mark.tag}>"
    return f'<a href="{escape(mark.url)}">{element}</a>\n' if mark.url else f"{element}\n"


_plain = lru_cache(256)(escape)  # of kinds there are a few dozen


def rect(x: float, y: float, width: float, height: float, kind: str, title: str = "", url: str = "") -> Mark:
    at: dict[str, float | str] = {"x": n(x), "y": n(y), "width": n(max(width, 0)), "height": n(max(height, 0))}
    return Mark("rect", at, kind, title=title, url=url)


def line(x1: float, y1: float, x2: float, y2: float, kind: str, title: str = "", **more: float | str) -> Mark:
    return Mark("line", {"x1": n(x1), "y1": n(y1), "x2": n(x2), "y2": n(y2), **more}, kind, title=title)


def path(d: str, kind: str, title: str = "", url: str = "") -> Mark:
    return Mark("path", {"d": d}, kind, title=title, url=url)


def text(x: float, y: float, words: str, kind: str = "t", anchor: str = "start", url: str = "") -> Mark:
    return Mark("text", {"x": n(x), "y": n(y), "text-anchor": anchor}, kind, words, url=url)


def n(value: float) -> float | int:
    """A coordinate with one decimal; whole ones without."""
    short = round(value, 1)
    return int(short) if short == int(short) else short


def width_of(words: str, size: float = 11) -> float:
    """About how wide a text is set: letters beyond Latin are taken as wider."""
    if words.isascii() and len(words) < len(_LATIN):
        return _LATIN[len(words)] * size
    return sum([0.56 if char < "\u0250" else 0.85 for char in words]) * size


_LATIN = [0.0, *accumulate([0.56] * 99)]  # of so many letters; a map asks for hundreds of names


def shortened(words: str, most: int) -> str:
    """At most so many characters, with an ellipsis where some are left out."""
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"
