"""Looking up series, meetings and sectors."""

import time

import sqlalchemy as sa
from flask import current_app, g
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session, joinedload, selectinload

from eventhub.db import db, writing
from eventhub.errors import NotFoundError
from eventhub.meetings.models import Meeting, Sector, Series
from eventhub.meetings.states import MeetingState

PUBLIC_STATES = (
    MeetingState.OPEN,
    MeetingState.RUNNING,
    MeetingState.OVER,
    MeetingState.POSTPONED,
    MeetingState.CANCELLED,
    MeetingState.ARCHIVED,
)


MOST_KEPT = 200  # then all are forgotten

# built once: almost every page begins with it, and building it costs as much as asking it
_BY_SLUG = sa.select(Meeting).where(Meeting.slug == sa.bindparam("slug")).options(joinedload(Meeting.series))


def find_meeting(slug: str) -> Meeting | None:
    """The meeting with its series; its days are read when somebody asks for them."""
    return db.session.scalar(_BY_SLUG, {"slug": slug})


_kept: dict[tuple[str, str], tuple[float, Meeting]] = {}


def kept_meeting(slug: str) -> Meeting:
    """``get_meeting``, as it was at most PAGE_CACHE_SECONDS ago: no query while it is kept.

    Whoever writes by it compares its version with the table's, in a query that is needed anyway.
    """
    settings = current_app.config["EVENTHUB"]
    until, kept = _kept.get((settings.database_url, slug), (0.0, None))
    if kept is not None and time.monotonic() < until:
        return db.session.merge(kept, load=False)
    meeting = get_meeting(slug)
    if settings.page_cache_seconds:
        if len(_kept) > MOST_KEPT:
            _kept.clear()
        with Session(db.engine) as own:  # a copy that belongs to no request
            copy = own.merge(meeting, load=False)
            own.expunge_all()
        _kept[settings.database_url, slug] = (time.monotonic() + settings.page_cache_seconds, copy)
    return meeting


def get_meeting(slug: str) -> Meeting:
    """The meeting; raises NotFoundError."""
    meeting = find_meeting(slug)
    if meeting is None:
        raise NotFoundError(_("There is no meeting at this address. Look at the list of meetings on the first page."))
    return meeting


def get_by_id(meeting_id: int) -> Meeting:
    """The meeting with series and days; raises NotFoundError."""
    meeting = db.session.get(Meeting, meeting_id, options=[joinedload(Meeting.series), selectinload(Meeting.days)])
    if meeting is None:
        raise NotFoundError
    return meeting


def list_meetings() -> list[Meeting]:
    """All meetings, newest first."""
    return list(
        db.session.scalars(
            sa.select(Meeting).options(joinedload(Meeting.series)).order_by(Meeting.starts.desc(), Meeting.id.desc())
        )
    )


def every_meeting() -> list[Meeting]:
    """``list_meetings``, asked once a page: the switch above it, the page's own meeting and its lists have the same.

    A request that writes asks anew each time, for it may change them.
    """
    if writing.get():
        return list_meetings()
    if "every_meeting" not in g:
        g.every_meeting = list_meetings()
    return list(g.every_meeting)


def get_among_all(slug: str) -> Meeting:
    """``get_meeting`` for a page that shows the switch of all meetings: with them, in the same statement."""
    if writing.get():
        return get_meeting(slug)
    found = next((meeting for meeting in every_meeting() if meeting.slug == slug), None)
    return found or get_meeting(slug)


def list_public_meetings() -> list[Meeting]:
    """The meetings that the public may see, newest first."""
    return [meeting for meeting in list_meetings() if meeting.state in PUBLIC_STATES]


def list_series() -> list[Series]:
    """Every series, by name."""
    return list(db.session.scalars(sa.select(Series).order_by(Series.name)))


def get_series(series_id: int) -> Series:
    """The series; raises NotFoundError."""
    series = db.session.get(Series, series_id)
    if series is None:
        raise NotFoundError
    return series


def list_sectors() -> list[Sector]:
    """Every sector, in the order that people gave them."""
    return list(db.session.scalars(sa.select(Sector).order_by(Sector.position, Sector.name)))


def find_sector(code: str) -> Sector | None:
    return db.session.scalar(sa.select(Sector).where(Sector.code == code))


def slug_taken(slug: str, besides: int | None = None) -> bool:
    """Whether a meeting ``besides`` that one has this address."""
    found = db.session.scalar(sa.select(Meeting.id).where(Meeting.slug == slug))
    return found is not None and found != besides
