"""The door app in a real Chromium: enrolled on line, then at work with the server gone, and back again."""

import pytest
from playwright.sync_api import expect

from eventhub.checkin import queries
from tests.checkin.phones import Phone, stored
from tests.factories.checkin import a_checkpoint, a_participant, a_running_meeting

pytestmark = [pytest.mark.browser, pytest.mark.once]

# a text that a scanner types into the field, faster than anybody
AT_ONCE = """(text) => {
  const input = document.getElementById("text");
  for (input.value = ""; text; text = text.slice(1)) {
    input.value += text[0];
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }
  input.focus();
}"""


def test_a_phone_works_with_the_server_gone_from_the_first_second(phone, venue):
    meeting = a_running_meeting()
    door = a_checkpoint(meeting, "Main entrance")
    first = a_participant(meeting, "សុខ ស្រីមុំ", latin_name="Sok Sreymom", organisation="Lotus Network")
    second = a_participant(meeting, "محمد خان", latin_name="Muhammad Khan")
    third = a_participant(meeting, "José Núñez")
    codes = [each.code for each in (first, second, third)]
    phone.enrol(door)
    venue.stop()
    phone.scan(codes[0], "Admitted", "សុខ ស្រីមុំ", "Sok Sreymom", "Lotus Network", "No photo")
    phone.scan("0" * 21, "Not known")
    phone.says("2 waiting")
    phone.page.close()  # the tab is closed, and opened again with the server still gone
    again = Phone(venue, phone.context).open()
    expect(again.page.locator(".last-five li")).to_have_count(2)
    again.scan(codes[0], "Already in", "Main entrance")
    again.page.keyboard.press("Escape")
    again.page.locator("#text").fill("nunez")
    again.page.get_by_role("button", name="José Núñez").click()
    again.shows("Admitted", "José Núñez")
    again.press("Undo the last scan")
    again.shows("Undone")
    again.press("Walk-in")
    again.page.get_by_label("Name, as they write it").fill("ဒေါ်အောင်")
    again.page.get_by_label("They are 18 or over").check()
    again.page.get_by_role("button", name="Let them in").click()
    again.shows("Admitted", "ဒေါ်အောင်", "Walk-in")
    again.says("6 waiting")
    scanners_have_ways_of_their_own(again, codes[0].lower())
    again.says("9 waiting")
    venue.start()
    again.send()
    again.says("all sent")
    assert stored() == [
        ("entry", "admitted"), ("entry", "refused/unknown"), ("entry", "already_in"),
        ("entry", "admitted"), ("void", None), ("entry", "admitted"),
        ("entry", "already_in"), ("exit", "left"), ("entry", "admitted"),
    ]  # fmt: skip
    day = queries.today(meeting.id)
    present = queries.list_present(meeting.id, day)
    assert sorted(p.person.full_name if p.person else p.walk_in["name"] for p in present) == ["ဒေါ်အောင်", "សុខ ស្រីមុំ"]
    assert again.errors == []


def scanners_have_ways_of_their_own(phone, code):
    """Small letters and a tab; nothing at the end; into the field of an open sheet; another language's keyboard."""
    phone.page.keyboard.press("Escape")
    phone.page.keyboard.type(f"https://hub.example/b/{code}")
    phone.page.keyboard.press("Tab")
    phone.shows("Already in", "សុខ ស្រីមុំ")
    phone.direction("Out")
    phone.page.keyboard.type(f"HTTPS://HUB.EXAMPLE/B/{code}")
    phone.shows("Left", "សុខ ស្រីមុំ")
    phone.direction("In")
    phone.press("Walk-in")
    phone.page.keyboard.type(f"HTTPS://HUB.EXAMPLE/B/{code}\r\n")
    phone.shows("Admitted", "សុខ ស្រីមុំ")
    expect(phone.page.locator("#walk-in")).to_be_hidden()
    phone.page.keyboard.press("Escape")
    phone.page.evaluate(AT_ONCE, 'HTTPSM--HUB"EXQ?PLE-B-éàé&')
    phone.page.keyboard.press("Enter")
    phone.shows("set the scanner's keyboard to US English")
