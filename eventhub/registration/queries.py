"""Looking up registrations, the waiting list, and the counts."""

from collections.abc import Iterable
from typing import NamedTuple

import sqlalchemy as sa
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy.orm import joinedload

from eventhub.db import columns, db, page_of
from eventhub.directory import queries as directory
from eventhub.directory.models import Organisation, OrganisationName, Person
from eventhub.errors import LinkWithdrawnError, NotFoundError
from eventhub.meetings.models import Meeting
from eventhub.registration.models import Registration
from eventhub.registration.states import HOLDS_SEAT, IN_FORCE, RegistrationRole, RegistrationState
from eventhub.safeguarding.models import Guardian
from eventhub.security import read_token

ROWS = 50  # of a page

_WHOLE = (
    joinedload(Registration.person),
    joinedload(Registration.organisation),
    joinedload(Registration.sector),
    joinedload(Registration.meeting).joinedload(Meeting.series),
)


def get_registration(registration_id: int) -> Registration:
    """The registration with person, organisation, sector and meeting; raises NotFoundError."""
    registration = db.session.get(Registration, registration_id, options=_WHOLE)
    if registration is None:
        raise NotFoundError
    return registration


def get_by_link(token: str) -> Registration:
    """The registration of a personal link; raises LinkError, or LinkWithdrawnError when a newer link was made."""
    ident, version = read_token("me", token)
    registration = db.session.get(Registration, ident, options=_WHOLE)
    if registration is None:
        raise LinkWithdrawnError
    if registration.link_version != version:
        raise LinkWithdrawnError(meeting_id=registration.meeting_id)
    return registration


def find_registration(meeting_id: int, person_id: int) -> Registration | None:
    """The registration of a person for a meeting, in any state."""
    return db.session.scalar(
        sa.select(Registration)
        .where(Registration.meeting_id == meeting_id, Registration.person_id == person_id)
        .options(joinedload(Registration.person))
    )


def find_submission(meeting_id: int, submission_key: str) -> Registration | None:
    """What was made of a form that was sent before."""
    return db.session.scalar(
        sa.select(Registration).where(
            Registration.meeting_id == meeting_id, Registration.submission_key == submission_key
        )
    )


# built once, as each form that is sent asks it; two look-ups by index and no pass over the meeting
_ALIKE = (
    sa.select(Person, Registration)
    .outerjoin(
        Registration,
        sa.and_(Registration.person_id == Person.id, Registration.meeting_id == sa.bindparam("meeting_id")),
    )
    .where(
        Person.id.in_(
            sa.union(
                sa.select(Person.id).where(Person.email_key == sa.bindparam("email_key")),
                sa.select(Registration.person_id).where(
                    Registration.meeting_id == sa.bindparam("meeting_id"),
                    Registration.submission_key == sa.bindparam("submission_key"),
                ),
            )
        )
    )
    .order_by(Registration.id, Person.id)
)


_MEETING, _PERSON, _REGISTRATION = columns(Meeting), columns(Person), columns(Registration)
_NAMES = columns(OrganisationName)
_GLANCE = sa.select(
    _MEETING.version,
    sa.or_(
        sa.exists().where(_PERSON.email_key == sa.bindparam("email_key")),
        sa.exists().where(
            _REGISTRATION.meeting_id == sa.bindparam("meeting_id"),
            _REGISTRATION.submission_key == sa.bindparam("submission_key"),
        ),
    ),
    sa.exists().where(_NAMES.folded == sa.bindparam("organisation")),
).where(_MEETING.id == sa.bindparam("meeting_id"))


class Glance(NamedTuple):
    """Most forms repeat nothing and name no organisation that we know: one small query says so of both."""

    version: int  # the meeting's, now
    is_any_alike: bool  # whether ``list_alike`` would find something
    is_named: bool  # whether the directory knows an organisation by this name


def glance(meeting_id: int, submission_key: str | None, email_key: str, organisation: str = "") -> Glance:
    """What is known of a form that was sent just now. Raises NotFoundError when the meeting is gone."""
    said = {"meeting_id": meeting_id, "submission_key": submission_key, "email_key": email_key or None}
    row = db.session.execute(_GLANCE, {**said, "organisation": directory.fold(organisation) or None}).one_or_none()
    if row is None:
        raise NotFoundError
    return Glance(*row)


