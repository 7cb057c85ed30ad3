"""Looking up profiles. Only who agreed stands in the list: confirmed adults, none of them at risk."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy.orm import joinedload, selectinload

from eventhub.db import db, page_of
from eventhub.directory import queries as directory
from eventhub.directory.models import Person
from eventhub.networking.models import THEME_SIDES, Contact, Introduction, Profile, ProfileCode, Side
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState

PER_PAGE = 20


@dataclass(frozen=True)
class Wanted:
    """What a reader of the list looks for; empty is everybody."""

    q: str = ""
    theme: tuple[str, str] | None = None  # scheme, code
    level: str = ""
    country: str = ""
    language: str = ""

    def __bool__(self) -> bool:
        return bool(self.q or self.theme or self.level or self.country or self.language)


def find_profile(registration_id: int) -> Profile | None:
    """What a participant says of themselves, with its themes; None where they said nothing."""
    return db.session.scalar(
        sa.select(Profile).where(Profile.registration_id == registration_id).options(selectinload(Profile.codes))
    )


def hidden_people() -> sa.Select[tuple[int]]:
    """Ids of children and people at risk, and of all who were merged into one of them."""
    hidden = sa.select(Person.id).where(sa.or_(Person.is_child, Person.at_risk)).cte("hidden", recursive=True)
    hidden = hidden.union(sa.select(Person.id).join(hidden, Person.merged_into_id == hidden.c.id))
    return sa.select(hidden.c.id)


def shown(meeting_id: int) -> sa.Select[Any]:
    """The one rule of who is seen: every list, search and suggestion starts here.

    Who was merged into a child or a person at risk is hidden as they are.
    """
    return (
        sa.select(Profile)
        .join(Registration, Registration.id == Profile.registration_id)
        .join(Person, Person.id == Registration.person_id)
        .where(
            Profile.meeting_id == meeting_id,
            Profile.listed,
            Registration.state == RegistrationState.CONFIRMED,
            ~Registration.is_child,
            Person.id.not_in(hidden_people()),
        )
    )


def list_shown(meeting_id: int, wanted: Wanted, page: int = 1) -> Pagination:
    """A page of the people who agreed to be listed, by name."""
    found = shown(meeting_id).where(*_conditions(wanted)).options(*_whole()).order_by(Person.sort_key, Profile.id)
    return page_of(found, page, PER_PAGE)


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    words = directory.fold(wanted.q).split()
    rules: list[sa.ColumnElement[bool]] = [Profile.search_text.contains(word, autoescape=True) for word in words]
    if wanted.q and not words:
        rules.append(sa.false())  # only punctuation was asked for: that is in no name
    if wanted.theme:
        scheme, code = wanted.theme
        rules.append(_says(ProfileCode.side.in_(THEME_SIDES), ProfileCode.scheme == scheme, ProfileCode.code == code))
    if wanted.level:
        rules.append(_says(ProfileCode.side == Side.LEVEL, ProfileCode.code == wanted.level))
    if wanted.country:
        works_there = _says(ProfileCode.side == Side.COUNTRY, ProfileCode.code == wanted.country)
        rules.append(sa.or_(Registration.country == wanted.country, works_there))
    if wanted.language:
        rules.append(_says(ProfileCode.side == Side.LANGUAGE, ProfileCode.code == wanted.language))
    return rules


def _says(*rules: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(ProfileCode.profile_id == Profile.id, *rules)


def _whole() -> list[sa.orm.interfaces.ORMOption]:
    registration = joinedload(Profile.registration)
    return [
        registration.joinedload(Registration.person),
        registration.joinedload(Registration.organisation),
        selectinload(Profile.codes),
    ]


def codes_in_use(meeting_id: int) -> dict[Side, list[tuple[str, str]]]:
    """(scheme, code) of what the people of the list say, by side, to filter by; countries they come from are added."""
    ids = shown(meeting_id).with_only_columns(Profile.id)
    rows = db.session.execute(
        sa.select(ProfileCode.side, ProfileCode.scheme, ProfileCode.code)
        .where(ProfileCode.profile_id.in_(ids))
        .distinct()
        .order_by(ProfileCode.scheme, ProfileCode.code)
    )
    found: dict[Side, list[tuple[str, str]]] = {side: [] for side in Side}
    for side, scheme, code in rows:
        found[side].append((scheme, code))
    home = db.session.scalars(
        shown(meeting_id).with_only_columns(Registration.country).where(Registration.country != "").distinct()
    )
    found[Side.COUNTRY] = sorted({*found[Side.COUNTRY], *(("", code) for code in home)})
    return found


def who_confirmed(meeting_id: int, reader: Person) -> set[int]:
    """Ids of the people who met the reader at this meeting and share their address: both said yes."""
    ids = directory.family_ids(directory.canonical(reader))
    rows = db.session.scalars(
        sa.select(Introduction).where(
            Introduction.meeting_id == meeting_id, sa.or_(Introduction.a_id.in_(ids), Introduction.b_id.in_(ids))
        )
    )
    met: set[int] = set()
    for row in rows:
        if not (row.a_answer and row.b_answer):
            continue
        if row.a_id in ids and row.b_shares:
            met.add(row.b_id)
        elif row.b_id in ids and row.a_shares:
            met.add(row.a_id)
    return met


def address_for(profile: Profile, met: set[int]) -> str:
    """The address that a reader may see; ``met`` are those who met the reader and share it."""
    person = profile.registration.person
    open_to_reader = profile.contact is Contact.EVERYBODY or (
        profile.contact is Contact.CONFIRMED and bool({person.id, person.merged_into_id} & met)
    )
    return person.email if open_to_reader else ""
