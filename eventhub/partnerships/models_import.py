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
