"""Questions whose answer rests on more than one person's rows: one at a time per meeting, under its lock.

Children and their carers, rooms with a capacity, sign-ups, merged persons, walk-ins, handovers, voids, repeats, and scans
that come later than others that they follow. The answer is judged by the state as it is now, even when the device's
clock says that the scan was earlier; what the rules make of the scan at its own time is then folded anew.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from eventhub import tasks
from eventhub.badges.models import Badge
from eventhub.checkin import ask, gather, rows, rules
from eventhub.checkin.ask import Answer, Question
from eventhub.checkin.devices import DeviceFacts, DeviceRefusedError
from eventhub.checkin.facts import Scan as Observed
from eventhub.checkin.known import Known, known
from eventhub.checkin.models import Device, DoorClock, FirstEntry, Presence, Scan, Told, Verdict
from eventhub.checkin.refold import Scope, refold
from eventhub.checkin.world import World
from eventhub.db import db
from eventhub.registration.models import Registration
from eventhub.safeguarding.models import Chaperoning

LONG = 3000  # scans of a day: more than that are folded by the worker
FACTS_LAG = timedelta(seconds=30)  # so much later than it is dated may a fact be committed, and still be seen
VOIDED = "voided"  # the wire's word for a void that was taken
Order = tuple[int, str, str]


def lock_meeting(connection: sa.Connection, meeting_id: int, now: datetime) -> Known:
    """Hold the meeting's door until the transaction ends; what is known of it then."""
    clock = connection.execute(
        sa.select(DoorClock.id).where(DoorClock.meeting_id == meeting_id).with_for_update()
    ).first()
    if clock is None:
        connection.execute(sa.insert(DoorClock), [{"meeting_id": meeting_id, "folded_at": now - FACTS_LAG}])
    return known(meeting_id)


def read_anew(connection: sa.Connection, meeting_id: int) -> None:
    """Let every process forget what it keeps of the meeting's door (``known``). The meeting is held already."""
    connection.execute(
        sa.update(DoorClock).where(DoorClock.meeting_id == meeting_id).values(version=DoorClock.version + 1)
    )


def answer(connection: sa.Connection, question: Question, now: datetime) -> Answer:
    """Answer one question, whatever it is about. Raises AgainError or IntegrityError when it has to be asked again."""
    about = lock_meeting(connection, question.device.meeting_id, now)
    check_key(connection, question.device)
    if question.scan.kind == "handover":  # from now on, that adult's exits concern a child
        read_anew(connection, about.meeting_id)
    before = _find_same(connection, question)
    if before:
        return _repeat(connection, question, about, before, now)
    if question.scan.kind == "void":
        return _void(connection, question, about, now)
    return _judge(connection, question, about, now)


def check_key(connection: sa.Connection, device: DeviceFacts) -> None:
    """Raises DeviceRefusedError when the device was revoked, or has another key, since its request was let in."""
    now = connection.execute(sa.select(Device.revoked_at, Device.key_hash).where(Device.id == device.id)).first()
    if now is None or now.revoked_at is not None or now.key_hash != device.key_hash:
        raise DeviceRefusedError


def _find_same(connection: sa.Connection, question: Question) -> list[Any]:
    return list(
        connection.execute(
            sa.select(Scan.kind, Scan.content_hash, Scan.person_key, Scan.put_aside, Scan.t.label("instant")).where(
                Scan.device_id == question.device.id, Scan.scan_id == question.scan.id
            )
        )
    )


def _repeat(connection: sa.Connection, question: Question, about: Known, before: list[Any], now: datetime) -> Answer:
    """The same answer again. Other content under the same name is kept aside, for a person to see."""
    scan = question.scan
    if all(row.content_hash != question.content_hash for row in before):
        key = resolve(connection, question)
        connection.execute(sa.insert(Scan), [{**ask.scan_row(question, key, now), "other": True}])
        fold_again(
            connection,
            about,
            {key, *(row.person_key for row in before)},
            days_of(about, [scan.t, *(row.instant for row in before)]),
            now,
        )
    stored = connection.execute(
        sa.select(Verdict.id, Verdict.answered, Verdict.verdict).where(
            Verdict.device_id == question.device.id, Verdict.scan_id == scan.id
        )
    ).first()
    verdict = (stored.answered or stored.verdict) if stored is not None else None
    if verdict is None:
        kinds = {row.kind for row in before}
        return Answer(scan.id, VOIDED if kinds == {"void"} else f"put_aside/{before[0].put_aside or 'voided'}")
    if stored.answered is None:
        connection.execute(sa.update(Verdict).where(Verdict.id == stored.id).values(answered=verdict))
    return Answer(scan.id, verdict, *_to_show(connection, question, about))


