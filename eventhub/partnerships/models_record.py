"""What is kept about a partnership's record besides what it says: every statement, merges, and trust among its parties."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub.db import Base, choice, created, key, reference
from eventhub.partnerships.models import Partnership
from eventhub.partnerships.states import MergeDecision


class Statement(Base):
    """What was said of one item of the record ("core", "origin", "activity:12" …). Only added, by ``statements``."""

    __tablename__ = "statements"
    __table_args__ = (sa.Index("ix_statements_record", "partnership_id", "id"),)

    id: Mapped[int] = key()
    partnership_id: Mapped[int] = reference("partnerships.id", index=False)
    item: Mapped[str] = mapped_column(sa.String(40))
    value: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))  # None: taken back
    said_by: Mapped[str] = mapped_column(default="")
    actor_kind: Mapped[str] = mapped_column(sa.String(24), default="")
    why: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = created()


class Merge(Base):
    """A person's word on two records that may tell of the same partnership, and what a merge did, for its undo."""

    __tablename__ = "partnership_merges"

    id: Mapped[int] = key()
    kept_id: Mapped[int] = reference("partnerships.id")
    gone_id: Mapped[int] = reference("partnerships.id")
    decision: Mapped[MergeDecision] = mapped_column(choice(MergeDecision))
    moved: Mapped[list[Any]] = mapped_column(default=list)  # the items that came over
    changed: Mapped[list[Any]] = mapped_column(
        default=list
    )  # [item, field, before, after] of what did not fit as it was
    by_name: Mapped[str] = mapped_column(default="")
    why: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = created()
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str] = mapped_column(default="")

    kept: Mapped[Partnership] = relationship(foreign_keys=[kept_id])
    gone: Mapped[Partnership] = relationship(foreign_keys=[gone_id])


class Rating(Base):
    """How much one party trusts the others and values the work with them, 1 to 4 (PARTNER). Shown only in averages."""

    __tablename__ = "partnership_ratings"
    __table_args__ = (
        sa.CheckConstraint("trust IS NULL OR trust BETWEEN 1 AND 4", name="trust"),
        sa.CheckConstraint("value IS NULL OR value BETWEEN 1 AND 4", name="value"),
    )

    id: Mapped[int] = key()
    partnership_id: Mapped[int] = reference("partnerships.id")
    party_id: Mapped[int] = reference("parties.id")
    trust: Mapped[int | None]
    value: Mapped[int | None]
    at: Mapped[datetime] = created()
