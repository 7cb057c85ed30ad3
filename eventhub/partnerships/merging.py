"""Two records of one partnership: suggested, decided by a person, joined, and parted again.

A merge moves the rows of one record to the other and says so in both records' statements; it deletes nothing. The
record that has gone keeps its parties' answers, since they speak of what they were shown: what came over is confirmed
again by asking. An undo restores both exactly; corrections made in between stay with the rows that they correct. Where
that cannot be, the undo is refused and says why.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm.attributes import flag_modified

from eventhub import audit, clock
from eventhub.audit import Actor
from eventhub.db import db, lock
from eventhub.directory import queries as directory
from eventhub.errors import InvalidError, RuleError
from eventhub.partnerships import ladder, queries, statements
from eventhub.partnerships.models import (
    Activity,
    Context,
    Evidence,
    Formality,
    Level,
    Origin,
    Outcome,
    Partnership,
    Place,
    Resource,
    StageStatement,
    Theme,
)
from eventhub.partnerships.models_record import Merge
from eventhub.partnerships.service import hold
from eventhub.partnerships.statements import said
from eventhub.partnerships.states import MergeDecision, Sensitivity, Visibility
from eventhub.partnerships.values import plain

# activities and outcomes before the evidence that points to them
MOVING: tuple[type[Any], ...] = (
    Origin, Level, Place, Theme, Activity, Outcome, Context, Formality, Resource, StageStatement, Evidence,
)  # fmt: skip
_POINTS_TO = {"activity_id": "activity", "outcome_id": "outcome"}
_OPEN_WORDS = (ladder.Word.DISPUTED, ladder.Word.CORRECTED)
_STRICTEST_FIRST = (Visibility.HIDDEN, Visibility.INTERNAL, Visibility.MEMBERS, Visibility.PUBLIC)
_MOST_CAREFUL_FIRST = (Sensitivity.PEOPLE_AT_RISK, Sensitivity.SENSITIVE, Sensitivity.ORDINARY)


class CannotMergeError(RuleError):
    sentence = _("These two records cannot be joined as they are.")


class CannotPartError(RuleError):
    sentence = _("This can no longer be undone exactly.")


@dataclass(frozen=True)
class Plan:
    """What a merge will do: the items that come over, those that are in the kept record already, what changes."""

    moved: list[str]
    same: list[str]
    changed: list[list[Any]]  # [item, field, before, after]


def plan(kept: Partnership, gone: Partnership) -> Plan:
    """What joining ``gone`` to ``kept`` will do; changes nothing. Raises CannotMergeError."""
    _may_join(kept, gone)
    here = statements.present(kept)
    there = statements.present(gone)
    moved, same = [], []
    twins: dict[str, str] = {}
    for model in MOVING:
        kind = statements.KINDS[model]
        known = {item: value for item, value in here.items() if item.partition(":")[0] == kind}
        for item, value in there.items():
            if item.partition(":")[0] != kind:
                continue
            twin = kind if kind == statements.ORIGIN and known else _twin(_pointing(value, twins), known)
            if twin is None:
                moved.append(item)
            else:
                same.append(item)
                twins[item] = twin
    return Plan(moved, same, _changes(here, there, moved, twins))


def _may_join(kept: Partnership, gone: Partnership) -> None:
    if kept.id == gone.id:
        raise CannotMergeError(_("This is one record. Choose another one to join it to."))
    if kept.merged_into_id is not None or gone.merged_into_id is not None:
        raise CannotMergeError(_("One of the two was joined to another record already. Look at that one."))
    if not _organisations(gone) <= _organisations(kept):
        raise CannotMergeError(
            _("The other record has a party that this one has not. Add it here first, or keep the other record.")
        )
    if any(word in _OPEN_WORDS for word in queries.standing(gone).words.values()):
        raise CannotMergeError(
            _("A party disputes or corrects %(ref)s. Settle that first, so that its word is not lost.", ref=gone.ref)
        )


def _organisations(partnership: Partnership) -> set[int]:
    return {directory.canonical(party.organisation).id for party in partnership.parties}


def _pointing(value: dict[str, Any], twins: dict[str, str]) -> dict[str, Any]:
    """An evidence's value, as if it pointed to the kept record's own activity where both have the same."""
    found = dict(value)
    for field, kind in _POINTS_TO.items():
        if found.get(field) is not None and f"{kind}:{found[field]}" in twins:
            found[field] = int(twins[f"{kind}:{found[field]}"].partition(":")[2])
    return found


def _twin(value: dict[str, Any], known: dict[str, dict[str, Any]]) -> str | None:
    """The item of the kept record that says exactly the same, but for which theme is the main one."""
    plainly = {name: said for name, said in value.items() if name != "primary"}
    for item, other in known.items():
        if plainly == {name: said for name, said in other.items() if name != "primary"}:
            return item
    return None


def _changes(
    here: statements.Items, there: statements.Items, moved: Sequence[str], twins: dict[str, str]
) -> list[list[Any]]:
    core, other = here[statements.CORE], there[statements.CORE]
    found: list[list[Any]] = []
    for field, order in (("visibility", _STRICTEST_FIRST), ("sensitivity", _MOST_CAREFUL_FIRST)):
        strictest = min(core[field], other[field], key=[member.value for member in order].index)
        if strictest != core[field]:
            found.append([statements.CORE, field, core[field], strictest])
    if not core["summary"] and other["summary"]:
        found.append([statements.CORE, "summary", "", other["summary"]])
    has_main = any(value.get("primary") for item, value in here.items() if item.startswith("theme:"))
    for item in moved:
        if has_main and there[item].get("primary"):
            found.append([item, "primary", True, False])
        for field, value in _pointing(there[item], twins).items():
            if field in _POINTS_TO and value != there[item][field]:
                found.append([item, field, there[item][field], value])
    return found


@said
def join(kept: Partnership, gone: Partnership, *, by: Actor, version: int | None = None) -> Merge:
    """Make one record of two, by a person's decision. Raises CannotMergeError, StaleError."""
    _hold_both(kept, gone)
    hold(kept, version)
    made = plan(kept, gone)
    for item in made.moved:
        row = statements.find_row(gone, item)
        row.partnership_id = kept.id
    _set(kept, gone, [(item, field, after) for item, field, _before, after in made.changed])
    gone.merged_into_id = kept.id
    merge = Merge(
        kept_id=kept.id, gone_id=gone.id, decision=MergeDecision.JOINED, moved=made.moved, changed=made.changed,
        by_name=by.name, at=clock.now(),
    )  # fmt: skip
    db.session.add(merge)
    _count_up(kept, gone)
    audit.record(by, "joined another record to", kept, meeting_id=_meeting_id(kept), other=gone.id)
    audit.record(by, "was joined to another record", gone, meeting_id=_meeting_id(gone), other=kept.id)
    return merge


