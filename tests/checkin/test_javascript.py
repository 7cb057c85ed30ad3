"""The door app's rules, in a real JavaScript engine: the same answers as the Python ones, where the languages differ too."""

import json
from pathlib import Path

import pytest

from eventhub.checkin.replay import replay

CASES = json.loads((Path(__file__).parent / "door-cases.json").read_text("utf-8"))["cases"]

pytestmark = pytest.mark.once


def test_every_case_of_the_protocol():
    expected = [{"case": case["case"], **case["expect"]} for case in CASES]
    assert replay(CASES, js=True)["cases"] == expected
