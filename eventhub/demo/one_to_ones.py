"""1:1 meetings of the demo's coming meetings: windows at lunch, tables in the garden, requests in every state. Invented."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from eventhub import clock
from eventhub.demo.editions import SECRETARIAT, Edition
from eventhub.meetings.models import Meeting
from eventhub.networking import queries_offers, service_windows
from eventhub.networking import queries_one_to_one as slots
from eventhub.networking import service_one_to_one as service
from eventhub.networking.models_one_to_one import OneToOne
from eventhub.programme import queries as programme
from eventhub.registration.models import Registration

TABLES = 6
WHY = (
    "I would like to hear how your youth council lives on after its first year.",
    "We look for somebody who has written an alternative report.",
    "Could your hotline take our language, too?",
    "",
    "Data on heat in schools: could we compare ours?",
)
NO = "I have to leave early that day. Please write to my colleague."


def fill(editions: Sequence[Edition]) -> None:
    """Who agreed to be asked is asked, and answers: yes, no, another time, and one cannot come after all."""
    for edition in editions:
        meeting = edition.meeting
        asked = [row for row in edition.confirmed if _may_be_asked(row)]
        before = min(clock.now(), datetime.combine(meeting.starts, time(9), ZoneInfo(meeting.tz)) - timedelta(days=3))
        with clock.frozen(before):
            _windows_and_tables(meeting)
            for n, (me, other) in enumerate(pairwise(asked[:16])):
                _play(n, me, other)


def _may_be_asked(registration: Registration) -> bool:
    profile = queries_offers.find_profile(registration.id)
    return profile is not None and profile.listed and profile.may_be_asked


def _windows_and_tables(meeting: Meeting) -> None:
    zone = ZoneInfo(meeting.tz)
    for day in meeting.days:
        lunch = datetime.combine(day.day, time(12, 40), zone)
        service_windows.add_window(
            meeting, starts=lunch, ends=lunch + timedelta(minutes=60), slot_minutes=20, by=SECRETARIAT
        )
    rooms = {room.name: room for room in programme.list_rooms(meeting.id)}
    for n in range(1, TABLES + 1):
        service_windows.add_table(
            meeting,
            name=f"Table {n}",
            room=rooms.get("Garden"),
            place="Under the mango tree" if n < 4 else "By the fountain",
            by=SECRETARIAT,
        )


def _play(n: int, me: Registration, other: Registration) -> None:
    """One asks; what becomes of it goes by turns."""
    free = slots.common_slots(me.meeting_id, me.id, other.id)
    if len(free) < 2:
        return
    row = service.ask(me, other.id, starts=free[n % 2].starts, message=WHY[n % len(WHY)])
    answer = (_accept, _leave, _accept, _propose, _decline, _accept, _move, _cancel, _take_back)[n % 9]
    answer(row, me, other)


def _leave(row: OneToOne, me: Registration, other: Registration) -> None:
    """Nobody has answered yet."""


def _accept(row: OneToOne, me: Registration, other: Registration) -> None:
    service.accept(row, other)


def _decline(row: OneToOne, me: Registration, other: Registration) -> None:
    service.decline(row, other, words=NO)


def _propose(row: OneToOne, me: Registration, other: Registration) -> None:
    others = slots.common_slots(row.meeting_id, me.id, other.id, besides=row.id)
    service.propose(row, other, starts=others[-1].starts, words="This suits me better.")


def _move(row: OneToOne, me: Registration, other: Registration) -> None:
    service.accept(row, other)
    _propose(row, me, other)


def _cancel(row: OneToOne, me: Registration, other: Registration) -> None:
    service.accept(row, other)
    service.take_back(row, me, words="My flight was changed.")


def _take_back(row: OneToOne, me: Registration, other: Registration) -> None:
    service.take_back(row, me)
