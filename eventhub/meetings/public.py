"""Public pages: the list of meetings, and one meeting."""

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from eventhub import clock
from eventhub.errors import NotFoundError
from eventhub.meetings import queries
from eventhub.meetings.models import Meeting
from eventhub.meetings.states import MeetingState
from eventhub.pages import cached_page
from eventhub.partnerships import queries_commit as statements
from eventhub.partnerships import queries_story as stories
from eventhub.security import public

bp = Blueprint("site", __name__)


@bp.get("/")
@public
@cached_page
def home() -> ResponseReturnValue:
    """What is coming, and what was."""
    today = clock.today()
    meetings = queries.list_public_meetings()
    return render_template(
        "site/home.html",
        coming=sorted((m for m in meetings if m.ends >= today), key=lambda m: m.starts),
        past=[m for m in meetings if m.ends < today],
    )


@bp.get("/m/<slug>")
@public
@cached_page
def meeting() -> ResponseReturnValue:
    """One meeting: what it is, when, where, and one clear action; years later, what came of it."""
    meeting = public_meeting()
    is_over = meeting.state in (MeetingState.OVER, MeetingState.ARCHIVED)
    return render_template(
        "site/meeting.html",
        meeting=meeting,
        registration=registration_window(meeting),
        has_statement=is_over and bool(statements.list_public_statements(meeting)),
        has_stories=is_over and bool(stories.list_public(meeting=meeting).items),
    )


def public_meeting(*, kept: bool = False) -> Meeting:
    """The meeting of this address; raises NotFoundError while it is only planned.

    A cached page loads it itself, so that a page from the cache asks the database nothing. ``kept``: as it was a
    moment ago will do (``queries.kept_meeting``).
    """
    if g.get("meeting") is None:
        g.meeting = queries.kept_meeting(g.meeting_slug) if kept else queries.get_meeting(g.meeting_slug)
    if g.meeting.state not in queries.PUBLIC_STATES:
        raise NotFoundError(_("There is no meeting at this address. Look at the list of meetings on the first page."))
    return g.meeting  # type: ignore[no-any-return]  # flask.g is untyped


def registration_window(meeting: Meeting, *, is_named: bool = False) -> str:
    """Whether people can register now: open | by_invitation | not_yet | in_preparation | closed.

    ``is_named``: for somebody with a personal link. They may have it before the meeting is public.
    """
    now = clock.now()
    if meeting.state not in (MeetingState.PLANNED, MeetingState.OPEN, MeetingState.RUNNING):
        return "closed"
    if meeting.registration_opens and now < meeting.registration_opens:
        return "not_yet"
    if meeting.state is MeetingState.PLANNED:
        return "in_preparation"
    if meeting.registration_closes and now >= meeting.registration_closes:
        return "closed"
    return "open" if meeting.open_registration or is_named else "by_invitation"
