"""What a device scanned without the network, sent in batches of 500 over HTTP: scans per second until every answer is in;
limit: the very rows that these scans leave in the five tables, by the bare driver's executemany, as many at once."""

import json
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from tests.bench import load
from tests.bench.checkin import Crowd, connector, scan_of
from tests.bench.place import Place

SCANS, BATCH, WARM_UP = 10_000, 500, 1000
GAP = timedelta(milliseconds=20)  # between one scan and the next
# the rows of one scan of somebody's first entry, table by table
TABLES = {
    "scans": (
        "meeting_id, device_id, scan_id, checkpoint_id, kind, t, person_key, content, content_hash, received_at, "
        "put_aside, other"
    ),
    "told": "device_id, scan_id, verdict, at",
    "verdicts": "meeting_id, device_id, scan_id, verdict, conflict",
    "presence": (
        "meeting_id, day, group_key, person_key, checkpoint_id, since_t, last_t, last_scan_id, last_device_id, version"
    ),
    "first_entries": "meeting_id, checkpoint_id, day, person_key, t, device_id, scan_id",
}


def measure(place: Place) -> dict[str, Any]:
    """Scans per second by one device, beside the bare inserts just before and just after."""
    live = place.live
    url = sa.make_url(live.environment["DATABASE_URL"])
    crowd = Crowd(url.render_as_string(hide_password=False), SCANS + WARM_UP, 3)
    scans = made(crowd)
    connection = load.Connection(live.url)
    for part in parts(scans[:WARM_UP]):
        _send(connection, crowd, part)
    scans = scans[WARM_UP:]
    before = bare(crowd, url, 1, scans)
    latencies = []
    begun = time.perf_counter()
    for part in parts(scans):
        latencies.append(_send(connection, crowd, part))
    value = SCANS / (time.perf_counter() - begun)
    after = bare(crowd, url, 2, scans)
    crowd.engine.dispose()
    limit = (before + after) / 2
    return {
        "name": "sync_10000",
        "value": round(value, 1),
        "unit": "scans/s",
        "limit": round(limit, 1),
        "ratio": round(value / limit, 3),
        **load.percentiles(latencies),
    }


def made(crowd: Crowd) -> list[dict[str, Any]]:
    """One entry of each person, one after the other until now, told by the device."""
    begin = datetime.now(UTC) - GAP * len(crowd.codes)
    scans = []
    for n, code in enumerate(crowd.codes):
        at = (begin + GAP * n).isoformat(timespec="milliseconds")
        scans.append({**scan_of(crowd.checkpoint, code), "scanned_at": at, "told": "admitted"})
    return scans


def parts(scans: list[Any]) -> list[list[Any]]:
    """In batches."""
    return [scans[n : n + BATCH] for n in range(0, len(scans), BATCH)]


def request(key: str, scans: list[dict[str, Any]]) -> bytes:
    """The bytes of one batch."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    body = json.dumps({"device_time": now, "scans": scans}).encode()
    head = (
        f"POST /api/v1/door/scans HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _send(connection: load.Connection, crowd: Crowd, scans: list[dict[str, Any]]) -> float:
    begun = time.perf_counter()
    status, _, body = connection.ask(request(crowd.keys[0], scans))
    elapsed = time.perf_counter() - begun
    answered = [result.get("verdict") for result in json.loads(body)["results"]]
    assert status == 200 and answered == ["admitted"] * len(scans), body[:300]
    return elapsed


def bare(crowd: Crowd, url: sa.URL, number: int, scans: list[dict[str, Any]]) -> float:
    """Scans per second whose rows are inserted under another device's name and on another day, nothing else done."""
    connect, mark = connector(url)
    rows = _rows(crowd, number, scans, sqlite=mark == "?")
    statements = {
        table: f"INSERT INTO {table} ({names}) VALUES ({', '.join([mark] * (names.count(',') + 1))})"
        for table, names in TABLES.items()
    }
    return _insert(connect, statements, rows)


def _insert(connect: Callable[[], Any], statements: dict[str, str], rows: dict[str, list[tuple]]) -> float:
    connection = connect()
    cursor = connection.cursor()
    begun = time.perf_counter()
    for n in range(0, SCANS, BATCH):
        if isinstance(connection, sqlite3.Connection):
            cursor.execute("BEGIN IMMEDIATE")
        for table, statement in statements.items():
            cursor.executemany(statement, rows[table][n : n + BATCH])
        connection.commit()
    elapsed = time.perf_counter() - begun
    connection.close()
    return SCANS / elapsed


def _rows(crowd: Crowd, number: int, scans: list[dict[str, Any]], *, sqlite: bool) -> dict[str, list[tuple]]:
    device, meeting, checkpoint = crowd.devices[number], crowd.meeting, crowd.checkpoint
    day: Any = datetime(2001, 1, number, tzinfo=UTC).date()
    now: Any = datetime.now(UTC)
    day, now = (day.isoformat(), str(now)) if sqlite else (day, now)
    rows: dict[str, list[tuple]] = {table: [] for table in TABLES}
    for n, (scan, person) in enumerate(zip(scans, crowd.persons[WARM_UP:], strict=True)):
        ident, key = scan["id"], f"p{person}"
        content = json.dumps({name: value for name, value in scan.items() if name not in ("id", "told")})
        head = (meeting, device, ident)
        rows["scans"].append((*head, checkpoint, "entry", n, key, content, ident.ljust(64, "0"), now, "", False))
        rows["told"].append((device, ident, "admitted", now))
        rows["verdicts"].append((*head, "admitted", False))
        rows["presence"].append((meeting, day, "bench", key, checkpoint, n, n, ident, device, 1))
        rows["first_entries"].append((meeting, checkpoint, day, key, n, device, ident))
    return rows
