"""Looking up certificates, and who was there to get one."""

from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import lazy_gettext as _
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy.orm import contains_eager, joinedload

from eventhub.checkin import queries as checkin
from eventhub.db import db
from eventhub.directory.models import Organisation, Person
from eventhub.documents.models import Document, DocumentKind
from eventhub.errors import NotFoundError
from eventhub.registration.columns import IS_CHILD, ON_PAPER
from eventhub.registration.models import Registration
from eventhub.security import token

ROWS = 50  # of a page
_CHUNK = 500  # ids in one statement


def attended(meeting_id: int) -> set[int]:
    """Ids of people who were let in at this meeting, under every record that was merged with theirs."""
    known: set[int] = set()
    found = set(checkin.attended_person_ids(meeting_id))
    while fresh := sorted(found - known):
        known |= found
        for start in range(0, len(fresh), _CHUNK):
            ids = fresh[start : start + _CHUNK]
            linked = sa.select(Person.id, Person.merged_into_id).where(
                Person.merged_into_id.is_not(None), sa.or_(Person.id.in_(ids), Person.merged_into_id.in_(ids))
            )
            found |= {ident for row in db.session.execute(linked) for ident in row}
    return known


def was_there(registration: Registration) -> bool:
    """Whether this person was let in at the meeting, under any record that is one with theirs."""
    return registration.person_id in attended(registration.meeting_id)


def find_certificate(registration_id: int) -> Document | None:
    """The certificate of a registration; None while there is none."""
    return db.session.scalar(
        sa.select(Document).where(
            Document.registration_id == registration_id, Document.kind == DocumentKind.CERTIFICATE
        )
    )


def get_certificate(meeting_id: int, document_id: int) -> Document:
    """A certificate of the meeting; raises NotFoundError."""
    document = db.session.get(
        Document, document_id, options=[joinedload(Document.registration).joinedload(Registration.person)]
    )
    if document is None or document.registration.meeting_id != meeting_id:
        raise NotFoundError(_("There is no such certificate in this meeting."))
    return document


def last_number(stem: str) -> int:
    """The highest count that stands behind ``stem-`` on any document; 0 for none."""
    numbers = db.session.scalars(
        sa.select(Document.number).where(Document.number.startswith(f"{stem}-", autoescape=True))
    )
    counts = [number.removeprefix(f"{stem}-") for number in numbers]
    return max((int(count) for count in counts if count.isdecimal()), default=0)


def ids_without_certificate(meeting_id: int) -> list[int]:
    """Registrations of people who were there and have no certificate yet."""
    there = attended(meeting_id)
    has = sa.exists().where(Document.registration_id == Registration.id, Document.kind == DocumentKind.CERTIFICATE)
    rows = db.session.execute(
        sa.select(Registration.id, Registration.person_id)
        .join(Person, Person.id == Registration.person_id)
        .where(Registration.meeting_id == meeting_id, ~has)
        .order_by(Person.sort_key, Registration.id)
    )
    return [ident for ident, person_id in rows if person_id in there]


def holders(meeting_id: int, *, with_children: bool, document_id: int | None = None) -> list[Any]:
    """Certificates with what stands on them, by name: plain columns, one statement."""
    query = (
        sa.select(
            Document.id.label("document_id"),
            Document.number,
            Document.issued_at,
            Registration.country,
            *ON_PAPER,
        )
        .join(Registration, Registration.id == Document.registration_id)
        .join(Person, Person.id == Registration.person_id)
        .outerjoin(Organisation, Organisation.id == Registration.organisation_id)
        .where(Registration.meeting_id == meeting_id, Document.kind == DocumentKind.CERTIFICATE)
        .order_by(Person.sort_key, Document.id)
    )
    if not with_children:
        query = query.where(~IS_CHILD)
    if document_id is not None:
        query = query.where(Document.id == document_id)
    return list(db.session.execute(query))


class Page(Pagination):
    """(registration, certificate or None) of everybody who was there, by name, 50 a page."""

    def __init__(self, rows: list[tuple[int, str]], *, page: int) -> None:
        self.rows = rows
        super().__init__(page=page, per_page=ROWS, error_out=False)

    def _query_items(self) -> list[Any]:
        ids = [ident for ident, _key in self.rows[self._query_offset : self._query_offset + self.per_page]]
        query = (
            sa.select(Registration, Document)
            .select_from(Registration)
            .join(Registration.person)
            .outerjoin(Registration.organisation)
            .outerjoin(Document, Document.registration_id == Registration.id)
            .where(Registration.id.in_(ids))
            .options(contains_eager(Registration.person), contains_eager(Registration.organisation))
            .order_by(Person.sort_key, Registration.id)
        )
        return list(db.session.execute(query))

    def _query_count(self) -> int:
        return len(self.rows)


def list_attended(meeting_id: int, *, with_children: bool, page: int = 1) -> Page:
    """Who was there, with their certificates; children only for who may see them."""
    there = attended(meeting_id)
    query = (
        sa.select(Registration.id, Registration.person_id, Person.sort_key)
        .join(Person, Person.id == Registration.person_id)
        .where(Registration.meeting_id == meeting_id)
        .order_by(Person.sort_key, Registration.id)
    )
    if not with_children:
        query = query.where(~IS_CHILD)
    rows = [(ident, key) for ident, person_id, key in db.session.execute(query) if person_id in there]
    return Page(rows, page=page)


def certificate_url(registration: Registration) -> str | None:
    """Where a participant's own page finds the certificate; None while there is none."""
    if find_certificate(registration.id) is None:
        return None
    return url_for("certificate.pdf", token=token("me", registration.id, registration.link_version))
