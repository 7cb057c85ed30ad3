"""Looking up follow-ups by person: what each is asked about, where to write, what both sides say."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy.orm import aliased, joinedload, selectinload

from eventhub.db import db, of_meeting, page_of
from eventhub.directory import queries as directory
from eventhub.directory.models import Affiliation, Organisation, Person
from eventhub.mail import addresses
from eventhub.mail.models import Message, Suppression
from eventhub.meetings.models import Meeting
from eventhub.networking import queries as networking
from eventhub.networking.models import Introduction
from eventhub.partnerships import queries_commit, sight
from eventhub.partnerships.models import FollowUp, Origin, Partnership, Party
from eventhub.partnerships.models_follow import PersonFollowUp
from eventhub.partnerships.states import FOLLOW_UP_MONTHS, MOVES, FollowUpState
from eventhub.registration.models import Registration
from eventhub.safeguarding import queries as safeguarding
from eventhub.safeguarding.models import ConsentBy, Purpose

PER_PAGE = 50
GOES_ON = [state for state, following in MOVES.items() if following]  # of a partnership


@dataclass(frozen=True)
class Subject:
    """One thing that a participant is asked about: ``key`` is "i12" (introduction) or "p5" (partnership)."""

    key: str
    others: list[tuple[Person | None, Organisation | None]]
    topic: str = ""
    introduction: Introduction | None = None
    partnership: Partnership | None = None


class Hindrance(StrEnum):
    """Why nobody is written to."""

    DECLINED = "declined_contact"
    NOT_AGREED = "not_agreed"
    NO_ADDRESS = "no_address"
    SUPPRESSED = "suppressed"


@dataclass
class Wave:
    """How one time of asking goes: of those who were asked, how many answered."""

    months: int
    due: date
    scheduled: int = 0
    asked: int = 0
    answered: int = 0
    overdue: int = 0
    closed: int = 0


# whom to ask


def list_meetings_to_follow(today: date) -> list[Meeting]:
    """Meetings that are over, and not for longer than the last time of asking."""
    oldest = today - timedelta(days=31 * (max(FOLLOW_UP_MONTHS) + 1))
    return list(db.session.scalars(sa.select(Meeting).where(Meeting.ends < today, Meeting.ends >= oldest)))


def list_people_to_ask(meeting: Meeting) -> list[Person]:
    """The adults who met somebody at a meeting, stand for a party of what came of it, or head a delegation that
    promised something; canonical."""
    pairs = sa.select(Introduction.a_id, Introduction.b_id).where(Introduction.meeting_id == meeting.id, *_not_denied())
    focal = (
        sa.select(Party.focal_person_id)
        .join(Party.partnership)
        .join(Origin, Origin.partnership_id == Partnership.id)
        .where(
            Origin.meeting_id == meeting.id,
            Partnership.state.in_(GOES_ON),
            Partnership.merged_into_id.is_(None),
            Party.left.is_(None),
        )
        .where(Partnership.merged_into_id.is_(None))
    )
    ids = {ident for pair in db.session.execute(pairs) for ident in pair}
    ids |= {ident for ident in db.session.scalars(focal) if ident is not None}
    ids |= {person.id for person in queries_commit.list_heads_with_commitments(meeting)}
    rows = db.session.scalars(sa.select(Person).where(Person.id.in_(ids)).order_by(Person.id))
    people = {person.id: person for person in map(directory.canonical, rows)}
    return [person for person in people.values() if not person.is_child]


def list_pairs(meeting: Meeting) -> list[tuple[int, int, bool, bool]]:
    """Who met whom at a meeting, where nobody denies it: two people's ids, and of each whether they may be named."""
    a, b = aliased(Person), aliased(Person)
    rows = db.session.execute(
        sa.select(a.id, b.id, ~(a.is_child | a.at_risk), ~(b.is_child | b.at_risk))
        .select_from(Introduction)
        .join(a, Introduction.a_id == a.id)
        .join(b, Introduction.b_id == b.id)
        .where(Introduction.meeting_id == meeting.id, *_not_denied())
    )
    return [(one, other, bool(first), bool(second)) for one, other, first, second in rows]


def _not_denied() -> list[Any]:
    return [Introduction.a_answer.is_not(sa.false()), Introduction.b_answer.is_not(sa.false())]


