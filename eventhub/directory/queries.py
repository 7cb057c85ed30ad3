"""Looking up organisations and people.

Who was merged into somebody else appears in no list: readers ask for the canonical record. Children and people at
risk appear in no list and no search, unless a page asks for what its own reader may see (``Sight``).
"""

from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy.orm import joinedload, selectinload

from eventhub import clock
from eventhub.db import columns, db, page_of
from eventhub.directory.models import Affiliation, Membership, Organisation, OrganisationName, Person
from eventhub.directory.names import email_key, fold
from eventhub.errors import NotFoundError

__all__ = ["email_key", "fold"]  # offered here too: the other features ask this module
Row = TypeVar("Row", Organisation, Person)

PER_PAGE = 50
ALIKE = 88  # of 100: names this close are shown as possibly the same
FAR = 20  # merges lead at most this many steps


@dataclass(frozen=True)
class Sight:
    """What a reader may see: people at risk and children at all, and of the children those of ``children_of`` (a query
    of ids), where it is given. By default neither.
    """

    hidden: bool = False
    children_of: sa.Select[int] | None = None

    def rule(self) -> sa.ColumnElement[bool]:
        """The condition on Person."""
        if not self.hidden:
            return sa.and_(Person.is_child.is_(False), Person.at_risk.is_(False))
        if self.children_of is None:
            return sa.true()
        return sa.or_(Person.is_child.is_(False), Person.id.in_(self.children_of))


NOBODY_HIDDEN = Sight()

# one record


def get_organisation(organisation_id: int) -> Organisation:
    """The organisation; raises NotFoundError."""
    found = db.session.get(Organisation, organisation_id)
    if found is None:
        raise NotFoundError(_("There is no organisation at this address."))
    return found


def get_person(person_id: int) -> Person:
    """The person; raises NotFoundError. The caller decides whether the reader may see a child."""
    found = db.session.get(Person, person_id)
    if found is None:
        raise NotFoundError(_("There is no person at this address."))
    return found


def canonical(row: Row) -> Row:
    """The record that this one was merged into, at the end of the chain; itself when it was not."""
    for _step in range(FAR):
        if row.merged_into_id is None:
            return row
        row = db.session.get_one(type(row), row.merged_into_id)
    return row


def canonical_ids(model: type[Organisation] | type[Person]) -> dict[int, int]:
    """Of every merged record, the id of the one at the end of its chain; who was never merged is not in it."""
    return ends(dict(db.session.execute(merged(model)).all()))  # type: ignore[arg-type]  # rows of two


def merged(model: type[Organisation] | type[Person]) -> sa.Select[int, int]:
    """(id, the id that it was merged into) of every merged record."""
    return sa.select(model.id, sa.type_coerce(model.merged_into_id, sa.Integer)).where(
        model.merged_into_id.is_not(None)
    )


def ends(into: dict[int, int]) -> dict[int, int]:
    """What each of these leads to in the end; a chain that closes upon itself ends before it does."""
    found = {}
    for gone in into:
        last, seen = gone, {gone}
        while last in into and into[last] not in seen:
            last = into[last]
            seen.add(last)
        found[gone] = last
    return found


def family_ids(*rows: Organisation | Person) -> set[int]:
    """The ids of records of one kind and of all that were merged into them."""
    if not rows:
        return set()
    model = type(rows[0])
    tree = sa.select(model.id).where(model.id.in_([row.id for row in rows])).cte(recursive=True)
    tree = tree.union(sa.select(model.id).join(tree, model.merged_into_id == tree.c.id))
    return set(db.session.scalars(sa.select(tree.c.id)))


def find_organisation(text: str) -> Organisation | None:
    """The organisation that goes by this name, in any script, under any alias; the oldest when there are several."""
    found = match_organisations(text)
    return found[0] if found else None


# built once, as every registration asks both; most names that are typed are nobody's, and need no row of ours
_NAMES = columns(OrganisationName)
_NAMED = sa.select(_NAMES.organisation_id).where(_NAMES.folded == sa.bindparam("folded"))
_ADDRESSED = (
    sa.select(Person).where(Person.email_key == sa.bindparam("key"), Person.is_child.is_(False)).order_by(Person.id)
)


