"""Scans that were ticks on paper: what somebody types in afterwards becomes scans of a device called "Paper".

They go the way of every device that was off line, so presence and the law hold: told `admitted`, at the time that was
written. A tick that was taken back is voided. Typing the same in twice changes nothing.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from eventhub import audit, clock
from eventhub.audit import Actor
from eventhub.checkin import careful, devices, facts, sync
from eventhub.checkin.devices import DeviceFacts
from eventhub.checkin.known import Known
from eventhub.checkin.models import Checkpoint, Device, Scan
from eventhub.db import db

LIVES = timedelta(days=365 * 100)  # nobody holds its key


@dataclass(frozen=True)
class WalkIn:
    """Somebody on an empty line of the paper. ``ident`` is a UUID made with the form, so that twice is once."""

    ident: str
    name: str
    organisation: str
    t: int


def enter(
    checkpoint: Checkpoint, *, day: date, ticks: Mapping[str, int | None], walk_ins: Sequence[WalkIn], by: Actor
) -> int:
    """Make the day's paper scans of these people equal to ``ticks`` (person key -> ms since 1970, None for no tick).

    Returns how many scans were added, voids included. Raises IntegrityError when another request wrote the same
    meanwhile: then it is to be repeated.
    """
    now = clock.now()
    connection = db.session.connection()
    about = careful.lock_meeting(connection, checkpoint.meeting_id, now)
    device = _device(checkpoint, by)
    made = _ticks_so_far(connection, device, about, day)
    common = {"checkpoint": str(checkpoint.id), "offset_ms": 0, "by": by.name[:300] or "staff"}
    changed = [scan for key, wanted in ticks.items() for scan in _tick(key, wanted, made)]
    known = {row.scan_id for row in made}
    new = [_walk_in(guest) for guest in walk_ins if guest.ident not in known]
    scans = [{**common, **scan} for scan in (*changed, *new)]
    if scans:
        batch = sync.read(device, scans, facts.written(facts.milliseconds(now)), now)
        sync.take(connection, batch, now)
        audit.record(by, "entered a paper list at", checkpoint, scans=len(scans))
    return len(scans)


def _tick(key: str, wanted: int | None, made: Sequence[Any]) -> list[dict[str, Any]]:
    """What makes a person's entries one at the instant that is wanted, or none."""
    before = [row for row in made if row.person_key == key]
    kept = next((row for row in before if row.instant == wanted), None)
    scans: list[dict[str, Any]] = [
        {
            "id": str(uuid.uuid4()),
            "kind": "void",
            "voids": row.scan_id,
            "scanned_at": facts.written(row.instant),
        }
        for row in before
        if row is not kept
    ]
    if wanted is not None and kept is None:
        scans.append({**_entry(str(uuid.uuid4()), wanted), "person": key})
    return scans


def _walk_in(guest: WalkIn) -> dict[str, Any]:
    said = {"name": guest.name, "organisation": guest.organisation or None, "adult": True}
    return {
        **_entry(guest.ident, guest.t),
        "walk_in": {name: value for name, value in said.items() if value is not None},
    }


def _entry(ident: str, t: int) -> dict[str, Any]:
    return {"id": ident, "kind": "entry", "scanned_at": facts.written(t), "told": "admitted"}


def _device(checkpoint: Checkpoint, by: Actor) -> DeviceFacts:
    """The checkpoint's paper; its place of a key holds what no key hashes to."""
    key_hash = f"{devices.PAPER}{checkpoint.id}"
    device = db.session.scalar(sa.select(Device).where(Device.key_hash == key_hash))
    if device is None:
        device = Device(
            meeting_id=checkpoint.meeting_id,
            checkpoint_id=checkpoint.id,
            name="Paper",
            key_hash=key_hash,
            scope=["children", "desk"],
            expires_at=clock.now() + LIVES,
        )
        db.session.add(device)
        db.session.flush()
        audit.record(by, "enrolled", device)
    return devices.facts_of(device, None)


def _ticks_so_far(connection: sa.Connection, device: DeviceFacts, about: Known, day: date) -> list[Any]:
    """The paper's entries of the day that are not voided."""
    rows = connection.execute(
        sa.select(Scan.scan_id, Scan.person_key, Scan.t.label("instant"), Scan.kind)
        .where(Scan.device_id == device.id)
        .order_by(Scan.id)
    ).all()
    voided = {row.person_key for row in rows if row.kind == "void"}
    return [
        row
        for row in rows
        if row.kind == "entry" and f"void:{row.scan_id}" not in voided and about.day(row.instant) == day
    ]
