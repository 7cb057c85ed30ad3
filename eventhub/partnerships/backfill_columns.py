"""The columns of a list of past editions, how people call them, and the template with its data dictionary.

One list holds rows of five kinds: a meeting, who came, who met whom, a partnership, an activity. Also what dates and
numbers a row may hold: as exact as they are known, and no more.
"""

import io
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from eventhub.directory import imprecise
from eventhub.directory.models import Precision
from eventhub.directory.names import fold
from eventhub.errors import InvalidError
from eventhub.files import export_csv
from eventhub.partnerships.states import ActivityKind, OriginKind


class RowKind(StrEnum):
    """What a row tells of; in the order in which rows are imported."""

    MEETING = "meeting"
    REGISTRATION = "registration"
    INTRODUCTION = "introduction"
    PARTNERSHIP = "partnership"
    ACTIVITY = "activity"


@dataclass(frozen=True)
class Column:
    key: str
    label: str
    help: str
    others: tuple[str, ...] = ()


COLUMNS = (
    Column("what", "What", "Needed. One of: meeting, registration, introduction, partnership, activity.", ("kind of row", "record", "type", "row type")),
    Column("reference", "Reference", "Your own number of the row, such as APPM-2018-007. With it, a corrected list is not imported twice; activities name their partnership by it.", ("ref", "id", "no", "number")),
    Column("meeting", "Meeting", "The meeting's title, address or edition. In a row of a meeting: its title.", ("edition", "event", "conference")),
    Column("from", "From", "When it was or began: 2018, 2018-Q3, 07/2018, 2018-07-04. Empty or “unknown” when nobody knows.", ("start", "date", "starts", "begin", "year", "when")),
    Column("to", "To", "When it ended, in the same forms.", ("end", "ends", "until")),
    Column("organisation_1", "Organisation 1", "Any name that it is known by. For a name that nobody knows you are asked once.", ("organisation", "organization", "organization 1", "party 1", "partner 1")),
    Column("organisation_2", "Organisation 2", "The other one, of an introduction or a partnership.", ("organization 2", "party 2", "partner 2")),
    Column("organisation_3", "Organisation 3", "A third party of a partnership.", ("organization 3", "party 3", "partner 3")),
    Column("person_1", "Person 1", "An adult's whole name. Children are never imported.", ("person", "name", "participant", "full name")),
    Column("person_2", "Person 2", "The other one, of an introduction.", ()),
    Column("email_1", "E-mail 1", "Of person 1, when it is known.", ("email", "e mail", "e mail 1")),
    Column("email_2", "E-mail 2", "Of person 2.", ("e mail 2",)),
    Column("title", "Title", "Of a partnership or an activity, in a few words; of an introduction: the topic.", ("topic", "subject", "activity")),
    Column("kind", "Kind", "Of an activity: " + ", ".join(kind.value for kind in ActivityKind) + ". Of a partnership, how it began: " + ", ".join(kind.value for kind in OriginKind) + ".", ("category", "activity kind", "how it began")),
    Column("partnership", "Partnership", "Of an activity: the reference of its partnership. Else its organisations and meeting must tell.", ("partnership reference", "part of")),
    Column("place", "Place", "Town, and country of a meeting by its two letters in the next column.", ("city", "venue", "location", "where")),
    Column("country", "Country", "Of a meeting: by name or by its two letters.", ("country or territory", "nation")),
    Column("adults", "Adults", "How many took part in an activity. Empty or “unknown” is not 0.", ("number of adults",)),
    Column("young", "Young people", "How many. Empty or “unknown” is not 0.", ("youth",)),
    Column("children", "Children", "How many; never names. Empty or “unknown” is not 0.", ("number of children",)),
    Column("words", "Description", "Anything that belongs to it, in plain sentences.", ("notes", "summary", "remarks", "details")),
    Column("source", "Source", "Where it is known from: a report and its page, somebody who was there.", ("evidence", "known from")),
)  # fmt: skip
KINDS = {
    "meeting": RowKind.MEETING, "edition": RowKind.MEETING, "event": RowKind.MEETING,
    "registration": RowKind.REGISTRATION, "participant": RowKind.REGISTRATION, "attendance": RowKind.REGISTRATION,
    "delegate": RowKind.REGISTRATION, "person": RowKind.REGISTRATION,
    "introduction": RowKind.INTRODUCTION, "met": RowKind.INTRODUCTION,
    "partnership": RowKind.PARTNERSHIP, "collaboration": RowKind.PARTNERSHIP,
    "activity": RowKind.ACTIVITY,
}  # fmt: skip
EXAMPLES = (
    {"what": "meeting", "reference": "M-2018", "meeting": "Riverside Forum 2018", "from": "07/2018", "to": "07/2018", "place": "Manila", "country": "PH", "source": "Final report 2018"},
    {"what": "registration", "meeting": "Riverside Forum 2018", "organisation_1": "Lotus Child Rights Network", "person_1": "Sok Sophea", "source": "List of participants"},
    {"what": "introduction", "reference": "I-7", "meeting": "Riverside Forum 2018", "organisation_1": "Lotus Child Rights Network", "person_1": "Sok Sophea", "organisation_2": "Maple Children's Centre", "person_2": "Yamada Hanako", "title": "Child-led networks", "from": "2018", "source": "Interview in 2020"},
    {"what": "partnership", "reference": "P-7", "meeting": "Riverside Forum 2018", "organisation_1": "Lotus Child Rights Network", "organisation_2": "Maple Children's Centre", "title": "Learning from each other", "kind": "unknown", "from": "2018"},
    {"what": "activity", "reference": "A-7-1", "partnership": "P-7", "kind": "learning_visit", "title": "A visit of three days", "from": "2020-Q1", "adults": "unknown", "source": "Newsletter 3/2020"},
)  # fmt: skip

