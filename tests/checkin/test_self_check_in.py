"""Self check-in in sessions: the code that changes, whose phone it is, the door's rules, and pressing twice."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.checkin import queries, self_check_in
from eventhub.checkin.models import Checkpoint, Presence, Scan
from eventhub.db import db
from eventhub.programme import service as programme
from eventhub.programme.models import Audience
from eventhub.security import Role, token
from tests.factories.checkin import a_participant, a_running_meeting
from tests.factories.programme import a_room, a_session, at


@pytest.fixture
def session(meeting):
    """A session that is on now: it is noon in the meeting's zone."""
    made = a_session(
        meeting, "Harmful work", "11:00", "14:00", day=clock.today(meeting.tz), room=a_room(meeting, "Hall")
    )
    self_check_in.open_for(made, by=SYSTEM)
    return made


def me(badge) -> str:
    return f"/me/{token('me', badge.registration.id, badge.registration.link_version)}"


def code(session) -> str:
    return self_check_in.code_now(session)


def press(client, badge, **fields):
    return client.post(f"{me(badge)}/here", data=fields)


def present(session) -> list[str]:
    """Who is noted at the session's checkpoint, as the board counts."""
    db.session.commit()
    rows = sa.select(Presence.person_key).join(Checkpoint, Checkpoint.id == Presence.checkpoint_id)
    return sorted(db.session.scalars(rows.where(Checkpoint.session_id == session.id)))


def test_scanning_in_the_own_page_notes_the_person_on_the_board(client, sign_in, meeting, session):
    badge = a_participant(meeting, "Somchai Dee")
    page = client.get(me(badge)).text
    assert f'href="{me(badge)}/here"' in page
    answer = press(client, badge, code=f"HTTPS://HUB.EXAMPLE/S/{code(session).upper()}")
    assert answer.status_code == 200
    assert "You are noted" in answer.text and "Harmful work" in answer.text
    assert present(session) == [f"p{badge.registration.person_id}"]
    board = sign_in(Role.ORGANISER, meeting).get(f"/staff/m/{meeting.slug}/here").text
    assert "Somchai Dee" in board
    assert (
        "You were noted before"
        in press(client, badge, code=f"x/s/{token('room_code', session.id, self_check_in.step_now() - 1)}").text
    )


def test_a_photo_of_the_code_does_not_work_after_ninety_seconds(client, meeting, session):
    badge, taken, now = a_participant(meeting), code(session), clock.now()
    began = datetime.fromtimestamp(self_check_in.step_now() * 30, tz=now.tzinfo)
    db.session.commit()
    with clock.frozen(began + timedelta(seconds=90)):
        old = press(client, badge, code=f"/s/{taken}")
        assert old.status_code in (404, 410)
        assert "90 seconds" in old.text
        assert client.get(f"/s/{taken}").status_code == old.status_code
    assert present(session) == []
    with clock.frozen(began + timedelta(seconds=89)):
        assert "You are noted" in press(client, badge, code=f"/s/{taken}").text


@pytest.mark.parametrize("wrong", ["", "x", "1-2-3", "0-0-" + "a" * 26, "٣", "%00", "a" * 300, "ស្ត្រី"])
def test_a_made_up_code_is_said_and_nothing_happens(client, meeting, session, wrong):
    badge = a_participant(meeting)
    answer = press(client, badge, code=wrong)
    assert answer.status_code == 404
    assert "not a code of one of our rooms" in answer.text
    assert present(session) == []


def test_the_code_of_another_session_cannot_be_made_from_this_one(client, meeting, session):
    other = a_session(meeting, day=clock.today(meeting.tz))
    forged = code(session).replace(f"{session.id}-", f"{other.id}-", 1)
    assert press(client, a_participant(meeting), code=f"/s/{forged}").status_code == 404


def test_pressing_twice_is_one_scan(client, meeting, session):
    badge, read = a_participant(meeting), f"/s/{code(session)}"
    first, second = press(client, badge, code=read), press(client, badge, code=read)
    assert "You are noted" in first.text and "You are noted" in second.text
    db.session.commit()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Scan)) == 1


