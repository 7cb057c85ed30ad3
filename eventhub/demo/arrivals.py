"""Who came to the demo's meetings: scans of two doors on each day, sent as a device sends them."""

import uuid
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from eventhub import clock
from eventhub.badges import queries as badges
from eventhub.checkin import devices, queries, self_check_in, service_checkpoints, sync
from eventhub.checkin import service as checkin
from eventhub.checkin.models import Checkpoint
from eventhub.checkin.service_checkpoints import Meal, Plan
from eventhub.db import db
from eventhub.demo.editions import SECRETARIAT, Edition, on
from eventhub.meetings.models import Meeting
from eventhub.programme import queries as programme

NAMESPACE = uuid.UUID("6f0f0b52-8f6e-4d56-9a53-3f4f0d6f5b10")


def fill(past: list[Edition], today: Edition) -> None:
    """Nine of ten people came to each past edition. Today's meeting has its doors, and nobody has come yet."""
    for edition in past:
        _attended(edition)
    _offline(past[-1])
    _doors(today.meeting)
    _own_phones(today.meeting)
    _rooms_and_meals(today.meeting)


def _doors(meeting: Meeting) -> list[Checkpoint]:
    """Two doors of one entrance: who entered one is inside, whichever door it was."""
    with on(meeting.starts - timedelta(days=1), meeting.tz, 15):
        return [
            checkin.create_checkpoint(meeting, name=name, group="house", by=SECRETARIAT)
            for name in ("Main entrance", "Garden gate")
        ]


def _rooms_and_meals(meeting: Meeting) -> None:
    """The other sessions have their doors, which follow them, and lunch is once a day."""
    with on(meeting.starts - timedelta(days=1), meeting.tz, 16, 30):
        sessions = [session.id for session in programme.list_sessions(meeting.id) if session.kind != "break"]
        lunch = Meal("Lunch", time(12, 0), time(14, 0))
        service_checkpoints.make(meeting, Plan(sessions=sessions, meals=[lunch]), by=SECRETARIAT)


def _own_phones(meeting: Meeting) -> None:
    """In the first session of today's meeting people check in by the code on the room's screen."""
    sessions = [session for session in programme.list_sessions(meeting.id) if session.kind != "break"]
    with on(meeting.starts - timedelta(days=1), meeting.tz, 16):
        for session in sessions[:1]:
            self_check_in.open_for(session, by=SECRETARIAT)


def _attended(edition: Edition) -> None:
    meeting, zone = edition.meeting, ZoneInfo(edition.meeting.tz)
    door, _ = _doors(meeting)
    with on(meeting.starts, meeting.tz, 7):
        token = devices.make_token(door, scope=(), expires_at=clock.now() + timedelta(days=4), by=SECRETARIAT)
        _, key = devices.enrol(token=token, name="Volunteer's phone")
    for number, day in enumerate(meeting.days):
        opening = datetime.combine(day.day, time(8, 30), zone)
        scans = []
        for n, registration in enumerate(edition.confirmed):
            badge = badges.valid_badge(registration.id)
            if badge is None or n % 10 == 9 or (n + number) % 8 == 7:
                continue
            at = opening + timedelta(seconds=17 * n)
            scans.append(_entry(door, badge.code, at, str(day.day)))
        with on(day.day, meeting.tz, 12):
            _send(key, scans)


def _offline(edition: Edition) -> None:
    """A borrowed phone without the network, on the first day: it let in some who were in already, and one scan reached
    the server after the phone was given back. The organisers have not yet said what stands."""
    meeting = edition.meeting
    door = queries.list_checkpoints(meeting.id)[0]
    codes = [badge.code for r in edition.confirmed[:4] if (badge := badges.valid_badge(r.id)) is not None]
    opening = datetime.combine(meeting.starts, time(9, 5), ZoneInfo(meeting.tz))
    scans = [_entry(door, code, opening + timedelta(minutes=n), "again") for n, code in enumerate(codes)]
    with on(meeting.starts, meeting.tz, 8):
        token = devices.make_token(door, scope=(), expires_at=clock.now() + timedelta(days=4), by=SECRETARIAT)
        device, key = devices.enrol(token=token, name="Borrowed phone")
    with on(meeting.starts, meeting.tz, 13):
        _send(key, scans[:2])
    with on(meeting.starts, meeting.tz, 14):
        devices.revoke(device, by=SECRETARIAT)
        _send(key, scans[2:])


def _entry(door: Checkpoint, code: str, at: datetime, name: str) -> dict[str, Any]:
    """A scan as a device sends it, told by itself."""
    return {
        "id": str(uuid.uuid5(NAMESPACE, f"{code}:{name}")),
        "code": code,
        "checkpoint": str(door.id),
        "kind": "entry",
        "scanned_at": at.isoformat(timespec="milliseconds"),
        "offset_ms": 0,
        "told": "admitted",
    }


def _send(key: str, scans: list[dict[str, Any]]) -> None:
    now = clock.now()
    batch = sync.read(devices.authenticate(key, fresh=True), scans, now.isoformat(timespec="milliseconds"), now)
    sync.take(db.session.connection(), batch, now)
