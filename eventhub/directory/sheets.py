"""Reading a list that somebody was sent: XLSX or CSV in any of the encodings of the region, into rows of text.

Nothing is guessed in silence: what cannot be read rightly is refused with a sentence that says what to do.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from xml.parsers import expat

from flask_babel import lazy_gettext as _

from eventhub.errors import InvalidError
from eventhub.pages import clean_line

LARGEST = 10 * 1024 * 1024  # bytes of a file
MOST_ROWS = 20_000
MOST_COLUMNS = 80
MOST_EMPTY = 100_000  # rows that a sheet may claim, filled or not
LARGEST_OPENED = 80 * 1024 * 1024  # bytes of a workbook when it is unpacked
MOST_PARTS = 1000
MOST_ELEMENTS = 4_000_000  # of XML in a workbook; 20,000 rows of 80 cells have 3.3 million
DEEPEST = 40  # levels of XML; a workbook has about ten, and each costs memory until it is closed
ENCODINGS = {  # Python's name, and what a person calls it
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": "Western (Windows-1252)",
    "shift_jis": "日本語 (Shift_JIS)",
    "gb18030": "简体中文 (GB18030)",
    "big5": "繁體中文 (Big5)",
    "euc_kr": "한국어 (EUC-KR)",
    "cp874": "ไทย (Windows-874)",
    "cp1258": "Tiếng Việt (Windows-1258)",
    "cp1256": "العربية (Windows-1256)",
    "cp1251": "Кирилл (Windows-1251)",
}
_FORMULA_MARK = re.compile(r"^'(?=[=+\-@＝＋－＠\t])")
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_OTHER_FILES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"Rar!", b"\x1f\x8b", b"7z\xbc\xaf")


@dataclass
class Sheet:
    """A list as it was read: its column names, its rows (number in the file, cells as text), and what was noticed."""

    columns: list[str]
    rows: list[tuple[int, list[str]]]
    notes: list[str] = field(default_factory=list)


def read_sheet(filename: str, content: bytes, *, encoding: str = "", known: Iterable[str] = ()) -> Sheet:
    """Read a file. ``encoding`` is the person's own choice for a CSV; ``known`` are column names (lower case) that tell
    one delimiter from another. Raises InvalidError with what to do.
    """
    if len(content) > LARGEST:
        raise InvalidError(_("This file is larger than 10 MB. Split it into smaller lists."))
    if not content.strip(b"\x00\r\n\t ,;"):
        raise InvalidError(_("This file is empty. Save the list again and choose it once more."))
    if content.startswith(_OLD_EXCEL):
        raise InvalidError(
            _("This is an old (.xls) or a locked Excel file. Save it as .xlsx without a password, or as CSV.")
        )
    if content.startswith(_OTHER_FILES):
        raise InvalidError(
            _("“%(name)s” is not a list. Save your list as an Excel workbook (.xlsx) or as CSV.", name=filename[:100])
        )
    if content.startswith(b"PK"):
        return _table(*_read_workbook(content))
    text, note = _decode(content, encoding)
    return _table(_read_csv(text, frozenset(known)), [note] if note else [])


def _table(lines: Iterable[tuple[int, list[str]]], notes: list[str]) -> Sheet:
    filled = [(number, cells) for number, cells in lines if any(cells)]
    if not filled:
        raise InvalidError(_("There is nothing in this list. The first line must name the columns."))
    columns = filled[0][1]
    while columns and not columns[-1]:
        columns.pop()
    if len(columns) > MOST_COLUMNS:
        raise InvalidError(
            _("This list has more than %(most)s columns. Keep those that you want to import.", most=MOST_COLUMNS)
        )
    rows = [(number, (cells + [""] * len(columns))[: len(columns)]) for number, cells in filled[1:]]
    if not rows:
        raise InvalidError(_("This list has column names but no rows below them."))
    return Sheet(columns, rows, notes)


def _counted(lines: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Number the lines from 1 and stop at a list that is too long."""
    filled = 0
    for number, cells in enumerate(lines, 1):
        filled += any(cells)
        if filled > MOST_ROWS + 1 or number > MOST_EMPTY:
            raise InvalidError(_("This list has more than 20,000 rows. Split it into smaller lists."))
        yield number, cells


# CSV


def _decode(content: bytes, chosen: str) -> tuple[str, str]:
    """The text, and what to tell the person when the encoding had to be found out."""
    if chosen:
        try:
            return content.decode("utf-8-sig" if chosen == "utf-8" else chosen).removeprefix("\ufeff"), ""
        except (UnicodeError, LookupError) as error:
            raise InvalidError(
                _(
                    "This file is not written in %(encoding)s. Choose another encoding, or save it as CSV UTF-8.",
                    encoding=ENCODINGS.get(chosen, chosen),
                ),
                field="encoding",
            ) from error
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strictly(content, "utf-16"), ""
    if content[:2000].count(0) > len(content[:2000]) // 4:  # UTF-16 without its mark
        odd = content[1:2000:2].count(0) >= content[0:2000:2].count(0)
        return _strictly(content, "utf-16-le" if odd else "utf-16-be"), ""
    try:
        return content.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        pass
    from charset_normalizer import from_bytes  # only who reads such a file needs it in memory

    best = from_bytes(content[:200_000], cp_isolation=[e for e in ENCODINGS if not e.startswith("utf")]).best()
    name = best.encoding if best is not None else "cp1252"
    return _strictly(content, name), (
        f"The file is not UTF-8. It was read as {ENCODINGS.get(name, name)}. If the names below look wrong, choose the "
        "list again and say which letters it has."
    )


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise InvalidError(
            _("The letters of this file cannot be read for certain. Save it as “CSV UTF-8”, or as .xlsx.")
        ) from error


