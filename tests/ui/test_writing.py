"""Dates with their doubt, times with their zone, numbers, names and scripts."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from markupsafe import Markup

from eventhub import ui

pytestmark = pytest.mark.once

D = date(2020, 2, 18)


@pytest.fixture
def say(app, make_app):
    """Call a writer of `eventhub.ui` in a language: say(ui.day_text, D, lang="ur")."""

    def say(writer, *args, lang="en", **named):
        with (app if lang == "en" else make_app(lang)).test_request_context("/"):
            return str(writer(*args, **named))

    return say


@pytest.mark.parametrize(
    ("precision", "words"),
    [
        ("day", "18 February 2020"),
        ("month", "February 2020"),
        ("quarter", "quarter 1 of 2020"),
        ("year", "2020"),
        ("unknown", "unknown"),
        ("nonsense", "unknown"),
        (None, "unknown"),
        (SimpleNamespace(value="month"), "February 2020"),
    ],
)
def test_a_date_says_no_more_than_is_known(say, precision, words):
    assert say(ui.imprecise_text, D, precision) == words
    assert words in say(ui.imprecise, D, precision)


def test_the_day_of_a_moment_is_the_day_where_it_was(say):
    night = datetime(2026, 11, 30, 20, 30, tzinfo=UTC)
    assert say(ui.day_text, night, tz="Asia/Phnom_Penh") == "1 December 2026"
    assert say(ui.day_text, night.replace(tzinfo=None), tz="Asia/Phnom_Penh") == "1 December 2026"  # from the database
    assert 'datetime="2026-12-01"' in say(ui.day, night, tz="Asia/Phnom_Penh")
    assert say(ui.day_text, night) == "30 November 2026"
    assert say(ui.day_text, night.date(), tz="Asia/Phnom_Penh") == "30 November 2026"  # a date is what it is


def test_a_missing_date_is_unknown(say):
    for writer in (ui.day_text, ui.days_text, ui.imprecise_text, ui.moment_text):
        assert say(writer, None) == "unknown"
    for writer in (ui.day, ui.days, ui.imprecise, ui.moment, ui.clock):
        assert say(writer, None) == '<span class="unknown">unknown</span>'


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (date(2025, 7, 28), date(2025, 7, 30), "28–30 July 2025"),
        (date(2024, 7, 31), date(2024, 8, 2), "31 July – 2 August 2024"),
        (date(2024, 12, 30), date(2025, 1, 2), "30 December 2024 – 2 January 2025"),
        (date(2025, 7, 28), date(2025, 7, 28), "28 July 2025"),
        (date(2025, 7, 28), None, "28 July 2025"),
        (None, date(2025, 7, 28), "28 July 2025"),
    ],
)
def test_a_span_of_days_is_said_once(say, start, end, words):
    assert say(ui.days_text, start, end).replace("\u2009", " ") == words


def test_a_machine_can_read_the_date_and_a_line_cannot_tear_it(say):
    assert say(ui.day, D) == '<bdi><time datetime="2020-02-18">18 February 2020</time></bdi>'
    assert say(ui.imprecise, D, "month") == '<bdi><time datetime="2020-02">February 2020</time></bdi>'
    assert "فروری" in say(ui.day, D, lang="ur")
    assert "កុម្ភៈ" in say(ui.day, D, lang="km")


def test_a_moment_names_its_zone(say):
    at = datetime(2025, 7, 28, 1, 30, tzinfo=UTC)
    assert say(ui.moment_text, at, "Asia/Manila") == "28 July 2025, 09:30 (Manila time, UTC+8)"
    assert say(ui.moment_text, at, "Asia/Kathmandu").endswith("07:15 (Kathmandu time, UTC+5:45)")
    assert say(ui.moment_text, at.replace(tzinfo=None)) == "28 July 2025, 01:30 (UTC)"
    assert '<time datetime="2025-07-28T09:30+08:00">' in say(ui.moment, at, "Asia/Manila")


def test_nobody_and_nobody_knows_are_two_things(say):
    assert say(ui.count, 0) == "<bdi>0</bdi>"
    assert say(ui.count, None) == '<span class="unknown">unknown</span>'
    assert say(ui.count, 12480) == "<bdi>12,480</bdi>"
    assert say(ui.of, 12, 70) == "<bdi>12 of 70</bdi>"
    assert say(ui.of, 12, None) == "<bdi>12 of unknown</bdi>"
    assert say(ui.share, 1, 4) == "<bdi>25%</bdi>"
    assert say(ui.share, 1, 0) == say(ui.share, None, 4) == '<span class="unknown">unknown</span>'


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("ស្ត្រី", "khmer"), ("ကျွန်ုပ်", "myanmar"), ("श्री", "devanagari"), ("நீ", "tamil"), ("ශ්‍රී", "sinhala"),
        ("اردو", "arabic"), ("ދިވެހި", "thaana"), ("རྫོང་ཁ", "tibetan"), ("Монгол", "cyrillic"), ("ไทย", "thai"),
        ("ລາວ", "lao"), ("বাংলা", "bengali"), ("한국어", "hangul"), ("山田 花子さん", "japanese"), ("陳大文", "han"),
        ("Nguyễn Thị", "latin"), ("C-Rights シーライツ", "japanese"), ("Dara ដារ៉ា", "khmer"),
        ("", "latin"), ("123", "latin"), (None, "latin"),
    ],
)  # fmt: skip
def test_a_text_gets_the_room_its_script_needs(text, script):
    assert ui.script_class(text) == f"script-{script}"


@pytest.mark.parametrize(
    ("lang", "way"),
    [("ur", "rtl"), ("ur-PK", "rtl"), ("prs", "rtl"), ("dv_MV", "rtl"), ("pa-Arab", "rtl"), ("ur-Latn", "ltr"),
     ("km", "ltr"), ("en", "ltr"), ("zh-Hant", "ltr"), ("", "ltr"), (None, "ltr")],
)  # fmt: skip
def test_languages_know_their_direction(lang, way):
    assert ui.dir_of(lang) == way


def test_a_name_stands_in_both_scripts(say):
    person = SimpleNamespace(full_name="សុភាព", latin_name="Sopheap")
    assert say(ui.name_of, person) == (
        '<bdi class="name script-khmer">សុភាព</bdi> <bdi class="name-latin" lang="und-Latn">Sopheap</bdi>'
    )
    assert (
        say(ui.name_of, {"full_name": "Suharto", "latin_name": "Suharto"})
        == '<bdi class="name script-latin">Suharto</bdi>'
    )
    assert say(ui.name_of, None) == '<span class="unknown">unknown</span>'
    assert "<script" not in say(ui.name_of, "<script>")


def test_a_language_is_named_in_its_own_words(say):
    assert say(ui.language_name, "km") == '<bdi lang="km">ខ្មែរ</bdi>'
    assert say(ui.language_name, "not a language") == '<bdi lang="not a language">not a language</bdi>'


def test_an_accent_cannot_break_out_of_its_sheet():
    assert ui.accent_style({"accent": '"><script>'}).count(";") == 7
    assert "script" not in ui.accent_style({"accent": '"><script>'})
    assert ui.accent_style(None) == ui.accent_style(SimpleNamespace(accent=None)) == ""


def test_an_asset_carries_the_hash_of_its_content(say):
    assert "/static/css/eventhub.css?v=" in say(ui.asset, "css/eventhub.css")
    assert say(ui.asset, "not/there.css") == "/static/not/there.css"


def test_a_filter_keeps_the_others_and_starts_at_page_one(app):
    with app.test_request_context("/list?q=a&state=sent&page=4&_scheme=evil"):
        assert ui.url_with(state="draft") == "?q=a&state=draft&_scheme=evil"
        assert ui.url_with(state=None, page=2) == "?q=a&page=2&_scheme=evil"


def test_a_tables_rows_are_written_with_their_words_escaped(say):
    def row(*cells, url="", quiet=False):
        return SimpleNamespace(cells=list(cells), url=url, quiet=quiet)

    opens = [Markup("<th>"), Markup("<td>")]
    rows = [
        row("<b>", 1200, url='/x?a="1"&b'),
        row("<b>", None),
        row("None", None, quiet=True),
        row(Markup("<b>"), "1200"),
    ]
    bold, unknown = '<bdi class="script-latin">&lt;b&gt;</bdi>', '<span class="unknown">{}</span>'
    assert say(ui.rows_of, opens, rows).replace("    <tr", "<tr").replace("    </tr", "</tr").split("\n") == [
        "<tr>", f'<th><a href="/x?a=&#34;1&#34;&amp;b">{bold}</a></th><td><span><bdi>1,200</bdi></span></td></tr>',
        "<tr>", f"<th>{bold}</th><td><span>{unknown.format('unknown')}</span></td></tr>",
        '<tr class="is-quiet">',
        f'<th><bdi class="script-latin">None</bdi></th><td><span>{unknown.format("–")}</span></td></tr>',
        "<tr>", '<th><bdi class="script-latin"><b></bdi></th><td><span><bdi class="script-latin">1200</bdi></span></td></tr>',
        "",
    ]  # fmt: skip
