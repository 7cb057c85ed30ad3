"""Looking up consents, guardians, named adults and the photo mark. Nothing sealed is read here."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from eventhub.db import db, write_appended
from eventhub.directory.models import Person
from eventhub.errors import NotFoundError
from eventhub.mail import addresses
from eventhub.meetings.models import Meeting
from eventhub.safeguarding.models import (
    ChaperoneRole,
    Chaperoning,
    Consent,
    ConsentBy,
    Departure,
    Guardian,
    Purpose,
    SafeReturn,
    SealedRecord,
)

# whose answers count: for a child both, and a "no" from either wins
SIDES_OF_A_CHILD = (ConsentBy.CHILD, ConsentBy.GUARDIAN)


def newest_consents(person_ids: Iterable[int], meeting_id: int) -> dict[tuple[int, ConsentBy, Purpose], Consent]:
    """The answer that counts, per person, side and purpose: the newest. One query."""
    write_appended(of=Consent)
    rows = db.session.scalars(
        sa.select(Consent)
        .where(Consent.person_id.in_(list(person_ids)), Consent.meeting_id == meeting_id)
        .order_by(Consent.id)
    )
    return {(row.person_id, row.by, row.purpose): row for row in rows}


def in_force(consent: Consent | None) -> bool:
    """Whether an answer is a "yes" that still stands."""
    return consent is not None and consent.answer and consent.withdrawn_at is None


def answers(person_id: int, meeting_id: int, side: ConsentBy) -> dict[Purpose, bool]:
    """What one side says now, per purpose; a withdrawn "yes" is a "no"; what was never answered is absent."""
    return {
        purpose: in_force(consent)
        for (_, by, purpose), consent in newest_consents([person_id], meeting_id).items()
        if by is side
    }


def photo_ok(person_ids: Iterable[int], meeting_id: int) -> dict[int, bool]:
    """The photo mark on badge and at the door, for many people in two queries: True only with consent.

    The mark speaks to every photographer, so it needs a "yes" to publication, and no "no" to photos inside the
    meeting; of a child both sides must have said so.
    """
    ids = list(person_ids)
    if not ids:
        return {}
    said: dict[int, dict[tuple[ConsentBy, Purpose], bool]] = {ident: {} for ident in ids}
    for (ident, side, purpose), row in newest_consents(ids, meeting_id).items():
        said[ident][side, purpose] = in_force(row)
    children = set(db.session.scalars(sa.select(Person.id).where(Person.id.in_(ids), Person.is_child)))
    return {ident: photo_mark(said[ident], is_child=ident in children) for ident in ids}


def photo_answers(meeting_id: int) -> dict[int, dict[tuple[ConsentBy, Purpose], bool]]:
    """What everybody at a meeting says about photos now, by person, for ``photo_mark``; one query."""
    write_appended(of=Consent)
    about_photos = Consent.purpose.in_((Purpose.PHOTO_PUBLIC, Purpose.PHOTO_INTERNAL))
    rows = db.session.execute(
        sa.select(Consent.person_id, Consent.by, Consent.purpose, Consent.answer, Consent.withdrawn_at)
        .where(Consent.meeting_id == meeting_id, about_photos)
        .order_by(Consent.id)
    )
    said: dict[int, dict[tuple[ConsentBy, Purpose], bool]] = {}
    for person_id, side, purpose, answer, withdrawn_at in rows:
        said.setdefault(person_id, {})[side, purpose] = answer and withdrawn_at is None
    return said


def photo_mark(said: Mapping[tuple[ConsentBy, Purpose], bool], *, is_child: bool) -> bool:
    """The mark from one person's answers that count (whether each is a "yes" that still stands)."""
    sides = SIDES_OF_A_CHILD if is_child else (ConsentBy.SELF,)
    published = all(said.get((side, Purpose.PHOTO_PUBLIC), False) for side in sides)
    return published and all(said.get((side, Purpose.PHOTO_INTERNAL), True) for side in sides)


def find_guardian(child_id: int, meeting_id: int) -> Guardian | None:
    """The guardian who answers for a child at a meeting."""
    return db.session.scalar(
        sa.select(Guardian)
        .where(Guardian.child_id == child_id, Guardian.meeting_id == meeting_id)
        .options(joinedload(Guardian.child))
    )


def get_guardian(guardian_id: int) -> Guardian:
    """The guardian, with the child; raises NotFoundError."""
    guardian = db.session.get(Guardian, guardian_id, options=[joinedload(Guardian.child)])
    if guardian is None:
        raise NotFoundError
    return guardian


def list_by_guardian(email: str, meeting_id: int) -> list[Guardian]:
    """The children of one guardian in a meeting, by the guardian's address."""
    key = addresses.key(email)
    rows = db.session.scalars(
        sa.select(Guardian)
        .where(Guardian.meeting_id == meeting_id, sa.func.lower(Guardian.email) == email.strip().lower())
        .options(joinedload(Guardian.child))
        .order_by(Guardian.id)
    )
    return [row for row in rows if addresses.key(row.email) == key]


