"""Looking up invitations and nominations, and counting them for quotas, the report and the overview."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy.orm import aliased, joinedload, selectinload

from eventhub import clock
from eventhub.db import db
from eventhub.directory import queries as directory
from eventhub.directory.models import Organisation
from eventhub.errors import NotFoundError
from eventhub.invitations.models import Invitation, Nomination, Quota
from eventhub.invitations.states import SEATED, STANDING, InvitationState, NominationState
from eventhub.meetings.models import Meeting, Sector

ROWS = 50
CHOICES = 100  # organisations to choose from on one page
LIVE = (InvitationState.SENT, InvitationState.ACCEPTED)  # their seats are promised
COMMITTED = (InvitationState.DRAFT, *LIVE)


# --- one record --------------------------------------------------------------------------------------------------


def find_invitation(meeting_id: int, organisation_id: int) -> Invitation | None:
    """The organisation's invitation to a meeting: there is at most one."""
    return db.session.scalar(
        sa.select(Invitation).where(Invitation.meeting_id == meeting_id, Invitation.organisation_id == organisation_id)
    )


def get_invitation(invitation_id: int, *, meeting: Meeting) -> Invitation:
    """The invitation with its nominations; raises NotFoundError, also when it belongs to another meeting."""
    found = db.session.scalar(
        sa.select(Invitation)
        .where(Invitation.id == invitation_id, Invitation.meeting_id == meeting.id)
        .options(
            joinedload(Invitation.organisation),
            joinedload(Invitation.sector),
            selectinload(Invitation.nominations).joinedload(Nomination.person),
        )
    )
    if found is None:
        raise NotFoundError
    return found


def get_nomination(
    nomination_id: int, *, invitation_id: int | None = None, meeting: Meeting | None = None
) -> Nomination:
    """The nomination; raises NotFoundError, also when it belongs to another invitation or meeting."""
    found = db.session.get(Nomination, nomination_id)
    if (
        found is None
        or (invitation_id is not None and found.invitation_id != invitation_id)
        or (meeting is not None and found.invitation.meeting_id != meeting.id)
    ):
        raise NotFoundError
    return found


def closes_at(invitation: Invitation) -> datetime:
    """The instant at which the deadline is over: the end of its day where the meeting takes place."""
    zone = ZoneInfo(invitation.meeting.tz)
    return datetime.combine(invitation.deadline + timedelta(days=1), time.min, zone)


def is_past(invitation: Invitation) -> bool:
    """Whether the deadline is over."""
    return clock.now() >= closes_at(invitation)


def standing(invitation: Invitation) -> list[Nomination]:
    """Those who are meant to come, alternates last."""
    rows = [n for n in invitation.nominations if n.state in STANDING]
    return sorted(rows, key=lambda n: (n.role not in SEATED, n.rank, n.id))


def seats_taken(invitation: Invitation) -> int:
    return sum(1 for n in invitation.nominations if n.state in STANDING and n.role in SEATED)


# --- lists -------------------------------------------------------------------------------------------------------


def page_of_invitations(
    meeting_id: int, *, q: str = "", state: str = "", sector_id: int | None = None, page: int = 1
) -> Pagination:
    """One page of a meeting's invitations, by the organisation's name."""
    wanted = (
        _filtered(sa.select(Invitation), meeting_id, q=q, sector_id=sector_id)
        .options(joinedload(Invitation.organisation), joinedload(Invitation.sector))
        .order_by(Organisation.name, Invitation.id)
    )
    if state in list(InvitationState):
        wanted = wanted.where(Invitation.state == InvitationState(state))
    return db.paginate(wanted, page=page, per_page=ROWS, error_out=False)


def count_by_state(meeting_id: int, *, q: str = "", sector_id: int | None = None) -> dict[str, int]:
    """How many invitations are in each state, under the same search."""
    wanted = _filtered(sa.select(Invitation.state, sa.func.count()), meeting_id, q=q, sector_id=sector_id)
    return {state.value: n for state, n in db.session.execute(wanted.group_by(Invitation.state))}


