"""What a web process may keep in memory of a meeting's door: days, checkpoints, groups, rules.

It is right while two numbers stay the same: the door clock's version and the meeting's. Both come along with every
question, so that a change counts from the next question on, in every process.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import current_app

from eventhub.checkin.facts import written
from eventhub.checkin.models import Checkpoint, CheckpointRules, DoorClock, Scan
from eventhub.checkin.world import World
from eventhub.db import db
from eventhub.errors import NotFoundError
from eventhub.meetings.models import Meeting, MeetingDay
from eventhub.meetings.service import bounds


@dataclass(frozen=True)
class Known:
    """One meeting's door as of ``version``. Checkpoints are named by their ids as text, as on the wire."""

    meeting_id: int
    version: tuple[int, int]
    days: list[dict[str, str]]
    checkpoints: list[dict[str, Any]]  # id, kind, group
    rules: list[dict[str, Any]]  # facts
    world: World  # with nobody in it
    names: Mapping[str, str]
    sessions: Mapping[str, int]  # checkpoint -> session that its sign-ups are for
    capped: frozenset[str]  # groups where somebody may meet a full room: there the order of all matters
    takers: frozenset[str]  # who took over a child: their exits are looked at like a named adult's
    tz: str

    def group(self, checkpoint: str) -> str:
        return self.world.group_of(checkpoint)

    def day(self, t: int) -> date | None:
        found = self.world.day_of(t)
        return date.fromisoformat(found) if found else None

    @property
    def calendar(self) -> list[date]:
        """The meeting's days, in their order."""
        return [date.fromisoformat(one["day"]) for one in self.days]

    def needs_sign_up(self, checkpoint: str, t: int) -> bool:
        rules = self.world.rules_at(checkpoint, t)
        return rules is not None and rules.needs_sign_up


_kept: dict[tuple[str, int], Known] = {}  # by database and meeting


def known(meeting_id: int) -> Known:
    """What is known of a meeting, read now. Raises NotFoundError when there is no such meeting."""
    fresh = _read(db.session.connection(), meeting_id)
    _kept[_place(), meeting_id] = fresh
    return fresh


def kept(meeting_id: int) -> Known:
    """What this process keeps, whether right or not: the question itself brings the version to check it by."""
    return _kept.get((_place(), meeting_id)) or known(meeting_id)


def current(meeting_id: int) -> Known:
    """Days, checkpoints, groups and rules as they are now, for a page: read anew unless the two numbers say that they
    are still what this process keeps. ``takers`` is for the door, not for pages.

    Raises NotFoundError when there is no such meeting.
    """
    found = _kept.get((_place(), meeting_id))
    return found if found is not None and found.version == _version(meeting_id) else known(meeting_id)


def forget() -> None:
    """Begin anew; for tests, where a meeting has the number of one before it."""
    _kept.clear()


def _version(meeting_id: int) -> tuple[int, int] | None:
    row = db.session.execute(
        sa.select(sa.func.coalesce(DoorClock.version, 0), Meeting.version)
        .select_from(Meeting)
        .outerjoin(DoorClock, DoorClock.meeting_id == Meeting.id)
        .where(Meeting.id == meeting_id)
    ).first()
    return (row[0], row[1]) if row is not None else None


def _place() -> str:
    return str(current_app.config["EVENTHUB"].database_url)


def _read(connection: sa.Connection, meeting_id: int) -> Known:
    meeting = connection.execute(
        sa.select(Meeting.tz, Meeting.starts, Meeting.ends, Meeting.version, DoorClock.version)
        .outerjoin(DoorClock, DoorClock.meeting_id == Meeting.id)
        .where(Meeting.id == meeting_id)
    ).first()
    if meeting is None:
        raise NotFoundError
    rows = connection.execute(
        sa.select(
            Checkpoint.id, Checkpoint.name, Checkpoint.kind, Checkpoint.group, Checkpoint.session_id, Checkpoint.day
        )
        .where(Checkpoint.meeting_id == meeting_id)
        .order_by(Checkpoint.id)
    ).all()
    checkpoints = [{"id": str(row.id), "kind": row.kind.value, "group": row.group} for row in rows]
    days = _days(connection, meeting_id, meeting.tz)
    rules = _rules(connection, {row.id: row.day for row in rows})
    world = World(str(meeting_id), days, checkpoints, [], rules)
    return Known(
        meeting_id=meeting_id,
        version=(meeting[4] or 0, meeting[3]),
        days=days,
        checkpoints=checkpoints,
        rules=rules,
        world=world,
        names={str(row.id): row.name for row in rows},
        sessions={str(row.id): row.session_id for row in rows if row.session_id},
        capped=frozenset(world.group_of(f["checkpoint"]) for f in rules if f["rules"]["capacity"] is not None),
        takers=_takers(connection, meeting_id),
        tz=meeting.tz,
    )


def _days(connection: sa.Connection, meeting_id: int, tz: str) -> list[dict[str, str]]:
    found = connection.scalars(sa.select(MeetingDay.day).where(MeetingDay.meeting_id == meeting_id))
    place = Meeting(tz=tz)
    return [
        {"day": day.isoformat(), "from": start.isoformat(), "to": end.isoformat()}
        for day in sorted(found)
        for start, end in [bounds(place, day)]
    ]


def _rules(connection: sa.Connection, days: Mapping[int, date | None]) -> list[dict[str, Any]]:
    rows = connection.execute(
        sa.select(CheckpointRules.__table__).where(CheckpointRules.checkpoint_id.in_(list(days)))
    ).all()
    return [
        {
            "fact": "rules",
            "checkpoint": str(row.checkpoint_id),
            "from": written(row.at_ms),
            "rules": {
                "reentry": row.reentry,
                "needs_sign_up": row.needs_sign_up,
                "capacity": row.capacity,
                "day": days[row.checkpoint_id].isoformat() if days[row.checkpoint_id] else None,
                "open_from": row.open_from.isoformat() if row.open_from else None,
                "open_to": row.open_to.isoformat() if row.open_to else None,
            },
        }
        for row in rows
    ]


def _takers(connection: sa.Connection, meeting_id: int) -> frozenset[str]:
    contents = connection.scalars(sa.select(Scan.content).where(Scan.meeting_id == meeting_id, Scan.kind == "handover"))
    return frozenset(content["with"] for content in contents)
