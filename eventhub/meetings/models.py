"""Series and their meetings (editions), the days of each, and the sectors that invitations go by."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub.db import Base, choice, created, key, reference
from eventhub.meetings.states import MeetingMode, MeetingState, Precision


class Series(Base):
    """A row of meetings under one name, such as the APPM."""

    __tablename__ = "series"

    id: Mapped[int] = key()
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    name: Mapped[str]
    short_name: Mapped[str] = mapped_column(default="")
    purpose: Mapped[str] = mapped_column(default="")
    secretariat: Mapped[str] = mapped_column(default="")
    accent: Mapped[str] = mapped_column(sa.String(7), default="#0b6e6e")
    created_at: Mapped[datetime] = created()


class Meeting(Base):
    """One edition. Number, year and status are separate facts: the number is never computed from the year."""

    __tablename__ = "meetings"
    __table_args__ = (
        sa.CheckConstraint("starts <= ends", name="dates_in_order"),
        sa.CheckConstraint("capacity IS NULL OR capacity >= 0", name="capacity_positive"),
    )

    id: Mapped[int] = key()
    series_id: Mapped[int] = reference("series.id")
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    title: Mapped[str]
    theme: Mapped[str] = mapped_column(default="")
    edition_no: Mapped[int | None]
    year: Mapped[int]
    state: Mapped[MeetingState] = mapped_column(choice(MeetingState), default=MeetingState.PLANNED)
    mode: Mapped[MeetingMode] = mapped_column(choice(MeetingMode), default=MeetingMode.IN_PERSON)
    starts: Mapped[date]
    ends: Mapped[date]
    # a past meeting may be known by its month or year only; then the two dates are that month's or year's bounds
    dates_precision: Mapped[Precision] = mapped_column(choice(Precision), default=Precision.DAY, server_default="day")
    tz: Mapped[str] = mapped_column(sa.String(64), default="Asia/Manila")
    place: Mapped[str] = mapped_column(default="")  # the city, as people say it
    country: Mapped[str] = mapped_column(sa.String(8), default="")  # ISO 3166 code of country or territory
    venue: Mapped[str] = mapped_column(default="")  # building and address
    accent: Mapped[str] = mapped_column(sa.String(7), default="#0b6e6e")
    introduction: Mapped[str] = mapped_column(default="")  # the public page's text, plain paragraphs
    contact_email: Mapped[str] = mapped_column(default="")
    focal_point_name: Mapped[str] = mapped_column(default="")
    focal_point_phone: Mapped[str] = mapped_column(default="")  # on the back of every badge
    capacity: Mapped[int | None]  # seats; None: no limit
    needs_approval: Mapped[bool] = mapped_column(default=False)
    open_registration: Mapped[bool] = mapped_column(default=False)  # anybody may register, not only who is nominated
    registration_opens: Mapped[datetime | None]
    registration_closes: Mapped[datetime | None]
    admits_children: Mapped[bool] = mapped_column(default=False)
    code_of_conduct: Mapped[str] = mapped_column(default="")
    code_of_conduct_version: Mapped[str] = mapped_column(sa.String(32), default="1")
    programme_public: Mapped[bool] = mapped_column(default=False)
    project_line: Mapped[str] = mapped_column(default="", server_default="")  # over signature lists: who pays for what
    logo_id: Mapped[int | None] = reference("stored_files.id", nullable=True, index=False)  # beside it
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = created()

    series: Mapped[Series] = relationship()
    days: Mapped[list["MeetingDay"]] = relationship(
        order_by="MeetingDay.day", cascade="all, delete-orphan", back_populates="meeting"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  (SQLAlchemy's way of naming it)


class MeetingDay(Base):
    """A day of a meeting. It begins at 04:00 local time, so that a late dinner belongs to its evening."""

    __tablename__ = "meeting_days"
    __table_args__ = (sa.UniqueConstraint("meeting_id", "day"),)

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id")
    day: Mapped[date]
    label: Mapped[str] = mapped_column(default="")

    meeting: Mapped[Meeting] = relationship(back_populates="days")


class Sector(Base):
    """A kind of organisation that is invited as a group: coalitions, environmental groups, research institutions …"""

    __tablename__ = "sectors"

    id: Mapped[int] = key()
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)
