"""The outbox: every letter is a row before it is anything else."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from eventhub.db import Base, choice, created, key, reference
from eventhub.mail.states import MessageState


class Message(Base):
    """One letter to one address. ``key`` is unique per purpose, person and meeting: asked for twice, sent once."""

    __tablename__ = "messages"
    __table_args__ = (sa.Index("ix_messages_due", "state", "next_attempt_at"),)

    id: Mapped[int] = key()
    key: Mapped[str] = mapped_column(sa.String(200), unique=True)
    letter: Mapped[str] = mapped_column(sa.String(64))
    meeting_id: Mapped[int | None] = reference("meetings.id", nullable=True)
    person_id: Mapped[int | None] = reference("people.id", nullable=True)
    about_child: Mapped[bool] = mapped_column(default=False)  # only who may see children sees it in the outbox
    to_email: Mapped[str]
    to_name: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(sa.String(16), default="en")
    subject: Mapped[str]
    text: Mapped[str]  # personal links stand as placeholders (security.placeholder)
    html: Mapped[str]
    attachments: Mapped[list[Any]] = mapped_column(default=list)  # [{"kind": "ticket", "id": 5}], made when sent
    state: Mapped[MessageState] = mapped_column(choice(MessageState), default=MessageState.QUEUED)
    claim: Mapped[str | None] = mapped_column(sa.String(40), index=True)
    claimed_at: Mapped[datetime | None]
    began_at: Mapped[datetime | None]  # set, committed, before the server may hear of it
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = created()
    sent_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = created()


class Suppression(Base):
    """An address that must not be written to (it bounced, or its owner said so)."""

    __tablename__ = "suppressions"

    id: Mapped[int] = key()
    email_key: Mapped[str] = mapped_column(sa.String(255), unique=True)
    reason: Mapped[str]
    created_at: Mapped[datetime] = created()