def list_alike(meeting_id: int, submission_key: str | None, email_key: str) -> tuple[list[Registration], list[Person]]:
    """What a form may be a repetition of (the same submission, the adults' with the same address), and the adults whom
    the directory knows by the address, canonical. One query."""
    said = {"meeting_id": meeting_id, "submission_key": submission_key, "email_key": email_key or None}
    rows = db.session.execute(_ALIKE, said).all()
    alike = [
        found
        for person, found in rows
        if found is not None
        and (
            (submission_key is not None and found.submission_key == submission_key)
            or (person.email_key == email_key and not found.is_child)
        )
    ]
    known = [directory.canonical(person) for person, _ in rows if person.email_key == email_key and not person.is_child]
    return alike, [person for person in dict.fromkeys(known) if not person.is_child]


def list_by_contact(meeting_id: int, email: str) -> list[Registration]:
    """Whose own page belongs to an address: the adults who registered with it, the children whose guardian has it."""
    whole = sa.select(Registration).options(joinedload(Registration.person))
    children = whole.join(
        Guardian, sa.and_(Guardian.child_id == Registration.person_id, Guardian.meeting_id == meeting_id)
    ).where(
        Registration.meeting_id == meeting_id, Registration.is_child, sa.func.lower(Guardian.email) == email.lower()
    )
    return [*list_by_address(meeting_id, directory.email_key(email)), *db.session.scalars(children)]


def list_by_address(meeting_id: int, email_key: str) -> list[Registration]:
    """The adults of a meeting who registered with this address (folded by ``directory.email_key``)."""
    return list(
        db.session.scalars(
            sa.select(Registration)
            .join(Registration.person)
            .where(
                Registration.meeting_id == meeting_id,
                Person.email_key == email_key,
                sa.not_(Registration.is_child),
            )
            .order_by(Registration.id)
        )
    )


def people_of(meeting_ids: Iterable[int]) -> sa.Select[int]:
    """The ids of everybody who ever registered for one of these meetings, as a part of another query."""
    return sa.select(Registration.person_id).where(Registration.meeting_id.in_(list(meeting_ids)))


def registrations_of(person_ids: Iterable[int], meeting_id: int) -> dict[int, Registration]:
    """Each person's registration in a meeting; one query."""
    rows = db.session.scalars(
        sa.select(Registration).where(
            Registration.meeting_id == meeting_id, Registration.person_id.in_(list(person_ids))
        )
    )
    return {row.person_id: row for row in rows}


def list_confirmed(meeting_id: int, with_children: bool = False) -> list[Registration]:
    """Who is coming, by name. Children only for who may see them."""
    return list(
        db.session.scalars(
            _shown(meeting_id, with_children)
            .where(Registration.state == RegistrationState.CONFIRMED)
            .order_by(Person.sort_key, Registration.id)
        )
    )


def list_children(meeting_id: int) -> list[Registration]:
    """The children's registrations that stand, by name: only for who may see children."""
    return list(
        db.session.scalars(
            _shown(meeting_id, True)
            .where(Registration.is_child, Registration.state.in_(IN_FORCE))
            .order_by(Person.sort_key, Registration.id)
        )
    )


def list_waiting(meeting_id: int) -> list[Registration]:
    """The waiting list in order of arrival."""
    return list(
        db.session.scalars(
            sa.select(Registration)
            .where(Registration.meeting_id == meeting_id, Registration.state == RegistrationState.WAITING)
            .order_by(Registration.queue_no, Registration.id)
        )
    )


def place_in_queue(registration: Registration) -> int | None:
    """1 for who is next; None for who does not wait."""
    if registration.state is not RegistrationState.WAITING:
        return None
    return db.session.scalar(
        sa.select(sa.func.count()).where(
            Registration.meeting_id == registration.meeting_id,
            Registration.state == RegistrationState.WAITING,
            Registration.queue_no <= registration.queue_no,
        )
    )


def _shown(meeting_id: int, with_children: bool) -> sa.Select[Registration]:
    """All registrations that a reader may see, with what a row shows."""
    query = (
        sa.select(Registration)
        .join(Registration.person)
        .where(Registration.meeting_id == meeting_id)
        .options(
            joinedload(Registration.person), joinedload(Registration.organisation), joinedload(Registration.sector)
        )
    )
    return query if with_children else query.where(sa.not_(Registration.is_child))


