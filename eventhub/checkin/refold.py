"""Folds stored facts anew and makes the kept rows equal to the outcome. Doing it twice equals once.

A scope is some persons over all days (where nobody else's place matters to them), some days, or everything. The rows
are read before the scans, and the persons' rows are held: a question that is answered meanwhile either waits and judges
again, or inserts rows that make this run fail and be repeated.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from eventhub.checkin import gather
from eventhub.checkin.facts import Scan as Observed
from eventhub.checkin.fold import Name, walk
from eventhub.checkin.known import Known
from eventhub.checkin.models import FirstEntry, Presence, Scan, Verdict
from eventhub.checkin.world import World

Place = tuple[date, str, str]  # day, group, person
First = tuple[date, str, str]  # day, checkpoint, person


@dataclass(frozen=True, slots=True)
class Scope:
    """Which part of a meeting to fold; nothing given is everything."""

    keys: frozenset[str] | None = None
    days: frozenset[date] | None = None

    def of_rows(self, table: Any) -> list[Any]:
        """The condition on presence or first entries."""
        if self.keys is not None:
            return [table.person_key.in_(sorted(self.keys))]
        return [] if self.days is None else [table.day.in_(sorted(self.days))]

    def of_scans(self, known: Known) -> list[Any]:
        """The condition on scans. Days take in the walk-ins of other days, who are registered on these, and what lies
        outside all days and is on no list."""
        if self.keys is not None:
            return [Scan.person_key.in_(sorted(self.keys))]
        if self.days is None:
            return []
        other = [d for d in known.world.days if date.fromisoformat(d.day) not in self.days]
        walk_in = Scan.person_key.like("walkin:%")
        outside = sa.and_(sa.true(), *(sa.not_(sa.and_(Scan.t >= d.start, Scan.t < d.end)) for d in other))
        return [sa.or_(walk_in, Scan.kind == "void", outside)]

    def holds(self, known: Known, world: World, scan: Observed) -> bool:
        """Whether a scan that was read for the pass is also in the part whose rows are written."""
        if self.keys is not None:
            return world.person_of(scan) in self.keys
        return _in_days(known, self.days, scan.t)


def _in_days(known: Known, days: frozenset[date] | None, t: int) -> bool:
    day = known.day(t)
    return days is None or day is None or day in days


@dataclass(slots=True)
class Picture:
    """The rows as the facts would have them."""

    places: dict[Place, dict[str, Any]] = field(default_factory=dict)
    firsts: dict[First, dict[str, Any]] = field(default_factory=dict)
    verdicts: dict[Name, tuple[str, bool]] = field(default_factory=dict)
    elsewhere: set[Name] = field(default_factory=set)  # read, but what counts of them lies outside the scope


def refold(connection: sa.Connection, known: Known, scope: Scope) -> None:
    """Make the rows of a scope equal to the pure pass. Raises IntegrityError when others wrote there meanwhile."""
    held = connection.execute(
        sa.select(Presence.__table__)
        .where(Presence.meeting_id == known.meeting_id, *scope.of_rows(Presence))
        .order_by(Presence.id)
        .with_for_update()
    ).all()
    firsts = connection.execute(
        sa.select(FirstEntry.__table__).where(FirstEntry.meeting_id == known.meeting_id, *scope.of_rows(FirstEntry))
    ).all()
    conditions = scope.of_scans(known)
    verdicts = _verdicts(connection, known, conditions)
    wanted = _fold(connection, known, scope, conditions)
    _write_places(connection, known, held, wanted.places)
    _write_firsts(connection, known, firsts, wanted.firsts)
    mine = {name: row for name, row in verdicts.items() if name not in wanted.elsewhere}
    _write_verdicts(connection, known, mine, wanted.verdicts)


def _verdicts(connection: sa.Connection, known: Known, conditions: list[Any]) -> dict[Name, Any]:
    both = sa.join(Verdict, Scan, sa.and_(Verdict.device_id == Scan.device_id, Verdict.scan_id == Scan.scan_id))
    rows = connection.execute(
        sa.select(Verdict.__table__).select_from(both).where(Scan.meeting_id == known.meeting_id, *conditions)
    )
    return {(str(row.device_id), row.scan_id): row for row in rows}


def _fold(connection: sa.Connection, known: Known, scope: Scope, conditions: list[Any]) -> Picture:
    if scope.keys is not None:
        ids = connection.scalars(sa.select(Scan.scan_id).where(Scan.meeting_id == known.meeting_id, *conditions))
        voids = {f"void:{scan_id}" for scan_id in ids}
        conditions = [Scan.person_key.in_(sorted(scope.keys | voids))]
    stored = gather.stored(connection, known.meeting_id, *_with_other_contents(conditions))
    codes = {scan.code for scan in stored.scans if scan.code is not None}
    people = None
    if scope.keys is not None:
        people = {ident for key in scope.keys if (ident := gather.id_of(key)) is not None}
    world = gather.world_of(connection, known, people=people, codes=codes)
    picture = Picture()
    for done in walk(stored, world):
        if scope.holds(known, world, done.scan):
            _note(picture, known, world, done)
        else:
            picture.elsewhere.add(done.scan.name)
    return picture


def _with_other_contents(conditions: list[Any]) -> list[Any]:
    """Also the other contents under the names of these scans, wherever they lie: one of all counts."""
    if not conditions:
        return []
    here = sa.select(Scan.device_id, Scan.scan_id).where(*conditions).subquery()
    same = sa.exists().where(here.c.device_id == Scan.device_id, here.c.scan_id == Scan.scan_id)
    return [sa.or_(sa.and_(*conditions), same)]


def _note(picture: Picture, known: Known, world: World, done: Any) -> None:
    scan: Observed = done.scan
    picture.verdicts[scan.name] = (str(done.verdict), done.conflict)
    day = known.day(scan.t)
    if day is None:
        return
    person = world.person_of(scan)
    row = picture.places.setdefault((day, known.group(scan.checkpoint), person), {"checkpoint_id": None, "since_t": 0})
    row.update(last_t=scan.t, last_scan_id=scan.id, last_device_id=int(scan.device))
    if done.effect is None:
        return
    if done.effect.leaves:
        row["checkpoint_id"] = None
    if done.effect.enters is not None:
        row.update(checkpoint_id=int(done.effect.enters), since_t=scan.t)
        first = {"t": scan.t, "device_id": int(scan.device), "scan_id": scan.id}
        picture.firsts.setdefault((day, done.effect.enters, person), first)


_NOBODY = {"checkpoint_id": None, "since_t": 0, "last_t": 0, "last_scan_id": "", "last_device_id": 0}


def _write_places(
    connection: sa.Connection, known: Known, held: Collection[Any], wanted: Mapping[Place, dict[str, Any]]
) -> None:
    """A person's row is emptied, never deleted: its version must go on for whoever judges by it now."""
    missing = dict(wanted)
    for row in held:
        values = missing.pop((row.day, row.group_key, row.person_key), _NOBODY)
        if any(getattr(row, name) != value for name, value in values.items()):
            connection.execute(
                sa.update(Presence).where(Presence.id == row.id).values(**values, version=Presence.version + 1)
            )
    if missing:
        connection.execute(
            sa.insert(Presence),
            [
                {"meeting_id": known.meeting_id, "day": d, "group_key": g, "person_key": p, "version": 1, **values}
                for (d, g, p), values in missing.items()
            ],
        )