def test_pressing_at_the_same_time_is_one_scan(app, meeting, session):
    badge, read = a_participant(meeting), f"/s/{code(session)}"
    address = f"{me(badge)}/here"
    db.session.commit()

    def once(_n):
        return app.test_client().post(address, data={"code": read}).text

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(once, range(6)))
    assert [("You are noted" in text) for text in answers] == [True] * 6
    db.session.commit()
    assert db.session.scalars(sa.select(Scan.put_aside)).all() == [""]


def test_the_doors_rules_hold(client, meeting, session):
    def word(badge, of=session) -> str:
        return re.search(r"<h1>(.*?)</h1>", press(client, badge, code=f"/s/{code(of)}").text)[1]

    today = clock.today(meeting.tz)
    small = a_session(meeting, "Small", "11:00", "14:00", day=today, needs_sign_up=True, capacity=1)
    late = a_session(meeting, "Evening", "20:00", "21:00", day=today)
    tight = a_session(meeting, "Tight", "11:00", "14:00", day=today, capacity=1)
    for each in (small, late, tight):
        self_check_in.open_for(each, by=SYSTEM)
    one, two = a_participant(meeting), a_participant(meeting)
    programme.sign_up(small, one.registration, by=SYSTEM)
    assert word(one, small) == "You are noted"
    assert word(two, small) == "You have no place yet"
    assert word(one, late) == "Not open now"
    assert word(one, tight) == "You are noted"
    assert word(two, tight) == "All places are taken"


def test_a_child_is_noted_by_its_guardians_page_unless_the_session_is_for_adults(client, meeting, session):
    child = a_participant(meeting, "Hidden Name", is_child=True, called="Star")
    answer = press(client, child, code=f"/s/{code(session)}")
    assert "You are noted" in answer.text and "Hidden" not in answer.text
    grown = a_session(meeting, "Grown-ups", "11:00", "14:00", day=clock.today(meeting.tz), audience=Audience.ADULTS)
    self_check_in.open_for(grown, by=SYSTEM)
    refused = press(client, child, code=f"/s/{code(grown)}")
    assert refused.status_code == 409 and "adults only" in refused.text
    assert present(grown) == []


def test_somebody_of_another_meeting_is_refused_without_naming_it(client, meeting, session):
    stranger = a_participant(a_running_meeting(title="Another one"))
    answer = press(client, stranger, code=f"/s/{code(session)}")
    assert answer.status_code == 409
    assert "another meeting" in answer.text
    assert meeting.title not in answer.text
    assert present(session) == []


def test_the_phones_own_camera_opens_a_page_that_knows_who_opened_their_page_before(client, meeting, session):
    badge, other = a_participant(meeting, "សុខ ស្រីមុំ"), a_participant(meeting, "Somchai Dee")
    stranger = client.get(f"/S/{code(session).upper()}")
    assert stranger.status_code == 200
    assert "does not know yet whose it is" in stranger.text
    assert present(session) == []  # looking records nothing
    # now the person opens their own page: the room is remembered for five minutes
    here = client.get(f"{me(badge)}/here")
    seen = re.search(r'name="seen" value="([^"]+)"', here.text)[1]
    client.get(me(badge))
    known = client.get(f"/s/{code(session)}")
    assert "សុខ ស្រីមុំ is here" in known.text and "Somchai" not in known.text
    fields = dict(re.findall(r'name="(seen|who)" value="([^"]+)"', known.text))
    assert client.post("/s/", data={**fields, "who": str(other.registration_id)}).status_code == 422
    assert "You are noted" in client.post("/s/", data=fields).text
    assert "You are noted" in press(client, badge, seen=seen).text  # the same half minute, the same scan
    assert present(session) == [f"p{badge.registration.person_id}"]


