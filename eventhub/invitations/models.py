"""Quotas by sector, invitations to organisations (or to one person), and the people they nominate."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub.db import Base, choice, created, key, reference
from eventhub.directory.models import Organisation, Person
from eventhub.invitations.states import InvitationState, NominationState, NomineeRole
from eventhub.meetings.models import Meeting, Sector


class Quota(Base):
    """How many seats a sector (optionally of one country) should have. A quota warns; it does not block."""

    __tablename__ = "quotas"
    __table_args__ = (
        sa.UniqueConstraint("meeting_id", "sector_id", "country"),
        sa.CheckConstraint("seats >= 0", name="seats_positive"),
    )

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id")
    sector_id: Mapped[int] = reference("sectors.id")
    country: Mapped[str] = mapped_column(sa.String(8), default="")
    seats: Mapped[int]

    sector: Mapped[Sector] = relationship()


class Invitation(Base):
    """An organisation with N seats, or one person, is invited until a deadline. ``opened_at`` is a time, not a state."""

    __tablename__ = "invitations"
    __table_args__ = (
        sa.UniqueConstraint("meeting_id", "organisation_id"),
        sa.UniqueConstraint("meeting_id", "person_id"),
        sa.CheckConstraint("(organisation_id IS NULL) <> (person_id IS NULL)", name="organisation_or_person"),
        sa.CheckConstraint("seats >= 1", name="seats_positive"),
    )

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id")
    organisation_id: Mapped[int | None] = reference("organisations.id", nullable=True)
    person_id: Mapped[int | None] = reference("people.id", nullable=True)
    sector_id: Mapped[int | None] = reference("sectors.id", nullable=True)
    seats: Mapped[int] = mapped_column(default=1)
    deadline: Mapped[date]  # the last day, in the meeting's time zone
    email: Mapped[str] = mapped_column(default="")
    addressee: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(sa.String(16), default="en")
    note: Mapped[str] = mapped_column(default="")  # why this quota was overridden, if it was
    state: Mapped[InvitationState] = mapped_column(choice(InvitationState), default=InvitationState.DRAFT)
    link_version: Mapped[int] = mapped_column(default=1)
    sent_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    decline_reason: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = created()

    meeting: Mapped[Meeting] = relationship()
    organisation: Mapped[Organisation | None] = relationship()
    person: Mapped[Person | None] = relationship()
    sector: Mapped[Sector | None] = relationship()
    nominations: Mapped[list["Nomination"]] = relationship(back_populates="invitation", order_by="Nomination.rank")

    @property
    def invited(self) -> Organisation | Person | None:
        """Who is invited: pages show its name and country."""
        return self.organisation or self.person

    @property
    def name(self) -> str:
        """The name of who is invited, in plain words; of a person what to call them."""
        if self.person is not None:
            return self.person.called or self.person.full_name
        return self.organisation.name if self.organisation is not None else ""

    @property
    def country(self) -> str:
        return self.invited.country if self.invited is not None else ""


class Nomination(Base):
    """A person whom an invited organisation names. The person's link leads to the registration form."""

    __tablename__ = "nominations"

    id: Mapped[int] = key()
    invitation_id: Mapped[int] = reference("invitations.id")
    person_id: Mapped[int] = reference("people.id")
    role: Mapped[NomineeRole] = mapped_column(choice(NomineeRole), default=NomineeRole.DELEGATE)
    rank: Mapped[int] = mapped_column(default=1)
    state: Mapped[NominationState] = mapped_column(choice(NominationState), default=NominationState.NAMED)
    # a child's letters go to this adult; for an adult both are empty, and the person's own address counts
    contact_name: Mapped[str] = mapped_column(default="", server_default="")
    contact_email: Mapped[str] = mapped_column(default="", server_default="")
    link_version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = created()
    invited_at: Mapped[datetime | None]

    invitation: Mapped[Invitation] = relationship(back_populates="nominations")
    person: Mapped[Person] = relationship()
