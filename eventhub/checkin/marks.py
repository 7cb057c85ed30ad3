"""What of a roster is new to a device: the delta by cursor.

Whatever may change an entry (a name, a photo consent, a badge, a merge), its text is compared with the mark that is kept
of it, so that no change can be missed. A change raises the person's mark above every cursor that was handed out before.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from eventhub.checkin.devices import DeviceFacts
from eventhub.checkin.facts import milliseconds
from eventhub.checkin.models import RosterMark
from eventhub.checkin.roster import Entry
from eventhub.db import hold_names
from eventhub.security import hashed

WHOLE_AGAIN_MS = 86_400_000  # once a day a device gets everything anew, whatever may have gone wrong before
_CURSOR = re.compile(r"([0-9]{1,10})\.([0-9]{1,16})\.([0-9]{1,16})\.([a-z-]{0,40})")


@dataclass(frozen=True, slots=True)
class Written:
    """An entry as it goes over the wire, with the digest that tells whether it changed."""

    entry: Entry
    text: str
    digest: str


@dataclass(frozen=True, slots=True)
class Delta:
    """What a device has to put in place of what it holds. ``entries`` are JSON texts."""

    cursor: str
    full: bool
    entries: list[str]
    removed: list[str]


def write(entries: Iterable[Entry]) -> dict[str, Written]:
    """The entries by person."""
    written = {}
    for entry in entries:
        text = json.dumps(entry.content, ensure_ascii=False, separators=(",", ":"))
        written[entry.person] = Written(entry, text, hashed(f"{entry.audience} {text}"))
    return written


def read(connection: sa.Connection, meeting_id: int) -> dict[str, Any]:
    """The marks that are kept, by person."""
    table = RosterMark.__table__
    rows = connection.execute(sa.select(table).where(table.c.meeting_id == meeting_id))
    return {row.person_key: row for row in rows}


def differ(marks: Mapping[str, Any], entries: Mapping[str, Written]) -> bool:
    """Whether anything changed since the marks were made."""
    standing = {person: mark.digest for person, mark in marks.items() if mark.digest}
    return standing != {person: written.digest for person, written in entries.items()}


def renew(connection: sa.Connection, meeting_id: int, entries: Mapping[str, Written], now: datetime) -> dict[str, Any]:
    """Make the marks those of the entries; returns them. One request at a time for each meeting."""
    hold_names(f"roster:{meeting_id}")
    marks = read(connection, meeting_id)
    latest = max((mark.changed for mark in marks.values()), default=0)
    changed = max(latest + 1, milliseconds(now))
    new, other = [], []
    for person, written in entries.items():
        mark, audience = marks.get(person), written.entry.audience
        values = {"digest": written.digest, "changed": changed, "audience": audience}
        if mark is None:
            new.append({"meeting_id": meeting_id, "person_key": person, **values, "was_open": not audience})
        elif mark.digest != written.digest:
            other.append({"of": mark.id, **values, "was_open": mark.was_open or not audience})
    for person, mark in marks.items():
        if mark.digest and person not in entries:
            values = {"audience": mark.audience, "was_open": mark.was_open}
            other.append({"of": mark.id, "digest": "", "changed": changed, **values})
    if new:
        connection.execute(sa.insert(RosterMark), new)
    if other:
        table = RosterMark.__table__
        names = ("digest", "changed", "audience", "was_open")
        put = sa.update(table).where(table.c.id == sa.bindparam("of")).values({n: sa.bindparam(n) for n in names})
        connection.execute(put, other)
    return read(connection, meeting_id)


def since(
    cursor: str, device: DeviceFacts, marks: Mapping[str, Any], entries: Mapping[str, Written], now: datetime
) -> Delta:
    """What changed for this device since the cursor; everything when the cursor is empty, strange or a day old."""
    latest = max((mark.changed for mark in marks.values()), default=0)
    began, after = _read_cursor(cursor, device, latest, milliseconds(now))
    full = after is None
    found, removed = [], []
    for person, mark in marks.items():
        if after is not None and mark.changed <= after:
            continue
        written = entries.get(person)
        if written is not None and sees(device, written.entry):
            found.append(written.text)
        elif not full and (mark.was_open or mark.audience in device.scope):
            removed.append(person)
    return Delta(_cursor(device, latest, began), full, found, removed)


def sees(device: DeviceFacts, entry: Entry) -> bool:
    """Whether the entry is on this device's roster: its scope allows it, and it did not make the walk-in itself."""
    return (not entry.audience or entry.audience in device.scope) and entry.device != device.id


def _cursor(device: DeviceFacts, latest: int, began: int) -> str:
    return f"{device.meeting_id}.{latest}.{began}.{_scopes(device)}"


def _scopes(device: DeviceFacts) -> str:
    return "-".join(sorted(device.scope))


def _read_cursor(cursor: str, device: DeviceFacts, latest: int, now_ms: int) -> tuple[int, int | None]:
    """(when the device was last given everything, the mark up to which it holds the roster or None)."""
    match = _CURSOR.fullmatch(cursor)
    if match is None or (int(match[1]), match[4]) != (device.meeting_id, _scopes(device)):
        return now_ms, None
    after, began = int(match[2]), int(match[3])
    if after > latest or not now_ms - WHOLE_AGAIN_MS < began <= now_ms:
        return now_ms, None
    return began, after
