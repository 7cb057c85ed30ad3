"""Lists as people send them: encodings, delimiters, workbooks, and files that are no lists."""

import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventhub.directory import sheets
from eventhub.directory.burmese import is_zawgyi, to_unicode
from eventhub.directory.columns import What, known_headers, match_columns, template_csv, template_xlsx
from eventhub.directory.sheets import read_sheet
from eventhub.errors import InvalidError

pytestmark = pytest.mark.once
KNOWN = known_headers(What.ORGANISATIONS)
LIST = "Name,Country\nシーライツ,Japan\nស្ត្រី,Cambodia\n"


def read(content, name="list.csv", **more):
    return read_sheet(name, content, known=KNOWN, **more)


def workbook(*rows, change=None):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_list_is_read_in_any_unicode_with_any_delimiter(encoding, delimiter, end):
    content = LIST.replace(",", delimiter).replace("\n", end).encode(encoding)
    sheet = read(content)
    assert sheet.columns == ["Name", "Country"]
    assert sheet.rows == [(2, ["シーライツ", "Japan"]), (3, ["ស្ត្រី", "Cambodia"])]
    assert sheet.notes == []


JAPANESE = "Name,Country\n" + "子どもの権利条約総合研究所,日本\nシーライツ 国際子ども権利センター,日本\n" * 3
CHINESE = "Name,Country\n" + "香港儿童权利委员会,中国\n中国儿童中心 北京,中国\n" * 3
FRENCH = "Name,Country\n" + "Réseau des droits de l’enfant – Genève,Suisse\nFédération européenne,Belgique\n" * 3


@pytest.mark.parametrize(("text", "encoding"), [(JAPANESE, "shift_jis"), (CHINESE, "gb18030"), (FRENCH, "cp1252")])
def test_older_encodings_are_found_out_and_said(text, encoding):
    sheet = read(text.encode(encoding))
    assert [cells[0] for _n, cells in sheet.rows] == [line.split(",")[0] for line in text.splitlines()[1:]]
    assert len(sheet.notes) == 1 and "If the names below look wrong" in sheet.notes[0]
    assert read(text.encode(encoding), encoding=encoding).notes == []


def test_a_wrong_choice_of_encoding_is_told():
    with pytest.raises(InvalidError, match="not written in UTF-8"):
        read(JAPANESE.encode("shift_jis"), encoding="utf-8")


def test_quotes_line_breaks_and_nul_in_cells():
    sheet = read(b'sep=;\nName;Country\n"Lotus; the ""Network""\nof Asia";K\x00H\n\n;;\n')
    assert sheet.rows == [(2, ['Lotus; the "Network" of Asia', "KH"])]


def test_rows_keep_their_numbers_and_short_rows_are_filled():
    assert read(b"\n\nName,Country\n\nOne\nTwo,KH,more,and more\n").rows == [(5, ["One", ""]), (6, ["Two", "KH"])]


def test_cells_of_a_workbook_become_text():
    made = workbook(
        ["Name", "Phone", "Since", "At", "Yes", "Formula", "Empty"],
        ["ស្ត្រី", 85512345678.0, date(2019, 5, 14), datetime.fromisoformat("2019-05-14T09:30"), True, "=1+1", None],
    )
    sheet = read(made, "list.xlsx")
    assert sheet.rows == [(2, ["ស្ត្រី", "85512345678", "2019-05-14", "2019-05-14 09:30", "yes", "=1+1", ""])]


def test_only_the_first_visible_sheet_is_read_and_that_is_said():
    def more(book):
        book.create_sheet("Notes")["A1"] = "do not read"
        book.create_sheet("Hidden", 0).sheet_state = "hidden"

    sheet = read(workbook(["Name"], ["One"], change=more), "list.xlsx")
    assert sheet.columns == ["Name"] and "first sheet" in sheet.notes[0]


def bomb():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (sheets.LARGEST_OPENED + 1))
    return content.getvalue()


def rezipped(content, name, change):
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for part in old.namelist():
            data = old.read(part)
            new.writestr(part, change(data) if part == name else data)
    return made.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
