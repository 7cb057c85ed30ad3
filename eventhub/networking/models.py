"""Introductions: two people met, where, when, through whom. Sitting in one session is only a candidate."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub.db import Base, choice, created, key, reference
from eventhub.directory.models import Person, Precision
from eventhub.meetings.models import Meeting
from eventhub.programme.models import Session


class IntroductionSource(StrEnum):
    PERSON = "person"  # one of the two said so
    STAFF = "staff"
    MEMBER = "member"  # somebody introduced them
    PUBLISHED = "published"  # a published source tells it
    IMPORT = "import"


class Introduction(Base):
    """``a`` is the person with the lesser id, so that a pair at a meeting is one row whoever records it."""

    __tablename__ = "introductions"
    __table_args__ = (
        sa.UniqueConstraint("meeting_id", "a_id", "b_id"),
        sa.CheckConstraint("a_id < b_id", name="two_people_in_order"),
    )

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id")
    a_id: Mapped[int] = reference("people.id")
    b_id: Mapped[int] = reference("people.id")
    introduced_by_id: Mapped[int | None] = reference("people.id", nullable=True)  # None: unknown or nobody
    session_id: Mapped[int | None] = reference("sessions.id", nullable=True)  # None: unknown or in the margins
    topic: Mapped[str] = mapped_column(default="")
    met_on: Mapped[date | None]
    met_precision: Mapped[Precision] = mapped_column(choice(Precision), default=Precision.UNKNOWN)
    source: Mapped[IntroductionSource] = mapped_column(choice(IntroductionSource))
    source_text: Mapped[str] = mapped_column(default="")
    a_answer: Mapped[bool | None]  # confirmed, denied, or no answer yet
    a_answered_at: Mapped[datetime | None]
    b_answer: Mapped[bool | None]
    b_answered_at: Mapped[datetime | None]
    link_version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = created()

    meeting: Mapped[Meeting] = relationship()
    a: Mapped[Person] = relationship(foreign_keys=[a_id])
    b: Mapped[Person] = relationship(foreign_keys=[b_id])
    introduced_by: Mapped[Person | None] = relationship(foreign_keys=[introduced_by_id])
    session: Mapped[Session | None] = relationship()
