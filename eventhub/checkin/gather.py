"""The dated facts that lower features keep (registrations, badges, sign-ups, named adults, merges), in the form of the
door's protocol, and the scans with what was said at each.

Nothing is decided here: `World` and `store` do that. Persons are named ``p<id>``.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from eventhub.badges.models import Badge, BadgeState
from eventhub.checkin.fold import Stored, store
from eventhub.checkin.known import Known
from eventhub.checkin.models import Device, Scan, Settlement, Told, Verdict
from eventhub.checkin.world import World
from eventhub.directory.models import Person
from eventhub.programme.models import SignUp
from eventhub.registration.models import Registration, RegistrationFact
from eventhub.safeguarding.models import Chaperoning

Fact = dict[str, Any]
MOST_NAMED = 500  # in one IN (…): more than that, and all are read


def key_of(person_id: int) -> str:
    """How the door names a person: "p12"."""
    return f"p{person_id}"


def id_of(key: str) -> int | None:
    """The person's id in a key; None for walk-ins, unknown codes and what is no key of ours."""
    return int(key[1:]) if key[:1] == "p" and key[1:].isascii() and key[1:].isdigit() and len(key) < 11 else None


def at(value: datetime) -> str:
    """An instant as the door's protocol writes it: ISO 8601 with milliseconds."""
    return value.isoformat(timespec="milliseconds")


def world_of(
    connection: sa.Connection, known: Known, *, people: set[int] | None = None, codes: Collection[str] = ()
) -> World:
    """The meeting's facts about ``people`` (None: everybody) and ``codes``, with all merges of those people."""
    merges = list_merges(connection)
    if people is not None:
        people = with_merged(people, merges)
    persons, facts = about_people(connection, known, people, codes)
    facts += _settled(connection, known.meeting_id)
    facts += [merged(a, b) for a, b in merges]
    return World(str(known.meeting_id), known.days, known.checkpoints, persons, [*known.rules, *facts])


def about_people(
    connection: sa.Connection, known: Known, people: set[int] | None = None, codes: Collection[str] = ()
) -> tuple[list[dict[str, Any]], list[Fact]]:
    """Persons (key, child) and the facts of registrations, badges, named adults and sign-ups; None is everybody."""
    persons, facts = _registrations(connection, known.meeting_id, people)
    facts += _badges(connection, known.meeting_id, people, codes)
    facts += _named(connection, known.meeting_id)
    facts += _signed_up(connection, known, people)
    return persons, facts


def merged(one: int, other: int) -> Fact:
    """The fact that two persons are one."""
    return {"fact": "merged", "persons": [key_of(one), key_of(other)]}


def list_merges(connection: sa.Connection) -> list[tuple[int, int]]:
    """Who was merged into whom: few, over all years."""
    rows = connection.execute(sa.select(Person.id, Person.merged_into_id).where(Person.merged_into_id.is_not(None)))
    return [(a, b) for a, b in rows]


def with_merged(people: Collection[int], merges: Iterable[tuple[int, int]]) -> set[int]:
    """These people and everybody who is one with them."""
    found, pairs = set(people), list(merges)
    while more := {x for pair in pairs if not found.isdisjoint(pair) for x in pair} - found:
        found |= more
    return found


def _only(column: Any, people: set[int] | None) -> list[Any]:
    """A condition that keeps a query to these people, where they are few."""
    return [] if people is None or len(people) > MOST_NAMED else [column.in_(sorted(people))]


def _registrations(
    connection: sa.Connection, meeting_id: int, people: set[int] | None
) -> tuple[list[dict[str, Any]], list[Fact]]:
    rows = connection.execute(
        sa.select(
            Registration.person_id, Registration.is_child, Person.is_child, RegistrationFact.fact, RegistrationFact.at
        )
        .join(Person, Person.id == Registration.person_id)
        .outerjoin(RegistrationFact, RegistrationFact.registration_id == Registration.id)
        .where(Registration.meeting_id == meeting_id, *_only(Registration.person_id, people))
    )
    persons, facts = [], []
    for person_id, is_child, born_child, fact, when in rows:
        persons.append({"key": key_of(person_id), "child": is_child or born_child})
        if fact is not None:
            facts.append({"fact": fact, "person": key_of(person_id), "from": at(when)})
    return persons, facts


