"""Scans that devices made by themselves and send later, with what they told: stored as they are, then folded.

A batch is never refused because of one scan. What comes from a device that was revoked, for another checkpoint than the
device's own, from a clock that is more than a day off, or without the scope it needs is put aside for a person.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from eventhub.badges.models import Badge
from eventhub.checkin import ask, careful, gather, rules, wire
from eventhub.checkin.ask import Question
from eventhub.checkin.devices import DeviceFacts
from eventhub.checkin.facts import instant, milliseconds
from eventhub.checkin.known import Known
from eventhub.checkin.models import Scan, Told, Verdict
from eventhub.registration.models import Registration

A_DAY_MS = 86_400_000
ASIDE = ("revoked", "expired", "checkpoint", "clock", "scope")  # why a scan is put aside


def put_aside(question: Question, device_time: str, now: datetime) -> str:
    """Why this scan waits for a person's word, or "" when it counts."""
    device, scan, now_ms = question.device, question.scan, milliseconds(now)
    refused = device.refused(now_ms)
    if refused:
        return refused
    if scan.checkpoint != device.checkpoint:
        return "checkpoint"
    if abs(instant(device_time) - now_ms) > A_DAY_MS or scan.t > now_ms + A_DAY_MS:
        return "clock"
    if device.is_kiosk and (scan.kind != "entry" or scan.code is None):
        return "scope"  # it is told nobody's name but of who holds a badge before it
    return "scope" if scan.walk_in and "desk" not in device.scope else ""


def keep_aside(connection: sa.Connection, question: Question, reason: str, now: datetime) -> None:
    """Store a question's scan without judging it; once."""
    here = (Scan.device_id == question.device.id, Scan.scan_id == question.scan.id)
    stored = set(connection.scalars(sa.select(Scan.content_hash).where(*here)))
    if question.content_hash not in stored:
        key = careful.resolve(connection, question)
        row = {**ask.scan_row(question, key, now, reason), "other": bool(stored)}
        connection.execute(sa.insert(Scan), [row])


@dataclass(slots=True)
class Batch:
    """The well-formed scans of one request, in order, with why each is put aside."""

    questions: list[tuple[Question, str]]
    results: list[dict[str, Any] | None]  # one per scan sent; None until the verdict is known


def read(device: DeviceFacts, scans: Iterable[Any], device_time: str, now: datetime) -> Batch:
    """Tell the well-formed scans from the others."""
    batch = Batch([], [])
    for raw in scans:
        try:
            question = Question.read(device, wire.check_scan(raw))
        except wire.MalformedError as error:
            batch.results.append(wire.malformed(raw, error))
            continue
        batch.questions.append((question, put_aside(question, device_time, now)))
        batch.results.append(None)
    return batch


def take(connection: sa.Connection, batch: Batch, now: datetime) -> list[dict[str, Any]]:
    """Store what is new, fold what it may change, and answer each scan in order. Repeating it changes nothing.

    Raises IntegrityError when another request wrote the same meanwhile: then it is to be repeated.
    """
    if batch.questions:
        about = careful.lock_meeting(connection, batch.questions[0][0].device.meeting_id, now)
        changed = _store(connection, about, batch, now)
        if changed:
            keys = {key for key, _ in changed}
            careful.fold_again(connection, about, keys, careful.days_of(about, [t for _, t in changed]), now)
    return _results(connection, batch)


def _store(connection: sa.Connection, about: Known, batch: Batch, now: datetime) -> list[tuple[str, int]]:
    """Insert the new scans and words; returns (person key, instant) of all that has to be folded."""
    device = batch.questions[0][0].device
    ids = sorted({question.scan.id for question, _ in batch.questions})
    stored = connection.execute(
        sa.select(Scan.scan_id, Scan.content_hash, Scan.person_key, Scan.t.label("instant")).where(
            Scan.device_id == device.id, Scan.scan_id.in_(ids)
        )
    ).all()
    names = {(row.scan_id, row.content_hash) for row in stored}
    known_ids = {row.scan_id for row in stored}
    keys = _resolve(connection, [question for question, _ in batch.questions])
    words = _tell(connection, batch, now)
    new: list[dict[str, Any]] = []
    touched: set[str] = set()
    changed: list[tuple[str, int]] = []
    for question, aside in batch.questions:
        scan, name = question.scan, (question.scan.id, question.content_hash)
        key = keys.get(scan.code or "", question.person_key)
        is_new = name not in names
        if is_new:
            new.append({**ask.scan_row(question, key, now, aside), "other": scan.id in known_ids})
            names.add(name)
            known_ids.add(scan.id)
        if not aside and (is_new or scan.id in words):
            touched.add(scan.id)
            changed.append((key, scan.t))
            changed += [(scan.with_, scan.t)] if scan.with_ else []
    if new:
        connection.execute(sa.insert(Scan), new)
    changed += [(row.person_key, row.instant) for row in stored if row.scan_id in touched]
    return changed + careful.undone(connection, about, [key[5:] for key, _ in changed if key.startswith("void:")])


def _resolve(connection: sa.Connection, questions: Iterable[Question]) -> dict[str, str]:
    codes = sorted({question.scan.code for question in questions if question.scan.code is not None})
    rows = connection.execute(
        sa.select(Badge.code, Registration.person_id)
        .join(Registration, Registration.id == Badge.registration_id)
        .where(Badge.code.in_(codes))
    )
    return {code: gather.key_of(person) for code, person in rows}


def _tell(connection: sa.Connection, batch: Batch, now: datetime) -> set[str]:
    """Store what the devices told; returns the scans about which something new was told."""
    told = {
        (question.scan.id, question.raw["told"]): question.device.id
        for question, _ in batch.questions
        if question.raw.get("told")
    }
    if not told:
        return set()
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    device = next(iter(told.values()))
    before = connection.execute(
        sa.select(Told.scan_id, Told.verdict).where(
            Told.device_id == device, Told.scan_id.in_(sorted({scan for scan, _ in told}))
        )
    )
    new = told.keys() - {(row.scan_id, row.verdict) for row in before}
    if new:
        connection.execute(
            insert(Told).on_conflict_do_nothing(),
            [{"device_id": device, "scan_id": scan, "verdict": word, "at": now} for scan, word in sorted(new)],
        )
    return {scan for scan, _ in new}


def _results(connection: sa.Connection, batch: Batch) -> list[dict[str, Any]]:
    verdicts: Mapping[str, str | None] = {}
    if batch.questions:
        rows = connection.execute(
            sa.select(Verdict.scan_id, Verdict.verdict).where(
                Verdict.device_id == batch.questions[0][0].device.id,
                Verdict.scan_id.in_(sorted({question.scan.id for question, _ in batch.questions})),
            )
        )
        verdicts = {row.scan_id: row.verdict for row in rows}
    answers = iter(batch.questions)
    return [done if done is not None else _result(*next(answers), verdicts) for done in batch.results]


def _result(question: Question, aside: str, verdicts: Mapping[str, str | None]) -> dict[str, Any]:
    """The computed verdict; where there is none (yet), why not."""
    scan = question.scan
    if aside:
        return wire.result(scan.id, "put_aside", reason=aside)
    if scan.kind == "void":
        return wire.result(scan.id, careful.VOIDED)
    verdict = verdicts.get(scan.id) or rules.said([question.raw["told"]] if "told" in question.raw else [], [])
    return wire.result(scan.id, verdict or careful.VOIDED)
