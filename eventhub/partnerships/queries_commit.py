"""Looking up commitments and statements: who made them, how they stand, who heads a delegation."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload, selectinload

from eventhub import clock
from eventhub.db import db, of_meeting
from eventhub.directory import imprecise
from eventhub.directory import queries as directory
from eventhub.directory.models import Organisation, Person
from eventhub.errors import NotFoundError
from eventhub.invitations.models import Nomination
from eventhub.meetings.models import Meeting
from eventhub.partnerships.models_commit import Commitment, MeetingStatement, Voice
from eventhub.partnerships.states import CommitmentState, StatementState
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationRole, RegistrationState
from eventhub.safeguarding import queries as safeguarding
from eventhub.safeguarding.models import ConsentBy, Purpose

TOLD = (CommitmentState.KEPT, CommitmentState.PARTLY, CommitmentState.NOT_KEPT)
SHOWN = (StatementState.ASKED, StatementState.PUBLISHED, StatementState.REPLACED)


@dataclass(frozen=True)
class Balance:
    """How a meeting's commitments stand. ``silent`` are open ones of which nobody ever told anything; withdrawn ones
    are in no total."""

    total: int
    kept: int
    partly: int
    not_kept: int
    going_on: int
    silent: int
    withdrawn: int
    due: int  # open ones whose day is over


def list_commitments(meeting: Meeting, organisation_ids: Iterable[int] | None = None) -> list[Commitment]:
    """A meeting's commitments by organisation, with what was told; of some organisations only, where given."""
    statement = (
        sa.select(Commitment)
        .join(Commitment.organisation)
        .where(Commitment.meeting_id == meeting.id)
        .options(joinedload(Commitment.organisation), selectinload(Commitment.tellings))
        .order_by(Organisation.name, Commitment.id)
    )
    if organisation_ids is not None:
        statement = statement.where(Commitment.organisation_id.in_(list(organisation_ids)))
    return list(db.session.scalars(statement))


def get_commitment(ident: int, meeting: Meeting) -> Commitment:
    """One commitment of a meeting; raises NotFoundError."""
    return of_meeting(
        Commitment, ident, meeting.id, _("This commitment is not one of this meeting's. Look at the list.")
    )


def balance(rows: Iterable[Commitment]) -> Balance:
    """How commitments stand; a pure count."""
    rows = list(rows)
    n = Counter(row.state for row in rows)
    still = [row for row in rows if row.state is CommitmentState.OPEN]
    silent = sum(not row.tellings for row in still)
    return Balance(
        total=len(rows) - n[CommitmentState.WITHDRAWN],
        kept=n[CommitmentState.KEPT],
        partly=n[CommitmentState.PARTLY],
        not_kept=n[CommitmentState.NOT_KEPT],
        going_on=len(still) - silent,
        silent=silent,
        withdrawn=n[CommitmentState.WITHDRAWN],
        due=sum(is_due(row) for row in still),
    )


def is_due(row: Commitment) -> bool:
    """Whether an open commitment's day, as exactly as it was said, is surely over."""
    last = imprecise.bounds(row.due, row.due_precision)
    return row.state is CommitmentState.OPEN and last is not None and last.last < clock.today()


# delegations


def list_delegations(meeting: Meeting) -> list[Organisation]:
    """The organisations for which adults came or are coming, canonical, by name."""
    rows = db.session.scalars(
        sa.select(Organisation)
        .where(
            Organisation.id.in_(
                sa.select(Registration.organisation_id).where(
                    Registration.meeting_id == meeting.id,
                    Registration.state == RegistrationState.CONFIRMED,
                    ~Registration.is_child,
                )
            )
        )
        .order_by(Organisation.id)
    )
    found = {row.id: row for row in map(directory.canonical, rows)}
    return sorted(found.values(), key=lambda row: row.name.casefold())


def find_head(meeting: Meeting, organisation: Organisation) -> Person | None:
    """Who heads a delegation: its first nominee, else its first confirmed delegate; an adult who may be written to."""
    rows = db.session.scalars(
        sa.select(Person)
        .join(Registration, Registration.person_id == Person.id)
        .outerjoin(Nomination, Registration.nomination_id == Nomination.id)
        .where(
            Registration.meeting_id == meeting.id,
            Registration.organisation_id.in_(directory.family_ids(organisation)),
            Registration.state == RegistrationState.CONFIRMED,
            ~Registration.is_child,
            ~Person.is_child,
            ~Person.at_risk,
            Person.email != "",
        )
        .order_by(
            Registration.role != RegistrationRole.DELEGATE,
            Nomination.rank.is_(None),
            Nomination.rank,
            Registration.id,
        )
    )
    for person in rows:
        said = safeguarding.answers(person.id, meeting.id, ConsentBy.SELF)
        if said.get(Purpose.LATER_CONTACT) is not False:
            return directory.canonical(person)
    return None


def list_heads_with_commitments(meeting: Meeting) -> list[Person]:
    """The heads of the delegations whose commitments are still open."""
    organisations = {
        row.organisation_id: row.organisation for row in list_commitments(meeting) if row.state is CommitmentState.OPEN
    }
    heads = (find_head(meeting, organisation) for organisation in organisations.values())
    return [head for head in heads if head is not None]


def list_commitments_of(meeting: Meeting, person: Person) -> list[Commitment]:
    """The commitments that a participant is asked about: those of the organisation that the person came for."""
    came_for = db.session.scalar(
        sa.select(Organisation)
        .join(Registration, Registration.organisation_id == Organisation.id)
        .where(
            Registration.meeting_id == meeting.id,
            Registration.person_id.in_(directory.family_ids(person)),
            ~Registration.is_child,
        )
        .limit(1)
    )
    if came_for is None:
        return []
    rows = list_commitments(meeting, directory.family_ids(directory.canonical(came_for)))
    return [row for row in rows if row.state is not CommitmentState.WITHDRAWN]


# the statement


def list_statements(meeting: Meeting) -> list[MeetingStatement]:
    """Every version of a meeting's statement, newest first, with the delegations' voices."""
    return list(
        db.session.scalars(
            sa.select(MeetingStatement)
            .where(MeetingStatement.meeting_id == meeting.id)
            .options(selectinload(MeetingStatement.voices).joinedload(Voice.organisation))
            .order_by(MeetingStatement.number.desc())
        )
    )


def get_statement(ident: int, meeting: Meeting) -> MeetingStatement:
    """One version of a meeting's statement; raises NotFoundError."""
    return of_meeting(MeetingStatement, ident, meeting.id, _("This version is not one of this meeting's statement."))


def get_voice(ident: int, meeting: Meeting) -> Voice:
    """One delegation's voice; raises NotFoundError."""
    row = db.session.get(Voice, ident)
    if row is None or row.statement.meeting_id != meeting.id:
        raise NotFoundError
    return row


def list_public_statements(meeting: Meeting) -> list[MeetingStatement]:
    """The versions that the public may read, newest first: those published, now or before they were replaced."""
    return [row for row in list_statements(meeting) if row.published_at is not None and row.state in SHOWN]
