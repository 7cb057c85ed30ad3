"""One row of a list of past editions: what it tells, and whether it can be imported.

The preview and the import decide by the same code (``backfill_writing`` only writes). An organisation is the one that goes by the name, else what a
person decided about the name; until somebody has, the row waits. Everything that comes in is *reported*.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from eventhub import clock
from eventhub.db import db
from eventhub.directory import imprecise
from eventhub.directory.checks import check_email, check_name
from eventhub.directory.matching import Ambiguous, Known, Organisations, People
from eventhub.directory.names import fold
from eventhub.directory.places import find_country
from eventhub.directory.rows import Row
from eventhub.errors import InvalidError
from eventhub.meetings import queries as meetings
from eventhub.meetings.models import Meeting, Series
from eventhub.partnerships.backfill_columns import KINDS, RowKind, head_count, remembered
from eventhub.partnerships.models import Origin, Partnership, Party
from eventhub.partnerships.models_import import ImportedFact, NameDecision
from eventhub.partnerships.states import ActivityKind, NameChoice, OriginKind

Pair = tuple[frozenset[int], int]  # the organisations and the meeting of a partnership


class UndecidedError(InvalidError):
    """Somebody must say first which organisation a name means."""

    def __init__(self, text: str) -> None:
        super().__init__(f"Which organisation is “{text[:100]}”? Decide above.")
        self.text = text


class WaitingError(InvalidError):
    """The row speaks of another one that waits for such a decision."""


class LeftOutError(InvalidError):
    """A person decided that rows with this name stay out."""


@dataclass
class Told:
    """What a row means, once everything in it was found."""

    kind: RowKind
    key: str
    name: str
    facts: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


class PastRows:
    """Reads rows of the five kinds against what is stored, and against the rows of the same list before them."""

    def __init__(self, series: Series | None, file_name: str) -> None:
        self.series, self.file_name = series, file_name
        self.organisations = Organisations()
        self.people = People(self.organisations)
        self.decided = {row.folded: row for row in db.session.scalars(sa.select(NameDecision))}
        self.imported = set(db.session.scalars(sa.select(ImportedFact.key)))
        self._meetings: dict[str, int] = {}
        for meeting in reversed(meetings.list_meetings()):
            self._know_meeting(meeting)
        self._virtual = -1
        self.waiting: set[str] = set()  # references of rows that wait for a person's decision
        self._partnerships: dict[str, int] = {
            reference: ident
            for reference, ident in db.session.execute(
                sa.select(ImportedFact.reference, ImportedFact.record_id).where(
                    ImportedFact.kind == RowKind.PARTNERSHIP.value, ImportedFact.reference != ""
                )
            )
        }
        self._pairs = self._known_pairs()

    def _know_meeting(self, meeting: Meeting) -> None:
        names = [meeting.title, meeting.slug]
        if self.series is not None and meeting.series_id == self.series.id:
            names += [str(meeting.year)] + ([f"edition {meeting.edition_no}"] if meeting.edition_no else [])
        for name in names:
            self._meetings[fold(name)] = meeting.id

    def _known_pairs(self) -> dict[Pair, int]:
        found: dict[int, tuple[set[int], int]] = {}
        for ident, organisation, meeting in db.session.execute(
            sa.select(Partnership.id, Party.organisation_id, Origin.meeting_id)
            .join(Party, Party.partnership_id == Partnership.id)
            .join(Origin, Origin.partnership_id == Partnership.id)
            .where(Partnership.merged_into_id.is_(None))
        ):
            found.setdefault(ident, (set(), meeting or 0))[0].add(self.organisations.canonical_key(organisation))
        return {(frozenset(ids), meeting): ident for ident, (ids, meeting) in found.items()}

    # deciding

    def decide(self, row: Row) -> Told:
        """What the row means; raises InvalidError with the sentence for whoever made the list."""
        kind = KINDS.get(fold(row.values.get("what", "")))
        if kind is None:
            raise InvalidError(
                f"What: “{row.values.get('what', '')[:40]}” is none of meeting, registration, introduction, partnership, "
                "activity."
            )
        told = Told(kind, self._key(kind, row), row.name)
        _DECIDE[kind](self, row, told)
        told.name = told.name or told.facts.get("title", "")
        return told

    def _key(self, kind: RowKind, row: Row) -> str:
        reference = row.values.get("reference", "")
        text = reference or json.dumps({k: v for k, v in sorted(row.values.items()) if v and k != "source"})
        return hashlib.sha256(f"{kind.value}:{'ref' if reference else 'row'}:{text}".encode()).hexdigest()

    def _a_meeting(self, row: Row, told: Told) -> None:
        if self.series is None:
            raise InvalidError("Choose the series that the meetings of this list belong to.")
        title = check_name(row.values.get("meeting") or row.values.get("title", ""), "meeting")
        starts, precision = remembered(row.values.get("from", ""), "From")
        first = imprecise.bounds(starts, precision)
        if first is None:
            raise InvalidError("From: the year of a meeting must be known.")
        last = imprecise.bounds(*remembered(row.values.get("to", ""), "To")) or first
        if last.last < first.first:
            raise InvalidError("The end lies before the beginning. Look at both dates.")
        if first.first > clock.today():
            raise InvalidError("This meeting lies ahead. Plan it on its own page instead.")
        country = row.values.get("country", "")
        code = find_country(country) if country else ""
        if code is None:
            raise InvalidError(f"Country: no country or territory is called “{country[:60]}”.")
        if fold(title) in self._meetings and told.key not in self.imported:
            told.notes.append("A meeting of this name is known already. It stays as it is.")
            self.imported.add(told.key)
        told.name = title
        told.facts = {
            "title": title, "starts": first.first, "ends": last.last, "dates_precision": precision,
            "year": first.first.year, "place": row.values.get("place", ""), "country": code,
        }  # fmt: skip

    def _a_registration(self, row: Row, told: Told) -> None:
        told.facts = {
            "meeting": self._meeting(row, needed=True),
            "organisation": self._organisation(row, "organisation_1"),
            "person": self._person(row, 1),
        }
        told.name = row.values.get("person_1", "")

    def _an_introduction(self, row: Row, told: Told) -> None:
        one, other = self._person(row, 1), self._person(row, 2)
        when, precision = remembered(row.values.get("from", ""), "From")
        told.facts = {
            "meeting": self._meeting(row, needed=True), "a": one, "b": other,
            "organisations": [self._organisation(row, "organisation_1"), self._organisation(row, "organisation_2")],
            "topic": row.values.get("title", "")[:300], "met_on": when, "precision": precision,
        }  # fmt: skip
        told.name = f"{row.values.get('person_1', '')} · {row.values.get('person_2', '')}"

    def _a_partnership(self, row: Row, told: Told) -> None:
        names = [key for key in ("organisation_1", "organisation_2", "organisation_3") if row.values.get(key)]
        parties = list(dict.fromkeys(self._organisation(row, key) for key in names))
        if len(parties) < 2:
            raise InvalidError("Organisation 2: a partnership has two parties at least.")
        when, precision = remembered(row.values.get("from", ""), "From")
        told.facts = {
            "parties": parties, "meeting": self._meeting(row), "title": row.values.get("title", "")[:200],
            "summary": row.values.get("words", "")[:4000], "kind": _kind(OriginKind, row, OriginKind.UNKNOWN),
            "first_contact": when, "first_contact_precision": precision,
        }  # fmt: skip
        told.name = told.facts["title"] or " – ".join(row.values[key] for key in names)
        if (frozenset(parties), told.facts["meeting"] or 0) in self._pairs and told.key not in self.imported:
            told.notes.append(
                "These organisations have a partnership of this meeting already. Look whether it is the same."
            )

    def _an_activity(self, row: Row, told: Told) -> None:
        start, start_precision = remembered(row.values.get("from", ""), "From")
        end, end_precision = remembered(row.values.get("to", ""), "To")
        counts = {
            age: {"unknown": n}
            for age, key, label in (("adult", "adults", "Adults"), ("young", "young", "Young people"), ("child", "children", "Children"))
            if (n := head_count(row.values.get(key, ""), label)) is not None
        }  # fmt: skip
        kind = _kind(ActivityKind, row, None)
        if kind is None:
            raise InvalidError("Kind: say what kind of activity it was.")
        title = row.values.get("title", "")[:300] or kind.value.replace("_", " ").capitalize()
        told.name = title
        told.facts = {
            "partnership": self._partnership(row), "kind": kind, "title": title,
            "description": row.values.get("words", "")[:4000], "start": start, "start_precision": start_precision,
            "end": end, "end_precision": end_precision, "place": row.values.get("place", "")[:300], "counts": counts,
        }  # fmt: skip

    def list_undecided(self, row: Row) -> list[str]:
        """The names of a row that somebody must decide about."""
        found = []
        for column in ("organisation_1", "organisation_2", "organisation_3"):
            if row.values.get(column):
                try:
                    self._organisation(row, column)
                except UndecidedError as error:
                    found.append(error.text)
                except InvalidError:
                    continue
        return found

    # finding what a row speaks of; a number below 0 stands for a row of the same list

    def _meeting(self, row: Row, *, needed: bool = False) -> int | None:
        text = row.values.get("meeting", "")
        if not text and not needed:
            return None
        found = self._meetings.get(fold(text)) if text else None
        if found is None:
            raise InvalidError(f"Meeting: none is called “{text[:100]}”. Add a row for it, or correct the name.")
        return found

    def _organisation(self, row: Row, column: str) -> int:
        text = row.values.get(column, "")
        label = column.replace("_", " ").capitalize()
        if not text:
            raise InvalidError(f"{label}: the organisation is missing.")
        try:
            found = self.organisations.match([text], "")
        except Ambiguous as error:
            raise InvalidError(f"{label}: {error}") from error
        if found is not None:
            return found.key
        decided = self.decided.get(fold(text)[:300])
        if decided is None:
            raise UndecidedError(text)
        if decided.decision is NameChoice.LEAVE_OUT:
            raise LeftOutError(f"“{text[:100]}” is left out, as {decided.by_name} decided.")
        if decided.decision is NameChoice.EXISTING and decided.organisation_id is not None:
            return self.organisations.canonical_key(decided.organisation_id)
        self._virtual -= 1
        self.organisations.add(Known(self._virtual, text, {"country": ""}), [text])
        return self._virtual

    def _person(self, row: Row, number: int) -> int:
        """The person's id, or minus a number for one who comes in with this list."""
        name = check_name(row.values.get(f"person_{number}", ""), f"person_{number}")
        email = check_email(row.values.get(f"email_{number}", ""))
        organisation = self._organisation(row, f"organisation_{number}")
        try:
            found = self.people.match(name, "", email, organisation)
        except Ambiguous as error:
            raise InvalidError(f"Person {number}: {error}") from error
        if found is not None:
            return found.key
        self._virtual -= 1
        facts = {"latin_name": "", "called": "", "email": email, "phone": "", "country": ""}
        self.people.add(Known(self._virtual, name, facts, organisations={organisation}))
        return self._virtual

    def _partnership(self, row: Row) -> int:
        reference = row.values.get("partnership", "")
        if reference:
            found = self._partnerships.get(reference)
            if found is None and reference in self.waiting:
                raise WaitingError(f"The partnership “{reference[:60]}” waits for a decision.")
            if found is None:
                raise InvalidError(f"Partnership: no row of a partnership has the reference “{reference[:60]}”.")
            return found
        keys = [key for key in ("organisation_1", "organisation_2", "organisation_3") if row.values.get(key)]
        pair = (frozenset(self._organisation(row, key) for key in keys), self._meeting(row) or 0)
        if pair not in self._pairs:
            raise InvalidError("Partnership: give its reference, or its organisations and meeting as in its own row.")
        return self._pairs[pair]

    def remember(self, row: Row, told: Told, record_id: int = 0) -> None:
        """Later rows of the list may speak of this one."""
        self.imported.add(told.key)
        if told.kind is RowKind.MEETING:
            self._virtual -= 1
            self._meetings.setdefault(fold(told.name), record_id or self._virtual)
        if told.kind is RowKind.PARTNERSHIP:
            self._virtual -= 1
            ident = record_id or self._virtual
            if row.values.get("reference"):
                self._partnerships[row.values["reference"]] = ident
            ids = frozenset(getattr(party, "id", party) for party in told.facts["parties"])
            self._pairs.setdefault((ids, told.facts["meeting"] or 0), ident)


def _kind(vocabulary: Any, row: Row, unknown: Any) -> Any:
    text = row.values.get("kind", "")
    if not text:
        return unknown
    found = {fold(member.value.replace("_", " ")): member for member in vocabulary}.get(fold(text.replace("_", " ")))
    if found is None:
        raise InvalidError(f"Kind: “{text[:40]}” is none of: {', '.join(member.value for member in vocabulary)}.")
    return found


_DECIDE: dict[RowKind, Callable[[PastRows, Row, Told], None]] = {
    RowKind.MEETING: PastRows._a_meeting,
    RowKind.REGISTRATION: PastRows._a_registration,
    RowKind.INTRODUCTION: PastRows._an_introduction,
    RowKind.PARTNERSHIP: PastRows._a_partnership,
    RowKind.ACTIVITY: PastRows._an_activity,
}
