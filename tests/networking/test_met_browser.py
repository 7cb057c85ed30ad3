"""A phone that is off line keeps whom its owner met, and sends it once it is on line again."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect

from eventhub.db import db
from eventhub.networking.models import Introduction
from eventhub.security import limiter, token
from tests.browser import FLAGS
from tests.checkin.phones import PATIENCE, Venue
from tests.checkin.test_browser import a_video
from tests.factories.checkin import a_participant, a_running_meeting
from tests.machine import chromium

pytestmark = pytest.mark.browser


def test_what_was_read_off_line_is_kept_in_the_phone_and_sent_once(chrome: Browser, venue: Venue):
    limiter.reset()  # pages of other tests have the same links
    meeting = a_running_meeting()
    names = ("Machiko Kaida", "Pehn Son", "Somchai Dee", "Rina Sato")
    me, one, two, three = (a_participant(meeting, name) for name in names)
    mine = f"{venue.url}/me/{token('me', me.registration_id, me.registration.link_version)}"
    first, second, third = one.code, two.code, three.code
    db.session.commit()
    context = chrome.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{mine}/met")
    expect(page.locator(".self-why")).not_to_have_text("")  # its script runs
    context.set_offline(True)
    for code in (first, second, first):
        page.get_by_label("The code or the name").fill(f"https://hub.example/b/{code.lower()}")
        page.get_by_role("button", name="We met", exact=True).click()
    expect(page.get_by_role("heading", name="Kept on this phone")).to_be_visible()
    expect(page.locator(".met-count")).to_have_text("3 badges wait.")
    stored = page.evaluate("JSON.stringify(localStorage)")
    assert first in stored and "Pehn" not in stored
    context.set_offline(False)
    expect(page.get_by_text("Noted: you met Somchai Dee")).to_be_visible(timeout=PATIENCE)
    page.goto(mine)
    expect(page.get_by_role("heading", name="People I met")).to_be_visible()
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('met-')).length") == 0
    page.goto(f"{mine}/met")
    page.evaluate("navigator.serviceWorker.ready")
    venue.stop()
    page.reload()  # with the server gone: an empty page stands in, which knows nobody
    expect(page.get_by_role("heading", name="There is no network")).to_be_visible()
    assert "Somchai" not in page.content() and "Machiko" not in page.content()
    page.get_by_label("The code on the badge").fill("Pehn Son")
    page.get_by_role("button", name="We met", exact=True).click()
    expect(page.locator(".self-why")).to_contain_text("What you typed stays here")
    page.get_by_label("The code on the badge").fill(third)
    page.get_by_role("button", name="We met", exact=True).click()
    expect(page.locator(".met-count")).to_have_text("1 badge waits.")
    stored = page.evaluate(
        """async () => {
            const texts = [];
            for (const name of await caches.keys())
                for (const request of await (await caches.open(name)).keys()) texts.push(request.url);
            return texts.join(" ");
        }"""
    )
    assert "/met/offline" in stored and "/me/" not in stored  # no link, nobody's page
    venue.start()
    page.reload()
    expect(page.get_by_text("Noted: you met Rina Sato")).to_be_visible(timeout=PATIENCE)
    context.close()
    db.session.rollback()
    pairs = db.session.execute(sa.select(Introduction.a_id, Introduction.b_id).order_by(Introduction.id)).all()
    mine_id = me.registration.person_id
    assert pairs == [(mine_id, badge.registration.person_id) for badge in (one, two, three)]


def test_a_phones_camera_reads_the_badge_and_one_press_records_it(chrome: Browser, venue: Venue, tmp_path):
    limiter.reset()
    meeting = a_running_meeting()
    me, other = (a_participant(meeting, name) for name in ("Machiko Kaida", "Pehn Son"))
    mine = f"{venue.url}/me/{token('me', me.registration_id, me.registration.link_version)}/met"
    video = a_video(tmp_path / "badge.y4m", f"HTTPS://HUB.EXAMPLE/B/{other.code}")
    db.session.commit()
    camera = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
    flags = [*FLAGS, *camera, f"--use-file-for-fake-video-capture={video}"]
    browser = chrome.browser_type.launch(executable_path=chromium(), args=flags)
    page = browser.new_context(viewport={"width": 360, "height": 740}, permissions=["camera"]).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(mine)
    expect(page.get_by_role("heading", name="Badge read")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="share my e-mail").click()
    expect(page.get_by_text("Noted: you met Pehn Son")).to_be_visible(timeout=PATIENCE)
    browser.close()
