"""What one participant sees of their own 1:1 meetings and their own agenda, with what stands in the way of each.

One's own sessions are named; of the other's only that the time does not suit them any more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from eventhub import clock
from eventhub.db import db
from eventhub.directory import queries as directory
from eventhub.directory.models import Person
from eventhub.errors import NotFoundError
from eventhub.networking import queries_met
from eventhub.networking import queries_one_to_one as queries
from eventhub.networking.models import Introduction
from eventhub.networking.models_one_to_one import OneToOne, OneToOneTable
from eventhub.networking.queries import Standing, is_listed, standing
from eventhub.networking.slots import Span, overlaps
from eventhub.networking.states import OPEN, STANDING, OneToOneState
from eventhub.programme.models import Session, SignUp, Speaker
from eventhub.registration import queries as registrations
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState


@dataclass(frozen=True)
class Own:
    """A 1:1 meeting as one of the two sees it."""

    row: OneToOne
    me: Registration
    other: Registration
    person: Person  # the other, canonical
    is_over: bool  # its time has passed
    against: tuple[str, ...]  # titles of my sessions at this time; "" is another 1:1 meeting
    suits_other: bool  # whether the other still has time, and takes part

    @property
    def starts(self) -> datetime:
        return self.row.starts

    @property
    def ends(self) -> datetime:
        return self.row.ends

    @property
    def date(self) -> date:
        """The day at the place."""
        return self.row.starts.astimezone(ZoneInfo(self.row.meeting.tz)).date()

    @property
    def organisation(self) -> str:
        return self.other.organisation.name if self.other.organisation else self.other.organisation_text

    @property
    def is_mine_to_answer(self) -> bool:
        return not self.is_over and self.row.waits_for_id == self.me.id

    @property
    def is_theirs_to_answer(self) -> bool:
        return not self.is_over and self.row.waits_for_id == self.other.id

    @property
    def is_agreed(self) -> bool:
        return self.row.state is OneToOneState.ACCEPTED

    @property
    def is_standing(self) -> bool:
        return self.row.state in STANDING and not self.is_over

    @property
    def is_asked_by_me(self) -> bool:
        return self.row.asked_by_id == self.me.id

    @property
    def clashes(self) -> bool:
        return self.is_standing and (bool(self.against) or not self.suits_other)


def list_own(registration: Registration, *, at: datetime | None = None) -> list[Own]:
    """A participant's 1:1 meetings of every state, in the order of time."""
    return _seen(registration, _of(registration.id), at or clock.now())


def get_own(registration: Registration, one_to_one_id: int, *, at: datetime | None = None) -> Own:
    """One of them; raises NotFoundError for anybody else's."""
    found = _seen(registration, _of(registration.id).where(OneToOne.id == one_to_one_id), at or clock.now())
    if not found:
        raise NotFoundError(_("This is not one of your 1:1 meetings. Go back to your own page."))
    return found[0]


def list_standing(registration_id: int) -> list[OneToOne]:
    """What is asked or agreed with this participant and not over."""
    return list(
        db.session.scalars(_of(registration_id).where(OneToOne.state.in_(STANDING), OneToOne.ends > clock.now()))
    )


def list_gone() -> list[int]:
    """Registrations with which something stands though they do not take part any more, or are a child's."""
    ahead = (OneToOne.state.in_(STANDING), OneToOne.ends > clock.now())
    either = sa.union(*(sa.select(side).where(*ahead) for side in (OneToOne.a_id, OneToOne.b_id)))
    return list(
        db.session.scalars(
            sa.select(Registration.id)
            .join(Person, Person.id == Registration.person_id)
            .where(
                Registration.id.in_(either),
                sa.or_(Registration.state != RegistrationState.CONFIRMED, Registration.is_child, Person.is_child),
            )
            .order_by(Registration.id)
        )
    )


def count_to_do(registration: Registration, *, at: datetime) -> tuple[int, int]:
    """How many requests and proposals wait for this participant's answer, and how many agreed 1:1 meetings have
    something in their way."""
    if registration.is_child or not between(registration, at=at):
        return 0, 0
    own = list_own(registration, at=at)
    return sum(one.is_mine_to_answer for one in own), sum(one.is_agreed and one.clashes for one in own)


def between(registration: Registration, *, at: datetime | None = None) -> dict[int, int]:
    """With whom this participant has something standing: the other's registration and its id."""
    now = at or clock.now()
    rows = db.session.execute(
        sa.select(OneToOne.id, OneToOne.a_id, OneToOne.b_id).where(
            sa.or_(OneToOne.a_id == registration.id, OneToOne.b_id == registration.id),
            OneToOne.state.in_(STANDING),
            OneToOne.ends > now,
        )
    )
    return {b if a == registration.id else a: ident for ident, a, b in rows}


