"""Checkpoints in full: a whole meeting's in one go, following their sessions, groups, meals, hours, their page."""

from datetime import date, time, timedelta
from types import SimpleNamespace

import pytest

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.checkin import queries, service, service_checkpoints
from eventhub.checkin.models import Checkpoint, CheckpointKind, CheckpointRules
from eventhub.checkin.service_checkpoints import Meal, Plan
from eventhub.db import db
from eventhub.errors import InvalidError
from eventhub.meetings.models import Meeting
from eventhub.programme import service as programme
from eventhub.programme.models import SignUp
from eventhub.security import Role
from tests.factories.basics import a_meeting
from tests.factories.checkin import Door, a_checkpoint, a_device, a_participant, a_running_meeting
from tests.factories.programme import a_room, a_session, at
from worker.checkin import follow as follow_task


@pytest.fixture
def meeting(app):
    return a_running_meeting()


def of_session(meeting, session):
    return db.session.query(Checkpoint).filter_by(session_id=session.id).one()


def rules(checkpoint):
    return queries.current_rules(checkpoint.meeting_id)[checkpoint.id]


def test_a_whole_meeting_is_made_once_from_its_programme(sign_in, meeting):
    room = a_room(meeting, "Garden room", capacity=30)
    first = a_session(meeting, "Opening", "09:00", "10:00", day=meeting.days[0].day, room=room)
    again = a_session(meeting, "Opening", "09:00", "10:00", day=meeting.days[1].day, capacity=12, needs_sign_up=True)
    a_session(meeting, "Coffee", "10:00", "10:30", kind="break")
    browser, base = sign_in(Role.ORGANISER, meeting), f"/staff/m/{meeting.slug}/checkpoints"
    page = browser.get(f"{base}/plan").text
    assert "Coffee" in page and page.count("checked") == 3  # both openings, and that rooms move
    data = {
        "doors": "Main entrance\nGarden gate",
        "sessions": [first.id, again.id],
        "rooms_move": "y",
        "minutes": "10",
        "meals": "Lunch 12:00–14:00\nLate dinner: 22.00 to 1.30",
    }
    assert browser.post(f"{base}/plan", data=data).status_code == 302
    made = queries.list_checkpoints(meeting.id)
    assert len(made) == 3 * 2 + 3 * 2 + 2
    assert {c.group for c in made if c.kind is CheckpointKind.ENTRANCE} == {"house"}
    assert {c.day for c in made if c.kind is CheckpointKind.ENTRANCE} == {row.day for row in meeting.days}
    opening, second = of_session(meeting, first), of_session(meeting, again)
    assert (opening.name, opening.group, second.group) == ("Opening", "rooms", "rooms")
    assert second.name.startswith("Opening, ") and second.name.endswith(", 09:00")
    got = rules(opening)
    assert (got.capacity, got.needs_sign_up) == (30, False)
    assert (got.open_from, got.open_to) == (first.starts - timedelta(minutes=10), first.ends)
    assert (rules(second).capacity, rules(second).needs_sign_up) == (12, True)
    dinner = next(c for c in made if c.name.startswith("Late dinner"))
    assert rules(dinner).reentry == "once"
    assert rules(dinner).open_to - rules(dinner).open_from == timedelta(hours=3, minutes=30)
    assert "nothing new to make" in browser.post(f"{base}/plan", data=data, follow_redirects=True).text
    assert len(queries.list_checkpoints(meeting.id)) == len(made)


@pytest.mark.parametrize(
    "wrong",
    [
        {"meals": "Lunch at noon"},
        {"meals": "Lunch 25:00-26:00"},
        {"meals": "Lunch 12:00-12:00"},
        {"doors": "\n".join(f"Door {n}" for n in range(9))},
        {"doors": "x" * 200},
        {"minutes": "999"},
        {"minutes": ""},
        {"sessions": ["999999"]},
    ],
)
def test_what_makes_no_sense_comes_back_as_it_was_typed(sign_in, meeting, wrong):
    browser = sign_in(Role.ORGANISER, meeting)
    data = {"doors": "My own door", "minutes": "15", "meals": "", **wrong}
    answer = browser.post(f"/staff/m/{meeting.slug}/checkpoints/plan", data=data)
    assert answer.status_code == 422 and queries.list_checkpoints(meeting.id) == []
    assert ("My own door" in answer.text) is ("doors" not in wrong)


