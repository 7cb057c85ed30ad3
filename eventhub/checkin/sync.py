"""Scans that devices made by themselves and send later, with what they told: stored as they are, then folded.

A batch is never refused because of one scan. What comes from a device that was revoked, for another checkpoint than the
device's own, from a clock that is more than a day off, or without the scope it needs is put aside for a person.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from eventhub.checkin import ask, bulk, careful, rules, wire
from eventhub.checkin import batch as plain
from eventhub.checkin.ask import Question
from eventhub.checkin.devices import DeviceFacts
from eventhub.checkin.facts import instant, milliseconds
from eventhub.checkin.known import Known
from eventhub.checkin.models import Scan, Told, Verdict

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
        changed, judged = _store(connection, about, batch, now)
        if changed:
            keys = {key for key, _ in changed}
            careful.fold_again(connection, about, keys, careful.days_of(about, [t for _, t in changed]), now)
        return _results(connection, batch, judged)
    return _results(connection, batch, {})


def _store(
    connection: sa.Connection, about: Known, batch: Batch, now: datetime
) -> tuple[list[tuple[str, int]], dict[str, str]]:
    """Insert the new scans and words, and judge the plain ones; returns (person key, instant) of all that has to be
    folded, and the verdicts of what was judged."""
    device = batch.questions[0][0].device
    stored = _read_stored(connection, device.id, [question.scan.id for question, _ in batch.questions])
    names = {(row.scan_id, row.content_hash) for row in stored}
    known_ids = {row.scan_id for row in stored}
    times = Counter(question.scan.id for question, _ in batch.questions)
    codes = plain.read_codes(connection, {q.scan.code for q, _ in batch.questions if q.scan.code is not None})
    words = _tell(connection, batch, now)
    new: list[dict[str, Any]] = []
    touched: dict[str, list[tuple[Question, str]]] = {}
    fresh: list[tuple[Question, str]] = []
    for question, aside in batch.questions:
        scan, name = question.scan, (question.scan.id, question.content_hash)
        key = codes[scan.code].key if scan.code in codes else question.person_key
        is_new = name not in names
        if is_new and not aside and times[scan.id] == 1 and scan.id not in known_ids:
            fresh.append((question, key))
        if is_new:
            new.append({**ask.scan_row(question, key, now, aside), "other": scan.id in known_ids})
            names.add(name)
            known_ids.add(scan.id)
        if not aside and (is_new or scan.id in words):
            touched.setdefault(scan.id, []).append((question, key))
    bulk.insert(connection, Scan, new)
    if any(row["kind"] == "handover" for row in new):  # from now on, those adults' exits concern a child
        careful.read_anew(connection, about.meeting_id)
    alike = Counter(key for said in touched.values() for _, key in said)
    judged = plain.take(connection, about, _whole(fresh, alike), codes)
    rest = [said for scan_id, each in touched.items() if scan_id not in judged for said in each]
    changed = [(key, question.scan.t) for question, key in rest]
    changed += [(question.scan.with_, question.scan.t) for question, _ in rest if question.scan.with_]
    changed += [(row.person_key, row.instant) for row in stored if row.scan_id in touched]
    voids = [key[5:] for key, _ in changed if key.startswith("void:")]
    return changed + careful.undone(connection, about, voids), judged


def _read_stored(connection: sa.Connection, device: int, ids: Collection[str]) -> Sequence[Any]:
    return connection.execute(
        sa.select(Scan.scan_id, Scan.content_hash, Scan.person_key, Scan.t.label("instant")).where(
            Scan.device_id == device, bulk.among(connection, Scan.scan_id, sorted(set(ids)))
        )
    ).all()


def _whole(fresh: list[tuple[Question, str]], alike: Mapping[str, int]) -> list[tuple[Question, str]]:
    """Those of whose person everything in this batch is fresh: a part of it would be judged out of order."""
    known = Counter(key for _, key in fresh)
    return [(question, key) for question, key in fresh if known[key] == alike[key]]


def _tell(connection: sa.Connection, batch: Batch, now: datetime) -> set[str]:
    """Store what the devices told; returns the scans about which something new was told."""
    told = {
        (question.scan.id, question.raw["told"]): question.device.id
        for question, _ in batch.questions
        if question.raw.get("told")
    }
    if not told:
        return set()
    device = next(iter(told.values()))
    before = connection.execute(
        sa.select(Told.scan_id, Told.verdict).where(
            Told.device_id == device, bulk.among(connection, Told.scan_id, sorted({scan for scan, _ in told}))
        )
    )
    new = told.keys() - {(row.scan_id, row.verdict) for row in before}
    rows = [{"device_id": device, "scan_id": scan, "verdict": word, "at": now} for scan, word in sorted(new)]
    bulk.insert(connection, Told, rows, or_nothing=True)
    return {scan for scan, _ in new}


def _results(connection: sa.Connection, batch: Batch, judged: Mapping[str, str]) -> list[dict[str, Any]]:
    verdicts: dict[str, str | None] = {**judged}
    ids = {question.scan.id for question, _ in batch.questions} - judged.keys()
    if ids:
        rows = connection.execute(
            sa.select(Verdict.scan_id, Verdict.verdict).where(
                Verdict.device_id == batch.questions[0][0].device.id,
                bulk.among(connection, Verdict.scan_id, sorted(ids)),
            )
        )
        verdicts |= {row.scan_id: row.verdict for row in rows}
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