def test_a_guardian_chooses_which_child(client, meeting, session):
    star, moon = (a_participant(meeting, is_child=True, called=name) for name in ("Star", "Moon"))
    client.get(me(star))
    client.get(me(moon))
    page = client.get(f"/s/{code(session)}").text
    assert "Star" in page and "Moon" in page
    seen = re.search(r'name="seen" value="([^"]+)"', page)[1]
    none = client.post("/s/", data={"seen": seen})
    assert none.status_code == 422 and "Choose whom you mean" in none.text
    client.post("/s/", data={"seen": seen, "who": str(moon.registration_id)})
    assert present(session) == [f"p{moon.registration.person_id}"]


def test_what_was_scanned_is_worth_five_minutes_and_a_withdrawn_link_nothing(client, meeting, session):
    badge = a_participant(meeting)
    client.get(me(badge))
    page = client.get(f"/s/{code(session)}").text
    fields = dict(re.findall(r'name="(seen|who)" value="([^"]+)"', page))
    with clock.frozen(clock.now() + timedelta(seconds=301)):
        assert client.post("/s/", data=fields).status_code in (404, 410)
    assert client.post("/s/", data={**fields, "seen": fields["seen"] + "x"}).status_code in (404, 410)
    assert client.post("/s/", data={}).status_code in (404, 410)
    badge.registration.link_version += 1
    db.session.commit()
    assert client.post("/s/", data=fields).status_code == 422
    assert present(session) == []


def test_the_screen_needs_its_link_and_no_sign_in(sign_in, client, meeting, session):
    row = self_check_in.find(session.id)
    address = f"/screen/{self_check_in.screen_token(row)}"
    db.session.commit()
    page = client.get(address)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert '<meta http-equiv="refresh"' in page.text
    now = clock.now()
    with clock.frozen(now):
        first = client.get(f"{address}/code").json
    with clock.frozen(now + timedelta(seconds=30)):
        second = client.get(f"{address}/code").json
    assert first["picture"] != second["picture"]
    assert 0 < first["seconds"] <= 30
    staff = sign_in(Role.DOOR, meeting)
    manage = f"/staff/m/{meeting.slug}/sessions/{session.id}/screen"
    assert address in staff.get(manage).text
    assert staff.post(manage, data={"action": "renew"}).status_code == 302
    assert client.get(address).status_code in (404, 410)
    assert client.get(f"{address}/code").status_code in (404, 410)
    assert address not in staff.get(manage).text
    assert staff.post(manage, data={"action": "nonsense"}).status_code == 404


def test_staff_opens_it_once_and_ends_it(sign_in, client, meeting):
    made = a_session(meeting, "Workshop", "11:00", "14:00", day=clock.today(meeting.tz), needs_sign_up=True, capacity=9)
    badge = a_participant(meeting)
    staff = sign_in(Role.ORGANISER, meeting)
    page = f"/staff/m/{meeting.slug}/sessions/{made.id}/screen"
    assert "Open self check-in" in staff.get(page).text
    early = press(client, badge, code=f"/s/{code(made)}")
    assert early.status_code == 409 and "has ended" in early.text
    for _ in range(2):
        assert staff.post(page, data={"action": "open"}).status_code == 302
    [checkpoint] = queries.list_checkpoints(meeting.id)
    rules = queries.current_rules(meeting.id)[checkpoint.id]
    assert (checkpoint.name, checkpoint.session_id) == ("Workshop", made.id)
    assert (rules.needs_sign_up, rules.capacity) == (True, 9)
    assert (rules.open_from, rules.open_to) == (at(meeting, "10:30", clock.today(meeting.tz)), made.ends)
    assert "Workshop" in staff.get(f"/staff/m/{meeting.slug}/self-check-in").text
    assert staff.post(page, data={"action": "end"}).status_code == 302
    assert press(client, badge, code=f"/s/{code(made)}").status_code == 409
    assert staff.post(page, data={"action": "open"}).status_code == 302
    assert len(queries.list_checkpoints(meeting.id)) == 1
    programme.sign_up(made, badge.registration, by=SYSTEM)
    assert "You are noted" in press(client, badge, code=f"/s/{code(made)}").text
