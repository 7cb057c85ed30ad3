"""What was signed on paper is typed into one grid: signatures of their own, scans for whom no door saw, twice is once."""

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from eventhub import clock
from eventhub.checkin import queries
from eventhub.checkin.facts import milliseconds
from eventhub.checkin.models import Device, FirstEntry, Scan, Told
from eventhub.db import db
from eventhub.documents import queries_sheets
from eventhub.documents.models import Signature
from eventhub.security import Role
from tests.factories.checkin import Door, a_checkpoint, a_participant, a_running_meeting, name_adult


@pytest.fixture
def meeting(app):
    return a_running_meeting(admits_children=True)


@pytest.fixture
def hall(meeting):
    return a_checkpoint(meeting, "Main entrance", since=clock.now() - timedelta(days=3))


def key(badge):
    return f"p{badge.registration.person_id}"


def address(meeting, day=None):
    return f"/staff/m/{meeting.slug}/sheets/{(day or clock.today(meeting.tz)).isoformat()}/paper"


def sent(page):
    """The form as the browser would send it."""
    fields = {}
    for tag in re.findall(r"<input[^>]*>", page[page.index('class="paper"') :]):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name and (" checked" in tag or "checkbox" not in tag):
            fields[name[1]] = value[1] if value else ""
    return fields


def at(meeting, text, day=None):
    there = datetime.combine(day or clock.today(meeting.tz), time.fromisoformat(text), ZoneInfo(meeting.tz))
    return milliseconds(there)


def test_a_tick_becomes_a_signature_and_a_scan_once(sign_in, meeting, hall):
    badge, other = a_participant(meeting, "Maria Santos"), a_participant(meeting, "Other Person")
    browser, page = sign_in(Role.ORGANISER, meeting), address(meeting)
    form = sent(browser.get(page).text)
    form |= {f"tick-{key(badge)}": "1", f"at-{key(badge)}": "5:05", f"at-{key(other)}": "510"}
    for _ in range(2):  # sent twice, as an impatient finger does
        assert browser.post(page, data=form).status_code == 302
    signatures = db.session.query(Signature).order_by(Signature.signed_at).all()
    assert [(row.person_key, milliseconds(row.signed_at), row.by_name) for row in signatures] == [
        (key(badge), at(meeting, "05:05"), "Organiser"),
        (key(other), at(meeting, "05:10"), "Organiser"),
    ]
    scans = db.session.query(Scan).order_by(Scan.t).all()
    assert [(scan.person_key, scan.t, scan.kind, scan.put_aside) for scan in scans] == [
        (key(badge), at(meeting, "05:05"), "entry", ""),
        (key(other), at(meeting, "05:10"), "entry", ""),
    ]
    assert {row.verdict for row in db.session.query(Told)} == {"admitted"}
    assert queries.count_present(meeting.id, clock.today(meeting.tz)) == {hall.id: 2}
    assert queries.list_conflicts(meeting.id) == [] and queries.list_devices(meeting.id) == []
    assert db.session.query(Device).one().name == "Paper"


def test_a_slip_is_taken_back_and_a_time_corrected(sign_in, meeting, hall):
    badge, other = a_participant(meeting, "Maria Santos"), a_participant(meeting, "Other Person")
    browser, page = sign_in(Role.ORGANISER, meeting), address(meeting)
    first = {f"at-{key(badge)}": "05:00", f"at-{key(other)}": "05:00"}
    assert browser.post(page, data=sent(browser.get(page).text) | first).status_code == 302
    form = sent(browser.get(page).text)
    assert form[f"at-{key(badge)}"] == "05:00" and form[f"was-{key(badge)}"] == "1"
    del form[f"tick-{key(badge)}"]
    form[f"at-{key(other)}"] = "05:30"
    assert browser.post(page, data=form).status_code == 302
    in_force = db.session.query(Signature).filter_by(withdrawn_at=None).all()
    assert [(row.person_key, milliseconds(row.signed_at)) for row in in_force] == [(key(other), at(meeting, "05:30"))]
    firsts = db.session.query(FirstEntry).all()
    assert [(row.person_key, row.t) for row in firsts] == [(key(other), at(meeting, "05:30"))]
    assert db.session.query(Signature).count() == 3  # nothing was overwritten
    form = sent(browser.get(page).text) | {f"at-{key(badge)}": "05:00"}  # it was right after all
    assert browser.post(page, data=form).status_code == 302
    assert db.session.query(FirstEntry).count() == 2


def test_whom_a_door_saw_gets_a_signature_and_no_second_scan(client, sign_in, meeting, hall):
    badge = a_participant(meeting, "Maria Santos")
    assert Door(client, hall).enter(badge) == "admitted"
    browser, page = sign_in(Role.ORGANISER, meeting), address(meeting)
    shown = browser.get(page).text
    assert "seen at a door" in shown
    assert browser.post(page, data=sent(shown) | {f"at-{key(badge)}": "05:00"}).status_code == 302
    assert db.session.query(Scan).count() == 1 and queries.list_conflicts(meeting.id) == []
    sheet = browser.get(address(meeting).removesuffix("/paper")).text
    assert "signed on paper" in sheet and "05:00" in sheet