def match_organisations(text: str) -> list[Organisation]:
    """All that go by this name, canonical, oldest first."""
    folded = fold(text)
    if not folded:
        return []
    named = list(db.session.scalars(_NAMED, {"folded": folded}))
    if not named:
        return []
    rows = db.session.scalars(sa.select(Organisation).where(Organisation.id.in_(named)).order_by(Organisation.id))
    return list({found.id: found for found in map(canonical, rows)}.values())


def find_person_by_email(email: str) -> Person | None:
    """The adult with this address, canonical; None for none and for children."""
    key = email_key(email)
    if not key:
        return None
    rows = db.session.scalars(_ADDRESSED, {"key": key})
    return next((person for person in map(canonical, rows) if not person.is_child), None)


# lists


def search_organisations(q: str = "", page: int = 1, *, country: str = "", sector_id: int | None = None) -> Pagination:
    """Organisations by any part of any of their names, 50 a page, by name."""
    found = (
        sa.select(Organisation)
        .where(Organisation.merged_into_id.is_(None), *_all_words(Organisation.search_text, q))
        .options(joinedload(Organisation.sector), selectinload(Organisation.names))
        .order_by(Organisation.search_text, Organisation.id)
    )
    if country:
        found = found.where(Organisation.country == country)
    if sector_id is not None:
        found = found.where(Organisation.sector_id == sector_id)
    return page_of(found, page, PER_PAGE)


def list_names(most: int = 1000) -> list[str]:
    """The organisations' names by which a form offers them, by name."""
    query = (
        sa.select(Organisation)
        .where(Organisation.merged_into_id.is_(None))
        .options(selectinload(Organisation.names))
        .order_by(Organisation.search_text, Organisation.id)
        .limit(most)
    )
    return [row.name for row in db.session.scalars(query)]


def list_countries() -> list[str]:
    """The codes of the countries and territories that organisations are from."""
    wanted = sa.select(Organisation.country).where(Organisation.country != "").distinct().order_by(Organisation.country)
    return list(db.session.scalars(wanted))


def search_people(q: str = "", page: int = 1) -> Pagination:
    """Adults by any part of their names or address, 50 a page. Never children, never people at risk."""
    return list_people(q, page)


def list_people(q: str = "", page: int = 1, *, sight: Sight = NOBODY_HIDDEN) -> Pagination:
    """People by any part of their names or address, with their organisations loaded.

    A child is found by its chosen name alone.
    """
    found = (
        _listed(sight)
        .where(*_all_words(Person.search_text, q))
        .options(selectinload(Person.affiliations).joinedload(Affiliation.organisation))
        .order_by(Person.sort_key, Person.id)
    )
    return page_of(found, page, PER_PAGE)


def is_seen(person: Person, sight: Sight) -> bool:
    """Whether a reader may know of a person."""
    return db.session.scalar(sa.select(Person.id).where(Person.id == person.id, sight.rule())) is not None


def _listed(sight: Sight = NOBODY_HIDDEN) -> sa.Select[Person]:
    return sa.select(Person).where(Person.merged_into_id.is_(None), sight.rule())


def _contains(column: Any, folded: str) -> sa.ColumnElement[bool]:
    return column.contains(folded, autoescape=True)


def _all_words(column: Any, q: str) -> list[sa.ColumnElement[bool]]:
    words = fold(q[:100]).split()
    if not words and q.strip():
        return [sa.false()]  # only punctuation was asked for: that is in no name
    return [_contains(column, word) for word in words]


# who belongs where


def is_current(affiliation: Affiliation) -> bool:
    """Whether it has not ended before today."""
    return affiliation.end is None or affiliation.end >= clock.today()


def list_affiliations(person: Person) -> list[Affiliation]:
    """Where a person, and who was merged into them, belonged: present ones first, then the latest."""
    rows = db.session.scalars(
        sa.select(Affiliation)
        .where(Affiliation.person_id.in_(family_ids(person)))
        .options(joinedload(Affiliation.organisation))
    )
    return sorted(rows, key=_latest_first)


