"""Where every child is now, and the adults who answer for it: from presence, namings and handovers of the day.

Only for pages of who may see children. A child is shown by its chosen name.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from eventhub import clock
from eventhub.checkin import gather, rules
from eventhub.checkin.facts import milliseconds
from eventhub.checkin.known import Known
from eventhub.checkin.models import Presence, Scan, Told, Verdict
from eventhub.db import db
from eventhub.directory.models import Person
from eventhub.errors import NotFoundError
from eventhub.registration import queries as registrations
from eventhub.registration.models import Registration
from eventhub.registration.states import IN_FORCE
from eventhub.safeguarding import queries as safeguarding
from eventhub.safeguarding.models import ChaperoneRole, Chaperoning, Departure, SafeReturn
from eventhub.waits import count_of


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where somebody is inside, in one group of checkpoints. Times are ms since 1970."""

    group: str
    checkpoint_id: int
    checkpoint: str
    since: int


@dataclass(frozen=True, kw_only=True)
class Exit:
    """A scan by which somebody left."""

    scan: tuple[int, str]  # (device, id)
    at: int


@dataclass(frozen=True, kw_only=True)
class Carer:
    """An adult who answers for the child, by naming or by a handover of today."""

    person: Person
    word: str  # adult | deputy | took_over
    places: tuple[Place, ...] = ()

    def is_in(self, group: str) -> bool:
        return any(place.group == group for place in self.places)


@dataclass(frozen=True, kw_only=True)
class ChildNow:
    registration: Registration
    places: tuple[Place, ...] = ()  # where it is
    carers: tuple[Carer, ...] = ()
    exit: Exit | None = None  # the last one of the day
    departure: Departure | None = None  # with whom it left then
    safe: dict[date | None, SafeReturn] = field(default_factory=dict)

    @property
    def left(self) -> Exit | None:
        """The exit, when the child is nowhere inside."""
        return None if self.places else self.exit

    @property
    def is_alone(self) -> bool:
        """Inside somewhere with none of its adults there."""
        return any(not any(carer.is_in(place.group) for carer in self.carers) for place in self.places)


def list_children(about: Known) -> list[ChildNow]:
    """Every child of the meeting, by name, as things are today; the same number of statements for any number."""
    meeting_id, day = about.meeting_id, about.day(milliseconds(clock.now()))
    found = registrations.list_children(meeting_id)
    ids = [row.person_id for row in found]
    carers = safeguarding.carers(ids, meeting_id)
    taken = _handovers(meeting_id, day, about)
    takers = {ident for pairs in taken.values() for ident in pairs}
    people = {row.adult_id: row.adult for rows in carers.values() for row in rows}
    missing = takers - people.keys()
    if missing:
        people |= {p.id: p for p in db.session.scalars(sa.select(Person).where(Person.id.in_(missing)))}
    places = _places(meeting_id, day, about, {*ids, *people})
    exits = _exits(meeting_id, day, about, ids)
    departures, returns = safeguarding.departures(meeting_id), safeguarding.safe_returns(meeting_id)
    children = []
    for row in found:
        gone = exits.get(row.person_id)
        named = carers.get(row.person_id, [])
        children.append(
            ChildNow(
                registration=row,
                places=places.get(row.person_id, ()),
                carers=tuple(_carers(named, taken.get(row.person_id, []), people, places)),
                exit=gone,
                departure=departures.get(gone.scan) if gone is not None else None,
                safe={d: each for (ident, d), each in returns.items() if ident == row.person_id},
            )
        )
    return children


def get_child(about: Known, registration_id: int) -> ChildNow:
    """One of them; raises NotFoundError."""
    for child in list_children(about):
        if child.registration.id == registration_id:
            return child
    raise NotFoundError


def _carers(
    named: list[Chaperoning], taken: list[int], people: dict[int, Person], places: dict[int, tuple[Place, ...]]
) -> list[Carer]:
    words = {row.adult_id: "deputy" if row.role is ChaperoneRole.DEPUTY else "adult" for row in named}
    words |= {ident: "took_over" for ident in taken if ident not in words}
    return [
        Carer(person=people[ident], word=word, places=places.get(ident, ()))
        for ident, word in words.items()
        if ident in people
    ]


