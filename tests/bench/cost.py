"""What one check-in costs where 100, 10,000 and 100,000 people are registered: the slowest median beside the first."""

import json
import statistics
import time
from typing import Any

import sqlalchemy as sa

from tests.bench import load
from tests.bench.checkin import Crowd, question
from tests.bench.place import Place

SIZES = (100, 10_000, 100_000)
WARM_UP, ASKED = 40, 60  # of each meeting, one after the other, in so many rounds
ROUNDS = 5
MOST = 1.3


def measure(place: Place) -> dict[str, Any]:
    """Medians in ms by size; value is the slowest of them divided by that of 100 people."""
    live = place.live
    url = sa.make_url(live.environment["DATABASE_URL"]).render_as_string(hide_password=False)
    medians = {}
    for size in SIZES:
        crowd = Crowd(url, size, 1)
        connection = load.Connection(live.url)  # a new one: the server closes those that lie idle for so long
        _ask(connection, crowd, crowd.codes[:WARM_UP], "entry")
        codes = crowd.codes[WARM_UP : WARM_UP + ASKED]
        rounds = [  # in and out again, so that a hundred people are enough
            statistics.median(_ask(connection, crowd, codes, "exit" if number % 2 else "entry"))
            for number in range(ROUNDS)
        ]
        medians[size] = min(rounds) * 1000  # what else the machine does only adds to it
        crowd.engine.dispose()
    value = max(medians.values()) / medians[SIZES[0]]
    return {
        "name": "checkin_cost",
        "value": round(value, 3),
        "unit": "times the first",
        "limit": MOST,
        "ratio": round(value / MOST, 3),
        **{f"ms_{size}": round(median, 2) for size, median in medians.items()},
    }


def _ask(connection: load.Connection, crowd: Crowd, codes: list[str], kind: str) -> list[float]:
    """Seconds of each question; every answer must be the one that is due."""
    latencies, due = [], "admitted" if kind == "entry" else "left"
    for code in codes:
        asked = question(crowd.keys[0], crowd.checkpoint, code, kind)
        begun = time.perf_counter()
        status, _, body = connection.ask(asked)
        latencies.append(time.perf_counter() - begun)
        assert status == 200 and json.loads(body)["result"]["verdict"] == due, body
    return latencies
