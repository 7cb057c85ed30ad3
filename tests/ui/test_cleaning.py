"""What people type, before any rule looks at it."""

import time
import unicodedata

import pytest

from eventhub.pages import MOST_MARKS, clean_text

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "text", ["ស្ត្រី កញ្ញា", "श्री", "ශ්‍රී", "اُردُو", "Nguyễn Thị Ánh", "དབྱངས་ཅན", "👩‍👩‍👧‍👦" * 20, "…" * 60]
)
def test_names_in_every_script_come_through_whole(text):
    assert clean_text(text) == unicodedata.normalize("NFC", text)


def test_marks_piled_upon_one_letter_hold_nobody_up():
    """Putting them in order takes the square of their number: these would take a quarter of an hour."""
    piled = "a" + "\u0301\u0316" * 500_000 + "b"
    began = time.process_time()
    kept = clean_text(piled)
    assert time.process_time() - began < 60
    assert kept[-1] == "b" and len(kept) <= MOST_MARKS + 2
    few = "e" + "\u0316\u0301" * 10
    assert clean_text(few) == unicodedata.normalize("NFC", few)
