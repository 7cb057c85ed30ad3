"""Importing one row of a list of past editions, once ``backfill_rows`` has decided what it means."""

from collections.abc import Callable

import sqlalchemy as sa

from eventhub import clock
from eventhub.audit import Actor
from eventhub.db import db
from eventhub.directory import queries as directory_queries
from eventhub.directory import service as directory
from eventhub.directory.models import Organisation, Person, Precision
from eventhub.directory.rows import Row
from eventhub.errors import InvalidError
from eventhub.meetings import queries as meetings
from eventhub.meetings import service as meetings_service
from eventhub.meetings.states import MeetingState
from eventhub.networking import service as networking
from eventhub.networking.models import IntroductionSource
from eventhub.partnerships import parts, service
from eventhub.partnerships.backfill_columns import RowKind
from eventhub.partnerships.backfill_rows import PastRows, Told
from eventhub.partnerships.models import Partnership
from eventhub.partnerships.models_import import ImportedFact
from eventhub.registration.models import Registration, Source
from eventhub.registration.states import RegistrationState


class Writer:
    """Writes what the rows of one list mean; what was new in one row is known to the next."""

    def __init__(self, rows: PastRows) -> None:
        self.rows = rows
        self._stored: dict[int, int] = {}  # what stood for a row of the list, and is a record by now

    def prepare(self, told: Told, by: Actor) -> None:
        """Make the organisations and people of a row that are new; they stay also where the row itself is refused."""
        facts = told.facts
        if told.kind is RowKind.REGISTRATION:
            facts["organisation"] = self._store_organisation(facts["organisation"], by)
            facts["person"] = self._store_person(facts["person"], facts["organisation"], by)
        elif told.kind is RowKind.INTRODUCTION:
            one, other = (self._store_organisation(key, by) for key in facts.pop("organisations"))
            facts["a"] = self._store_person(facts["a"], one, by)
            facts["b"] = self._store_person(facts["b"], other, by)
        elif told.kind is RowKind.PARTNERSHIP:
            facts["parties"] = [self._store_organisation(key, by) for key in facts["parties"]]

    def write(self, row: Row, told: Told, by: Actor) -> int:
        """Import the row; returns the record's id. Where it came from is kept beside it."""
        record_id = _WRITE[told.kind](self, row, told, by)
        db.session.add(
            ImportedFact(
                key=told.key,
                kind=told.kind.value,
                record_id=record_id,
                reference=row.values.get("reference", "")[:200],
                file_name=self.rows.file_name,
                line=row.number,
                source=row.values.get("source", "")[:2000],
            )
        )
        db.session.flush()
        return record_id

    def _source(self, row: Row) -> str:
        said = row.values.get("source", "")
        return (
            f"{said[:1500]} ({self.rows.file_name}, line {row.number})"
            if said
            else f"{self.rows.file_name}, line {row.number}"
        )

    def _write_meeting(self, row: Row, told: Told, by: Actor) -> int:
        facts = dict(told.facts)
        slug = meetings_service.slugify(facts["title"]) or f"meeting-{facts['year']}"
        taken = 1
        base = slug
        while meetings.slug_taken(slug):
            taken += 1
            slug = f"{base}-{taken}"
        assert self.rows.series is not None  # noqa: S101  (decided before)
        meeting = meetings_service.create(series=self.rows.series, slug=slug, by=by, **facts)
        for state in (MeetingState.OPEN, MeetingState.RUNNING, MeetingState.OVER, MeetingState.ARCHIVED):
            meetings_service.move(meeting, state, by=by)
        return meeting.id

    def _write_registration(self, row: Row, told: Told, by: Actor) -> int:
        meeting = meetings.get_by_id(told.facts["meeting"])
        organisation, person = told.facts["organisation"], told.facts["person"]
        found = db.session.scalar(
            sa.select(Registration).where(Registration.meeting_id == meeting.id, Registration.person_id == person.id)
        )
        if found is None:
            now = clock.now()
            found = Registration(
                meeting=meeting, person=person, organisation=organisation, country=organisation.country,
                sector_id=organisation.sector_id, state=RegistrationState.CONFIRMED, source=Source.IMPORT,
                confirmed_at=now, followed_up_at=now,  # nobody is sent a ticket for a meeting of the past
            )  # fmt: skip
            db.session.add(found)
            db.session.flush()
        return found.id

    def _write_introduction(self, row: Row, told: Told, by: Actor) -> int:
        made = networking.introduce(
            meeting=meetings.get_by_id(told.facts["meeting"]), a=told.facts["a"], b=told.facts["b"], topic=told.facts["topic"],
            met_on=told.facts["met_on"], precision=told.facts["precision"], source=IntroductionSource.IMPORT,
            source_text=self._source(row), by=by,
        )  # fmt: skip
        return made.id

    def _write_partnership(self, row: Row, told: Told, by: Actor) -> int:
        facts = dict(told.facts)
        meeting = meetings.get_by_id(facts["meeting"]) if facts["meeting"] else None
        facts.update(meeting=meeting, stated_by=self._source(row))
        return service.create(by=by, **facts).id

    def _write_activity(self, row: Row, told: Told, by: Actor) -> int:
        facts = dict(told.facts)
        partnership = db.session.get(Partnership, facts.pop("partnership"))
        if partnership is None:
            raise InvalidError("Partnership: its record is no longer there.")
        ids = [party.organisation_id for party in partnership.parties]
        return int(parts.add(partnership, "activity", organisation_ids=ids, by=by, **facts).id)

    def _store_organisation(self, key: int, by: Actor) -> Organisation:
        """The organisation; one that a person decided to make new is made now."""
        key = self._stored.get(key, key)
        if key > 0:
            return directory_queries.get_organisation(key)
        known = self.rows.organisations.by_key.pop(key)
        made = directory.create_organisation(name=known.name, by=by)
        known.key = self._stored[key] = made.id
        self.rows.organisations.by_key[made.id] = known
        for person in self.rows.people.by_key.values():
            if key in person.organisations:
                person.organisations.add(made.id)
        return made

    def _store_person(self, key: int, organisation: Organisation, by: Actor) -> Person:
        key = self._stored.get(key, key)
        if key > 0:
            return directory_queries.get_person(key)
        known = self.rows.people.by_key.pop(key)
        made = directory.create_person(full_name=known.name, email=known.facts["email"], by=by)
        directory.affiliate(made, organisation, start=None, start_precision=Precision.UNKNOWN, by=by)
        known.key = self._stored[key] = made.id
        known.organisations.add(organisation.id)
        self.rows.people.by_key[made.id] = known
        return made


_WRITE: dict[RowKind, Callable[[Writer, Row, Told, Actor], int]] = {
    RowKind.MEETING: Writer._write_meeting,
    RowKind.REGISTRATION: Writer._write_registration,
    RowKind.INTRODUCTION: Writer._write_introduction,
    RowKind.PARTNERSHIP: Writer._write_partnership,
    RowKind.ACTIVITY: Writer._write_activity,
}
