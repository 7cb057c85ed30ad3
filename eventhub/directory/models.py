"""Organisations and people, who belonged where and when. They outlive any one meeting."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub.db import Base, choice, created, key, reference
from eventhub.meetings.models import Sector
from eventhub.meetings.states import Precision as Precision


class NameKind(StrEnum):
    OFFICIAL = "official"
    SHORT = "short"
    FORMER = "former"
    ALIAS = "alias"


class Organisation(Base):
    __tablename__ = "organisations"

    id: Mapped[int] = key()
    name: Mapped[str] = mapped_column(index=True)  # the one to show; always also among ``names``
    country: Mapped[str] = mapped_column(sa.String(8), default="", index=True)  # country or territory, ISO 3166
    sector_id: Mapped[int | None] = reference("sectors.id", nullable=True)
    email: Mapped[str] = mapped_column(default="")  # the focal address that invitations go to
    website: Mapped[str] = mapped_column(default="")
    search_text: Mapped[str] = mapped_column(default="")  # all names, folded, for search in any script
    merged_into_id: Mapped[int | None] = reference("organisations.id", nullable=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = created()

    sector: Mapped[Sector | None] = relationship()
    names: Mapped[list["OrganisationName"]] = relationship(
        cascade="all, delete-orphan", back_populates="organisation", order_by="OrganisationName.id"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class OrganisationName(Base):
    """One of an organisation's names, in one script: "C-Rights", "シーライツ", …"""

    __tablename__ = "organisation_names"

    id: Mapped[int] = key()
    organisation_id: Mapped[int] = reference("organisations.id")
    text: Mapped[str]
    folded: Mapped[str] = mapped_column(index=True)
    lang: Mapped[str] = mapped_column(sa.String(16), default="")
    script: Mapped[str] = mapped_column(sa.String(8), default="")  # ISO 15924
    kind: Mapped[NameKind] = mapped_column(choice(NameKind), default=NameKind.OFFICIAL)

    organisation: Mapped[Organisation] = relationship(back_populates="names")


class Membership(Base):
    """An organisation's membership of a network, from–to."""

    __tablename__ = "memberships"

    id: Mapped[int] = key()
    organisation_id: Mapped[int] = reference("organisations.id")
    network_id: Mapped[int] = reference("organisations.id")
    role: Mapped[str] = mapped_column(default="member")
    start: Mapped[date | None]
    start_precision: Mapped[Precision] = mapped_column(choice(Precision), default=Precision.UNKNOWN)
    end: Mapped[date | None]
    end_precision: Mapped[Precision] = mapped_column(choice(Precision, name="end_precision"), default=Precision.UNKNOWN)


class Person(Base):
    """A person. No compulsory first and last name: mononyms exist."""

    __tablename__ = "people"

    id: Mapped[int] = key()
    full_name: Mapped[str]  # as they write it
    latin_name: Mapped[str] = mapped_column(default="")
    called: Mapped[str] = mapped_column(default="")  # what to call them; a child's chosen name
    sort_key: Mapped[str] = mapped_column(default="", index=True)
    email: Mapped[str] = mapped_column(default="")
    email_key: Mapped[str] = mapped_column(sa.String(255), default="", index=True)  # folded, for matching
    phone: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(sa.String(8), default="")
    language: Mapped[str] = mapped_column(sa.String(16), default="en")
    is_child: Mapped[bool] = mapped_column(default=False, index=True)
    at_risk: Mapped[bool] = mapped_column(default=False)  # unlisted everywhere
    search_text: Mapped[str] = mapped_column(default="")
    merged_into_id: Mapped[int | None] = reference("people.id", nullable=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = created()

    affiliations: Mapped[list["Affiliation"]] = relationship(
        cascade="all, delete-orphan", back_populates="person", order_by="Affiliation.id"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Affiliation(Base):
    """A person belongs to an organisation, from–to."""

    __tablename__ = "affiliations"

    id: Mapped[int] = key()
    person_id: Mapped[int] = reference("people.id")
    organisation_id: Mapped[int] = reference("organisations.id")
    post: Mapped[str] = mapped_column(default="")
    start: Mapped[date | None]
    start_precision: Mapped[Precision] = mapped_column(choice(Precision), default=Precision.UNKNOWN)
    end: Mapped[date | None]
    end_precision: Mapped[Precision] = mapped_column(choice(Precision, name="end_precision"), default=Precision.UNKNOWN)

    person: Mapped[Person] = relationship(back_populates="affiliations")
    organisation: Mapped[Organisation] = relationship()
