"""Looks at a PDF as a person or a scanner would: its pages as pictures, its words, where they stand."""

from dataclasses import dataclass

import pypdfium2
import zxingcpp
from PIL import Image

from eventhub.badges.sheet import Face, Occasion

MM = 72 / 25.4  # points

CODE = "7K3Q9XW2MZ4TA8NPC6RJ5VYH1D"
URL = f"HTTPS://MEET.EXAMPLE.ORG/B/{CODE}"

BAND = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="404" height="50" viewBox="0 0 404 50">'
    b'<path fill="#0b6e6e" d="M0 0h404v50H0z"/><path fill="#f7efdf" d="M0 20l20-20 20 20-20 20z"/></svg>'
)

OCCASION = Occasion(
    title="Asia Pacific Partnership Meeting 2027",
    dates="14–16 July 2027",
    place="Phnom Penh, Cambodia",
    band=BAND,
    focal_phone="+855 23 555 0142",
    focal_person="Sok Chanthy",
)


def face(name: str, **more) -> Face:
    return Face(**{"name": name, "code": CODE, "url": URL, "photo_ok": True, "role": "Delegate"} | more)


@dataclass(frozen=True)
class Letter:
    """One character as placed, in millimetres from the page's left and top."""

    character: str
    left: float
    top: float
    right: float
    bottom: float


def pages(pdf: bytes) -> list[pypdfium2.PdfPage]:
    document = pypdfium2.PdfDocument(pdf)
    return [document[number] for number in range(len(document))]


def size(page: pypdfium2.PdfPage) -> tuple[float, float]:
    """Width and height in whole millimetres."""
    return round(page.get_width() / MM), round(page.get_height() / MM)


def words(page: pypdfium2.PdfPage) -> str:
    return page.get_textpage().get_text_bounded()


def letters(page: pypdfium2.PdfPage) -> list[Letter]:
    text = page.get_textpage()
    height = page.get_height()
    placed = []
    for number in range(text.count_chars()):
        character = text.get_text_range(number, 1)
        left, bottom, right, top = text.get_charbox(number)
        if character.strip() and right > left:
            placed.append(Letter(character, left / MM, (height - top) / MM, right / MM, (height - bottom) / MM))
    return placed


def picture(page: pypdfium2.PdfPage, dpi: int = 150) -> Image.Image:
    return page.render(scale=dpi / 72).to_pil().convert("L")


def codes(page: pypdfium2.PdfPage, dpi: int = 150) -> list[str]:
    return sorted(found.text for found in zxingcpp.read_barcodes(picture(page, dpi)))
