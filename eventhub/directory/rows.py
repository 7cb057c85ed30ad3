"""One row of a list: what it says, which record it means, what it adds, and writing that."""

import re
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _

from eventhub import audit
from eventhub.audit import Actor
from eventhub.db import db
from eventhub.directory import imprecise, queries, service
from eventhub.directory.checks import check_email, check_latin, check_line, check_name, check_website
from eventhub.directory.languages import find_language
from eventhub.directory.matching import Ambiguous, Known, Organisations, People
from eventhub.directory.models import NameKind
from eventhub.directory.names import fold
from eventhub.directory.places import country_name, find_country, nearest_country
from eventhub.errors import InvalidError
from eventhub.meetings import queries as meetings
from eventhub.meetings.models import Sector

_BETWEEN_NAMES = re.compile(r"[;|\n]|\s/\s")


@dataclass
class Row:
    """A row as it stands in the list: its number, all its cells, those we know by our own names, what was noticed."""

    number: int
    cells: list[str]
    values: dict[str, str]
    notes: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What to call the row in the preview, even when it cannot be imported."""
        given = f"{self.values.get('given', '')} {self.values.get('family', '')}".strip()
        return (self.values.get("name") or self.values.get("full_name") or given)[:300]


@dataclass
class Decided:
    """What a row means: ``state`` new, completes or known; ``facts`` for the service; ``key`` of the record it is."""

    state: str
    name: str
    facts: dict[str, Any]
    key: int = 0
    brings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class OrganisationRows:
    """Organisations, matched by any of their names within a country."""

    def __init__(self) -> None:
        self.known = Organisations()
        sectors = meetings.list_sectors()
        self.sectors = {_singular(text): s.id for s in sectors for text in (s.code, s.name)}
        self.called = ", ".join(s.name for s in sectors) or "none yet"

    def decide(self, row: Row) -> Decided:
        facts, notes = self._facts(row)
        texts = [facts["name"], *(text for text, _lang, _kind in facts["names"])]
        try:
            held = self.known.match(texts, facts["country"])
        except Ambiguous as error:
            raise InvalidError(str(error)) from error
        if held is None:
            namesake = self.known.elsewhere(texts)
            if namesake is not None:
                notes.append(f"Another organisation of this name is in {country_name(namesake.facts['country'])}.")
            where = [country_name(facts["country"])] if facts["country"] else []
            brings = [*texts[1:], *where, *(facts[name] for name in ("email", "website") if facts[name])]
            return Decided("new", facts["name"], facts, -row.number, brings, notes)
        if held.key < 0:
            notes.append(f"The same as row {-held.key}.")
        new_names = [text for text in texts if text not in held.names]
        filled = [name for name in ("country", "sector_id", "email", "website") if facts[name] and not held.facts[name]]
        brings = new_names + [str(facts[name]) for name in filled if name != "sector_id"]
        notes += [
            f"The directory has another {label}: {held.facts[name]}. It stays."
            for name, label in (("email", "address"), ("website", "website"))
            if facts[name] and held.facts[name] and facts[name].casefold() != held.facts[name].casefold()
        ]
        state = "completes" if new_names or filled else "known"
        return Decided(state, held.name, facts, held.key, brings, notes)

    def write(self, row: Row, decided: Decided, by: Actor) -> None:
        facts = dict(decided.facts)
        sector_id = facts.pop("sector_id")
        sector = db.session.get(Sector, sector_id) if sector_id else None
        if decided.state == "new":
            decided.key = service.create_organisation(**facts, sector=sector, by=by).id
            return
        found = queries.get_organisation(decided.key)
        names = [(n.text, n.lang, n.kind) for n in found.names]
        names += [(facts["name"], "", NameKind.ALIAS), *facts["names"]]
        fill = {n: facts[n] for n in ("country", "email", "website") if facts[n] and not getattr(found, n)}
        if sector is not None and found.sector_id is None:
            fill["sector"] = sector
        service.change_organisation(found, version=found.version, names=names, **fill, by=by)
        audit.record(by, "imported", found)

    def remember(self, row: Row, decided: Decided) -> None:
        """Later rows of the list may mean this one."""
        texts = [decided.facts["name"], *(text for text, _lang, _kind in decided.facts["names"])]
        held = self.known.by_key.get(decided.key)
        if held is None:
            held = Known(decided.key, decided.name, {})
        for name in ("country", "sector_id", "email", "website"):
            held.facts[name] = held.facts.get(name) or decided.facts[name]
        self.known.add(held, texts)

    def _facts(self, row: Row) -> tuple[dict[str, Any], list[str]]:
        get, notes = row.values.get, []
        names = [(text, "", NameKind.SHORT) for text in _split(get("short", ""))]
        names += [(text, "", NameKind.ALIAS) for text in _split(get("aliases", ""))]
        names += [(text, "", NameKind.FORMER) for text in _split(get("former", ""))]
        for key, text in row.values.items():
            if key.startswith("name:") and text:
                names.append((text, key[5:], NameKind.OFFICIAL))
        sector = self.sectors.get(_singular(get("sector", "")))
        if get("sector") and sector is None:
            notes.append(
                f"No sector is called “{row.values['sector'][:60]}”. It comes in without one. There are: {self.called}."
            )
        return {
            "name": check_name(get("name", ""), "name"),
            "names": [(check_name(text, "names"), lang, kind) for text, lang, kind in names],
            "country": _country(get("country", "")),
            "sector_id": sector,
            "email": check_email(get("email", "")),
            "website": check_website(get("website", "")),
        }, notes


def _singular(text: str) -> str:
    """A sector's name as it is compared: "Research institution" in a list means "Research institutions"."""
    return " ".join(word.removesuffix("s") for word in fold(text).split())


