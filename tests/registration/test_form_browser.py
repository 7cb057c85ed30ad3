"""The form in a real Chromium: what it asks of whom, and the meeting's colour, by stylesheets that the policy allows."""

import pytest
from playwright.sync_api import expect

from eventhub.db import db
from eventhub.registration.models import FieldKind
from tests.browser import PATIENCE
from tests.factories.basics import a_meeting, a_sector
from tests.factories.registration import a_question

pytestmark = [pytest.mark.browser, pytest.mark.once]


def test_a_sectors_question_shows_to_who_chose_it_and_the_childs_form_to_minors(chrome, server):
    meeting, coalition, other = a_meeting(accent="#8a1c5b"), a_sector("coalition"), a_sector("research")
    a_question(meeting, "Visa?", FieldKind.TEXT, sector=coalition)
    db.session.commit()
    with chrome.new_context(viewport={"width": 360, "height": 740}, color_scheme="light") as context:
        page, wrong = context.new_page(), []
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.goto(f"{server}/m/{meeting.slug}/register")
        question, sector = page.get_by_label("Visa?"), page.locator("#sector_id")
        expect(question).to_be_hidden()
        sector.select_option(str(coalition.id))
        expect(question).to_be_visible()
        sector.select_option(str(other.id))
        expect(question).to_be_hidden()
        name = page.locator("#full_name")
        expect(name).to_be_visible()
        page.locator("#adult-1").check()
        expect(page.locator(".if-minor")).to_be_visible()
        expect(name).to_be_hidden()
        accent = "getComputedStyle(document.documentElement).getPropertyValue('--accent').trim()"
        assert page.evaluate(accent) == "#8a1c5b"
        assert wrong == []


def test_the_sheet_of_sectors_is_made_of_numbers_only(client):
    meeting = a_meeting()
    sheet = client.get(f"/m/{meeting.slug}/register/of-sectors/3-7.css")
    assert sheet.mimetype == "text/css" and sheet.text.count("{display:none}") == 2 and ".of-sector-7" in sheet.text
    for odd in ("", "3-", "a", "3;}", "-1", "1" * 20):
        assert client.get(f"/m/{meeting.slug}/register/of-sectors/{odd}.css").status_code == 404
