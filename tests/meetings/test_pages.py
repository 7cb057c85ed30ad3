"""Series and meetings through their pages."""

import re

import pytest

from eventhub.db import db
from eventhub.errors import IllegalMoveError
from eventhub.meetings import queries, service
from eventhub.meetings.states import MeetingState
from eventhub.security import Role
from tests.factories.basics import a_meeting, a_series

FACTS = {
    "title": "APPM, Manila",
    "starts": "2018-07-04",
    "ends": "2018-07-06",
    "tz": "Asia/Manila",
    "mode": "in_person",
    "accent": "#0b6e6e",
    "slug": "appm-manila",
}


def test_an_administrator_plans_a_meeting(sign_in):
    series = a_series()
    db.session.commit()
    answer = sign_in().post("/staff/meetings/new", data={**FACTS, "series_id": series.id}, follow_redirects=True)
    assert answer.status_code == 200 and "APPM, Manila" in answer.text
    meeting = queries.get_meeting("appm-manila")
    assert (meeting.year, meeting.edition_no, meeting.state) == (2018, None, MeetingState.PLANNED)
    assert [str(day.day) for day in meeting.days] == ["2018-07-04", "2018-07-05", "2018-07-06"]


def test_without_a_series_one_is_led_to_start_it(sign_in):
    browser = sign_in()
    assert "/staff/meetings/new" not in browser.get("/staff/").text
    led = browser.get("/staff/meetings/new", follow_redirects=True)
    assert led.request.path == "/staff/series/new" and "Start one first" in led.text
    a_series()
    db.session.commit()
    assert "/staff/meetings/new" in browser.get("/staff/").text
    assert browser.get("/staff/meetings/new").status_code == 200


def test_zones_are_cities_by_part_of_the_world_and_a_colour_is_chosen_from_a_picture(sign_in):
    a_series()
    db.session.commit()
    page = sign_in().get("/staff/meetings/new").text
    zones = page.split('name="tz"')[1].split("</select>")[0]
    assert re.findall('optgroup label="([^"]+)"', zones)[:2] == ["Asia", "Pacific"]
    for option in (
        '<option value="Asia/Phnom_Penh">Phnom Penh</option>',
        '<option value="America/Argentina/Salta">Salta (Argentina)</option>',
        '<option value="UTC">UTC</option>',
    ):
        assert option in zones
    assert re.search(r'<input[^>]*name="accent"[^>]*type="color"', page)


def test_a_new_series_is_chosen_for_its_first_meeting_and_a_long_title_makes_an_address(sign_in):
    a_series(name="Another series", slug="another")
    db.session.commit()
    browser = sign_in()
    made = browser.post("/staff/series/new", data={"name": "Zonal meetings", "accent": "#0b6e6e"})
    form = browser.get(made.location).text
    assert re.search(r'<option selected value="\d+">Zonal meetings</option>', form)
    series_id = re.search(r'<option selected value="(\d+)">Zonal', form)[1]
    title = "A meeting of young people, of rivers, and of what remains when the great waters I see rise"
    facts = {**FACTS, "slug": "", "title": title, "country": "VN", "series_id": series_id}
    page = browser.post("/staff/meetings/new", data=facts, follow_redirects=True).text
    assert "What comes next" in page and "Open the meeting" in page and "Invite the first organisations" in page
    meeting = queries.list_meetings()[0]
    assert meeting.slug == "a-meeting-of-young-people-of-rivers-and-of-what-remains-when-the-great-waters-i"
    assert (meeting.country, meeting.series.name) == ("VN", "Zonal meetings")
    assert browser.post("/staff/meetings/new", data={**facts, "slug": "x", "country": "Vietnam"}).status_code == 422


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"ends": "2018-07-01"}, "The last day lies before the first."),
        ({"ends": "2018-12-01"}, "at most 31 days"),
        ({"starts": "0026-07-28", "ends": "0026-07-30"}, "whole year"),
        ({"starts": "9999-12-31", "ends": "9999-12-31"}, "whole year"),
        ({"starts": "1926-07-28", "ends": "1926-07-30"}, "whole year"),
        ({"registration_closes": "9999-12-31T23:59"}, "whole year"),
        ({"slug": "Ängström!"}, "small Latin letters"),
        ({"accent": "red"}, "#rrggbb"),
        ({"title": "x" * 5_000_000}, "200"),
        ({"edition_no": "99999999999999999999"}, "999"),
        ({"title": "\x00"}, "required"),
    ],
)
def test_wrong_facts_come_back_with_a_sentence_and_what_was_typed(sign_in, change, sentence):
    series = a_series()
    db.session.commit()
    data = {**FACTS, "theme": "Kept as typed", "series_id": series.id, **change}
    answer = sign_in().post("/staff/meetings/new", data=data)
    assert answer.status_code == 422
    assert sentence in answer.text and "Kept as typed" in answer.text
    assert queries.list_meetings() == []


def test_the_second_of_two_editors_is_told_and_loses_nothing(sign_in):
    meeting = a_meeting()
    browser, address = sign_in(), f"/staff/m/{meeting.slug}/facts"
    data = {**FACTS, "series_id": meeting.series_id, "slug": meeting.slug, "version": meeting.version}
    assert browser.post(address, data={**data, "theme": "First"}).status_code == 302
    answer = browser.post(address, data={**data, "theme": "Second"})
    assert answer.status_code == 422
    assert "Somebody changed this" in answer.text and "Second" in answer.text
    db.session.expire_all()
    assert queries.get_meeting(meeting.slug).theme == "First"


def test_states_move_only_as_the_table_says(app):
    meeting = a_meeting(MeetingState.PLANNED)
    with pytest.raises(IllegalMoveError):
        service.move(meeting, MeetingState.OVER, by=service.audit.SYSTEM)


def test_a_planned_meeting_is_not_public_and_an_open_one_is(client):
    planned, opened = a_meeting(MeetingState.PLANNED), a_meeting()
    assert client.get(f"/m/{planned.slug}").status_code == 404
    assert opened.title in client.get(f"/m/{opened.slug}").text
    assert planned.title not in client.get("/").text


def test_only_who_may_opens_a_staff_page(client, sign_in):
    meeting, other = a_meeting(), a_meeting()
    address = f"/staff/m/{meeting.slug}/facts"
    assert client.get(address).status_code == 302
    assert sign_in(Role.READER, meeting).get(address).status_code == 403
    assert sign_in(Role.ORGANISER, other).get(address).status_code == 403
    assert sign_in(Role.ORGANISER, meeting, email="two@staff.example").get(address).status_code == 200


@pytest.mark.once
def test_staff_see_the_meetings_that_are_open_to_them_and_a_refused_page_leads_back(sign_in):
    here, there = a_meeting(title="The one here"), a_meeting(title="The one there")
    browser = sign_in(Role.DOOR, here)
    page = browser.get("/staff/").text
    assert here.title in page and there.title not in page
    refused = browser.get(f"/staff/m/{there.slug}/")
    assert refused.status_code == 403 and 'href="/staff/"' in refused.text
