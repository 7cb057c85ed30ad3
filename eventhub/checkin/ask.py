"""One question at the door: may this person enter (or leave)? The hot path of the whole house.

Two ways lead to the same rows. Most people are adults whom no other person's place concerns: one statement reads all
that concerns them, the rules judge, and one guarded write stores it. When somebody else was quicker the write does
nothing and the question is judged again, so that of two doors at once exactly one hears `admitted`; on PostgreSQL
``supposed`` makes one statement of both where it can. Whoever else's place matters for (children and their carers,
rooms with a capacity, merged persons, walk-ins, repeats, late scans) is answered the other way, under the meeting's
lock: see ``careful``.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from eventhub.badges.models import Badge
from eventhub.checkin import facts, rows
from eventhub.checkin.devices import DeviceFacts, DeviceRefusedError
from eventhub.checkin.direct import Direct, run
from eventhub.checkin.gather import id_of
from eventhub.checkin.known import Known, kept, known
from eventhub.checkin.models import Device, DoorClock, FirstEntry, Presence, Scan, Verdict
from eventhub.checkin.rules import State, Step, step
from eventhub.checkin.world import World
from eventhub.directory.models import Organisation, Person
from eventhub.meetings.models import Meeting
from eventhub.registration.columns import IS_CHILD
from eventhub.registration.models import Registration, RegistrationFact
from eventhub.safeguarding.models import Chaperoning, Consent, ConsentBy, Purpose

SIMPLE_KINDS = ("entry", "exit")


@dataclass(frozen=True, slots=True)
class Question:
    """A well-formed scan from a known device. ``raw`` is its content as sent."""

    device: DeviceFacts
    raw: Mapping[str, Any]
    scan: facts.Scan
    content_hash: str

    @classmethod
    def read(cls, device: DeviceFacts, raw: Mapping[str, Any]) -> "Question":
        return cls(device, raw, facts.Scan.read(str(device.id), raw), facts.content_hash(raw))

    @property
    def person_key(self) -> str:
        """Whom the scan names, as far as the scan itself says."""
        scan = self.scan
        if scan.kind == "void":
            return f"void:{scan.voids}"
        if scan.walk_in:
            return f"walkin:{scan.id}"
        return f"code:{scan.code}" if scan.code is not None else scan.person or ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the door hears, and what it shows of the person: `row` is the first row of the reading, if any."""

    scan_id: str
    verdict: str
    row: Any = None
    person: str = ""
    day: date | None = None


def scan_row(question: Question, person_key: str, now: datetime, put_aside: str = "") -> dict[str, Any]:
    """The scan as it is stored."""
    scan, raw = question.scan, question.raw
    return {
        "meeting_id": question.device.meeting_id,
        "device_id": question.device.id,
        "scan_id": scan.id,
        "checkpoint_id": int(scan.checkpoint) if scan.checkpoint == question.device.checkpoint else None,
        "kind": scan.kind,
        "t": scan.t,
        "person_key": person_key,
        "content": {name: value for name, value in raw.items() if name not in ("id", "told")},
        "content_hash": question.content_hash,
        "received_at": now,
        "put_aside": put_aside,
    }


def quick(connection: sa.Connection, question: Question, now: datetime) -> tuple[Answer, rows.Written] | None:
    """Judge a simple question by one reading: the answer and what is to be written. None when it needs care."""
    if not may_be_simple(question):
        return None
    about = kept(question.device.meeting_id)
    return judge(connection, question, about, read(connection, question, about), now)


def may_be_simple(question: Question) -> bool:
    """As far as the question itself says."""
    return question.scan.kind in SIMPLE_KINDS and not question.person_key.startswith("walkin:")


def judge(
    connection: sa.Connection | Direct, question: Question, about: Known, found: Sequence[Any], now: datetime
) -> tuple[Answer, rows.Written] | None:
    """By what was read: the answer and what is to be written. It is read again when what is kept of the door is old.
    None when it needs care."""
    device, scan = question.device, question.scan
    if found and (found[0].revoked_at is not None or found[0].key_hash != device.key_hash):
        raise DeviceRefusedError
    if not found or (found[0].door_version or 0, found[0].meeting_version) != about.version:
        about = known(device.meeting_id)
        found = read(connection, question, about)
    if not found or not _is_simple(question, about, found[0]):
        return None
    row = found[0]
    day = about.day(scan.t)
    if day is not None and row.presence_version is not None and not _in_order(row, scan):
        return None
    done = step(scan, None, *small(found, scan, about))
    answer = Answer(scan.id, str(done.verdict), row, row.person_key, day)
    return answer, written(question, about, done, row, day, now)


def read(connection: sa.Connection | Direct, question: Question, about: Known) -> Sequence[Any]:
    """All that concerns a simple scan, in one statement: one row per dated fact of the registration."""
    dialect = "postgresql" if isinstance(connection, Direct) else connection.dialect.name
    return run(connection, reading(question.scan.code is not None, dialect), asked(question, about))


