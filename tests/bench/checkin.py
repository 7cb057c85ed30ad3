"""Check-in: questions per second over HTTP, each about another person's badge; limit: three fixed statements (select by
code, insert a scan, update one row) in one transaction through the bare driver with as many connections."""

import json
import sqlite3
import time
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import sqlalchemy as sa

from eventhub.badges.models import Badge
from eventhub.checkin.models import Checkpoint, CheckpointRules, Device, DoorClock, Presence
from eventhub.directory.models import Person
from eventhub.meetings.models import Meeting, MeetingDay, Series
from eventhub.meetings.states import MeetingState
from eventhub.registration.models import Registration, RegistrationFact
from eventhub.registration.states import RegistrationState
from eventhub.security import hashed, new_code
from tests.bench import load
from tests.bench.place import Place

WARM_UP = 40  # questions per client before the clock starts: connections, prepared statements
PER_CLIENT = {1: 1500, 16: 250}

SELECT = (
    "SELECT b.id, r.id, p.full_name, p.latin_name FROM badges b JOIN registrations r ON r.id = b.registration_id "
    "JOIN people p ON p.id = r.person_id WHERE b.code = {0}"
)
INSERT = (
    "INSERT INTO scans (meeting_id, device_id, scan_id, checkpoint_id, kind, t, person_key, content, content_hash, "
    "received_at, put_aside) VALUES ({0}, {0}, {0}, {0}, 'entry', {0}, {0}, {0}, {0}, {0}, '')"
)
UPDATE = "UPDATE presence SET checkpoint_id = {0}, since_t = {0}, version = version + 1 WHERE id = {0}"


class Crowd:
    """A meeting of the day in the server's own database: confirmed people with badges, one entrance, devices."""

    def __init__(self, url: str, people: int, clients: int) -> None:
        self.engine = sa.create_engine(url)
        self.now = datetime.now(UTC)
        self.codes = [new_code() for _ in range(people)]
        self.keys = [new_code() + "DEVICE" for _ in range(clients)]
        with self.engine.begin() as connection:
            self.meeting = self._meeting(connection)
            self.checkpoint = self._entrance(connection)
            self.devices = self._devices(connection)
            self.persons = self._people(connection)
            self.rows = self._rows(connection)
        if self.engine.dialect.name == "postgresql":
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE")

    def _add(self, connection: sa.Connection, table: Any, rows: list[dict[str, Any]]) -> list[int]:
        return list(connection.scalars(sa.insert(table).returning(table.id, sort_by_parameter_order=True), rows))

    def _meeting(self, connection: sa.Connection) -> int:
        tag = uuid.uuid4().hex[:8]
        [series] = self._add(connection, Series, [{"slug": f"bench-{tag}", "name": "Bench"}])
        meeting = {
            "series_id": series,
            "slug": f"bench-{tag}",
            "title": "Bench",
            "year": self.now.year,
            "state": MeetingState.RUNNING,
            "starts": self.now.date() - timedelta(days=2),
            "ends": self.now.date() + timedelta(days=2),
            "tz": "UTC",
        }
        [ident] = self._add(connection, Meeting, [meeting])
        days = [meeting["starts"] + timedelta(days=n) for n in range(5)]
        self._add(connection, MeetingDay, [{"meeting_id": ident, "day": day} for day in days])
        return ident

    def _entrance(self, connection: sa.Connection) -> int:
        [ident] = self._add(connection, Checkpoint, [{"meeting_id": self.meeting, "name": "Main entrance"}])
        yesterday = int((self.now - timedelta(days=1)).timestamp() * 1000)
        self._add(connection, CheckpointRules, [{"checkpoint_id": ident, "at_ms": yesterday}])
        self._add(connection, DoorClock, [{"meeting_id": self.meeting}])
        return ident

    def _devices(self, connection: sa.Connection) -> list[int]:
        row = {"meeting_id": self.meeting, "checkpoint_id": self.checkpoint, "name": "Phone"}
        expires_at = self.now + timedelta(days=1)
        rows = [{**row, "key_hash": hashed(key), "expires_at": expires_at} for key in self.keys]
        return self._add(connection, Device, rows)

    def _people(self, connection: sa.Connection) -> list[int]:
        numbers = range(len(self.codes))
        names = [{"full_name": f"សុខ ស្រីមុំ {n}", "latin_name": f"Sok Sreymom {n}"} for n in numbers]
        persons = self._add(connection, Person, names)
        since = self.now - timedelta(days=7)
        confirmed = {"state": RegistrationState.CONFIRMED, "confirmed_at": since, "organisation_text": "Lotus Network"}
        rows = [{"meeting_id": self.meeting, "person_id": person, **confirmed} for person in persons]
        registrations = self._add(connection, Registration, rows)
        facts = [{"registration_id": ident, "fact": "confirmed", "at": since} for ident in registrations]
        self._add(connection, RegistrationFact, facts)
        badges = [
            {"registration_id": ident, "code": code, "code_hash": hashed(code), "issued_at": since}
            for ident, code in zip(registrations, self.codes, strict=True)
        ]
        self._add(connection, Badge, badges)
        return persons

    def _rows(self, connection: sa.Connection) -> list[int]:
        """Rows for the limit to update, on a day of their own."""
        place = {"meeting_id": self.meeting, "day": date(2000, 1, 1), "group_key": "bench"}
        return self._add(connection, Presence, [{**place, "person_key": f"p{person}"} for person in self.persons])


