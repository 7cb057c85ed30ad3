"""Registrations, the meeting's own form fields, and what people answered."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub.db import Base, choice, created, key, reference
from eventhub.directory.models import Organisation, Person
from eventhub.invitations.models import Nomination
from eventhub.meetings.models import Meeting, Sector
from eventhub.registration.states import RegistrationRole, RegistrationState


class Source(StrEnum):
    ONLINE = "online"
    NOMINATION = "nomination"
    STAFF = "staff"
    IMPORT = "import"


class Registration(Base):
    """One person at one meeting."""

    __tablename__ = "registrations"
    __table_args__ = (
        sa.UniqueConstraint("meeting_id", "person_id"),
        sa.UniqueConstraint("meeting_id", "submission_key"),
        sa.Index("ix_registrations_meeting_state", "meeting_id", "state"),
    )

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id", index=False)
    person_id: Mapped[int] = reference("people.id")
    organisation_id: Mapped[int | None] = reference("organisations.id", nullable=True)
    organisation_text: Mapped[str] = mapped_column(default="")  # as typed, where the directory has no match yet
    sector_id: Mapped[int | None] = reference("sectors.id", nullable=True)
    nomination_id: Mapped[int | None] = reference("nominations.id", nullable=True)
    role: Mapped[RegistrationRole] = mapped_column(choice(RegistrationRole), default=RegistrationRole.DELEGATE)
    state: Mapped[RegistrationState] = mapped_column(choice(RegistrationState), default=RegistrationState.STARTED)
    queue_no: Mapped[int | None]  # place on the waiting list: order of arrival
    source: Mapped[Source] = mapped_column(choice(Source), default=Source.ONLINE)
    submission_key: Mapped[str | None] = mapped_column(sa.String(64))  # made with the form: twice the same is one
    submission_hash: Mapped[str] = mapped_column(sa.String(64), default="")
    is_child: Mapped[bool] = mapped_column(default=False)
    country: Mapped[str] = mapped_column(sa.String(8), default="")
    language: Mapped[str] = mapped_column(sa.String(16), default="en")
    code_of_conduct_version: Mapped[str] = mapped_column(sa.String(32), default="")
    code_of_conduct_at: Mapped[datetime | None]
    link_version: Mapped[int] = mapped_column(default=1)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = created()
    submitted_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    followed_up_at: Mapped[datetime | None]  # when the reactions to "confirmed" ran; a sweep looks for empty ones

    meeting: Mapped[Meeting] = relationship()
    person: Mapped[Person] = relationship()
    organisation: Mapped[Organisation | None] = relationship()
    sector: Mapped[Sector | None] = relationship()
    nomination: Mapped[Nomination | None] = relationship()
    answers: Mapped[list["Answer"]] = relationship(cascade="all, delete-orphan", back_populates="registration")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class FieldKind(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    CHOICES = "choices"
    YES_NO = "yes_no"
    DATE = "date"
    NUMBER = "number"


class FormField(Base):
    """A question that one meeting asks on its form, beside those that every meeting asks."""

    __tablename__ = "form_fields"
    __table_args__ = (sa.UniqueConstraint("meeting_id", "name"),)

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id")
    name: Mapped[str] = mapped_column(sa.String(40))
    label: Mapped[str]
    help: Mapped[str] = mapped_column(default="")
    kind: Mapped[FieldKind] = mapped_column(choice(FieldKind), default=FieldKind.TEXT)
    choices: Mapped[list[Any]] = mapped_column(default=list)
    required: Mapped[bool] = mapped_column(default=False)
    sector_id: Mapped[int | None] = reference("sectors.id", nullable=True)  # asked of one sector only
    position: Mapped[int] = mapped_column(default=0)


class Answer(Base):
    __tablename__ = "answers"
    __table_args__ = (sa.UniqueConstraint("registration_id", "field_id"),)

    id: Mapped[int] = key()
    registration_id: Mapped[int] = reference("registrations.id")
    field_id: Mapped[int] = reference("form_fields.id")
    value: Mapped[Any] = mapped_column(sa.JSON)

    registration: Mapped[Registration] = relationship(back_populates="answers")
    field: Mapped[FormField] = relationship()


class RegistrationFact(Base):
    """When a registration was confirmed or cancelled: dated facts that the door's rules read."""

    __tablename__ = "registration_facts"

    id: Mapped[int] = key()
    registration_id: Mapped[int] = reference("registrations.id")
    fact: Mapped[str] = mapped_column(sa.String(16))  # confirmed | cancelled
    at: Mapped[datetime] = created()
