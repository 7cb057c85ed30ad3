"""The partnerships as every figure reads them: plain rows, a dozen statements however many there are.

Where a partnership stands is asked of ``partnerships.queries`` itself, so that no figure can have a rule of its own;
only the rows are lighter than the records that pages show. Partnerships in which somebody is at risk are in no figure and on no map.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from threading import Lock
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from eventhub.db import db
from eventhub.directory import imprecise
from eventhub.directory import queries as directory
from eventhub.directory.imprecise import Bounds, Span
from eventhub.directory.models import Organisation
from eventhub.meetings.models import Meeting
from eventhub.networking.models import Introduction
from eventhub.partnerships import queries as partnerships
from eventhub.partnerships import timing
from eventhub.partnerships.ladder import Stage, Standing, Word
from eventhub.partnerships.models import (
    Activity,
    Evidence,
    Level,
    Origin,
    Partnership,
    Party,
    StageStatement,
    Substantiation,
    Theme,
    Verification,
)
from eventhub.partnerships.states import FieldGroup, OriginKind, Rung, Sensitivity, Visibility
from eventhub.partnerships.words import word
from eventhub.reports import marks
from eventhub.reports.marks import Mark

_SAID = (Word.CONFIRMED, Word.CHANGED, Word.CORRECTED, Word.DISPUTED)


@dataclass(frozen=True)
class About:
    """A theme of a partnership."""

    scheme: StrEnum
    code: str  # "" for words of the network's own
    label: str
    primary: bool

    @property
    def key(self) -> str:
        """What tells it from every other theme: codes of two schemes may be the same."""
        return f"{self.scheme.value}:{self.code or self.label}"

    @property
    def words(self) -> str:
        """The theme for people: a code never stands alone."""
        if not self.code:
            return self.label
        return f"{word(self.scheme)} {self.code}" + (f": {self.label}" if self.label else "")


@dataclass(frozen=True)
class Kept:
    """One partnership, computed. Organisations are canonical: a merged one is the one it was merged into."""

    id: int
    ref: str
    title: str
    public: bool
    sensitive: bool  # counted, and never named outside
    state: str
    meeting_id: int | None
    session_id: int | None
    introducer_id: int | None  # a person
    kind: OriginKind
    influence: str  # of the meeting, as it was stated: started | speeded_up | none | unknown
    parties: tuple[int, ...]  # organisations
    standing: Standing
    counted: bool  # whether headline figures count it: confirmed and above
    stage: Stage | None
    levels: tuple[str, ...]
    themes: tuple[About, ...]
    contact: Bounds | None
    first: Bounds | None  # the first activity after it; of a counted one only activities that all confirmed
    time: Span | None  # days from contact to the first activity
    activities: tuple[tuple[int, bool], ...]  # id, and whether all confirmed it
    acts: tuple[Any, ...]  # the same activities' rows
    answered: int  # parties that answered anything at all about the facts
    asked: int
    since: date  # the day that it is placed at on a line of years
    stages: tuple[tuple[date, Stage | None], ...]

    @property
    def counted_activities(self) -> int:
        return sum(confirmed for _id, confirmed in self.activities)

    @property
    def silent(self) -> bool:
        """Parties were asked, and none has answered: that is not the same as "no"."""
        return self.asked > 0 and self.answered == 0

    def theme_words(self) -> list[str]:
        """Its themes for people, the main one first."""
        if len(self.themes) < 2:
            return [one.words for one in self.themes]
        return list(dict.fromkeys(one.words for one in sorted(self.themes, key=lambda one: not one.primary)))

    def stage_at(self, day: date) -> Stage | None:
        """The stage by the newest statement up to a day."""
        known = [stage for said, stage in self.stages if said <= day]
        return known[-1] if known else None


_lock = Lock()
_large: dict[int, Kept] = {}  # of a large network, as it was at the mark
_list: list[Kept] = []
_seen: Mark | None = None


def read(*, themes: bool = True) -> list[Kept]:
    """Every partnership that is not hidden, oldest first; ``themes`` may leave out levels and themes.

    A large network is kept, and only the records that somebody touched since are read again.
    """
    global _large, _list, _seen
    now = marks.mark()
    if now is None:
        return _read(themes)
    with _lock:
        if _seen != now:
            only = marks.touched(_seen, now) if _seen is not None else None
            fresh = {row.id: row for row in _read(True, only)}
            kept = {} if only is None else {ident: row for ident, row in _large.items() if ident not in only}
            _large = kept | fresh
            _list = sorted(_large.values(), key=lambda row: row.id)
            _seen = now
        return _list


def words_of_theme(key: str) -> str:
    """A theme's key (``About.key``) in words, as a record has it; the key's own end where no record does."""
    end = key.partition(":")[2]
    rows = db.session.execute(
        sa.select(Theme.scheme, Theme.code, Theme.label, Theme.primary)
        .where(sa.or_(Theme.code == end, Theme.label == end))
        .distinct()
    )
    return next((found.words for row in rows if (found := About(*row)).key == key), end)


def forget() -> None:
    """Read everything anew."""
    global _seen
    with _lock:
        _seen = None


def _read(themes: bool, only: Collection[int] | None = None) -> list[Kept]:
    """The partnerships, or ``only`` some of them."""
    into = directory.canonical_ids(Organisation)
    orders: dict[Any, Any] = {
        Party: (Party.id,),
        Activity: (Activity.id,),
        Verification: (Verification.id,),
        Evidence: (Evidence.id,),
        Substantiation: (Substantiation.id,),
        StageStatement: (StageStatement.stated_on, StageStatement.id),
    }
    if themes:
        orders |= {Level: (Level.id,), Theme: (Theme.id,)}

    def wanted(statement: sa.Select[Any], column: Any) -> sa.Select[Any]:
        return statement if only is None else statement.where(column.in_(only))

    parts = {
        model: _grouped(wanted(_rows(model), model.partnership_id).order_by(*order)) for model, order in orders.items()
    }
    shown = wanted(_rows(Partnership), Partnership.id).where(partnerships.is_open()).order_by(Partnership.id)
    begun = wanted(_origins(), Origin.partnership_id)
    origins = {row.partnership_id: row for row in db.session.execute(begun)}
    kept = []
    for row in db.session.execute(shown):
        held = SimpleNamespace(
            title=row.title,
            parties=parts[Party].get(row.id, []),
            origin=origins.get(row.id),
            activities=parts[Activity].get(row.id, []),
            verifications=parts[Verification].get(row.id, []),
            evidence=parts[Evidence].get(row.id, []),
            substantiations=parts[Substantiation].get(row.id, []),
        )
        few = {
            model: parts[model].get(row.id, []) if model in parts else [] for model in (StageStatement, Level, Theme)
        }
        kept.append(_kept(row, held, few, into))
    return kept


def _kept(row: Any, held: Any, few: dict[Any, list[Any]], into: dict[int, int]) -> Kept:
    standing = partnerships.standing(held, listed=True)
    confirmed = {row.id: standing.items[f"activity:{row.id}"] is not Rung.REPORTED for row in held.activities}
    shown = [row for row in held.activities if confirmed[row.id] or not standing.counted]
    origin = held.origin
    contact = _contact(origin)
    stages = tuple((said.stated_on, partnerships.stage_of(said)) for said in few[StageStatement])
    asked = {said.party_id for said in held.verifications if said.field_group is FieldGroup.FACTS}
    return Kept(
        id=row.id,
        ref=row.ref,
        title=row.title,
        public=row.visibility is Visibility.PUBLIC,
        sensitive=row.sensitivity is not Sensitivity.ORDINARY,
        state=row.state,
        meeting_id=origin.meeting_id if origin else None,
        session_id=(origin.session_id or origin.met_in) if origin else None,
        introducer_id=origin.introduced_by_id if origin else None,
        kind=origin.kind if origin else OriginKind.UNKNOWN,
        influence=origin.influence.value if origin else "unknown",
        parties=tuple(sorted({into.get(p.organisation_id, p.organisation_id) for p in held.parties})),
        standing=standing,
        counted=standing.counted,
        stage=stages[-1][1] if stages else None,
        levels=tuple(level.level.value for level in few[Level]),
        themes=tuple(About(theme.scheme, theme.code, theme.label, theme.primary) for theme in few[Theme]),
        contact=contact,
        first=_first(shown, contact),
        time=timing.time_to_first(shown, contact),
        activities=tuple(confirmed.items()),
        acts=tuple(held.activities),
        answered=sum(standing.words.get(party) in _SAID for party in asked),
        asked=len(asked),
        since=contact.first if contact else row.created_at.date(),
        stages=stages,
    )


def _contact(origin: Any) -> Bounds | None:
    if origin is None:
        return None
    met = SimpleNamespace(met_on=origin.met_on, met_precision=origin.met_precision) if origin.introduction_id else None
    meeting = SimpleNamespace(starts=origin.starts, ends=origin.ends) if origin.meeting_id else None
    told = SimpleNamespace(**origin._mapping)
    told.introduction, told.meeting = met, meeting
    return timing.contact_of(told)  # type: ignore[arg-type]  # it only reads


def _first(activities: Sequence[Any], contact: Bounds | None) -> Bounds | None:
    found = [bounds for row in activities if (bounds := imprecise.bounds(row.start, row.start_precision)) is not None]
    after = [when for when in found if contact is None or imprecise.span(contact, when) is not None]
    return imprecise.earliest(after)


def _rows(model: Any, *more: Any) -> sa.Select[Any]:
    """A table's rows without the weight of records that could be changed."""
    return sa.select(*model.__table__.columns, *more)


def _origins() -> sa.Select[Any]:
    """Where each began, with the days of the meeting and of the introduction."""
    return (
        _rows(
            Origin,
            Meeting.starts,
            Meeting.ends,
            Introduction.met_on,
            Introduction.met_precision,
            Introduction.introduced_by_id,
            Introduction.session_id.label("met_in"),
        )
        .outerjoin(Meeting, Meeting.id == Origin.meeting_id)
        .outerjoin(Introduction, Introduction.id == Origin.introduction_id)
    )


def _grouped(statement: sa.Select[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(statement):
        found[row.partnership_id].append(row)
    return found
