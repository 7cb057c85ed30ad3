"""For programs: whose token this is, and what it may do. GET /api/v1/account."""

from typing import Any

import marshmallow as ma
from flask_security import current_user

from eventhub.meetings import queries as meetings
from eventhub.problems import ApiBlueprint
from eventhub.security import Role, permission

bp = ApiBlueprint("accounts_api", __name__, url_prefix="/api/v1/account", description="The account behind a token.")


class HeldSchema(ma.Schema):
    role = ma.fields.Enum(Role, by_value=True, required=True)
    meeting = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "The meeting's slug; null: all meetings."}
    )


class AccountSchema(ma.Schema):
    name = ma.fields.String(required=True)
    email = ma.fields.String(required=True)
    roles = ma.fields.List(ma.fields.Nested(HeldSchema), required=True)


@bp.get("")
@bp.response(200, AccountSchema)
@permission("staff")
def show() -> dict[str, Any]:
    """The account whose token (or session) this request carries."""
    slugs = {meeting.id: meeting.slug for meeting in meetings.list_meetings()}
    roles = [
        {"role": held.role, "meeting": slugs[held.meeting_id] if held.meeting_id is not None else None}
        for held in current_user.grants
    ]
    return {"name": current_user.name, "email": current_user.email, "roles": roles}
