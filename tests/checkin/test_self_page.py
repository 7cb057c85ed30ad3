"""Self check-in in a real Chromium: the room's screen changes its code, a phone's camera reads it, off line it says so."""

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.badges.cards import host
from eventhub.checkin import self_check_in
from eventhub.db import db
from eventhub.security import token
from tests.browser import FLAGS
from tests.checkin.phones import PATIENCE, Venue
from tests.checkin.test_browser import a_video
from tests.factories.checkin import a_participant, a_running_meeting
from tests.factories.programme import a_session
from tests.machine import chromium

pytestmark = pytest.mark.browser
CAMERA = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")


@pytest.fixture
def session(app):
    meeting = a_running_meeting()
    made = a_session(meeting, "Harmful work", "11:00", "14:00", day=clock.today(meeting.tz))
    self_check_in.open_for(made, by=SYSTEM)
    return made


def test_the_rooms_screen_changes_its_code_without_loading_the_page_again(chrome: Browser, venue: Venue, session):
    row = self_check_in.find(session.id)
    address = f"{venue.url}/screen/{self_check_in.screen_token(row)}"
    db.session.commit()
    page = chrome.new_page(viewport={"width": 1280, "height": 720})
    now = clock.now()
    nearly = datetime.fromtimestamp((now.timestamp() // 30) * 30 + 29, tz=now.tzinfo)
    with clock.frozen(nearly):
        page.goto(address)
    before = page.locator(".room-code path").last.get_attribute("d")
    page.evaluate("window.stays = true")
    with clock.frozen(nearly + timedelta(seconds=2)):
        expect(page.locator(".room-code path").last).not_to_have_attribute("d", before, timeout=PATIENCE)
    assert page.evaluate("window.stays") is True
    page.close()


def test_a_phones_camera_reads_the_rooms_code_and_records_once(chrome: Browser, venue: Venue, session, tmp_path):
    badge = a_participant(session.meeting, "Somchai Dee")
    mine = f"{venue.url}/me/{token('me', badge.registration.id, badge.registration.link_version)}/here"
    video = a_video(tmp_path / "room.y4m", f"HTTPS://{host()}/S/{self_check_in.code_now(session)}".upper())
    db.session.commit()
    flags = [*FLAGS, *CAMERA, f"--use-file-for-fake-video-capture={video}"]
    browser = chrome.browser_type.launch(executable_path=chromium(), args=flags)
    context = browser.new_context(viewport={"width": 360, "height": 740}, permissions=["camera"])
    page = context.new_page()
    page.goto(mine)
    expect(page.get_by_role("heading", name="You are noted")).to_be_visible(timeout=PATIENCE)
    browser.close()


def test_a_phone_that_is_off_line_says_so(chrome: Browser, venue: Venue, session):
    badge = a_participant(session.meeting, "Somchai Dee")
    mine = f"{venue.url}/me/{token('me', badge.registration.id, badge.registration.link_version)}/here"
    code = self_check_in.code_now(session)
    db.session.commit()
    context = chrome.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(mine)
    page.get_by_label("No camera?").fill(f"https://hub.example/s/{code}")
    context.set_offline(True)
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_role("heading", name="Your phone is off line")).to_be_visible(timeout=PATIENCE)
    context.set_offline(False)
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_role("heading", name="You are noted")).to_be_visible(timeout=PATIENCE)
    context.close()
