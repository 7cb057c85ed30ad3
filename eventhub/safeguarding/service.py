"""The rules that keep children safe: consents that are only added, who answers for a child, what is still missing.

Sources: Keeping Children Safe standards; UN CRC General Comment 12 §134 (a child's own voice, and no harm from
speaking); GDPR art. 8. Where they differ, the cautious side holds: a "no" from child or guardian wins.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import gettext as _

from eventhub import audit, clock
from eventhub.audit import Actor
from eventhub.db import append, db, lock, touched, write_appended
from eventhub.directory.models import Person
from eventhub.errors import InvalidError, NotFoundError
from eventhub.mail import addresses
from eventhub.meetings.models import Meeting
from eventhub.safeguarding import queries, texts
from eventhub.safeguarding.models import (
    REQUIRED_OF_CHILDREN,
    AgeBand,
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
from eventhub.security import seal as encrypt
from eventhub.security import unseal

SEALED_KINDS = ("date_of_birth", "passport", "medical", "diet", "access")
KEEP_SEALED = timedelta(days=30)  # after the meeting's last day
KEEP_GUARDIANS = timedelta(days=365)
KEEP_CONSENTS = timedelta(days=3 * 365)


# --- consents ----------------------------------------------------------------------------------------------------


def record_consent(
    *, person: Person, meeting: Meeting, purpose: Purpose, side: ConsentBy, answer: bool, language: str, by: Actor
) -> Consent:
    """Add one side's answer for one purpose; earlier answers stay as they were.

    Raises InvalidError when a child's answer is given as ``self`` or an adult's as anything else.
    """
    if (side in queries.SIDES_OF_A_CHILD) is not person.is_child:
        raise InvalidError(_("A child's consent is given by the child and by the guardian; an adult's by themselves."))
    consent = Consent(
        person_id=person.id,
        meeting_id=meeting.id,
        purpose=purpose,
        by=side,
        answer=answer,
        text_version=texts.VERSION,
        language=language,
        collected_by=by.kind,
        at=clock.now(),
    )
    db.session.add(consent)
    return consent


def record_first_consents(
    *, person: Person, meeting: Meeting, answers: dict[Purpose, bool], language: str, by: Actor
) -> None:
    """Add the first answers of an adult who was made just now, and speaks for themselves."""
    said = {"by": ConsentBy.SELF, "text_version": texts.VERSION, "language": language, "collected_by": by.kind}
    for purpose, answer in answers.items():
        append(Consent, person_id=person, meeting_id=meeting.id, purpose=purpose, answer=answer, at=clock.now(), **said)


def record_consents(
    *, person: Person, meeting: Meeting, side: ConsentBy, answers: dict[Purpose, bool], language: str, by: Actor
) -> None:
    """Add a whole page of answers; those that say what already stands are not added again."""
    now = queries.answers(person.id, meeting.id, side)
    new = {purpose: answer for purpose, answer in answers.items() if now.get(purpose) is not answer}
    for purpose, answer in new.items():
        record_consent(
            person=person, meeting=meeting, purpose=purpose, side=side, answer=answer, language=language, by=by
        )
    db.session.flush()
    if new:
        said = {purpose.value: answer for purpose, answer in new.items()}
        audit.record(by, "answered consents", person, meeting_id=meeting.id, side=side.value, answers=said)


def withdraw_consent(*, person: Person, meeting: Meeting, purpose: Purpose, side: ConsentBy, by: Actor) -> None:
    """Take back a "yes". Taking it back twice is taking it back once."""
    consent = queries.newest_consents([person.id], meeting.id).get((person.id, side, purpose))
    if consent is None or not queries.in_force(consent):
        return
    consent.withdrawn_at = clock.now()
    db.session.flush()
    audit.record(by, "withdrew consent", person, meeting_id=meeting.id, side=side.value, purpose=purpose.value)


# --- what a child still lacks ------------------------------------------------------------------------------------


def missing(person: Person, meeting: Meeting) -> list[str]:
    """What must still happen before a child may take part, in words; empty for an adult and for a complete child.

    Whether the named adult is registered is asked by ``registration``, which knows registrations.
    """
    if not person.is_child:
        return []
    return missing_of([person], meeting, queries.answerable([person.id], meeting.id))[person.id]


def missing_of(people: list[Person], meeting: Meeting, known: queries.Answerable) -> dict[int, list[str]]:
    """``missing`` for many people at once, of whom it is known who answers for them; asks nothing."""
    children = [person.id for person in people if person.is_child]
    lacking: dict[int, list[str]] = {person.id: [] for person in people}
    if not children:
        return lacking
    for ident in children:
        words = lacking[ident]
        if not meeting.admits_children:
            words.append(_("This meeting does not admit children."))
        guardian = known.guardians.get(ident)
        if guardian is None or not (guardian.name and guardian.email):
            words.append(_("The guardian's name and e-mail address are missing."))
        for side, who in ((ConsentBy.GUARDIAN, _("The guardian")), (ConsentBy.CHILD, _("The child"))):
            words += _consents_missing(known.consents, ident, side, who)
        if not any(row.role is ChaperoneRole.ADULT for row in known.carers.get(ident, [])):
            words.append(_("No adult is named for the child yet."))
    return lacking


def _consents_missing(
    newest: dict[tuple[int, ConsentBy, Purpose], Consent], ident: int, side: ConsentBy, who: str
) -> list[str]:
    rows = {purpose: newest.get((ident, side, purpose)) for purpose in REQUIRED_OF_CHILDREN}
    unanswered = [str(texts.NAMES[purpose]) for purpose, row in rows.items() if row is None]
    refused = [str(texts.NAMES[p]) for p, row in rows.items() if row is not None and not queries.in_force(row)]
    words = []
    if unanswered:
        words.append(_("%(who)s has not yet answered about: %(what)s.", who=who, what=", ".join(unanswered)))
    if refused:
        words.append(_("%(who)s does not agree to: %(what)s.", who=who, what=", ".join(refused)))
    return words


# --- guardians and named adults ----------------------------------------------------------------------------------


def set_guardian(
    *,
    child: Person,
    meeting: Meeting,
    name: str,
    email: str,
    by: Actor,
    phone: str = "",
    relation: str = "",
    age_band: AgeBand | None = None,
    adult_email: str = "",
) -> Guardian:
    """Note who a child's guardian is, and the address of the adult whom the guardian names. One per child and meeting.

    A new e-mail address withdraws the links that went to the old one.
    """
    if not child.is_child:
        raise InvalidError(_("Only a child has a guardian here."))
    if not name or not email:
        raise InvalidError(_("Give the guardian's name and e-mail address."), field="guardian_email")
    guardian = queries.find_guardian(child.id, meeting.id)
    if guardian is None:
        guardian = Guardian(child_id=child.id, meeting_id=meeting.id, name=name, email=email, link_version=1)
        db.session.add(guardian)
    elif addresses.key(guardian.email) != addresses.key(email):
        guardian.link_version += 1
    guardian.name, guardian.email, guardian.phone, guardian.relation = name, email, phone, relation
    guardian.age_band = age_band
    guardian.adult_email, guardian.adult_email_key = adult_email, addresses.key(adult_email) if adult_email else ""
    db.session.flush()
    audit.record(by, "set guardian", guardian)
    return guardian


def name_adult(
    *, child: Person, adult: Person, meeting: Meeting, by: Actor, role: ChaperoneRole = ChaperoneRole.ADULT
) -> Chaperoning:
    """Name the adult (or the deputy) who answers for a child. The one named before in this role ends.

    Raises InvalidError when the "adult" is a child, or already has the other role for the same child.
    """
    if not child.is_child:
        raise InvalidError(_("Only a child needs a named adult."))
    if adult.is_child or adult.id == child.id:
        raise InvalidError(_("The named adult must be 18 or over."), field="adult")
    lock(Person, child.id)
    for held in queries.carers([child.id], meeting.id).get(child.id, []):
        if held.role is role and held.adult_id == adult.id:
            return held
        if held.adult_id == adult.id:
            raise InvalidError(_("Adult and deputy must be two people."), field="adult")
        if held.role is role:
            held.end = clock.now()
    chaperoning = Chaperoning(child_id=child.id, adult_id=adult.id, meeting_id=meeting.id, role=role, start=clock.now())
    db.session.add(chaperoning)
    db.session.flush()
    audit.record(by, "named adult", chaperoning, role=role.value)
    return chaperoning


# --- on the way ---------------------------------------------------------------------------------------------------


def note_departure(
    *, child: Person, meeting: Meeting, scan: tuple[int, str], adult: Person | None = None, name: str = "", by: Actor
) -> Departure:
    """With whom a child left. ``scan`` is (device, scan id) of the exit; the adult is a person here, or a name.

    Raises InvalidError for nobody, and for another child.
    """
    if adult is not None and (adult.is_child or adult.id == child.id):
        raise InvalidError(_("A child leaves with an adult."), field="adult")
    written = adult.full_name if adult is not None else name.strip()
    if not written:
        raise InvalidError(_("Say with whom the child leaves."), field="adult")
    row = Departure(
        meeting_id=meeting.id,
        child_id=child.id,
        device_id=scan[0],
        scan_id=scan[1],
        adult_id=adult.id if adult is not None else None,
        adult_name=written,
        by_name=by.name,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(by, "noted with whom left", row)
    return row


def confirm_safe(*, child: Person, meeting: Meeting, day: date | None, by: Actor) -> SafeReturn:
    """The child is safe: for the night of ``day``, or home (None). Saying it twice is saying it once."""
    if not child.is_child:
        raise InvalidError(_("Only a child's safe return is noted."))
    lock(Person, child.id)
    known = queries.safe_returns(meeting.id).get((child.id, day))
    if known is not None:
        return known
    row = SafeReturn(meeting_id=meeting.id, child_id=child.id, day=day, by_name=by.name, at=clock.now())
    db.session.add(row)
    db.session.flush()
    audit.record(by, "confirmed", row, day=day.isoformat() if day else "home")
    return row


def withdraw_safe(*, child: Person, meeting: Meeting, day: date | None, by: Actor) -> None:
    """It was a slip: the child's safe return is not confirmed after all."""
    lock(Person, child.id)
    known = queries.safe_returns(meeting.id).get((child.id, day))
    if known is not None:
        known.withdrawn_at = clock.now()
        db.session.flush()
        audit.record(by, "withdrew", known, day=day.isoformat() if day else "home")


