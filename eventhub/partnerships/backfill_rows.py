"""One row of a list of past editions: what it tells, and whether it can be imported.

The preview and the import decide by the same code (``backfill_writing`` only writes). An organisation is the one that goes by the name, else what a
person decided about the name; until somebody has, the row waits. Everything that comes in is *reported*.
"""

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

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
from eventhub.meetings.states import MeetingState
from eventhub.networking import queries as networking
from eventhub.partnerships.backfill_columns import KINDS, ROLES, RowKind
from eventhub.partnerships.backfill_values import counts_of, one_of, remembered
from eventhub.partnerships.models import Origin, Partnership, Party
from eventhub.partnerships.models_import import ImportedFact, NameDecision
from eventhub.partnerships.states import NameChoice
from eventhub.registration.states import RegistrationRole

ORGANISATIONS = ("organisation_1", "organisation_2", "organisation_3")
PAST_STATES = (MeetingState.ARCHIVED, MeetingState.CANCELLED)
Pair = tuple[frozenset[int], int]  # the organisations and the meeting of a partnership


class UndecidedError(InvalidError):
    """Somebody must say first which organisation a name means."""

    def __init__(self, text: str) -> None:
        super().__init__(_("Which organisation is “%(text)s”? Decide above.", text=text[:100]))
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
    """Reads rows of every kind against what is stored, and against the rows of the same list before them."""

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
        # what cannot come in yet, by reference and by a meeting's name: the line, and whether it waits for a decision
        self.held: dict[str, tuple[int, bool]] = {}
        self._references: dict[tuple[str, str], int] = {
            (kind, reference): ident
            for kind, reference, ident in db.session.execute(
                sa.select(ImportedFact.kind, ImportedFact.reference, ImportedFact.record_id).where(
                    ImportedFact.reference != ""
                )
            )
        }
        self.parties: dict[int, set[int]] = {}  # of each partnership, of the list or stored
        self.pairs = self._known_pairs()

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
        self.parties = {ident: ids for ident, (ids, _meeting) in found.items()}
        return {(frozenset(ids), meeting): ident for ident, (ids, meeting) in found.items()}

    # deciding

    def begin(self, row: Row) -> Told:
        """Of which kind the row is; raises InvalidError with the sentence for whoever made the list."""
        kind = KINDS.get(fold(row.values.get("what", "")))
        if kind is None:
            raise InvalidError(
                _(
                    "What: “%(text)s” is none of %(choices)s.",
                    text=row.values.get("what", "")[:40],
                    choices=", ".join(kind.value for kind in RowKind),
                )
            )
        return Told(kind, self._key(kind, row), row.name)

    def _key(self, kind: RowKind, row: Row) -> str:
        reference = row.values.get("reference", "")
        text = reference or json.dumps({k: v for k, v in sorted(row.values.items()) if v and k != "source"})
        return hashlib.sha256(f"{kind.value}:{'ref' if reference else 'row'}:{text}".encode()).hexdigest()

    # meetings and people

    def a_meeting(self, row: Row, told: Told) -> None:
        if self.series is None:
            raise InvalidError(_("Say to which series the meetings of this list belong."))
        title = check_name(row.values.get("meeting") or row.values.get("title", ""), "meeting")
        starts, precision = remembered(row.values.get("from", ""), "From")
        first = imprecise.bounds(starts, precision)
        if first is None:
            raise InvalidError(_("From: the year of a meeting must be known."))
        last = imprecise.bounds(*remembered(row.values.get("to", ""), "To")) or first
        if last.last < first.first:
            raise InvalidError(_("The end lies before the beginning. Look at both dates."))
        if first.first > clock.today():
            raise InvalidError(_("This meeting lies ahead. Plan it on its own page instead."))
        country = row.values.get("country", "")
        code = find_country(country) if country else ""
        if code is None:
            raise InvalidError(_("Country: no country or territory is called “%(text)s”.", text=country[:60]))
        if fold(title) in self._meetings and told.key not in self.imported:
            told.notes.append("A meeting of this name is known already. It stays as it is.")
            self.imported.add(told.key)
        told.name = title
        edition = row.values.get("edition", "")
        if edition and not re.fullmatch(r"[0-9]{1,3}", edition):
            raise InvalidError(_("Edition: write its number, or leave it empty."))
        told.facts = {
            "title": title, "starts": first.first, "ends": last.last, "dates_precision": precision,
            "year": first.first.year, "place": row.values.get("place", ""), "country": code,
            "edition_no": int(edition) if edition else None,
            "state": one_of(PAST_STATES, row.values.get("state", ""), "State", MeetingState.ARCHIVED),
        }  # fmt: skip

    def a_registration(self, row: Row, told: Told) -> None:
        told.facts = {
            "meeting": self.meeting_of(row, needed=True),
            "organisation": self.organisation_of(row, "organisation_1"),
            "person": self.person_of(row, 1),
            "role": one_of(ROLES, row.values.get("role_1", ""), "Role 1", RegistrationRole.DELEGATE),
        }
        told.name = row.values.get("person_1", "")

    def an_attendance(self, row: Row, told: Told) -> None:
        """Who was there: a person, or an organisation whose people's names nobody knows."""
        if row.values.get("person_1"):
            self.a_registration(row, told)
        else:
            told.facts = {
                "meeting": self.meeting_of(row, needed=True),
                "organisation": self.organisation_of(row, "organisation_1"),
                "person": None,
            }
            told.name = row.values.get("organisation_1", "")
        told.facts["counts"] = {age: sum(told_.values()) for age, told_ in counts_of(row.values).items()}

    def an_introduction(self, row: Row, told: Told) -> None:
        one, other = self.person_of(row, 1), self.person_of(row, 2)
        when, precision = remembered(row.values.get("from", ""), "From")
        told.facts = {
            "meeting": self.meeting_of(row, needed=True), "a": one, "b": other,
            "organisations": [self.organisation_of(row, "organisation_1"), self.organisation_of(row, "organisation_2")],
            "topic": row.values.get("title", "")[:300], "met_on": when, "precision": precision,
            "introduced_by": self.person_of(row, 3) if row.values.get("person_3") else None,
            "session": self.session_of(row, told),
        }  # fmt: skip
        if told.facts["introduced_by"] is not None:
            told.facts["organisations"].append(self.organisation_of(row, "organisation_3"))
        told.name = f"{row.values.get('person_1', '')} · {row.values.get('person_2', '')}"

    def list_undecided(self, row: Row) -> list[str]:
        """The names of a row that somebody must decide about."""
        found = []
        for column in ORGANISATIONS:
            if row.values.get(column):
                try:
                    self.organisation_of(row, column)
                except UndecidedError as error:
                    found.append(error.text)
                except InvalidError:
                    continue
        return found

    # finding what a row speaks of; a number below 0 stands for a row of the same list

    def meeting_of(self, row: Row, *, needed: bool = False) -> int | None:
        text = row.values.get("meeting", "")
        if not text and not needed:
            return None
        found = self._meetings.get(fold(text)) if text else None
        if found is None:
            self._say_held(fold(text), f"the meeting “{text[:60]}”")
            raise InvalidError(
                _("Meeting: none is called “%(text)s”. Add a row for it, or correct the name.", text=text[:100])
            )
        return found

    def session_of(self, row: Row, told: Told) -> int | None:
        """The session of a title; one that no programme has is noted, and kept with the row's source."""
        title = row.values.get("session", "")
        meeting = self.meeting_of(row)
        if not title or meeting is None:
            return None
        found = (
            [one.id for one in networking.list_sessions(meeting) if fold(one.title) == fold(title)]
            if meeting > 0
            else []
        )
        if not found:
            told.notes.append(f"Session: the programme has no “{title[:60]}”. The name is kept with the source.")
        return found[0] if found else None

    def organisation_of(self, row: Row, column: str) -> int:
        text = row.values.get(column, "")
        label = column.replace("_", " ").capitalize()
        if not text:
            raise InvalidError(_("%(label)s: the organisation is missing.", label=label))
        try:
            found = self.organisations.match([text], "")
        except Ambiguous as error:
            raise InvalidError(_("%(label)s: %(why)s", label=label, why=error)) from error
        if found is not None:
            return found.key
        decided = self.decided.get(fold(text)[:300])
        if decided is None:
            raise UndecidedError(text)
        if decided.decision is NameChoice.LEAVE_OUT:
            raise LeftOutError(_("“%(text)s” is left out, as %(name)s decided.", text=text[:100], name=decided.by_name))
        if decided.decision is NameChoice.EXISTING and decided.organisation_id is not None:
            return self.organisations.canonical_key(decided.organisation_id)
        self._virtual -= 1
        self.organisations.add(Known(self._virtual, text, {"country": ""}), [text])
        return self._virtual

    def person_of(self, row: Row, number: int) -> int:
        """The person's id, or minus a number for one who comes in with this list."""
        name = check_name(row.values.get(f"person_{number}", ""), f"person_{number}")
        email = check_email(row.values.get(f"email_{number}", ""))
        organisation = self.organisation_of(row, f"organisation_{number}")
        try:
            found = self.people.match(name, "", email, organisation)
        except Ambiguous as error:
            raise InvalidError(_("Person %(number)s: %(why)s", number=number, why=error)) from error
        if found is not None:
            return found.key
        self._virtual -= 1
        facts = {"latin_name": "", "called": "", "email": email, "phone": "", "country": ""}
        self.people.add(Known(self._virtual, name, facts, organisations={organisation}))
        return self._virtual

    def partnership_of(self, row: Row) -> int:
        reference = row.values.get("partnership", "")
        if reference:
            return self.named(RowKind.PARTNERSHIP, reference)
        keys = [key for key in ORGANISATIONS if row.values.get(key)]
        pair = (frozenset(self.organisation_of(row, key) for key in keys), self.meeting_of(row) or 0)
        if pair not in self.pairs:
            raise InvalidError(
                _("Partnership: give its reference, or its organisations and meeting as in its own row.")
            )
        return self.pairs[pair]

    def party_of(self, row: Row, column: str) -> int:
        """An organisation that is a party of the row's partnership; raises InvalidError where it is none."""
        key, partnership = self.organisation_of(row, column), self.partnership_of(row)
        if key not in self.parties.get(partnership, {key}):
            label = column.replace("_", " ").capitalize()
            raise InvalidError(
                _(
                    "%(label)s: “%(text)s” is none of the parties of this partnership. Add a row “party” for it.",
                    label=label,
                    text=row.values[column][:60],
                )
            )
        return key

    def named(self, kind: RowKind, reference: str) -> int:
        """The record that another row has under its reference. Raises WaitingError, InvalidError."""
        found = self._references.get((kind.value, reference))
        if found is None:
            self._say_held(reference, f"the {kind.value} “{reference[:60]}”")
            raise InvalidError(
                _(
                    "%(kind)s: no row of its kind has the reference “%(text)s”.",
                    kind=kind.value.capitalize(),
                    text=reference[:60],
                )
            )
        return found

    def hold(self, row: Row, *, waits: bool) -> None:
        """Later rows that speak of this one hear why it is not there."""
        names = [row.values.get("reference", "")]
        if KINDS.get(fold(row.values.get("what", ""))) is RowKind.MEETING:
            names.append(fold(row.values.get("meeting") or row.values.get("title", "")))
        self.held.update((name, (row.number, waits)) for name in names if name)

    def _say_held(self, name: str, what: str) -> None:
        if name not in self.held:
            return
        line, waits = self.held[name]
        if waits:
            raise WaitingError(_("Line %(line)s tells of %(what)s and waits for a decision.", line=line, what=what))
        raise InvalidError(
            _("Line %(line)s tells of %(what)s and cannot come in. Set that line right first.", line=line, what=what)
        )

    def remember(self, row: Row, told: Told, record_id: int = 0) -> None:
        """Later rows of the list may speak of this one."""
        self.imported.add(told.key)
        if told.kind is RowKind.MEETING:
            self._virtual -= 1
            self._meetings.setdefault(fold(told.name), record_id or self._virtual)
        self._virtual -= 1
        if row.values.get("reference"):
            self._references[told.kind.value, row.values["reference"]] = record_id or self._virtual
        if told.kind is RowKind.PARTNERSHIP:
            ids = frozenset(getattr(party, "id", party) for party in told.facts["parties"])
            self.pairs.setdefault((ids, told.facts["meeting"] or 0), record_id or self._virtual)
            self.parties[record_id or self._virtual] = set(ids)
        if told.kind is RowKind.PARTY:
            joined = told.facts["values"]["organisation"]
            self.parties.setdefault(told.facts["partnership"], set()).add(getattr(joined, "id", joined))
