"""Every script that people write their names in has its letters, rightly joined, in the right direction."""

import pytest
from fontTools.ttLib import TTFont
from PIL import ImageChops

from eventhub.badges.sheet import badges_pdf
from eventhub.paths import FONTS
from tests.typeset.pages import OCCASION, face, letters, pages, picture, words

pytestmark = pytest.mark.once

NAMES = {
    "Latin": "Zoë Ångström Łukasiewicz",
    "Vietnamese": "Nguyễn Thị Ánh Tuyết",
    "Khmer": "ចាន់ ស្ត្រី ញ៉ែម",
    "Lao": "ສຸກສະຫວັນ ພົມມະຈັນ",
    "Thai": "สมหญิง ปิ่นเกล้า น้ำ",
    "Burmese": "ကျွန်ုပ် ဒေါ်ခင်မျိုးချစ်",
    "Japanese": "山田 直子 シーライツ",
    "Korean": "김민서 한빛",
    "Simplified Chinese": "骨直 门化",
    "Traditional Chinese": "骨直 門化 張",
    "Devanagari": "श्रीमती सरस्वती क्षेत्री",
    "Bengali": "শ্রীমতী চট্টোপাধ্যায়",
    "Sinhala": "ශ්‍රීමති කුමාරි නීලා",
    "Tamil": "நீலாம்பரி ஸ்ரீதரன்",
    "Urdu": "محمد عائشہ اردو گلریز",
    "Dari": "فاطمه محمدی پژواک",
    "Mongolian Cyrillic": "Батбаярын Өнөрцэцэг Үүрий",
    "Dzongkha": "བཀྲ་ཤིས་རྡོ་རྗེ་དབང་ཕྱུག",
    "Dhivehi": "އަޙްމަދު ޢަލީ ނަސީމް",
}
# Letters that must join into one shape, and the same letters kept apart by a non-joiner: the pictures must differ.
JOINED = {
    "Khmer": ("ស្ត្រី", "ស្\u200cត្\u200cរី"),
    "Burmese": ("ကျွန်ုပ်", "က\u200cျ\u200cွန်ုပ်"),
    "Devanagari": ("श्री", "श्\u200cरी"),
    "Bengali": ("শ্রী", "শ্\u200cরী"),
    "Sinhala": ("ශ්‍රී", "ශ්රී"),
    "Tamil": ("ஸ்ரீ", "ஸ்\u200cரீ"),
    "Urdu": ("اردو گلریز", "ار\u200cدو گ\u200cل\u200cر\u200cی\u200cز"),
    "Dzongkha": ("རྒྱ", "ར\u200cྒ\u200cྱ"),
}


def ink_of(name: str, **more):
    """The picture of the name alone: the card's part between the heading and the foot."""
    page = pages(badges_pdf(OCCASION, [face(name, **more)], backs=False))[0]
    image = picture(page, 100)
    return image.crop((0, int(image.height * 0.22), image.width, int(image.height * 0.64)))


@pytest.fixture(scope="module")
def covered() -> set[int]:
    points: set[int] = set()
    for path in sorted(FONTS.glob("*.[to]tf")):
        points |= set(TTFont(path, lazy=True).getBestCmap())
    return points


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_a_font_of_ours_has_every_letter(name, covered):
    assert {character for character in name if ord(character) not in covered} == set()


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_no_letter_becomes_an_empty_box(name):
    # nothing of ours has a hieroglyph: that is what a missing letter looks like, and no name looks so
    missing = ink_of("\U00013000")
    assert ImageChops.difference(ink_of(name), missing).getbbox() is not None
    for character in {c for c in name if c.isalpha()}:
        assert ImageChops.difference(ink_of(character), missing).getbbox() is not None, character


@pytest.mark.parametrize("script", JOINED)
def test_letters_join_as_their_script_asks(script):
    joined, apart = JOINED[script]
    assert ImageChops.difference(ink_of(joined), ink_of(apart)).getbbox() is not None


@pytest.mark.parametrize(
    "script", ["Latin", "Vietnamese", "Japanese", "Korean", "Simplified Chinese", "Mongolian Cyrillic", "Lao"]
)
def test_the_name_can_be_copied_out_of_the_pdf(script):
    page = pages(badges_pdf(OCCASION, [face(NAMES[script])], backs=False))[0]
    assert "".join(NAMES[script].split()) in "".join(words(page).split())


@pytest.mark.parametrize("script", ["Urdu", "Dari", "Dhivehi"])
def test_a_name_from_right_to_left_mirrors_the_card(script):
    page = pages(badges_pdf(OCCASION, [face(NAMES[script])], backs=False))[0]
    own = [letter for letter in letters(page) if letter.character in NAMES[script]]
    assert max(letter.right for letter in own) == pytest.approx(97, abs=2.5)  # millimetres: the right margin
    role = [letter for letter in letters(page) if 97 < letter.top < 110 and letter.character == "D"]
    assert role[0].left < 20


def test_a_name_from_left_to_right_begins_at_the_left():
    page = pages(badges_pdf(OCCASION, [face("Sok Chanthy")], backs=False))[0]
    name = [letter for letter in letters(page) if 33 < letter.top < 60]
    assert min(letter.left for letter in name) == pytest.approx(8, abs=1.5)


def test_chinese_characters_take_the_shapes_of_their_country():
    shapes = [ink_of("骨直", country_code=country).tobytes() for country in ("JP", "CN", "TW")]
    assert len(set(shapes)) == 3
    assert ink_of("骨直", language="zh-Hant").tobytes() == ink_of("骨直", country_code="TW").tobytes()


def test_a_khmer_name_breaks_between_its_parts_only():
    # the last part was once torn in the middle of a syllable
    page = pages(badges_pdf(OCCASION, [face("ស្រីពៅ ចាន់ស្ត្រី ញ៉ែម")], backs=False))[0]
    last = [letter for letter in letters(page) if letter.character in "ញែម" and 33 < letter.top < 80]
    assert last
    assert max(letter.top for letter in last) - min(letter.top for letter in last) < 12  # millimetres: one line