def _filtered(wanted: sa.Select[Any], meeting_id: int, *, q: str, sector_id: int | None) -> sa.Select[Any]:
    wanted = wanted.outerjoin(Organisation, Invitation.organisation_id == Organisation.id).where(
        Invitation.meeting_id == meeting_id
    )
    if q:
        wanted = wanted.where(Organisation.search_text.contains(directory.fold(q), autoescape=True))
    if sector_id is not None:
        wanted = wanted.where(Invitation.sector_id == sector_id)
    return wanted


def list_drafts(meeting_id: int) -> list[Invitation]:
    """What is prepared and not yet sent."""
    return list(
        db.session.scalars(
            sa.select(Invitation)
            .join(Organisation, Invitation.organisation_id == Organisation.id)
            .where(Invitation.meeting_id == meeting_id, Invitation.state == InvitationState.DRAFT)
            .options(joinedload(Invitation.organisation), joinedload(Invitation.sector))
            .order_by(Organisation.name, Invitation.id)
        )
    )


def list_invitations(meeting_id: int, ids: Sequence[int]) -> list[Invitation]:
    """The meeting's invitations among these ids, in the order of their ids."""
    return list(
        db.session.scalars(
            sa.select(Invitation)
            .where(Invitation.meeting_id == meeting_id, Invitation.id.in_(ids))
            .options(joinedload(Invitation.organisation))
            .order_by(Invitation.id)
        )
    )


def page_of_organisations(
    meeting_id: int, *, q: str = "", sector_id: int | None = None, country: str = "", page: int = 1
) -> Pagination:
    """Organisations without an invitation to this meeting, also none under a name that was merged into theirs."""
    merged = aliased(Organisation)
    invited = sa.select(Invitation.organisation_id).where(
        Invitation.meeting_id == meeting_id, Invitation.organisation_id.is_not(None)
    )
    wanted = (
        sa.select(Organisation)
        .where(
            Organisation.merged_into_id.is_(None),
            Organisation.id.not_in(invited),
            Organisation.id.not_in(
                sa.select(merged.merged_into_id).where(merged.id.in_(invited), merged.merged_into_id.is_not(None))
            ),
        )
        .options(joinedload(Organisation.sector))
        .order_by(Organisation.name, Organisation.id)
    )
    if q:
        wanted = wanted.where(Organisation.search_text.contains(directory.fold(q), autoescape=True))
    if sector_id is not None:
        wanted = wanted.where(Organisation.sector_id == sector_id)
    if country:
        wanted = wanted.where(Organisation.country == country)
    return db.paginate(wanted, page=page, per_page=CHOICES, error_out=False)


def list_organisations(ids: Sequence[int]) -> list[Organisation]:
    """Organisations by id, those that were merged into another left out."""
    return list(
        db.session.scalars(
            sa.select(Organisation)
            .where(Organisation.id.in_(ids), Organisation.merged_into_id.is_(None))
            .order_by(Organisation.id)
        )
    )


def list_countries() -> list[str]:
    """The codes of the countries and territories that organisations are from."""
    wanted = sa.select(Organisation.country).where(Organisation.country != "").distinct().order_by(Organisation.country)
    return list(db.session.scalars(wanted))


def count_named(invitation_ids: Sequence[int]) -> dict[int, int]:
    """How many seats of each invitation have a name."""
    wanted = (
        sa.select(Nomination.invitation_id, sa.func.count())
        .where(
            Nomination.invitation_id.in_(invitation_ids),
            Nomination.state.in_(STANDING),
            Nomination.role.in_(SEATED),
        )
        .group_by(Nomination.invitation_id)
    )
    return {invitation_id: n for invitation_id, n in db.session.execute(wanted)}


def list_past_deadline(meeting: Meeting) -> list[int]:
    """Ids of unanswered invitations whose last day is over where the meeting takes place."""
    return _unanswered(meeting, Invitation.deadline < clock.today(meeting.tz))