@pytest.mark.once
@pytest.mark.parametrize(
    ("day", "opens", "closes", "long"),
    [
        (date(2027, 3, 28), time(0, 30), time(3, 30), 2),  # Berlin loses an hour that night
        (date(2027, 10, 31), time(0, 30), time(3, 30), 4),  # and gets one back
        (date(2027, 10, 30), time(23, 0), time(1, 0), 2),  # over midnight
    ],
)
def test_hours_are_the_places_own_also_when_clocks_change(day, opens, closes, long):
    begin, end = service_checkpoints.hours(SimpleNamespace(tz="Europe/Berlin"), day, opens, closes)
    assert end - begin == timedelta(hours=long)


def test_a_checkpoint_follows_its_session_and_keeps_what_was(client, meeting):
    today = clock.today(meeting.tz)
    session = a_session(meeting, "Workshop", "05:00", "23:00", day=today)
    [checkpoint] = service_checkpoints.make(meeting, Plan(sessions=[session.id]), by=SYSTEM)
    badge = a_participant(meeting)
    assert Door(client, checkpoint).enter(badge) == "admitted"
    later = {"starts": at(meeting, "20:00", today), "ends": at(meeting, "22:00", today)}
    programme.change_session(session, version=session.version, by=SYSTEM, keep_clashes=True, capacity=5, **later)
    db.session.commit()
    ident = meeting.id
    assert service_checkpoints.list_behind(ident) == [checkpoint.id]
    db.session.commit()
    follow_task(ident)
    got = rules(checkpoint)
    assert (got.open_from, got.open_to, got.capacity) == (later["starts"] - timedelta(minutes=15), later["ends"], 5)
    assert service_checkpoints.list_behind() == [] and len(queries.list_rules(checkpoint.id)) == 2
    assert Door(client, checkpoint).enter(a_participant(meeting)) == "refused/closed"
    assert queries.count_present(meeting.id, today) == {checkpoint.id: 1}  # nobody is sent out


def test_a_room_that_shrinks_and_a_closed_door(meeting):
    room = a_room(meeting, capacity=30)
    session = a_session(meeting, day=clock.today(meeting.tz), room=room)
    [checkpoint] = service_checkpoints.make(meeting, Plan(sessions=[session.id]), by=SYSTEM)
    programme.change_room(room, name=room.name, capacity=20, by=SYSTEM)
    db.session.commit()
    follow_task()
    assert rules(checkpoint).capacity == 20
    service.close(checkpoint, by=SYSTEM)
    room.capacity = 10
    db.session.commit()
    follow_task()
    assert rules(checkpoint).open_to == checkpoint.closed_at  # closed stays closed
    service.reopen(checkpoint, by=SYSTEM)
    assert (rules(checkpoint).capacity, rules(checkpoint).open_to) == (20, session.ends)
    assert service_checkpoints.follow(checkpoint.id, by=SYSTEM) is True and rules(checkpoint).capacity == 10


def test_rules_by_hand_end_the_following_and_it_can_begin_again(sign_in, meeting):
    session = a_session(meeting, "Workshop", day=clock.today(meeting.tz))
    [checkpoint] = service_checkpoints.make(meeting, Plan(sessions=[session.id]), by=SYSTEM)
    browser, page = sign_in(Role.ORGANISER, meeting), f"/staff/m/{meeting.slug}/checkpoints/{checkpoint.id}"
    shown = browser.get(page).text
    assert "The session decides" in shown and 'name="capacity"' not in shown
    assert browser.post(f"{page}/unfollow").status_code == 302
    assert browser.post(page, data={"reentry": "yes", "capacity": "7", "needs_sign_up": "y"}).status_code == 302
    db.session.expire_all()
    assert (rules(checkpoint).capacity, rules(checkpoint).needs_sign_up, checkpoint.follows_minutes) == (7, True, None)
    assert browser.post(f"{page}/follow").status_code == 302
    db.session.expire_all()
    assert (rules(checkpoint).capacity, rules(checkpoint).open_to) == (None, session.ends)
    assert "Rules over time" in browser.get(page).text
    hall = a_checkpoint(meeting)
    assert browser.post(f"/staff/m/{meeting.slug}/checkpoints/{hall.id}/follow").status_code in (302, 422)
    assert db.session.get_one(Checkpoint, hall.id).follows_minutes is None


