"""The programme's pages: edited by staff, read by everybody, children never named."""

import random
import re
from datetime import timedelta

import pytest
from icalendar import Calendar

from eventhub import security
from eventhub.db import db
from eventhub.directory.models import Organisation, Person
from eventhub.programme import clashes, ics, queries
from eventhub.registration.models import Registration
from eventhub.security import Role
from eventhub.waits import numbers
from tests.factories.badges import a_confirmed
from tests.factories.basics import a_meeting
from tests.factories.directory import a_person
from tests.factories.programme import a_room, a_session, a_speaker


def fields(meeting, **more):
    return {
        "title": "Opening plenary",
        "kind": "plenary",
        "day": meeting.starts.isoformat(),
        "starts": "09:00",
        "ends": "10:30",
        "room_id": "",
        "track_id": "",
        "audience": "all",
        **more,
    }


def test_a_session_is_added_changed_and_taken_out(sign_in):
    meeting = a_meeting()
    room = a_room(meeting, "Sampaguita")
    speaker = a_speaker("山田 花子", latin_name="Yamada Hanako")
    db.session.add(Registration(meeting=meeting, person=speaker))
    browser = sign_in(Role.PROGRAMME, meeting)
    base = f"/staff/m/{meeting.slug}/programme"
    data = fields(
        meeting,
        room_id=room.id,
        languages="English, Khmer",
        interpretation="ur",
        **{"speakers-0-who": f"Yamada Hanako [{speaker.id}]", "speakers-0-part": "moderator", "speakers-1-who": ""},
    )
    assert browser.post(f"{base}/new", data=data).status_code == 302
    (session,) = queries.list_sessions(meeting.id)
    assert (session.title, session.room.name, session.languages) == ("Opening plenary", "Sampaguita", ["en", "km"])
    assert [(s.person_id, s.part) for s in session.speakers] == [(speaker.id, "moderator")]
    page = browser.get(f"{base}/{session.id}").text
    assert f"山田 花子 · Yamada Hanako [{speaker.id}]" in page and 'value="09:00"' in page and "English, Khmer" in page
    version = session.version
    again = {**data, "version": version, "title": "Opening"}
    assert browser.post(f"{base}/{session.id}", data=again).status_code == 302
    second = browser.post(f"{base}/{session.id}", data={**again, "title": "Mine, not lost"})
    assert second.status_code == 422 and "Somebody changed this" in second.text and "Mine, not lost" in second.text
    assert browser.post(f"{base}/{session.id}/delete").status_code == 302
    assert queries.list_sessions(meeting.id) == []


def test_a_clash_is_shown_with_a_box_to_keep_it(sign_in):
    meeting = a_meeting()
    room = a_room(meeting, "Sampaguita")
    a_session(meeting, "Opening plenary", "09:00", "10:30", room=room)
    db.session.commit()
    browser, address = sign_in(Role.PROGRAMME, meeting), f"/staff/m/{meeting.slug}/programme/new"
    data = fields(meeting, title="Workshop", room_id=room.id, starts="10:00", ends="11:00")
    refused = browser.post(address, data=data)
    assert refused.status_code == 422
    assert "Room Sampaguita is taken by “Opening plenary” 09:00–10:30." in refused.text
    assert 'name="keep_clashes"' in refused.text and "Workshop" in refused.text
    assert browser.post(address, data={**data, "keep_clashes": "y"}).status_code == 302
    page = browser.get(f"/staff/m/{meeting.slug}/programme/").text
    assert "Room Sampaguita is taken by “Workshop” 10:00–11:00." in page


def test_a_name_that_nobody_has_is_added_to_the_directory_and_a_shared_one_is_asked_about(sign_in):
    meeting = a_meeting()
    a_speaker("Sok Dara")
    a_speaker("Sok Dara")
    db.session.commit()
    browser, address = sign_in(Role.PROGRAMME, meeting), f"/staff/m/{meeting.slug}/programme/new"
    refused = browser.post(
        address, data=fields(meeting, **{"speakers-0-who": "sok dara", "speakers-0-part": "speaker"})
    )
    assert refused.status_code == 422 and "Several people are called “sok dara”" in refused.text
    data = fields(meeting, **{"speakers-0-who": "Ngozi", "speakers-0-part": "speaker"})
    page = browser.post(address, data=data, follow_redirects=True).text
    assert "Ngozi was not in the directory yet and was added to it." in page
    assert db.session.query(Person).filter_by(full_name="Ngozi").count() == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"ends": "08:00"}, "ends before it begins"),
        ({"day": "1999-01-01"}, "Not a valid choice"),
        ({"starts": "25:99"}, "time"),
        ({"languages": "Klingonish"}, "not a language we know"),
        ({"capacity": "-3"}, "between 1"),
        ({"room_id": "999999"}, "Not a valid choice"),
        ({"title": " \x00 "}, "required"),
        ({"speakers-0-who": "Nobody [999999999]", "speakers-0-part": "speaker"}, "Nobody in the list"),
        ({"speakers-0-who": "Ngozi", "speakers-0-part": "boss"}, "Not a valid choice"),
    ],
)
def test_wrong_facts_come_back_with_a_sentence_and_what_was_typed(sign_in, change, sentence):
    meeting = a_meeting()
    browser = sign_in(Role.PROGRAMME, meeting)
    data = fields(meeting, summary="Kept as typed", **change)
    answer = browser.post(f"/staff/m/{meeting.slug}/programme/new", data=data)
    assert answer.status_code == 422
    assert sentence in answer.text and "Kept as typed" in answer.text
    assert queries.list_sessions(meeting.id) == []


