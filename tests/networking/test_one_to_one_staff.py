"""When and at which tables 1:1 meetings may be: what staff say, and what becomes of it."""

from datetime import UTC, datetime, timedelta

import pytest

from eventhub.db import db
from eventhub.networking import queries_one_to_one as queries
from eventhub.networking.models_one_to_one import OneToOneWindow
from eventhub.networking.slots import Slot, Span, cut, free
from eventhub.security import Role
from tests.factories.basics import a_meeting
from tests.factories.one_to_one import a_table, a_window
from tests.factories.programme import a_room, at

pytestmark = pytest.mark.once  # the rules behind these pages run on both databases


def window(meeting, **more):
    return {
        "window-day": meeting.starts.isoformat(),
        "window-starts": "12:00",
        "window-ends": "13:30",
        "window-slot_minutes": "20",
        **more,
    }


def test_staff_say_when_and_where(sign_in):
    meeting = a_meeting()
    room = a_room(meeting, "Garden")
    browser, address = sign_in(Role.ORGANISER, meeting), f"/staff/m/{meeting.slug}/one-to-one"
    empty = browser.get(address).text
    assert "Nobody can ask yet" in empty and "No window yet" in empty and "No table yet" in empty
    assert browser.post(address, data=window(meeting)).status_code == 303
    table = {"table-name": "Table 1", "table-room_id": str(room.id), "table-place": "By the window"}
    assert browser.post(address, data=table).status_code == 303
    assert browser.post(address, data={"limit-most_open": "3"}).status_code == 303
    page = browser.get(address).text
    assert "4 slots, 1 tables in use: at most 4 1:1 meetings." in page and "Garden" in page and 'value="3"' in page
    (row,), (kept,) = queries.list_windows(meeting.id), queries.list_tables(meeting.id)
    assert queries.list_slots(meeting.id)[0] == (at(meeting, "12:00"), at(meeting, "12:20"))
    change = {"name": "Table One", "room_id": "", "place": "", "active": ""}
    assert browser.post(f"{address}/tables/{kept.id}", data=change).status_code == 303
    assert "Table One" in browser.get(address).text and queries.list_tables(meeting.id, active=True) == []
    browser.post(f"{address}/tables/{kept.id}/remove")
    browser.post(f"{address}/windows/{row.id}/remove")
    assert queries.list_tables(meeting.id) == queries.list_windows(meeting.id) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"window-ends": "11:00"}, "ends before it begins"),
        ({"window-day": "1999-01-01"}, "Not a valid choice"),
        ({"window-slot_minutes": "0"}, "between 5 and 120"),
        ({"window-slot_minutes": "100"}, "too short for one slot"),
        ({"window-starts": "09:30", "window-ends": "10:10"}, "There is a window at this time already"),
        ({"window-starts": "25:00"}, "time"),
    ],
)
def test_a_window_that_cannot_be_comes_back_as_typed(sign_in, change, sentence):
    meeting = a_meeting()
    a_window(meeting, "10:00", "11:00")
    answer = sign_in(Role.ORGANISER, meeting).post(
        f"/staff/m/{meeting.slug}/one-to-one", data=window(meeting, **change)
    )
    assert answer.status_code == 422 and sentence in answer.text
    assert f'value="{change.get("window-slot_minutes", "20")}"' in answer.text
    assert len(queries.list_windows(meeting.id)) == 1


def test_two_tables_of_one_name_and_another_meetings_records(sign_in):
    meeting, other = a_meeting(), a_meeting()
    a_table(meeting, "Table 1")
    theirs, window_ = a_table(other), a_window(other)
    browser, address = sign_in(Role.ORGANISER, meeting), f"/staff/m/{meeting.slug}/one-to-one"
    again = browser.post(address, data={"table-name": "table 1", "table-room_id": "", "table-place": "Kept as typed"})
    assert again.status_code == 422 and "one of this name" in again.text and "Kept as typed" in again.text
    assert browser.get(f"{address}/tables/{theirs.id}").status_code == 404
    assert browser.post(f"{address}/windows/{window_.id}/remove").status_code == 404
    db.session.expire_all()
    assert len(queries.list_windows(other.id)) == 1


def test_slots_follow_from_windows():
    noon = datetime(2026, 7, 28, 12, tzinfo=UTC)
    after = [noon + timedelta(minutes=n) for n in (0, 20, 40, 50, 65)]
    windows = [OneToOneWindow(starts=noon, ends=after[3], slot_minutes=20)]
    windows.append(OneToOneWindow(starts=after[3], ends=after[4], slot_minutes=15))
    found = cut(windows)
    assert found == [Slot(after[0], after[1]), Slot(after[1], after[2]), Slot(after[3], after[4])]
    assert free(found, [Span(after[1], after[3], "Plenary")]) == [found[0], found[2]]
