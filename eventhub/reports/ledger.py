"""The partnerships as every figure reads them: plain rows, a dozen statements however many there are.

Where a partnership stands is asked of ``partnerships.queries`` itself, so that no figure can have a rule of its own;
only the rows are lighter than the records that pages show. Hidden partnerships are in no figure and on no map.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from eventhub.db import db
from eventhub.directory import imprecise
from eventhub.directory.imprecise import Bounds, Span
from eventhub.directory.models import Organisation, Person
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
    Theme,
    Verification,
)
from eventhub.partnerships.states import FieldGroup, OriginKind, Rung, Visibility

_SAID = (Word.CONFIRMED, Word.CHANGED, Word.CORRECTED, Word.DISPUTED)


@dataclass(frozen=True)
class Kept:
    """One partnership, computed. Organisations are canonical: a merged one is the one it was merged into."""

    id: int
    ref: str
    title: str
    state: str
    meeting_id: int | None
    session_id: int | None
    introducer_id: int | None  # a person
    kind: OriginKind
    parties: tuple[int, ...]  # organisations
    standing: Standing
    stage: Stage | None
    levels: tuple[str, ...]
    themes: tuple[tuple[str, str], ...]  # scheme, code or label
    contact: Bounds | None
    first: Bounds | None  # the first activity after it; of a counted one only activities that all confirmed
    time: Span | None  # days from contact to the first activity
    activities: tuple[tuple[int, bool], ...]  # id, and whether all confirmed it
    answered: int  # parties that answered anything at all about the facts
    asked: int
    since: date  # the day that it is placed at on a line of years
    stages: tuple[tuple[date, Stage | None], ...]
    unlisted: bool  # somebody at risk speaks for a party: on no map, in no export

    @property
    def counted(self) -> bool:
        return self.standing.counted

    @property
    def counted_activities(self) -> int:
        return sum(confirmed for _id, confirmed in self.activities)

    @property
    def silent(self) -> bool:
        """Parties were asked, and none has answered: that is not the same as "no"."""
        return self.asked > 0 and self.answered == 0

    def stage_at(self, day: date) -> Stage | None:
        """The stage by the newest statement up to a day."""
        known = [stage for said, stage in self.stages if said <= day]
        return known[-1] if known else None


def read() -> list[Kept]:
    """Every partnership that is not hidden, oldest first."""
    into = canonical_ids()
    rows = _rows(Partnership, Partnership.visibility != Visibility.HIDDEN, order=Partnership.id)
    parts = {
        model: _grouped(_rows(model, order=order))
        for model, order in (
            (Party, Party.id),
            (Activity, Activity.id),
            (Verification, Verification.id),
            (Evidence, Evidence.id),
            (Level, Level.id),
            (Theme, Theme.id),
            (StageStatement, (StageStatement.stated_on, StageStatement.id)),
        )
    }
    origins = {row.partnership_id: row for row in _rows(Origin)}
    met = {row.id: row for row in _introductions()}
    meetings = {row.id: row for row in db.session.execute(sa.select(Meeting.id, Meeting.starts, Meeting.ends))}
    at_risk = set(db.session.scalars(sa.select(Person.id).where(Person.at_risk)))
    kept = []
    for row in rows:
        origin = origins.get(row.id)
        introduction = met.get(origin.introduction_id) if origin else None
        held = SimpleNamespace(
            title=row.title,
            parties=parts[Party][row.id],
            origin=origin,
            activities=parts[Activity][row.id],
            verifications=parts[Verification][row.id],
            evidence=parts[Evidence][row.id],
        )
        kept.append(
            _kept(
                row,
                held,
                parts,
                into,
                introduction,
                meetings.get(origin.meeting_id) if origin else None,
                any(party.focal_person_id in at_risk for party in held.parties),
            )
        )
    return kept


def _kept(
    row: Any, held: Any, parts: Any, into: dict[int, int], introduction: Any, meeting: Any, unlisted: bool
) -> Kept:
    standing = partnerships.standing(held, listed=True)
    confirmed = {row.id: standing.items[f"activity:{row.id}"] is not Rung.REPORTED for row in held.activities}
    shown = [row for row in held.activities if confirmed[row.id] or not standing.counted]
    contact = _contact(held.origin, introduction, meeting)
    stages = tuple((said.stated_on, partnerships.stage_of(said)) for said in parts[StageStatement][row.id])
    asked = {said.party_id for said in held.verifications if said.field_group is FieldGroup.FACTS}
    return Kept(
        id=row.id,
        ref=row.ref,
        title=row.title,
        state=row.state,
        meeting_id=held.origin.meeting_id if held.origin else None,
        session_id=(held.origin.session_id if held.origin else None)
        or (introduction.session_id if introduction else None),
        introducer_id=introduction.introduced_by_id if introduction else None,
        kind=held.origin.kind if held.origin else OriginKind.UNKNOWN,
        parties=tuple(sorted({into.get(p.organisation_id, p.organisation_id) for p in held.parties})),
        standing=standing,
        stage=stages[-1][1] if stages else None,
        levels=tuple(level.level.value for level in parts[Level][row.id]),
        themes=tuple((theme.scheme.value, theme.code or theme.label) for theme in parts[Theme][row.id]),
        contact=contact,
        first=_first(shown, contact),
        time=timing.time_to_first(shown, contact),
        activities=tuple(confirmed.items()),
        answered=sum(standing.words.get(party) in _SAID for party in asked),
        asked=len(asked),
        since=contact.first if contact else row.created_at.date(),
        stages=stages,
        unlisted=unlisted,
    )


def _contact(origin: Any, introduction: Any, meeting: Any) -> Bounds | None:
    if origin is None:
        return None
    return timing.contact_of(SimpleNamespace(**origin._mapping, introduction=introduction, meeting=meeting))  # type: ignore[arg-type]


def _first(activities: Sequence[Any], contact: Bounds | None) -> Bounds | None:
    found = [bounds for row in activities if (bounds := imprecise.bounds(row.start, row.start_precision)) is not None]
    after = [when for when in found if contact is None or imprecise.span(contact, when) is not None]
    return imprecise.earliest(after)


def _rows(model: Any, *conditions: Any, order: Any = None) -> Sequence[Any]:
    """A table's rows without the weight of records that could be changed."""
    statement = sa.select(*model.__table__.columns).where(*conditions)
    if order is not None:
        statement = statement.order_by(*(order if isinstance(order, tuple) else (order,)))
    return db.session.execute(statement).all()


def _introductions() -> Iterable[Any]:
    return db.session.execute(
        sa.select(
            Introduction.id,
            Introduction.session_id,
            Introduction.introduced_by_id,
            Introduction.met_on,
            Introduction.met_precision,
        ).where(Introduction.id.in_(sa.select(Origin.introduction_id)))
    )


def _grouped(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.partnership_id].append(row)
    return found


def canonical_ids() -> dict[int, int]:
    """Into which organisation each merged one went, at the end of the chain."""
    return ends(
        dict(
            db.session.execute(
                sa.select(Organisation.id, Organisation.merged_into_id).where(Organisation.merged_into_id.is_not(None))
            ).all()  # type: ignore[arg-type]  # the condition leaves no None
        )
    )


def ends(into: dict[int, int]) -> dict[int, int]:
    """The end of each chain; a chain that bites its tail ends where it was cut."""
    found = {}
    for start in into:
        end = start
        for _step in range(len(into) + 1):
            if end not in into:
                break
            end = into[end]
        found[start] = end
    return found
