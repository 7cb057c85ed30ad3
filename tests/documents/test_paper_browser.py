"""The grid of a signed paper by keyboard, in a real Chromium."""

import pytest
from playwright.sync_api import expect

from eventhub.db import db
from eventhub.documents.models import Signature
from eventhub.security import Role
from tests.browser import signed_in
from tests.documents.test_paper import address, key
from tests.factories.checkin import a_checkpoint, a_participant, a_running_meeting

pytestmark = [pytest.mark.browser, pytest.mark.once]


def test_a_paper_is_typed_in_without_a_mouse(app, chrome, sign_in, server):
    meeting = a_running_meeting()
    a_checkpoint(meeting, "Main entrance")
    keys = [key(a_participant(meeting, f"Person {letter}")) for letter in "ABC"]
    browser, path = sign_in(Role.ORGANISER, meeting), address(meeting)
    browser.get(path)
    db.session.commit()
    context = signed_in(chrome, server, browser)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(server + path)
    page.locator(f"[name='at-{keys[0]}']").focus()
    page.keyboard.type("0505")
    expect(page.locator(f"[name='tick-{keys[0]}']")).to_be_checked()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.type("05:06")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Kept: 2 signed")).to_be_visible()
    expect(page.locator(f"[name='at-{keys[2]}']")).to_have_value("05:06")
    assert {row.person_key for row in db.session.query(Signature)} == {keys[0], keys[2]} and problems == []
    context.close()
