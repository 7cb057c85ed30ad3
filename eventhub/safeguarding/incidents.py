"""The incident log: sealed, apart from everything else, closed to anyone named in it."""

from collections.abc import Iterable

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from eventhub import audit, clock
from eventhub.audit import Actor
from eventhub.db import db
from eventhub.errors import InvalidError, NotFoundError
from eventhub.mail.addresses import key as email_key
from eventhub.meetings.models import Meeting
from eventhub.safeguarding.models import Incident, IncidentNamed
from eventhub.security import seal, unseal


def report(*, meeting: Meeting, text: str, named: Iterable[str], by: Actor) -> Incident:
    """Write down an incident. ``named`` are the e-mail addresses of everybody whom it names."""
    if not text:
        raise InvalidError(_("Write down what happened."), field="text")
    incident = Incident(
        meeting_id=meeting.id,
        sealed=seal(text),
        reported_by=by.name,
        reported_by_id=by.staff_id,
        state="open",
        created_at=clock.now(),
    )
    db.session.add(incident)
    db.session.flush()
    for address in sorted({email_key(address) for address in named if address}):
        db.session.add(IncidentNamed(incident_id=incident.id, email_key=address))
    db.session.flush()
    audit.record(by, "reported", incident)
    return incident


def list_open_to(reader_email: str, meeting_id: int) -> list[Incident]:
    """The incidents of a meeting that this reader may know of, newest first: none that names them."""
    return list(
        db.session.scalars(
            sa.select(Incident)
            .where(Incident.meeting_id == meeting_id, ~_names(reader_email))
            .order_by(Incident.id.desc())
        )
    )


def read(incident_id: int, *, meeting_id: int, reader_email: str, by: Actor) -> tuple[Incident, str]:
    """An incident and its words. Raises NotFoundError for who is named in it: it does not exist for them.

    The reading itself is a row in the audit: commit it.
    """
    incident = _open_to(incident_id, meeting_id, reader_email)
    audit.record(by, "read", incident)
    return incident, unseal(incident.sealed)


def close(incident_id: int, *, meeting_id: int, reader_email: str, by: Actor) -> Incident:
    """Mark an incident as dealt with."""
    incident = _open_to(incident_id, meeting_id, reader_email)
    if incident.state != "closed":
        incident.state = "closed"
        db.session.flush()
        audit.record(by, "closed", incident)
    return incident


def _open_to(incident_id: int, meeting_id: int, reader_email: str) -> Incident:
    found = db.session.scalar(
        sa.select(Incident).where(Incident.id == incident_id, Incident.meeting_id == meeting_id, ~_names(reader_email))
    )
    if found is None:
        raise NotFoundError
    return found


def _names(reader_email: str) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        IncidentNamed.incident_id == Incident.id, IncidentNamed.email_key == email_key(reader_email)
    )
