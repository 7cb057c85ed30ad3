from eventhub.db import db
from tests.factories.programme import a_room, a_session, a_speaker


def sessions(meeting, n):
    for number in range(n):
        a_session(
            meeting,
            starts=f"{9 + number % 8:02}:00",
            ends=f"{9 + number % 8:02}:45",
            room=a_room(meeting),
            speakers=[(a_speaker(), "speaker"), (a_speaker(), "moderator")],
        )
    db.session.commit()


def rooms(meeting, n):
    for _ in range(n):
        a_room(meeting)
    db.session.commit()


PAGES = {"programme.index": sessions, "programme.rooms": rooms, "programme_public.programme": sessions}
