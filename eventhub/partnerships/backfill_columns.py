"""The columns of a list of past editions, how people call them, and the template with its data dictionary.

One list holds rows of many kinds: a meeting, who came, who met whom, a partnership and each of its parts.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import lazy_gettext as _

from eventhub.directory.names import fold
from eventhub.errors import InvalidError
from eventhub.files import export_csv
from eventhub.partnerships.states import (
    ActivityKind,
    FormalityKind,
    Influence,
    KnewBefore,
    OriginKind,
    PartnershipState,
    PartyRole,
    ResourceKind,
    Sensitivity,
)
from eventhub.registration.states import RegistrationRole
from eventhub.themes.states import LevelKind

CHANGES = ("relationship", "behaviour", "action", "activity", "policy", "practice")
DIRECTIONS = ("positive", "negative", "mixed")
EVIDENCE = ("url", "quote", "published_source")  # a file is added on the record's own page
EXACTNESS = ("exact", "district", "province", "country", "unknown")
MODES = ("in_person", "online", "hybrid", "unknown")
ROLES = tuple(role for role in RegistrationRole if role is not RegistrationRole.CHILD_DELEGATE)


class RowKind(StrEnum):
    """What a row tells of; in the order in which rows are imported."""

    MEETING = "meeting"
    REGISTRATION = "registration"
    ATTENDANCE = "attendance"
    INTRODUCTION = "introduction"
    PARTNERSHIP = "partnership"
    PARTY = "party"
    PLACE = "place"
    STAGE = "stage"
    FORMALITY = "formality"
    RESOURCE = "resource"
    ACTIVITY = "activity"
    OUTCOME = "outcome"
    CONTEXT = "context"
    EVIDENCE = "evidence"


@dataclass(frozen=True)
class Column:
    key: str
    label: str
    help: str
    others: tuple[str, ...] = ()


def _of(vocabulary: Iterable[StrEnum | str]) -> str:
    return ", ".join(str(member) for member in vocabulary)


COLUMNS = (
    Column("what", "What", f"Needed. One of: {_of(RowKind)}.", ("kind of row", "record", "type", "row type")),
    Column("reference", "Reference", "Your own number of the row, such as APPM-2018-007. With it, a corrected list is not imported twice; other rows name their partnership, introduction or activity by it.", ("ref", "id", "no", "number")),
    Column("meeting", "Meeting", "The meeting's title, address or edition. In a row of a meeting: its title.", ("event", "conference")),
    Column("edition", "Edition", "Of a meeting: its number, when it has one. It never follows from the year.", ("edition number", "edition no")),
    Column("state", "State", f"Of a meeting: archived (when empty), cancelled. Of a partnership: {_of(PartnershipState)}.", ("status",)),
    Column("session", "Session", "Of an introduction or a partnership: the session's title, when it is known.", ()),
    Column("from", "From", "When it was or began: 2018, 2018-Q3, 07/2018, 2018-07-04. Empty or “unknown” when nobody knows.", ("start", "date", "starts", "begin", "year", "when", "first contact", "since")),
    Column("to", "To", "When it ended, in the same forms.", ("end", "ends", "until")),
    Column("organisation_1", "Organisation 1", "Any name that it is known by. For a name that nobody knows you are asked once. Of a resource: who gave it; of a context: whose work it was.", ("organisation", "organization", "organization 1", "party 1", "partner 1")),
    Column("organisation_2", "Organisation 2", "The other one, of an introduction or a partnership. Of an activity: who took part; none named means that it is not known.", ("organization 2", "party 2", "partner 2")),
    Column("organisation_3", "Organisation 3", "A third party of a partnership (a fourth has a row “party” of its own, with the days on which it joined and left); of an introduction: that of person 3.", ("organization 3", "party 3", "partner 3")),
    Column("role_1", "Role 1", f"Of organisation 1 in a partnership: {_of(PartyRole)}. Of a participant: {_of(ROLES)}.", ("role",)),
    Column("role_2", "Role 2", "Of organisation 2 in a partnership.", ()),
    Column("role_3", "Role 3", "Of organisation 3 in a partnership.", ()),
    Column("person_1", "Person 1", "An adult's whole name. Children are never imported. In a row of a partnership: the focal person of organisation 1.", ("person", "name", "participant", "full name")),
    Column("person_2", "Person 2", "The other one, of an introduction; the focal person of organisation 2.", ()),
    Column("person_3", "Person 3", "Of an introduction: who introduced the two; the focal person of organisation 3.", ("introduced by", "introducer")),
    Column("email_1", "E-mail 1", "Of person 1, when it is known.", ("email", "e mail", "e mail 1")),
    Column("email_2", "E-mail 2", "Of person 2.", ("e mail 2",)),
    Column("email_3", "E-mail 3", "Of person 3.", ("e mail 3",)),
    Column("title", "Title", "Of a partnership, an activity, an evidence or a resource, in a few words; of an introduction: the topic; of an outcome: who changed.", ("topic", "subject")),
    Column("kind", "Kind", f"Of an activity: {_of(ActivityKind)}. Of a partnership, how it began: {_of(OriginKind)}. Of a formality: {_of(FormalityKind)}. Of a resource: {_of(ResourceKind)}. Of an outcome, what changed: {_of(CHANGES)}. Of an evidence: {_of(EVIDENCE)}.", ("category", "activity kind", "how it began")),
    Column("partnership", "Partnership", "The reference of the partnership to which a row belongs. Else its organisations and meeting must tell.", ("partnership reference", "part of")),
    Column("introduction", "Introduction", "Of a partnership: the reference of the introduction from which it came.", ("introduction reference",)),
    Column("activity", "Activity", "Of an evidence: the reference of the activity that it shows.", ("activity reference",)),
    Column("knew_before", "Knew before", f"Of a partnership, whether they knew each other: {_of(KnewBefore)}.", ()),
    Column("influence", "Influence", f"Of a partnership, what part the meeting had: {_of(Influence)}.", ()),
    Column("said_by", "Said by", "Who says so: of a partnership's origin, of a stage, of an evidence.", ("stated by", "told by")),
    Column("said_on", "Said on", "On which day they said it: 2018-07-04.", ("stated on",)),
    Column("sensitivity", "Sensitivity", f"Of a partnership: {_of(Sensitivity)}. Where people are at risk it is hidden.", ()),
    Column("levels", "Levels", f"Of a partnership, with semicolons between them: {_of(LevelKind)}.", ("level",)),
    Column("themes", "Themes", "Of a partnership, with semicolons between them: CRC cluster 5; General comment 12; SDG 16.2; or your own words.", ("theme",)),
    Column("place", "Place", "Where. Of a partnership or a place: all its names, with semicolons between them, in any script.", ("city", "venue", "location", "where", "place names")),
    Column("lies_in", "Lies in", "Of a partnership's place, from the country down: Cambodia / Svay Rieng / Kampong Rou.", ("path", "admin path")),
    Column("exactness", "How exactly", f"How exactly the place is known: {_of(EXACTNESS)}.", ("place precision",)),
    Column("country", "Country", "Of a meeting: by name or by its two letters.", ("country or territory", "nation")),
    Column("mode", "Mode", f"How an activity was held: {_of(MODES)}.", ("held",)),
    Column("women", "Women", "How many took part. Empty or “unknown” is not 0, here and in the next columns.", ()),
    Column("men", "Men", "How many.", ()),
    Column("adults", "Adults", "How many in all: women, men and those not told apart.", ("number of adults",)),
    Column("young_women", "Young women", "How many.", ()),
    Column("young_men", "Young men", "How many.", ()),
    Column("young", "Young people", "How many in all.", ("youth",)),
    Column("girls", "Girls", "How many; never names.", ()),
    Column("boys", "Boys", "How many; never names.", ()),
    Column("children", "Children", "How many in all; never names.", ("number of children",)),
    Column("outputs", "Outputs", "What an activity left behind, with semicolons between.", ("results",)),
    Column("significance", "Significance", "Of an outcome: why it matters.", ()),
    Column("contribution", "Contribution", "Of an outcome: what the partnership contributed.", ()),
    Column("intended", "Intended", "Of an outcome: yes, no or empty.", ()),
    Column("direction", "Direction", f"Of an outcome: {_of(DIRECTIONS)}.", ()),
    Column("exchanges_information", "Exchange information", "Of a stage, as of the day in From: yes, no, or empty when nobody said.", ("exchanges information",)),
    Column("alters_activities", "Alter activities", "Of a stage: yes, no or empty.", ("alters activities",)),
    Column("shares_resources", "Share resources", "Of a stage: yes, no or empty.", ("shares resources",)),
    Column("enhances_capacity", "Enhance capacity", "Of a stage: yes, no or empty.", ("enhances capacity",)),
    Column("amount", "Amount", "Of a resource, in figures. Empty is not 0.", ()),
    Column("currency", "Currency", "Of an amount, by its three letters.", ()),
    Column("address", "Address", "Of an evidence: where it is on the web.", ("url", "link")),
    Column("independent", "Independent", "Of an evidence: yes when its author belongs to none of the parties.", ()),
    Column("words", "Description", "Anything that belongs to it, in plain sentences. Of an outcome: who does what differently; of a context: the earlier work; of an evidence: the quote.", ("notes", "summary", "remarks", "details", "statement", "quote", "text")),
    Column("source", "Source", "Where it is known from: a report and its page, somebody who was there.", ("evidence", "known from")),
)  # fmt: skip
KINDS = {kind.value: kind for kind in RowKind} | {
    "edition": RowKind.MEETING, "event": RowKind.MEETING,
    "participant": RowKind.REGISTRATION, "delegate": RowKind.REGISTRATION, "person": RowKind.REGISTRATION,
    "attended": RowKind.ATTENDANCE, "present": RowKind.ATTENDANCE, "was there": RowKind.ATTENDANCE,
    "member": RowKind.PARTY, "met": RowKind.INTRODUCTION, "collaboration": RowKind.PARTNERSHIP, "change": RowKind.OUTCOME,
    "earlier work": RowKind.CONTEXT, "agreement": RowKind.FORMALITY, "in writing": RowKind.FORMALITY,
}  # fmt: skip
EXAMPLES = (
    {"what": "meeting", "reference": "M-2018", "meeting": "Riverside Forum 2018", "edition": "4", "from": "07/2018", "to": "07/2018", "place": "Manila", "country": "PH", "source": "Final report 2018"},
    {"what": "attendance", "meeting": "Riverside Forum 2018", "organisation_1": "Lotus Child Rights Network", "person_1": "Sok Sophea", "source": "Signed list of the first day"},
    {"what": "attendance", "meeting": "Riverside Forum 2018", "organisation_1": "Maple Children's Centre", "adults": "3", "source": "Final report, page 4: three people, without names"},
    {"what": "introduction", "reference": "I-7", "meeting": "Riverside Forum 2018", "organisation_1": "Lotus Child Rights Network", "person_1": "Sok Sophea", "organisation_2": "Maple Children's Centre", "person_2": "Yamada Hanako", "title": "Child-led networks", "from": "2018", "source": "Interview in 2020"},
    {"what": "partnership", "reference": "P-7", "meeting": "Riverside Forum 2018", "introduction": "I-7", "organisation_1": "Lotus Child Rights Network", "organisation_2": "Maple Children's Centre", "title": "Learning from each other", "kind": "unknown", "from": "2018", "knew_before": "by_name", "influence": "started", "said_by": "Both, in an interview", "levels": "commune; national", "themes": "CRC cluster 3; General comment 12", "place": "Kompong Ro; Kampong Rou; ស្រុកកំពង់រោទិ៍", "lies_in": "Cambodia / Svay Rieng / Kampong Rou", "exactness": "district"},
    {"what": "activity", "reference": "A-7-1", "partnership": "P-7", "kind": "learning_visit", "title": "A visit of three days", "from": "2020-Q1", "adults": "unknown", "young_women": "4", "source": "Newsletter 3/2020"},
    {"what": "outcome", "reference": "O-7-1", "partnership": "P-7", "title": "The commune's council", "kind": "practice", "words": "It hears two children at each of its sittings.", "contribution": "The visit showed how others do it.", "intended": "yes"},
    {"what": "evidence", "reference": "E-7-1", "partnership": "P-7", "activity": "A-7-1", "kind": "published_source", "title": "Newsletter 3/2020", "from": "2020-03"},
)  # fmt: skip


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
            _(
                "No column is called “What”. The first line must name the columns; here it says: %(seen)s.",
                seen=seen[:400],
            )
        )
    return found, left


def template_csv() -> bytes:
    """A list with the right column names and invented rows to write over."""
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
