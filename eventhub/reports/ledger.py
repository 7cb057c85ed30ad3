"""The partnerships as every figure reads them: plain rows, a dozen statements however many there are.

Where a partnership stands is asked of ``partnerships.queries`` itself, so that no figure can have a rule of its own;
only the rows are lighter than the records that pages show. Partnerships in which somebody is at risk are in no figure and on no map.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from threading import Lock
from types import SimpleNamespace
from typing import Any, TypeVar

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
from eventhub.partnerships.states import (
    FieldGroup,
    OriginKind,
    Rung,
    Sensitivity,
    SubstantiationState,
    Visibility,
)
from eventhub.partnerships.words import word
from eventhub.reports import marks
from eventhub.reports.marks import Mark
from eventhub.reports.memory import unhindered

T = TypeVar("T")
_SAID = (Word.CONFIRMED, Word.CHANGED, Word.CORRECTED, Word.DISPUTED)


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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
    standing: Standing  # without the items: of them only ``activities`` are asked about
    counted: bool  # whether headline figures count it: confirmed and above
    stage: Stage | None
    levels: tuple[str, ...]
    themes: tuple[About, ...]
    contact: Bounds | None
    first: Bounds | None  # the first activity after it; of a counted one only activities that all confirmed
    time: Span | None  # days from contact to the first activity
    activities: tuple[tuple[int, bool], ...]  # id, and whether all confirmed it
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
        for said, stage in reversed(self.stages):
            if said <= day:
                return stage
        return None


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


def rehearse() -> None:
    """Go the way of a change once, without one, so that its statements are known when somebody waits for them."""
    rows, seen = read(), _seen
    if seen is not None:
        marks.touched(seen, seen)
        _read(True, {row.id for row in rows[:1]})


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


# what is read of each table, beside the partnership that a row belongs to, and in which order
_COLUMNS: dict[type[Any], tuple[tuple[Any, ...], tuple[Any, ...]]] = {
    Party: ((Party.id, Party.organisation_id, Party.role), (Party.id,)),
    Activity: (
        (
            Activity.id, Activity.kind, Activity.title, Activity.description, Activity.start, Activity.start_precision,
            Activity.end, Activity.end_precision, Activity.place, Activity.mode, Activity.organisation_ids, Activity.counts,
            Activity.outputs,
        ),
        (Activity.id,),
    ),
    Verification: (
        (
            Verification.id, Verification.party_id, Verification.field_group, Verification.state, Verification.old_value,
            Verification.asked_at, Verification.answered_at,
        ),
        (Verification.id,),
    ),
    Evidence: ((Evidence.activity_id, Evidence.outcome_id, Evidence.independent), (Evidence.id,)),
    Substantiation: ((Substantiation.item, Substantiation.state, Substantiation.shown), (Substantiation.id,)),
    StageStatement: (
        (
            StageStatement.stated_on, StageStatement.exchanges_information, StageStatement.alters_activities,
            StageStatement.shares_resources, StageStatement.enhances_capacity,
        ),
        (StageStatement.stated_on, StageStatement.id),
    ),
    Level: ((Level.level,), (Level.id,)),
    Theme: ((Theme.scheme, Theme.code, Theme.label, Theme.primary), (Theme.id,)),
}  # fmt: skip
_ONLY = {Evidence: Evidence.independent, Substantiation: Substantiation.state == SubstantiationState.GIVEN}


def _read(themes: bool, only: Collection[int] | None = None) -> list[Kept]:
    """The partnerships, or ``only`` some of them."""
    with unhindered():
        into = directory.canonical_ids(Organisation)
        parts = {model: _grouped(model, only) if themes or model not in (Level, Theme) else {} for model in _COLUMNS}
        shown = _wanted(_partnerships(), Partnership.id, only).where(partnerships.is_open()).order_by(Partnership.id)
        begun = _wanted(_origins(), Origin.partnership_id, only)
        origins = {row.partnership_id: row for row in db.session.execute(begun)}
        same: dict[Any, Any] = {}
        return [
            _kept(row, origins.get(row.id), {model: rows.get(row.id, ()) for model, rows in parts.items()}, into, same)
            for row in db.session.execute(shown)
        ]


def _kept(
    row: Any, origin: Any, parts: Mapping[Any, Sequence[Any]], into: dict[int, int], same: dict[Any, Any]
) -> Kept:
    """One partnership; ``same`` holds values that many have in common, so that each is there once."""

    def one(value: T) -> T:
        return same.setdefault(value, value)

    activities = parts[Activity]
    held = SimpleNamespace(
        title=row.title,
        parties=parts[Party],
        origin=origin,
        activities=activities,
        verifications=parts[Verification],
        evidence=parts[Evidence],
        substantiations=parts[Substantiation],
    )
    standing = partnerships.standing(held, listed=True)  # type: ignore[arg-type]  # it only reads
    confirmed = {act.id: standing.items[f"activity:{act.id}"] is not Rung.REPORTED for act in activities}
    shown = [act for act in activities if confirmed[act.id] or not standing.counted]
    contact = one(_contact(origin))
    stages = tuple([one((said.stated_on, partnerships.stage_of(said))) for said in parts[StageStatement]])
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
        standing=Standing(standing.rung, standing.words, {}),
        counted=standing.counted,
        stage=stages[-1][1] if stages else None,
        levels=one(tuple([level.level.value for level in parts[Level]])),
        themes=one(tuple([About(theme.scheme, theme.code, theme.label, theme.primary) for theme in parts[Theme]])),
        contact=contact,
        first=_first(shown, contact),
        time=timing.time_to_first(shown, contact),
        activities=tuple(confirmed.items()),
        answered=sum([standing.words.get(party) in _SAID for party in asked]),
        asked=len(asked),
        since=contact.first if contact else row.created_at.date(),
        stages=one(stages),
    )


def _contact(origin: Any) -> Bounds | None:
    if origin is None:
        return None
    return timing.contact(
        imprecise.bounds(origin.first_contact, origin.first_contact_precision),
        imprecise.bounds(origin.met_on, origin.met_precision) if origin.introduction_id else None,
        Bounds(origin.starts, origin.ends) if origin.meeting_id else None,
    )


def _first(activities: Sequence[Any], contact: Bounds | None) -> Bounds | None:
    found = [bounds for row in activities if (bounds := imprecise.bounds(row.start, row.start_precision)) is not None]
    after = [when for when in found if contact is None or imprecise.span(contact, when) is not None]
    return imprecise.earliest(after)


def _partnerships() -> sa.Select[Any]:
    its = (Partnership.id, Partnership.ref, Partnership.title, Partnership.visibility, Partnership.sensitivity)
    return sa.select(*its, Partnership.state, Partnership.created_at)


def _origins() -> sa.Select[Any]:
    """Where each began, with the days of the meeting and of the introduction."""
    return (
        sa.select(
            *Origin.__table__.columns,
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


def _wanted(statement: sa.Select[Any], column: Any, only: Collection[int] | None) -> sa.Select[Any]:
    return statement if only is None else statement.where(column.in_(only))


def _grouped(model: Any, only: Collection[int] | None) -> dict[int, list[Any]]:
    """A table's rows by partnership, without the weight of records that could be changed."""
    columns, order = _COLUMNS[model]
    statement = _wanted(sa.select(*columns, model.partnership_id), model.partnership_id, only).order_by(*order)
    if model in _ONLY:
        statement = statement.where(_ONLY[model])
    found: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(statement):
        found[row[-1]].append(row)
    return found
