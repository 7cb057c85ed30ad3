"""What a back-fill leaves behind: where each imported fact came from, and what a person decided about a name."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub.db import Base, choice, created, key, reference
from eventhub.directory.models import Organisation
from eventhub.partnerships.states import NameChoice


class ImportedFact(Base):
    """A row of a file that became a record. ``key`` is the row's own reference, else its content: imported once."""

    __tablename__ = "imported_facts"
    __table_args__ = (sa.Index("ix_imported_facts_record", "kind", "record_id"),)

    id: Mapped[int] = key()
    key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(24))  # meeting | registration | introduction | partnership | activity
    record_id: Mapped[int]
    reference: Mapped[str] = mapped_column(default="")  # as the file has it; activities name their partnership by it
    file_name: Mapped[str]
    line: Mapped[int]
    source: Mapped[str] = mapped_column(default="")  # what the row says of where it is known from
    created_at: Mapped[datetime] = created()


class PastAttendance(Base):
    """A list of the time says that somebody was at a past meeting: a person, or people of an organisation whose names
    nobody knows. A number of people is a number or unknown; unknown is not 0."""

    __tablename__ = "past_attendances"
    __table_args__ = (
        sa.Index("ix_past_attendances_meeting", "meeting_id", "organisation_id"),
        sa.CheckConstraint("adults IS NULL OR adults >= 0", name="adults"),
        sa.CheckConstraint("young IS NULL OR young >= 0", name="young"),
        sa.CheckConstraint("children IS NULL OR children >= 0", name="children"),
    )

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id", index=False)
    organisation_id: Mapped[int] = reference("organisations.id")
    person_id: Mapped[int | None] = reference("people.id", nullable=True)
    adults: Mapped[int | None]
    young: Mapped[int | None]
    children: Mapped[int | None]
    source: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = created()

    organisation: Mapped[Organisation] = relationship()


class NameDecision(Base):
    """Which organisation an unknown name of a list means, decided once by a person and remembered for the next list."""

    __tablename__ = "name_decisions"

    id: Mapped[int] = key()
    folded: Mapped[str] = mapped_column(sa.String(300), unique=True)
    text: Mapped[str]
    decision: Mapped[NameChoice] = mapped_column(choice(NameChoice))
    organisation_id: Mapped[int | None] = reference("organisations.id", nullable=True)
    by_name: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = created()

    organisation: Mapped[Organisation | None] = relationship()
