"""Who was at a past meeting, as lists of the time say: known without scans, and only as exactly as they say it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from eventhub import audit
from eventhub.audit import Actor
from eventhub.db import db, lock
from eventhub.directory import queries as directory
from eventhub.directory.models import Organisation, Person
from eventhub.errors import InvalidError
from eventhub.meetings.models import Meeting
from eventhub.partnerships.models_import import PastAttendance

NUMBERS = {"adult": "adults", "young": "young", "child": "children"}


@dataclass
class Came:
    """An organisation that was there: how many of its people are known by name, and how many there were at least."""

    organisation: Organisation
    named: int = 0
    adults: int | None = None
    young: int | None = None
    children: int | None = None
    sources: list[str] = field(default_factory=list)

    @property
    def at_least(self) -> int | None:
        """The least number of people; None where neither names nor numbers are known."""
        told = [n for n in (self.adults, self.young, self.children) if n is not None]
        return max(self.named, sum(told)) if told or self.named else None


def note(
    *,
    meeting: Meeting,
    organisation: Organisation,
    by: Actor,
    person: Person | None = None,
    counts: Mapping[str, int] | None = None,
    source: str = "",
) -> PastAttendance:
    """Keep that somebody was there; said twice is one fact, whose gaps are filled. Raises InvalidError for a child.

    ``counts`` are people by age ("adult", "young", "child"); an age that is missing is unknown.
    """
    organisation = directory.canonical(organisation)
    person = directory.canonical(person) if person is not None else None
    if person is not None and person.is_child:
        raise InvalidError(_("Children are never imported by name. Write how many there were."))
    lock(Meeting, meeting.id)
    row = db.session.scalar(
        sa.select(PastAttendance).where(
            PastAttendance.meeting_id == meeting.id,
            PastAttendance.organisation_id == organisation.id,
            PastAttendance.person_id == person.id if person is not None else PastAttendance.person_id.is_(None),
        )
    )
    if row is None:
        row = PastAttendance(
            meeting_id=meeting.id, organisation=organisation, person_id=person.id if person else None, source=source
        )
        db.session.add(row)
    for age, n in (counts or {}).items():
        if getattr(row, NUMBERS[age]) is None:
            setattr(row, NUMBERS[age], n)
    db.session.flush()
    audit.record(by, "noted", row, meeting_id=meeting.id)
    return row


def list_came(meeting_ids: Iterable[int]) -> list[Came]:
    """Every organisation that lists of the time name, by its name; one that was merged counts as the one it is now.

    No person is named here, so that nobody at risk is; a fixed number of queries.
    """
    rows = db.session.scalars(
        sa.select(PastAttendance)
        .where(PastAttendance.meeting_id.in_(list(meeting_ids)))
        .options(joinedload(PastAttendance.organisation))
        .order_by(PastAttendance.id)
    ).all()
    found: dict[int, Came] = {}
    people: set[tuple[int, int]] = set()
    for row in rows:
        organisation = directory.canonical(row.organisation)
        came = found.setdefault(organisation.id, Came(organisation))
        if row.person_id is not None and (organisation.id, row.person_id) not in people:
            people.add((organisation.id, row.person_id))
            came.named += 1
        for name in NUMBERS.values():
            told = getattr(row, name)
            if told is not None and row.person_id is None:
                setattr(came, name, max(getattr(came, name) or 0, told))
        if row.source and row.source not in came.sources:
            came.sources.append(row.source)
    return sorted(found.values(), key=lambda came: came.organisation.name.casefold())


def is_known(meeting: Meeting) -> bool:
    """Whether any list tells who was there."""
    return (
        db.session.scalar(sa.select(PastAttendance.id).where(PastAttendance.meeting_id == meeting.id).limit(1))
        is not None
    )
