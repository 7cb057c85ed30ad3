"""The board in a real Chromium: it shows who came without being reloaded."""

import pytest
from playwright.sync_api import expect

from eventhub.db import db
from eventhub.security import Role
from tests.browser import signed_in
from tests.factories.checkin import Door, a_checkpoint, a_participant, a_running_meeting

pytestmark = [pytest.mark.browser, pytest.mark.once]


def test_who_comes_in_appears_by_itself(app, chrome, client, sign_in, server):
    meeting = a_running_meeting()
    door = Door(client, a_checkpoint(meeting, "Main entrance"))
    here, later = a_participant(meeting, "Somchai Dee"), a_participant(meeting, "សុខ ស្រីមុំ", latin_name="Sok Sreymom")
    assert door.enter(here) == "admitted"
    browser = sign_in(Role.DOOR, meeting)
    browser.get(f"/staff/m/{meeting.slug}/here")
    context = signed_in(chrome, server, browser)
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.goto(f"{server}/staff/m/{meeting.slug}/here")
    expect(page.get_by_text("Somchai Dee")).to_be_visible()
    page.fill("#filter-q", "sok")
    db.session.commit()
    assert door.enter(later) == "admitted"
    expect(page.get_by_text("Sok Sreymom")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("Somchai Dee")).to_have_count(0)
    assert page.input_value("#filter-q") == "sok" and problems == []
    context.close()
