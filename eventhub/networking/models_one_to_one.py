"""1:1 meetings at a meeting: when and at which tables they may be, who asked whom, and what became of it.

Slots are not stored: they follow from the windows. A 1:1 meeting keeps its own times, so a window that is changed
later leaves it as it was.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub.db import Base, choice, created, key, reference
from eventhub.meetings.models import Meeting
from eventhub.networking.states import STANDING, OneToOneSource, OneToOneState
from eventhub.programme.models import Room
from eventhub.registration.models import Registration

MOST_OPEN = 5  # requests of one person that nobody has answered yet


class OneToOnePlan(Base):
    """A meeting's settings for 1:1 meetings, and the row under whose lock times and tables are given out."""

    __tablename__ = "one_to_one_plans"

    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meetings.id"), primary_key=True)
    most_open: Mapped[int] = mapped_column(default=MOST_OPEN)
    created_at: Mapped[datetime] = created()


class OneToOneWindow(Base):
    """A span of time in which 1:1 meetings take place, cut into slots of equal length."""

    __tablename__ = "one_to_one_windows"
    __table_args__ = (
        sa.CheckConstraint("starts < ends", name="times_in_order"),
        sa.CheckConstraint("slot_minutes > 0", name="slots_last"),
    )

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id")
    starts: Mapped[datetime]
    ends: Mapped[datetime]
    slot_minutes: Mapped[int]


class OneToOneTable(Base):
    """Where two people sit; one pair at a time."""

    __tablename__ = "one_to_one_tables"
    __table_args__ = (sa.UniqueConstraint("meeting_id", "name"),)

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id")
    name: Mapped[str]
    room_id: Mapped[int | None] = reference("rooms.id", nullable=True, ondelete="SET NULL")
    place: Mapped[str] = mapped_column(default="")  # how to find it, in words
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)

    room: Mapped[Room | None] = relationship()


def _while(name: str, column: str, *states: OneToOneState) -> sa.Index:
    """Unique together with the beginning, among those in one of these states."""
    where = sa.text(f"state IN ({', '.join(repr(str(state)) for state in sorted(states))})")
    columns = [*column.split(), "starts"]
    return sa.Index(name, *columns, unique=True, sqlite_where=where, postgresql_where=where)


class OneToOne(Base):
    """Two registrations who want to meet, or will; ``a`` is the one with the lesser id.

    ``starts`` and ``ends`` are what is agreed, and before that what was proposed last. ``new_starts`` is another time
    that one of the two proposed for what is agreed. ``waits_for`` has to answer.
    """

    __tablename__ = "one_to_ones"
    __table_args__ = (
        sa.CheckConstraint("a_id < b_id", name="two_registrations_in_order"),
        sa.CheckConstraint("starts < ends", name="times_in_order"),
        sa.CheckConstraint("state <> 'accepted' OR table_id IS NOT NULL", name="accepted_has_a_table"),
        _while("uq_one_to_ones_pair", "a_id b_id", *STANDING),
        _while("uq_one_to_ones_a", "a_id", OneToOneState.ACCEPTED),
        _while("uq_one_to_ones_b", "b_id", OneToOneState.ACCEPTED),
        _while("uq_one_to_ones_table", "table_id", OneToOneState.ACCEPTED),
    )

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id")
    a_id: Mapped[int] = reference("registrations.id")
    b_id: Mapped[int] = reference("registrations.id")
    asked_by_id: Mapped[int | None] = reference("registrations.id", nullable=True)  # None: the organisers seated them
    source: Mapped[OneToOneSource] = mapped_column(choice(OneToOneSource), default=OneToOneSource.ASKED)
    state: Mapped[OneToOneState] = mapped_column(choice(OneToOneState), default=OneToOneState.REQUESTED)
    waits_for_id: Mapped[int | None] = reference("registrations.id", nullable=True)
    starts: Mapped[datetime] = mapped_column(index=True)
    ends: Mapped[datetime]
    new_starts: Mapped[datetime | None]
    new_ends: Mapped[datetime | None]
    table_id: Mapped[int | None] = reference("one_to_one_tables.id", nullable=True)
    message: Mapped[str] = mapped_column(default="")  # of who asked
    answer: Mapped[str] = mapped_column(default="")  # what was said last with a no or another time
    sequence: Mapped[int] = mapped_column(default=0)  # iCalendar's: grows whenever what was agreed changes
    created_at: Mapped[datetime] = created()

    meeting: Mapped[Meeting] = relationship()
    a: Mapped[Registration] = relationship(foreign_keys=[a_id])
    b: Mapped[Registration] = relationship(foreign_keys=[b_id])
    table: Mapped[OneToOneTable | None] = relationship()


class KeptTime(Base):
    """A time that a participant keeps for themselves: nobody asks for it, and nobody is seated in it."""

    __tablename__ = "one_to_one_kept_times"
    __table_args__ = (
        sa.UniqueConstraint("registration_id", "starts"),
        sa.CheckConstraint("starts < ends", name="times_in_order"),
    )

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id")
    registration_id: Mapped[int] = reference("registrations.id", index=False)
    starts: Mapped[datetime]
    ends: Mapped[datetime]


class OneToOneStep(Base):
    """What happened to a 1:1 meeting, in its order: nothing of it is ever changed."""

    __tablename__ = "one_to_one_steps"

    id: Mapped[int] = key()
    one_to_one_id: Mapped[int] = reference("one_to_ones.id")
    step: Mapped[str] = mapped_column(sa.String(24))  # asked, proposed, accepted, moved, kept, declined …
    by_id: Mapped[int | None] = reference("registrations.id", nullable=True)  # None: the organisers, or the house
    starts: Mapped[datetime]
    table_id: Mapped[int | None] = reference("one_to_one_tables.id", nullable=True, index=False)
    words: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = created()