# --- sealed records ----------------------------------------------------------------------------------------------


def seal(*, person: Person, meeting: Meeting, kind: str, text: str, by: Actor) -> None:
    """Keep something that only safeguarding may read, encrypted, until 30 days after the meeting.

    ``kind`` is one of SEALED_KINDS. An empty text deletes the record.
    """
    seal_all(person=person, meeting=meeting, texts={kind: text}, by=by)


def seal_all(*, person: Person, meeting: Meeting, texts: dict[str, str], by: Actor, surely_new: bool = False) -> None:
    """``seal`` for several kinds of one person at once. ``surely_new``: nothing can be kept of this person yet, and no
    text is empty."""
    if not set(texts) <= set(SEALED_KINDS):
        raise InvalidError(_("This kind of record is not kept here."))
    if surely_new:
        until = keep_until(meeting)
        for kind, text in texts.items():
            sealed = encrypt(text)
            append(SealedRecord, person_id=person, meeting_id=meeting.id, kind=kind, sealed=sealed, delete_after=until)
        return
    held = {record.kind: record for record in _list_sealed(person.id, meeting.id)}
    for kind, text in texts.items():
        record = held.get(kind)
        if text:
            record = record or SealedRecord(person_id=person.id, meeting_id=meeting.id, kind=kind)
            record.sealed, record.delete_after = encrypt(text), keep_until(meeting)
            db.session.add(record)
        elif record is not None:
            db.session.delete(record)
            audit.record(by, "deleted sealed record", person, meeting_id=meeting.id, kind=kind)
    db.session.flush()


