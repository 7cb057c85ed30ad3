"""Rules for series and meetings: making, changing, moving through the states."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask_babel import lazy_gettext as _

from eventhub import audit
from eventhub.audit import Actor
from eventhub.db import db
from eventhub.errors import IllegalMoveError, InvalidError, StaleError
from eventhub.meetings import queries
from eventhub.meetings.models import Meeting, MeetingDay, Sector, Series
from eventhub.meetings.states import MOVES, MeetingState, Precision

LONGEST_MEETING = 31  # days
FIRST_YEAR, LAST_YEAR = 1980, 2199  # before, clocks stood minutes and seconds apart, which no device's time can say
DAY_BEGINS = time(4, 0)  # local: a late dinner belongs to its evening


def slugify(text: str) -> str:
    """Letters, digits and hyphens for an address; empty when nothing Latin is left."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")[:80].rstrip("-")


def create_series(*, name: str, by: Actor, slug: str = "", **facts: Any) -> Series:
    """A new series of meetings; its address is made of its name where none is given. Raises InvalidError."""
    slug = slug or slugify(facts.get("short_name") or name)
    if not slug:
        raise InvalidError(_("Give the series a short address in Latin letters."), field="slug")
    if any(series.slug == slug for series in queries.list_series()):
        raise InvalidError(_("Another series has this address already."), field="slug")
    series = Series(name=name, slug=slug, **facts)
    db.session.add(series)
    db.session.flush()
    audit.record(by, "created", series)
    return series


def add_sector(*, code: str, name: str, position: int = 0) -> Sector:
    """The sector with this code; made when it is new."""
    sector = queries.find_sector(code)
    if sector is None:
        sector = Sector(code=code, name=name, position=position)
        db.session.add(sector)
        db.session.flush()
    return sector


def create(*, series: Series, title: str, starts: date, ends: date, by: Actor, **facts: Any) -> Meeting:
    """Plan a meeting. Its days are made from its dates; the edition number is whatever the organiser says."""
    slug = facts.pop("slug", "") or slugify(title)
    exact = facts.setdefault("dates_precision", Precision.DAY) is Precision.DAY
    _check(slug=slug, starts=starts, ends=ends, tz=facts.get("tz", "Asia/Manila"), exact=exact)
    facts.setdefault("year", starts.year)
    facts.setdefault("accent", series.accent)
    meeting = Meeting(
        series=series, title=title, slug=slug, starts=starts, ends=ends, state=MeetingState.PLANNED, **facts
    )
    db.session.add(meeting)
    _set_days(meeting)
    db.session.flush()
    audit.record(by, "created", meeting, meeting_id=meeting.id)
    return meeting


def change(meeting: Meeting, *, version: int, by: Actor, **facts: Any) -> Meeting:
    """Change a meeting's facts; ``version`` is the one that the person saw. Raises StaleError when it is older."""
    if meeting.version != version:
        raise StaleError
    _check(
        slug=facts.get("slug", meeting.slug),
        starts=facts.get("starts", meeting.starts),
        ends=facts.get("ends", meeting.ends),
        tz=facts.get("tz", meeting.tz),
        besides=meeting.id,
        exact=meeting.dates_precision is Precision.DAY,
    )
    before = {name: str(getattr(meeting, name)) for name in facts if getattr(meeting, name) != facts[name]}
    for name, value in facts.items():
        setattr(meeting, name, value)
    _set_days(meeting)
    db.session.flush()
    if before:
        audit.record(by, "changed", meeting, meeting_id=meeting.id, before=before)
    return meeting


def move(meeting: Meeting, state: MeetingState, *, by: Actor) -> Meeting:
    """Take a meeting to another state; the only place that does."""
    if state not in MOVES[meeting.state]:
        raise IllegalMoveError
    audit.record(by, state.value, meeting, meeting_id=meeting.id, before=meeting.state.value)
    meeting.state = state
    db.session.flush()
    return meeting


def bounds(meeting: Meeting, day: date) -> tuple[datetime, datetime]:
    """The instants between which a meeting's day lies: 04:00 local time to 04:00 of the next day."""
    zone = ZoneInfo(meeting.tz)
    return datetime.combine(day, DAY_BEGINS, zone), datetime.combine(day + timedelta(days=1), DAY_BEGINS, zone)


def _check(*, slug: str, starts: date, ends: date, tz: str, besides: int | None = None, exact: bool = True) -> None:
    if not slug or slugify(slug) != slug:
        raise InvalidError(_("Use small Latin letters, digits and hyphens for the address."), field="slug")
    if queries.slug_taken(slug, besides):
        raise InvalidError(_("Another meeting has this address already. Add the year, for example."), field="slug")
    if not FIRST_YEAR <= starts.year <= LAST_YEAR:
        raise InvalidError(
            _("Write the whole year, %(first)s to %(last)s.", first=FIRST_YEAR, last=LAST_YEAR), field="starts"
        )
    if ends < starts:
        raise InvalidError(_("The last day lies before the first."), field="ends")
    if exact and (ends - starts).days >= LONGEST_MEETING:
        raise InvalidError(
            _("A meeting lasts at most %(most)s days. Look at both dates.", most=LONGEST_MEETING), field="ends"
        )
    try:
        ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidError(_("Choose a time zone from the list, such as Asia/Manila."), field="tz") from error


def _set_days(meeting: Meeting) -> None:
    """One row per day between first and last; a label that somebody gave stays. None while the days are not known."""
    length = (meeting.ends - meeting.starts).days + 1 if meeting.dates_precision is Precision.DAY else 0
    wanted = {meeting.starts + timedelta(days=n) for n in range(length)}
    for day in list(meeting.days):
        if day.day not in wanted:
            meeting.days.remove(day)
    for missing in sorted(wanted - {day.day for day in meeting.days}):
        meeting.days.append(MeetingDay(day=missing))