MERGED = workbook(["Name"], ["One"], change=lambda book: book.active.merge_cells("A2:A4"))
ENTITY = rezipped(workbook(["Name"], ["One"]), SHEET, lambda data: b'<!DOCTYPE x [<!ENTITY a "b">]>' + data)
LATE_ENTITY = rezipped(
    workbook(["Name"], ["One"]), SHEET, lambda data: b"<!--" + b" " * 9000 + b"--><!DOCTYPE x [<!ENTITY a 'b'>]>" + data
)
# 80 MB of "<c><c><c>" fit into 80 KB; each open element costs memory, so 2 GB were gone before anybody saw what it is
DEEP = rezipped(workbook(["Name"], ["One"]), SHEET, lambda data: b"<c>" * 60 + b"</c>" * 60)
BROKEN = rezipped(workbook(["Name"], ["One"]), SHEET, lambda data: data[: len(data) // 2])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n", "nothing in this list"),
        (b",,,\n;;\n", "is empty"),
        (b"x" * (sheets.LARGEST + 1), "larger than 10 MB"),
        (b"Name,Country\n", "no rows"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "old"),
        (b"%PDF-1.7 something", "is not a list"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "is not a list"),
        (b"PK\x03\x04 and then nothing", "damaged"),
        (bytes(range(1, 32)) * 50, "not a list of text"),
        (b"Name\n" + b"x\n" * 20_002, "more than 20,000 rows"),
        (b"Name\n" + b"\n" * 100_001 + b"x\n", "more than 20,000 rows"),
        (b'Name,Country\n"' + b"x" * 5_000_000 + b'",KH\n', "quotation mark"),
        (b'Name,Country\n"One,KH\n' + b"Two,KH\n" * 30_000, "quotation mark"),
        (",".join(f"c{n}" for n in range(81)).encode() + b"\nx\n", "more than 80 columns"),
        (bomb(), "too large when it is unpacked"),
        (MERGED, "A2:A4 are merged"),
        (ENTITY, "do not open"),
        (LATE_ENTITY, "do not open"),
        (DEEP, "too large when it is unpacked"),
        (BROKEN, "damaged"),
        (workbook(), "nothing in this list"),
    ],
)
def test_what_is_no_list_is_refused_with_what_to_do(content, sentence):
    with pytest.raises(InvalidError, match=sentence):
        read(content)


def test_another_archive_is_not_a_workbook():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    with pytest.raises(InvalidError, match="not an Excel workbook"):
        read(content.getvalue(), "list.ods")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(content):
    try:
        read(content)
    except InvalidError as error:
        assert str(error)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 4000), st.binary(min_size=1, max_size=30))
def test_no_damage_to_a_workbook_breaks_the_reader(at, junk):
    made = workbook(["Name", "Country"], ["One", "KH"])
    try:
        read(made[:at] + junk + made[at + len(junk) :])
    except InvalidError as error:
        assert str(error)


# columns


def test_columns_are_known_by_what_lists_call_them():
    found, left = match_columns(
        What.ORGANISATIONS, ["Organization Name", "COUNTRY", "E-mail address", "name_km", "Name [ja]", "Budget", ""]
    )
    assert found == {0: "name", 1: "country", 2: "email", 3: "name:km", 4: "name:ja"} and left == ["Budget"]


@pytest.mark.parametrize(
    ("what", "headers", "sentence"),
    [
        (What.ORGANISATIONS, ["Name", "organisation"], "“Name” and “organisation” mean the same"),
        (What.ORGANISATIONS, ["Lotus", "KH"], "No column is called “Name”.*“Lotus”, “KH”"),
        (What.PEOPLE, ["E-mail"], "No column is called “Name”"),
    ],
)
def test_missing_and_doubled_columns_are_told(what, headers, sentence):
    with pytest.raises(InvalidError, match=sentence):
        match_columns(what, headers)


@pytest.mark.parametrize("what", list(What))
def test_the_templates_are_lists_that_we_understand(what):
    for name, content in (("t.csv", template_csv(what)), ("t.xlsx", template_xlsx(what))):
        with pytest.raises(InvalidError, match="no rows"):
            read_sheet(name, content, known=known_headers(what))
    labels = template_csv(what).decode("utf-8-sig").strip().split(",")
    found, left = match_columns(what, labels)
    assert len(found) == len(labels) and left == []


# Burmese


@pytest.mark.parametrize(
    ("zawgyi", "right"),
    [("ျမန္မာ", "မြန်မာ"), ("ကေလးသူငယ္မ်ား", "ကလေးသူငယ်များ"), ("ေအာင္ဆန္း", "အောင်ဆန်း"), ("ေဒၚခင္မာ", "ဒေါ်ခင်မာ")],
)
def test_zawgyi_is_recognised_and_converted_and_unicode_is_left_alone(zawgyi, right):
    assert is_zawgyi(zawgyi) and not is_zawgyi(right)
    assert to_unicode(zawgyi) == (right, False)
    assert to_unicode(right) == (right, False)
    assert to_unicode(right, list_is_zawgyi=True) == (right, False)


def test_a_short_text_is_converted_with_its_list_and_else_left_in_doubt():
    assert to_unicode("မဂၤလာပါ") == ("မဂၤလာပါ", True)
    assert to_unicode("မဂၤလာပါ", list_is_zawgyi=True) == ("မင်္ဂလာပါ", False)
    for other in ("ကို", "Sok Dara", "ស្ត្រី", ""):
        assert to_unicode(other, list_is_zawgyi=True) == (other, False)
