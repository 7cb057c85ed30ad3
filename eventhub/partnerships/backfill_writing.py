"""Importing one row of a list of past editions, once ``backfill_rows`` has decided what it means."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

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
from eventhub.networking.models import Introduction, IntroductionSource
from eventhub.partnerships import attendance, parts, service
from eventhub.partnerships.backfill_columns import RowKind
from eventhub.partnerships.backfill_rows import PastRows, Told
from eventhub.partnerships.models import Partnership
from eventhub.partnerships.models_import import ImportedFact
from eventhub.partnerships.states import PartnershipState
from eventhub.programme.models import Session
from eventhub.registration.models import Registration, Source
from eventhub.registration.states import RegistrationState

HELD = (MeetingState.OPEN, MeetingState.RUNNING, MeetingState.OVER, MeetingState.ARCHIVED)


class Writer:
    """Writes what the rows of one list mean; what was new in one row is known to the next."""

    def __init__(self, rows: PastRows) -> None:
        self.rows = rows
        self._stored: dict[int, int] = {}  # what stood for a row of the list, and is a record by now

    def prepare(self, told: Told, by: Actor) -> None:
        """Make the organisations and people of a row that are new; they stay also where the row itself is refused."""
        facts = told.facts
        if told.kind in (RowKind.REGISTRATION, RowKind.ATTENDANCE):
            facts["organisation"] = self._store_organisation(facts["organisation"], by)
            if facts["person"] is not None:
                facts["person"] = self._store_person(facts["person"], facts["organisation"], by)
        elif told.kind is RowKind.INTRODUCTION:
            organisations = [self._store_organisation(key, by) for key in facts.pop("organisations")]
            for name, organisation in zip(("a", "b", "introduced_by"), organisations, strict=False):
                facts[name] = self._store_person(facts[name], organisation, by)
        elif told.kind is RowKind.PARTNERSHIP:
            facts["parties"] = [self._store_organisation(key, by) for key in facts["parties"]]
            facts["focal"] = [
                self._store_person(key, organisation, by) if key is not None else None
                for key, organisation in zip(facts["focal"], facts["parties"], strict=True)
            ]
        else:
            self._prepare_part(facts.get("values", {}), by)

    def _prepare_part(self, values: dict[str, Any], by: Actor) -> None:
        if values.get("organisation") is not None:
            values["organisation"] = self._store_organisation(values["organisation"], by)
        if values.get("focal_person") is not None:
            values["focal_person"] = self._store_person(values["focal_person"], values["organisation"], by)
        if values.get("organisation_id") is not None:
            values["organisation_id"] = self._store_organisation(values["organisation_id"], by).id
        if "organisation_ids" in values:
            values["organisation_ids"] = [self._store_organisation(key, by).id for key in values["organisation_ids"]]

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
        """What the row says of its source, then the file and line; a session that no programme has stands there too."""
        said = row.values.get("source", "")[:1500]
        line = f"{self.rows.file_name}, line {row.number}"
        return f"{said} ({line})" if said else line

    def _told_session(self, row: Row, session_id: int | None) -> str:
        title = row.values.get("session", "")[:200]
        return f"; session as told: {title}" if title and session_id is None else ""

    def _write_meeting(self, row: Row, told: Told, by: Actor) -> int:
        facts = dict(told.facts)
        state = facts.pop("state")
        slug = meetings_service.slugify(facts["title"]) or f"meeting-{facts['year']}"
        taken = 1
        base = slug
        while meetings.slug_taken(slug):
            taken += 1
            slug = f"{base}-{taken}"
        assert self.rows.series is not None  # noqa: S101  (decided before)
        meeting = meetings_service.create(series=self.rows.series, slug=slug, by=by, **facts)
        for step in (state,) if state is MeetingState.CANCELLED else HELD:
            meetings_service.move(meeting, step, by=by)
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
                role=told.facts["role"], confirmed_at=now, followed_up_at=now,  # nobody is sent a ticket for a meeting of the past
            )  # fmt: skip
            db.session.add(found)
            db.session.flush()
        return found.id

    def _write_attendance(self, row: Row, told: Told, by: Actor) -> int:
        """Somebody, or somebody of an organisation, was there, says the list; the same said twice is one fact."""
        facts = told.facts
        if facts["person"] is not None:
            self._write_registration(row, told, by)
        return attendance.note(
            meeting=meetings.get_by_id(facts["meeting"]),
            organisation=facts["organisation"],
            person=facts["person"],
            counts=facts["counts"],
            source=self._source(row),
            by=by,
        ).id

    def _write_introduction(self, row: Row, told: Told, by: Actor) -> int:
        facts = told.facts
        made = networking.introduce(
            meeting=meetings.get_by_id(facts["meeting"]), a=facts["a"], b=facts["b"], topic=facts["topic"],
            introduced_by=facts["introduced_by"], session=self._session(facts["session"]),
            met_on=facts["met_on"], precision=facts["precision"], source=IntroductionSource.IMPORT,
            source_text=self._source(row) + self._told_session(row, facts["session"]), by=by,
        )  # fmt: skip
        return made.id

    def _session(self, ident: int | None) -> Session | None:
        return db.session.get(Session, ident) if ident is not None else None

    def _write_partnership(self, row: Row, told: Told, by: Actor) -> int:
        """The record as it is told, all of it reported; what the row leaves out is left unknown."""
        facts = dict(told.facts)
        meeting = meetings.get_by_id(facts["meeting"]) if facts["meeting"] else None
        source = self._source(row) + self._told_session(row, facts["session"])
        origin = {**facts["origin"], "stated_by": f"{facts['origin']['stated_by']}; {source}".removeprefix("; ")}
        made = service.create(
            parties=facts["parties"], focal=facts["focal"], title=facts["title"], summary=facts["summary"],
            meeting=meeting, by=by, **origin,
        )  # fmt: skip
        if facts["session"] is not None or facts["introduction"] is not None:
            came_from = db.session.get(Introduction, facts["introduction"]) if facts["introduction"] else None
            service.set_origin(made, session=self._session(facts["session"]), introduction=came_from, by=by)
        if facts["levels"] or facts["sensitivity"] is not made.sensitivity:
            service.change(made, levels=facts["levels"], sensitivity=facts["sensitivity"], by=by)
        for party, role in zip(list(made.parties), facts["roles"], strict=True):
            if role is not party.role:
                parts.change(made, "party", party.id, role=role, by=by)
        for theme in facts["themes"]:
            parts.add(made, "theme", by=by, **theme)
        if facts["place"] is not None:
            parts.add(made, "place", by=by, **facts["place"])
        for step in (PartnershipState.ACTIVE, facts["state"]):
            if facts["state"] is not PartnershipState.PROPOSED and made.state is not step:
                service.move(made, step, by=by)
        return made.id

    def _write_part(self, row: Row, told: Told, by: Actor) -> int:
        partnership = db.session.get(Partnership, told.facts["partnership"])
        if partnership is None:
            raise InvalidError(_("Partnership: its record is no longer there."))
        return int(parts.add(partnership, told.kind.value, by=by, **told.facts["values"]).id)

    def _write_party(self, row: Row, told: Told, by: Actor) -> int:
        """A party more; of one that is there already, what the row tells of it."""
        values, partnership = told.facts["values"], db.session.get(Partnership, told.facts["partnership"])
        here = partnership.parties if partnership is not None else []
        known = next((party for party in here if party.organisation_id == values["organisation"].id), None)
        if partnership is None or known is None:
            return self._write_part(row, told, by)
        said = {name: value for name, value in values.items() if value not in (None, Precision.UNKNOWN)}
        parts.change(partnership, "party", known.id, by=by, **said)
        return known.id

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
    RowKind.ATTENDANCE: Writer._write_attendance,
    RowKind.INTRODUCTION: Writer._write_introduction,
    RowKind.PARTNERSHIP: Writer._write_partnership,
    **{kind: Writer._write_part for kind in RowKind if kind.value in parts.PARTS},
    RowKind.PARTY: Writer._write_party,
}