def test_rooms_and_tracks_are_added_changed_and_removed(sign_in):
    meeting = a_meeting()
    browser, base = sign_in(Role.PROGRAMME, meeting), f"/staff/m/{meeting.slug}/programme/rooms"
    browser.post(base, data={"room-name": "Sampaguita", "room-capacity": "120"})
    browser.post(base, data={"track-name": "Climate"})
    (room,), (track,) = queries.list_rooms(meeting.id), queries.list_tracks(meeting.id)
    assert (room.name, room.capacity, track.name) == ("Sampaguita", 120, "Climate")
    assert browser.post(f"{base}/{room.id}", data={"name": "Ilang-Ilang", "capacity": ""}).status_code == 302
    assert "Ilang-Ilang" in browser.get(base).text
    assert browser.post(base, data={"room-name": "ilang-ilang"}).status_code == 422
    browser.post(f"{base}/{room.id}/delete")
    assert queries.list_rooms(meeting.id) == []


def test_the_public_page_names_adults_and_no_child(client):
    meeting = a_meeting()
    adult, child = a_speaker("Sok Chanthy"), a_speaker("Maria Dela Cruz", is_child=True)
    registered, at_risk = a_speaker("Lim Vanna"), a_speaker("Secret Person", at_risk=True)
    merged = a_speaker("Old Name", merged_into_id=child.id)
    renamed = a_speaker("Older Name", merged_into_id=adult.id)
    organisation = Organisation(name="Lotus Child Rights Network")
    db.session.add_all(
        [
            Registration(meeting=meeting, person=adult, organisation=organisation),
            Registration(meeting=meeting, person=registered, is_child=True),
        ]
    )
    people = [adult, child, registered, at_risk, merged]
    a_session(meeting, "Voices", speakers=[(person, "speaker") for person in people])
    a_session(meeting, "Talk", "11:00", "12:00", speakers=[(renamed, "moderator")])
    text = client.get(f"/m/{meeting.slug}/programme").text
    assert "Voices" in text and text.count("Sok Chanthy") == 2 and "Lotus Child Rights Network" in text
    for hidden in ("Maria", "Lim Vanna", "Secret", "Old Name", "Older Name"):
        assert hidden not in text


def test_editing_a_session_keeps_whom_the_page_may_not_name(sign_in):
    meeting = a_meeting()
    child = a_speaker("Maria Dela Cruz", is_child=True)
    session = a_session(meeting, "Voices", speakers=[(child, "speaker")])
    db.session.commit()
    browser, base = sign_in(Role.PROGRAMME, meeting), f"/staff/m/{meeting.slug}/programme"
    page = browser.get(f"{base}/{session.id}").text
    assert "Maria" not in page and "Maria" not in browser.get(f"{base}/").text
    assert "People who are not named here: 1." in browser.get(f"{base}/").text
    data = fields(meeting, title="Voices of children", version=session.version)
    assert browser.post(f"{base}/{session.id}", data=data).status_code == 302
    db.session.expire_all()
    assert [s.person_id for s in queries.list_sessions(meeting.id)[0].speakers] == [child.id]


def test_a_programme_that_is_not_public_is_not_shown(client):
    meeting = a_meeting(programme_public=False)
    assert client.get(f"/m/{meeting.slug}/programme").status_code == 404
    assert client.get(f"/m/{meeting.slug}/programme.ics").status_code == 404
    assert client.get("/m/nothing-here/programme").status_code == 404


