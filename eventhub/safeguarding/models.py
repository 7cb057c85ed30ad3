"""Consents, guardians, named adults, sealed records, incidents: what keeps children and people at risk safe."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub.db import Base, choice, created, key, reference
from eventhub.directory.models import Person


class Purpose(StrEnum):
    """What a consent is for. Photo consents are never a condition of taking part."""

    PARTICIPATION = "participation"
    TRAVEL = "travel"
    MEDICAL = "medical"
    PHOTO_INTERNAL = "photo_internal"
    PHOTO_PUBLIC = "photo_public"
    NAMING = "naming"
    QUOTING = "quoting"
    TRANSFER = "transfer"
    LATER_CONTACT = "later_contact"


REQUIRED_OF_CHILDREN = (Purpose.PARTICIPATION, Purpose.TRAVEL, Purpose.MEDICAL)


class ConsentBy(StrEnum):
    CHILD = "child"
    GUARDIAN = "guardian"
    SELF = "self"


class AgeBand(StrEnum):
    UNDER_9 = "under_9"
    FROM_9_TO_12 = "9-12"
    FROM_13_TO_15 = "13-15"
    FROM_16_TO_17 = "16-17"


class Consent(Base):
    """An answer, added and never changed: the newest by the same side for the same purpose counts."""

    __tablename__ = "consents"
    __table_args__ = (sa.Index("ix_consents_person_meeting", "person_id", "meeting_id"),)

    id: Mapped[int] = key()
    person_id: Mapped[int] = reference("people.id", index=False)
    meeting_id: Mapped[int] = reference("meetings.id")
    purpose: Mapped[Purpose] = mapped_column(choice(Purpose))
    by: Mapped[ConsentBy] = mapped_column(choice(ConsentBy))
    answer: Mapped[bool]
    text_version: Mapped[str] = mapped_column(sa.String(32))
    language: Mapped[str] = mapped_column(sa.String(16))
    collected_by: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = created()
    withdrawn_at: Mapped[datetime | None]


class Guardian(Base):
    """A child's parent or guardian for one meeting; the child's letters go here."""

    __tablename__ = "guardians"
    __table_args__ = (sa.UniqueConstraint("child_id", "meeting_id"),)

    id: Mapped[int] = key()
    child_id: Mapped[int] = reference("people.id")
    meeting_id: Mapped[int] = reference("meetings.id")
    name: Mapped[str]
    email: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    relation: Mapped[str] = mapped_column(default="")
    age_band: Mapped[AgeBand | None] = mapped_column(choice(AgeBand))
    # of the named adult, who may register later than the child; folded, for matching
    adult_email: Mapped[str] = mapped_column(default="", server_default="")
    adult_email_key: Mapped[str] = mapped_column(sa.String(255), default="", server_default="", index=True)
    link_version: Mapped[int] = mapped_column(default=1)

    child: Mapped[Person] = relationship()


class ChaperoneRole(StrEnum):
    ADULT = "adult"
    DEPUTY = "deputy"


class Chaperoning(Base):
    """An adult answers for a child at a meeting, from–to."""

    __tablename__ = "chaperonings"

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id")
    child_id: Mapped[int] = reference("people.id")
    adult_id: Mapped[int] = reference("people.id")
    role: Mapped[ChaperoneRole] = mapped_column(choice(ChaperoneRole), default=ChaperoneRole.ADULT)
    start: Mapped[datetime] = created()
    end: Mapped[datetime | None]

    child: Mapped[Person] = relationship(foreign_keys=[child_id])
    adult: Mapped[Person] = relationship(foreign_keys=[adult_id])


class Departure(Base):
    """With whom a child left: noted beside the door's scan of its exit, which names the child only. The newest counts."""

    __tablename__ = "departures"
    __table_args__ = (sa.Index("ix_departures_scan", "device_id", "scan_id"),)

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id")
    child_id: Mapped[int] = reference("people.id")
    device_id: Mapped[int]  # the scan, named as the door names it
    scan_id: Mapped[str] = mapped_column(sa.String(36))
    adult_id: Mapped[int | None] = reference("people.id", nullable=True, index=False)
    adult_name: Mapped[str]  # as it was then; of a guardian or somebody else the only name there is
    by_name: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = created()


class SafeReturn(Base):
    """Somebody made sure that a child is safe: at its lodging for the night (``day``), or home (``day`` is None)."""

    __tablename__ = "safe_returns"

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id")
    child_id: Mapped[int] = reference("people.id")
    day: Mapped[date | None]
    by_name: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = created()
    withdrawn_at: Mapped[datetime | None]  # a slip


class SealedRecord(Base):
    """Date of birth, passport, medical, diet, access needs: encrypted; each reading is in the audit."""

    __tablename__ = "sealed_records"
    __table_args__ = (sa.UniqueConstraint("person_id", "meeting_id", "kind"),)

    id: Mapped[int] = key()
    person_id: Mapped[int] = reference("people.id")
    meeting_id: Mapped[int] = reference("meetings.id")
    kind: Mapped[str] = mapped_column(sa.String(32))  # date_of_birth | passport | medical | diet | access
    sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    created_at: Mapped[datetime] = created()
    delete_after: Mapped[datetime | None] = mapped_column(index=True)


class Incident(Base):
    """The incident log: sealed, apart, closed to anyone named in it."""

    __tablename__ = "incidents"

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id")
    sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    reported_by: Mapped[str]
    reported_by_id: Mapped[int | None]
    state: Mapped[str] = mapped_column(sa.String(16), default="open")
    created_at: Mapped[datetime] = created()


class IncidentNamed(Base):
    """A person named in an incident; staff with that e-mail address cannot open it."""

    __tablename__ = "incident_named"

    id: Mapped[int] = key()
    incident_id: Mapped[int] = reference("incidents.id")
    email_key: Mapped[str] = mapped_column(sa.String(255), index=True)