def asker(base_url: str, key: str, checkpoint: int, codes: list[str]) -> list[float]:
    """One device that asks about one badge after another; every answer must be ``admitted``."""
    connection, latencies = load.Connection(base_url), []
    for code in codes:
        begun = time.perf_counter()
        status, _, body = connection.ask(question(key, checkpoint, code))
        latencies.append(time.perf_counter() - begun)
        assert status == 200 and b'"verdict": "admitted"' in body, body
    return latencies


def question(key: str, checkpoint: int, code: str, kind: str = "entry") -> bytes:
    """The bytes of one question, as the door's page sends it."""
    scan = {**scan_of(checkpoint, code), "kind": kind}
    body = json.dumps({"device_time": scan["scanned_at"], "scan": scan}).encode()
    head = (
        f"POST /api/v1/door/ask HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def scan_of(checkpoint: int, code: str) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return {
        "id": str(uuid.uuid4()),
        "code": code,
        "checkpoint": str(checkpoint),
        "kind": "entry",
        "scanned_at": now,
        "offset_ms": 0,
    }


def bare(connect: Callable[[], Any], mark: str, crowd: tuple[int, int, int], people: list[tuple]) -> list[float]:
    """One connection that does the three statements for one badge after another."""
    meeting, device, checkpoint = crowd
    connection, latencies = connect(), []
    cursor = connection.cursor()
    select, insert, update = (statement.format(mark) for statement in (SELECT, INSERT, UPDATE))
    for code, row, person in people:
        begun = time.perf_counter()
        scan = scan_of(checkpoint, code)
        now = datetime.now(UTC)
        if mark == "?":
            cursor.execute("BEGIN IMMEDIATE")
        assert cursor.execute(select, (code,)).fetchone()
        values = (meeting, device, scan["id"], checkpoint, int(now.timestamp() * 1000), f"p{person}", json.dumps(scan))
        cursor.execute(insert, (*values, scan["id"].ljust(64, "0"), str(now) if mark == "?" else now))
        cursor.execute(update, (checkpoint, int(now.timestamp() * 1000), row))
        connection.commit()
        latencies.append(time.perf_counter() - begun)
    connection.close()
    return latencies


def connector(url: sa.URL) -> tuple[Callable[[], Any], str]:
    """How to open the bare driver's connection, and how it marks a parameter."""
    if url.get_backend_name() == "postgresql":
        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        return lambda: psycopg.connect(address), "%s"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(url.database or "", timeout=20, isolation_level=None)
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection

    return connect, "?"


def measure(place: Place, *, clients: int) -> dict[str, Any]:
    """Questions per second by so many devices at once, beside the bare statements just before and just after."""
    live, each = place.live, PER_CLIENT[clients]
    url = sa.make_url(live.environment["DATABASE_URL"])
    crowd = Crowd(url.render_as_string(hide_password=False), (WARM_UP + each * 2) * clients, clients)
    shares = [crowd.codes[n::clients] for n in range(clients)]
    load.run(asker, [_asking(live.url, crowd, n, shares[n][:WARM_UP]) for n in range(clients)])
    before = _limit(crowd, url, [share[WARM_UP : WARM_UP + each] for share in shares], clients)
    asked = [_asking(live.url, crowd, n, shares[n][WARM_UP : WARM_UP + each]) for n in range(clients)]
    elapsed, latencies = load.run(asker, asked)
    after = _limit(crowd, url, [share[WARM_UP + each :] for share in shares], clients)
    crowd.engine.dispose()
    value, limit = len(latencies) / elapsed, (before + after) / 2
    return {
        "name": f"checkin_{clients}",
        "value": round(value, 1),
        "unit": "questions/s",
        "limit": round(limit, 1),
        "ratio": round(value / limit, 3),
        **load.percentiles(latencies),
    }


def _asking(base_url: str, crowd: Crowd, number: int, codes: list[str]) -> tuple:
    return base_url, crowd.keys[number], crowd.checkpoint, codes


def _limit(crowd: Crowd, url: sa.URL, shares: list[list[str]], clients: int) -> float:
    connect, mark = connector(url)
    about = {c: (c, row, person) for c, row, person in zip(crowd.codes, crowd.rows, crowd.persons, strict=True)}
    work = [
        (connect, mark, (crowd.meeting, crowd.devices[n], crowd.checkpoint), [about[code] for code in shares[n]])
        for n in range(clients)
    ]
    elapsed, latencies = load.run(bare, work)
    return len(latencies) / elapsed
