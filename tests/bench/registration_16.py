"""Registrations: GET of the form and POST of a full submission, 16 people at once, each with a form of their own;
limit: an empty route of the same server. The rows are counted afterwards."""

import re
import time
from itertools import count
from typing import Any
from urllib.parse import urlencode, urlsplit

import sqlalchemy as sa

from eventhub.demo.editions import COMING
from tests.bench import load
from tests.bench.place import Place

SLUG = COMING
CLIENTS, SECONDS = 16, 6.0
ANSWERS = {
    "adult": "yes",
    "full_name": "សុខ ដារ៉ា",
    "latin_name": "Sok Dara",
    "called": "Dara",
    "country": "KH",
    "organisation": "Lotus Child Rights Network",
    "language": "en",
    "access": "A quiet room",
    "diet": "No pork",
    "photo_internal": "yes",
    "photo_public": "no",
    "accepts_code": "y",
}
_TOKEN = re.compile(rb'name="csrf_token"[^>]*value="([^"]+)"')
_KEY = re.compile(rb'name="submission_key"[^>]*value="([^"]+)"')


def measure(place: Place) -> dict[str, Any]:
    """Whole registrations per second on the demo's server, with every seat free and everybody let in."""
    with sa.create_engine(place.live.environment["DATABASE_URL"]).begin() as connection:
        connection.execute(
            sa.text(
                "UPDATE meetings SET capacity = NULL, open_registration = :yes, needs_approval = :no, state = 'open',"
                " registration_opens = NULL, registration_closes = NULL WHERE slug = :slug"
            ),
            {"yes": True, "no": False, "slug": SLUG},
        )
        connection.execute(sa.text("DELETE FROM answers"))
        connection.execute(sa.text("DELETE FROM form_fields"))  # the measure is the form that every meeting has
    return run(place.live.url, SLUG, place.live.environment["DATABASE_URL"])


def run(base_url: str, slug: str, database_url: str) -> dict[str, Any]:
    """Measure one meeting of a running server; ``/empty`` just before and just after gives the limit."""
    load.run(register, [(base_url, slug, f"warm{n}", 1.0) for n in range(CLIENTS)])
    before, _ = load.pages_per_second(base_url, "/empty", seconds=3)
    rows = count_rows(database_url, slug)
    elapsed, latencies = load.run(register, [(base_url, slug, f"run{n}", SECONDS) for n in range(CLIENTS)])
    made = count_rows(database_url, slug) - rows
    assert made == len(latencies), f"{len(latencies)} forms were sent and {made} registrations are there"
    after, _ = load.pages_per_second(base_url, "/empty", seconds=3)
    value, limit = made / elapsed, (before + after) / 2
    return {
        "name": "registration_16",
        "value": round(value, 1),
        "unit": "registrations/s",
        "limit": round(limit, 1),
        "ratio": round(value / limit, 4),
        **load.percentiles(latencies),
    }


def register(base_url: str, slug: str, name: str, seconds: float) -> list[float]:
    """One client that registers new people again and again for so long; seconds from the GET to the POST's answer."""
    connection, latencies, path = load.Connection(base_url), [], f"/m/{slug}/register"
    host, end = urlsplit(base_url).netloc, time.perf_counter() + seconds
    form, stamp = load.get(path), time.time_ns()
    for n in count():
        begun = time.perf_counter()
        if begun >= end:
            return latencies
        status, head, page = connection.ask(form)
        assert status == 200, f"{path}: {status}"
        cookie = re.search(rb"(?im)^set-cookie: ([^;\r\n]+)", head)
        token, key = _TOKEN.search(page), _KEY.search(page)
        assert cookie and token and key, "the form holds no session, token or key"
        hidden = {"csrf_token": token[1].decode(), "submission_key": key[1].decode()}
        body = urlencode({**ANSWERS, **hidden, "email": f"{name}.{stamp}.{n}@bench.example"}).encode()
        status, _, _ = connection.ask(
            f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\nCookie: {cookie[1].decode()}\r\n\r\n".encode()
            + body
        )
        assert status == 303, f"POST {path}: {status}"
        latencies.append(time.perf_counter() - begun)
    return latencies


def count_rows(database_url: str, slug: str) -> int:
    """How many registrations the meeting has."""
    engine = sa.create_engine(database_url)
    try:
        with engine.connect() as connection:
            statement = (
                "SELECT count(*) FROM registrations r JOIN meetings m ON m.id = r.meeting_id WHERE m.slug = :slug"
            )
            return int(connection.execute(sa.text(statement), {"slug": slug}).scalar_one())
    finally:
        engine.dispose()