def list_unreminded(meeting: Meeting, last_day: date, *, sent_before: datetime) -> list[int]:
    """Ids of unanswered, never reminded invitations whose deadline lies between today and ``last_day``."""
    return _unanswered(
        meeting,
        Invitation.deadline >= clock.today(meeting.tz),
        Invitation.deadline <= last_day,
        Invitation.reminded_at.is_(None),
        Invitation.sent_at <= sent_before,
    )


def _unanswered(meeting: Meeting, *conditions: sa.ColumnElement[bool]) -> list[int]:
    wanted = sa.select(Invitation.id).where(
        Invitation.meeting_id == meeting.id, Invitation.state == InvitationState.SENT, *conditions
    )
    return list(db.session.scalars(wanted.order_by(Invitation.id)))


def list_contacts_before(day: date) -> list[Nomination]:
    """Nominations that still hold a guardian's address, of meetings that ended before ``day``."""
    return list(
        db.session.scalars(
            sa.select(Nomination)
            .join(Invitation, Nomination.invitation_id == Invitation.id)
            .join(Meeting, Invitation.meeting_id == Meeting.id)
            .where(Meeting.ends < day, Nomination.contact_email != "")
        )
    )


def list_meetings_with_unanswered() -> list[Meeting]:
    """The meetings that a sweep has to look at."""
    waiting = sa.select(Invitation.meeting_id).where(Invitation.state == InvitationState.SENT)
    return list(db.session.scalars(sa.select(Meeting).where(Meeting.id.in_(waiting)).order_by(Meeting.id)))


# --- counts ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class QuotaLine:
    """One line of the matrix: seats of a sector, of all countries (``country`` empty) or of one. Target may be unset."""

    sector: Sector | None
    country: str
    target: int | None
    drafted: int
    invited: int
    accepted: int
    nominated: int
    registered: int

    @property
    def committed(self) -> int:
        """Seats that are promised or about to be."""
        return self.drafted + self.invited

    @property
    def over(self) -> int:
        return max(0, self.committed - self.target) if self.target is not None else 0


def list_quota_lines(meeting_id: int) -> list[QuotaLine]:
    """The matrix of target and actual: every sector in the list's order, below it the countries with a target."""
    quotas = {(q.sector_id, q.country): q.seats for q in _list_quotas(meeting_id)}
    seats, people = _seats(meeting_id), _people(meeting_id)
    lines = []
    for sector in [*db.session.scalars(sa.select(Sector).order_by(Sector.position, Sector.name)), None]:
        ident = sector.id if sector else None
        countries = sorted(country for sector_id, country in quotas if sector_id == ident and country)
        for country in ["", *countries]:
            counts = _sums(seats, people, ident, country)
            target = quotas.get((ident, country)) if ident else None
            if sector is not None or any(counts.values()):
                lines.append(QuotaLine(sector, country, target, **counts))
    return lines


def _list_quotas(meeting_id: int) -> list[Quota]:
    return list(db.session.scalars(sa.select(Quota).where(Quota.meeting_id == meeting_id)))


def find_sector(sector_id: int | None) -> Sector | None:
    return db.session.get(Sector, sector_id) if sector_id else None


def find_quota(meeting_id: int, sector_id: int, country: str = "") -> Quota | None:
    return db.session.scalar(
        sa.select(Quota).where(Quota.meeting_id == meeting_id, Quota.sector_id == sector_id, Quota.country == country)
    )


_Key = tuple[int | None, str]  # sector, country


def _seats(meeting_id: int) -> dict[tuple[_Key, InvitationState], int]:
    country = sa.func.coalesce(Organisation.country, "")
    wanted = (
        sa.select(Invitation.sector_id, country, Invitation.state, sa.func.sum(Invitation.seats))
        .outerjoin(Organisation, Invitation.organisation_id == Organisation.id)
        .where(Invitation.meeting_id == meeting_id)
        .group_by(Invitation.sector_id, country, Invitation.state)
    )
    return {((sector, where), state): int(n) for sector, where, state, n in db.session.execute(wanted)}