def _badges(
    connection: sa.Connection, meeting_id: int, people: set[int] | None, codes: Collection[str]
) -> Iterator[Fact]:
    """The codes of these people at this meeting, and these codes whosever they are."""
    wanted = [sa.and_(Registration.meeting_id == meeting_id, *_only(Registration.person_id, people))]
    if codes:
        wanted.append(Badge.code.in_(sorted(codes)))
    rows = connection.execute(
        sa.select(
            Badge.code, Badge.state, Badge.issued_at, Badge.ended_at, Registration.person_id, Registration.meeting_id
        )
        .join(Registration, Registration.id == Badge.registration_id)
        .where(sa.or_(*wanted))
    )
    for code, state, issued_at, ended_at, person_id, of_meeting in rows:
        yield {
            "fact": "issued",
            "code": code,
            "person": key_of(person_id),
            "meeting": str(of_meeting),
            "from": at(issued_at),
        }
        if ended_at is not None:
            ended = "replaced" if state == BadgeState.REPLACED else "revoked"
            yield {"fact": ended, "code": code, "from": at(ended_at)}


def _named(connection: sa.Connection, meeting_id: int) -> Iterator[Fact]:
    rows = connection.execute(
        sa.select(Chaperoning.child_id, Chaperoning.adult_id, Chaperoning.start, Chaperoning.end).where(
            Chaperoning.meeting_id == meeting_id
        )
    )
    for child, adult, start, end in rows:
        about = {"child": key_of(child), "adult": key_of(adult)}
        yield {"fact": "named", **about, "from": at(start)}
        if end is not None:
            yield {"fact": "unnamed", **about, "from": at(end)}


def _signed_up(connection: sa.Connection, known: Known, people: set[int] | None) -> Iterator[Fact]:
    if not known.sessions:
        return
    rows = connection.execute(
        sa.select(SignUp.session_id, Registration.person_id, SignUp.made_at, SignUp.withdrawn_at)
        .join(Registration, Registration.id == SignUp.registration_id)
        .where(SignUp.session_id.in_(set(known.sessions.values())), *_only(Registration.person_id, people))
    )
    for session_id, person_id, made_at, withdrawn_at in rows:
        for checkpoint in (c for c, session in known.sessions.items() if session == session_id):
            about = {"person": key_of(person_id), "checkpoint": checkpoint}
            yield {"fact": "signed_up", **about, "from": at(made_at)}
            if withdrawn_at is not None:
                yield {"fact": "withdrawn", **about, "from": at(withdrawn_at)}


def _settled(connection: sa.Connection, meeting_id: int) -> Iterator[Fact]:
    rows = connection.execute(
        sa.select(Settlement.device_id, Settlement.scan_id, Settlement.verdict)
        .join(Device, Device.id == Settlement.device_id)
        .where(Device.meeting_id == meeting_id)
    )
    for device_id, scan_id, verdict in rows:
        yield {"fact": "settled", "device": str(device_id), "id": scan_id, "verdict": verdict}


def stored(connection: sa.Connection, meeting_id: int, *conditions: Any) -> Stored:
    """The counting scans of a meeting that meet the conditions (on ``Scan``), with what was heard at each.

    A scan that was put aside counts from a person's word on.
    """
    counting = (Scan.meeting_id == meeting_id, sa.or_(Scan.put_aside == "", Scan.counts_from.is_not(None)), *conditions)
    scans = connection.execute(sa.select(Scan.device_id, Scan.scan_id, Scan.content).where(*counting)).all()
    said = sa.join(Scan, Told, sa.and_(Told.device_id == Scan.device_id, Told.scan_id == Scan.scan_id))
    told = connection.execute(
        sa.select(Told.device_id, Told.scan_id, Told.verdict).select_from(said).where(*counting)
    ).all()
    asked = sa.join(Scan, Verdict, sa.and_(Verdict.device_id == Scan.device_id, Verdict.scan_id == Scan.scan_id))
    answers = connection.execute(
        sa.select(Verdict.device_id, Verdict.scan_id, Verdict.answered)
        .select_from(asked)
        .where(*counting, Verdict.answered.is_not(None))
    ).all()
    words: dict[tuple[int, str], list[str | None]] = {}
    for device, scan, verdict in told:
        words.setdefault((device, scan), []).append(verdict)
    batches = [
        {"device": str(device), "scans": [{**content, "id": scan, "told": word}]}
        for device, scan, content in scans
        for word in words.get((device, scan), [None])
    ]
    answered = [{"device": str(d), "id": s, "answered": a} for d, s, a in answers]
    return store(batches, answered)
