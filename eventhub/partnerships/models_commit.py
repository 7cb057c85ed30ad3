"""What delegations promised at a meeting, and the meeting's statement with who endorses it, who does not, and why."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub.db import Base, choice, created, key, reference
from eventhub.directory.models import Organisation, Precision
from eventhub.meetings.models import Meeting
from eventhub.partnerships.states import CommitmentState, Stance, StatementState


class Commitment(Base):
    """What one delegation promised. Its state is what was told last; every telling is kept."""

    __tablename__ = "commitments"

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id")
    organisation_id: Mapped[int] = reference("organisations.id")
    text: Mapped[str]
    due: Mapped[date | None]
    due_precision: Mapped[Precision] = mapped_column(choice(Precision), default=Precision.UNKNOWN)
    who: Mapped[str] = mapped_column(default="")  # who does it, in the delegation's own words
    state: Mapped[CommitmentState] = mapped_column(choice(CommitmentState), default=CommitmentState.OPEN)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = created()

    meeting: Mapped[Meeting] = relationship()
    organisation: Mapped[Organisation] = relationship()
    tellings: Mapped[list["CommitmentTelling"]] = relationship(
        cascade="all, delete-orphan", back_populates="commitment", order_by="CommitmentTelling.id"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class CommitmentTelling(Base):
    """Somebody says how a commitment stands. Added, never changed."""

    __tablename__ = "commitment_tellings"

    id: Mapped[int] = key()
    commitment_id: Mapped[int] = reference("commitments.id")
    state: Mapped[CommitmentState] = mapped_column(choice(CommitmentState))
    words: Mapped[str] = mapped_column(default="")
    evidence_url: Mapped[str] = mapped_column(default="")
    by_name: Mapped[str]
    by_delegation: Mapped[bool] = mapped_column(default=False)  # else by the secretariat
    at: Mapped[datetime] = created()

    commitment: Mapped[Commitment] = relationship(back_populates="tellings")


class MeetingStatement(Base):
    """One version of a meeting's statement. Once delegations were asked about it, its text stays as it is."""

    __tablename__ = "meeting_statements"
    __table_args__ = (sa.UniqueConstraint("meeting_id", "number"),)

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id", index=False)
    number: Mapped[int]
    title: Mapped[str]
    text: Mapped[str] = mapped_column(default="")
    state: Mapped[StatementState] = mapped_column(choice(StatementState), default=StatementState.DRAFT)
    asked_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = created()

    meeting: Mapped[Meeting] = relationship()
    voices: Mapped[list["Voice"]] = relationship(
        cascade="all, delete-orphan", back_populates="statement", order_by="Voice.id"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Voice(Base):
    """How one delegation stands to one version of the statement; None: it has not answered."""

    __tablename__ = "statement_voices"
    __table_args__ = (sa.UniqueConstraint("statement_id", "organisation_id"),)

    id: Mapped[int] = key()
    statement_id: Mapped[int] = reference("meeting_statements.id", index=False)
    organisation_id: Mapped[int] = reference("organisations.id")
    asked_of_id: Mapped[int | None] = reference("people.id", nullable=True)  # the head of the delegation
    stance: Mapped[Stance | None] = mapped_column(choice(Stance))
    words: Mapped[str] = mapped_column(default="")
    by_name: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
    before: Mapped[list[Any]] = mapped_column(default=list)  # earlier answers, newest first
    letters: Mapped[int] = mapped_column(default=0)
    link_version: Mapped[int] = mapped_column(default=1)

    statement: Mapped[MeetingStatement] = relationship(back_populates="voices")
    organisation: Mapped[Organisation] = relationship()
