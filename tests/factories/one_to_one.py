"""Windows, tables and people who may be asked for a 1:1 meeting. Committed."""

from typing import Any

from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.meetings.models import Meeting
from eventhub.networking import service_windows, wishes
from eventhub.networking.models_one_to_one import OneToOneTable, OneToOneWindow
from eventhub.registration.models import Registration
from eventhub.registration.service import participant
from tests.factories.networking import a_profile
from tests.factories.programme import at


def a_window(
    meeting: Meeting, starts: str = "12:00", ends: str = "13:00", minutes: int = 20, **more: Any
) -> OneToOneWindow:
    """On the meeting's first day, at the place's time: three slots by default."""
    day = more.pop("day", None)
    window = service_windows.add_window(
        meeting, starts=at(meeting, starts, day), ends=at(meeting, ends, day), slot_minutes=minutes, by=SYSTEM
    )
    db.session.commit()
    return window


def a_table(meeting: Meeting, name: str = "Table 1", **facts: Any) -> OneToOneTable:
    table = service_windows.add_table(meeting, name=name, by=SYSTEM, **facts)
    db.session.commit()
    return table


def who_may_be_asked(meeting: Meeting, full_name: str, **facts: Any) -> Registration:
    """A confirmed adult who agreed to be found and to be asked."""
    return a_profile(meeting, person={"full_name": full_name, **facts}, may_be_asked=True).registration


def who_wants_to_be_seated(meeting: Meeting, full_name: str, *whom: Registration, most: int = 4) -> Registration:
    """A confirmed adult who may be asked, agrees to be seated, and wishes to meet these, the first the most."""
    registration = who_may_be_asked(meeting, full_name)
    wishes_for(registration, *whom, most=most)
    return registration


def wishes_for(registration: Registration, *whom: Registration, most: int = 4) -> None:
    by = participant(registration)
    wishes.agree(registration, agreed=True, most=most, by=by)
    for other in whom:
        wishes.add(registration, other.id, by=by)
    db.session.commit()
