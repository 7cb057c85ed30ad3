"""The door app finds names as the server does, in any script."""

import pytest

from eventhub.directory.names import fold

pytestmark = [pytest.mark.browser, pytest.mark.once]

NAMES = [
    "José Núñez", "NGUYỄN Thị Minh Khai", "Đặng Văn Lâm", "Łukasz Øster", "Straße", "ＦＵＬＬ　ｗｉｄｔｈ", "O’Neill-Smith", "Æsa Þór",
    "សុខ ស្រីមុំ", "ឈឹម ស៊ីថា", "ဒေါ်အောင်ဆန်း", "สมชาย ใจดี", "ສົມພອນ", "محمد خان", "مُحَمَّد", "عليّ ياسين", "ہما قریشی",
    "श्री राम", "কাজী নজরুল", "ශ්‍රී", "நீலா", "བཀྲ་ཤིས།", "އަލީ", "Өнөрбат", "山田 太郎", "ﾔﾏﾀﾞ", "ガ", "김민준", "İstanbul Ilgaz", "a\u200db", "  ", "1/2 ½ Ⅳ",
]  # fmt: skip


def test_folding_a_name_gives_what_the_server_gives(phone, venue):
    phone.page.goto(f"{venue.url}/door/")
    script = """async (names) => { const { fold } = await import("/door/f/now/js/door/search.js"); return names.map(fold); }"""
    assert phone.page.evaluate(script, NAMES) == [fold(name) for name in NAMES]


def test_a_part_of_any_name_or_organisation_finds_and_the_unlisted_only_by_the_whole(phone, venue):
    phone.page.goto(f"{venue.url}/door/")
    script = """async ([rows, texts]) => {
      const { Names } = await import("/door/f/now/js/door/search.js");
      const names = new Names(rows.map(([name, latin_name, organisation, unlisted]) => ({ name, latin_name, organisation, unlisted, sort_key: "" })));
      return texts.map((text) => names.find(text).map((each) => each.name));
    }"""
    rows = [
        ["សុខ ស្រីមុំ", "Sok Sreymom", "Lotus Network", False],
        ["ဒေါ်အောင်ဆန်း", "Daw Aung San", "Golden Land", False],
        ["Aung Ko", "", "Lotus Network", False],
        ["Hidden One", "", "Lotus Network", True],
    ]
    found = phone.page.evaluate(
        script, [rows, ["ស្រី", "အောင်", "sreymom sok", "LÓTUS", "aung", "hidden", "hidden one", "zz", "-"]]
    )
    assert found == [
        ["សុខ ស្រីមុំ"], ["ဒေါ်အောင်ဆန်း"], ["សុខ ស្រីមុំ"], ["Aung Ko", "សុខ ស្រីមុំ"], ["Aung Ko", "ဒေါ်အောင်ဆန်း"],
        [], ["Hidden One"], [], [],
    ]  # fmt: skip
