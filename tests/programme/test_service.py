"""The programme's rules: inside the meeting's days, clashes named and kept on purpose, places that are really there."""

from datetime import date, timedelta
from threading import Barrier, Thread

import pytest

from eventhub.audit import SYSTEM
from eventhub.badges import cards
from eventhub.db import db, lock, writing
from eventhub.errors import InvalidError, NotFoundError, RuleError, StaleError
from eventhub.meetings.states import Precision
from eventhub.programme import clashes, queries, service
from eventhub.programme.models import Audience, Session, SignUp
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState
from tests.factories.basics import a_meeting
from tests.factories.programme import a_room, a_session, a_speaker, at


def test_a_room_taken_is_named_with_session_and_time(app):
    meeting = a_meeting()
    room = a_room(meeting, "Sampaguita")
    a_session(meeting, "Opening plenary", "09:00", "10:30", room=room)
    with pytest.raises(service.ClashError) as refused:
        a_session(meeting, "Workshop", "10:00", "11:00", room=room, keep_clashes=False)
    assert refused.value.clashes == ["Room Sampaguita is taken by “Opening plenary” 09:00–10:30."]
    assert [s.title for s in queries.list_sessions(meeting.id)] == ["Opening plenary"]


def test_a_person_in_two_places_is_named(app):
    meeting = a_meeting()
    speaker = a_speaker("ស្ត្រី សុខ")
    a_session(meeting, "Panel", "09:00", "10:30", speakers=[(speaker, "speaker")])
    with pytest.raises(service.ClashError) as refused:
        a_session(meeting, "Talk", "10:29", "11:00", speakers=[(speaker, "interpreter")], keep_clashes=False)
    assert refused.value.clashes == ["ស្ត្រី សុខ is also in “Panel” 09:00–10:30."]


def test_a_child_is_not_named_in_a_clash(app):
    meeting = a_meeting()
    child = a_speaker("Maria Dela Cruz", is_child=True)
    a_session(meeting, "Panel", speakers=[(child, "speaker")])
    with pytest.raises(service.ClashError) as refused:
        a_session(meeting, "Talk", speakers=[(child, "speaker")], keep_clashes=False)
    assert refused.value.clashes == ["Somebody in this session is also in “Panel” 09:00–10:00."]


def test_a_clash_may_be_kept_and_is_told_to_both_sides(app):
    meeting = a_meeting()
    room = a_room(meeting, "Sampaguita")
    one, two = (a_session(meeting, title, room=room, keep_clashes=True) for title in ("One", "Two"))
    a_session(meeting, "Three", "10:00", "11:00", room=room, keep_clashes=False)  # begins when they end
    found = clashes.every(queries.list_sessions(meeting.id))
    assert {ident: [c.other.title for c in rows] for ident, rows in found.items()} == {one.id: ["Two"], two.id: ["One"]}


def test_moving_a_session_looks_at_all_others_but_itself(app):
    meeting = a_meeting()
    room = a_room(meeting, "Sampaguita")
    a_session(meeting, "One", "09:00", "10:00", room=room)
    session = a_session(meeting, "Two", "10:00", "11:00", room=room)
    db.session.commit()
    service.change_session(session, version=session.version, ends=at(meeting, "11:30"), by=SYSTEM)
    with pytest.raises(service.ClashError):
        service.change_session(session, version=session.version, starts=at(meeting, "09:59"), by=SYSTEM)


@pytest.mark.parametrize(
    ("starts", "ends", "days", "field"),
    [
        ("09:00", "10:00", -1, "day"),
        ("09:00", "10:00", 3, "day"),
        ("03:00", "10:00", 0, "day"),
        ("10:00", "10:00", 0, "ends"),
        ("10:00", "09:00", 0, "ends"),
    ],
)
def test_a_session_lies_inside_the_meetings_days(app, starts, ends, days, field):
    meeting = a_meeting()
    with pytest.raises(InvalidError) as refused:
        a_session(meeting, starts=starts, ends=ends, day=meeting.starts + timedelta(days=days))
    assert refused.value.field == field


def test_a_meeting_known_by_its_year_has_no_days_for_sessions(app):
    meeting = a_meeting(starts=date(2018, 1, 1), ends=date(2018, 12, 31), dates_precision=Precision.YEAR)
    with pytest.raises(InvalidError, match="days of this meeting are not known"):
        a_session(meeting)
    assert cards.occasion(meeting).dates == "2018"


def test_a_late_dinner_belongs_to_its_evening(app):
    meeting = a_meeting()
    last = meeting.ends
    session = service.create_session(
        meeting,
        title="Dinner",
        starts=at(meeting, "20:00", last),
        ends=at(meeting, "01:00", last + timedelta(days=1)),
        by=SYSTEM,
    )
    assert queries.day_of(session, meeting.tz) == last
    after = a_session(meeting, "Music", "01:00", "02:00", day=meeting.starts + timedelta(days=1))
    assert [day for day, _rows in queries.by_day(queries.list_sessions(meeting.id), meeting.tz)] == [
        meeting.starts,
        last,
    ]
    assert queries.day_of(after, meeting.tz) == meeting.starts


def test_a_change_of_people_alone_is_seen_by_the_other_editor(app):
    meeting = a_meeting()
    session = a_session(meeting)
    db.session.commit()
    seen = session.version
    service.change_session(session, version=seen, speakers=[(a_speaker(), "speaker")], by=SYSTEM)
    db.session.commit()
    with pytest.raises(StaleError):
        service.change_session(session, version=seen, title="Mine", by=SYSTEM)