def _places(meeting_id: int, day: date | None, about: Known, ids: set[int]) -> dict[int, tuple[Place, ...]]:
    """Where these people are inside on this day, the latest first."""
    if day is None:
        return {}
    rows = db.session.scalars(
        sa.select(Presence)
        .where(Presence.meeting_id == meeting_id, Presence.day == day, Presence.checkpoint_id.is_not(None))
        .where(Presence.person_key.in_([gather.key_of(ident) for ident in ids]))
        .order_by(Presence.since_t.desc())
    )
    found: dict[int, tuple[Place, ...]] = {}
    for row in rows:
        ident, name = gather.id_of(row.person_key) or 0, about.names.get(str(row.checkpoint_id), "")
        place = Place(group=row.group_key, checkpoint_id=row.checkpoint_id or 0, checkpoint=name, since=row.since_t)
        found[ident] = (*found.get(ident, ()), place)
    return found


def _exits(meeting_id: int, day: date | None, about: Known, ids: list[int]) -> dict[int, Exit]:
    """The last exit of each of these people on this day that took them out."""
    rows = db.session.execute(
        sa.select(Scan.device_id, Scan.scan_id, Scan.t.label("instant"), Scan.person_key)
        .join(Verdict, sa.and_(Verdict.device_id == Scan.device_id, Verdict.scan_id == Scan.scan_id))
        .where(Scan.meeting_id == meeting_id, Scan.kind == "exit", Verdict.verdict == str(rules.Verdict.LEFT))
        .where(Scan.person_key.in_([gather.key_of(ident) for ident in ids]))
        .order_by(Scan.t)
    )
    return {
        gather.id_of(row.person_key) or 0: Exit(scan=(row.device_id, row.scan_id), at=row.instant)
        for row in rows
        if about.day(row.instant) == day
    }


def _handovers(meeting_id: int, day: date | None, about: Known) -> dict[int, list[int]]:
    """Who took over whom on this day, as it was told: child -> adults."""
    said: dict[tuple[int, str], tuple[Any, set[str]]] = {}
    rows = db.session.execute(
        sa.select(
            Scan.device_id, Scan.scan_id, Scan.t.label("instant"), Scan.content, Verdict.verdict, Verdict.answered
        )
        .add_columns(Told.verdict.label("told"))
        .join(Verdict, sa.and_(Verdict.device_id == Scan.device_id, Verdict.scan_id == Scan.scan_id))
        .outerjoin(Told, sa.and_(Told.device_id == Scan.device_id, Told.scan_id == Scan.scan_id))
        .where(Scan.meeting_id == meeting_id, Scan.kind == "handover", Verdict.verdict.is_not(None))
        .order_by(Scan.t)
    )
    for row in rows:
        if about.day(row.instant) == day:
            said.setdefault((row.device_id, row.scan_id), (row, set()))[1].update([row.told] if row.told else [])
    taken: dict[int, list[int]] = {}
    for row, told in said.values():
        heard = rules.said(told, [row.answered] if row.answered else []) or row.verdict
        child, adult = gather.id_of(row.content["person"]), gather.id_of(row.content["with"])
        if heard == rules.Verdict.HANDED_OVER and child is not None and adult is not None:
            taken.setdefault(child, []).append(adult)
    return taken


def list_adults_inside(meeting_id: int, day: date | None, group: str) -> list[Person]:
    """The adults who are inside a group of checkpoints now, by name: any of them may take over a child."""
    if day is None:
        return []
    keys = db.session.scalars(
        sa.select(Presence.person_key).where(
            Presence.meeting_id == meeting_id,
            Presence.day == day,
            Presence.group_key == group,
            Presence.checkpoint_id.is_not(None),
        )
    )
    ids = {ident for key in keys if (ident := gather.id_of(key)) is not None}
    child = sa.exists().where(
        Registration.person_id == Person.id, Registration.meeting_id == meeting_id, Registration.is_child
    )
    return list(
        db.session.scalars(
            sa.select(Person)
            .where(Person.id.in_(ids), Person.is_child.is_(False), ~child)
            .order_by(Person.sort_key, Person.id)
        )
    )


def count_not_home(meeting_id: int) -> sa.ScalarSelect[int]:
    """Children who were there and of whom nobody has said yet that they are home, as a part of a statement."""
    there = sa.select(Presence.person_key).where(Presence.meeting_id == meeting_id, Presence.since_t != 0)
    home = sa.exists().where(
        SafeReturn.meeting_id == meeting_id,
        SafeReturn.child_id == Registration.person_id,
        SafeReturn.day.is_(None),
        SafeReturn.withdrawn_at.is_(None),
    )
    key = sa.literal("p") + sa.cast(Registration.person_id, sa.String)
    return count_of(
        Registration,
        Registration.meeting_id == meeting_id,
        Registration.is_child,
        Registration.state.in_(IN_FORCE),
        key.in_(there),
        ~home,
    )
