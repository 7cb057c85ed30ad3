"""Rules for when and where 1:1 meetings may be: windows inside the meeting's days, tables with a name each."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _

from eventhub import audit
from eventhub.audit import Actor
from eventhub.db import db, hold_names, lock
from eventhub.errors import InvalidError, RuleError
from eventhub.meetings.models import Meeting
from eventhub.meetings.service import bounds
from eventhub.meetings.states import Precision
from eventhub.networking import queries_one_to_one as queries
from eventhub.networking.models_one_to_one import OneToOne, OneToOnePlan, OneToOneTable, OneToOneWindow
from eventhub.networking.slots import overlaps
from eventhub.programme.models import Room

LONGEST = timedelta(hours=14)
MOST_WINDOWS, MOST_TABLES = 60, 200
SLOT_MINUTES = (5, 120)  # the shortest and the longest slot


def plan(meeting: Meeting) -> OneToOnePlan:
    """The meeting's settings, held until the transaction ends; made with the first window or table."""
    found = lock(OneToOnePlan, meeting.id)
    if found is None:
        hold_names(f"one-to-one:{meeting.id}")  # two who begin at once make one
        found = lock(OneToOnePlan, meeting.id)
    if found is None:
        found = OneToOnePlan(meeting_id=meeting.id)
        db.session.add(found)
        db.session.flush()
    return found


def set_most_open(meeting: Meeting, most_open: int, *, by: Actor) -> None:
    """How many unanswered requests one person may have at a time."""
    row = plan(meeting)
    if row.most_open != most_open:
        row.most_open = most_open
        db.session.flush()
        audit.record(by, "changed 1:1 settings of", meeting, meeting_id=meeting.id, most_open=most_open)


def add_window(meeting: Meeting, *, starts: datetime, ends: datetime, slot_minutes: int, by: Actor) -> OneToOneWindow:
    """A span for 1:1 meetings (instants), cut into slots of ``slot_minutes``.

    Raises InvalidError outside of the meeting's days, over another window, or too short for one slot.
    """
    plan(meeting)
    others = queries.list_windows(meeting.id)
    if meeting.dates_precision is not Precision.DAY:
        raise InvalidError(_("The days of this meeting are not known. Put them into the meeting's facts first."))
    if not SLOT_MINUTES[0] <= slot_minutes <= SLOT_MINUTES[1]:
        raise InvalidError(_("A slot has from 5 to 120 minutes."), field="slot_minutes")
    if ends <= starts:
        raise InvalidError(_("This window ends before it begins. Look at both times."), field="ends")
    if ends - starts < timedelta(minutes=slot_minutes):
        raise InvalidError(_("This window is too short for one slot."), field="slot_minutes")
    first, last = bounds(meeting, meeting.starts)[0], bounds(meeting, meeting.ends)[1]
    if starts < first or ends > last or ends - starts > LONGEST:
        raise InvalidError(_("This lies outside of the meeting's days. Choose one of its days."), field="day")
    window = OneToOneWindow(meeting_id=meeting.id, starts=starts, ends=ends, slot_minutes=slot_minutes)
    if any(overlaps(window, other) for other in others):
        raise InvalidError(
            _("There is a window at this time already. Change the times, or remove that one."), field="starts"
        )
    if len(others) >= MOST_WINDOWS:
        raise InvalidError(_("These are enough windows. Remove one first."))
    db.session.add(window)
    db.session.flush()
    audit.record(by, "added", window)
    return window


def remove_window(window: OneToOneWindow, *, by: Actor) -> None:
    """Take a window away. What was agreed in it stays agreed; nothing new is."""
    audit.record(by, "removed", window, starts=window.starts.isoformat(), ends=window.ends.isoformat())
    db.session.delete(window)
    db.session.flush()


def add_table(meeting: Meeting, *, name: str, room: Room | None = None, place: str = "", by: Actor) -> OneToOneTable:
    """A table where two can sit; raises InvalidError when there is one of that name."""
    plan(meeting)
    tables = queries.list_tables(meeting.id)
    _check_name(name, tables)
    if len(tables) >= MOST_TABLES:
        raise InvalidError(_("These are enough tables. Remove one first."))
    _check_room(meeting.id, room)
    table = OneToOneTable(meeting_id=meeting.id, name=name, room=room, place=place, position=len(tables))
    db.session.add(table)
    db.session.flush()
    audit.record(by, "added", table, name=name)
    return table


def change_table(
    table: OneToOneTable, *, name: str, room: Room | None, place: str, active: bool, by: Actor
) -> OneToOneTable:
    """Change a table. One that is not in use any more keeps those who agreed to meet there."""
    _check_name(name, queries.list_tables(table.meeting_id), besides=table)
    _check_room(table.meeting_id, room)
    audit.record(by, "changed", table, before={"name": table.name, "place": table.place, "active": table.active})
    table.name, table.room, table.place, table.active = name, room, place, active
    db.session.flush()
    return table


def remove_table(table: OneToOneTable, *, by: Actor) -> None:
    """Take a table away; raises RuleError when somebody met or will meet there."""
    used = db.session.scalar(sa.select(OneToOne.id).where(OneToOne.table_id == table.id).limit(1))
    if used is not None:
        raise RuleError(_("People agreed to meet at this table. Take it out of use instead: they keep it."))
    audit.record(by, "removed", table, name=table.name)
    db.session.delete(table)
    db.session.flush()


def _check_name(name: str, tables: list[OneToOneTable], besides: OneToOneTable | None = None) -> None:
    if not name:
        raise InvalidError(_("Give it a name."), field="name")
    if any(row.name.casefold() == name.casefold() for row in tables if row is not besides):
        raise InvalidError(_("There is one of this name already."), field="name")


def _check_room(meeting_id: int, room: Room | None) -> None:
    if room is not None and room.meeting_id != meeting_id:
        raise InvalidError(_("This room belongs to another meeting. Choose one from the list."), field="room_id")