@said
def part(merge: Merge, *, by: Actor) -> None:
    """Undo a merge: both records are as they were, with what was corrected since. Twice is once.

    Raises CannotPartError with the reason where they cannot be parted exactly.
    """
    kept, gone = merge.kept, merge.gone
    _hold_both(kept, gone)
    db.session.refresh(merge)
    if merge.undone_at is not None:
        return
    _may_part(merge)
    for item in merge.moved:
        row = statements.find_row(kept, item)
        row.partnership_id = gone.id
    untouched = [
        (item, field, before)
        for item, field, before, after in merge.changed
        if plain(getattr(_row(kept, gone, item), field)) == after  # what was corrected since stays corrected
    ]
    gone.merged_into_id = None
    _set(kept, gone, untouched)
    merge.undone_at, merge.undone_by = clock.now(), by.name
    _count_up(kept, gone)
    for row in (kept, gone):
        audit.record(by, "was parted from another record", row, meeting_id=_meeting_id(row))


def _may_part(merge: Merge) -> None:
    kept = merge.kept
    later = db.session.scalar(
        sa.select(Merge.id)
        .where(
            Merge.id > merge.id,
            Merge.decision == MergeDecision.JOINED,
            Merge.undone_at.is_(None),
            sa.or_(Merge.kept_id.in_([merge.kept_id, merge.gone_id]), Merge.gone_id == merge.kept_id),
        )
        .limit(1)
    )
    if later is not None:
        raise CannotPartError(_("A later merge builds on this one. Undo the later one first."))
    gone_missing = [item for item in merge.moved if statements.find_row(kept, item) is None]
    if gone_missing:
        raise CannotPartError(
            _(
                "%(number)s of the entries that came over were removed since, so the other record cannot be made "
                "whole again. Log it anew if you need it.",
                number=len(gone_missing),
            )
        )
    words = queries.standing(kept).words
    since = {row.party_id for row in kept.verifications if row.answered_at and row.answered_at > merge.at}
    if any(word in _OPEN_WORDS and party in since for party, word in words.items()):
        raise CannotPartError(
            _("A party disputes or corrects the joined record. Settle that first, then part the two.")
        )
    _points_across(kept, set(merge.moved), {(item, field) for item, field, _before, _after in merge.changed})


