"""The public programme: by day, in the place's time, on a phone and on paper; and as iCalendar."""

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub.errors import NotFoundError
from eventhub.meetings.models import Meeting
from eventhub.meetings.public import public_meeting
from eventhub.pages import cached_page
from eventhub.programme import queries
from eventhub.programme.ics import calendar
from eventhub.programme.kinds import AUDIENCES, KINDS, PARTS
from eventhub.security import public

bp = Blueprint("programme_public", __name__, url_prefix="/m/<slug>")


@bp.get("/programme")
@public
@cached_page
def programme() -> ResponseReturnValue:
    """All days on one page; children are never named."""
    meeting = _with_programme()
    sessions = queries.list_sessions(meeting.id)
    return render_template(
        "programme/public.html",
        meeting=meeting,
        by_day=queries.by_day(sessions, meeting.tz),
        shown=queries.shown_speakers(sessions, meeting.id),
        labels={day.day: day.label for day in meeting.days if day.label},
        kinds=KINDS,
        parts=PARTS,
        audiences=AUDIENCES,
    )


@bp.get("/programme.ics")
@public
def ics() -> ResponseReturnValue:
    """The programme for people's own calendars."""
    meeting = _with_programme()
    content = calendar(meeting, queries.list_sessions(meeting.id))
    name = f"{meeting.slug}-programme.ics"
    return Response(
        content,
        mimetype="text/calendar",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _with_programme() -> Meeting:
    meeting = public_meeting()
    if not meeting.programme_public:
        raise NotFoundError(_("The programme is not published yet. The meeting's page says more."))
    return meeting
