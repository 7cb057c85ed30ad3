"""Papers that a meeting issues to a person: the certificate of attendance. A number makes each checkable.

And who signed the sheet of a day or of a session: a fact of its own, for a donor counts only who signed.
"""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub.db import Base, choice, created, key, reference
from eventhub.registration.models import Registration


class DocumentKind(StrEnum):
    CERTIFICATE = "certificate"


class Document(Base):
    __tablename__ = "documents"
    __table_args__ = (sa.UniqueConstraint("registration_id", "kind"),)

    id: Mapped[int] = key()
    registration_id: Mapped[int] = reference("registrations.id")
    kind: Mapped[DocumentKind] = mapped_column(choice(DocumentKind))
    number: Mapped[str] = mapped_column(sa.String(40), unique=True)
    issued_at: Mapped[datetime] = created()
    by_name: Mapped[str] = mapped_column(default="")

    registration: Mapped[Registration] = relationship()


class Signature(Base):
    """Somebody signed the paper of a day (``session_id`` is None) or of a session, as entered by a member of staff."""

    __tablename__ = "signatures"
    __table_args__ = (
        # one in force a person and sheet, whatever runs at once
        sa.Index(
            "uq_signatures_in_force",
            "meeting_id",
            "sheet",
            "person_key",
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id", index=False)
    sheet: Mapped[str] = mapped_column(sa.String(24))  # "2027-07-14" or "session-12"
    day: Mapped[date]
    session_id: Mapped[int | None] = reference("sessions.id", nullable=True, ondelete="CASCADE")
    person_key: Mapped[str] = mapped_column(sa.String(220))  # as at the door: p12, walkin:<scan>
    signed_at: Mapped[datetime]  # the time written beside it
    entered_at: Mapped[datetime] = created()
    by_name: Mapped[str] = mapped_column(default="")
    withdrawn_at: Mapped[datetime | None]  # a slip of who typed it in
