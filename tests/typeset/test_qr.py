"""The QR codes: read back by another decoder, small, and refused where they could not hold the text."""

import io

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from eventhub.badges.qr import QUIET, qr_matrix, qr_png, qr_svg
from eventhub.typeset import typeset
from tests.typeset.pages import URL, codes

pytestmark = pytest.mark.once

TEXTS = [URL, "HTTP://127.0.0.1:8000/B/0123456789ABCDEFGHJKMNPQRS", "A", "HTTPS://" + "LONG." * 60 + "ORG/B/X1"]


@pytest.mark.parametrize("text", TEXTS)
def test_another_decoder_reads_the_png(text):
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(qr_png(text, scale=4))))
    assert (found.text, str(found.format)) == (text, "QR Code")
    assert found.ec_level == "M"


def test_one_pixel_a_module_with_its_quiet_zone():
    image = Image.open(io.BytesIO(qr_png(URL)))
    modules = qr_matrix(URL)
    assert image.mode == "1"
    assert image.size == (len(modules) + 2 * QUIET,) * 2
    assert [
        [image.getpixel((x + QUIET, y + QUIET)) == 0 for x in range(len(modules))] for y in range(len(modules))
    ] == [[bool(dark) for dark in row] for row in modules]
    assert all(image.getpixel((x, y)) for x in range(image.width) for y in range(QUIET))


def test_capitals_keep_the_symbol_small():
    assert len(qr_matrix(URL)) == 29  # version 3; in byte mode it would take 33


def test_the_svg_reads_too(tmp_path, monkeypatch):
    (tmp_path / "one.typ").write_text(
        "#let document(data, pictures) = { set page(width: 50mm, height: 50mm); image(pictures.qr) }"
    )
    monkeypatch.setattr("eventhub.typeset.TEMPLATES", tmp_path)
    monkeypatch.setattr("eventhub.typeset._compiler", None)
    pdf = typeset("one.typ", {}, {"qr": qr_svg(URL).encode()})
    assert codes(pypdfium2.PdfDocument(pdf)[0]) == [URL]


@pytest.mark.parametrize("text", ["", "https://x.org/b/a", "A\n", "Ä", "A" * 5000])
def test_text_that_no_badge_can_hold_is_refused(text):
    with pytest.raises(ValueError, match="QR code"):
        qr_matrix(text)
