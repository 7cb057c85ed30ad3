"""What of a meeting's registrations waits for an organiser's decision, for the first page; and quotas that are over."""

import sqlalchemy as sa
from flask import url_for
from flask_babel import ngettext
from sqlalchemy.orm import joinedload

from eventhub import clock
from eventhub.db import db
from eventhub.invitations.models import Quota
from eventhub.meetings.models import Meeting, Sector
from eventhub.registration.models import Registration
from eventhub.registration.states import HOLDS_SEAT, RegistrationState
from eventhub.waits import Number, Wait, count_of


def over_quota(meeting_id: int) -> list[tuple[Quota, int]]:
    """The sector quotas that more people hold seats of than were planned, with how many: a warning, not a block."""
    taken = _taken_of_quota(meeting_id)
    rows = db.session.execute(
        sa.select(Quota, taken)
        .join(Sector, Sector.id == Quota.sector_id)
        .where(Quota.meeting_id == meeting_id, taken > Quota.seats)
        .options(joinedload(Quota.sector))
        .order_by(Sector.position, Sector.name, Quota.country)
    )
    return [(quota, n) for quota, n in rows]


def _taken_of_quota(meeting_id: int) -> sa.ScalarSelect[int]:
    return (
        sa.select(sa.func.count())
        .where(
            Registration.meeting_id == meeting_id,
            Registration.sector_id == Quota.sector_id,
            Registration.state.in_(HOLDS_SEAT),
            sa.or_(Quota.country == "", Registration.country == Quota.country),
        )
        .correlate(Quota)
        .scalar_subquery()
    )


def waiting(meeting: Meeting) -> list[Wait]:
    """What waits for an organiser's decision."""

    def count(*states: RegistrationState) -> sa.ScalarSelect[int]:
        return count_of(Registration, Registration.meeting_id == meeting.id, Registration.state.in_(states))

    queue: Number = count(RegistrationState.WAITING)
    if meeting.capacity is not None:
        free = sa.select(sa.case((count(*HOLDS_SEAT) < meeting.capacity, queue), else_=0))
        queue = free.scalar_subquery()
    items = [
        Wait(
            count(RegistrationState.SUBMITTED),
            lambda n: ngettext("registration to approve", "registrations to approve", n),
            url_for("registration.index", state="submitted"),
        ),
        Wait(
            queue,
            lambda n: ngettext("person waits although seats are free", "people wait although seats are free", n),
            url_for("registration.index", state="waiting"),
        ),
        Wait(
            count_of(Quota, Quota.meeting_id == meeting.id, _taken_of_quota(meeting.id) > Quota.seats),
            lambda n: ngettext("quota with more people than planned", "quotas with more people than planned", n),
            url_for("invitations.quotas"),
        ),
    ]
    if meeting.admits_children and clock.today(meeting.tz) <= meeting.ends:
        items.append(
            Wait(
                _count_incomplete_children(meeting.id),
                lambda n: ngettext("child who cannot be confirmed yet", "children who cannot be confirmed yet", n),
                url_for("safeguarding.children"),
            )
        )
    return items


def _count_incomplete_children(meeting_id: int) -> sa.ScalarSelect[int]:
    """Children who are approved and still lack something: a complete one is confirmed by itself."""
    return count_of(
        Registration,
        Registration.meeting_id == meeting_id,
        Registration.is_child,
        Registration.state == RegistrationState.APPROVED,
    )
