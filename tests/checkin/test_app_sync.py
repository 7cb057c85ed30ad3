"""What the door app sends, when the way to the server is slow, breaks off, or is taken by two tabs at once."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Route, expect

from eventhub.checkin import queries
from eventhub.checkin.models import Scan
from eventhub.db import db
from tests.browser import FLAGS
from tests.checkin.phones import PATIENCE, Phone, stored
from tests.factories.checkin import a_checkpoint, a_participant, a_running_meeting
from tests.machine import chromium
from tests.waiting import wait_until

pytestmark = pytest.mark.browser

CAMERAS = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream=device-count=2"]
CAMERA = "document.querySelector('video').srcObject?.getVideoTracks()[0].getSettings().deviceId"
NARROW = {"width": 360, "height": 740}


@pytest.fixture
def meeting(app):
    return a_running_meeting()


@pytest.fixture
def door(meeting):
    return a_checkpoint(meeting, "Main entrance")


@pytest.fixture
def codes(meeting):
    return [a_participant(meeting, f"Person {n}").code for n in range(3)]


def present(door):
    db.session.commit()
    day = queries.today(door.meeting_id)
    return sorted(p.person.full_name for p in queries.list_present(door.meeting_id, day))


def test_a_sync_that_breaks_off_is_repeated_or_comes_from_two_tabs_changes_nothing(phone, venue, door, codes):
    phone.enrol(door)
    venue.stop()
    for n, code in enumerate(codes):
        phone.scan(code, "Admitted", f"Person {n}")
    other = Phone(venue, phone.context).open()
    broken: list[str] = []

    def lose_the_answer(route: Route) -> None:
        if broken:
            return route.fallback()
        broken.append(route.fetch().text())  # the server has stored it, and the phone never hears of it
        return route.abort()

    phone.context.route("**/api/v1/door/scans", lose_the_answer)
    venue.start()
    for tab in (phone, other):
        tab.page.evaluate("dispatchEvent(new Event('online'))")
    for tab in (phone, other):
        tab.send()
        tab.says("all sent")
    assert len(broken) == 1 and broken[0].count('"id"') == 3
    assert stored() == [("entry", "admitted")] * 3
    assert present(door) == ["Person 0", "Person 1", "Person 2"]
    other.scan(codes[0], "Already in")
    assert other.errors == []


@pytest.mark.once
def test_a_late_answer_is_let_go_and_what_was_told_is_sent(phone, door, codes):
    clock = phone.page.clock  # stands still, so that a busy machine decides nothing here
    clock.install()
    phone.enrol(door)
    clock.pause_at(datetime.now(UTC) + timedelta(seconds=2))
    held: list[Route] = []
    phone.page.route("**/api/v1/door/ask", lambda route: held.append(route))
    phone.page.keyboard.type(f"{codes[0]}\n")
    expect(phone.page.locator("#text")).to_have_value("")
    wait_until(lambda: phone.page.evaluate("1") and len(held) == 1)
    clock.run_for(690)
    expect(phone.page.locator(".door-screen")).to_be_hidden()
    clock.run_for(20)  # nobody waits longer than 700 ms
    phone.shows("Admitted", "Person 0")
    phone.page.unroute("**/api/v1/door/ask")
    clock.run_for(10)
    phone.says("all sent")
    assert stored() == [("entry", "admitted")]
    phone.scan(codes[0], "Admitted")  # the same badge held up twice is not two scans
    clock.run_for(5000)
    phone.scan(codes[1], "Admitted", "Person 1")  # the server answers again, and is not told what it said itself
    clock.run_for(5000)
    phone.scan(codes[0], "Already in", "Main entrance")
    assert stored()[1:] == [("entry", None), ("entry", None)]


@pytest.mark.once
def test_an_answer_from_before_the_network_went_says_nothing_of_now(phone, door):
    phone.enrol(door)
    held: list[Route] = []
    phone.page.route("**/api/v1/door/roster*", lambda route: held.append(route))
    phone.page.evaluate("dispatchEvent(new Event('online'))")
    wait_until(lambda: phone.page.evaluate("1") and held)
    phone.page.evaluate("dispatchEvent(new Event('offline'))")
    phone.says("No network")
    with phone.page.expect_response("**/api/v1/door/roster*") as answered:
        held[0].fallback()
    answered.value.finished()
    phone.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    expect(phone.network).to_contain_text("No network")


@pytest.mark.once
def test_a_browser_that_was_closed_opens_the_door_and_its_camera_with_the_server_gone(
    chrome, venue, door, codes, tmp_path
):
    def browser():
        return chrome.browser_type.launch_persistent_context(
            str(tmp_path / "profile"), executable_path=chromium(), args=[*FLAGS, *CAMERAS], viewport=NARROW
        )

    context = browser()
    phone = Phone(venue, context).enrol(door)
    venue.stop()
    phone.scan(codes[0], "Admitted", "Person 0")
    phone.page.keyboard.press("Escape")
    cameras, seen = phone.page.locator(".door-cameras"), phone.page.evaluate(CAMERA)
    other = cameras.locator(f'option:not([value="{seen}"])').get_attribute("value")
    cameras.select_option(other)
    phone.page.wait_for_function(f"(wanted) => {CAMERA} === wanted", arg=other)
    context.close()
    context = browser()
    again = Phone(venue, context).open()
    again.says("1 waiting")
    again.page.wait_for_function(f"(wanted) => {CAMERA} === wanted", arg=other)
    expect(again.page.locator(".door-cameras")).to_have_value(other)
    again.scan(codes[0], "Already in")
    again.scan(codes[1], "Admitted", "Person 1")
    venue.start()
    again.send()
    expect(again.network).to_contain_text("On line", timeout=PATIENCE)
    context.close()
    assert again.errors == []
    assert present(door) == ["Person 0", "Person 1"]
    assert db.session.query(Scan).count() == 3
