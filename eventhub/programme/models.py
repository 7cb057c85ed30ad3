"""Rooms, tracks, sessions, who speaks, who signed up."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub.db import Base, choice, created, key, reference
from eventhub.directory.models import Person
from eventhub.meetings.models import Meeting


class Room(Base):
    __tablename__ = "rooms"
    __table_args__ = (sa.UniqueConstraint("meeting_id", "name"),)

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id")
    name: Mapped[str]
    capacity: Mapped[int | None]
    position: Mapped[int] = mapped_column(default=0)


class Track(Base):
    __tablename__ = "tracks"
    __table_args__ = (sa.UniqueConstraint("meeting_id", "name"),)

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id")
    name: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)


class Audience(StrEnum):
    ALL = "all"
    ADULTS = "adults"
    CHILD_FRIENDLY = "child_friendly"


class Session(Base):
    __tablename__ = "sessions"
    __table_args__ = (sa.CheckConstraint("starts < ends", name="times_in_order"),)

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id")
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    starts: Mapped[datetime] = mapped_column(index=True)
    ends: Mapped[datetime]
    room_id: Mapped[int | None] = reference("rooms.id", nullable=True)
    track_id: Mapped[int | None] = reference("tracks.id", nullable=True)
    kind: Mapped[str] = mapped_column(sa.String(24), default="session")  # plenary | session | workshop | break | social
    languages: Mapped[list[Any]] = mapped_column(default=list)
    interpretation: Mapped[list[Any]] = mapped_column(default=list)
    capacity: Mapped[int | None]
    needs_sign_up: Mapped[bool] = mapped_column(default=False)
    audience: Mapped[Audience] = mapped_column(choice(Audience), default=Audience.ALL)
    version: Mapped[int] = mapped_column(default=1)

    meeting: Mapped[Meeting] = relationship()
    room: Mapped[Room | None] = relationship()
    track: Mapped[Track | None] = relationship()
    speakers: Mapped[list["Speaker"]] = relationship(
        cascade="all, delete-orphan", back_populates="session", order_by="Speaker.position"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Speaker(Base):
    __tablename__ = "speakers"
    __table_args__ = (sa.UniqueConstraint("session_id", "person_id"),)

    id: Mapped[int] = key()
    session_id: Mapped[int] = reference("sessions.id")
    person_id: Mapped[int] = reference("people.id")
    part: Mapped[str] = mapped_column(sa.String(24), default="speaker")  # speaker | moderator | interpreter
    position: Mapped[int] = mapped_column(default=0)

    session: Mapped[Session] = relationship(back_populates="speakers")
    person: Mapped[Person] = relationship()


class SignUp(Base):
    """A place in a session; counts only while the person's registration is confirmed."""

    __tablename__ = "sign_ups"
    __table_args__ = (sa.UniqueConstraint("session_id", "registration_id"),)

    id: Mapped[int] = key()
    session_id: Mapped[int] = reference("sessions.id")
    registration_id: Mapped[int] = reference("registrations.id")
    made_at: Mapped[datetime] = created()
    withdrawn_at: Mapped[datetime | None]
