"""The broker dies while people register and are checked in: nobody outside notices; when it is back, every letter goes
out once, within two minutes."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests import conftest, stack
from tests.journeys.phone import Phone
from tests.journeys.test_seed_story import TZ, staff_of
from tests.journeys.visitor import Visitor
from tests.live import Live, wait_until

SLUG = "while-the-broker-is-away"
PEOPLE, GUESTS = 30, 8  # who registers while the broker is away; who registered before and arrives then


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


def test_the_doors_stay_open_and_every_letter_goes_out_once(away, post_office):
    live, broker, url = away
    staff = staff_of(live)
    open_a_meeting(staff)
    for n in range(GUESTS):
        register(live, f"guest{n}")
    wait_until(lambda: len(post_office.messages) == GUESTS, patience=120)
    codes, phones = column(url, "SELECT code FROM badges"), open_a_door(live, staff)
    assert len(codes) == GUESTS
    broker.kill()
    with ThreadPoolExecutor(6) as pool:
        asked = [[pool.submit(phone.ask, code) for phone in phones] for code in codes]
        seconds = list(pool.map(lambda n: register(live, f"person{n}"), range(PEOPLE)))
        heard = [sorted(answer.result()["verdict"] for answer in pair) for pair in asked]
    assert heard == [["admitted", "already_in"]] * GUESTS
    assert max(seconds) < 40  # several at once on a busy machine; nobody waits for the broker's time-outs
    assert live.status("/healthz") == 200 and live.status("/readyz") == 503
    assert live.status(f"/m/{SLUG}") == 200
    assert len(post_office.messages) == GUESTS
    broker.start()
    back = time.monotonic()
    wait_until(lambda: len(post_office.messages) >= GUESTS + PEOPLE, patience=120, every=0.5)
    assert time.monotonic() - back < 120
    wait_until(lambda: set(column(url, "SELECT state FROM messages")) == {"sent"}, patience=120, every=0.5)
    assert len(column(url, "SELECT state FROM messages")) == GUESTS + PEOPLE
    subjects = Counter((m["X-Envelope-To"], m["Subject"]) for m in post_office.messages)
    assert set(subjects.values()) == {1}
    assert len({m["Message-ID"] for m in post_office.messages}) == len(post_office.messages) == GUESTS + PEOPLE


def open_a_meeting(staff: Visitor) -> None:
    staff.open("/staff/series/new")
    staff.send(staff.form("short_name"), name="Faults")
    today = (datetime.now(TZ) - timedelta(hours=4)).date()  # a day of a meeting begins at four in the morning
    staff.open("/staff/meetings/new")
    staff.send(
        staff.form("title"),
        title="While the broker is away",
        slug=SLUG,
        starts=today,
        ends=today + timedelta(days=1),
        tz="Asia/Manila",
        open_registration="y",
        code_of_conduct="Be kind.",
    )
    staff.send(staff.form(action="/state/open"))


def open_a_door(live: Live, staff: Visitor) -> list[Phone]:
    staff.open(f"/staff/m/{SLUG}/checkpoints/new")
    staff.send(staff.form("kind"), name="Main entrance", kind="entrance")
    checkpoint = staff.path.rstrip("/").split("/")[-1]
    return [Phone(live, staff, SLUG, checkpoint) for _ in range(2)]


def register(live: Live, name: str) -> float:
    """One person registers; returns the seconds of the slower of the two requests."""
    person = Visitor(live.url).open(f"/m/{SLUG}/register")
    begun = time.monotonic()
    person.send(
        person.form("submission_key"),
        adult="yes",
        full_name=name.title(),
        email=f"{name}@away.example",
        country="PH",
        photo_internal="no",
        photo_public="no",
        accepts_code="y",
    )
    assert person.path.endswith("/register/done")
    return time.monotonic() - begun


def column(url: str, query: str) -> list[str]:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = list(connection.execute(sa.text(query)).scalars())
    engine.dispose()
    return found