def _read_csv(text: str, known: frozenset[str]) -> Iterator[tuple[int, list[str]]]:
    if sum(c < " " and c not in "\t\r\n\x00" for c in text[:5000]) > 20:
        raise InvalidError(_("This file is not a list of text. Save it as CSV UTF-8, or as .xlsx."))
    text = text.removeprefix("\ufeff")
    named = re.match(r"sep=(.)\r?\n", text)  # Excel's own way to say it
    text = text[named.end() :] if named else text
    return _counted(_lines(text, named[1] if named else _delimiter(text, known)))


def _delimiter(text: str, known: frozenset[str]) -> str:
    """The one that makes most known column names of the first line, then most columns."""
    first = next((line for line in text[:20_000].splitlines() if line.strip(" ,;\t")), "")

    def worth(delimiter: str) -> tuple[int, int]:
        cells = next(csv.reader([first], delimiter=delimiter), [])
        return sum(cell.strip().casefold() in known for cell in cells), len(cells)

    return max((",", ";", "\t"), key=worth)


def _lines(text: str, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            yield [_text(cell) for cell in cells[: MOST_COLUMNS + 1]]
    except csv.Error as error:
        raise InvalidError(
            _("Near line %(line)s a cell is far too long. A quotation mark may be missing there.", line=reader.line_num)
        ) from error


# XLSX


def _read_workbook(content: bytes) -> tuple[Iterator[tuple[int, list[str]]], list[str]]:
    import openpyxl  # only who reads a workbook needs it in memory

    try:
        _check_archive(content)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or book.worksheets
        if not sheets:
            raise InvalidError(_("This workbook has no sheet with cells."))
        lines = list(_counted(_cells(sheets[0])))
    except InvalidError:
        raise
    except Exception as error:  # damaged: zipfile and openpyxl let through whatever their parsers raise
        raise InvalidError(
            _(
                "This workbook is damaged or locked. Open it, save it again as .xlsx without a password, and try once more."
            )
        ) from error
    notes = [f"Only the first sheet, “{sheets[0].title}”, is read."] if len(sheets) > 1 else []
    return iter(lines), notes


def _cells(sheet: Any) -> Iterator[list[str]]:
    for row in sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS + 1):
        yield [_text(value) for value in row]


def _check_archive(content: bytes) -> None:
    """Refuse what would unpack to too much, what declares entities, and merged cells (their rows cannot be told)."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if sum(part.file_size for part in parts) > LARGEST_OPENED or len(parts) > MOST_PARTS:
            raise InvalidError(
                _("This workbook is too large when it is unpacked. Keep only the list, and save it again.")
            )
        names, elements = {part.filename for part in parts}, 0
        if "xl/workbook.xml" not in names:
            raise InvalidError(_("This is not an Excel workbook. Save your list as .xlsx or as CSV."))
        for name in sorted(names):
            if name.endswith((".xml", ".rels")):
                elements = _count_elements(archive, name, elements)
            if name.startswith("xl/worksheets/sheet") and name.endswith(".xml"):
                _refuse_merged(archive.read(name))


def _count_elements(archive: zipfile.ZipFile, name: str, before: int) -> int:
    """Read a part without keeping anything of it: a few kilobytes may unpack to what fills a machine's memory."""
    n, depth, parser = before, 0, expat.ParserCreate()

    def opened(_name: str, _attributes: dict[str, str]) -> None:
        nonlocal n, depth
        n, depth = n + 1, depth + 1
        if n > MOST_ELEMENTS or depth > DEEPEST:
            raise InvalidError(
                _("This workbook is too large when it is unpacked. Keep only the list, and save it again.")
            )

    def closed(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def declared(*_doctype: Any) -> None:
        raise InvalidError(_("This workbook has parts that we do not open. Save the list as CSV."))

    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    parser.StartDoctypeDeclHandler = declared
    with archive.open(name) as part:
        parser.ParseFile(part)
    return n


def _refuse_merged(sheet: bytes) -> None:
    merged = re.search(rb'<(?:\w+:)?mergeCell\b[^>]*ref="([A-Z0-9:]{1,30})"', sheet)
    if merged:
        raise InvalidError(
            _(
                "The cells %(cells)s are merged, so it cannot be told which row they belong to. "
                "Unmerge them, fill each row, and choose the file again.",
                cells=merged[1].decode(),
            )
        )


def _text(value: Any) -> str:
    """A cell as text: a formula stays the text that it is, a day is written 2019-05-14, 855.0 is 855."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    if isinstance(value, datetime):
        value = value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        value = value.isoformat()
    text = value if isinstance(value, str) else str(getattr(value, "text", value))
    return str(clean_line(_FORMULA_MARK.sub("", text.replace("_x000D_", " ")) if text else ""))
