"""What stands on badges and tickets, and their PDF.

Decides the words' cleaning and the order of things; how it looks is in `templates/badges/` and `templates/documents/`.
Pure: takes plain records, asks no database, so the badge of a person and the sheet of a meeting are the same code.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Literal

from eventhub.badges.qr import qr_png
from eventhub.typeset import typeset

Layout = Literal["single", "a4"]
_MANY = 24  # cards; more are typeset in a process of their own, so that a worker stays small


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """What all badges of a meeting share. `accent` is #rrggbb; `band` is the meeting's woven band as SVG, or empty."""

    title: str
    dates: str = ""
    place: str = ""
    venue: str = ""  # on the ticket only: a badge is worn where everybody is already
    accent: str = "#0b6e6e"
    band: bytes = b""
    focal_phone: str = ""
    focal_person: str = ""
    address: str = ""


@dataclass(frozen=True, kw_only=True)
class Face:
    """What stands on one badge.

    `name` is as the person writes it; `language` (BCP 47) and `country_code` (ISO 3166-1 alpha-2) tell how Chinese
    characters are drawn; `role` is a word; `url` is what the QR code holds, in capitals; `code` is what one can type.
    """

    name: str
    code: str
    url: str
    photo_ok: bool
    latin_name: str = ""
    called: str = ""
    organisation: str = ""
    country: str = ""
    country_code: str = ""
    role: str = ""
    language: str = ""


def badges_pdf(
    occasion: Occasion,
    faces: Sequence[Face],
    *,
    layout: Layout = "single",
    backs: bool = True,
    labels: dict[str, str] | None = None,
    codes: Sequence[bytes] | None = None,
) -> bytes:
    """The PDF of these badges, 105 x 148 mm each: one a page ("single") or four on an A4 sheet ("a4").

    `backs` adds the back with the focal point's number. `labels` replaces the words on the card, for other languages;
    `codes` are the faces' QR codes (PNG) where the caller drew them before. Raises ValueError for an address that no
    QR code of a badge can hold, TypesetError when typesetting fails.
    """
    drawn = codes if codes is not None else [qr_png(face.url) for face in faces]
    data, pictures = content(occasion, faces, drawn, layout=layout, backs=backs, labels=labels)
    # tags help who listens to a document; a stack of cards for the cutter has no reader and is half as fast with them
    return typeset("badges/badge.typ", data, pictures, tagged=len(faces) == 1, apart=len(faces) > _MANY)


def content(
    occasion: Occasion,
    faces: Sequence[Face],
    codes: Sequence[bytes],
    *,
    layout: Layout = "single",
    backs: bool = True,
    labels: dict[str, str] | None = None,
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Data and pictures of the template `badges/badge.typ` for these badges."""
    data = {
        "layout": layout,
        "backs": backs,
        "meeting": _meeting(occasion),
        "badges": [_record(face) | {"qr": f"qr{number}"} for number, face in enumerate(faces)],
        "labels": labels or {},
    }
    return data, {f"qr{number}": picture for number, picture in enumerate(codes)} | _band(occasion)


def ticket_pdf(occasion: Occasion, face: Face, *, labels: dict[str, str] | None = None) -> bytes:
    """The ticket that is mailed: one A5 page with QR code, name, meeting, how to use it. Raises as `badges_pdf`."""
    data = {"meeting": _meeting(occasion), "ticket": _record(face), "labels": labels or {}}
    return typeset("documents/ticket.typ", data, {"qr": qr_png(face.url)} | _band(occasion))


def _meeting(occasion: Occasion) -> dict[str, str]:
    return {key: plain(value) for key, value in asdict(occasion).items() if key != "band"}


def _record(face: Face) -> dict[str, str | bool]:
    return {key: plain(value) if isinstance(value, str) else value for key, value in asdict(face).items()}


def _band(occasion: Occasion) -> dict[str, bytes]:
    return {"band": drawn_band(occasion.band)} if occasion.band else {}


@lru_cache(maxsize=16)
def drawn_band(svg: bytes) -> bytes:
    """The band as a PDF page: drawn once and shown by every card, where SVG would be drawn anew on each (30 ms)."""
    return typeset("badges/band.typ", {}, {"band": svg}, tagged=False)


def plain(words: str) -> str:
    """One line in normal form C without control characters; joiners stay, because scripts need them."""
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in words)
    return unicodedata.normalize("NFC", " ".join(kept.split()))
