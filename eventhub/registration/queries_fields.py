"""Looking up the meeting's own questions and what people answered to them."""

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from eventhub.db import db, of_meeting
from eventhub.registration.models import Answer, FormField, Registration


def list_fields(meeting_id: int) -> list[FormField]:
    """The meeting's own questions, in the order of its form."""
    return list(
        db.session.scalars(
            sa.select(FormField).where(FormField.meeting_id == meeting_id).order_by(FormField.position, FormField.id)
        )
    )


def get_field(meeting_id: int, field_id: int) -> FormField:
    """One of the meeting's own questions; raises NotFoundError."""
    return of_meeting(FormField, field_id, meeting_id)


def count_answers(meeting_id: int) -> dict[int, int]:
    """How many people answered each of the meeting's own questions; one query."""
    rows = db.session.execute(
        sa.select(Answer.field_id, sa.func.count())
        .join(FormField, FormField.id == Answer.field_id)
        .where(FormField.meeting_id == meeting_id)
        .group_by(Answer.field_id)
    )
    return {field_id: n for field_id, n in rows}


def list_answers(registration: Registration) -> list[Answer]:
    """What somebody answered to the meeting's own questions, in the order of its form."""
    return list(
        db.session.scalars(
            sa.select(Answer)
            .join(FormField, FormField.id == Answer.field_id)
            .where(Answer.registration_id == registration.id)
            .options(joinedload(Answer.field))
            .order_by(FormField.position, FormField.id)
        )
    )


def with_answers(query: sa.Select[tuple[Registration]]) -> list[Registration]:
    """All rows of a list with their answers, for an export: two queries."""
    return list(db.session.scalars(query.options(selectinload(Registration.answers))))
