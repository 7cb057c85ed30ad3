"""Badges on paper: what people write stays words, everything fits, and every code can be read from the print."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventhub.badges.sheet import badges_pdf, ticket_pdf
from tests.typeset.pages import CODE, OCCASION, URL, codes, face, letters, pages, picture, size, words

pytestmark = pytest.mark.once

FOOT = 97  # millimetres from the top: here the line above the code stands
FACES = [face(f"Person {number}", url=f"{URL[:-2]}{number:02}", photo_ok=number % 2 == 0) for number in range(9)]


def front(name: str, **more):
    return pages(badges_pdf(OCCASION, [face(name, **more)], backs=False))[0]


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize(
    "written",
    [
        "#panic()",
        "$x^2$",
        "*bold* _it_",
        "<b>B</b>",
        "@label",
        "`raw`",
        "= Title",
        "// gone",
        "#image(1)",
        '"; \\u{41}',
    ],
)
def test_markup_in_a_name_stays_text(written):
    page = front(written, latin_name=written + " L", called=written + " C", organisation=written, country=written)
    assert squeezed(words(page)).count(squeezed(written)) == 5


@pytest.mark.parametrize(
    "name",
    ["Wolfeschlegelsteinhausenbergerdorff " * 8, "W" * 300, "Đặng " * 60, "محمد " * 60, "ស្ត្រី" * 50, "山田" * 150],
    ids=["long words", "one word", "short words", "Urdu", "Khmer", "Japanese"],
)
def test_names_of_300_characters_stay_inside_their_part(name):
    page = front(
        name[:300],
        latin_name="Muhammad " * 33,
        called="Called " * 20,
        organisation="The Organisation for the Rights " * 9,
        country="The United Kingdom of Great Britain and Northern Ireland",
    )
    placed = letters(page)
    assert min(letter.left for letter in placed) > 7
    assert max(letter.right for letter in placed) < 98
    above = [letter for letter in placed if letter.bottom < FOOT + 1]
    below = [letter for letter in placed if letter.bottom >= FOOT + 1]
    assert "".join(letter.character for letter in below) == squeezed(f"{CODE} Delegate photo ok")
    assert len(above) > 300
    assert codes(page) == [URL]


def test_a_long_name_is_printed_whole():
    name = " ".join(f"Part{number:03}" for number in range(37))
    assert squeezed(name) in squeezed(words(front(name)))


def test_a_badge_with_nothing_but_a_name_and_a_code():
    page = front("Suharto", role="", photo_ok=False)
    assert squeezed(words(page)) == squeezed(
        f"{OCCASION.title} {OCCASION.dates} · {OCCASION.place} Suharto {CODE} no photo"
    )
    assert "call me" not in words(page)
    assert codes(page) == [URL]


def test_the_latin_name_stands_below_only_where_it_differs():
    assert words(front("Mary Jane", latin_name="Mary Jane")).count("Mary") == 1
    assert "Yamada" in words(front("山田", latin_name="Yamada"))


def test_the_photo_mark_stands_on_every_badge():
    fronts = pages(badges_pdf(OCCASION, FACES, backs=False))
    assert [("photo ok" in words(page), "no photo" in words(page)) for page in fronts] == [
        (number % 2 == 0, number % 2 == 1) for number in range(9)
    ]


def test_single_cards_each_with_its_back():
    sheets = pages(badges_pdf(OCCASION, FACES[:3]))
    assert [size(page) for page in sheets] == [(105, 148)] * 6
    assert [codes(page) for page in sheets] == [[FACES[0].url], [], [FACES[1].url], [], [FACES[2].url], []]
    assert all(OCCASION.focal_phone in words(page) for page in sheets[1::2])


def test_four_cards_fill_a_sheet_and_their_backs_follow():
    sheets = pages(badges_pdf(OCCASION, FACES, layout="a4"))
    assert [size(page) for page in sheets] == [(210, 297)] * 6
    assert [codes(page, 200) for page in sheets] == [
        [one.url for one in FACES[0:4]], [], [one.url for one in FACES[4:8]], [], [FACES[8].url], [],
    ]  # fmt: skip
    assert words(sheets[3]).count(OCCASION.focal_phone) == 4
    assert words(sheets[5]).count(OCCASION.focal_phone) == 1


def test_a_meeting_without_badges_yet_gives_a_page():
    assert len(pages(badges_pdf(OCCASION, [], layout="a4"))) == 1


def test_the_code_is_read_from_a_coarse_grey_print():
    assert codes(front("Sok"), dpi=75) == [URL]


def test_the_code_can_be_typed():
    assert CODE in squeezed(words(front("Sok")))


def test_the_band_is_drawn_once_for_many_cards():
    few, many = (len(badges_pdf(OCCASION, [face("Sok")] * count, backs=False)) for count in (10, 110))
    assert (many - few) / 100 < 4000  # bytes a card


def test_role_and_mark_read_in_grey():
    image = picture(front("Sok", role="Speaker"), 150)
    dark = sum(image.histogram()[:110])
    assert dark > 0.02 * image.width * image.height


def test_words_of_another_language_replace_ours():
    page = pages(badges_pdf(OCCASION, [face("Sok")], backs=False, labels={"photo-ok": "foto oke"}))[0]
    assert "foto oke" in words(page)
    assert "photo ok" not in words(page)


def test_the_ticket_is_one_page_that_reads_and_scans():
    for who in (face("Sok Chanthy", organisation="Lotus"), face("محمد عائشہ", organisation="چائلڈ"), face("W" * 300)):
        (page,) = pages(ticket_pdf(OCCASION, who))
        assert size(page) == (148, 210)
        assert codes(page) == [URL]
        assert OCCASION.title in words(page)
        assert CODE in squeezed(words(page))
    assert "Sok Chanthy" in words(pages(ticket_pdf(OCCASION, face("Sok Chanthy")))[0])


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=60), st.text(max_size=300), st.text(max_size=100))
def test_whatever_is_written_a_badge_comes_out_and_scans(name, latin_name, called, organisation, country):
    (page,) = pages(
        badges_pdf(
            OCCASION,
            [face(name, latin_name=latin_name, called=called, organisation=organisation, country=country)],
            backs=False,
        )
    )
    assert codes(page) == [URL]