def keep_until(meeting: Meeting) -> datetime:
    """When the sealed records of a meeting must be gone."""
    return datetime.combine(meeting.ends, time(23, 59), ZoneInfo(meeting.tz)) + KEEP_SEALED


def read_sealed(*, person: Person, meeting: Meeting, kind: str, by: Actor) -> str | None:
    """Open a sealed record; None when there is none. The reading itself is a row in the audit: commit it."""
    record = next((record for record in _list_sealed(person.id, meeting.id) if record.kind == kind), None)
    if record is None:
        return None
    audit.record(by, "read sealed record", person, meeting_id=meeting.id, kind=kind)
    try:
        return unseal(record.sealed)
    except ValueError as error:
        raise NotFoundError(
            _(
                "This record was sealed with another key and cannot be opened. Restore the key that belongs to this data."
            )
        ) from error


def _list_sealed(person_id: int, meeting_id: int) -> list[SealedRecord]:
    write_appended(of=SealedRecord)
    return list(
        db.session.scalars(
            sa.select(SealedRecord).where(SealedRecord.person_id == person_id, SealedRecord.meeting_id == meeting_id)
        )
    )


# --- retention ---------------------------------------------------------------------------------------------------


def purge(before: datetime) -> int:
    """Delete what may no longer be kept at the instant ``before``; returns how many rows.

    Sealed records go at their own date; guardians' contacts and with whom children left a year, consents three years
    after the meeting.
    """
    gone = touched(sa.delete(SealedRecord).where(SealedRecord.delete_after < before))
    a_year = [(model, KEEP_GUARDIANS) for model in (Guardian, Departure, SafeReturn)]
    for model, keep in (*a_year, (Consent, KEEP_CONSENTS)):
        over = sa.select(Meeting.id).where(Meeting.ends < (before - keep).date())
        gone += touched(sa.delete(model).where(model.meeting_id.in_(over)))
    return gone