def _void(connection: sa.Connection, question: Question, about: Known, now: datetime) -> Answer:
    connection.execute(sa.insert(Scan), [ask.scan_row(question, question.person_key, now)])
    gone = undone(connection, about, [str(question.scan.voids)])
    if gone:
        fold_again(connection, about, {key for key, _ in gone}, days_of(about, [t for _, t in gone]), now)
    return Answer(question.scan.id, VOIDED)


def _judge(connection: sa.Connection, question: Question, about: Known, now: datetime) -> Answer:
    scan = question.scan
    key = resolve(connection, question)
    day = about.day(scan.t)
    pairs = list(_care(connection, about, day))
    circle = _circle(key, scan, pairs)
    merges = gather.list_merges(connection)
    people = gather.with_merged(_ids(circle), merges)
    world = gather.world_of(connection, about, people=people, codes=[scan.code] if scan.code else [])
    person = world.person_of(scan)
    circle = {world.canonical(k) for k in {*circle, *map(gather.key_of, people), person}}
    state, latest = _state(connection, about, world, scan, person, day, circle, pairs)
    late = latest is not None and latest > scan.order
    judged = replace(scan, t=max(scan.t, latest[0])) if late and latest is not None else scan
    row = _person_row(connection, about, scan, person, day)
    done = rules.step(judged, None, state, world)
    written = ask.written(question, about, replace(done, scan=scan), row, day, now)
    written = replace(written, scan={**written.scan, "person_key": key})
    apart = scan.walk_in or scan.kind == "handover" or _is_voided(connection, about, scan)
    if late or apart:
        verdict = {**written.verdict, "verdict": None}
        rows.write(connection, rows.Written(written.scan, verdict))
        fold_again(
            connection, about, {key, person, *([scan.with_] if scan.with_ else [])}, days_of(about, [scan.t]), now
        )
    else:
        rows.write(connection, written)
    return Answer(scan.id, str(done.verdict), *_to_show(connection, question, about))


def resolve(connection: sa.Connection, question: Question) -> str:
    """Whom a scan names, as far as is known now."""
    if question.scan.code is None:
        return question.person_key
    person = connection.scalar(
        sa.select(Registration.person_id)
        .join(Badge, Badge.registration_id == Registration.id)
        .where(Badge.code == question.scan.code)
    )
    return gather.key_of(person) if person is not None else question.person_key


def _ids(keys: Iterable[str]) -> set[int]:
    return {ident for key in keys if (ident := gather.id_of(key)) is not None}


def days_of(about: Known, instants: Iterable[int]) -> frozenset[date]:
    """The days of the meeting in which these instants lie."""
    return frozenset(day for t in instants if (day := about.day(t)) is not None)


# --- whom it concerns --------------------------------------------------------------------------------------------


def _care(connection: sa.Connection, about: Known, day: date | None) -> Iterable[tuple[str, str, Order | None]]:
    """(child, adult, order of the handover or None for a naming): everybody who answers, or answered, for a child."""
    named = connection.execute(
        sa.select(Chaperoning.child_id, Chaperoning.adult_id).where(Chaperoning.meeting_id == about.meeting_id)
    )
    for child, adult in named:
        yield gather.key_of(child), gather.key_of(adult), None
    if not about.takers or day is None:
        return
    heard: dict[tuple[int, str], tuple[Any, set[str]]] = {}
    said = connection.execute(
        sa.select(
            Scan.device_id,
            Scan.scan_id,
            Scan.t.label("instant"),
            Scan.content,
            Verdict.verdict,
            Verdict.answered,
            Told.verdict,
        )
        .join(Verdict, sa.and_(Verdict.device_id == Scan.device_id, Verdict.scan_id == Scan.scan_id))
        .outerjoin(Told, sa.and_(Told.device_id == Scan.device_id, Told.scan_id == Scan.scan_id))
        .where(Scan.meeting_id == about.meeting_id, Scan.kind == "handover", Verdict.verdict.is_not(None))
    )
    for row in said:
        if about.day(row.instant) == day:
            told = heard.setdefault((row.device_id, row.scan_id), (row, set()))[1]
            told.update([row[6]] if row[6] else [])
    for row, told in heard.values():
        word = rules.said(told, [row.answered] if row.answered else []) or row[4]
        if word == rules.Verdict.HANDED_OVER:
            yield row.content["person"], row.content["with"], (row.instant, row.scan_id, str(row.device_id))