def current_organisation(person: Person) -> Organisation | None:
    """Where the person belongs now, canonical: the affiliation that began last and has not ended."""
    now = sorted((a for a in person.affiliations if is_current(a)), key=_latest_first)
    return canonical(now[0].organisation) if now else None


def list_members(organisation: Organisation, *, sight: Sight = NOBODY_HIDDEN) -> list[Affiliation]:
    """The people of an organisation and of all merged into it, now and before, by name; persons are loaded."""
    found = (
        sa.select(Affiliation)
        .join(Affiliation.person)
        .where(Affiliation.organisation_id.in_(family_ids(organisation)), sight.rule())
        .options(joinedload(Affiliation.person))
        .order_by(Person.sort_key, Affiliation.id)
        .limit(1000)
    )
    return list(db.session.scalars(found))


def list_memberships(organisation: Organisation) -> list[tuple[Membership, Organisation]]:
    """The networks that an organisation belongs or belonged to."""
    rows = db.session.execute(
        sa.select(Membership, Organisation)
        .join(Organisation, Organisation.id == Membership.network_id)
        .where(Membership.organisation_id.in_(family_ids(organisation)))
        .order_by(Organisation.search_text, Membership.id)
    )
    return [(membership, network) for membership, network in rows]


def list_merged_into(row: Row) -> list[Row]:
    """The records that were merged straight into this one."""
    model = type(row)
    return list(db.session.scalars(sa.select(model).where(model.merged_into_id == row.id).order_by(model.id)))


def _latest_first(affiliation: Affiliation) -> tuple[bool, int, int]:
    start = affiliation.start.toordinal() if affiliation.start else 0
    return (not is_current(affiliation), -start, -affiliation.id)


# who may be the same


def similar_organisations(texts: list[str], besides: int | None = None) -> list[Organisation]:
    """At most five organisations whose names, in any script, come close to one of the given."""
    rows = db.session.execute(
        sa.select(OrganisationName.organisation_id, OrganisationName.folded)
        .join(OrganisationName.organisation)
        .where(Organisation.merged_into_id.is_(None), OrganisationName.organisation_id != (besides or 0))
    )
    return [get_organisation(ident) for ident in _closest(texts, [(ident, folded) for ident, folded in rows])]


def worn_names(person: Any) -> tuple[str, str, str]:
    """An adult's names as the badge has them, and so whoever reads badges: as written, in Latin letters, what to call
    them. Somebody at risk goes by what they want to be called, where they said it. ``person`` may be a row of a query.
    """
    if person.at_risk and person.called:
        return person.called, "", ""
    return person.full_name, person.latin_name, person.called


def similar_people(person: Person) -> list[Person]:
    """At most five listed adults who share a person's address, or whose names come close. None for a child."""
    if person.is_child or person.at_risk:
        return []
    rows = db.session.execute(
        _listed()
        .with_only_columns(Person.id, Person.sort_key, Person.full_name, Person.email_key)
        .where(Person.id != person.id)
    ).all()
    same = [row.id for row in rows if person.email_key and row.email_key == person.email_key]
    names = [(row.id, row.sort_key) for row in rows] + [(row.id, fold(row.full_name)) for row in rows]
    alike = _closest([person.full_name, person.latin_name], names)
    return [get_person(ident) for ident in list(dict.fromkeys(same + alike))[:5]]


def _closest(texts: list[str], candidates: list[tuple[int, str]]) -> list[int]:
    from rapidfuzz import fuzz, process  # loaded by who compares names

    best: dict[int, float] = {}
    choices = [folded for _ident, folded in candidates]
    for folded in {fold(text) for text in texts} - {""}:
        for _text, score, at in process.extract(
            folded, choices, scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE, limit=20
        ):
            ident = candidates[at][0]
            best[ident] = max(best.get(ident, 0), score)
    return sorted(best, key=lambda ident: (-best[ident], ident))[:5]
