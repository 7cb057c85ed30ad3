"""Badges: an opaque code per registration; issued once, revoked or replaced, never reused."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub.db import Base, choice, created, key, reference
from eventhub.registration.models import Registration


class BadgeState(StrEnum):
    VALID = "valid"
    REVOKED = "revoked"
    REPLACED = "replaced"


MOVES: dict[BadgeState, frozenset[BadgeState]] = {
    BadgeState.VALID: frozenset({BadgeState.REVOKED, BadgeState.REPLACED}),
    BadgeState.REVOKED: frozenset(),
    BadgeState.REPLACED: frozenset(),
}


class Badge(Base):
    __tablename__ = "badges"
    __table_args__ = (
        # one valid badge per registration, whatever runs at once
        sa.Index(
            "uq_badges_one_valid",
            "registration_id",
            unique=True,
            sqlite_where=sa.text("state = 'valid'"),
            postgresql_where=sa.text("state = 'valid'"),
        ),
    )

    id: Mapped[int] = key()
    registration_id: Mapped[int] = reference("registrations.id")
    code: Mapped[str] = mapped_column(sa.String(32), unique=True)
    code_hash: Mapped[str] = mapped_column(sa.String(64), index=True)
    state: Mapped[BadgeState] = mapped_column(choice(BadgeState), default=BadgeState.VALID)
    replaced_by_id: Mapped[int | None] = reference("badges.id", nullable=True)
    issued_at: Mapped[datetime] = created()
    ended_at: Mapped[datetime | None]  # when it was revoked or replaced
    printed_at: Mapped[datetime | None]

    registration: Mapped[Registration] = relationship()