def list_subjects(row: PersonFollowUp) -> list[Subject]:
    """What a participant is asked about. Who is a child or at risk is named to nobody and so asked about by nobody."""
    family = directory.family_ids(row.person)
    a, b = aliased(Person), aliased(Person)
    met = db.session.scalars(
        sa.select(Introduction)
        .join(a, Introduction.a_id == a.id)
        .join(b, Introduction.b_id == b.id)
        .where(
            Introduction.meeting_id == row.meeting_id,
            sa.or_(
                sa.and_(Introduction.a_id.in_(family), ~b.is_child, ~b.at_risk),
                sa.and_(Introduction.b_id.in_(family), ~a.is_child, ~a.at_risk),
            ),
            *_not_denied(),
        )
        .options(*(joinedload(side).options(_belongs()) for side in (Introduction.a, Introduction.b)))
        .order_by(Introduction.id)
    ).all()
    ours = _partnerships(row.meeting_id, family, [introduction.id for introduction in met])
    by_introduction = {p.origin.introduction_id: p for p in ours if p.origin and p.origin.introduction_id}
    came_for = _came_for(row.meeting_id, {p.id for i in met for p in (i.a, i.b)})
    subjects = []
    for introduction in met:
        other = introduction.b if introduction.a_id in family else introduction.a
        organisation = came_for.get(other.id) or directory.current_organisation(other)
        partnership = by_introduction.get(introduction.id)
        # by the introduction also where a partnership came of it: so both sides' answers meet
        key = f"i{introduction.id}"
        subjects.append(Subject(key, [(other, organisation)], introduction.topic, introduction, partnership))
    known = {subject.partnership.id for subject in subjects if subject.partnership is not None}
    for partnership in ours:
        if partnership.id not in known:
            subjects.append(_of_partnership(partnership, family))
    return subjects


def _belongs() -> Any:
    return selectinload(Person.affiliations).joinedload(Affiliation.organisation)


def _of_partnership(partnership: Partnership, family: set[int]) -> Subject:
    others: list[tuple[Person | None, Organisation | None]] = []
    for party in partnership.parties:
        if party.focal_person_id in family:
            continue
        focal = party.focal_person
        others.append((focal if focal is not None and networking.is_listed(focal) else None, party.organisation))
    return Subject(f"p{partnership.id}", others, partnership.title, None, partnership)


def _partnerships(meeting_id: int, family: set[int], introductions: Sequence[int]) -> list[Partnership]:
    """The partnerships of a meeting for which the person stands, or which began with one of these introductions."""
    stands = sa.select(Party.partnership_id).where(Party.focal_person_id.in_(family), Party.left.is_(None))
    return list(
        db.session.scalars(
            sa.select(Partnership)
            .join(Origin, Origin.partnership_id == Partnership.id)
            .where(
                Origin.meeting_id == meeting_id,
                Partnership.state.in_(GOES_ON),
                sight.is_open(),
                sa.or_(Partnership.id.in_(stands), Origin.introduction_id.in_(introductions)),
            )
            .options(
                joinedload(Partnership.origin),
                selectinload(Partnership.parties).options(
                    joinedload(Party.organisation), joinedload(Party.focal_person)
                ),
            )
            .order_by(Partnership.id)
        )
    )


def _came_for(meeting_id: int, people: set[int]) -> dict[int, Organisation]:
    """For which organisation each came to the meeting."""
    rows = db.session.execute(
        sa.select(Registration.person_id, Organisation)
        .join(Organisation, Registration.organisation_id == Organisation.id)
        .where(Registration.meeting_id == meeting_id, Registration.person_id.in_(people))
    )
    return {person_id: directory.canonical(organisation) for person_id, organisation in rows}


# where to write


def hindrances(rows: Sequence[PersonFollowUp]) -> dict[int, Hindrance]:
    """Per follow-up why nobody can be written to; absent where somebody can. Three queries for any number of rows."""
    found: dict[int, Hindrance] = {}
    agreed = {
        ident: _agreed(ident, [row.person_id for row in rows if row.meeting_id == ident])
        for ident in {row.meeting_id for row in rows}
    }
    suppressed = _suppressed(email_of(row) for row in rows)
    for row in rows:
        said = agreed[row.meeting_id].get(row.person_id)
        why = _hindrance(row.person, said, email_of(row), suppressed, handed_over=bool(row.handed_over))
        if why is not None:
            found[row.id] = why
    return found


def hindered(meeting: Meeting, people: Sequence[Person]) -> dict[int, Hindrance]:
    """The same for people who are not asked yet, by their ids; two queries."""
    agreed = _agreed(meeting.id, [person.id for person in people])
    suppressed = _suppressed(person.email for person in people)
    found = {one.id: _hindrance(one, agreed.get(one.id), one.email, suppressed) for one in people}
    return {ident: why for ident, why in found.items() if why is not None}


def _agreed(meeting_id: int, people: list[int]) -> dict[int, bool]:
    """Who said yes or no to later contact."""
    return {
        person_id: safeguarding.in_force(consent)
        for (person_id, by, purpose), consent in safeguarding.newest_consents(people, meeting_id).items()
        if by is ConsentBy.SELF and purpose is Purpose.LATER_CONTACT
    }