class PeopleRows:
    """Adults, matched by address, else by name and organisation."""

    def __init__(self) -> None:
        self.organisations = Organisations()
        self.known = People(self.organisations)

    def decide(self, row: Row) -> Decided:
        facts = self._facts(row)
        organisation = self._organisation(row, facts["country"])
        try:
            held = self.known.match(facts["full_name"], facts["latin_name"], facts["email"], organisation)
        except Ambiguous as error:
            raise InvalidError(str(error)) from error
        facts["organisation_id"] = organisation
        belongs = [row.values["organisation"]] if organisation else []
        if held is None:
            notes = []
            if self.known.namesake(facts["full_name"]):
                notes.append("Somebody of the same name is in the directory. This is taken as another person.")
            own = [facts[name] for name in ("latin_name", "email") if facts[name]]
            return Decided("new", facts["full_name"], facts, -row.number, [*own, *belongs], notes)
        notes = [f"The same as row {-held.key}."] if held.key < 0 else []
        filled = [n for n in held.facts if facts[n] and not held.facts[n]]
        joins = organisation is not None and organisation not in held.organisations
        brings = [facts[n] for n in filled] + (belongs if joins else [])
        return Decided("completes" if filled or joins else "known", held.name, facts, held.key, brings, notes)

    def write(self, row: Row, decided: Decided, by: Actor) -> None:
        own = {
            n: v for n, v in decided.facts.items() if n not in ("organisation_id", "post", "start", "start_precision")
        }
        if decided.state == "new":
            person = service.create_person(**own, by=by)
            decided.key = person.id
        else:
            person = queries.get_person(decided.key)
            fill = {
                n: own[n]
                for n in ("latin_name", "called", "email", "phone", "country")
                if own[n] and not getattr(person, n)
            }
            service.change_person(person, version=person.version, **fill, by=by)
            audit.record(by, "imported", person)
        organisation_id = decided.facts["organisation_id"]
        held = self.known.by_key.get(decided.key)
        if organisation_id and (held is None or organisation_id not in held.organisations):
            service.affiliate(
                person,
                queries.get_organisation(organisation_id),
                post=decided.facts["post"],
                start=decided.facts["start"],
                start_precision=decided.facts["start_precision"],
                by=by,
            )

    def remember(self, row: Row, decided: Decided) -> None:
        """Later rows of the list may mean this one."""
        held = self.known.by_key.get(decided.key) or Known(decided.key, decided.name, {})
        for name in ("latin_name", "called", "email", "phone", "country"):
            held.facts[name] = held.facts.get(name) or decided.facts[name]
        if decided.facts["organisation_id"]:
            held.organisations.add(decided.facts["organisation_id"])
        self.known.add(held)

    def _organisation(self, row: Row, country: str) -> int | None:
        text = row.values.get("organisation", "")
        if not text:
            return None
        try:
            held = self.organisations.match([text], "")
        except Ambiguous:
            try:
                held = self.organisations.match([text], country)
            except Ambiguous as error:
                raise InvalidError(str(error)) from error
        if held is None:
            near = self.organisations.nearest(text)
            if near:
                raise InvalidError(
                    _("No organisation goes by the name “%(text)s”. Is it “%(near)s”?", text=text[:100], near=near)
                )
            raise InvalidError(
                _("No organisation goes by the name “%(text)s”. Import the organisations first.", text=text[:100])
            )
        return held.key

    def _facts(self, row: Row) -> dict[str, Any]:
        get = row.values.get
        start, precision = imprecise.parse(get("start", ""), "start")
        latin = get("latin_name", "")
        return {
            "full_name": check_name(get("full_name") or f"{get('given', '')} {get('family', '')}", "full_name"),
            "latin_name": check_latin(latin),
            "called": check_line(get("called", ""), "called"),
            "email": check_email(get("email", "")),
            "phone": check_line(get("phone", ""), "phone"),
            "country": _country(get("country", "")),
            "language": find_language(get("language", "")) or "en",
            "post": check_line(get("post", ""), "post"),
            "start": start,
            "start_precision": precision,
        }


def _split(text: str) -> list[str]:
    return [part.strip() for part in _BETWEEN_NAMES.split(text) if part.strip()]


def _country(text: str) -> str:
    if not text:
        return ""
    code = find_country(text)
    if code is None:
        near = nearest_country(text)
        if near:
            sentence = _("No country or territory is called “%(text)s”. Is it %(near)s?", text=text[:60], near=near)
        else:
            sentence = _("No country or territory is called “%(text)s”.", text=text[:60])
        raise InvalidError(sentence, field="country")
    return code
