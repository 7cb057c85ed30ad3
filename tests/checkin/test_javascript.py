"""The door app's rules, in a real JavaScript engine: the same answers as the Python ones, where the languages differ too."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from eventhub import paths
from eventhub.checkin.facts import Scan, canonical_json, content_hash, instant, written
from eventhub.checkin.fold import fold
from eventhub.checkin.replay import in_javascript, run
from tests.checkin import histories

CASES = json.loads((Path(__file__).parent / "door-cases.json").read_text("utf-8"))["cases"]
FIRST = random.SystemRandom().randrange(2**40)

# calls one function of facts.js with each of the given lists of arguments; a refusal is {"refused": true}
CALL = """
import { readFileSync, writeSync } from "node:fs";
const facts = await import(process.argv[1]);
const { name, calls } = JSON.parse(readFileSync(0, "utf-8"));
const answers = calls.map((values) => {
  try {
    return facts[name](...values.map((value) => (name === "canonicalJson" ? JSON.parse(value) : value)));
  } catch {
    return { refused: true };
  }
});
writeSync(1, JSON.stringify(answers));
"""
REFUSED = {"refused": True}

pytestmark = pytest.mark.once


def javascript(name: str, calls: list[list[Any]]) -> list[Any]:
    return run(CALL, {"name": name, "calls": calls}, "facts.js")


def python(function: Any, *values: Any) -> Any:
    try:
        return function(*values)
    except (ValueError, OverflowError):
        return REFUSED


def test_every_case_of_the_protocol():
    assert in_javascript(CASES) == [case["expect"] for case in CASES]


def test_both_languages_agree_on_2000_cases():
    """New ones in every run; a failure names its history, and `histories.case(number)` makes it again."""
    made = [histories.case(number) for number in range(FIRST, FIRST + 2000)]
    expected = {case["case"]: fold(case).as_json() for case in made}
    found = dict(zip(expected, in_javascript(made), strict=True))
    assert [number for number in expected if found[number] != expected[number]] == []


@pytest.mark.browser
def test_a_browser_answers_the_cases_too(chrome):
    """The files as a page loads them, without any build."""
    context = chrome.new_context()
    page = context.new_page()
    kinds = {".js": "text/javascript", "": "text/html"}
    page.route(
        "http://door.test/**",
        lambda route: route.fulfill(
            body=_served(route.request.url), content_type=kinds[Path(route.request.url).suffix]
        ),
    )
    page.goto("http://door.test/door")
    found = page.evaluate(
        "async (cases) => { const { fold } = await import('/static/js/door/fold.js'); return cases.map(fold); }",
        [{name: value for name, value in case.items() if name != "expect"} for case in CASES],
    )
    context.close()
    assert found == [case["expect"] for case in CASES]


def _served(url: str) -> bytes:
    path = url.removeprefix("http://door.test/static/")
    return (paths.STATIC / path).read_bytes() if path.endswith(".js") else b"<!doctype html>"


# --- where the languages differ by nature


TIMES = [
    "2026-11-22T10:00:00Z",
    "2026-11-22t10:00:00z",
    "2026-11-22T10:00:00.1Z",
    "2026-11-22T10:00:00.123999999999999999999999Z",
    "2026-11-22T10:00:00.0009Z",
    "2026-11-22T10:00:00.Z",
    "2026-11-22T10:00:00,5Z",
    "1969-12-31T23:59:59.9999Z",
    "1970-01-01T07:00:00.001+07:00",
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+23:59",
    "0000-12-31T23:00:00-01:00",
    "0026-02-28T00:00:00Z",
    "9999-12-31T23:59:59.999-23:59",
    "1900-02-29T00:00:00Z",
    "2000-02-29T00:00:00Z",
    "2026-02-29T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2026-00-10T00:00:00Z",
    "2026-10-00T00:00:00Z",
    "2016-12-31T23:59:60Z",
    "2026-11-22T24:00:00Z",
    "2026-11-22T10:60:00Z",
    "2026-11-22T10:00:00+24:00",
    "2026-11-22T10:00:00+23:60",
    "2026-11-22T10:00:00-00:00",
    "2026-11-22T10:00:00+0700",
    "2026-11-22T10:00:00",
    "2026-11-22 10:00:00Z",
    "2026-11-22T10:00Z",
    " 2026-11-22T10:00:00Z",
    "2026-11-22T10:00:00Z\n",
    "2026-11-22T10:00:00Z\u2028",
    "+02026-11-22T10:00:00Z",
    "-000001-11-22T10:00:00Z",
    "２０２６-11-22T10:00:00Z",
    "2026-11-22T10:00:00\u212a",
    "Sun Nov 22 2026",
    "",
]


def test_instants_are_read_alike():
    chance = random.Random(FIRST)
    texts = TIMES + [_spoiled(chance.choice(TIMES[:9]), chance) for _ in range(2000)]
    found = dict(zip(texts, javascript("instant", [[text] for text in texts]), strict=True))
    assert found == {text: python(instant, text) for text in texts}, FIRST
    assert [found[t] for t in TIMES[7:11]] == [-1, 1, -62_135_596_800_000, -62_135_683_140_000]
    assert sum(answer == REFUSED for answer in found.values()) > 500


def _spoiled(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text))
    return text[:at] + chance.choice("0123456789") + text[at + 1 :]


def test_instants_are_written_alike():
    times = [0, -1, 1, 1_795_341_600_000, -62_135_596_800_000, 253_402_300_799_999]
    beyond = [-62_135_596_800_001, 253_402_300_800_000, 2**53]
    assert javascript("written", [[t] for t in times + beyond]) == [written(t) for t in times] + [REFUSED] * 3
    assert [python(written, t) for t in beyond] == [REFUSED] * 3


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("9007199254740991", "9007199254740991"),
        ("-9007199254740991", "-9007199254740991"),
        ("9007199254740992", None),
        ("9007199254740993", None),
        ("123456789012345678901234567890", None),
        ("9007199254740990.9", "9007199254740991"),
        ("9.007199254740992e15", None),
        ("1e400", None),
        ("1.5", None),
        ("1e-400", "0"),
        ("[1.0, 1, 1e0, 10E-1]", "[1,1,1,1]"),
        ("[-0, -0.0, 0, 0e5]", "[0,0,0,0]"),
        ("1e15", "1000000000000000"),
        ("[true, false, null, [], {}]", "[true,false,null,[],{}]"),
        ('{"b": null, "a": {"c": null}}', '{"a":{}}'),
        ('{"10": 1, "9": 2, "-1": 3, "": 4}', '{"":4,"-1":3,"10":1,"9":2}'),
        ('{"__proto__": {"x": 1}, "constructor": 2, "toString": 3}', '{"__proto__":{"x":1},"constructor":2,"toString":3}'),
        ('{"a": 1, "a": 2}', '{"a":2}'),
        # by UTF-16 units: the emoji (D83D DE00) comes before U+FB33 and after U+20AC
        ('{"\\ufb33": 1, "\\ud83d\\ude00": 2, "\\u20ac": 3}', '{"\u20ac":3,"\U0001f600":2,"\ufb33":1}'),
        ('"\\u0000\\u001f\\u007f\\u0080\\u2028\\u2029\\ufeff\\/\\\\\\"\\b\\f\\n\\r\\t"',
         '"\\u0000\\u001f\x7f\x80\u2028\u2029\ufeff/\\\\\\"\\b\\f\\n\\r\\t"'),
        ('"e\\u0301 \\u00e9"', '"e\u0301 \u00e9"'),  # nothing is normalised
        ('"\\ud83d"', None),
        ('"\\ude00\\ud83d"', None),
        ('{"\\ud83d": 1}', None),
    ],
)  # fmt: skip
def test_there_is_one_text_of_each_value(text, canonical):
    expected = REFUSED if canonical is None else canonical
    assert python(canonical_json, json.loads(text)) == expected
    assert javascript("canonicalJson", [[text]]) == [expected]


def test_contents_have_the_same_hash():
    scans = [scan for number in range(300) for _, scan in histories.scans_of(histories.case(number))]
    scans += [{"id": "1", "told": "left", "a": {"id": 1, "told": 2}}, {}, {"id": None, "x": None}]
    assert javascript("contentHash", [[scan] for scan in scans]) == [content_hash(scan) for scan in scans]
    assert content_hash({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


def test_texts_are_ordered_by_code_points():
    """Also beside halves of characters, which come in nobody's ids but must not spoil the order of others."""
    chance = random.Random(FIRST)
    letters = ["a", "b", "\u20ac", "\ud83d", "\ude00", "\U0001f600", "\U0001f601", "\ue000", "\uffff", "\U0010ffff"]
    texts = ["".join(chance.choices(letters, k=chance.randint(0, 4))) for _ in range(3000)]
    # two halves side by side are one character to JavaScript, and after a trip through JSON to Python too
    texts = json.loads(json.dumps(texts))
    pairs = list(zip(texts, texts[::-1], strict=True))
    found = javascript("compareText", [[a, b] for a, b in pairs])
    assert [(n > 0) - (n < 0) for n in found] == [(a > b) - (a < b) for a, b in pairs], FIRST


def test_no_two_names_have_one_key():
    parts = ["", "a", ":", "1", "1:a", "0:", "a1:", "\u0000", "__proto__", "\U0001f600"]
    names = [[a, b] for a in parts for b in parts] + [[a] for a in parts]
    assert len(set(javascript("keyOf", names))) == len(names)


@pytest.mark.parametrize("walk_in", [{}, [], {"name": "x"}, "x", "", True, 1, None])
def test_a_walk_in_is_an_object(walk_in):
    raw = {"id": "1", "checkpoint": "A", "kind": "entry", "scanned_at": TIMES[0], "walk_in": walk_in}
    assert [scan["walkIn"] for scan in javascript("readScan", [["d", raw]])] == [Scan.read("d", raw).walk_in]
    assert Scan.read("d", raw).walk_in is isinstance(walk_in, dict)
