"""The broker dies under load: nobody outside notices; when it is back, every letter goes out once, within two minutes."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests import conftest, stack
from tests.journeys.test_seed_story import staff_of
from tests.journeys.visitor import Visitor
from tests.live import Live, wait_until

SLUG = "while-the-broker-is-away"
PEOPLE = 30


@pytest.fixture
def away(tmp_path: Path, process_name: str, post_office):
    broker = stack.Valkey(tmp_path).start()
    url = conftest.database_url(f"away_{process_name}", tmp_path)
    live = Live(
        tmp_path, url, post_office.url, REDIS_URL=broker.url, EVENTHUB_REQUIRE_SECOND_FACTOR="0", EVENTHUB_LIMITS="off"
    ).start()
    yield live, broker, url
    live.stop()
    broker.kill()


def test_registrations_go_on_and_every_letter_goes_out_once(away, post_office):
    live, broker, url = away
    staff = staff_of(live)
    open_a_meeting(staff)
    broker.kill()
    with ThreadPoolExecutor(4) as pool:
        seconds = list(pool.map(lambda n: register(live, n), range(PEOPLE)))
    assert max(seconds) < 15  # four at once on a busy machine; nobody waits for the broker's time-outs
    assert live.status("/healthz") == 200 and live.status("/readyz") == 503
    assert live.status(f"/m/{SLUG}") == 200
    assert post_office.messages == []
    broker.start()
    back = time.monotonic()
    wait_until(lambda: len(post_office.messages) >= 2 * PEOPLE, patience=120, every=0.5)
    assert time.monotonic() - back < 120
    wait_until(lambda: states(url) == {"sent": 2 * PEOPLE}, patience=60, every=0.5)
    subjects = Counter((m["X-Envelope-To"], m["Subject"]) for m in post_office.messages)
    assert set(subjects.values()) == {1}
    assert len({m["Message-ID"] for m in post_office.messages}) == len(post_office.messages) == 2 * PEOPLE


def open_a_meeting(staff: Visitor) -> None:
    staff.open("/staff/series/new")
    staff.send(staff.form("short_name"), name="Faults")
    staff.open("/staff/meetings/new")
    staff.send(
        staff.form("title"),
        title="While the broker is away",
        slug=SLUG,
        starts="2031-05-01",
        ends="2031-05-02",
        tz="Asia/Manila",
        open_registration="y",
        code_of_conduct="Be kind.",
    )
    staff.send(staff.form(action="/state/open"))


def register(live: Live, n: int) -> float:
    """One person registers; returns the seconds of the slower of the two requests."""
    person = Visitor(live.url).open(f"/m/{SLUG}/register")
    begun = time.monotonic()
    person.send(
        person.form("submission_key"),
        adult="yes",
        full_name=f"Person {n}",
        email=f"person{n}@away.example",
        country="PH",
        photo_internal="no",
        photo_public="no",
        accepts_code="y",
    )
    assert person.path.endswith("/register/done")
    return time.monotonic() - begun


def states(url: str) -> dict[str, int]:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = dict(connection.execute(sa.text("SELECT state, count(*) FROM messages GROUP BY state")).all())
    engine.dispose()
    return found
