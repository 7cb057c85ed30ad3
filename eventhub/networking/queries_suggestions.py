"""Looking up suggestions, and why: only where both are listed now, from what both say now."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy.orm import joinedload

from eventhub.db import db, page_of
from eventhub.directory import queries as directory
from eventhub.networking import matching, queries_offers
from eventhub.networking.models import Introduction, Profile, Side, Suggestion
from eventhub.registration.models import Registration

PER_PAGE = 50
MOST_WORDS = 3


class Why(StrEnum):
    THEY_OFFER = "they_offer"  # the reader seeks it
    YOU_OFFER = "you_offer"
    THEIR_WORDS = "their_words"
    YOUR_WORDS = "your_words"
    BOTH_WORK_ON = "both_work_on"
    LEVEL = "level"
    WORKS_IN = "works_in"
    OTHER_COUNTRY = "other_country"
    OTHER_SECTOR = "other_sector"


@dataclass(frozen=True)
class Reason:
    why: Why
    codes: tuple[tuple[str, str], ...] = ()  # (scheme, code); scheme is "" for levels and countries
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Suggested:
    """One suggestion as one of the two sees it."""

    id: int
    you: Profile
    other: Profile
    reasons: tuple[Reason, ...]


def _standing(meeting_id: int) -> sa.Select[Any]:
    shown = queries_offers.shown(meeting_id).with_only_columns(Profile.id)
    return (
        sa.select(Suggestion)
        .where(
            Suggestion.meeting_id == meeting_id,
            Suggestion.current,
            ~Suggestion.not_for_a,
            ~Suggestion.not_for_b,
            Suggestion.a_id.in_(shown),
            Suggestion.b_id.in_(shown),
        )
        .options(*(option for side in (Suggestion.a, Suggestion.b) for option in _whole(side)))
        .order_by(Suggestion.points.desc(), Suggestion.id)
    )


def _whole(side: Any) -> list[sa.orm.interfaces.ORMOption]:
    registration = joinedload(side).joinedload(Profile.registration)
    return [
        registration.joinedload(Registration.person),
        registration.joinedload(Registration.organisation),
        registration.joinedload(Registration.sector),
        joinedload(side).selectinload(Profile.codes),
    ]


def list_for(registration: Registration) -> list[Suggested]:
    """Whom a participant should meet, best first; who was introduced to them meanwhile is gone."""
    profile = queries_offers.find_profile(registration.id)
    if profile is None:
        return []
    rows = db.session.scalars(
        _standing(registration.meeting_id).where(sa.or_(Suggestion.a_id == profile.id, Suggestion.b_id == profile.id))
    ).all()
    found = [_seen_by(row, row.a if row.a_id == profile.id else row.b) for row in rows]
    met = _met(registration) if found else set()
    return [one for one in found if one.reasons and one.other.registration.person_id not in met]


def _met(registration: Registration) -> set[int]:
    me = registration.person_id
    pairs = db.session.execute(
        sa.select(Introduction.a_id, Introduction.b_id).where(sa.or_(Introduction.a_id == me, Introduction.b_id == me))
    )
    return {ident for pair in pairs for ident in pair} - {me}


def list_all(meeting_id: int, page: int = 1) -> tuple[Pagination, list[Suggested]]:
    """A page of a meeting's suggestions, best first, each as its first person would see it."""
    found = page_of(_standing(meeting_id), page, PER_PAGE)
    return found, [_seen_by(row, row.a) for row in found.items]


def _seen_by(row: Suggestion, you: Profile) -> Suggested:
    other = row.b if you is row.a else row.a
    return Suggested(row.id, you, other, tuple(reasons(you, other)))


def reasons(you: Profile, other: Profile) -> list[Reason]:
    """Why two should meet, the weightiest first, as one of them reads it."""
    mine, theirs = _codes(you), _codes(other)
    found = [
        Reason(Why.THEY_OFFER, _both(mine[Side.SEEKS], theirs[Side.OFFERS])),
        Reason(Why.YOU_OFFER, _both(mine[Side.OFFERS], theirs[Side.SEEKS])),
        Reason(Why.THEIR_WORDS, words=_shared(you.seeks, f"{other.offers} {other.works_on}")),
        Reason(Why.YOUR_WORDS, words=_shared(other.seeks, f"{you.offers} {you.works_on}")),
        Reason(Why.BOTH_WORK_ON, _both(mine[Side.WORKS_ON], theirs[Side.WORKS_ON])),
        Reason(Why.LEVEL, _both(mine[Side.LEVEL], theirs[Side.LEVEL])),
        Reason(Why.WORKS_IN, _both(mine[Side.COUNTRY], theirs[Side.COUNTRY])),
    ]
    told = [reason for reason in found if reason.codes or reason.words]
    here, there = you.registration, other.registration
    if here.country and there.country and here.country != there.country:
        told.append(Reason(Why.OTHER_COUNTRY, (("", there.country),)))
    if here.sector_id and there.sector_id and here.sector_id != there.sector_id:
        told.append(Reason(Why.OTHER_SECTOR))
    return told


def _codes(profile: Profile) -> dict[Side, list[tuple[str, str]]]:
    said: dict[Side, list[tuple[str, str]]] = {side: [] for side in Side}
    for row in profile.codes:
        said[row.side].append((row.scheme, row.code))
    return said


def _both(one: list[tuple[str, str]], other: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(code for code in one if code in other)


def _shared(sought: str, offered: str) -> tuple[str, ...]:
    """Words that both texts hold, the longest first. Scripts without spaces are compared, but quoted in no pieces."""
    words = set(matching.words(directory.fold(sought))) & set(matching.words(directory.fold(offered)))
    whole = sorted((word for word in words if len(word) > 3), key=lambda word: (-len(word), word))
    return tuple(whole[:MOST_WORDS])
