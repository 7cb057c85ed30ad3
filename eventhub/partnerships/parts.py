"""Rules for the parts of a partnership: parties, places, themes, activities, what was put in writing and given to the
common work, outcomes, evidence, context, stages. What each must satisfy stands in ``checks``.

What is not known stays unknown: a head-count is a number or None, a date as exact as it was said. Context is earlier
work of one party, kept apart and counted nowhere.
"""

from pathlib import PurePath
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from eventhub import audit, files, photographs, tasks
from eventhub.audit import Actor
from eventhub.db import Base, db
from eventhub.errors import InvalidError
from eventhub.partnerships import follow_ups, queries, substantiation
from eventhub.partnerships.checks import check
from eventhub.partnerships.models import (
    Activity,
    Context,
    Evidence,
    FollowUp,
    Formality,
    Outcome,
    Partnership,
    Party,
    Place,
    Resource,
    StageStatement,
    Theme,
    Verification,
)
from eventhub.partnerships.service import differences, guard_people_at_risk, hold, touch
from eventhub.partnerships.statements import said, value_of

LARGEST_FILE = 10 * 1024 * 1024  # bytes
FILE_TYPES = {
    "application/pdf": b"%PDF-",
    "image/png": b"\x89PNG\r\n",
    "image/jpeg": b"\xff\xd8\xff",
}

PARTS: dict[str, type[Any]] = {
    "party": Party,
    "place": Place,
    "theme": Theme,
    "activity": Activity,
    "outcome": Outcome,
    "context": Context,
    "evidence": Evidence,
    "stage": StageStatement,
    "formality": Formality,
    "resource": Resource,
}
# for the audit, whose lines read "added an activity to a partnership"
_A = {
    "party": "a party",
    "place": "a place",
    "theme": "a theme",
    "activity": "an activity",
    "outcome": "a change",
    "context": "earlier work of one party",
    "evidence": "evidence",
    "stage": "a statement of the stage",
    "formality": "what is in writing",
    "resource": "a shared resource",
}
_LISTS = {
    "party": "parties",
    "place": "places",
    "theme": "themes",
    "activity": "activities",
    "outcome": "outcomes",
    "context": "contexts",
    "evidence": "evidence",
    "stage": "stages",
    "formality": "formalities",
    "resource": "resources",
}


@said
def add(partnership: Partnership, part: str, *, by: Actor, version: int | None = None, **values: Any) -> Any:
    """Add one part ("activity", "party" …) with its fields; returns the row. Raises InvalidError, StaleError."""
    hold(partnership, version)
    row = PARTS[part]()
    checked = check(partnership, part, row, values)
    for name, value in checked.items():
        setattr(row, name, value)
    getattr(partnership, _LISTS[part]).append(row)
    guard_people_at_risk(partnership)
    touch(partnership)
    audit.record(by, f"added {_A[part]} to", partnership, meeting_id=_meeting_id(partnership), part=row.id)
    if part == "party":
        follow_ups.schedule(partnership)
        substantiation.set_aside_of_parties(partnership, by=by)
    return row


@said
def change(
    partnership: Partnership, part: str, ident: int, *, by: Actor, version: int | None = None, **values: Any
) -> Any:
    """Change one part; what stood before is kept in the audit."""
    hold(partnership, version)
    row = queries.get_part(PARTS[part], partnership, ident)
    checked = check(partnership, part, row, values)
    before = differences(row, {name: value for name, value in checked.items() if not _is_row(value)})
    for name, value in checked.items():
        setattr(row, name, value)
    if db.session.is_modified(row):
        guard_people_at_risk(partnership)
        touch(partnership)
        audit.record(
            by, f"changed {_A[part]} of", partnership, meeting_id=_meeting_id(partnership), part=ident, before=before
        )
        if part == "party":
            substantiation.set_aside_of_parties(partnership, by=by)
        _perhaps_taken_back(part)
    return row


@said
def remove(partnership: Partnership, part: str, ident: int, *, by: Actor, version: int | None = None) -> None:
    """Remove one part that was recorded by mistake; what it said is kept in the audit."""
    hold(partnership, version)
    row = queries.get_part(PARTS[part], partnership, ident)
    if part == "party":
        _may_remove_party(partnership, row)
    if part in ("activity", "outcome"):
        _detach_evidence(partnership, f"{part}_id", row.id)
    stood = value_of(row)
    file_id = getattr(row, "file_id", None)
    getattr(partnership, _LISTS[part]).remove(row)
    touch(partnership)
    if file_id is not None:
        db.session.delete(files.get(file_id))
        db.session.flush()
    audit.record(
        by, f"removed {_A[part]} from", partnership, meeting_id=_meeting_id(partnership), part=ident, before=stood
    )
    _perhaps_taken_back(part)


def _perhaps_taken_back(part: str) -> None:
    """Reports that were issued may show an evidence whose consent is gone now."""
    if part == "evidence":
        tasks.after_commit(db.session, tasks.REPORTS_WITHHOLD)


def attach(name: str, content: bytes) -> int:
    """Keep an evidence's file; returns its id. A PDF, PNG or JPEG of at most 10 MB; else InvalidError. Of a picture only
    the pixels are kept, no larger than a page needs (``photographs``)."""
    if len(content) > LARGEST_FILE:
        raise InvalidError(_("The file is larger than 10 MB. Send a smaller one, or give its address."), field="file")
    kind = next((kind for kind, first in FILE_TYPES.items() if content.startswith(first)), None)
    if kind is None:
        raise InvalidError(_("Send a PDF, a PNG or a JPEG file."), field="file")
    if kind == "application/pdf":
        return files.store(name or "evidence", kind, content).id
    picture = photographs.read(content)
    named = f"{PurePath(name).stem or 'photograph'}.{'png' if picture.media_type == 'image/png' else 'jpg'}"
    return files.store(named, picture.media_type, picture.content, small=picture.small).id


def _meeting_id(partnership: Partnership) -> int | None:
    return partnership.origin.meeting_id if partnership.origin else None


def _is_row(value: Any) -> bool:
    return isinstance(value, Base)


def _may_remove_party(partnership: Partnership, party: Party) -> None:
    if len(partnership.parties) <= 2:
        raise InvalidError(_("A partnership has two parties at least. Add the other one first."))
    asked = db.session.scalar(
        sa.select(Verification.id).where(Verification.party_id == party.id).limit(1)
    ) or db.session.scalar(sa.select(FollowUp.id).where(FollowUp.party_id == party.id, FollowUp.sent_at.is_not(None)))
    if asked:
        raise InvalidError(_("This party was asked already, so it stays. Write the day on which it left instead."))
    db.session.execute(sa.delete(FollowUp).where(FollowUp.party_id == party.id))


def _detach_evidence(partnership: Partnership, name: str, ident: int) -> None:
    for row in partnership.evidence:
        if getattr(row, name) == ident:
            setattr(row, name, None)
