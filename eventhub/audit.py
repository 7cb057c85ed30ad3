"""Who did what, when: one row per act, in the same transaction as the act itself.

Actors and subjects are stored as they were, without foreign keys: the trail outlives what it speaks of.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from eventhub import clock
from eventhub.db import Base, append, created, db, key, write_appended


@dataclass(frozen=True)
class Actor:
    """Who acts: ``kind`` staff | participant | organisation | party | device | system, an id of that kind, a name."""

    kind: str
    ident: str
    name: str

    @property
    def staff_id(self) -> int | None:
        return int(self.ident) if self.kind == "staff" else None


SYSTEM = Actor("system", "", "EventHub")


class AuditEntry(Base):
    __tablename__ = "audit"
    __table_args__ = (sa.Index("ix_audit_subject", "subject_kind", "subject_id"),)

    id: Mapped[int] = key()
    at: Mapped[datetime] = created()
    actor_kind: Mapped[str] = mapped_column(sa.String(24))
    actor_id: Mapped[str] = mapped_column(sa.String(64))
    actor_name: Mapped[str]
    action: Mapped[str] = mapped_column(sa.String(64))
    subject_kind: Mapped[str] = mapped_column(sa.String(32))
    subject_id: Mapped[int]
    meeting_id: Mapped[int | None] = mapped_column(index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)


def record(by: Actor, action: str, subject: Any, *, meeting_id: int | None = None, **detail: Any) -> None:
    """Note one act; it is written when the transaction commits. ``action`` reads as a past verb ("invited", "approved"); ``subject`` is the row it was done to.

    ``detail`` must be JSON and hold no sealed data, no secrets, and nothing of a child beyond ids.
    """
    append(
        AuditEntry,
        at=clock.now(),
        actor_kind=by.kind,
        actor_id=by.ident,
        actor_name=by.name,
        action=action,
        subject_kind=subject.__tablename__,
        subject_id=subject if subject.id is None else subject.id,  # None: it is written with the next flush
        meeting_id=meeting_id if meeting_id is not None else getattr(subject, "meeting_id", None),
        detail=detail,
    )


def history(subject: Any, limit: int = 50) -> list[AuditEntry]:
    """What was done to one row, newest first."""
    write_appended(of=AuditEntry)
    return list(
        db.session.scalars(
            sa.select(AuditEntry)
            .where(AuditEntry.subject_kind == subject.__tablename__, AuditEntry.subject_id == subject.id)
            .order_by(AuditEntry.id.desc())
            .limit(limit)
        )
    )


def recent(meeting_id: int, limit: int = 20) -> list[AuditEntry]:
    """What happened lately in one meeting, newest first."""
    write_appended(of=AuditEntry)
    return list(
        db.session.scalars(
            sa.select(AuditEntry).where(AuditEntry.meeting_id == meeting_id).order_by(AuditEntry.id.desc()).limit(limit)
        )
    )
