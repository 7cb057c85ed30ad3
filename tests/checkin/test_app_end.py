"""What lies in the phone: sealed, wiped when the key is over, and fit to be used only for so long."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.checkin import devices
from eventhub.checkin.models import Device, Scan
from eventhub.db import db
from tests.checkin.phones import PATIENCE, Phone, stored
from tests.factories.checkin import a_checkpoint, a_participant, a_running_meeting
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.once]

RAW = """async () => {
  const db = await new Promise((done) => (indexedDB.open("eventhub-door").onsuccess = (e) => done(e.target.result)));
  const all = (name, how) => new Promise((done) => (db.transaction(name).objectStore(name)[how]().onsuccess = (e) => done(e.target.result)));
  const text = (value) => value instanceof ArrayBuffer || ArrayBuffer.isView(value) ? new TextDecoder("latin1").decode(value)
    : value && typeof value === "object" ? Object.entries(value).map(([k, v]) => `${k}=${text(v)}`).join(";") : String(value);
  const [key] = await all("keys", "getAll");
  const exported = await crypto.subtle.exportKey("raw", key).then(() => "given out", (error) => error.name);
  const kept = { sealed: await all("sealed", "getAllKeys"), scans: (await all("scans", "getAll")).length };
  const clear = text(await all("sealed", "getAll")) + text(await all("scans", "getAll")) + JSON.stringify(localStorage);
  return { ...kept, clear, exported, extractable: key.extractable };
}"""


# Chromium enforces no quota on a store that lies in memory: this speaks as a disk without room would.
FULL = """() => {
  for (const name of ["add", "put"]) {
    IDBObjectStore.prototype[name] = () => { throw new DOMException("no room", "QuotaExceededError"); };
  }
}"""


@pytest.fixture
def meeting(app):
    return a_running_meeting(title="Forum of today")


@pytest.fixture
def door(meeting):
    return a_checkpoint(meeting, "Main entrance")


@pytest.fixture
def code(meeting):
    return a_participant(meeting, "Secret Name", organisation="Hidden House").code


def test_the_store_is_sealed_with_a_key_that_is_never_given_out(phone, venue, door, code):
    phone.enrol(door)
    venue.stop()
    phone.scan(code, "Admitted")
    raw = phone.page.evaluate(RAW)
    assert (raw["exported"], raw["extractable"]) == ("InvalidAccessError", False)
    assert sorted(raw["sealed"]) == ["devices", "people", "roster"] and raw["scans"] == 1
    for secret in ("Secret", "Hidden", code, "Forum of today", "Main entrance", "Bearer"):
        assert secret not in raw["clear"]


def test_a_revoked_phone_hands_over_its_queue_and_forgets_everybody(phone, venue, door, code):
    phone.enrol(door)
    venue.stop()
    phone.scan(code, "Admitted")
    device = db.session.query(Device).one()
    devices.revoke(device, by=SYSTEM)
    db.session.commit()
    venue.start()
    phone.page.evaluate("dispatchEvent(new Event('online'))")
    expect(phone.page.locator(".door-unknown")).to_contain_text("This phone was signed off", timeout=PATIENCE)
    expect(phone.page.locator(".door-work")).to_be_hidden()
    phone.says("all sent")
    assert stored() == [("entry", "admitted")]
    assert db.session.query(Scan).one().put_aside == "revoked"
    raw = phone.page.evaluate(RAW)
    assert (raw["sealed"], raw["scans"]) == (["devices"], 0)


def test_an_expired_phone_forgets_everybody_by_itself_and_keeps_its_queue(phone, venue, door, code):
    phone.page.clock.install()
    phone.enrol(door, expires_at=clock.now() + timedelta(hours=30))
    venue.stop()
    phone.scan(code, "Admitted")
    phone.page.clock.fast_forward("25:00:00")
    expect(phone.page.locator(".door-warnings")).to_contain_text("The list of people in this phone is 25 h old")
    phone.page.clock.fast_forward("06:00:00")
    expect(phone.page.locator(".door-unknown")).to_contain_text("The time of this door is over", timeout=PATIENCE)
    expect(phone.page.locator(".door-unknown")).to_contain_text("Scans that still wait: 1")
    raw = phone.page.evaluate(RAW)
    assert (raw["sealed"], raw["scans"]) == (["devices"], 1)


def test_a_full_phone_says_so_and_still_asks_the_server(phone, venue, door, code):
    phone.enrol(door)
    venue.stop()
    phone.scan("0" * 21, "Not known")
    phone.page.evaluate(FULL)
    phone.scan(code, "could not store the scan")
    venue.start()
    phone.page.keyboard.press("Escape")
    phone.page.evaluate("dispatchEvent(new Event('online'))")
    phone.says("On line")
    phone.scan(code, "Admitted")  # the server has it
    expect(phone.page.locator(".door-warnings")).to_contain_text("memory is full")
    phone.page.reload()  # there is room again
    phone.send()
    assert stored() == [("entry", "refused/unknown"), ("entry", None)]


def test_a_wrong_clock_is_named_and_put_right_by_the_server(phone, door, code):
    phone.page.clock.install(time=datetime.now(UTC) - timedelta(minutes=20))
    phone.enrol(door)
    expect(phone.page.locator(".door-warnings")).to_contain_text("This phone's clock is 20 min off")
    phone.page.context.set_offline(True)
    phone.scan(code, "Admitted")
    phone.page.context.set_offline(False)
    phone.send()
    scan = db.session.query(Scan).one()
    assert abs(scan.t / 1000 - clock.now().timestamp()) < 60
    assert json.dumps(scan.content)


def test_an_enrolment_says_what_the_phone_is_and_a_used_code_says_so(phone, door):
    phone.enrol(door, scope=("desk",))
    phone.network.click()
    facts = phone.page.locator("#queue dl")
    for text in ("Forum of today", "Main entrance", "Blue phone", "Works until", "take walk-ins", "People on the list"):
        expect(facts).to_contain_text(text)
    expect(phone.page.locator("[data-open=inside]")).to_be_hidden()


def test_a_phone_changes_its_key_and_works_on_in_two_tabs(phone, venue, door, code):
    phone.page.clock.install()
    phone.enrol(door, expires_at=clock.now() + timedelta(hours=30))
    before = db.session.query(Device.key_hash).scalar()
    db.session.rollback()
    other = Phone(venue, phone.context).open()
    other.says("all sent")
    phone.page.clock.fast_forward("13:00:00")
    wait_until(lambda: key_hash() != before)
    other.scan(code, "Admitted")
    assert other.errors == []


def key_hash():
    db.session.rollback()
    found = db.session.query(Device.key_hash).scalar()
    db.session.rollback()
    return found


def test_a_phone_may_be_enrolled_again_and_still_delivers_what_it_held(phone, venue, meeting, door, code):
    phone.enrol(door)
    venue.stop()
    phone.scan(code, "Admitted")
    venue.start()
    other = a_checkpoint(meeting, "Back door")
    again = Phone(venue, phone.context)
    phone.page.close()
    again.enrol(other)
    expect(again.page.locator(".door-place")).to_contain_text("Back door")
    again.send()
    scan = db.session.query(Scan).one()
    assert (scan.checkpoint_id, scan.put_aside) == (door.id, "")
    assert db.session.query(Device).count() == 2
