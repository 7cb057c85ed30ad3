"""The kiosk's page in a real Chromium: enrolled, greets, forgets, says that the network is gone, and lets nobody out."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.checkin import devices, kiosks
from eventhub.checkin.models import Device
from eventhub.db import db
from eventhub.security import hashed, limiter
from tests.checkin.phones import PATIENCE, Venue
from tests.factories.checkin import a_checkpoint, a_participant, a_running_meeting
from tests.factories.programme import a_session

pytestmark = [pytest.mark.browser, pytest.mark.once]  # on PostgreSQL the morning has one


@pytest.fixture
def tablet(chrome, venue: Venue):
    context = chrome.new_context(viewport={"width": 768, "height": 1024})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", lambda dialog: dialog.accept())
    yield page
    context.close()
    assert errors == []


def enrol(page: Page, venue: Venue, checkpoint) -> None:
    limiter.reset()
    token = kiosks.make_token(checkpoint, pin="4711", expires_at=clock.now() + timedelta(days=1), by=SYSTEM)
    db.session.commit()
    page.goto(f"{venue.url}/kiosk/e/{token}")
    page.locator("#kiosk-name").fill("Tablet by the door")
    page.get_by_role("button", name="Start the kiosk").click()
    expect(page.get_by_role("heading", name="Hold your badge here")).to_be_visible()


def wrong(page: Page, words: Locator, *pins: str) -> None:
    for pin in pins:
        page.keyboard.type(f"{pin}\n")
        expect(page.locator('[data-part="digits"]')).to_have_text("0")
        expect(words).to_contain_text("not the PIN")


def hold(page: Page, code: str) -> None:
    """As a scanner that types."""
    page.keyboard.type(f"HTTPS://HUB.EXAMPLE/B/{code}\n")


def test_it_greets_forgets_and_is_left_with_the_pin_only(venue, tablet):
    meeting = a_running_meeting(programme_public=True)
    code = a_participant(meeting, "សុខ ស្រីមុំ", latin_name="Sok Sreymom").code
    a_session(meeting, "Opening", "23:10", "23:40", day=clock.today(meeting.tz))
    enrol(tablet, venue, a_checkpoint(meeting, "Main entrance"))
    answer = tablet.locator('[data-part="answer"]')
    hold(tablet, code)
    for text in ("Welcome", "សុខ ស្រីមុំ", "Sok Sreymom", "Opening", "23:10"):
        expect(answer).to_contain_text(text)
    expect(answer).to_be_hidden(timeout=PATIENCE)  # by itself
    assert "Sreymom" not in tablet.content() + str(
        tablet.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    )
    hold(tablet, "0" * 21)
    expect(answer).to_contain_text("Please come to the desk")
    # no way out: back, Escape, menu, links
    tablet.evaluate("history.go(-3)")
    tablet.evaluate("history.back()")
    tablet.keyboard.press("Escape")
    expect(tablet.get_by_role("dialog", name="PIN")).to_be_visible()
    assert tablet.evaluate("document.dispatchEvent(new MouseEvent('contextmenu', {cancelable: true}))") is False
    assert tablet.url == f"{venue.url}/kiosk/"
    assert tablet.locator("a:visible").count() == 0
    tablet.keyboard.type("0000\n")
    expect(tablet.locator('[data-part="pad-words"]')).to_contain_text("not the PIN")
    with tablet.expect_event("dialog") as asked:  # another address, or loading anew: the browser asks first
        tablet.reload()
    assert asked.value.type == "beforeunload"
    expect(tablet.get_by_role("heading", name="Hold your badge here")).to_be_visible()  # still a kiosk
    tablet.get_by_role("button", name="Staff").click()
    for digit in "4711":
        tablet.get_by_role("button", name=digit, exact=True).click()
    tablet.get_by_role("button", name="Check the PIN").click()
    tablet.get_by_role("button", name="End the kiosk on this tablet").click()
    expect(tablet.get_by_role("heading", name="This tablet is no kiosk")).to_be_visible()
    assert tablet.evaluate("localStorage.length") == 0


def test_its_key_changes_by_itself(venue, tablet):
    meeting = a_running_meeting()
    code = a_participant(meeting, "Somchai Dee").code
    enrol(tablet, venue, a_checkpoint(meeting, "Main entrance"))
    kept = "JSON.parse(localStorage.getItem('eventhub-kiosk')).key"
    first = tablet.evaluate(kept)
    tablet.evaluate(
        "localStorage.setItem('eventhub-kiosk', localStorage.getItem('eventhub-kiosk').replace(/renewed.:[0-9]+/, 'renewed\":0'))"
    )
    tablet.reload()
    tablet.wait_for_function(f"(first) => {kept} !== first", arg=first)
    hold(tablet, code)
    expect(tablet.locator('[data-part="answer"]')).to_contain_text("Somchai Dee")
    db.session.commit()
    assert db.session.scalars(sa.select(Device.key_hash)).one() != hashed(first)


def test_without_network_it_stays_a_kiosk_sends_people_to_the_desk_and_checks_the_pin_itself(venue, tablet):
    meeting = a_running_meeting()
    code = a_participant(meeting, "Somchai Dee").code
    enrol(tablet, venue, a_checkpoint(meeting, "Main entrance"))
    answer = tablet.locator('[data-part="answer"]')
    tablet.evaluate("navigator.serviceWorker.ready")
    venue.stop()
    hold(tablet, code)
    expect(answer).to_contain_text("No network just now")
    expect(tablet.locator('[data-part="network"]')).to_contain_text("Please go to the desk")
    words, pad = tablet.locator('[data-part="pad-words"]'), tablet.get_by_role("dialog", name="PIN")
    leaving = tablet.get_by_role("dialog", name="This tablet")
    tablet.keyboard.press("Escape")
    wrong(tablet, words, "0000", "0001", "0002")
    tablet.reload()  # with no server to load it from; the tries count on
    tablet.get_by_role("button", name="Staff").click()
    wrong(tablet, words, "0003")
    tablet.keyboard.type("4711\n")
    expect(leaving).to_be_visible()
    leaving.get_by_role("button", name="Back to the kiosk").click()
    tablet.keyboard.press("Escape")
    wrong(tablet, words, "0000", "0001", "0002", "0003", "0004")
    tablet.keyboard.type("4711\n")
    expect(words).to_contain_text("Too many wrong PINs")
    venue.start()
    pad.get_by_role("button", name="Back", exact=True).click()
    expect(tablet.locator('[data-part="network"]')).to_be_empty(timeout=PATIENCE)
    hold(tablet, code)
    expect(answer).to_contain_text("Somchai Dee")
    devices.revoke(db.session.scalars(sa.select(Device)).one(), by=SYSTEM)
    db.session.commit()
    hold(tablet, code)
    expect(answer).to_contain_text("This kiosk is switched off")
    assert tablet.evaluate("localStorage.length") == 0
