"""Looking up partnerships, where each stands, and what waits for somebody."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload, selectinload

from eventhub.db import db
from eventhub.directory import queries as directory
from eventhub.errors import NotFoundError
from eventhub.networking.models import Introduction
from eventhub.partnerships import facts, ladder, timing
from eventhub.partnerships.models import (
    Evidence,
    FollowUp,
    Origin,
    Partnership,
    Party,
    StageStatement,
    Substantiation,
    Verification,
)
from eventhub.partnerships.sight import is_hidden as is_hidden
from eventhub.partnerships.sight import is_open as is_open
from eventhub.partnerships.sight import list_shown_evidence as list_shown_evidence
from eventhub.partnerships.states import (
    FieldGroup,
    FollowUpState,
    SubstantiationState,
    VerificationState,
    Visibility,
)

STANDS = (VerificationState.CONFIRMED, VerificationState.CORRECTED, VerificationState.DISPUTED)

JOINED = _(
    "This record was joined with another one about the same work. If anything is still to be asked, a new letter comes; "
    "what you answered is kept."
)


# where a partnership stands


def standing(
    partnership: Partnership, group: FieldGroup = FieldGroup.FACTS, *, listed: bool = False
) -> ladder.Standing:
    """The evidence ladder of one partnership; asks nothing of the database where its parts are loaded.

    ``listed`` leaves out what lists do not load: levels, places, themes and outcomes stand on no rung then.
    """
    present = facts.counted(partnership) if listed else facts.facts(partnership, group)
    return ladder.stand(
        [party.id for party in partnership.parties],
        answers(partnership.verifications, group),
        present,
        facts.LADDER_ITEMS if group is FieldGroup.FACTS else tuple(present),
        independent_keys(partnership.evidence) | substantiated_keys(partnership.substantiations, present),
    )


def answers(rows: Iterable[Verification], group: FieldGroup = FieldGroup.FACTS) -> list[ladder.Answer]:
    """What the parties answered about a group of facts, in the order in which they did."""
    rows = list(rows)
    objections = _objections(rows)
    return [
        ladder.Answer(row.party_id, row.state, row.old_value)
        for row in sorted(rows, key=lambda row: (row.answered_at or row.asked_at, row.id))
        if row.field_group is group or (group is FieldGroup.FACTS and row.id in objections)
    ]


def _objections(rows: Iterable[Verification]) -> set[int]:
    """Answers about the origin alone that dispute or correct it: they hold back the whole, until the party confirms
    the origin or all facts again."""
    newest = {row.party_id: row for row in rows if row.field_group is FieldGroup.ORIGIN and row.state in STANDS}
    return {row.id for row in newest.values() if row.state is not VerificationState.CONFIRMED}


def independent_keys(evidence: Iterable[Evidence]) -> set[str]:
    """The items that somebody outside the parties supports."""
    return {
        f"activity:{row.activity_id}"
        if row.activity_id is not None
        else f"outcome:{row.outcome_id}"
        if row.outcome_id is not None
        else facts.CORE
        for row in evidence
        if row.independent
    }


def substantiated_keys(rows: Iterable[Substantiation], present: facts.Facts) -> set[str]:
    """The items that somebody from outside confirmed and that are still as they were then."""
    return {
        row.item
        for row in rows
        if row.state is SubstantiationState.GIVEN and all(present.get(key) == said for key, said in row.shown.items())
    }


def is_contradicted(partnership: Partnership) -> bool:
    """Whether somebody independent says that something of it was not so, and nobody has set that aside."""
    return any(row.contradicts and row.state is SubstantiationState.DECLINED for row in partnership.substantiations)


def stage(partnership: Partnership) -> ladder.Stage | None:
    """The stage 0-4 by the newest statement; None when nobody said."""
    return stage_of(partnership.stages[-1]) if partnership.stages else None


def stage_of(row: StageStatement) -> ladder.Stage | None:
    """The stage (0–4, as a span where answers are missing) of a statement; None when nobody answered any question."""
    return ladder.stage((row.exchanges_information, row.alters_activities, row.shares_resources, row.enhances_capacity))


def public_text(partnership: Partnership) -> str | None:
    """The summary that strangers may read: None while it is not public, disputed, or not agreed to by all parties."""
    if partnership.visibility is not Visibility.PUBLIC or is_hidden(partnership) or standing(partnership).disputed:
        return None
    return partnership.summary if standing(partnership, FieldGroup.PUBLIC_TEXT).counted else None


# one partnership


def get_partnership(ident: int) -> Partnership:
    """The partnership, from where and between whom; any other part is read once somebody asks for it. Raises
    NotFoundError."""
    partnership = db.session.get(Partnership, ident, options=_people())
    if partnership is None:
        raise NotFoundError(_("There is no partnership at this address. Look at the list of partnerships."))
    return partnership


def whole() -> list[Any]:
    """Load options for everything of a partnership."""
    parts = (
        "activities", "levels", "places", "themes", "outcomes", "evidence", "stages", "contexts", "verifications",
        "formalities", "resources", "substantiations", "proposals",
    )  # fmt: skip
    return [*_people(), *(selectinload(getattr(Partnership, part)) for part in parts)]


def _listed() -> list[Any]:
    """Load options for lists and figures. Levels and statements are few: they come with the row itself."""
    few = (Partnership.levels, Partnership.stages)
    many = (Partnership.activities, Partnership.evidence, Partnership.verifications, Partnership.substantiations)
    return [*_people(), *map(joinedload, few), *map(selectinload, many)]


def _people() -> list[Any]:
    """Where it came from, and between whom."""
    return [
        joinedload(Partnership.origin).options(
            joinedload(Origin.meeting),
            joinedload(Origin.session),
            joinedload(Origin.introduction).options(joinedload(Introduction.a), joinedload(Introduction.b)),
        ),
        selectinload(Partnership.parties).options(joinedload(Party.organisation), joinedload(Party.focal_person)),
    ]


def find_by_ref(ref: str) -> Partnership | None:
    """The record with this reference, such as "P-2018-003"."""
    return db.session.scalar(sa.select(Partnership).where(Partnership.ref == ref.strip().upper())) if ref else None


def find_from_introduction(introduction_id: int) -> Partnership | None:
    """The partnership that began with an introduction; canonical."""
    found = db.session.scalar(
        sa.select(Partnership).join(Origin).where(Origin.introduction_id == introduction_id).order_by(Partnership.id)
    )
    return canonical(found) if found is not None else None


def list_same_parties(partnership: Partnership) -> list[Partnership]:
    """Other records between the same organisations with overlapping time: perhaps the same one, which a person
    decides."""
    wanted = _canonical_parties(partnership)
    if len(wanted) < ladder.FEWEST_PARTIES:
        return []
    families = directory.family_ids(*(party.organisation for party in partnership.parties))
    rows = db.session.scalars(
        sa.select(Partnership)
        .where(
            Partnership.id.in_(sa.select(Party.partnership_id).where(Party.organisation_id.in_(families | wanted))),
            Partnership.id != partnership.id,
            Partnership.merged_into_id.is_(None),
        )
        .options(*_people(), selectinload(Partnership.activities))
        .order_by(Partnership.id)
    )
    mine = timing.period(partnership)
    return [row for row in rows if _canonical_parties(row) == wanted and timing.overlap(mine, timing.period(row))]


def _canonical_parties(partnership: Partnership) -> set[int]:
    return {directory.canonical(party.organisation).id for party in partnership.parties}


def canonical(partnership: Partnership) -> Partnership:
    """The record that this one was joined to, at the end of the chain; itself when it was not."""
    while partnership.merged_into_id is not None:
        partnership = db.session.get_one(Partnership, partnership.merged_into_id)
    return partnership


# lists


def list_partnerships(meeting_ids: Sequence[int] | None, *, hidden: bool = False) -> list[Partnership]:
    """The partnerships that came from these meetings (None: all), newest first, with what lists and figures need.

    ``hidden`` adds those that are hidden because people are at risk: for who may edit them, never for a figure.
    """
    statement = sa.select(Partnership).where(Partnership.merged_into_id.is_(None)).options(*_listed())
    statement = statement.order_by(Partnership.id.desc())
    if meeting_ids is not None:
        statement = statement.where(
            Partnership.id.in_(sa.select(Origin.partnership_id).where(Origin.meeting_id.in_(meeting_ids)))
        )
    if not hidden:
        statement = statement.where(is_open())
    return list(db.session.scalars(statement).unique())


def list_follow_ups(partnership_id: int) -> list[FollowUp]:
    """The follow-ups of a partnership's parties, by their day."""
    return list(
        db.session.scalars(
            sa.select(FollowUp)
            .where(FollowUp.partnership_id == partnership_id)
            .options(joinedload(FollowUp.party).joinedload(Party.organisation))
            .order_by(FollowUp.due, FollowUp.id)
        )
    )