def test_two_who_type_at_once_do_not_undo_each_other(sign_in, meeting, hall):
    badge, other = a_participant(meeting, "Maria Santos"), a_participant(meeting, "Other Person")
    browser, page = sign_in(Role.ORGANISER, meeting), address(meeting)
    one = two = sent(browser.get(page).text)
    assert browser.post(page, data=one | {f"at-{key(badge)}": "05:00"}).status_code == 302
    late = a_participant(meeting, "Late Person")
    assert browser.post(page, data=two | {f"at-{key(other)}": "05:01"}).status_code == 302
    assert {row.person_key for row in db.session.query(Signature)} == {key(badge), key(other)}
    assert key(late) not in queries_sheets.first_entries(queries_sheets.get_sheet(meeting, page.split("/")[-2]))


def test_what_is_wrong_comes_back_as_it_was_typed_and_nothing_is_saved(sign_in, meeting, hall):
    badge, other = a_participant(meeting, "Maria Santos"), a_participant(meeting, "Other Person")
    browser, page = sign_in(Role.ORGANISER, meeting), address(meeting)
    wrong = {
        f"at-{key(badge)}": "late",
        f"at-{key(other)}": "05:00",
        "guest-organisation-0": "Press",
        "guest-name-1": "Wy",
    }
    answer = browser.post(page, data=sent(browser.get(page).text) | wrong)
    assert answer.status_code == 422 and "Nothing was saved yet" in answer.text
    assert 'value="late"' in answer.text and 'value="Press"' in answer.text and "such as 09:05" in answer.text
    assert sent(answer.text)[f"tick-{key(other)}"] == "1"
    assert db.session.query(Signature).count() == 0
    tomorrow = meeting.days[-1].day
    answer = browser.post(address(meeting, tomorrow), data={f"at-{key(badge)}": "09:00"})
    assert answer.status_code == 422 and "has not come yet" in answer.text


def test_empty_lines_make_walk_ins_once(sign_in, meeting, hall):
    browser, page = sign_in(Role.ORGANISER, meeting), address(meeting)
    form = sent(browser.get(page).text) | {
        "default_at": "05:15",
        "guest-name-0": "វណ្ណា",
        "guest-organisation-0": "Press",
    }
    for _ in range(2):
        assert browser.post(page, data=form).status_code == 302
    [scan] = db.session.query(Scan)
    assert scan.content["walk_in"] == {"name": "វណ្ណា", "organisation": "Press", "adult": True}
    rows = queries_sheets.came(queries_sheets.get_sheet(meeting, page.split("/")[-2])).named
    assert [(row.name, row.organisation, row.signed_at is not None) for row in rows] == [("វណ្ណា", "Press", True)]


def test_after_midnight_it_is_still_that_days_evening(sign_in, meeting, hall):
    badge, yesterday = a_participant(meeting), meeting.days[0].day
    browser, page = sign_in(Role.ORGANISER, meeting), address(meeting, yesterday)
    assert browser.post(page, data=sent(browser.get(page).text) | {f"at-{key(badge)}": "00:30"}).status_code == 302
    [first] = db.session.query(FirstEntry)
    assert (first.day, first.t) == (yesterday, at(meeting, "00:30", yesterday + timedelta(days=1)))


def test_without_a_checkpoint_the_signature_alone_is_kept(sign_in, meeting):
    badge = a_participant(meeting)
    browser, page = sign_in(Role.ORGANISER, meeting), address(meeting)
    assert "There is no checkpoint for this" in browser.get(page).text
    assert browser.post(page, data={f"at-{key(badge)}": "05:00"}).status_code == 302
    assert db.session.query(Signature).count() == 1 and db.session.query(Scan).count() == 0


def test_children_stand_there_for_who_may_see_them_and_people_at_risk_for_nobody(sign_in, meeting, hall):
    adult, child = (
        a_participant(meeting, "Adult Person"),
        a_participant(meeting, "Malee Familyname", is_child=True, called="Malee"),
    )
    name_adult(meeting, child, adult)
    a_participant(meeting, "Hidden Person", at_risk=True, called="Lily")
    page = sign_in(Role.ORGANISER, meeting).get(address(meeting)).text
    assert "Malee" in page and "Familyname" not in page and "Hidden" not in page and "Lily" not in page


def test_three_hundred_rows_in_as_many_statements_as_three(sign_in, queries, meeting, hall):
    browser, counts = sign_in(Role.ORGANISER, meeting), []
    for n in (3, 297):
        people = [a_participant(meeting) for _ in range(n)]
        form = sent(browser.get(address(meeting)).text) | {f"at-{key(badge)}": "05:00" for badge in people}
        with queries() as seen:
            assert browser.get(address(meeting)).status_code == 200
        counts.append(seen.count)
        assert browser.post(address(meeting), data=form).status_code == 302
    assert counts[0] == counts[1] <= 20
    assert db.session.query(FirstEntry).count() == 300
