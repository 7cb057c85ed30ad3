"""Looking up invitations and nominations, and counting them for quotas, the report and the overview."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TypeVarTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import url_for
from flask_babel import ngettext
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy.orm import aliased, joinedload, selectinload

from eventhub import clock
from eventhub.db import db, page_of
from eventhub.directory import queries as directory
from eventhub.directory.models import Affiliation, Organisation, Person
from eventhub.errors import NotFoundError
from eventhub.invitations.models import Invitation, Nomination, Quota
from eventhub.invitations.states import SEATED, STANDING, InvitationState, NominationState
from eventhub.meetings.models import Meeting, Sector
from eventhub.waits import Wait

Row = TypeVarTuple("Row")
ROWS = 50
CHOICES = 100  # organisations to choose from on one page
MOST_CHOICES = 1000  # when all are to be chosen
LIVE = (InvitationState.SENT, InvitationState.ACCEPTED)  # their seats are promised


# an invitation with who is invited and everybody who was named, in two statements
WHOLE = (
    joinedload(Invitation.organisation),
    joinedload(Invitation.person),
    joinedload(Invitation.sector),
    selectinload(Invitation.nominations).joinedload(Nomination.person),
)


# --- one record --------------------------------------------------------------------------------------------------


def find_invitation(meeting_id: int, organisation_id: int) -> Invitation | None:
    """The organisation's invitation to a meeting: there is at most one."""
    return db.session.scalar(
        sa.select(Invitation).where(Invitation.meeting_id == meeting_id, Invitation.organisation_id == organisation_id)
    )


def find_invitation_of(meeting_id: int, guest: Organisation | Person) -> Invitation | None:
    """The invitation of an organisation, or of a person who is invited alone: there is at most one."""
    if isinstance(guest, Organisation):
        return find_invitation(meeting_id, guest.id)
    return db.session.scalar(
        sa.select(Invitation).where(Invitation.meeting_id == meeting_id, Invitation.person_id == guest.id)
    )


def home_of(invitation: Invitation) -> Organisation | None:
    """The organisation whose people come: the invited one, or where the person who is invited alone belongs now."""
    if invitation.person is not None:
        return directory.current_organisation(invitation.person)
    return invitation.organisation