def asked(question: Question, about: Known) -> dict[str, Any]:
    """What ``reading`` is to know of the question."""
    scan = question.scan
    return {
        "device": question.device.id,
        "meeting": question.device.meeting_id,
        "checkpoint": int(question.device.checkpoint),
        "scan_id": scan.id,
        "void_key": f"void:{scan.id}",
        "code": scan.code,
        "person_id": -1 if scan.code is not None else id_of(scan.person or "") or -1,
        "named": question.person_key,
        "day": about.day(scan.t) or date.min,
        "group": about.group(scan.checkpoint),
    }


def _is_simple(question: Question, about: Known, row: Any) -> bool:
    """Whether nobody else's place matters for this verdict, and nothing about this scan is known already."""
    scan = question.scan
    return not (
        row.verdict_id is not None
        or row.is_void
        or row.is_child
        or row.is_merged
        or row.cares
        or row.person_key in about.takers
        or about.group(scan.checkpoint) in about.capped
        or about.needs_sign_up(scan.checkpoint, scan.t)
    )


def _in_order(row: Any, scan: facts.Scan) -> bool:
    return (row.last_t, row.last_scan_id, str(row.last_device_id)) < scan.order


def small(found: Sequence[Any], scan: facts.Scan, about: Known) -> tuple[State, World]:
    """The state and the world as far as a simple scan goes."""
    row = found[0]
    person = row.person_key
    here = row.registration_id is not None and row.of_meeting == about.meeting_id
    confirmed = {person: _intervals(found)} if here else {}
    badges = {}
    if row.issued_at is not None:
        issued = facts.milliseconds(row.issued_at)
        ended = [facts.milliseconds(row.ended_at)] if row.ended_at is not None else []
        valid = facts.intervals([issued], ended, facts.EARLY_MS)
        badges[scan.code or ""] = facts.Badge(person, str(row.of_meeting), issued - facts.EARLY_MS, valid)
    state = State()
    if row.inside is not None:
        state.inside[person] = str(row.inside)
    if row.first_t is not None:
        state.let_in.add((scan.checkpoint, person))
    return state, about.world.about(badges=badges, confirmed=confirmed)


def _intervals(found: Sequence[Any]) -> tuple[facts.Interval, ...]:
    begins, ends = [], []
    for row in found:
        if row.fact is not None:
            (begins if row.fact == "confirmed" else ends).append(facts.milliseconds(row.fact_at))
    return facts.intervals(begins, ends, facts.EARLY_MS)


def written(question: Question, about: Known, done: Step, row: Any, day: date | None, now: datetime) -> rows.Written:
    """What an answered scan in order adds to the rows, after the step that was judged by ``row``."""
    scan, device, person = done.scan, question.device, row.person_key
    verdict = {
        "meeting_id": device.meeting_id,
        "device_id": device.id,
        "scan_id": scan.id,
        "answered": str(done.verdict),
        "verdict": str(done.verdict),
        "conflict": False,
    }
    stored = scan_row(question, person, now)
    if day is None:
        return rows.Written(stored, verdict)
    enters = done.effect.enters if done.effect is not None else None
    inside, since = row.inside, row.since_t or 0
    if done.effect is not None and done.effect.leaves:
        inside = None
    if enters is not None:
        inside, since = int(enters), scan.t
    place = rows.presence_row(device.meeting_id, day, about.group(scan.checkpoint), person)
    now_there = {"checkpoint_id": inside, "since_t": since, **_last(scan)}
    first = None
    if enters is not None and row.first_t is None:
        first = {
            "meeting_id": device.meeting_id,
            "checkpoint_id": int(enters),
            "day": day,
            "person_key": person,
            "t": scan.t,
            "device_id": device.id,
            "scan_id": scan.id,
        }
    return rows.Written(stored, verdict, {**place, **now_there}, row.presence_version or 0, first)


def _last(scan: facts.Scan) -> dict[str, Any]:
    return {"last_t": scan.t, "last_scan_id": scan.id, "last_device_id": int(scan.device)}


