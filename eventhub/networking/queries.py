"""Looking up introductions. People at risk and children stand in no list and in no search."""

from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import lazy_gettext as _
from flask_babel import ngettext
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy.orm import aliased, joinedload, selectinload

from eventhub.db import db, page_of
from eventhub.directory import queries as directory
from eventhub.directory.models import Affiliation, Organisation, Person
from eventhub.errors import NotFoundError
from eventhub.meetings.models import Meeting
from eventhub.networking.models import Introduction
from eventhub.programme.models import Session
from eventhub.registration.models import Registration
from eventhub.registration.states import IN_FORCE
from eventhub.waits import Wait, numbers

PER_PAGE = 50


class Standing(StrEnum):
    """What the two people themselves say about it."""

    REPORTED = "reported"
    ONE_SIDE = "one_side"
    CONFIRMED = "confirmed"
    DENIED = "denied"


def standing(introduction: Introduction) -> Standing:
    """One "no" outweighs every "yes"; silence is neither."""
    answers = (introduction.a_answer, introduction.b_answer)
    if False in answers:
        return Standing.DENIED
    return (Standing.REPORTED, Standing.ONE_SIDE, Standing.CONFIRMED)[answers.count(True)]


def has_said_yes(introduction: Introduction, person: Person) -> bool:
    """Whether this one of the two has confirmed."""
    return bool(introduction.a_answer if person.id == introduction.a_id else introduction.b_answer)


def _is(wanted: Standing) -> sa.ColumnElement[bool]:
    denied = sa.or_(Introduction.a_answer.is_(False), Introduction.b_answer.is_(False))
    a_yes, b_yes = (sa.case((said.is_(True), 1), else_=0) for said in (Introduction.a_answer, Introduction.b_answer))
    if wanted is Standing.DENIED:
        return denied
    number = (Standing.REPORTED, Standing.ONE_SIDE, Standing.CONFIRMED).index(wanted)
    return sa.and_(sa.not_(denied), a_yes + b_yes == number)


def get_introduction(ident: int) -> Introduction:
    """The introduction; raises NotFoundError."""
    introduction = db.session.get(
        Introduction,
        ident,
        options=[joinedload(Introduction.meeting), joinedload(Introduction.session), *_people()],
    )
    if introduction is None:
        raise NotFoundError(_("This introduction is not recorded (any more). Look at the list of introductions."))
    return introduction


def find_introduction(meeting_id: int, one: Person, other: Person) -> Introduction | None:
    """The introduction of two people at a meeting, whoever is named first."""
    first, second = sorted((one.id, other.id))
    return db.session.scalar(
        sa.select(Introduction).where(
            Introduction.meeting_id == meeting_id, Introduction.a_id == first, Introduction.b_id == second
        )
    )


def is_listed(person: Person) -> bool:
    """Whether a person's name may stand on a page of introductions or partnerships."""
    return not person.at_risk and not person.is_child


def list_introductions(
    meeting: Meeting, *, q: str = "", wanted: Standing | None = None, page: int = 1
) -> tuple[Pagination, dict[str, int]]:
    """A page of a meeting's introductions, newest first, and how many there are of each standing for the same search."""
    statement = _listed(meeting.id, q)
    asked = [statement.where(_is(kind)).with_only_columns(sa.func.count()).scalar_subquery() for kind in Standing]
    counts = {kind.value: n for kind, n in zip(Standing, numbers(asked), strict=True)}
    if wanted is not None:
        statement = statement.where(_is(wanted))
    options = [*_people(), joinedload(Introduction.session)]
    return page_of(statement.options(*options).order_by(Introduction.id.desc()), page, PER_PAGE), counts


def _listed(meeting_id: int, q: str = "") -> sa.Select[Any]:
    a, b = aliased(Person), aliased(Person)
    statement = (
        sa.select(Introduction)
        .join(a, Introduction.a_id == a.id)
        .join(b, Introduction.b_id == b.id)
        .where(Introduction.meeting_id == meeting_id, *(~flag for p in (a, b) for flag in (p.at_risk, p.is_child)))
    )
    if q:
        text = directory.fold(q)
        statement = statement.where(
            sa.or_(
                a.search_text.contains(text, autoescape=True),
                b.search_text.contains(text, autoescape=True),
                sa.func.lower(Introduction.topic).contains(text, autoescape=True),
            )
        )
    return statement


def _people() -> list[sa.orm.interfaces.ORMOption]:
    belongs = selectinload(Person.affiliations).joinedload(Affiliation.organisation)
    return [
        joinedload(Introduction.a).options(belongs),
        joinedload(Introduction.b).options(belongs),
        joinedload(Introduction.introduced_by),
    ]


def met(meeting_ids: list[int]) -> sa.Select[int, int, int]:
    """(meeting, person, person) of every introduction that neither side denies and that names no child."""
    a, b = aliased(Person), aliased(Person)
    return (
        sa.select(Introduction.meeting_id, Introduction.a_id, Introduction.b_id)
        .join(a, Introduction.a_id == a.id)
        .join(b, Introduction.b_id == b.id)
        .where(
            Introduction.meeting_id.in_(meeting_ids),
            sa.not_(_is(Standing.DENIED)),
            ~a.is_child,
            ~b.is_child,
        )
    )


def people_to_suggest(meeting: Meeting, most: int = 400) -> list[Person]:
    """The adults registered for a meeting who may be listed, by name."""
    return list(
        db.session.scalars(
            sa.select(Person)
            .join(Registration, Registration.person_id == Person.id)
            .where(
                Registration.meeting_id == meeting.id,
                Registration.state.in_(IN_FORCE),
                ~Person.is_child,
                ~Registration.is_child,
                ~Person.at_risk,
            )
            .options(selectinload(Person.affiliations).joinedload(Affiliation.organisation))
            .order_by(Person.sort_key, Person.id)
            .limit(most)
        )
    )


def list_sessions(meeting_id: int) -> list[Session]:
    """A meeting's sessions, in the order of the days, to choose from."""
    return list(db.session.scalars(sa.select(Session).where(Session.meeting_id == meeting_id).order_by(Session.starts)))


def list_choices(meeting_id: int, most: int = 300) -> list[Introduction]:
    """A meeting's introductions to choose from, newest first."""
    statement = _listed(meeting_id)
    return list(
        db.session.scalars(
            statement.options(joinedload(Introduction.a), joinedload(Introduction.b))
            .order_by(Introduction.id.desc())
            .limit(most)
        )
    )


def organisation_at(person: Person, meeting: Meeting) -> Organisation | None:
    """For which organisation a person came to a meeting; else where the person belongs now; canonical."""
    came_for = db.session.scalar(
        sa.select(Organisation)
        .join(Registration, Registration.organisation_id == Organisation.id)
        .where(Registration.meeting_id == meeting.id, Registration.person_id == person.id)
    )
    return directory.canonical(came_for) if came_for is not None else directory.current_organisation(person)


def waiting(meeting: Meeting) -> list[Wait]:
    """Introductions that one of the two denies: somebody should look."""
    denied = _listed(meeting.id).where(_is(Standing.DENIED)).with_only_columns(sa.func.count())
    return [
        Wait(
            denied.scalar_subquery(),
            lambda n: ngettext(
                "introduction that one of the two denies", "introductions that one of the two denies", n
            ),
            url_for("networking.index", slug=meeting.slug, standing=Standing.DENIED.value),
        )
    ]