def get_invitation(invitation_id: int, *, meeting: Meeting) -> Invitation:
    """The invitation with its nominations; raises NotFoundError, also when it belongs to another meeting."""
    found = db.session.scalar(
        sa.select(Invitation).where(Invitation.id == invitation_id, Invitation.meeting_id == meeting.id).options(*WHOLE)
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
    """How many of the invitation's seats have a name; alternates take none."""
    return sum(1 for n in invitation.nominations if n.state in STANDING and n.role in SEATED)


# --- lists -------------------------------------------------------------------------------------------------------


UNNAMED = "unnamed"  # a filter beside the states: accepted, and nobody is named yet
_UNNAMED = sa.and_(
    Invitation.state == InvitationState.ACCEPTED,
    ~sa.exists().where(Nomination.invitation_id == Invitation.id, Nomination.state.in_(STANDING)),
)


def page_of_invitations(
    meeting_id: int, *, q: str = "", state: str = "", sector_id: int | None = None, page: int = 1
) -> Pagination:
    """One page of a meeting's invitations, by the name of who is invited."""
    wanted = (
        _with_guests(sa.select(Invitation))
        .where(*_matching(meeting_id, q, sector_id))
        .options(joinedload(Invitation.organisation), joinedload(Invitation.person), joinedload(Invitation.sector))
        .order_by(_NAME, Invitation.id)
    )
    if state == UNNAMED:
        wanted = wanted.where(_UNNAMED)
    elif state in list(InvitationState):
        wanted = wanted.where(Invitation.state == InvitationState(state))
    return page_of(wanted, page, ROWS)


def count_by_state(meeting_id: int, *, q: str = "", sector_id: int | None = None) -> dict[str, int]:
    """How many invitations are in each state, under the same search."""
    wanted = (
        _with_guests(sa.select(Invitation.state, sa.func.count()))
        .where(*_matching(meeting_id, q, sector_id))
        .group_by(Invitation.state)
    )
    return {state.value: n for state, n in db.session.execute(wanted)}


_NAME = sa.func.coalesce(Organisation.name, Person.full_name)


def _with_guests(wanted: sa.Select[*Row]) -> sa.Select[*Row]:
    """Invitations with the organisation, or else the person, that they are for."""
    return wanted.outerjoin(Organisation, Invitation.organisation_id == Organisation.id).outerjoin(
        Person, Invitation.person_id == Person.id
    )


def _matching(meeting_id: int, q: str, sector_id: int | None) -> list[sa.ColumnElement[bool]]:
    # somebody who was found to be at risk after the invitation is in no list any more
    found: list[sa.ColumnElement[bool]] = [
        Invitation.meeting_id == meeting_id,
        sa.or_(Person.id.is_(None), directory.NOBODY_HIDDEN.rule()),
    ]
    if q:
        words = sa.func.coalesce(Organisation.search_text, Person.search_text)
        found.append(words.contains(directory.fold(q), autoescape=True))
    if sector_id is not None:
        found.append(Invitation.sector_id == sector_id)
    return found


def list_drafts(meeting_id: int) -> list[Invitation]:
    """What is prepared and not yet sent."""
    return list(
        db.session.scalars(
            _with_guests(sa.select(Invitation))
            .where(Invitation.meeting_id == meeting_id, Invitation.state == InvitationState.DRAFT)
            .options(joinedload(Invitation.organisation), joinedload(Invitation.person), joinedload(Invitation.sector))
            .order_by(_NAME, Invitation.id)
        )
    )


def list_invitations(meeting_id: int, ids: Sequence[int]) -> list[Invitation]:
    """The meeting's invitations among these ids, in the order of their ids."""
    return list(
        db.session.scalars(
            sa.select(Invitation)
            .where(Invitation.meeting_id == meeting_id, Invitation.id.in_(ids))
            .options(joinedload(Invitation.organisation), joinedload(Invitation.person), joinedload(Invitation.sector))
            .order_by(Invitation.id)
        )
    )


def page_of_organisations(
    meeting_id: int, *, q: str = "", sector_id: int | None = None, country: str = "", page: int = 1, whole: bool = False
) -> Pagination:
    """Organisations without an invitation to this meeting, also none under a name that was merged into theirs.

    A hundred a page; ``whole`` puts up to a thousand on one, to choose them all.
    """
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
    rows = MOST_CHOICES if whole else CHOICES
    return page_of(wanted, page, rows)


def list_organisations(ids: Sequence[int]) -> list[Organisation]:
    """Organisations by id, those that were merged into another left out."""
    return list(
        db.session.scalars(
            sa.select(Organisation)
            .where(Organisation.id.in_(ids), Organisation.merged_into_id.is_(None))
            .order_by(Organisation.id)
        )
    )


def page_of_people(meeting_id: int, *, q: str = "", page: int = 1) -> Pagination:
    """Listed adults without an invitation of their own to this meeting, with their organisations; 100 a page."""
    invited = sa.select(Invitation.person_id).where(
        Invitation.meeting_id == meeting_id, Invitation.person_id.is_not(None)
    )
    wanted = (
        _listed_people()
        .where(Person.id.not_in(invited))
        .options(selectinload(Person.affiliations).joinedload(Affiliation.organisation))
        .order_by(Person.sort_key, Person.id)
    )
    if q:
        wanted = wanted.where(Person.search_text.contains(directory.fold(q), autoescape=True))
    return page_of(wanted, page, CHOICES)


def list_people(ids: Sequence[int]) -> list[Person]:
    """Listed adults by id."""
    return list(db.session.scalars(_listed_people().where(Person.id.in_(ids)).order_by(Person.id)))


def _listed_people() -> sa.Select[Person]:
    return sa.select(Person).where(Person.merged_into_id.is_(None), directory.NOBODY_HIDDEN.rule())


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


def find_sector(sector_id: int | None) -> Sector | None:
    return db.session.get(Sector, sector_id) if sector_id else None


def find_quota(meeting_id: int, sector_id: int, country: str = "") -> Quota | None:
    """The quota of a sector, or of a sector and one country."""
    return db.session.scalar(
        sa.select(Quota).where(Quota.meeting_id == meeting_id, Quota.sector_id == sector_id, Quota.country == country)
    )


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


def waiting(meeting: Meeting) -> list[Wait]:
    """What waits for the secretariat here."""

    def count(condition: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
        found = _with_guests(sa.select(sa.func.count(Invitation.id)))
        return found.where(*_matching(meeting.id, "", None), condition).scalar_subquery()

    slug = meeting.slug
    return [
        Wait(
            count(Invitation.state == InvitationState.DRAFT),
            lambda n: ngettext("invitation is prepared and not sent", "invitations are prepared and not sent", n),
            url_for("invitations.review", slug=slug),
        ),
        Wait(
            count(Invitation.state == InvitationState.EXPIRED),
            lambda n: ngettext("invitation ended without an answer", "invitations ended without an answer", n),
            url_for("invitations.index", slug=slug, state=InvitationState.EXPIRED.value),
        ),
        Wait(
            count(_UNNAMED),
            lambda n: ngettext(
                "organisation accepted and has named nobody yet",
                "organisations accepted and have named nobody yet",
                n,
            ),
            url_for("invitations.index", slug=slug, state=UNNAMED),
        ),
    ]
