"""Papers that a meeting issues to a person: the certificate of attendance. A number makes each checkable."""

from datetime import datetime
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