def guardians(child_ids: Iterable[int], meeting_id: int) -> dict[int, Guardian]:
    """Each child's guardian in this meeting; one query."""
    rows = db.session.scalars(
        sa.select(Guardian).where(Guardian.child_id.in_(list(child_ids)), Guardian.meeting_id == meeting_id)
    )
    return {row.child_id: row for row in rows}


def carers(child_ids: Iterable[int], meeting_id: int) -> dict[int, list[Chaperoning]]:
    """Who answers for each child now, the named adult before the deputy; two queries for many children."""
    found: dict[int, list[Chaperoning]] = defaultdict(list)
    rows = db.session.scalars(
        sa.select(Chaperoning)
        .where(
            Chaperoning.child_id.in_(list(child_ids)), Chaperoning.meeting_id == meeting_id, Chaperoning.end.is_(None)
        )
        .options(joinedload(Chaperoning.adult))
        .order_by(Chaperoning.role, Chaperoning.id)
    )
    for row in rows:
        found[row.child_id].append(row)
    return dict(found)


@dataclass(frozen=True)
class Answerable:
    """Who answers for children at a meeting, and what was answered: by the child's id."""

    guardians: dict[int, Guardian]
    carers: dict[int, list[Chaperoning]]
    consents: dict[tuple[int, ConsentBy, Purpose], Consent]


def answerable(child_ids: Iterable[int], meeting_id: int) -> Answerable:
    """What is known about children, whatever their number; three queries."""
    ids = list(child_ids)
    return Answerable(guardians(ids, meeting_id), carers(ids, meeting_id), newest_consents(ids, meeting_id))


def children_of(adult_id: int, meeting_id: int) -> list[Chaperoning]:
    """The children whom an adult answers for now."""
    return list(
        db.session.scalars(
            sa.select(Chaperoning)
            .where(Chaperoning.adult_id == adult_id, Chaperoning.meeting_id == meeting_id, Chaperoning.end.is_(None))
            .options(joinedload(Chaperoning.child))
            .order_by(Chaperoning.id)
        )
    )


def named_adult(child_id: int, meeting_id: int) -> Person | None:
    """The one named adult (not the deputy), or None."""
    found = carers([child_id], meeting_id).get(child_id, [])
    return next((row.adult for row in found if row.role is ChaperoneRole.ADULT), None)


def contact_for(person: Person, meeting: Meeting) -> tuple[str, str] | None:
    """Whom to write to about a person: (address, name), or None when nobody can be written to.

    A child's letters go to the guardian, else to the named adult, never to the child.
    """
    if not person.is_child:
        return (person.email, person.full_name) if person.email else None
    guardian = find_guardian(person.id, meeting.id)
    if guardian is not None and guardian.email:
        return guardian.email, guardian.name
    adult = named_adult(person.id, meeting.id)
    return (adult.email, adult.full_name) if adult is not None and adult.email else None


def waiting_for_adult(email: str, meeting_id: int) -> list[Guardian]:
    """The guardians of this meeting who wrote this address as the named adult's, and whose child has none yet."""
    has_adult = sa.exists().where(
        Chaperoning.child_id == Guardian.child_id,
        Chaperoning.meeting_id == Guardian.meeting_id,
        Chaperoning.role == ChaperoneRole.ADULT,
        Chaperoning.end.is_(None),
    )
    return list(
        db.session.scalars(
            sa.select(Guardian)
            .where(Guardian.meeting_id == meeting_id, Guardian.adult_email_key == addresses.key(email), ~has_adult)
            .options(joinedload(Guardian.child))
            .order_by(Guardian.id)
        )
    )


def sealed_kinds(person_ids: Iterable[int], meeting_id: int) -> dict[int, list[str]]:
    """Which sealed records there are of each person, without opening any; one query."""
    write_appended(of=SealedRecord)
    found: dict[int, list[str]] = defaultdict(list)
    rows = db.session.execute(
        sa.select(SealedRecord.person_id, SealedRecord.kind)
        .where(SealedRecord.person_id.in_(list(person_ids)), SealedRecord.meeting_id == meeting_id)
        .order_by(SealedRecord.kind)
    )
    for person_id, kind in rows:
        found[person_id].append(kind)
    return dict(found)


def departures(meeting_id: int) -> dict[tuple[int, str], Departure]:
    """With whom children left, by the scan of each exit (device, scan); the newest word on each."""
    rows = db.session.scalars(sa.select(Departure).where(Departure.meeting_id == meeting_id).order_by(Departure.id))
    return {(row.device_id, row.scan_id): row for row in rows}


def safe_returns(meeting_id: int) -> dict[tuple[int, date | None], SafeReturn]:
    """Who made sure that each child is safe, by child and day (None: home after the meeting)."""
    rows = db.session.scalars(
        sa.select(SafeReturn)
        .where(SafeReturn.meeting_id == meeting_id, SafeReturn.withdrawn_at.is_(None))
        .order_by(SafeReturn.id)
    )
    return {(row.child_id, row.day): row for row in rows}
