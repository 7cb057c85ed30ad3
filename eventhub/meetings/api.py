"""The public facts of meetings, for programs: GET /api/v1/meetings and /api/v1/meetings/<slug>."""

from typing import Any

import marshmallow as ma
from flask import url_for

from eventhub.meetings import queries
from eventhub.meetings.models import Meeting
from eventhub.meetings.public import public_meeting, registration_window
from eventhub.meetings.states import MeetingMode, MeetingState
from eventhub.problems import ApiBlueprint
from eventhub.security import public

bp = ApiBlueprint("meetings_api", __name__, url_prefix="/api/v1/meetings", description="Meetings that are public.")


class MeetingSchema(ma.Schema):
    slug = ma.fields.String(required=True)
    series = ma.fields.String(required=True, metadata={"description": "Name of the series."})
    title = ma.fields.String(required=True)
    theme = ma.fields.String(required=True)
    edition_no = ma.fields.Integer(required=True, allow_none=True, metadata={"description": "null: unknown."})
    year = ma.fields.Integer(required=True)
    state = ma.fields.Enum(MeetingState, by_value=True, required=True)
    mode = ma.fields.Enum(MeetingMode, by_value=True, required=True)
    starts = ma.fields.Date(required=True, metadata={"description": "First day, at the place."})
    ends = ma.fields.Date(required=True, metadata={"description": "Last day, at the place."})
    tz = ma.fields.String(required=True, metadata={"description": "IANA time zone of the place."})
    place = ma.fields.String(required=True)
    country = ma.fields.String(required=True, metadata={"description": "ISO 3166 code of country or territory."})
    registration = ma.fields.String(
        required=True, validate=ma.validate.OneOf(["open", "by_invitation", "not_yet", "closed"])
    )
    url = ma.fields.Url(required=True, metadata={"description": "The meeting's public page."})


class MeetingsSchema(ma.Schema):
    items = ma.fields.List(ma.fields.Nested(MeetingSchema), required=True)


@bp.get("")
@bp.response(200, MeetingsSchema)
@public
def index() -> dict[str, Any]:
    """Every public meeting, newest first."""
    return {"items": [_facts(meeting) for meeting in queries.list_public_meetings()]}


@bp.get("/<slug>")
@bp.response(200, MeetingSchema)
@public
def show() -> dict[str, Any]:
    """One public meeting."""
    return _facts(public_meeting())


def _facts(meeting: Meeting) -> dict[str, Any]:
    names = (
        "slug",
        "title",
        "theme",
        "edition_no",
        "year",
        "state",
        "mode",
        "starts",
        "ends",
        "tz",
        "place",
        "country",
    )
    return {
        **{name: getattr(meeting, name) for name in names},
        "series": meeting.series.name,
        "registration": registration_window(meeting),
        "url": url_for("site.meeting", slug=meeting.slug, _external=True),
    }