def _hindrance(
    person: Person, said: bool | None, email: str, suppressed: set[str], *, handed_over: bool = False
) -> Hindrance | None:
    if person.is_child or (person.at_risk and not said):
        return Hindrance.NOT_AGREED
    if said is False and not handed_over:
        return Hindrance.DECLINED
    if not email:
        return Hindrance.NO_ADDRESS
    return Hindrance.SUPPRESSED if addresses.key(email) in suppressed else None


def email_of(row: PersonFollowUp) -> str:
    """Where its letters go."""
    return row.asked_email or row.person.email


def _suppressed(emails: Iterable[str]) -> set[str]:
    keys = {addresses.key(email) for email in emails if email}
    return set(db.session.scalars(sa.select(Suppression.email_key).where(Suppression.email_key.in_(keys))))


# lists for staff


def get_person_follow_up(ident: int, meeting: Meeting) -> PersonFollowUp:
    """One follow-up of a meeting; raises NotFoundError."""
    return of_meeting(
        PersonFollowUp,
        ident,
        meeting.id,
        _("This follow-up is not one of this meeting's. Look at the list."),
        options=[joinedload(PersonFollowUp.person)],
    )


def list_due(today: date) -> list[int]:
    """The ids of those whose day has come and that were not sent, oldest first."""
    return list(
        db.session.scalars(
            sa.select(PersonFollowUp.id)
            .where(PersonFollowUp.state == FollowUpState.SCHEDULED, PersonFollowUp.due <= today)
            .order_by(PersonFollowUp.due, PersonFollowUp.id)
        )
    )


def waves(meeting: Meeting) -> list[Wave]:
    """How each time of asking goes, in one query."""
    rows = db.session.execute(
        sa.select(PersonFollowUp.months, PersonFollowUp.state, sa.func.count(), sa.func.min(PersonFollowUp.due))
        .where(PersonFollowUp.meeting_id == meeting.id)
        .group_by(PersonFollowUp.months, PersonFollowUp.state)
    ).all()
    found: dict[int, Wave] = {}
    for months, state, n, due in rows:
        wave = found.setdefault(months, Wave(months, due))
        wave.due = min(wave.due, due)
        if state is FollowUpState.SCHEDULED:
            wave.scheduled += n
        elif state is FollowUpState.CLOSED:
            wave.closed += n
        else:
            wave.asked += n
            wave.answered += n if state is FollowUpState.ANSWERED else 0
            wave.overdue += n if state is FollowUpState.OVERDUE else 0
    return [found[months] for months in sorted(found)]


def list_asked(
    meeting: Meeting, *, q: str = "", months: int = 0, state: FollowUpState | None = None, page: int = 1
) -> tuple[Pagination, dict[FollowUpState, int]]:
    """A page of a meeting's follow-ups by name, and how many there are of each state. Who is at risk stands in none."""
    statement = (
        sa.select(PersonFollowUp)
        .join(PersonFollowUp.person)
        .where(PersonFollowUp.meeting_id == meeting.id, ~Person.is_child, ~Person.at_risk)
    )
    if months:
        statement = statement.where(PersonFollowUp.months == months)
    if q:
        statement = statement.where(Person.search_text.contains(directory.fold(q), autoescape=True))
    counted = statement.with_only_columns(PersonFollowUp.state, sa.func.count()).group_by(PersonFollowUp.state)
    counts = {found: n for found, n in db.session.execute(counted)}
    if state is not None:
        statement = statement.where(PersonFollowUp.state == state)
    statement = statement.options(joinedload(PersonFollowUp.person), selectinload(PersonFollowUp.answers))
    ordered = statement.order_by(PersonFollowUp.due, Person.sort_key, PersonFollowUp.id)
    return page_of(ordered, page, PER_PAGE), counts


def letters_of(row: PersonFollowUp) -> list[Message]:
    """The letters of one follow-up, newest first."""
    return list(
        db.session.scalars(
            sa.select(Message).where(Message.key.startswith(f"person_follow_up:{row.id}:")).order_by(Message.id.desc())
        )
    )


def party_rows(row: PersonFollowUp, partnership_id: int | None = None) -> list[FollowUp]:
    """The follow-ups of the parties for which the person stands, of the same time of asking."""
    statement = (
        sa.select(FollowUp)
        .join(FollowUp.party)
        .join(Origin, Origin.partnership_id == FollowUp.partnership_id)
        .where(
            Party.focal_person_id.in_(directory.family_ids(row.person)),
            Origin.meeting_id == row.meeting_id,
            FollowUp.months == row.months,
        )
        .order_by(FollowUp.id)
    )
    if partnership_id is not None:
        statement = statement.where(FollowUp.partnership_id == partnership_id)
    return list(db.session.scalars(statement))
