"""Typesetting itself: says what went wrong, reads nothing but its template, serves several callers at once."""

from concurrent.futures import ThreadPoolExecutor

import pypdfium2
import pytest

from eventhub import paths
from eventhub import typeset as typesetting
from eventhub.badges.sheet import badges_pdf, plain
from eventhub.typeset import TypesetError, typeset
from tests.typeset.pages import OCCASION, face, pages, words

pytestmark = pytest.mark.once


@pytest.fixture
def templates(tmp_path, monkeypatch):
    monkeypatch.setattr(typesetting, "TEMPLATES", tmp_path)
    monkeypatch.setattr(typesetting, "_compiler", None)
    return tmp_path


def test_a_missing_template_is_named():
    with pytest.raises(TypesetError, match=r"no/such\.typ: there is no such template"):
        typeset("no/such.typ", {})


@pytest.mark.parametrize("template", ['a".typ', "../pyproject.toml", "/etc/passwd"])
def test_a_template_lies_among_the_templates(template):
    with pytest.raises(TypesetError):
        typeset(template, {})


def test_what_typst_says_is_passed_on(templates):
    (templates / "bad.typ").write_text("#let document(data, pictures) = data.nothing")
    with pytest.raises(TypesetError, match=r"bad\.typ: dictionary does not contain key") as caught:
        typeset("bad.typ", {})
    assert caught.value.__cause__ is not None


def test_data_that_json_cannot_hold_is_an_error(templates):
    (templates / "any.typ").write_text("#let document(data, pictures) = []")
    with pytest.raises(TypesetError, match="not JSON serializable"):
        typeset("any.typ", {"when": object()})


def test_a_process_of_its_own_gives_the_same_pages_and_errors():
    data = {"layout": "single", "backs": True, "meeting": {"title": "One"}, "badges": []}
    (near,), (far,) = (pages(typeset("badges/badge.typ", data, apart=apart)) for apart in (False, True))
    assert words(near) == words(far)
    with pytest.raises(TypesetError, match=r"badges/badge\.typ: .*meeting"):
        typeset("badges/badge.typ", {"layout": "single", "backs": True, "badges": [{}]}, apart=True)


def test_half_a_surrogate_pair_does_not_stop_a_print():
    (page,) = pages(badges_pdf(OCCASION, [face("Sok \ud83d Chanthy")], backs=False))
    assert "Chanthy" in words(page)


def test_pictures_arrive_as_they_are(templates):
    (templates / "bytes.typ").write_text(
        '#let document(data, pictures) = { set text(font: "Noto Sans")\n'
        "for (name, content) in pictures [#name#content.len() ]}"
    )
    pdf = typeset("bytes.typ", {}, {"svg": "<svg>ñ</svg>".encode(), "raw": bytes(range(256))})
    assert words(pypdfium2.PdfDocument(pdf)[0]).split() == ["svg13", "raw256"]


def test_several_threads_get_each_their_own():
    names = [f"Person {number}" for number in range(8)]
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda name: badges_pdf(OCCASION, [face(name)], backs=False), names))
    assert [name in words(pages(pdf)[0]) for name, pdf in zip(names, made, strict=True)] == [True] * 8


def test_plain_is_one_clean_line():
    assert plain("  A\x00\tB\r\nC\u2028D ") == "A B C D"
    assert plain("Tuye\u0302\u0301t") == "Tuyết"
    assert plain("ශ්\u200dරී") == "ශ්\u200dරී"


def test_the_templates_and_fonts_are_found():
    assert (paths.TEMPLATES / "badges" / "badge.typ").is_file()
    assert (paths.FONTS / "NotoSans-Regular.ttf").is_file()
