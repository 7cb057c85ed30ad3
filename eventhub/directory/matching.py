"""Which record a row of a list means. One pass over the directory, kept in memory, serves the preview and the import,
so that both decide alike; rows that an import adds are added here too, so that a list may name somebody twice.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from eventhub.db import db
from eventhub.directory import queries
from eventhub.directory.models import Affiliation, Organisation, OrganisationName, Person
from eventhub.directory.names import email_key, fold, script_of

FAR_APART = 45  # of 100: two names that are certainly not one person's


@dataclass(eq=False)
class Known:
    """A record as matching sees it. ``key`` is its id, or minus the row's number while it is not stored yet."""

    key: int
    name: str
    facts: dict[str, Any] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)  # as written
    organisations: set[int] = field(default_factory=set)


class Ambiguous(Exception):
    """Several records fit; ``str()`` is the sentence for the person."""


class Organisations:
    """All organisations by any of their names."""

    def __init__(self) -> None:
        self._by_name: dict[str, list[Known]] = defaultdict(list)
        self.by_key: dict[int, Known] = {}
        merges = sa.select(Organisation.id, Organisation.merged_into_id)
        self._into: dict[int, int | None] = {ident: into for ident, into in db.session.execute(merges)}
        for o in db.session.execute(
            sa.select(
                Organisation.id, Organisation.name, Organisation.country, Organisation.sector_id, Organisation.email,
                Organisation.website,
            ).where(Organisation.merged_into_id.is_(None))
        ):  # fmt: skip
            facts = {"country": o.country, "sector_id": o.sector_id, "email": o.email, "website": o.website}
            self.by_key[o.id] = Known(o.id, o.name, facts)
        names = sa.select(OrganisationName.organisation_id, OrganisationName.text, OrganisationName.folded)
        for ident, text, folded in db.session.execute(names.order_by(OrganisationName.organisation_id)):
            self._note(self.by_key[self.canonical_key(ident)], text, folded)

    def canonical_key(self, ident: int) -> int:
        """The id at the end of a chain of merges."""
        return _end(ident, self._into)

    def add(self, known: Known, texts: Iterable[str]) -> None:
        self.by_key[known.key] = known
        for text in texts:
            self._note(known, text, fold(text))

    def _note(self, known: Known, text: str, folded: str) -> None:
        known.names.add(text)
        if known not in self._by_name[folded]:
            self._by_name[folded].append(known)

    def match(self, texts: list[str], country: str) -> Known | None:
        """The one that goes by one of the names, in the same country where both say one. Raises Ambiguous."""
        named = {k.key: k for text in texts for k in self._by_name.get(fold(text), ())}
        found = [k for k in named.values() if not country or not k.facts["country"] or k.facts["country"] == country]
        same = [k for k in found if k.facts["country"] == country]
        found = same if len(same) == 1 else found
        if len(found) > 1:
            names = ", ".join(f"“{k.name}”" for k in found[:3])
            raise Ambiguous(f"Several organisations go by these names: {names}. Merge them, or correct the list.")
        return found[0] if found else None

    def elsewhere(self, texts: list[str]) -> Known | None:
        """One of the same name, whatever its country."""
        return next((k for text in texts for k in self._by_name.get(fold(text), ())), None)

    def nearest(self, text: str) -> str:
        """The known name that comes closest, or ""."""
        from rapidfuzz import fuzz, process  # loaded by who compares names

        best = process.extractOne(fold(text), self._by_name.keys(), scorer=fuzz.token_sort_ratio, score_cutoff=80)
        return self._by_name[best[0]][0].name if best and self._by_name[best[0]] else ""


class People:
    """All adults by address, and the listed ones by name. Children are not here: no list can match or change them."""

    def __init__(self, organisations: Organisations) -> None:
        self._by_name: dict[str, list[Known]] = defaultdict(list)
        self._by_email: dict[str, Known] = {}
        self.by_key: dict[int, Known] = {}
        rows = db.session.execute(
            sa.select(
                Person.id, Person.full_name, Person.latin_name, Person.called, Person.email, Person.phone,
                Person.country, Person.at_risk, Person.merged_into_id,
            ).where(Person.is_child.is_(False)).order_by(Person.id)
        ).all()  # fmt: skip
        into = {p.id: p.merged_into_id for p in rows}
        for p in rows:
            if p.merged_into_id is None:
                facts = {name: getattr(p, name) for name in ("latin_name", "called", "email", "phone", "country")}
                self.by_key[p.id] = Known(p.id, p.full_name, facts)
        for p in rows:
            known = self.by_key.get(_end(p.id, into))
            if known is not None:
                self._note(known, "" if p.at_risk else p.full_name, "" if p.at_risk else p.latin_name, p.email)
        for person_id, organisation_id in db.session.execute(
            sa.select(Affiliation.person_id, Affiliation.organisation_id).where(Affiliation.end.is_(None))
        ):
            if person_id in into and (known := self.by_key.get(_end(person_id, into))):
                known.organisations.add(organisations.canonical_key(organisation_id))

    def add(self, known: Known) -> None:
        self.by_key[known.key] = known
        self._note(known, known.name, known.facts["latin_name"], known.facts["email"])

    def _note(self, known: Known, full_name: str, latin_name: str, email: str) -> None:
        for name in {fold(full_name), fold(latin_name)} - {""}:
            if known not in self._by_name[name]:
                self._by_name[name].append(known)
        if email:
            self._by_email.setdefault(email_key(email), known)

    def match(self, full_name: str, latin_name: str, email: str, organisation: int | None) -> Known | None:
        """By address; else by name where nothing speaks against it. Raises Ambiguous."""
        names = [name for name in (full_name, latin_name) if name]
        by_email = self._by_email.get(email_key(email)) if email else None
        if by_email is not None:
            if _far_apart(names, [by_email.name, by_email.facts["latin_name"]]):
                raise Ambiguous(f"The address {email} belongs to “{by_email.name}”. Correct the name or the address.")
            return by_email
        alike = {k.key: k for name in names for k in self._by_name.get(fold(name), ())}.values()
        found = [k for k in alike if not (email and k.facts["email"])]
        if organisation is not None:
            found = [k for k in found if organisation in k.organisations or not k.organisations]
        if len(found) > 1:
            raise Ambiguous("Several people have this name. Give the e-mail address, or the organisation.")
        return found[0] if found else None

    def namesake(self, full_name: str) -> Known | None:
        """Somebody of the same name."""
        return next(iter(self._by_name.get(fold(full_name), ())), None)


def _end(ident: int, into: dict[int, int | None]) -> int:
    for _step in range(queries.FAR):
        following = into.get(ident)
        if following is None:
            return ident
        ident = following
    return ident


def _far_apart(names: list[str], others: list[str]) -> bool:
    """Whether both have names in one script and none comes near the other."""
    from rapidfuzz import fuzz  # loaded by who compares names

    pairs = [(a, b) for a in names for b in others if b and script_of(a) == script_of(b)]
    return bool(pairs) and all(fuzz.token_set_ratio(fold(a), fold(b)) < FAR_APART for a, b in pairs)