def _circle(key: str, scan: Observed, pairs: list[tuple[str, str, Order | None]]) -> set[str]:
    """The person, who takes over, the children they answer for, and everybody who answers for those children."""
    asked = {key, *([scan.with_] if scan.with_ else [])}
    children = asked | {child for child, adult, _ in pairs if adult in asked}
    return children | {adult for child, adult, _ in pairs if child in children}


# --- the state before the scan -----------------------------------------------------------------------------------


def _state(
    connection: sa.Connection,
    about: Known,
    world: World,
    scan: Observed,
    person: str,
    day: date | None,
    circle: set[str],
    pairs: list[tuple[str, str, Order | None]],
) -> tuple[rules.State, Order | None]:
    """The state as it is now, as far as it concerns this scan, and the order of the latest scan that it rests on."""
    state = rules.State(walked_in=_walked_in(connection, about, world, person))
    if day is None:
        return state, None
    group, orders = about.group(scan.checkpoint), [order for *_, order in pairs if order is not None]
    here = (Presence.meeting_id == about.meeting_id, Presence.day == day, Presence.group_key == group)
    crowd = [] if group in about.capped else [Presence.person_key.in_(sorted(circle))]
    for row in connection.execute(sa.select(Presence.__table__).where(*here, *crowd)):
        orders.append((row.last_t, row.last_scan_id, str(row.last_device_id)))
        if row.checkpoint_id is not None:
            checkpoint = str(row.checkpoint_id)
            state.inside[row.person_key] = checkpoint
            state.counts[checkpoint] = state.counts.get(checkpoint, 0) + 1
            if world.is_child(row.person_key):
                state.children.add(row.person_key)
    for child, adult, order in pairs:
        if order is not None:
            state.taken.setdefault(world.canonical(child), set()).add(world.canonical(adult))
    entered = sa.select(FirstEntry.id).where(
        FirstEntry.checkpoint_id == int(scan.checkpoint), FirstEntry.day == day, FirstEntry.person_key == person
    )
    if connection.scalar(entered) is not None:
        state.let_in.add((scan.checkpoint, person))
    return state, max(orders, default=None)


def _walked_in(connection: sa.Connection, about: Known, world: World, person: str) -> dict[str, list[Any]]:
    """When the walk-in whom the scan names was registered, if it names one."""
    if not person.startswith("walkin:"):
        return {}
    made = connection.execute(
        sa.select(Scan.__table__).where(Scan.meeting_id == about.meeting_id, Scan.scan_id == person[7:])
    )
    found = [
        Observed.read(str(row.device_id), {**row.content, "id": row.scan_id})
        for row in made
        if not row.put_aside or row.counts_from
    ]
    return {person: [world.walk_in_registration(scan) for scan in found if scan.walk_in]}


def _person_row(connection: sa.Connection, about: Known, scan: Observed, person: str, day: date | None) -> Any:
    """The rows of the person at this place and day, named as the quick reading names them."""
    place = sa.and_(
        Presence.meeting_id == about.meeting_id,
        Presence.day == (day or date.min),
        Presence.group_key == about.group(scan.checkpoint),
        Presence.person_key == person,
    )
    first = sa.and_(
        FirstEntry.checkpoint_id == int(scan.checkpoint),
        FirstEntry.day == (day or date.min),
        FirstEntry.person_key == person,
    )
    one = sa.select(sa.literal(person).label("person_key")).subquery()
    return connection.execute(
        sa.select(
            one.c.person_key,
            Presence.checkpoint_id.label("inside"),
            Presence.since_t.label("since_t"),
            Presence.version.label("presence_version"),
            FirstEntry.t.label("first_t"),
        ).select_from(one.outerjoin(Presence, place).outerjoin(FirstEntry, first))
    ).one()


