"""Rules for certificates of attendance: only for who was there, one a person, each with a number of its own."""

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from eventhub import audit
from eventhub.audit import Actor
from eventhub.db import db, lock
from eventhub.documents import queries
from eventhub.documents.models import Document, DocumentKind
from eventhub.errors import RuleError
from eventhub.meetings.models import Meeting
from eventhub.registration.models import Registration

LONGEST_STEM = 34  # characters of the number before its count


class NotThereError(RuleError):
    sentence = _(
        "Only people who were checked in get a certificate. If this person was there, check them in by name at the "
        "door's page first."
    )


def issue(registration: Registration, *, by: Actor) -> Document:
    """The registration's certificate; made when there is none. Raises NotThereError."""
    lock(Meeting, registration.meeting_id)
    known = queries.find_certificate(registration.id)
    if known is not None:
        return known
    if not queries.was_there(registration):
        raise NotThereError
    return _add(registration.meeting, [registration.id], by=by)[0]


def issue_missing(meeting: Meeting, *, by: Actor) -> int:
    """A certificate for everybody who was there and has none; returns how many were issued."""
    lock(Meeting, meeting.id)
    return len(_add(meeting, queries.ids_without_certificate(meeting.id), by=by))


def _add(meeting: Meeting, registration_ids: list[int], *, by: Actor) -> list[Document]:
    """Documents with the next numbers; the caller holds the meeting's lock, so no number is given twice."""
    stem = meeting.slug.upper()[:LONGEST_STEM].rstrip("-")
    last = queries.last_number(stem)
    documents = [
        Document(
            registration_id=ident, kind=DocumentKind.CERTIFICATE, number=f"{stem}-{last + place:04}", by_name=by.name
        )
        for place, ident in enumerate(registration_ids, start=1)
    ]
    db.session.add_all(documents)
    try:
        db.session.flush()
    except sa.exc.IntegrityError as error:
        raise RuleError(_("A certificate was being issued at the same moment. Try once more.")) from error
    for document in documents:
        audit.record(by, "issued", document, meeting_id=meeting.id, number=document.number)
    return documents