@cache
def reading(by_code: bool, dialect: str) -> Any:
    """Everything about one scan's code or person. Each table is reached by its key, in the order written here."""
    param = sa.bindparam
    named = param("named", type_=sa.String)
    key = sa.case((Person.id.is_not(None), sa.literal("p") + sa.cast(Person.id, sa.String)), else_=named)
    meeting = param("meeting", type_=sa.Integer)
    joined: Any = sa.join(Device, Meeting, Meeting.id == meeting)
    joined = joined.outerjoin(DoorClock, DoorClock.meeting_id == meeting)
    if by_code:
        joined = joined.outerjoin(Badge, Badge.code == param("code", type_=sa.String))
        joined = joined.outerjoin(Registration, Registration.id == Badge.registration_id)
    else:
        theirs = sa.and_(
            Registration.meeting_id == meeting, Registration.person_id == param("person_id", type_=sa.Integer)
        )
        joined = joined.outerjoin(Registration, theirs)
    day = param("day", type_=sa.Date)
    place = sa.and_(
        Presence.meeting_id == meeting,
        Presence.day == day,
        Presence.group_key == param("group", type_=sa.String),
        Presence.person_key == key,
    )
    first = sa.and_(
        FirstEntry.meeting_id == meeting,
        FirstEntry.checkpoint_id == param("checkpoint", type_=sa.Integer),
        FirstEntry.day == day,
        FirstEntry.person_key == key,
    )
    scan_id, device = param("scan_id", type_=sa.String), param("device", type_=sa.Integer)
    joined = (
        joined.outerjoin(Person, Person.id == Registration.person_id)
        .outerjoin(Organisation, Organisation.id == Registration.organisation_id)
        .outerjoin(Presence, place)
        .outerjoin(FirstEntry, first)
        .outerjoin(Verdict, sa.and_(Verdict.device_id == device, Verdict.scan_id == scan_id))
        .outerjoin(RegistrationFact, RegistrationFact.registration_id == Registration.id)
    )
    return sa.select(*_columns(key, by_code, dialect)).select_from(joined).where(Device.id == device)


def _columns(key: Any, by_code: bool, dialect: str) -> list[Any]:
    nothing = sa.null()
    return [
        Device.revoked_at.label("revoked_at"),
        Device.key_hash.label("key_hash"),
        DoorClock.version.label("door_version"),
        Meeting.version.label("meeting_version"),
        key.label("person_key"),
        (Badge.issued_at if by_code else nothing).label("issued_at"),
        (Badge.ended_at if by_code else nothing).label("ended_at"),
        *_of_person(dialect),
        sa.exists().where(Scan.person_key == sa.bindparam("void_key", type_=sa.String)).label("is_void"),
        Presence.checkpoint_id.label("inside"),
        Presence.since_t.label("since_t"),
        Presence.last_t.label("last_t"),
        Presence.last_scan_id.label("last_scan_id"),
        Presence.last_device_id.label("last_device_id"),
        Presence.version.label("presence_version"),
        FirstEntry.t.label("first_t"),
        FirstEntry.device_id.label("first_device_id"),
        Verdict.id.label("verdict_id"),
        Verdict.answered.label("answered"),
        RegistrationFact.fact.label("fact"),
        RegistrationFact.at.label("fact_at"),
    ]


def _of_person(dialect: str) -> list[Any]:
    merged = sa.orm.aliased(Person)
    is_merged = sa.or_(Person.merged_into_id.is_not(None), sa.exists().where(merged.merged_into_id == Person.id))
    meeting = sa.bindparam("meeting", type_=sa.Integer)
    cares = sa.exists().where(Chaperoning.adult_id == Person.id, Chaperoning.meeting_id == meeting)
    return [
        Registration.id.label("registration_id"),
        Registration.meeting_id.label("of_meeting"),
        Registration.role.label("role"),
        Registration.organisation_text.label("organisation_text"),
        Organisation.name.label("organisation"),
        Person.id.label("person_id"),
        Person.full_name.label("full_name"),
        Person.latin_name.label("latin_name"),
        Person.called.label("called"),
        Person.at_risk.label("at_risk"),
        IS_CHILD.label("is_child"),
        is_merged.label("is_merged"),
        cares.label("cares"),
        _photo_answers(dialect).label("photo_answers"),
    ]


def _photo_answers(dialect: str) -> Any:
    """The person's answers about photos as JSON: [[number, side, purpose, whether it still stands], …]."""
    one, all_ = (
        (sa.func.json_build_array, sa.func.json_agg)
        if dialect == "postgresql"
        else (sa.func.json_array, sa.func.json_group_array)
    )
    stands = sa.and_(Consent.answer, Consent.withdrawn_at.is_(None))
    answers = all_(one(Consent.id, sa.cast(Consent.by, sa.Text), sa.cast(Consent.purpose, sa.Text), stands))
    return (
        sa.select(sa.cast(answers, sa.Text))
        .where(
            Consent.person_id == Person.id,
            Consent.meeting_id == Registration.meeting_id,
            sa.or_(Consent.purpose == Purpose.PHOTO_PUBLIC, Consent.purpose == Purpose.PHOTO_INTERNAL),
        )
        .correlate(Person, Registration)
        .scalar_subquery()
    )


def photo_answers(row: Any) -> dict[tuple[ConsentBy, Purpose], bool]:
    """The answers about photos that count: the newest of each side for each purpose."""
    read = json.loads(row.photo_answers) if row.photo_answers else []
    return {(ConsentBy(side), Purpose(purpose)): bool(stands) for _, side, purpose, stands in sorted(read)}