def _is_voided(connection: sa.Connection, about: Known, scan: Observed) -> bool:
    found = sa.select(Scan.id).where(Scan.person_key == f"void:{scan.id}", Scan.meeting_id == about.meeting_id)
    return connection.scalar(found.limit(1)) is not None


def _to_show(connection: sa.Connection, question: Question, about: Known) -> tuple[Any, str, date | None]:
    """What the door shows of the person: a row of the quick reading, when there is one."""
    found = ask.read(connection, question, about)
    row = found[0] if found else None
    return row, row.person_key if row is not None else "", about.day(question.scan.t)


# --- folding anew ------------------------------------------------------------------------------------------------


def undone(connection: sa.Connection, about: Known, ids: list[str]) -> list[tuple[str, int]]:
    """(person key, instant) of the scans that voids are about."""
    rows = connection.execute(
        sa.select(Scan.person_key, Scan.t.label("instant")).where(
            Scan.meeting_id == about.meeting_id, Scan.scan_id.in_(ids), Scan.kind != "void"
        )
    )
    return [(row.person_key, row.instant) for row in rows]


def fold_again(connection: sa.Connection, about: Known, keys: set[str], days: frozenset[date], now: datetime) -> None:
    """Fold what a late scan, a void or other content may have changed: now where it is short, else by the worker."""
    keys = _with_codes(connection, about, keys)
    if _alone(connection, about, keys):
        refold(connection, about, Scope(keys=frozenset(keys)))
        return
    if any(key.startswith("walkin:") for key in keys):
        days = frozenset(date.fromisoformat(day["day"]) for day in about.days)  # registered on every day from then on
    bounds = [(d.start, d.end) for d in about.world.days if date.fromisoformat(d.day) in days]
    count = connection.scalar(
        sa.select(sa.func.count())
        .select_from(Scan)
        .where(Scan.meeting_id == about.meeting_id, sa.or_(sa.false(), *(Scan.t.between(a, b) for a, b in bounds)))
    )
    if (count or 0) > LONG:
        want_refold(connection, about.meeting_id, now)
        return
    refold(connection, about, Scope(days=days))


def want_refold(connection: sa.Connection, meeting_id: int, now: datetime) -> None:
    """Note that the meeting is to be folded, and name the task once this is committed."""
    connection.execute(sa.update(DoorClock).where(DoorClock.meeting_id == meeting_id).values(refold_wanted_at=now))
    tasks.after_commit(db.session, tasks.CHECKIN_REFOLD, meeting_id)


def _with_codes(connection: sa.Connection, about: Known, keys: set[str]) -> set[str]:
    """Also the keys under which these persons' scans arrived: before their badge was issued, or before a merge."""
    ids = gather.with_merged(_ids(keys), gather.list_merges(connection))
    codes = connection.scalars(
        sa.select(Badge.code)
        .join(Registration, Registration.id == Badge.registration_id)
        .where(Registration.person_id.in_(sorted(ids)))
    )
    return {*keys, *map(gather.key_of, ids), *(f"code:{code}" for code in codes)}


def _alone(connection: sa.Connection, about: Known, keys: set[str]) -> bool:
    """Whether nobody else's place, and nobody's full room, has to do with these persons."""
    ids = sorted(_ids(keys))
    cared = sa.select(Chaperoning.id).where(
        Chaperoning.meeting_id == about.meeting_id,
        sa.or_(Chaperoning.adult_id.in_(ids), Chaperoning.child_id.in_(ids)),
    )
    children = sa.select(Registration.id).where(
        Registration.meeting_id == about.meeting_id, Registration.person_id.in_(ids), Registration.is_child
    )
    if about.capped or about.takers:
        return False
    return connection.scalar(cared.limit(1)) is None and connection.scalar(children.limit(1)) is None
