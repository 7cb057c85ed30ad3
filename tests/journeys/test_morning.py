"""A whole morning at the doors: 300 arrivals at three phones without network, a kiosk and a desk with walk-ins, while the
broker and the server are killed. In the end the server knows every scan, what was told, and who is inside."""

import random
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.badges import service as badges
from eventhub.checkin import kiosks, queries
from eventhub.checkin.models import Checkpoint, Scan, Told, Verdict
from eventhub.db import db
from eventhub.directory.models import Person
from tests import stack
from tests.checkin.phones import PATIENCE, Phone
from tests.factories.checkin import a_checkpoint, a_participant, a_running_meeting
from tests.live import Live

pytestmark = pytest.mark.browser

PEOPLE, WALK_INS = 290, 10
# each code as the camera hands it over; then what the screen says, before the next one comes
SCAN = """async (codes) => {
  const place = document.querySelector(".door-screen .verdict");
  const said = [];
  for (const code of codes) {
    const shown = new Promise((done) => new MutationObserver((_, watch) => (watch.disconnect(), done()))
      .observe(place, { childList: true }));
    document.dispatchEvent(new CustomEvent("eventhub-code", { detail: `HTTPS://HUB.EXAMPLE/B/${code}` }));
    await shown;
    said.push([place.querySelector(".word").textContent, place.querySelector(".who")?.textContent || ""]);
  }
  return said;
}"""

# each code as a scanner types it; then the greeting, before the next one comes
HOLD = """async (codes) => {
  const place = document.querySelector("[data-part=answer]");
  const said = [];
  for (const code of codes) {
    const shown = new Promise((done) => new MutationObserver((_, watch) => place.hidden || (watch.disconnect(), done()))
      .observe(place, { childList: true, attributes: true }));
    for (const key of [...code, "Enter"]) document.dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true }));
    await shown;
    await new Promise((done) => setTimeout(done));
    said.push([place.querySelector(".hello").textContent, place.querySelector(".name")?.textContent || ""]);
  }
  return said;
}"""


@pytest.fixture
def building(app, tmp_path: Path, post_office):
    """`eventhub up` in processes of its own on this test's database, with a broker that can be killed."""
    broker = stack.Valkey(tmp_path).start()
    settings = app.config["EVENTHUB"]
    live = Live(tmp_path, settings.database_url, post_office.url, REDIS_URL=broker.url, EVENTHUB_LIMITS="off")
    yield live.start(), broker
    kill(live)
    live.stop()
    broker.kill()


class Morning:
    """What really happened: who is where, and what was told to whom."""

    def __init__(self) -> None:
        self.inside: dict[str, str] = {}  # name -> checkpoint
        self.told: Counter[tuple[str, str, str]] = Counter()  # (checkpoint, name, word)

    def note(self, place: str, said: list[tuple[str, str]]) -> None:
        for word, name in said:
            self.told[place, name, word] += 1
            if word in ("Admitted", "Already in"):
                self.inside[name] = place
            elif word == "Left":
                del self.inside[name]


def kill(live: Live) -> None:
    """As a power cut would: all of it at once."""
    family = live.family()
    for process in family:
        process.kill()
    for process in family:
        process.wait(60)


class Kiosk:
    """A tablet in the hands of the public."""

    def __init__(self, live: Live, chrome: Browser, checkpoint: Checkpoint) -> None:
        token = kiosks.make_token(checkpoint, pin="4711", expires_at=clock.now() + timedelta(days=1), by=SYSTEM)
        db.session.commit()
        self.context = chrome.new_context(viewport={"width": 768, "height": 1024})
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(f"{live.url}/kiosk/e/{token}")
        self.page.get_by_role("button", name="Start the kiosk").click()
        expect(self.page.get_by_role("heading", name="Hold your badge here")).to_be_visible(timeout=PATIENCE)

    def greets(self, codes: list[str]) -> list[tuple[str, str]]:
        """(word, name) of each badge that is held before it."""
        words = {"Welcome": "Admitted", "Welcome back": "Already in"}
        return [(words[hello], name) for hello, name in self.page.evaluate(HOLD, codes)]


