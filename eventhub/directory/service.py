"""Rules for organisations and people: their names, who belonged where, and which two records are one.

A merge only points the second record to the first; nothing is moved, so it can be undone. Readers ask for the
canonical record (``queries.canonical``).
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, TypeVar

from flask_babel import lazy_gettext as _

from eventhub import audit
from eventhub.audit import Actor
from eventhub.db import db, lock
from eventhub.directory import queries
from eventhub.directory.checks import check_country, check_email, check_latin, check_line, check_name, check_website
from eventhub.directory.models import (
    Affiliation,
    Membership,
    NameKind,
    Organisation,
    OrganisationName,
    Person,
    Precision,
)
from eventhub.directory.names import email_key, fold, script_of, sort_key
from eventhub.errors import InvalidError, StaleError
from eventhub.meetings.models import Sector
from eventhub.pages import clean_line

MOST_NAMES = 40
Row = TypeVar("Row", Organisation, Person)
Names = Iterable[tuple[str, str, NameKind | str]]  # text, language, kind


# organisations


def create_organisation(
    *,
    name: str,
    country: str = "",
    sector: Sector | None = None,
    email: str = "",
    website: str = "",
    names: Names = (),
    by: Actor,
) -> Organisation:
    """Make an organisation. ``names`` are its further names: (text, language, kind). Raises InvalidError."""
    organisation = Organisation(
        name=check_name(name, "name"),
        country=check_country(country),
        sector=sector,
        email=check_email(email),
        website=check_website(website),
    )
    _set_names(organisation, names)
    db.session.add(organisation)
    db.session.flush()
    audit.record(by, "created", organisation)
    return organisation


def change_organisation(
    organisation: Organisation, *, version: int, names: Names | None = None, by: Actor, **facts: Any
) -> Organisation:
    """Change facts and, when given, all names; ``version`` is the one that the person saw. Raises StaleError."""
    if organisation.version != version:
        raise StaleError
    checks = {
        "country": check_country,
        "email": check_email,
        "website": check_website,
        "name": lambda text: check_name(text, "name"),
    }
    facts = {name: checks[name](value) if name in checks else value for name, value in facts.items()}
    changed = _apply(organisation, facts)
    if names is not None or "name" in changed:
        before = [n.text for n in organisation.names]
        _set_names(organisation, names if names is not None else [(n.text, n.lang, n.kind) for n in organisation.names])
        if [n.text for n in organisation.names] != before:
            changed["names"] = before
    db.session.flush()
    if changed:
        audit.record(by, "changed", organisation, before=changed)
    return organisation


def add_membership(
    organisation: Organisation,
    network: Organisation,
    *,
    role: str = "member",
    start: date | None = None,
    start_precision: Precision | None = None,
    end: date | None = None,
    end_precision: Precision | None = None,
    by: Actor,
) -> Membership:
    """Note that an organisation belongs to a network, from–to. The same present membership twice is one."""
    if organisation.id == network.id:
        raise InvalidError(_("An organisation cannot be a member of itself."), field="network")
    _in_order(start, end)
    for held, there in queries.list_memberships(organisation):
        if there.id == network.id and held.role == role and held.start == start and held.end == end:
            return held
    membership = Membership(
        organisation_id=organisation.id,
        network_id=network.id,
        role=role,
        start=start,
        start_precision=_precision(start, start_precision),
        end=end,
        end_precision=_precision(end, end_precision),
    )
    db.session.add(membership)
    db.session.flush()
    audit.record(by, "joined", organisation, network=network.id)
    return membership


def _set_names(organisation: Organisation, names: Names) -> None:
    """The shown name first, then the others; a text stands once. Keeps the search text in step."""
    wanted: dict[str, tuple[str, NameKind]] = {}
    for text, lang, kind in [(organisation.name, "", NameKind.OFFICIAL), *names]:
        text = check_name(text, "names")
        if text not in wanted or (text == organisation.name and lang):
            wanted[text] = (str(clean_line(lang) or "")[:16], NameKind(kind))
    if len(wanted) > MOST_NAMES:
        raise InvalidError(_("An organisation can have at most %(most)s names here.", most=MOST_NAMES), field="names")
    held = {name.text: name for name in organisation.names}
    organisation.names[:] = [held.get(text) or OrganisationName(text=text) for text in wanted]
    for name in organisation.names:
        name.lang, name.kind = wanted[name.text]
        name.folded, name.script = fold(name.text), script_of(name.text)
    organisation.search_text = "\n".join(dict.fromkeys(name.folded for name in organisation.names))


# people


def create_person(*, by: Actor, **facts: Any) -> Person:
    """``new_person``, written at once."""
    person = new_person(by=by, **facts)
    db.session.flush()
    return person


def new_person(
    *,
    full_name: str,
    latin_name: str = "",
    called: str = "",
    email: str = "",
    phone: str = "",
    language: str = "en",
    country: str = "",
    is_child: bool = False,
    at_risk: bool = False,
    by: Actor,
) -> Person:
    """Make a person: only the name, as they write it, is needed. Raises InvalidError.

    The row is written with the session's next flush: together with what belongs to it, that costs half.
    """
    person = Person(
        full_name=check_name(full_name, "full_name"),
        latin_name=check_latin(latin_name),
        called=check_line(called, "called"),
        email=check_email(email),
        phone=check_line(phone, "phone"),
        language=language or "en",
        country=check_country(country),
        is_child=is_child,
        at_risk=at_risk,
    )
    _index(person)
    db.session.add(person)
    audit.record(by, "created", person)
    return person


def change_person(person: Person, *, version: int, by: Actor, **facts: Any) -> Person:
    """Change facts; ``version`` is the one that the editor saw. Raises StaleError, InvalidError."""
    if person.version != version:
        raise StaleError
    checks = {"country": check_country, "email": check_email, "latin_name": check_latin}
    for name, value in facts.items():
        if name in checks:
            facts[name] = checks[name](value)
        elif name == "full_name":
            facts[name] = check_name(value, name)
        elif isinstance(value, str):
            facts[name] = check_line(value, name)
    changed = _apply(person, facts)
    _index(person)
    db.session.flush()
    if person.at_risk and "at_risk" in changed:
        _mark_all_at_risk(person)
    if changed:  # of a child, the trail holds no more than which facts were changed
        hidden = person.is_child or person.at_risk or "is_child" in changed
        audit.record(by, "changed", person, **({"changed": sorted(changed)} if hidden else {"before": changed}))
    return person


def affiliate(
    person: Person,
    organisation: Organisation,
    *,
    post: str = "",
    start: date | None = None,
    start_precision: Precision | None = None,
    end: date | None = None,
    end_precision: Precision | None = None,
    by: Actor,
) -> Affiliation:
    """Note that a person belongs to an organisation, from–to. Facts are added: a new post is a new row.

    Saying again what is known (the same organisation, present, the same post or none said) adds nothing. Precisions
    default to the day where a date is given, else to unknown.
    """
    _in_order(start, end)
    post = check_line(post, "post")
    for held in person.affiliations:
        if held.organisation_id == organisation.id and (held.start == start or start is None) and held.end == end:
            if not post or fold(post) == fold(held.post):
                return held
            if not held.post:
                held.post = post
                db.session.flush()
                return held
    affiliation = Affiliation(
        organisation=organisation,
        post=post,
        start=start,
        start_precision=_precision(start, start_precision),
        end=end,
        end_precision=_precision(end, end_precision),
    )
    person.affiliations.append(affiliation)
    db.session.flush()
    audit.record(by, "affiliated", person, organisation=organisation.id)
    return affiliation


def end_affiliation(
    affiliation: Affiliation, *, end: date, end_precision: Precision = Precision.DAY, by: Actor
) -> Affiliation:
    """Say when a person left. Said twice, the later word counts."""
    _in_order(affiliation.start, end)
    affiliation.end, affiliation.end_precision = end, end_precision
    db.session.flush()
    audit.record(by, "left", affiliation.person, organisation=affiliation.organisation_id)
    return affiliation


def _index(person: Person) -> None:
    """Sort key, e-mail key and search text. A child is found by its chosen name alone."""
    person.email_key = email_key(person.email)
    if person.is_child:
        person.sort_key = person.search_text = fold(person.called)
        return
    person.sort_key = sort_key(person.full_name, person.latin_name)
    texts = [fold(person.full_name), fold(person.latin_name), fold(person.called), fold(person.email)]
    person.search_text = "\n".join(dict.fromkeys(text for text in texts if text))


# which two are one


def merge(kept: Row, gone: Row, *, by: Actor) -> Row:
    """Somebody decided that both records are one: ``gone`` points to ``kept`` from now on; the canonical comes back.

    Nothing else changes, but that somebody at risk stays so under every name. Merging again what is one already changes
    nothing. Raises InvalidError for a child and an adult.
    """
    model = type(kept)
    for ident in sorted({kept.id, gone.id}):  # always in the same order, so that two editors cannot hold each other
        lock(model, ident)
    kept, gone = queries.canonical(kept), queries.canonical(gone)
    if kept.id == gone.id:
        return kept
    if isinstance(kept, Person) and isinstance(gone, Person) and kept.is_child != gone.is_child:
        raise InvalidError(_("One of the two is a child and the other is not. Look at both records first."))
    gone.merged_into_id = kept.id
    db.session.flush()
    if isinstance(kept, Person) and isinstance(gone, Person) and (kept.at_risk or gone.at_risk):
        _mark_all_at_risk(kept)
    audit.record(by, "merged", gone, into=kept.id)
    return kept


def _mark_all_at_risk(person: Person) -> None:
    """Every record of somebody at risk says so: whoever looks at one of them must not find a listed name."""
    for ident in queries.family_ids(queries.canonical(person)):
        found = db.session.get(Person, ident)
        if found is not None and not found.at_risk:
            found.at_risk = True
    db.session.flush()


def undo_merge(gone: Row, *, by: Actor) -> Row:
    """Two records after all. Undoing twice is undoing once."""
    if gone.merged_into_id is not None:
        audit.record(by, "unmerged", gone, of=gone.merged_into_id)
        gone.merged_into_id = None
        db.session.flush()
    return gone


# what the table cannot say


def _apply(row: Organisation | Person, facts: dict[str, Any]) -> dict[str, Any]:
    """Set what differs; what it was before, as text."""
    before: dict[str, Any] = {}
    for name, value in facts.items():
        if getattr(row, name) != value:
            was = getattr(row, name)
            before[name] = was.name if isinstance(was, Sector) else str(was)
            setattr(row, name, value)
    return before


def _in_order(start: date | None, end: date | None) -> None:
    if start and end and end < start:
        raise InvalidError(_("The end lies before the beginning."), field="end")


def _precision(day: date | None, precision: Precision | None) -> Precision:
    if day is None:
        return Precision.UNKNOWN
    return precision or Precision.DAY
