"""Exports open in a spreadsheet as text, never as formulas."""

import csv
import io

import pytest

from eventhub.files import attachment_name, export_csv

pytestmark = pytest.mark.once


def test_an_export_has_its_mark_and_no_cell_runs_as_a_formula():
    rows = [["Name", "n"], ["=1+1", -5], ["+85512", 0], ["@x", None], ["-", 1.5], ["＝1", True], ['ស្ត្រី, "x"\nb', "a=b"]]
    made = export_csv(rows)
    assert made.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(made.decode("utf-8-sig"), newline=""))) == [
        ["Name", "n"], ["'=1+1", "-5"], ["'+85512", "0"], ["'@x", ""], ["'-", "1.5"], ["'＝1", "True"],
        ["ស្ត្រី, \"x\"\nb", "a=b"],
    ]  # fmt: skip


def test_a_download_keeps_its_name_in_any_script_and_no_header_is_injected():
    assert attachment_name("ស.csv") == "attachment; filename=\"_.csv\"; filename*=UTF-8''%E1%9E%9F.csv"
    assert "\n" not in attachment_name('a"\r\nSet-Cookie: x.csv')