def list_sessions(registration: Registration) -> list[Session]:
    """The sessions where this participant speaks or has a place, in the order of time."""
    family = directory.family_ids(directory.canonical(registration.person))
    speaks = sa.select(Speaker.session_id).where(Speaker.person_id.in_(family))
    chosen = sa.select(SignUp.session_id).where(
        SignUp.registration_id == registration.id, SignUp.withdrawn_at.is_(None)
    )
    return list(
        db.session.scalars(
            sa.select(Session)
            .where(
                Session.meeting_id == registration.meeting_id,
                sa.or_(Session.id.in_(speaks), Session.id.in_(chosen)),
            )
            .options(joinedload(Session.room))
            .order_by(Session.starts, Session.id)
        )
    )


@dataclass(frozen=True)
class AgendaEntry:
    """A line of one's agenda: a session, or an agreed 1:1 meeting."""

    starts: datetime
    ends: datetime
    session: Session | None = None
    one_to_one: Own | None = None
    against: tuple[str, ...] = ()  # titles of what is on at the same time; "" is a 1:1 meeting


def agenda(registration: Registration, *, at: datetime | None = None) -> list[AgendaEntry]:
    """Where this participant is expected, in the order of time: own sessions and agreed 1:1 meetings."""
    sessions = list_sessions(registration)
    agreed = [own for own in list_own(registration, at=at) if own.is_agreed]
    spans = [Span(session.starts, session.ends, session.title) for session in sessions]
    entries = [
        AgendaEntry(session.starts, session.ends, session=session, against=_at_once(span, [*spans, *agreed]))
        for session, span in zip(sessions, spans, strict=True)
    ]
    entries += [AgendaEntry(own.starts, own.ends, one_to_one=own, against=own.against) for own in agreed]
    return sorted(entries, key=lambda entry: (entry.starts, entry.ends))


def _at_once(span: Span, others: Iterable[Span | Own]) -> tuple[str, ...]:
    return tuple(
        other.what if isinstance(other, Span) else "" for other in others if other != span and overlaps(span, other)
    )


def list_met_to_ask(registration: Registration) -> list[Registration]:
    """Adults with whom both sides say that they met, and with whom nothing stands: they may be asked."""
    known = between(registration)
    people = [met.other for met in queries_met.list_met(registration) if met.standing is Standing.CONFIRMED]
    found = registrations.registrations_of([person.id for person in people], registration.meeting_id)
    return [
        found[person.id]
        for person in people
        if person.id in found
        and found[person.id].state is RegistrationState.CONFIRMED
        and found[person.id].id not in known
    ]


def introduced(registration: Registration) -> dict[int, Standing]:
    """What the two say of having met, by the other's person, where it is recorded."""
    family = directory.family_ids(directory.canonical(registration.person))
    rows = db.session.scalars(
        sa.select(Introduction).where(
            Introduction.meeting_id == registration.meeting_id,
            sa.or_(Introduction.a_id.in_(family), Introduction.b_id.in_(family)),
        )
    )
    return {row.b_id if row.a_id in family else row.a_id: standing(row) for row in rows}


def in_calendar(own: Iterable[Own]) -> list[OneToOne]:
    """Those that a calendar holds: agreed, or cancelled after they were."""
    return [one.row for one in own if one.is_agreed or one.row.state is OneToOneState.CANCELLED]


def _of(registration_id: int) -> sa.Select[Any]:
    sides = [
        joinedload(side).options(joinedload(Registration.person), joinedload(Registration.organisation))
        for side in (OneToOne.a, OneToOne.b)
    ]
    return (
        sa.select(OneToOne)
        .where(sa.or_(OneToOne.a_id == registration_id, OneToOne.b_id == registration_id))
        .options(*sides, joinedload(OneToOne.table).joinedload(OneToOneTable.room), joinedload(OneToOne.meeting))
        .order_by(OneToOne.starts, OneToOne.id)
    )


def _seen(registration: Registration, statement: sa.Select[Any], now: datetime) -> list[Own]:
    rows = [row for row in db.session.scalars(statement) if _may_stand(row, registration)]
    if not rows:
        return []
    spans = queries.busy(registration.meeting_id, {ident for row in rows for ident in (row.a_id, row.b_id)})
    return [_own(row, registration, spans, now) for row in rows]


def _own(row: OneToOne, me: Registration, spans: dict[int, list[Span]], now: datetime) -> Own:
    other = row.b if row.a_id == me.id else row.a
    is_open = row.state in OPEN
    mine, theirs = (
        [span for span in spans.get(ident, ()) if overlaps(row, span) and (span.what or is_open)]
        for ident in (me.id, other.id)
    )
    return Own(
        row=row,
        me=me,
        other=other,
        person=directory.canonical(other.person),
        is_over=(row.starts if is_open else row.ends) <= now,
        against=tuple(span.what for span in mine),
        suits_other=not theirs and other.state is RegistrationState.CONFIRMED,
    )


def _may_stand(row: OneToOne, registration: Registration) -> bool:
    """Never a child; somebody at risk only once they agreed to it, or asked themselves."""
    other = row.b if row.a_id == registration.id else row.a
    people = (other.person, directory.canonical(other.person))
    if other.is_child or any(person.is_child for person in people):
        return False
    agreed = row.state is OneToOneState.ACCEPTED or row.asked_by_id == other.id
    return agreed or all(is_listed(person) for person in people)
