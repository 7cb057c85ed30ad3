"""The plain part of a batch, judged in one go: new scans of adults whom no other person's place concerns, in order.

The rows are those that folding would leave, without storing a scan first to read it again. Whoever is not so plain (a
child, a carer, a merged person, a late or voided scan, a full room) is left to the fold.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from eventhub.badges.models import Badge
from eventhub.checkin import bulk, facts, gather, rules
from eventhub.checkin.ask import SIMPLE_KINDS, Question
from eventhub.checkin.known import Known
from eventhub.checkin.models import FirstEntry, Presence, Scan, Verdict
from eventhub.checkin.world import World
from eventhub.directory.models import Person
from eventhub.registration.models import Registration, RegistrationFact
from eventhub.safeguarding.models import Chaperoning


@dataclass(frozen=True, slots=True)
class Code:
    """What a code of a batch names, whosever meeting it is."""

    key: str
    meeting: str
    issued: int
    ended: int | None


def read_codes(connection: sa.Connection, codes: set[str]) -> dict[str, Code]:
    """The issued ones of these codes."""
    rows = connection.execute(
        sa.select(Badge.code, Badge.issued_at, Badge.ended_at, Registration.person_id, Registration.meeting_id)
        .join(Registration, Registration.id == Badge.registration_id)
        .where(bulk.among(connection, Badge.code, sorted(codes)))
    )
    ms = facts.milliseconds
    return {
        row.code: Code(
            gather.key_of(row.person_id),
            str(row.meeting_id),
            ms(row.issued_at),
            ms(row.ended_at) if row.ended_at is not None else None,
        )
        for row in rows
    }


@dataclass(slots=True)
class _Rows:
    """What the plain scans leave."""

    verdicts: list[dict[str, Any]] = field(default_factory=list)
    firsts: list[dict[str, Any]] = field(default_factory=list)
    places: dict[tuple[date, str], dict[str, Any]] = field(default_factory=dict)  # (day, person) -> where they are now


def take(
    connection: sa.Connection, about: Known, fresh: Sequence[tuple[Question, str]], codes: Mapping[str, Code]
) -> dict[str, str]:
    """Judge and write the plain ones of ``fresh`` (new scans that count, each with its person); returns the verdicts by
    scan. Raises IntegrityError when another request wrote the same meanwhile."""
    by_person: dict[str, list[Question]] = defaultdict(list)
    for question, person in fresh:
        by_person[person].append(question)
    plain = {key: asked for key, asked in by_person.items() if _may_be_plain(about, asked)}
    confirmed = _read_people(connection, about, plain)
    plain = {key: asked for key, asked in plain.items() if key in confirmed}
    if not plain:
        return {}
    voided = _read_voided(connection, [q.scan.id for asked in plain.values() for q in asked])
    group = about.group(next(iter(plain.values()))[0].device.checkpoint)
    held = _hold_places(connection, about, group, plain)
    plain = {
        key: asked
        for key, asked in plain.items()
        if not any(q.scan.id in voided for q in asked) and _in_order(about, held, key, asked)
    }
    firsts = _read_firsts(connection, about, plain)
    rows = _Rows()
    world = about.world.about(badges=_badges(codes), confirmed=confirmed)
    for key, asked in plain.items():
        _judge(rows, about, world, key, asked, held, firsts)
    _write(connection, about, group, rows, held)
    return {row["scan_id"]: row["verdict"] for row in rows.verdicts}


def _may_be_plain(about: Known, asked: Sequence[Question]) -> bool:
    """As far as the scans themselves say."""
    return all(
        q.scan.kind in SIMPLE_KINDS
        and not q.scan.walk_in
        and q.person_key not in about.takers
        and about.group(q.scan.checkpoint) not in about.capped
        and not about.needs_sign_up(q.scan.checkpoint, q.scan.t)
        for q in asked
    )


def _read_people(connection: sa.Connection, about: Known, keys: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    """When each plain person was registered here, by key; nobody who is a child, answers for one, or was merged."""
    merged = sa.orm.aliased(Person)
    ids = {ident for key in keys if key not in about.takers and (ident := gather.id_of(key)) is not None}
    rows = connection.execute(
        sa.select(Registration.person_id, RegistrationFact.fact, RegistrationFact.at)
        .join(Person, Person.id == Registration.person_id)
        .outerjoin(RegistrationFact, RegistrationFact.registration_id == Registration.id)
        .where(
            Registration.meeting_id == about.meeting_id,
            bulk.among(connection, Registration.person_id, sorted(ids)),
            ~Registration.is_child,
            ~Person.is_child,
            Person.merged_into_id.is_(None),
            ~sa.exists().where(merged.merged_into_id == Person.id),
            ~sa.exists().where(Chaperoning.adult_id == Person.id, Chaperoning.meeting_id == about.meeting_id),
        )
    )
    times: dict[str, tuple[list[int], list[int]]] = {}
    for person_id, fact, at in rows:
        begins, ends = times.setdefault(gather.key_of(person_id), ([], []))
        if fact is not None:
            (begins if fact == "confirmed" else ends).append(facts.milliseconds(at))
    return {key: facts.intervals(begins, ends, facts.EARLY_MS) for key, (begins, ends) in times.items()}


def _read_voided(connection: sa.Connection, ids: Sequence[str]) -> set[str]:
    voids = bulk.among(connection, Scan.person_key, [f"void:{ident}" for ident in ids])
    return {key[5:] for key in connection.scalars(sa.select(Scan.person_key).where(voids))}


def _hold_places(
    connection: sa.Connection, about: Known, group: str, keys: Mapping[str, Any]
) -> dict[tuple[date, str], Any]:
    """The persons' rows in the device's group, held until the transaction ends."""
    rows = connection.execute(
        sa.select(Presence.__table__)
        .where(
            Presence.meeting_id == about.meeting_id,
            Presence.group_key == group,
            bulk.among(connection, Presence.person_key, sorted(keys)),
        )
        .order_by(Presence.id)
        .with_for_update()
    )
    return {(row.day, row.person_key): row for row in rows}


def _in_order(about: Known, held: Mapping[tuple[date, str], Any], key: str, asked: Sequence[Question]) -> bool:
    """Whether no later scan of the person is known in the days of these."""
    for question in asked:
        day = about.day(question.scan.t)
        row = held.get((day, key)) if day is not None else None
        if row is not None and (row.last_t, row.last_scan_id, str(row.last_device_id)) >= question.scan.order:
            return False
    return True


def _read_firsts(connection: sa.Connection, about: Known, plain: Mapping[str, Sequence[Question]]) -> set[Any]:
    """(day, person) that have a first entry at the device's checkpoint."""
    checkpoints = {int(q.device.checkpoint) for asked in plain.values() for q in asked}
    rows = connection.execute(
        sa.select(FirstEntry.day, FirstEntry.person_key).where(
            FirstEntry.meeting_id == about.meeting_id,
            FirstEntry.checkpoint_id.in_(checkpoints),
            bulk.among(connection, FirstEntry.person_key, sorted(plain)),
        )
    )
    return {(row.day, row.person_key) for row in rows}