def test_a_morning_of_300_arrivals_ends_with_everybody_where_they_are(chrome: Browser, building):
    live, broker = building
    meeting = a_running_meeting()
    places = {
        name: a_checkpoint(meeting, name, group="building") for name in ("North", "South", "East", "Desk", "Kiosk")
    }
    people = {f"Person {n:03d}": a_participant(meeting, f"Person {n:03d}").code for n in range(PEOPLE)}
    lost = a_participant(meeting, "Lost Badge")
    kiosk = Kiosk(live, chrome, places["Kiosk"])
    phones = {}
    for name in ("North", "South", "East", "Desk"):
        context = chrome.new_context(viewport={"width": 360, "height": 740})
        phones[name] = Phone(live, context).enrol(places[name], scope=("desk",))
        if name != "Desk":
            context.set_offline(True)
            phones[name].says("No network")
    badges.replace(lost, by=SYSTEM)  # the phones cannot know
    old = lost.code
    db.session.commit()
    broker.kill()
    morning = Morning()
    crowd = list(people)
    random.Random(290).shuffle(crowd)

    def through(place: str, names: list[str]) -> None:
        morning.note(place, [tuple(each) for each in phones[place].page.evaluate(SCAN, [people[n] for n in names])])

    def at_kiosk(names: list[str]) -> None:
        morning.note("Kiosk", kiosk.greets([people[name] for name in names]))

    through("North", crowd[:60])
    through("South", crowd[60:120])
    at_kiosk(crowd[120:140])
    through("Desk", crowd[140:150])
    kill(live)
    walk_in(phones["Desk"], morning, range(WALK_INS))  # on its own from here on
    through("East", crowd[150:230])
    through("North", crowd[230:290])
    through("South", crowd[:5])  # in at North before: neither door can know of the other
    morning.note("East", [tuple(each) for each in phones["East"].page.evaluate(SCAN, [old])])
    phones["South"].direction("Out")
    through("South", crowd[60:72])
    broker.start()
    live.start()
    at_kiosk(crowd[60:64])  # back in
    for phone in phones.values():
        phone.context.set_offline(False)
        phone.send()
        expect(phone.network).to_contain_text("all sent", timeout=PATIENCE)
    assert len(morning.inside) == PEOPLE + WALK_INS + 1 - 8
    assert present(meeting.id) == morning.inside
    assert heard(meeting.id) == morning.told
    conflicts = Counter(row.verdict for row in queries.list_conflicts(meeting.id))
    assert conflicts == {"refused/revoked": 1}
    for phone in [*phones.values(), kiosk]:
        assert phone.errors == []
        phone.context.close()


def walk_in(phone: Phone, morning: Morning, numbers: range) -> None:
    for n in numbers:
        phone.press("Walk-in")
        phone.page.get_by_label("Name, as they write it").fill(f"Walk-in {n}")
        phone.page.get_by_label("They are 18 or over").check()
        phone.page.get_by_role("button", name="Let them in").click()
        phone.shows("Admitted", f"Walk-in {n}")
        morning.note("Desk", [("Admitted", f"Walk-in {n}")])


def present(meeting_id: int) -> dict[str, str]:
    """Who is where, as the server has it: name -> checkpoint."""
    db.session.rollback()
    names: dict[int, str] = {row.id: row.name for row in queries.list_checkpoints(meeting_id)}
    rows = queries.list_present(meeting_id, queries.today(meeting_id))
    return {(p.person.full_name if p.person else p.walk_in["name"]): names[p.checkpoint_id] for p in rows}


def heard(meeting_id: int) -> Counter[tuple[str, str, str]]:
    """Where, whom and what each scan's person was told, by the device or by the server."""
    words = {"admitted": "Admitted", "already_in": "Already in", "left": "Left"}
    places: dict[Any, str] = {row.id: row.name for row in queries.list_checkpoints(meeting_id)}
    people = {f"p{ident}": name for ident, name in db.session.execute(sa.select(Person.id, Person.full_name))}
    same = lambda table: sa.and_(table.device_id == Scan.device_id, table.scan_id == Scan.scan_id)  # noqa: E731
    rows = db.session.execute(
        sa.select(Scan, sa.func.coalesce(Told.verdict, Verdict.answered))
        .outerjoin(Told, same(Told))
        .outerjoin(Verdict, same(Verdict))
        .where(Scan.meeting_id == meeting_id)
    ).all()
    who = lambda scan: people.get(scan.person_key) or scan.content["walk_in"]["name"]  # noqa: E731
    return Counter((places[scan.checkpoint_id], who(scan), words[verdict]) for scan, verdict in rows)
