"""Rules for sheets: what stands over them (project line and logo), and that each printing is in the audit."""

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from eventhub import audit, files, photographs
from eventhub.audit import Actor
from eventhub.db import db
from eventhub.documents.queries_sheets import Sheet
from eventhub.errors import InvalidError
from eventhub.files import StoredFile
from eventhub.meetings.models import Meeting
from eventhub.typeset import TypesetError, typeset

LARGEST_LOGO = 500 * 1024  # bytes
MOST_PIXELS = 4000 * 4000  # 100 KB may hold 900 million, which take 900 MB of memory at every printing
LOGO_TYPES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
TRIAL = "documents/logo.typ"


def set_head(
    meeting: Meeting,
    *,
    by: Actor,
    project_line: str,
    logo: tuple[str, bytes] | None = None,
    remove_logo: bool = False,
) -> None:
    """What stands over every sheet. ``logo`` is (file name, content), a PNG or JPEG that can really be printed.

    Raises InvalidError; the logo before is deleted when another takes its place.
    """
    new = _store_logo(*logo) if logo is not None else None
    meeting.project_line = project_line
    if new is not None or remove_logo:
        old, meeting.logo_id = meeting.logo_id, new.id if new is not None else None
        db.session.flush()
        if old is not None:
            db.session.execute(sa.delete(StoredFile).where(StoredFile.id == old))
    db.session.flush()
    audit.record(by, "changed the head of the sheets of", meeting, meeting_id=meeting.id)


def _store_logo(name: str, content: bytes) -> StoredFile:
    if len(content) > LARGEST_LOGO:
        raise InvalidError(_("The logo is larger than 500 KB. Save it smaller, then send it again."), field="logo")
    kind = next((kind for kind, begins in LOGO_TYPES.items() if content.startswith(begins)), None)
    if kind is None:
        raise InvalidError(_("Send the logo as a PNG or JPEG picture."), field="logo")
    if photographs.pixels(content) > MOST_PIXELS:
        raise InvalidError(
            _("The logo has too many pixels to be printed. Save it smaller, then send it again."), field="logo"
        )
    try:
        # in a process of its own: what a broken picture does to a reader stays there
        typeset(TRIAL, {}, {"logo": content}, tagged=False, apart=True)
    except TypesetError as error:
        raise InvalidError(_("This picture cannot be printed: it is damaged. Save it again."), field="logo") from error
    return files.store(name or "logo", kind, content)


def note_printed(sheet: Sheet, form: str, *, by: Actor) -> None:
    """Names left the house on paper or in a file: who did it, and what it was."""
    audit.record(by, "printed a sheet of", sheet.meeting, meeting_id=sheet.meeting.id, sheet=sheet.name, form=form)