# one row of a part


def get_part(model: type[Any], partnership: Partnership, ident: int) -> Any:
    """One part of a partnership; raises NotFoundError when it is not (or no longer) one of its own."""
    row = db.session.get(model, ident)
    if row is None or row.partnership_id != partnership.id:
        raise NotFoundError(_("This part of the partnership was removed meanwhile. Look at the page again."))
    return row


def newest_round(party_id: int, group: FieldGroup) -> Verification | None:
    """The last row of a party's verification of one group, as it is now: somebody may just have answered."""
    return db.session.scalar(
        sa.select(Verification)
        .where(Verification.party_id == party_id, Verification.field_group == group)
        .order_by(Verification.round.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


def list_due_follow_ups(today: Any) -> list[int]:
    """The ids of follow-ups whose day has come and that were not sent yet, oldest first."""
    return list(
        db.session.scalars(
            sa.select(FollowUp.id)
            .join(FollowUp.partnership)
            .where(
                FollowUp.state == FollowUpState.SCHEDULED,
                FollowUp.due <= today,
                Partnership.merged_into_id.is_(None),
            )
            .order_by(FollowUp.due, FollowUp.id)
        )
    )


# what waits


@dataclass(frozen=True)
class Response:
    """How many answered of those who were asked."""

    answered: int
    asked: int


def verification_response(partnerships: Iterable[Partnership]) -> Response:
    """Of the parties that were asked to confirm the facts, how many answered anything at all."""
    asked, answered = set(), set()
    for partnership in partnerships:
        for row in partnership.verifications:
            if row.field_group is FieldGroup.FACTS:
                asked.add(row.party_id)
                if row.state in STANDS:
                    answered.add(row.party_id)
    return Response(len(answered), len(asked))


def meeting_of(partnership: Partnership) -> int | None:
    """The meeting that a partnership began at, whose organisers answer for its letters; None when it is not known."""
    return partnership.origin.meeting_id if partnership.origin is not None else None
