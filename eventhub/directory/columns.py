"""The columns of a list: which we read, by which names people call them, and what the templates to download say."""

import io
import re
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import lazy_gettext as _

from eventhub.directory.names import fold
from eventhub.errors import InvalidError
from eventhub.files import export_csv


class What(StrEnum):
    """What a list holds."""

    ORGANISATIONS = "organisations"
    PEOPLE = "people"


@dataclass(frozen=True)
class Column:
    key: str
    label: str  # as the template writes it
    help: str
    others: tuple[str, ...] = ()  # other names that lists use, folded
    required: bool = False


_COUNTRY = Column(
    "country",
    "Country",
    "Country or territory, by name or by its two letters.",
    ("country or territory", "country territory", "nation", "country code"),
)
_EMAIL_NAMES = ("email", "e mail", "email address", "e mail address", "mail", "contact email")
COLUMNS: dict[What, tuple[Column, ...]] = {
    What.ORGANISATIONS: (
        Column(
            "name",
            "Name",
            "The name to show in lists. Needed.",
            ("organisation", "organization", "organisation name", "organization name", "name of organisation",
             "name of organization", "institution", "official name"),
            required=True,
        ),
        Column("short", "Short name", "An abbreviation, if it is used.", ("abbreviation", "acronym", "short")),
        Column(
            "aliases",
            "Other names",
            "Other spellings and names in other scripts, with a semicolon between them.",
            ("aliases", "alias", "also known as", "local name", "name in local language", "native name"),
        ),
        Column("former", "Former name", "What it was called before.", ("former names", "old name")),
        _COUNTRY,
        Column("sector", "Sector", "One of the sectors of your meetings, by its name.", ("type", "category")),
        Column("email", "E-mail", "Invitations go to this address.", _EMAIL_NAMES),
        Column("website", "Website", "For example https://lotus.example", ("web", "url", "homepage", "web site")),
    ),
    What.PEOPLE: (
        Column(
            "full_name",
            "Name",
            "The whole name as the person writes it, in any script. Needed.",
            ("full name", "person", "participant", "name of participant", "participant name"),
            required=True,
        ),
        Column("given", "Given name", "Only when your list has no column with the whole name.", ("first name", "given names")),
        Column("family", "Family name", "Only when your list has no column with the whole name.", ("last name", "surname")),
        Column("latin_name", "Name in Latin letters", "When the name is in another script.", ("latin name", "romanised name", "name in english", "english name")),
        Column("called", "What to call the person", "Short name or nickname.", ("called", "nickname", "preferred name")),
        Column("email", "E-mail", "People are recognised by it.", _EMAIL_NAMES),
        Column("phone", "Phone", "With the country's number.", ("telephone", "mobile", "phone number", "tel", "whatsapp")),
        _COUNTRY,
        Column("language", "Language", "For letters: en, km, ur, or the language's name.", ("lang", "preferred language")),
        Column("organisation", "Organisation", "Any name that it is known by. Import the organisations first.", ("organization", "institution", "affiliation", "organisation name", "organization name")),
        Column("post", "Post", "Director, programme officer …", ("position", "title", "role", "job title", "function")),
        Column("start", "Since", "2019, 2019-05 or 2019-05-14.", ("from", "start", "since year")),
    ),
}  # fmt: skip
_IN_LANGUAGE = re.compile(r"name[ _]*[\[(_]?\s*([a-z]{2,3}(?:-[a-z]{4})?)\s*[\])]?", re.I)


def known_headers(what: What) -> frozenset[str]:
    """Every column name that is understood, lower case: they tell a list's delimiter."""
    return frozenset(name for column in COLUMNS[what] for name in (column.label.casefold(), column.key, *column.others))


def match_columns(what: What, headers: list[str]) -> tuple[dict[int, str], list[str]]:
    """Which of a list's columns is which of ours (``name:km`` is a name in Khmer), and which are left out.

    Raises InvalidError when a needed column is missing or two columns say the same.
    """
    names = {fold(name): c.key for c in COLUMNS[what] for name in (c.label, c.key, *c.others)}
    found: dict[int, str] = {}
    left: list[str] = []
    for at, header in enumerate(headers):
        key = names.get(fold(header.replace("_", " "))) or _name_in_language(what, header)
        if key is None:
            if header:
                left.append(header[:60])
            continue
        if key in found.values():
            first = headers[next(i for i, k in found.items() if k == key)]
            raise InvalidError(
                _(
                    "The columns “%(first)s” and “%(second)s” mean the same. Remove or rename one of them.",
                    first=first[:60],
                    second=header[:60],
                )
            )
        found[at] = key
    _check_needed(what, found, headers)
    return found, left


def _name_in_language(what: What, header: str) -> str | None:
    match = _IN_LANGUAGE.fullmatch(header.strip())
    return f"name:{match[1].lower()}" if match and what is What.ORGANISATIONS else None


def _check_needed(what: What, found: dict[int, str], headers: list[str]) -> None:
    needed = next(column for column in COLUMNS[what] if column.required)
    has = set(found.values())
    if needed.key in has or (what is What.PEOPLE and has & {"given", "family"}):
        return
    seen = ", ".join(f"“{header[:40]}”" for header in headers if header) or "none"
    raise InvalidError(
        _(
            "No column is called “%(name)s”. The first line must name the columns; here it says: %(seen)s.",
            name=needed.label,
            seen=seen[:400],
        )
    )


def template_csv(what: What) -> bytes:
    """An empty list with the right column names."""
    return export_csv([[column.label for column in COLUMNS[what]]])


def template_xlsx(what: What) -> bytes:
    """The same as a workbook, with a second sheet that says what belongs where."""
    content = io.BytesIO()
    import xlsxwriter  # only who makes a sheet needs it in memory

    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True})
        sheet, notes = book.add_worksheet(what.value.title()), book.add_worksheet("What goes where")
        for at, column in enumerate(COLUMNS[what]):
            sheet.write_string(0, at, column.label, bold)
            notes.write_string(at, 0, column.label, bold)
            notes.write_string(at, 1, column.help, wrapped)
        sheet.set_column(0, len(COLUMNS[what]) - 1, 24)
        sheet.freeze_panes(1, 0)
        notes.set_column(0, 0, 24)
        notes.set_column(1, 1, 70)
    return content.getvalue()