def search(
    meeting_id: int,
    *,
    with_children: bool,
    q: str = "",
    state: RegistrationState | None = None,
    sector_id: int | None = None,
    role: RegistrationRole | None = None,
) -> sa.Select[Registration]:
    """The staff list's rows: waiting people in the order of the queue, the others by name."""
    query = _shown(meeting_id, with_children).outerjoin(Registration.organisation)
    if q:
        query = query.where(*(_holds(word) for word in q.split()[:6]))
    if state is not None:
        query = query.where(Registration.state == state)
    if sector_id is not None:
        query = query.where(Registration.sector_id == sector_id)
    if role is not None:
        query = query.where(Registration.role == role)
    waiting_first = sa.case((Registration.state == RegistrationState.WAITING, Registration.queue_no))
    return query.order_by(waiting_first.asc().nulls_last(), Person.sort_key, Registration.id)


def _holds(word: str) -> sa.ColumnElement[bool]:
    """A word of a search: in any name as it is folded in the directory, or in an address or organisation as typed."""
    typed = (Person.email, Registration.organisation_text, Organisation.name)
    found = [column.icontains(word, autoescape=True) for column in typed]
    folded = directory.fold(word)
    if folded:
        searched = (Person.search_text, Organisation.search_text)
        found += [column.contains(folded, autoescape=True) for column in searched]
    return sa.or_(*found)


def list_by_ids(meeting_id: int, ids: list[int], *, with_children: bool) -> list[Registration]:
    """The registrations of a meeting with these ids, in the order of arrival."""
    return list(
        db.session.scalars(
            _shown(meeting_id, with_children)
            .where(Registration.id.in_(ids))
            .order_by(Registration.queue_no.nulls_last(), Registration.id)
        )
    )


def page_of_list(query: sa.Select[tuple[Registration]], page: int) -> Pagination:
    """A page of 50 of a list's query."""
    return page_of(query, page, ROWS)


def counts(meeting_id: int, with_children: bool = True) -> dict[RegistrationState, int]:
    """How many registrations are in each state (states with none are absent)."""
    query = sa.select(Registration.state, sa.func.count()).where(Registration.meeting_id == meeting_id)
    if not with_children:
        query = query.where(sa.not_(Registration.is_child))
    return {state: n for state, n in db.session.execute(query.group_by(Registration.state))}


def seats_taken(meeting_id: int) -> int:
    """How many registrations hold a seat, children among them."""
    return (
        db.session.scalar(
            sa.select(sa.func.count()).where(Registration.meeting_id == meeting_id, Registration.state.in_(HOLDS_SEAT))
        )
        or 0
    )


def funnel(meeting_id: int) -> dict[str, int]:
    """Head-counts for reports: everybody who ever sent a form, and of them who holds a seat, is confirmed, left."""
    by_state = counts(meeting_id)
    return {
        "registered": sum(n for state, n in by_state.items() if state is not RegistrationState.STARTED),
        "seated": sum(by_state.get(state, 0) for state in HOLDS_SEAT),
        "confirmed": by_state.get(RegistrationState.CONFIRMED, 0),
        "waiting": by_state.get(RegistrationState.WAITING, 0),
        "cancelled": by_state.get(RegistrationState.CANCELLED, 0),
    }


def count_by_sector(meeting_id: int) -> dict[tuple[int | None, str], int]:
    """How many people hold a seat, by sector and country."""
    wanted = (
        sa.select(Registration.sector_id, Registration.country, sa.func.count())
        .where(Registration.meeting_id == meeting_id, Registration.state.in_(HOLDS_SEAT))
        .group_by(Registration.sector_id, Registration.country)
    )
    return {(sector_id, country): n for sector_id, country, n in db.session.execute(wanted)}


def count_adults_for_children(meeting_id: int, carers: Iterable[int]) -> int:
    """The confirmed adults who are there for the children: chaperones, and the people named for one (by id)."""
    return (
        db.session.scalar(
            sa.select(sa.func.count()).where(
                Registration.meeting_id == meeting_id,
                Registration.state == RegistrationState.CONFIRMED,
                ~Registration.is_child,
                sa.or_(Registration.role == RegistrationRole.CHAPERONE, Registration.person_id.in_(list(carers))),
            )
        )
        or 0
    )
