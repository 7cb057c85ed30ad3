"""Whom participants wish to meet, and the seating that the solver makes of it for the organisers to publish."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub.db import Base, choice, created, key, reference
from eventhub.meetings.models import Meeting
from eventhub.networking.models_one_to_one import OneToOneTable
from eventhub.networking.states_seating import ProposalState, SeatState
from eventhub.registration.models import Registration

MOST = 4  # 1:1 meetings that somebody gets who says nothing else


class SeatingConsent(Base):
    """Whether a participant agrees to be seated by the organisers, and how many 1:1 meetings they want at most."""

    __tablename__ = "seating_consents"
    __table_args__ = (sa.CheckConstraint("most > 0", name="at_least_one"),)

    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("registrations.id"), primary_key=True)
    meeting_id: Mapped[int] = reference("meetings.id")
    agreed: Mapped[bool] = mapped_column(default=False)
    most: Mapped[int] = mapped_column(default=MOST)
    updated_at: Mapped[datetime] = created()


class Wish(Base):
    """One participant would like to meet another. Only the organisers see it, never the other."""

    __tablename__ = "one_to_one_wishes"
    __table_args__ = (
        sa.UniqueConstraint("by_id", "whom_id"),
        sa.CheckConstraint("by_id <> whom_id", name="two_people"),
    )

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id")
    by_id: Mapped[int] = reference("registrations.id", index=False)
    whom_id: Mapped[int] = reference("registrations.id")
    place: Mapped[int] = mapped_column(default=0)  # the least is the dearest
    created_at: Mapped[datetime] = created()


class SeatingProposal(Base):
    """What one run of the solver proposes."""

    __tablename__ = "seating_proposals"
    __table_args__ = (
        sa.Index(
            "uq_seating_proposals_open",
            "meeting_id",
            unique=True,
            sqlite_where=sa.text("state = 'proposed'"),
            postgresql_where=sa.text("state = 'proposed'"),
        ),
    )

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id")
    state: Mapped[ProposalState] = mapped_column(choice(ProposalState), default=ProposalState.PROPOSED)
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what the solver reached, without people's data
    made_at: Mapped[datetime] = created()
    by_name: Mapped[str] = mapped_column(default="")
    published_at: Mapped[datetime | None]

    meeting: Mapped[Meeting] = relationship()


class ProposedSeat(Base):
    """Two registrations, when, and at which table; ``a`` has the lesser id."""

    __tablename__ = "proposed_seats"
    __table_args__ = (
        sa.UniqueConstraint("proposal_id", "a_id", "b_id"),
        sa.CheckConstraint("a_id < b_id", name="two_registrations_in_order"),
    )

    id: Mapped[int] = key()
    proposal_id: Mapped[int] = reference("seating_proposals.id", index=False)
    a_id: Mapped[int] = reference("registrations.id")
    b_id: Mapped[int] = reference("registrations.id")
    starts: Mapped[datetime]
    ends: Mapped[datetime]
    table_id: Mapped[int | None] = reference("one_to_one_tables.id", nullable=True, ondelete="SET NULL")
    state: Mapped[SeatState] = mapped_column(choice(SeatState), default=SeatState.KEPT)
    why: Mapped[str] = mapped_column(sa.String(24), default="")
    one_to_one_id: Mapped[int | None] = reference("one_to_ones.id", nullable=True, index=False, ondelete="SET NULL")

    a: Mapped[Registration] = relationship(foreign_keys=[a_id])
    b: Mapped[Registration] = relationship(foreign_keys=[b_id])
    table: Mapped[OneToOneTable | None] = relationship()
