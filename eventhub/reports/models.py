"""A report that was issued: frozen with its figures, definitions, date and files."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub.db import Base, created, key, reference
from eventhub.files import StoredFile


class IssuedReport(Base):
    """Nothing of it is counted again: ``content`` is what was said (see ``donor.content``), the files hold the same.

    Only what somebody no longer agrees to is taken out of both (see ``withheld``). What a party disputes stays in
    ``content``, and whoever reads it leaves it out.
    """

    __tablename__ = "issued_reports"

    id: Mapped[int] = key()
    number: Mapped[str] = mapped_column(sa.String(24), unique=True)  # "R-2026-001"
    title: Mapped[str]
    funder: Mapped[str] = mapped_column(default="")
    scope: Mapped[dict[str, Any]] = mapped_column(default=dict)  # scope.Scope.args()
    meeting_ids: Mapped[list[Any]] = mapped_column(default=list)  # whose figures it holds
    as_of: Mapped[date]
    content: Mapped[dict[str, Any]] = mapped_column(default=dict, deferred=True)
    drawn: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}", deferred=True)  # issuing.Drawn
    disputed: Mapped[list[Any]] = mapped_column(
        default=list, server_default="[]"
    )  # what the files leave out, since when
    previous_id: Mapped[int | None] = reference("issued_reports.id", nullable=True)  # what its changes are since
    job_id: Mapped[int | None] = mapped_column(unique=True)  # a job that is done twice issues one report
    by_name: Mapped[str] = mapped_column(default="")
    issued_at: Mapped[datetime] = created()

    files: Mapped[list["IssuedFile"]] = relationship(
        cascade="all, delete-orphan", back_populates="report", order_by="IssuedFile.id"
    )
    previous: Mapped["IssuedReport | None"] = relationship(remote_side=[id])


class IssuedFile(Base):
    """One file of an issued report."""

    __tablename__ = "issued_files"
    __table_args__ = (sa.UniqueConstraint("report_id", "kind"),)

    id: Mapped[int] = key()
    report_id: Mapped[int] = reference("issued_reports.id", index=False)
    kind: Mapped[str] = mapped_column(sa.String(16))  # pdf | html | xlsx | iati | graphml
    file_id: Mapped[int] = reference("stored_files.id")

    report: Mapped[IssuedReport] = relationship(back_populates="files")
    file: Mapped[StoredFile] = relationship()
