"""Suggestions of whom to meet: read the facts, let ``matching`` choose, keep the pairs. Nothing unlisted goes in."""

import hashlib
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import aliased, joinedload, selectinload

from eventhub import audit, clock
from eventhub.audit import Actor
from eventhub.db import db, lock
from eventhub.directory import queries as directory
from eventhub.directory.models import Organisation, Person
from eventhub.errors import NotFoundError
from eventhub.meetings.models import Meeting
from eventhub.networking import matching, queries_offers
from eventhub.networking.models import Introduction, Profile, Side, Suggestion, SuggestionRound
from eventhub.registration.models import Registration

Couple = tuple[int, int]


def due(at: datetime | None = None) -> list[int]:
    """The meetings whose suggestions are older than what they stand on; those that ended are left alone."""
    today = (at or clock.now()).date()
    meetings = db.session.scalars(
        sa.select(Meeting.id)
        .where(Meeting.ends >= today, sa.exists().where(Profile.meeting_id == Meeting.id))
        .order_by(Meeting.id)
    )
    return [ident for ident in meetings if _last(ident) != digest(ident)]


def _last(meeting_id: int) -> str:
    made = db.session.get(SuggestionRound, meeting_id)
    return made.seen if made is not None else ""


def digest(meeting_id: int) -> str:
    """Changes whenever somebody says something else, comes, goes, is introduced, or says "not for me"."""
    people = queries_offers.shown(meeting_id).with_only_columns(Profile.id, Profile.updated_at).order_by(Profile.id)
    pairs = sa.select(sa.func.count(), sa.func.max(Introduction.id)).select_from(Introduction)
    refused = sa.select(sa.func.count()).where(
        Suggestion.meeting_id == meeting_id, sa.or_(Suggestion.not_for_a, Suggestion.not_for_b)
    )
    told = [
        [(ident, at.isoformat()) for ident, at in db.session.execute(people)],
        [tuple(row) for row in db.session.execute(pairs)],
        db.session.scalar(refused),
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()


def facts(meeting_id: int) -> list[matching.Facts]:
    """What the listed participants of a meeting say, as the matching takes it."""
    profiles = db.session.scalars(
        queries_offers.shown(meeting_id).options(
            joinedload(Profile.registration).options(
                joinedload(Registration.person), joinedload(Registration.organisation)
            ),
            selectinload(Profile.codes),
        )
    )
    homes = directory.canonical_ids(Organisation)
    persons = directory.canonical_ids(Person)
    return [_facts(profile, persons, homes) for profile in profiles]


def _facts(profile: Profile, persons: dict[int, int], homes: dict[int, int]) -> matching.Facts:
    registration = profile.registration
    home = registration.organisation_id
    codes: dict[Side, list[tuple[str, str]]] = {side: [] for side in Side}
    for row in profile.codes:
        codes[row.side].append((row.scheme, row.code))
    plain = {side: frozenset(code for _none, code in codes[side]) for side in (Side.LEVEL, Side.COUNTRY, Side.LANGUAGE)}
    return matching.Facts(
        ident=profile.id,
        person=persons.get(registration.person_id, registration.person_id),
        organisation=f"#{homes.get(home, home)}" if home else directory.fold(registration.organisation_text),
        country=registration.country,
        sector=registration.sector_id,
        offers=frozenset(codes[Side.OFFERS]),
        seeks=frozenset(codes[Side.SEEKS]),
        works_on=frozenset(codes[Side.WORKS_ON]),
        levels=plain[Side.LEVEL],
        countries=plain[Side.COUNTRY],
        languages=plain[Side.LANGUAGE],
        offer_words=matching.words(directory.fold(f"{profile.offers} {profile.works_on}")),
        seek_words=matching.words(directory.fold(profile.seeks)),
    )


def apart(meeting_id: int) -> set[Couple]:
    """Pairs of canonical persons who were introduced already, at any meeting, or of whom one said "not for me"."""
    persons = directory.canonical_ids(Person)
    one, other = aliased(Registration), aliased(Registration)
    a, b = aliased(Profile), aliased(Profile)
    refused = (
        sa.select(one.person_id, other.person_id)
        .select_from(Suggestion)
        .join(a, Suggestion.a_id == a.id)
        .join(b, Suggestion.b_id == b.id)
        .join(one, a.registration_id == one.id)
        .join(other, b.registration_id == other.id)
        .where(Suggestion.meeting_id == meeting_id, sa.or_(Suggestion.not_for_a, Suggestion.not_for_b))
    )
    met = sa.select(Introduction.a_id, Introduction.b_id)
    pairs = [*db.session.execute(refused), *db.session.execute(met)]
    found = set()
    for first, second in pairs:
        ids = sorted((persons.get(first, first), persons.get(second, second)))
        found.add((ids[0], ids[1]))
    return found


def standing(meeting_id: int) -> list[Couple]:
    """The pairs of profiles that are suggested now."""
    rows = db.session.execute(
        sa.select(Suggestion.a_id, Suggestion.b_id)
        .where(Suggestion.meeting_id == meeting_id, Suggestion.current)
        .order_by(Suggestion.id)
    )
    return [(a, b) for a, b in rows]


def keep(meeting_id: int, pairs: list[matching.Pair], seen: str, *, at: datetime | None = None) -> int:
    """Put the pairs in place of those before; returns how many stand.

    Who went from the list in the meantime is left out. What somebody said "not for me" of is remembered.
    """
    lock(Meeting, meeting_id)
    listed = set(db.session.scalars(queries_offers.shown(meeting_id).with_only_columns(Profile.id)))
    rows = list(db.session.scalars(sa.select(Suggestion).where(Suggestion.meeting_id == meeting_id)))
    known = {(row.a_id, row.b_id): row for row in rows}
    wanted = {(pair.a, pair.b): pair.points for pair in pairs if {pair.a, pair.b} <= listed}
    for couple, row in known.items():
        if couple in wanted:
            row.points, row.current = wanted[couple], True
        elif row.not_for_a or row.not_for_b:
            row.current = False
        else:
            db.session.delete(row)
    new = [couple for couple in wanted if couple not in known]
    db.session.add_all(Suggestion(meeting_id=meeting_id, a_id=a, b_id=b, points=wanted[a, b]) for a, b in new)
    made = db.session.get(SuggestionRound, meeting_id)
    if made is None:
        made = SuggestionRound(meeting_id=meeting_id)
        db.session.add(made)
    made.seen, made.made_at = seen, at or clock.now()
    db.session.flush()
    return len(wanted)


def suggest(meeting_id: int) -> int:
    """All in one transaction, for who need not let others write meanwhile; returns how many suggestions stand."""
    seen = digest(meeting_id)
    pairs = matching.suggest(facts(meeting_id), apart(meeting_id), standing(meeting_id))
    return keep(meeting_id, pairs, seen)


def not_for_me(registration: Registration, suggestion_id: int, *, by: Actor) -> None:
    """Hide one suggestion from both, without telling the other. Twice is once. Raises NotFoundError for another's."""
    profile = queries_offers.find_profile(registration.id)
    row = lock(Suggestion, suggestion_id)
    if profile is None or row is None or profile.id not in (row.a_id, row.b_id):
        raise NotFoundError(_("This suggestion is not on your list any more."))
    side = "not_for_a" if row.a_id == profile.id else "not_for_b"
    if not getattr(row, side):
        setattr(row, side, True)
        db.session.flush()
        audit.record(by, "put aside", row)