def _points_across(kept: Partnership, moved: set[str], restored: set[tuple[str, str]]) -> None:
    """Evidence that was added or changed since and would point from one record into the other."""
    for row in db.session.scalars(sa.select(Evidence).where(Evidence.partnership_id == kept.id)):
        item = statements.item_of(row)
        for field, kind in _POINTS_TO.items():
            target = getattr(row, field)
            if target is None or (item, field) in restored:
                continue
            if (f"{kind}:{target}" in moved) != (item in moved):
                raise CannotPartError(
                    _(
                        "Since then, evidence of one record was tied to an entry of the other. Untie it first "
                        "(“the partnership as a whole”), then part the two."
                    )
                )


def keep_apart(kept: Partnership, other: Partnership, *, by: Actor) -> None:
    """Somebody looked: the two are not the same. They are suggested no more; said twice is once."""
    if {kept.id, other.id} in [{row.kept_id, row.gone_id} for row in list_decisions(kept.id)]:
        return
    db.session.add(
        Merge(kept_id=kept.id, gone_id=other.id, decision=MergeDecision.APART, by_name=by.name, at=clock.now())
    )
    db.session.flush()
    audit.record(by, "kept apart from another record", kept, meeting_id=_meeting_id(kept), other=other.id)


def get_merge(kept_id: int, merge_id: int) -> Merge:
    """A merge of this record; raises InvalidError when it is none."""
    row = db.session.get(Merge, merge_id)
    if row is None or kept_id not in (row.kept_id, row.gone_id) or row.decision is not MergeDecision.JOINED:
        raise InvalidError(_("This merge is not one of this record's."))
    return row


def list_decisions(partnership_id: int) -> list[Merge]:
    """What people decided about a record and others like it, newest first, without what was undone."""
    return list(
        db.session.scalars(
            sa.select(Merge)
            .where(sa.or_(Merge.kept_id == partnership_id, Merge.gone_id == partnership_id), Merge.undone_at.is_(None))
            .order_by(Merge.id.desc())
        )
    )


def suggested(partnership: Partnership, decisions: Iterable[Merge] | None = None) -> list[Partnership]:
    """Records of the same parties with overlapping time about which nobody has decided yet."""
    if partnership.merged_into_id is not None:
        return []
    decisions = list_decisions(partnership.id) if decisions is None else decisions
    decided = {ident for row in decisions for ident in (row.kept_id, row.gone_id)}
    return [row for row in queries.list_same_parties(partnership) if row.id not in decided]


# the rows


def _row(kept: Partnership, gone: Partnership, item: str) -> Any:
    return statements.find_row(kept, item) or statements.find_row(gone, item)


def _set(kept: Partnership, gone: Partnership, values: Sequence[tuple[str, str, Any]]) -> None:
    for item, field, value in values:
        row = _row(kept, gone, item)
        column = getattr(type(row), field)
        kind = getattr(column.type, "enum_class", None)
        setattr(row, field, kind(value) if kind is not None else value)


def _hold_both(kept: Partnership, gone: Partnership) -> None:
    for ident in sorted({kept.id, gone.id}):  # always in the same order, so that two editors cannot hold each other
        lock(Partnership, ident)


def _count_up(*partnerships: Partnership) -> None:
    for row in partnerships:
        flag_modified(row, "created_at")
    db.session.flush()
    for row in partnerships:
        db.session.expire(row)


def _meeting_id(partnership: Partnership) -> int | None:
    return partnership.origin.meeting_id if partnership.origin else None