def test_a_session_made_by_hand_follows_unless_hours_are_given(sign_in, meeting):
    session = a_session(meeting, "Workshop", day=clock.today(meeting.tz), capacity=9)
    browser, page = sign_in(Role.ORGANISER, meeting), f"/staff/m/{meeting.slug}/checkpoints/new"
    data = {"name": "Room A", "kind": "session", "session_id": session.id, "day": "", "reentry": "yes"}
    assert browser.post(page, data=data).status_code == 302
    checkpoint = of_session(meeting, session)
    assert (checkpoint.follows_minutes, rules(checkpoint).capacity) == (15, 9)
    day = meeting.days[0].day.isoformat()
    for wrong in (
        {**data, "name": "B", "kind": "meal"},
        {**data, "name": "C", "day": day},
        {**data, "name": "D", "session_id": 0},
        {"name": "E", "kind": "entrance", "session_id": 0, "day": "", "reentry": "yes", "needs_sign_up": "y"},
        {"name": "F", "kind": "entrance", "session_id": 0, "day": "", "reentry": "yes", "group": "invented"},
    ):
        assert browser.post(page, data=wrong).status_code == 422, wrong
    with pytest.raises(InvalidError):
        service.change_rules(a_checkpoint(meeting), by=SYSTEM, needs_sign_up=True)


def test_entering_one_room_leaves_the_other_and_lunch_is_once(client, meeting):
    today = clock.today(meeting.tz)
    sessions = [a_session(meeting, title, "05:00", "23:00", day=today) for title in ("Water", "Air")]
    for room in sessions:
        room.needs_sign_up = room.title == "Air"
    meals = [Meal("Lunch", time(5, 0), time(23, 0))]
    made = service_checkpoints.make(meeting, Plan(sessions=[s.id for s in sessions], meals=meals), by=SYSTEM)
    water, air = (Door(client, of_session(meeting, session)) for session in sessions)
    lunch = Door(client, next(c for c in made if c.kind is CheckpointKind.MEAL and c.day == today))
    guest, other = a_participant(meeting), a_participant(meeting)
    db.session.add(SignUp(session_id=sessions[1].id, registration_id=guest.registration_id))
    assert [water.enter(guest), air.enter(guest), air.enter(other)] == ["admitted", "admitted", "refused/not_signed_up"]
    assert queries.count_present(meeting.id, today) == {air.checkpoint.id: 1}
    assert [lunch.enter(guest), lunch.leave(guest), lunch.enter(guest)] == ["admitted", "left", "already_in"]
    assert lunch.enter(other) == "admitted"


def test_the_page_of_a_checkpoint_says_what_happens_there(client, sign_in, meeting):
    door = Door(client, a_checkpoint(meeting, "Main entrance", group="house"), name="Garden phone")
    a_checkpoint(meeting, "Garden gate", group="house")
    a_device(a_checkpoint(meeting, "Elsewhere"), name="Other phone")
    for _ in range(3):
        assert door.enter(a_participant(meeting)) == "admitted"
    browser, base = sign_in(Role.ORGANISER, meeting), f"/staff/m/{meeting.slug}/checkpoints"
    page = browser.get(f"{base}/{door.checkpoint.id}").text
    assert "Garden phone" in page and "Other phone" not in page and "Garden gate" in page
    assert ">3<" in page.replace("<bdi>3</bdi>", ">3<") and "Sign-up" not in page
    assert browser.post(f"{base}/{door.checkpoint.id}/close").status_code == 302
    assert "Open it again" in browser.get(f"{base}/{door.checkpoint.id}").text
    assert door.enter(a_participant(meeting)) == "refused/closed"
    assert browser.post(f"{base}/{door.checkpoint.id}/reopen").status_code == 302
    assert door.enter(a_participant(meeting)) == "admitted"


def test_the_pages_cost_the_same_with_three_hundred(sign_in, queries, meeting):
    browser, counts = sign_in(Role.ORGANISER, meeting), []
    checkpoint = a_checkpoint(meeting)
    for n in (3, 297):
        rows = [Checkpoint(meeting_id=meeting.id, name=f"Room {len(counts)}-{i}") for i in range(n)]
        db.session.add_all(rows)
        db.session.flush()
        db.session.add_all([CheckpointRules(checkpoint_id=row.id, at_ms=1) for row in rows])
        db.session.commit()
        browser.get(f"/staff/m/{meeting.slug}/checkpoints/{checkpoint.id}")  # warms what is kept per process
        with queries() as seen:
            assert browser.get(f"/staff/m/{meeting.slug}/checkpoints").status_code == 200
            assert browser.get(f"/staff/m/{meeting.slug}/checkpoints/{checkpoint.id}").status_code == 200
        counts.append(seen.count)
    assert counts[0] == counts[1]


def test_a_meeting_without_days_has_nothing_to_make(app):
    meeting = a_meeting()
    meeting.days.clear()
    with pytest.raises(InvalidError):
        service_checkpoints.make(db.session.get_one(Meeting, meeting.id), Plan(doors=["Door"]), by=SYSTEM)
