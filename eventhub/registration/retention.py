"""What is kept of a child's registration: everything for twelve months after the meeting, then only that it was."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from eventhub.db import db
from eventhub.directory.models import Person
from eventhub.invitations.models import Invitation, Nomination
from eventhub.meetings.models import Meeting
from eventhub.registration.models import Answer, Registration

KEEP_CHILDREN = timedelta(days=365)
NAMELESS = "—"


def purge(before: datetime) -> int:
    """Blank the names of children whose last meeting ended a year before the instant; returns how many.

    The registration itself stays, so that figures of old meetings stay right; it names nobody any more.
    """
    limit = (before - KEEP_CHILDREN).date()
    registered = sa.select(Registration.person_id, Registration.meeting_id)
    # whom an organisation named and nobody registered has a name as well
    named = sa.select(Nomination.person_id, Invitation.meeting_id).join(Nomination.invitation)
    known = sa.union_all(registered, named).subquery()
    ended = (
        sa.select(known.c.person_id)
        .join(Meeting, Meeting.id == known.c.meeting_id)
        .group_by(known.c.person_id)
        .having(sa.func.max(Meeting.ends) < limit)
    )
    children = list(
        db.session.scalars(sa.select(Person).where(Person.is_child, Person.full_name != NAMELESS, Person.id.in_(ended)))
    )
    for child in children:
        child.full_name = child.called = NAMELESS
        child.latin_name = child.sort_key = child.search_text = child.email = child.email_key = child.phone = ""
    ids = [child.id for child in children]
    db.session.execute(
        sa.delete(Answer).where(
            Answer.registration_id.in_(sa.select(Registration.id).where(Registration.person_id.in_(ids)))
        )
    )
    db.session.flush()
    return len(children)
