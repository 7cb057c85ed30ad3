"""Stories for everybody, at /stories/. Nothing here is kept ready: what is withdrawn or disputed is gone at once."""

from flask import g, render_template
from flask.typing import ResponseReturnValue

from eventhub import files
from eventhub.meetings import queries as meetings
from eventhub.pages import query_number, query_text
from eventhub.partnerships import claims
from eventhub.partnerships import queries_story as queries
from eventhub.partnerships.public import bp
from eventhub.security import public


@bp.get("/stories/")
@public
def stories() -> ResponseReturnValue:
    """All stories, or with ``?meeting=`` those that began at one."""
    slug = query_text("meeting")
    meeting = meetings.find_meeting(slug) if slug else None
    g.meeting = meeting if meeting is not None and meeting.state in meetings.PUBLIC_STATES else None
    return render_template("stories/index.html", page=queries.list_public(query_number("page", 1), g.meeting))


@bp.get("/stories/<name>")
@public
def story(name: str) -> ResponseReturnValue:
    """One story: each sentence with what it rests on, and why everybody named may be."""
    row, people = queries.get_public(name)
    if row.partnership.origin is not None and row.partnership.origin.meeting is not None:
        g.meeting = row.partnership.origin.meeting
    return render_template(
        "stories/show.html",
        story=row,
        p=row.partnership,
        people=people,
        grounds=claims.grounds(row.partnership, row.claims),
        preview=False,
    )


@bp.get("/stories/<name>/photograph")
@public
def story_photo(name: str) -> ResponseReturnValue:
    """The story's photograph, while the story is shown and everybody on it agrees: light, unless somebody asks for the
    whole (``?whole=1``)."""
    row, _people = queries.get_public(name)
    if row.photo is None or row.photo.file_id is None:
        raise queries.GoneError
    small = not query_number("whole", 0)
    return files.sent(
        files.get(row.photo.file_id), download=False, small=small
    )  # who takes a consent back is gone from every cache