def test_people_are_exchanged_in_their_order(app):
    meeting = a_meeting()
    one, two, three = a_speaker("One"), a_speaker("Two"), a_speaker("Three")
    session = a_session(meeting, speakers=[(one, "speaker"), (two, "speaker"), (one, "moderator")])
    db.session.commit()
    assert [(s.person.full_name, s.part) for s in session.speakers] == [("One", "speaker"), ("Two", "speaker")]
    service.change_session(
        session, version=session.version, speakers=[(three, "moderator"), (two, "interpreter")], by=SYSTEM
    )
    db.session.commit()
    db.session.refresh(session)
    assert [(s.person.full_name, s.part) for s in session.speakers] == [("Three", "moderator"), ("Two", "interpreter")]


def test_a_room_of_another_meeting_is_refused(app):
    meeting, other = a_meeting(), a_meeting()
    with pytest.raises(NotFoundError):
        a_session(meeting, room_id=a_room(other).id)


def test_a_room_in_use_stays(app):
    meeting = a_meeting()
    room, free = a_room(meeting, "Sampaguita"), a_room(meeting)
    a_session(meeting, room=room)
    with pytest.raises(RuleError, match="1 sessions stand in “Sampaguita”"):
        service.remove_room(room, by=SYSTEM)
    service.remove_room(free, by=SYSTEM)
    assert queries.list_rooms(meeting.id) == [room]


def test_a_second_room_of_the_same_name_is_refused(app):
    meeting = a_meeting()
    a_room(meeting, "Hall")
    with pytest.raises(InvalidError, match="one of this name"):
        a_room(meeting, "hall")


def confirmed(meeting, n=1):
    rows = [
        Registration(meeting=meeting, person=a_speaker(), state=RegistrationState.CONFIRMED, submission_key=None)
        for _ in range(n)
    ]
    db.session.add_all(rows)
    db.session.flush()
    return rows


def test_signing_up_needs_a_confirmed_registration_and_a_session_that_asks_for_it(app):
    meeting = a_meeting()
    opened, asked = a_session(meeting), a_session(meeting, needs_sign_up=True)
    (registration,) = confirmed(meeting)
    with pytest.raises(RuleError, match="Nobody needs to sign up"):
        service.sign_up(opened, registration, by=SYSTEM)
    registration.state = RegistrationState.APPROVED
    with pytest.raises(RuleError, match="once your registration is confirmed"):
        service.sign_up(asked, registration, by=SYSTEM)


def test_nobody_signs_up_for_two_sessions_at_once_and_no_child_for_adults_only(app):
    meeting = a_meeting()
    one = a_session(meeting, "One", "09:00", "10:00", needs_sign_up=True)
    two = a_session(meeting, "Two", "09:30", "10:30", needs_sign_up=True)
    later = a_session(meeting, "Later", "10:30", "11:30", needs_sign_up=True, audience=Audience.ADULTS)
    (registration,) = confirmed(meeting)
    service.sign_up(one, registration, by=SYSTEM)
    with pytest.raises(RuleError, match="You chose “One” at the same time"):
        service.sign_up(two, registration, by=SYSTEM)
    service.withdraw(one, registration, by=SYSTEM)
    service.sign_up(two, registration, by=SYSTEM)
    service.sign_up(later, registration, by=SYSTEM)
    (child,) = confirmed(meeting)
    child.is_child = True
    with pytest.raises(RuleError, match="for adults only"):
        service.sign_up(later, child, by=SYSTEM)
    assert [session.title for session in queries.sessions_of(registration.id)] == ["Two", "Later"]


def test_a_place_given_back_or_cancelled_is_free_again(app):
    meeting = a_meeting()
    session = a_session(meeting, needs_sign_up=True, capacity=1)
    one, two, three = confirmed(meeting, 3)
    first = service.sign_up(session, one, by=SYSTEM)
    assert service.sign_up(session, one, by=SYSTEM) is first
    with pytest.raises(service.FullError):
        service.sign_up(session, two, by=SYSTEM)
    service.withdraw(session, one, by=SYSTEM)
    service.sign_up(session, two, by=SYSTEM)
    two.state = RegistrationState.CANCELLED
    service.sign_up(session, three, by=SYSTEM)
    assert queries.count_sign_ups(session.id) == 1


def test_of_many_at_once_exactly_as_many_as_there_are_places_get_in(app):
    meeting = a_meeting()
    session = a_session(meeting, needs_sign_up=True, capacity=3)
    wanted = [row.id for row in confirmed(meeting, 12)]
    session_id, barrier, answers = session.id, Barrier(len(wanted)), []
    db.session.commit()  # and nothing is read afterwards: SQLite has one writer

    def ask(registration_id):
        with app.app_context():
            token = writing.set(True)
            barrier.wait()
            try:
                registration = lock(Registration, registration_id)
                service.sign_up(db.session.get(Session, session_id), registration, by=SYSTEM)
                db.session.commit()
                answers.append("in")
            except service.FullError:
                db.session.rollback()
                answers.append("full")
            finally:
                db.session.remove()
                writing.reset(token)

    threads = [Thread(target=ask, args=(ident,)) for ident in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["full"] * 9 + ["in"] * 3
    assert db.session.query(SignUp).count() == 3
