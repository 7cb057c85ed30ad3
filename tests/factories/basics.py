"""Rows that tests begin with, made through the services where a rule is involved."""

import itertools
from datetime import date, timedelta
from typing import Any

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.meetings import service as meetings
from eventhub.meetings.models import Meeting, Sector, Series
from eventhub.meetings.states import MeetingState

_numbers = itertools.count(1)


def a_series(**facts: Any) -> Series:
    n = next(_numbers)
    return meetings.create_series(**{"name": f"Partnership Meeting {n}", "slug": f"series-{n}", "by": SYSTEM, **facts})


def a_sector(code: str = "coalition", name: str = "") -> Sector:
    return meetings.add_sector(code=code, name=name or code.replace("_", " ").title())


def a_meeting(state: MeetingState = MeetingState.OPEN, **facts: Any) -> Meeting:
    """A meeting in ten days, three days long, open to anybody, with 100 seats."""
    n = next(_numbers)
    starts = facts.pop("starts", clock.today("Asia/Manila") + timedelta(days=10))
    ends: date = facts.pop("ends", starts + timedelta(days=2))
    values = {
        "title": f"Meeting {n}",
        "slug": f"meeting-{n}",
        "place": "Manila",
        "country": "PH",
        "capacity": 100,
        "open_registration": True,
        "programme_public": True,
        "contact_email": "secretariat@hub.example",
        "code_of_conduct": "Be kind. Keep children safe.",
        **facts,
    }
    meeting = meetings.create(
        series=values.pop("series", None) or a_series(), starts=starts, ends=ends, by=SYSTEM, **values
    )
    meeting.state = state
    db.session.commit()
    return meeting
