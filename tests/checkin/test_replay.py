"""`eventhub door replay FILE [--js]`: the outcome of anybody's cases, or one sentence about what is wrong with the file."""

import copy
import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from eventhub.checkin.cli import commands
from tests.checkin import histories

FILE = Path(__file__).parent / "door-cases.json"
DOCUMENT = json.loads(FILE.read_text("utf-8"))

pytestmark = pytest.mark.once


def replay(path: Path, *options: str) -> Result:
    return CliRunner().invoke(commands, ["replay", *options, str(path)])


@pytest.mark.parametrize("options", [[], ["--js"]])
def test_the_command_needs_no_settings_and_no_database(tmp_path, options):
    """With and without what is expected in the file; run in an empty folder with an empty environment."""
    bare = {"cases": [{name: value for name, value in case.items() if name != "expect"} for case in DOCUMENT["cases"]]}
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(bare), "utf-8")
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", "from eventhub.app import main; main()", "door", "replay", *options, str(path)],
        cwd=tmp_path,
        env={"PYTHONPATH": root, "PATH": os.environ["PATH"], "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {"cases": [{"case": c["case"], **c["expect"]} for c in DOCUMENT["cases"]]}
    assert [each.name for each in tmp_path.iterdir()] == ["cases.json"]


def test_what_is_expected_is_not_looked_at(tmp_path):
    path = tmp_path / "cases.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"cases": [{**DOCUMENT["cases"][0], "expect": "nonsense"}]}).encode())
    for options in ([], ["--js"]):
        assert json.loads(replay(path, *options).stdout)["cases"][0].keys() == {"case", *DOCUMENT["cases"][0]["expect"]}


def test_random_histories_pass_the_check_and_both_ways_print_the_same(tmp_path):
    path = tmp_path / "cases.json"
    first = random.SystemRandom().randrange(2**40)
    path.write_text(json.dumps({"cases": [histories.case(first + n) for n in range(100)]}))
    one, other = replay(path), replay(path, "--js")
    assert (one.exit_code, one.stderr) == (0, "")
    assert one.stdout == other.stdout, first


def test_the_example_of_the_documentation_is_true(tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "door-protocol.md").read_text("utf-8")
    example, outcome = re.findall(r'^(?=    \{"cases")(?:    .*\n)+', page, re.M)
    path = tmp_path / "cases.json"
    path.write_text(example)
    assert json.loads(replay(path).stdout) == json.loads(outcome)


def test_no_cases_have_no_outcome(tmp_path):
    path = tmp_path / "cases.json"
    path.write_text('{"cases": []}')
    assert replay(path).stdout == replay(path, "--js").stdout == '{"cases": []}\n'


# --- what is wrong with a file


def refused(path: Path) -> str:
    """The one sentence, the same whichever engine was asked for."""
    found = [replay(path, *options) for options in ([], ["--js"])]
    assert [(done.exit_code, done.stdout) for done in found] == [(2, "")] * 2
    assert found[0].stderr == found[1].stderr
    assert found[0].stderr.startswith("Error: ")
    assert found[0].stderr.count("\n") == 1
    return found[0].stderr.removeprefix("Error: ").strip()


JUNK = random.Random(5).randbytes(5 * 2**20)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is no JSON: Expecting value, line 1."),
        (b"{", "The file is no JSON: Expecting property name enclosed in double quotes, line 1."),
        (b'{"cases": []}\n]', "The file is no JSON: Extra data, line 2."),
        (JUNK, "The file is not written in UTF-8."),
        (JUNK.hex().encode()[:5_000_000].replace(b"0", b"1"), "The file is no JSON: "),
        (b"[" * 5_000_000, "The file is nested more than 20 deep."),
        (b'{"cases": [' + b'{"a":' * 50 + b"1" + b"}" * 50 + b"]}", "The file is nested more than 20 deep."),
        (b"7" * 5_000_000, "The file has a number that is none of the protocol's."),
        (b'{"cases": [NaN]}', "The file has a number that is none of the protocol's."),
        (json.dumps(DOCUMENT).encode("utf-16"), "The file is not written in UTF-8."),
        ("{\"cases\": [], \"café\": 1}".encode("latin-1"), "The file is not written in UTF-8."),
        (b'{"cases": [], "x": "\\ud83d"}', "A text in the file has half a character (a lone surrogate)."),
        (b"[]", 'The file is no object with a list "cases".'),
        (b'{"cases": {}}', 'The file is no object with a list "cases".'),
        (b'{"cases": [1]}', "cases[0] is no object."),
        (b'{"cases": [{}]}', 'cases[0] has no "case", its number or name.'),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_file_of_another_form_gives_one_sentence(tmp_path, content, sentence):
    path = tmp_path / "cases.json"
    path.write_bytes(content)
    assert refused(path).startswith(sentence)


def test_a_file_that_cannot_be_read_gives_one_sentence(tmp_path):
    assert refused(tmp_path / "none.json") == f"{tmp_path / 'none.json'} could not be read: No such file or directory."
    assert refused(tmp_path) == f"{tmp_path} could not be read: Is a directory."


def put(*path: Any, value: Any = None) -> Callable[[dict], None]:
    """Changes one place of a case; without a value it is taken away."""

    def change(case: dict) -> None:
        *way, last = path
        place: Any = case
        for step in way:
            place = place[step]
        if value is None:
            del place[last]
        else:
            place[last] = value

    return change


# the first case, with one scan of each kind and one fact of some kinds in known places
SCAN = {"id": "1", "checkpoint": "A", "kind": "entry", "scanned_at": "2026-11-21T20:00:00Z", "person": "ann"}
FACTS = [
    {"fact": "issued", "code": "K", "person": "ann", "meeting": "M", "from": "2026-11-21T20:00:00Z"},
    {"fact": "rules", "checkpoint": "A", "from": "2026-11-21T20:00:00Z", "rules": {"reentry": "yes"}},
    {"fact": "merged", "persons": ["ann", "bob"]},
    {"fact": "settled", "device": "d", "id": "1", "verdict": "admitted"},
]
FAULTS = [
    (put("meeting"), "cases[0].meeting is no text."),
    (put("days"), "cases[0].days is no list."),
    (put("days", 0, value="2026"), "cases[0].days[0] is no object."),
    (put("days", 0, "to"), "cases[0].days[0].to is no text."),
    (put("checkpoints", 1, "kind", value="door"), "cases[0].checkpoints[1].kind is none of entrance, session"),
    (put("checkpoints", 1, "group", value=7), "cases[0].checkpoints[1].group is no text."),
    (put("persons", 0, "child", value="yes"), "cases[0].persons[0].child is neither true nor false."),
    (put("persons", 0, "key"), "cases[0].persons[0].key is no text."),
    (put("facts", value={}), "cases[0].facts is no list."),
    (put("facts", 0, "fact", value="isued"), "cases[0].facts[0].fact is none of issued, revoked"),
    (put("facts", 0, "fact", value=["issued"]), "cases[0].facts[0].fact is none of issued, revoked"),
    (put("facts", 0, "person"), "cases[0].facts[0].person is no text."),
    (put("facts", 0, "from", value="2026-11-21T20:00:00"), "cases[0].facts[0].from is no time as RFC 3339"),
    (put("facts", 0, "from", value="2026-11-21T20:00:60Z"), "cases[0].facts[0].from is no time as RFC 3339"),
    (put("facts", 1, "rules"), "cases[0].facts[1].rules is no object."),
    (put("facts", 1, "rules", "reentry", value="no"), "cases[0].facts[1].rules.reentry is none of yes, once."),
    (put("facts", 1, "rules", "capacity", value=1.5), "cases[0].facts[1].rules.capacity is no whole number from 0"),
    (put("facts", 1, "rules", "capacity", value=True), "cases[0].facts[1].rules.capacity is no whole number from 0"),
    (put("facts", 1, "rules", "needs_sign_up", value="x"), "cases[0].facts[1].rules.needs_sign_up is neither"),
    (put("facts", 1, "rules", "open_to", value="noon"), "cases[0].facts[1].rules.open_to is no time"),
    (put("facts", 1, "rules", "more", value=2**60), "cases[0].facts[1].rules has a number that is not whole"),
    (put("facts", 2, "persons", value=["ann", 1]), "cases[0].facts[2].persons is no list of persons' keys."),
    (put("facts", 3, "verdict"), "cases[0].facts[3].verdict is no text."),
    (put("batches", 0, "device", value=1), "cases[0].batches[0].device is no text."),
    (put("batches", 0, "scans"), "cases[0].batches[0].scans is no list."),
    (put("batches", 0, "scans", 0, "id", value=""), "cases[0].batches[0].scans[0].id is no text."),
    (put("batches", 0, "scans", 0, "kind", value="enter"), "cases[0].batches[0].scans[0].kind is none of entry"),
    (put("batches", 0, "scans", 0, "scanned_at", value="now"), "cases[0].batches[0].scans[0].scanned_at is no time"),
    (put("batches", 0, "scans", 0, "offset_ms", value=0.5), "cases[0].batches[0].scans[0].offset_ms is no whole"),
    (put("batches", 0, "scans", 0, "offset_ms", value=2**53), "cases[0].batches[0].scans[0].offset_ms is no whole"),
    (put("batches", 0, "scans", 0, "person"), "cases[0].batches[0].scans[0] says by exactly one of code, person, walk"),
    (put("batches", 0, "scans", 0, "code", value="K"), "cases[0].batches[0].scans[0] says by exactly one of code"),
    (put("batches", 0, "scans", 0, "kind", value="void"), "cases[0].batches[0].scans[0], a void, names voids."),
    (put("batches", 0, "scans", 0, "kind", value="handover"), "cases[0].batches[0].scans[0], a handover, names person"),
    (put("batches", 0, "scans", 0, "person", value=["ann"]), "cases[0].batches[0].scans[0].person is no text."),
    (put("batches", 0, "scans", 0, "told", value=True), "cases[0].batches[0].scans[0].told is no text."),
    (put("batches", 0, "scans", 0, "by", value=[0.1]), "cases[0].batches[0].scans[0] has a number that is not whole"),
    (put("answers", value=[{"device": "d", "id": "1"}]), "cases[0].answers[0].answered is no text."),
]


@pytest.mark.parametrize(("change", "sentence"), FAULTS, ids=[sentence for _, sentence in FAULTS])
def test_a_fault_in_a_case_is_named_with_its_place(tmp_path, change, sentence):
    case = copy.deepcopy(DOCUMENT["cases"][0])
    case["facts"][:0], case["batches"][:0] = copy.deepcopy(FACTS), [{"device": "d", "scans": [dict(SCAN)]}]
    path = tmp_path / "cases.json"
    path.write_text(json.dumps({"cases": [case]}))
    assert replay(path).exit_code == 0
    change(case)
    path.write_text(json.dumps({"cases": [case]}))
    assert refused(path).startswith(sentence)
