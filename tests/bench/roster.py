"""The roster of 10,000 people over HTTP, packed: milliseconds for a whole one, and for one in which nothing changed."""

import gzip
import json
import time
from typing import Any

import sqlalchemy as sa

from tests.bench import load
from tests.bench.checkin import Crowd
from tests.bench.place import Place

PEOPLE, TIMES = 10_000, 5
MOST_MS = 3000  # a door asks about once a minute


def measure(place: Place) -> dict[str, Any]:
    """The median of whole rosters; ``first`` also writes down what it said of each, once."""
    live = place.live
    crowd = Crowd(sa.make_url(live.environment["DATABASE_URL"]).render_as_string(hide_password=False), PEOPLE, 1)
    connection = load.Connection(live.url)
    first, size, cursor = fetch(connection, crowd.keys[0], "")
    whole = [fetch(connection, crowd.keys[0], "")[0] for _ in range(TIMES)]
    again = [fetch(connection, crowd.keys[0], cursor)[0] for _ in range(TIMES)]
    crowd.engine.dispose()
    value = sorted(whole)[TIMES // 2]
    return {
        "name": "roster_10000",
        "value": round(value, 1),
        "unit": "ms",
        "limit": MOST_MS,
        "ratio": round(value / MOST_MS, 3),
        "first": round(first, 1),
        "unchanged": round(sorted(again)[TIMES // 2], 1),
        "bytes": size,
    }


def fetch(connection: load.Connection, key: str, cursor: str) -> tuple[float, int, str]:
    """Milliseconds, bytes on the wire, and the cursor for next time; every answer must be right."""
    begun = time.perf_counter()
    status, _, body = connection.ask(
        f"GET /api/v1/door/roster?cursor={cursor} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n"
        "Accept-Encoding: gzip\r\n\r\n".encode()
    )
    elapsed = (time.perf_counter() - begun) * 1000
    text = gzip.decompress(body) if body[:1] == b"\x1f" else body  # a short one is not worth packing
    answer = json.loads(text)
    assert status == 200 and len(answer["entries"]) == (0 if cursor else PEOPLE), text[:300]
    return elapsed, len(body), answer["cursor"]
