"""The follow-up's page in a real Chromium on a phone: what is tapped and typed is saved without any button."""

import pytest
from playwright.sync_api import expect

from eventhub import security
from eventhub.db import db
from eventhub.partnerships import queries_follow, waves
from tests.factories.partnerships import an_introduction

pytestmark = [pytest.mark.browser, pytest.mark.once]


def test_taps_and_words_are_saved_by_themselves(chrome, server):
    introduction = an_introduction()
    waves.schedule(introduction.meeting)
    row = queries_follow.list_asked(introduction.meeting, months=3)[0].items[0]
    waves.send(row.id)
    address = f"{server}/follow-up/{security.token('person_follow_up', row.id)}"
    key = f"i{introduction.id}"
    db.session.commit()
    with chrome.new_context(viewport={"width": 360, "height": 740}) as context:
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        what = page.locator(f"#{key} .what")
        expect(what).to_be_hidden()
        page.get_by_label("Yes").nth(2).check()
        expect(what).to_be_visible()
        expect(page.locator("#saved")).to_contain_text("Saved")
        page.fill(f"[name={key}-title]", "A joint training")
        expect(page.locator("[name=seen]")).to_have_value("3")
        page.goto(address)
        expect(page.locator(f"[name={key}-title]")).to_have_value("A joint training")
        assert errors == []