def _write_firsts(
    connection: sa.Connection, known: Known, rows: Collection[Any], wanted: Mapping[First, dict[str, Any]]
) -> None:
    missing, gone = dict(wanted), []
    for row in rows:
        values = missing.pop((row.day, str(row.checkpoint_id), row.person_key), None)
        if values is None:
            gone.append(row.id)
        elif any(row._mapping[name] != value for name, value in values.items()):
            connection.execute(sa.update(FirstEntry).where(FirstEntry.id == row.id).values(**values))
    if gone:
        connection.execute(sa.delete(FirstEntry).where(FirstEntry.id.in_(gone)))
    if missing:
        connection.execute(
            sa.insert(FirstEntry),
            [
                {"meeting_id": known.meeting_id, "day": d, "checkpoint_id": int(c), "person_key": p, **values}
                for (d, c, p), values in missing.items()
            ],
        )


def _write_verdicts(
    connection: sa.Connection, known: Known, rows: Mapping[Name, Any], wanted: Mapping[Name, tuple[str, bool]]
) -> None:
    for name, row in rows.items():
        verdict, conflict = wanted.get(name, (None, False))
        if (row.verdict, row.conflict) != (verdict, conflict):
            connection.execute(
                sa.update(Verdict).where(Verdict.id == row.id).values(verdict=verdict, conflict=conflict)
            )
    missing = [
        {"meeting_id": known.meeting_id, "device_id": int(d), "scan_id": i, "verdict": verdict, "conflict": conflict}
        for (d, i), (verdict, conflict) in wanted.items()
        if (d, i) not in rows
    ]
    if missing:
        insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        put = insert(Verdict)
        connection.execute(
            put.on_conflict_do_update(
                index_elements=["device_id", "scan_id"],
                set_={"verdict": put.excluded.verdict, "conflict": put.excluded.conflict},
            ),
            missing,
        )