def _badges(codes: Mapping[str, Code]) -> dict[str, facts.Badge]:
    return {
        code: facts.Badge(
            found.key,
            found.meeting,
            found.issued - facts.EARLY_MS,
            facts.intervals([found.issued], [] if found.ended is None else [found.ended], facts.EARLY_MS),
        )
        for code, found in codes.items()
    }


def _judge(
    rows: _Rows,
    about: Known,
    world: World,
    key: str,
    asked: Sequence[Question],
    held: Mapping[tuple[date, str], Any],
    firsts: set[tuple[date, str]],
) -> None:
    """One person's scans, one after the other, each in the picture of those before it."""
    for question in sorted(asked, key=lambda q: q.scan.order):
        scan, day = question.scan, about.day(question.scan.t)
        here = rows.places.get((day, key)) if day is not None else None
        if day is not None and here is None:
            row = held.get((day, key))
            here = {
                "checkpoint_id": row.checkpoint_id if row is not None else None,
                "since_t": row.since_t if row is not None else 0,
            }
            rows.places[day, key] = here
        state = rules.State()
        if here is not None and here["checkpoint_id"] is not None:
            state.inside[key] = str(here["checkpoint_id"])
        if day is not None and (day, key) in firsts:
            state.let_in.add((scan.checkpoint, key))
        told = question.raw.get("told")
        done = rules.step(scan, rules.said([told] if told else [], []), state, world)
        names = {"meeting_id": about.meeting_id, "device_id": question.device.id, "scan_id": scan.id}
        rows.verdicts.append({**names, "verdict": str(done.verdict), "conflict": done.conflict})
        if day is None or here is None:
            continue
        here.update(last_t=scan.t, last_scan_id=scan.id, last_device_id=question.device.id)
        if done.effect is not None and done.effect.leaves:
            here["checkpoint_id"] = None
        if done.effect is not None and done.effect.enters is not None:
            here.update(checkpoint_id=int(scan.checkpoint), since_t=scan.t)
            if (day, key) not in firsts:
                firsts.add((day, key))
                place = {"checkpoint_id": int(scan.checkpoint), "day": day, "person_key": key, "t": scan.t}
                rows.firsts.append({**names, **place})


def _write(
    connection: sa.Connection, about: Known, group: str, rows: _Rows, held: Mapping[tuple[date, str], Any]
) -> None:
    bulk.insert(connection, Verdict, rows.verdicts)
    bulk.insert(connection, FirstEntry, rows.firsts)
    new, known = [], []
    for (day, key), here in rows.places.items():
        row = held.get((day, key))
        if row is None:
            place = {"meeting_id": about.meeting_id, "day": day, "group_key": group, "person_key": key}
            new.append({**place, **here, "version": 1})
        else:
            known.append({"of": row.id, **here})
    bulk.insert(connection, Presence, new)
    if known:
        table = Presence.__table__
        names = [name for name in known[0] if name != "of"]
        put = sa.update(table).where(table.c.id == sa.bindparam("of"))
        values = {name: sa.bindparam(name) for name in names}
        connection.execute(put.values({**values, "version": table.c.version + 1}), known)
