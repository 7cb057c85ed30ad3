"""Introductions: two people met, where, when, through whom. Sitting in one session is only a candidate. Profiles: what
a participant offers and seeks."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub.db import Base, choice, created, key, reference
from eventhub.directory.models import Person, Precision
from eventhub.meetings.models import Meeting
from eventhub.programme.models import Session
from eventhub.registration.models import Registration


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
    a_shares: Mapped[bool] = mapped_column(default=False)  # whether b may have a's address, once both said yes
    b_shares: Mapped[bool] = mapped_column(default=False)
    link_version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = created()

    meeting: Mapped[Meeting] = relationship()
    a: Mapped[Person] = relationship(foreign_keys=[a_id])
    b: Mapped[Person] = relationship(foreign_keys=[b_id])
    introduced_by: Mapped[Person | None] = relationship(foreign_keys=[introduced_by_id])
    session: Mapped[Session | None] = relationship()


class Contact(StrEnum):
    """Who may see a participant's address."""

    NOBODY = "nobody"
    CONFIRMED = "confirmed"  # whom they met, where both say so and they share it
    EVERYBODY = "everybody"  # every participant of the meeting


class Side(StrEnum):
    """What a code of a profile says."""

    OFFERS = "offers"
    SEEKS = "seeks"
    WORKS_ON = "works_on"
    LEVEL = "level"
    COUNTRY = "country"
    LANGUAGE = "language"


THEME_SIDES = (Side.OFFERS, Side.SEEKS, Side.WORKS_ON)


class Profile(Base):
    """What a participant of one meeting offers, seeks and works on; shown to others only while ``listed``."""

    __tablename__ = "profiles"

    id: Mapped[int] = key()
    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("registrations.id"), unique=True)
    meeting_id: Mapped[int] = reference("meetings.id")
    listed: Mapped[bool] = mapped_column(default=False)
    contact: Mapped[Contact] = mapped_column(choice(Contact), default=Contact.NOBODY)
    may_be_asked: Mapped[bool] = mapped_column(default=False, server_default=sa.false())  # for a 1:1 meeting
    offers: Mapped[str] = mapped_column(default="")  # in their own words
    seeks: Mapped[str] = mapped_column(default="")
    works_on: Mapped[str] = mapped_column(default="")
    search_text: Mapped[str] = mapped_column(default="")  # names, organisation and words, folded; never an address
    updated_at: Mapped[datetime] = created()

    registration: Mapped[Registration] = relationship()
    codes: Mapped[list["ProfileCode"]] = relationship(cascade="all, delete-orphan", order_by="ProfileCode.id")


class ProfileCode(Base):
    """A theme by scheme and code, or a level, a country (ISO 3166) or a language (BCP 47), on one side of a profile."""

    __tablename__ = "profile_codes"
    __table_args__ = (
        sa.UniqueConstraint("profile_id", "side", "scheme", "code"),
        sa.Index("ix_profile_codes_code", "side", "scheme", "code"),
    )

    id: Mapped[int] = key()
    profile_id: Mapped[int] = reference("profiles.id", index=False)
    side: Mapped[Side] = mapped_column(choice(Side))
    scheme: Mapped[str] = mapped_column(sa.String(24), default="")
    code: Mapped[str] = mapped_column(sa.String(40))


class Suggestion(Base):
    """Two listed participants who should meet. Why is told from what they say at the time of reading."""

    __tablename__ = "suggestions"
    __table_args__ = (
        sa.UniqueConstraint("a_id", "b_id"),
        sa.CheckConstraint("a_id < b_id", name="two_profiles_in_order"),
    )

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id")
    a_id: Mapped[int] = mapped_column(sa.ForeignKey("profiles.id"))
    b_id: Mapped[int] = reference("profiles.id")
    points: Mapped[int] = mapped_column(default=0)
    current: Mapped[bool] = mapped_column(default=True)  # False: kept only for the "not for me"
    not_for_a: Mapped[bool] = mapped_column(default=False)
    not_for_b: Mapped[bool] = mapped_column(default=False)

    a: Mapped[Profile] = relationship(foreign_keys=[a_id])
    b: Mapped[Profile] = relationship(foreign_keys=[b_id])


class SuggestionRound(Base):
    """When a meeting's suggestions were computed last, and of which state of things."""

    __tablename__ = "suggestion_rounds"

    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meetings.id"), primary_key=True)
    seen: Mapped[str] = mapped_column(sa.String(64), default="")  # a digest of what they were computed from
    made_at: Mapped[datetime] = created()
