"""Files that the software makes or is given: rows in the database, so that any number of web and worker machines
see them, a backup holds them, and a purge reaches them. They are few and small (sheets, imports, exports)."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from flask import Response
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Mapped, mapped_column

from eventhub import clock
from eventhub.db import Base, created, db, key, touched
from eventhub.errors import NotFoundError

LARGEST = 32 * 1024 * 1024  # bytes
# what a spreadsheet would take for a formula at the beginning of a cell (OWASP, "CSV Injection"), also in full width
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# where a spreadsheet parts cells by semicolons, as half of the world's do, a cell begins within our text
_INSIDE = re.compile(r"([;\t\r\n][\s\"]*)(?=[=+@＝＋＠]|[-－]\S)")
# control characters, marks that turn the direction of what follows ("exe.fdp" reads "pdf.exe"), lone surrogates
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
LONGEST_NAME = 150  # characters


class StoredFile(Base):
    __tablename__ = "stored_files"

    id: Mapped[int] = key()
    name: Mapped[str]
    media_type: Mapped[str] = mapped_column(sa.String(100))
    content: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    size: Mapped[int]
    # of a photograph: a light one for pages (WebP), which goes where the file goes
    small: Mapped[bytes | None] = mapped_column(sa.LargeBinary, deferred=True)
    created_at: Mapped[datetime] = created()
    expires_at: Mapped[datetime | None]


def store(
    name: str, media_type: str, content: bytes, *, small: bytes | None = None, keep: timedelta | None = None
) -> StoredFile:
    """Keep a file, with a ``small`` rendition of a photograph; ``keep`` says for how long (None: until its owner deletes
    it). Of its name only what may stand in a header is kept, and no folder."""
    if len(content) > LARGEST:
        raise ValueError("file too large to store")
    file = StoredFile(
        name=plain_name(name),
        media_type=media_type,
        content=content,
        size=len(content),
        small=small,
        expires_at=clock.now() + keep if keep else None,
    )
    db.session.add(file)
    db.session.flush()
    return file


def get(file_id: int) -> StoredFile:
    """The file; raises NotFoundError when it is gone or has expired."""
    file = db.session.get(StoredFile, file_id)
    if file is None or (file.expires_at and file.expires_at < clock.now()):
        raise NotFoundError(_("This file is no longer kept. Make it again: it takes a moment."))
    return file


def plain_name(name: str) -> str:
    """A file's name as somebody's computer sent it: without folders, without signs that nobody sees, not endless."""
    name = _NOT_IN_NAMES.sub("", name.replace("\\", "/")).rstrip("/ ").rsplit("/", 1)[-1].strip(" .")
    return name[-LONGEST_NAME:] or "file"


def sent(file: StoredFile, *, download: bool = True, small: bool = False) -> Response:
    """A stored file (or its ``small`` rendition, where there is one) as an answer, which nobody on the way may keep: most
    hold what only some may see."""
    light = file.small if small else None
    answer = Response(light or file.content, mimetype="image/webp" if light else file.media_type)
    if download:
        answer.headers["Content-Disposition"] = attachment_name(plain_name(file.name))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def purge(before: datetime) -> int:
    """Delete files whose time was over before the given instant; returns how many."""
    return touched(sa.delete(StoredFile).where(StoredFile.expires_at < before))


def attachment_name(name: str) -> str:
    """The Content-Disposition of a download, for a name in any script (RFC 6266, RFC 8187)."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def export_csv(rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows as CSV that spreadsheets read rightly: UTF-8 with its mark, and no text that would run as a formula.

    None is empty; numbers stay numbers; a text that begins like a formula gets an apostrophe in front.
    """
    text = io.StringIO()
    writer = csv.writer(text)  # its line end is CRLF, as RFC 4180 says
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return text.getvalue().encode("utf-8-sig", "replace")


def _cell(value: Any) -> Any:
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return "" if value is None else value
    text = _INSIDE.sub(r"\1'", str(value).replace("\x00", ""))
    return f"'{text}" if text.startswith(FORMULA) or text.lstrip().startswith(FORMULA) else text
