"""Exports open in a spreadsheet as text, never as formulas."""

import csv
import io

import pytest

from eventhub.files import attachment_name, export_csv, plain_name

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


def test_no_cell_begins_inside_a_text_where_semicolons_part_cells():
    """Half of the world's spreadsheets split our line at ";" and know nothing of the quotation marks within it."""
    row = ["x;=cmd|1", "a\n=1+1", 'a; "@x', "a\t+1", "a;-2+3", " =1", "a; b - c; - d", "3;4"]
    made = export_csv([row]).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(made, newline=""))) == [
        ["x;'=cmd|1", "a\n'=1+1", "a; \"'@x", "a\t'+1", "a;'-2+3", "' =1", "a; b - c; - d", "3;4"]
    ]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a\r\nX-Evil: 1.pdf", "aX-Evil: 1.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ana\\list.csv", "list.csv"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("\x00\ud800", "file"),
        ("..", "file"),
        ("បញ្ជី.xlsx", "បញ្ជី.xlsx"),
        ("x" * 400 + ".pdf", "x" * 146 + ".pdf"),
    ],
)
def test_a_files_name_is_what_may_stand_in_a_header(sent, kept):
    assert plain_name(sent) == kept
