"""Follow-ups by person: one letter asks a participant about everybody whom they met at one meeting."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub.db import Base, choice, created, key, reference
from eventhub.directory.models import Person
from eventhub.meetings.models import Meeting
from eventhub.networking.models import Introduction
from eventhub.partnerships.models import Activity, Partnership
from eventhub.partnerships.states import ActivityKind, Decision, FollowUpState


class PersonFollowUp(Base):
    """A participant is asked, so many months after a meeting. ``asked_email`` is another address than the person's
    own: a corrected one, or that of the colleague to whom it was handed over (who then has a name)."""

    __tablename__ = "person_follow_ups"
    __table_args__ = (
        sa.UniqueConstraint("meeting_id", "person_id", "months"),
        sa.Index("ix_person_follow_ups_due", "state", "due"),
    )

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id", index=False)
    person_id: Mapped[int] = reference("people.id")
    months: Mapped[int]
    due: Mapped[date]
    state: Mapped[FollowUpState] = mapped_column(choice(FollowUpState), default=FollowUpState.SCHEDULED)
    asked_name: Mapped[str] = mapped_column(default="")
    asked_email: Mapped[str] = mapped_column(default="")
    handed_over: Mapped[int] = mapped_column(default=0)  # how often
    sent_at: Mapped[datetime | None]
    last_letter_at: Mapped[datetime | None]
    letters: Mapped[int] = mapped_column(default=0)  # that were queued, of every kind: part of their keys
    reminders: Mapped[int] = mapped_column(default=0)
    answered_at: Mapped[datetime | None]
    words: Mapped[str] = mapped_column(default="")
    link_version: Mapped[int] = mapped_column(default=1)
    version: Mapped[int] = mapped_column(default=1)  # of the answers: the second of two devices is told
    created_at: Mapped[datetime] = created()

    meeting: Mapped[Meeting] = relationship()
    person: Mapped[Person] = relationship()
    answers: Mapped[list["FollowUpAnswer"]] = relationship(
        cascade="all, delete-orphan", back_populates="follow_up", order_by="FollowUpAnswer.id"
    )


class FollowUpAnswer(Base):
    """What one side says about one introduction or partnership. None: not answered. What it tells of doing something
    together is a proposal, which counts for nothing until staff take it into the record."""

    __tablename__ = "follow_up_answers"
    __table_args__ = (
        sa.UniqueConstraint("follow_up_id", "introduction_id"),
        sa.UniqueConstraint("follow_up_id", "partnership_id"),
    )

    id: Mapped[int] = key()
    follow_up_id: Mapped[int] = reference("person_follow_ups.id", index=False)
    introduction_id: Mapped[int | None] = reference("introductions.id", nullable=True)
    partnership_id: Mapped[int | None] = reference("partnerships.id", nullable=True)
    in_contact: Mapped[bool | None]
    met_again: Mapped[bool | None]
    together: Mapped[bool | None]
    kind: Mapped[ActivityKind | None] = mapped_column(choice(ActivityKind, 32))
    title: Mapped[str] = mapped_column(default="")
    start: Mapped[str] = mapped_column(sa.String(40), default="")  # as typed; read when it is taken over
    place: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(default="")
    before: Mapped[list[Any]] = mapped_column(default=list)  # earlier answers, newest first
    answered_at: Mapped[datetime] = created()
    decision: Mapped[Decision] = mapped_column(choice(Decision), default=Decision.WAITING)
    decided_by: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    activity_id: Mapped[int | None] = reference("activities.id", nullable=True, ondelete="SET NULL")

    follow_up: Mapped[PersonFollowUp] = relationship(back_populates="answers")
    introduction: Mapped[Introduction | None] = relationship()
    partnership: Mapped[Partnership | None] = relationship()
    activity: Mapped[Activity | None] = relationship()