def test_three_hundred_sessions_cost_few_questions_and_bytes(client, queries):
    meeting = a_meeting()
    rooms = [a_room(meeting) for _ in range(10)]
    for number in range(300):
        a_session(
            meeting,
            f"Session {number}",
            f"{9 + number % 9:02}:00",
            f"{9 + number % 9:02}:50",
            room=rooms[number % 10],
            speakers=[(a_speaker(), "speaker")],
        )
    db.session.commit()
    client.get(f"/m/{meeting.slug}/programme")
    with queries() as seen:
        answer = client.get(f"/m/{meeting.slug}/programme", headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200 and seen.count <= 6, seen.statements
    assert len(answer.data) < 40_000


def test_the_calendar_file_says_the_same_instants_with_lasting_names(client):
    meeting = a_meeting(tz="Asia/Kathmandu")
    room = a_room(meeting, "Hall; A, B")
    session = a_session(meeting, "Opening; “Welcome”, all", "09:00", "10:30", room=room)
    db.session.commit()
    answer = client.get(f"/m/{meeting.slug}/programme.ics")
    assert answer.mimetype == "text/calendar"
    (event,) = Calendar.from_ical(answer.data).walk("VEVENT")
    assert (event["summary"], event.decoded("dtstart"), event.decoded("dtend")) == (
        session.title,
        session.starts,
        session.ends,
    )
    assert event["uid"] == f"session-{session.id}@localhost"
    assert re.search(r"Hall", event["location"])


def test_the_meetings_own_calendar_event_covers_its_days(app):
    meeting = a_meeting()
    (event,) = Calendar.from_ical(ics.calendar(meeting)).walk("VEVENT")
    assert event.decoded("dtstart") == meeting.starts
    assert (event.decoded("dtend") - meeting.ends).days == 1
    assert event["uid"] == f"meeting-{meeting.id}@localhost"


def test_who_may_only_read_may_not_change(sign_in):
    meeting = a_meeting()
    session = a_session(meeting)
    db.session.commit()
    browser, base = sign_in(Role.READER, meeting), f"/staff/m/{meeting.slug}/programme"
    assert browser.get(f"{base}/").status_code == 200
    assert browser.get(f"{base}/new").status_code == 403
    assert browser.post(f"{base}/{session.id}/delete").status_code == 403


def test_a_person_takes_a_place_and_gives_it_back(client):
    meeting = a_meeting()
    one = a_session(meeting, "Workshop", needs_sign_up=True, capacity=1)
    other = a_session(meeting, "Open talk", "11:00", "12:00")
    mine, theirs = a_confirmed(meeting), a_confirmed(meeting)
    address, second = (f"/me/{security.token('me', row.id)}/sessions" for row in (mine, theirs))
    page = client.get(address).text
    assert "Workshop" in page and "Open talk" not in page and "Places left: 1" in page
    assert "Choose my sessions" in client.get(address.removesuffix("/sessions")).text
    assert "You have a place in" in client.post(address, data={"session": one.id}, follow_redirects=True).text
    assert "Full" in client.get(second).text
    assert "This session is full" in client.post(second, data={"session": one.id}, follow_redirects=True).text
    client.post(address, data={"session": one.id, "action": "withdraw"})
    assert "Places left: 1" in client.get(second).text
    assert "Nobody needs to sign up" in client.post(address, data={"session": other.id}, follow_redirects=True).text
    for wrong in ("", "x", "999999", "9" * 30):
        assert client.post(address, data={"session": wrong}).status_code == 404
    mine.link_version = 2
    assert client.get(address).status_code == 410


def test_the_overview_says_that_sessions_clash(sign_in):
    meeting = a_meeting()
    room = a_room(meeting)
    for title in ("One", "Two"):
        a_session(meeting, title, room=room)
    db.session.commit()
    assert "sessions in each other&#39;s way" in sign_in(Role.ORGANISER, meeting).get(f"/staff/m/{meeting.slug}/").text


def test_the_overview_counts_the_clashes_that_the_programme_shows(app):
    """Some share a room, some a person, some both, some nothing; some end as another begins."""
    meeting, elsewhere, chance = a_meeting(), a_meeting(), random.Random(7)
    rooms, people = [None, a_room(meeting), a_room(meeting)], [a_person() for _ in range(3)]
    for n in range(24):
        begin = chance.randrange(9, 17)
        speakers = [(person, "speaker") for person in chance.sample(people, chance.randrange(2))]
        starts, ends = f"{begin:02}:{chance.choice(('00', '30'))}", f"{begin + chance.choice((1, 2)):02}:00"
        day = meeting.starts + timedelta(days=n % 2)
        a_session(meeting, starts=starts, ends=ends, day=day, room=chance.choice(rooms), speakers=speakers)
        a_session(elsewhere, starts=starts, ends=ends, speakers=speakers)
    db.session.commit()
    found = len(clashes.every(queries.list_sessions(meeting.id)))
    with app.test_request_context():
        assert numbers([wait.count for wait in queries.waiting(meeting)]) == [found]
    assert 0 < found < 24
