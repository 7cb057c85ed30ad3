"""The staff door in a real Chromium: an adult who may not leave yet, and the way to the child's page."""

import pytest
from playwright.sync_api import expect

from eventhub.db import db
from eventhub.security import Role
from tests.browser import signed_in
from tests.factories.checkin import Door, a_checkpoint, a_participant, a_running_meeting, name_adult

pytestmark = [pytest.mark.browser, pytest.mark.once]


def test_the_verdict_leads_to_the_child_and_handing_over_lets_the_adult_go(app, chrome, client, sign_in, server):
    meeting = a_running_meeting(admits_children=True)
    door = Door(client, a_checkpoint(meeting, "Main entrance"))
    adult, deputy = a_participant(meeting, "Dara Adult"), a_participant(meeting, "Vanna Deputy")
    child = a_participant(meeting, "Malee Familyname", is_child=True, called="Malee")
    name_adult(meeting, child, adult)
    assert [door.enter(each) for each in (adult, deputy, child)] == ["admitted"] * 3
    browser, base = sign_in(Role.ORGANISER, meeting), f"/staff/m/{meeting.slug}"
    browser.post(f"{base}/door/start", data={"checkpoint": door.checkpoint.id})
    codes = (adult.code, child.code)
    db.session.commit()
    context = signed_in(chrome, server, browser)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))

    def leave(code):
        page.goto(f"{server}{base}/door")
        page.get_by_text("Out", exact=True).click()
        page.locator("#text").fill(code)
        page.keyboard.press("Enter")
        return page.locator(".door-screen .verdict")

    verdict = leave(codes[0])
    expect(verdict).to_contain_text("A child is inside")
    verdict.get_by_role("link", name="The child and its adults").click()
    expect(page.get_by_role("heading", name="Malee")).to_be_visible()
    page.get_by_label("Who takes over").select_option(label="Vanna Deputy")
    page.get_by_role("button", name="Hand over").click()
    expect(page.get_by_text("Handed over")).to_be_visible()
    expect(leave(codes[0])).to_contain_text("Left")
    verdict = leave(codes[1])
    expect(verdict).to_contain_text("Left")
    verdict.get_by_role("link", name="The child and its adults").click()
    page.get_by_label("Vanna Deputy (took over today)").check()
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_text("with Vanna Deputy")).to_be_visible()
    assert problems == []
    context.close()
