"""Long work with progress: one row per import, sheet, campaign, export."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub.db import Base, choice, created, key, reference
from eventhub.meetings.models import Meeting


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(Base):
    __tablename__ = "jobs"

    id: Mapped[int] = key()
    kind: Mapped[str] = mapped_column(sa.String(64))
    title: Mapped[str] = mapped_column(default="")
    meeting_id: Mapped[int | None] = reference("meetings.id", nullable=True)
    args: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[JobState] = mapped_column(choice(JobState), default=JobState.QUEUED, index=True)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    result_file_id: Mapped[int | None] = reference("stored_files.id", nullable=True, ondelete="SET NULL")
    problem: Mapped[str] = mapped_column(default="")  # the sentence for the person when it failed
    by_id: Mapped[int | None]
    by_name: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = created()
    started_at: Mapped[datetime | None]
    beat_at: Mapped[datetime | None]  # last sign of life; a sweep takes up what fell silent
    finished_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)

    meeting: Mapped[Meeting | None] = relationship()
