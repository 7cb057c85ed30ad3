"""When the ledger has to be read again, and what of it: a mark of all that it is read from, and the records that were
touched between two marks.

Every change of a record leaves a statement, every act a row in the audit, in its own transaction. So between two marks
the touched records are those that new statements and new acts speak of. Where that does not explain the difference (a
number that was given earlier and committed later, two organisations that became one) everything is read again.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import current_app

from eventhub.audit import AuditEntry
from eventhub.db import db
from eventhub.directory.models import Organisation, Person
from eventhub.meetings.models import Meeting
from eventhub.networking.models import Introduction
from eventhub.partnerships import models
from eventhub.partnerships.models import Origin, Partnership, Verification
from eventhub.partnerships.models_record import Statement
from eventhub.partnerships.states import VerificationState
from eventhub.reports import memory

MANY = 300  # touched records at most that are read by themselves
_READ = (
    models.Party,
    models.Activity,
    models.Verification,
    models.Evidence,
    models.Substantiation,
    models.Level,
    models.Theme,
    models.StageStatement,
    models.Origin,
)
# whose acts change what the ledger reads
_SUBJECTS = {table.__tablename__: table for table in (*_READ, Partnership, Organisation, Person, Meeting, Introduction)}


@dataclass(frozen=True)
class Mark:
    """Two marks are equal when nothing was changed in between."""

    database: str
    many: int  # partnerships
    statements: tuple[int, int]  # how many, and the last number
    acts: tuple[int, int]
    whole: tuple[Any, ...]  # what makes every record another: who is at risk, which organisations are one
    rows: tuple[Any, ...]  # how many of each kind, and the last numbers


def count_partnerships() -> int:
    """How many there are on record, whatever became of them."""
    return db.session.scalar(sa.select(sa.func.count(Partnership.id))) or 0


def mark() -> Mark | None:
    """The mark of now; None for a small network. It is taken before the records are read: what changes in between makes
    the next mark another."""
    many = count_partnerships()
    if many < memory.LARGE:
        return None

    def one(column: Any, *conditions: Any) -> Any:
        return sa.select(sa.func.coalesce(column, 0)).where(*conditions).scalar_subquery()

    count, last, total = sa.func.count, sa.func.max, sa.func.sum
    ours = AuditEntry.subject_kind.in_(_SUBJECTS)
    merged = Organisation.merged_into_id.is_not(None)
    row = db.session.execute(
        sa.select(
            one(count(Statement.id)), one(last(Statement.id)), one(count(AuditEntry.id), ours), one(last(AuditEntry.id), ours),
            one(count(Person.id), Person.at_risk), one(total(Person.id), Person.at_risk),
            one(count(Organisation.id), merged), one(total(Organisation.merged_into_id), merged),
            one(total(Partnership.version)), one(count(Verification.id), Verification.state == VerificationState.ASKED),
            *(one(count(model.id)) for model in _READ), *(one(last(model.id)) for model in _READ),
        )
    ).one()  # fmt: skip
    return Mark(
        current_app.config["EVENTHUB"].database_url,
        many,
        tuple(row[:2]),
        tuple(row[2:4]),
        tuple(row[4:8]),
        tuple(row[8:]),
    )


def touched(before: Mark, now: Mark) -> set[int] | None:
    """The partnerships that were touched between two marks; None: it cannot be said, or it is too many."""
    if (before.database, before.whole) != (now.database, now.whole):
        return None
    said = list(
        db.session.scalars(
            sa.select(Statement.partnership_id).where(Statement.id.between(before.statements[1] + 1, now.statements[1]))
        )
    )
    acts = db.session.execute(
        sa.select(AuditEntry.subject_kind, AuditEntry.subject_id).where(
            AuditEntry.id.between(before.acts[1] + 1, now.acts[1]), AuditEntry.subject_kind.in_(_SUBJECTS)
        )
    ).all()
    if (len(said), len(acts)) != (now.statements[0] - before.statements[0], now.acts[0] - before.acts[0]):
        return None
    found = set(said)
    for kind in {kind for kind, _ident in acts}:
        found |= _of(_SUBJECTS[kind], {ident for its, ident in acts if its == kind})
    if not found and (before.many, before.rows) != (now.many, now.rows):
        return None
    return found if len(found) <= MANY else None


def _of(model: Any, ids: set[int]) -> set[int]:
    """The partnerships that some rows of a kind belong to."""
    if model is Partnership:
        return ids
    if model in (Organisation, Person):  # what counts of them is in the mark itself
        return set()
    column = {Meeting: Origin.meeting_id, Introduction: Origin.introduction_id}.get(model, getattr(model, "id", None))
    owner = Origin.partnership_id if model in (Meeting, Introduction) else model.partnership_id
    return set(db.session.scalars(sa.select(owner).where(column.in_(ids))))