def _people(meeting_id: int) -> dict[tuple[_Key, NominationState], int]:
    country = sa.func.coalesce(Organisation.country, "")
    wanted = (
        sa.select(Invitation.sector_id, country, Nomination.state, sa.func.count())
        .join(Invitation, Nomination.invitation_id == Invitation.id)
        .outerjoin(Organisation, Invitation.organisation_id == Organisation.id)
        .where(Invitation.meeting_id == meeting_id, Nomination.state.in_(STANDING), Nomination.role.in_(SEATED))
        .group_by(Invitation.sector_id, country, Nomination.state)
    )
    return {((sector, where), state): int(n) for sector, where, state, n in db.session.execute(wanted)}


def _sums(
    seats: dict[tuple[_Key, InvitationState], int],
    people: dict[tuple[_Key, NominationState], int],
    sector_id: int | None,
    country: str,
) -> dict[str, int]:
    def total(counts: dict[Any, int], *states: Any) -> int:
        return sum(
            n
            for ((sector, where), state), n in counts.items()
            if sector == sector_id and (not country or where == country) and state in states
        )

    return {
        "drafted": total(seats, InvitationState.DRAFT),
        "invited": total(seats, *LIVE),
        "accepted": total(seats, InvitationState.ACCEPTED),
        "nominated": total(people, *STANDING),
        "registered": total(people, NominationState.REGISTERED),
    }


def funnel(meeting_id: int) -> dict[str, int]:
    """Counts for the report. Organisations: invited (a letter went out, and it was not withdrawn), opened, accepted,
    declined, expired, nominated_organisations. People: seats (offered), nominated, registered (through a nomination).
    """
    sent = sa.and_(Invitation.sent_at.is_not(None), Invitation.state != InvitationState.WITHDRAWN)

    def number(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.count(sa.case((sa.and_(sent, condition), 1)))

    row = db.session.execute(
        sa.select(
            number(sa.true()),
            number(sa.or_(Invitation.opened_at.is_not(None), Invitation.answered_at.is_not(None))),
            number(Invitation.state == InvitationState.ACCEPTED),
            number(Invitation.state == InvitationState.DECLINED),
            number(Invitation.state == InvitationState.EXPIRED),
            sa.func.coalesce(sa.func.sum(sa.case((sent, Invitation.seats))), 0),
        ).where(Invitation.meeting_id == meeting_id)
    ).one()
    people = db.session.execute(
        sa.select(
            sa.func.count(sa.distinct(Nomination.invitation_id)),
            sa.func.count(),
            sa.func.count(sa.case((Nomination.state == NominationState.REGISTERED, 1))),
        )
        .join(Invitation, Nomination.invitation_id == Invitation.id)
        .where(Invitation.meeting_id == meeting_id, Nomination.state.in_(STANDING))
    ).one()
    names = ("invited", "opened", "accepted", "declined", "expired", "seats")
    more = ("nominated_organisations", "nominated", "registered")
    return {name: int(n) for name, n in zip((*names, *more), (*row, *people), strict=True)}


def waiting(meeting: Meeting) -> list[tuple[str, int, str]]:
    """What waits for the secretariat here: label, count, address."""
    unnamed = sa.select(Nomination.id).where(Nomination.invitation_id == Invitation.id, Nomination.state.in_(STANDING))
    drafts, expired, empty = db.session.execute(
        sa.select(
            sa.func.count(sa.case((Invitation.state == InvitationState.DRAFT, 1))),
            sa.func.count(sa.case((Invitation.state == InvitationState.EXPIRED, 1))),
            sa.func.count(sa.case((sa.and_(Invitation.state == InvitationState.ACCEPTED, ~unnamed.exists()), 1))),
        ).where(Invitation.meeting_id == meeting.id)
    ).one()
    slug = meeting.slug
    rows = [
        (_("invitations are prepared and not sent"), drafts, url_for("invitations.review", slug=slug)),
        (
            _("invitations ended without an answer"),
            expired,
            url_for("invitations.index", slug=slug, state=InvitationState.EXPIRED.value),
        ),
        (
            _("organisations accepted and have named nobody yet"),
            empty,
            url_for("invitations.index", slug=slug, state=InvitationState.ACCEPTED.value),
        ),
    ]
    return [row for row in rows if row[1]]