_UNKNOWN = {"", "?", "unknown", "not known", "n/a", "na", "-", "–"}
_MONTH_YEAR = re.compile(r"(\d{1,2})[/.](\d{4})")
_QUARTER_YEAR = re.compile(r"[Qq]([1-4])[ /-]?(\d{4})")
_SLASHED = re.compile(r"\d{1,2}[/.]\d{1,2}[/.]\d{2,4}")


def known_headers() -> frozenset[str]:
    """Every column name that is understood, lower case: they tell a list's delimiter."""
    return frozenset(name for column in COLUMNS for name in (column.label.casefold(), column.key, *column.others))


def match_columns(headers: list[str]) -> tuple[dict[int, str], list[str]]:
    """Which of a list's columns is which of ours, and which are left out. Raises InvalidError."""
    names: dict[str, str] = {}
    for column in COLUMNS:
        for name in (column.label, column.key.replace("_", " "), *column.others):
            names.setdefault(fold(name), column.key)
    found: dict[int, str] = {}
    left = []
    for at, header in enumerate(headers):
        key = names.get(fold(header.replace("_", " ")))
        if key is None or key in found.values():
            left += [header[:60]] if header else []
        else:
            found[at] = key
    if "what" not in found.values():
        seen = ", ".join(f"“{header[:40]}”" for header in headers if header) or "none"
        raise InvalidError(
            f"No column is called “What”. The first line must name the columns; here it says: {seen[:400]}."
        )
    return found, left


def remembered(text: str, label: str) -> tuple[date | None, Precision]:
    """A date as exactly as it was written: "2018", "2018-Q3", "07/2018", "2018-07-04", "unknown". Raises InvalidError."""
    text = text.strip()
    if text.casefold() in _UNKNOWN:
        return None, Precision.UNKNOWN
    if month := _MONTH_YEAR.fullmatch(text):
        text = f"{month[2]}-{int(month[1]):02}"
    elif quarter := _QUARTER_YEAR.fullmatch(text):
        text = f"{quarter[2]}-Q{quarter[1]}"
    elif _SLASHED.fullmatch(text):
        raise InvalidError(
            f"{label}: in “{text}” it cannot be told which is the day and which the month. Write 2018-07-04."
        )
    try:
        return imprecise.parse(text)
    except InvalidError as error:
        raise InvalidError(f"{label}: “{text[:40]}” is no date. Write 2018, 2018-Q3, 07/2018 or 2018-07-04.") from error


def head_count(text: str, label: str) -> int | None:
    """A number of people, or None where it is not known: that is not 0. Raises InvalidError."""
    text = text.strip()
    if text.casefold() in _UNKNOWN:
        return None
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise InvalidError(f"{label}: “{text[:40]}” is no number of people. Write it in digits, or “unknown”.")
    return int(text)


def template_csv() -> bytes:
    """A list with the right column names and five invented rows to write over."""
    return export_csv([[column.label for column in COLUMNS], *_example_rows()])


def template_xlsx() -> bytes:
    """The same as a workbook; its second sheet is the data dictionary."""
    content = io.BytesIO()
    import xlsxwriter  # only who makes a sheet needs it in memory

    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        head = book.add_format({"bold": True})
        rows = book.add_worksheet("List")
        rows.write_row(0, 0, [column.label for column in COLUMNS], head)
        for at, example in enumerate(_example_rows(), 1):
            rows.write_row(at, 0, example)
        rows.set_column(0, len(COLUMNS) - 1, 20)
        words = book.add_worksheet("What belongs where")
        words.write_row(0, 0, ["Column", "What belongs there", "Also understood"], head)
        for at, column in enumerate(COLUMNS, 1):
            words.write_row(at, 0, [column.label, column.help, ", ".join(column.others)])
        words.set_column(0, 0, 20)
        words.set_column(1, 1, 100)
    return content.getvalue()


def _example_rows() -> list[list[str]]:
    return [[example.get(column.key, "") for column in COLUMNS] for example in EXAMPLES]
