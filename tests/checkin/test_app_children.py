"""Children at the door app, with and without a network: the adult first, handover, and with whom a child leaves."""

import pytest
from playwright.sync_api import expect

from eventhub.checkin import queries
from tests.checkin.phones import stored
from tests.factories.checkin import Door, a_checkpoint, a_participant, name_adult

pytestmark = [pytest.mark.browser, pytest.mark.once]
SCOPE = ("children", "evacuation")


@pytest.fixture
def badges(meeting):
    adult = a_participant(meeting, "Dara Chan", organisation="Lotus Network")
    deputy = a_participant(meeting, "Maly Keo")
    child = a_participant(meeting, "Srey Familyname", called="ស្រីនាង", is_child=True)
    name_adult(meeting, child, adult)
    return {"adult": adult.code, "deputy": deputy.code, "child": child.code}


def test_a_child_is_handed_over_before_its_adult_leaves_and_its_exit_names_the_adult(phone, venue, meeting, badges):
    phone.enrol(a_checkpoint(meeting, "Main entrance"), scope=SCOPE)
    venue.stop()
    phone.scan(badges["child"], "The adult first", "ស្រីនាង", "See focal point")
    expect(phone.verdict).not_to_contain_text("Familyname")
    phone.scan(badges["adult"], "Admitted", "Dara Chan")
    phone.scan(badges["deputy"], "Admitted", "Maly Keo")
    phone.scan(badges["child"], "Admitted", "ស្រីនាង")
    phone.press("Who is inside")
    expect(phone.page.locator("#inside")).to_contain_text("Inside as far as this phone knows: 3")
    for name in ("Dara Chan", "Maly Keo", "ស្រីនាង"):
        expect(phone.page.locator(".door-inside")).to_contain_text(name)
    phone.page.locator("#inside [data-close]").click()
    phone.direction("Out")
    phone.scan(badges["adult"], "A child is inside", "Still inside: ស្រីនាង")
    phone.page.get_by_role("button", name="Hand over to another adult").click()
    choices = phone.page.locator("#handover li")
    expect(choices).to_have_count(1)  # not to the one who leaves
    choices.get_by_role("button", name="Maly Keo").click()
    phone.shows("Handed over")
    phone.direction("Out")
    phone.page.locator("#text").fill("dara")
    phone.page.get_by_role("button", name="Dara Chan").click()
    phone.shows("Left", "Dara Chan")
    phone.page.keyboard.press("Escape")
    phone.page.keyboard.type(f"{badges['child']}\n")
    expect(phone.page.locator("#handover")).to_contain_text("With whom does ស្រីនាង leave?")
    phone.page.locator("#handover").get_by_role("button", name="Maly Keo").click()
    phone.shows("Left", "ស្រីនាង", "Leaves with Maly Keo")
    venue.start()
    phone.send()
    assert stored() == [
        ("entry", "refused/chaperone_first"), ("entry", "admitted"), ("entry", "admitted"), ("entry", "admitted"),
        ("exit", "refused/child_in_care"), ("handover", "handed_over"), ("exit", "left"),
        ("handover", "handed_over"), ("exit", "left"),
    ]  # fmt: skip
    present = queries.list_present(meeting.id, queries.today(meeting.id))
    assert [p.person.full_name for p in present] == ["Maly Keo"]
    assert queries.list_conflicts(meeting.id) == []


def test_somebody_at_risk_stands_on_the_phone_by_the_name_of_their_badge(phone, venue, meeting):
    code = a_participant(meeting, "Whole Name", called="River", at_risk=True, organisation="Told Nobody").code
    phone.enrol(a_checkpoint(meeting, "Main entrance"), scope=SCOPE)
    venue.stop()
    phone.scan(code, "Admitted", "River")
    expect(phone.verdict).not_to_contain_text("Whole")
    phone.press("Who is inside")
    expect(phone.page.locator(".door-inside")).to_contain_text("River")
    expect(phone.page.locator(".door-inside")).not_to_contain_text("Told Nobody")


def test_without_the_scope_no_child_is_in_the_phone(app, phone, venue, meeting, badges):
    phone.enrol(a_checkpoint(meeting, "Main entrance"), scope=("evacuation", "desk"))
    phone.page.locator("#text").fill("ស្រី")
    expect(phone.page.locator(".door-results")).to_contain_text("Nobody of that name")
    phone.page.locator("#text").fill("")
    expect(phone.page.locator("[data-open=handover]")).to_be_hidden()
    venue.stop()
    phone.scan(badges["child"], "Not known")
    expect(phone.verdict).not_to_contain_text("ស្រី")
    venue.start()
    phone.send()
    phone.scan(badges["adult"], "Admitted")
    phone.scan(badges["child"], "Admitted", "See focal point")  # the server knows, and tells no name
    expect(phone.verdict).not_to_contain_text("ស្រី")
    phone.send()  # and fetches the server's picture
    phone.press("Who is inside")
    state = phone.page.locator(".door-inside-state")
    expect(state).to_contain_text("Inside as far as this phone knows: 2")
    expect(state).to_contain_text("Not named on this phone, and to be counted too: 1")
    phone.page.locator("#inside [data-close]").click()
    room = Door(app.test_client(), a_checkpoint(meeting, "Room A", kind="meal"))
    assert [room.enter(badges[who]) for who in ("adult", "child", "deputy")] == ["admitted"] * 3
    phone.scan(badges["deputy"], "Admitted")
    phone.send()
    phone.press("Who is inside")  # each once, though two places have them
    expect(state).to_contain_text("Inside as far as this phone knows: 3")
    expect(phone.page.locator(".door-inside")).to_contain_text("Room A: 1")
    phone.page.locator("#inside [data-close]").click()
    phone.direction("Out")
    phone.scan(badges["deputy"], "Left")
    phone.press("Who is inside")
    expect(state).to_contain_text("Inside as far as this phone knows: 2")
    expect(phone.page.locator(".door-inside")).to_contain_text("Probably outside: 1")
