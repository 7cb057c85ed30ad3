"""Registering: from what somebody writes to a row with a place. What is decided afterwards: ``service_deciding``.

The form's key and address are held first, then people are looked up, and last the meeting is held while seats are
counted: two forms sent at once never make two registrations of one person, nor more seats than there are.

The names and addresses of somebody whom the directory knows are not changed by a form that anybody can fill in: only
by a personal link or by staff.
"""

from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _

from eventhub import clock
from eventhub.audit import Actor
from eventhub.db import db, flush_new, hold_names
from eventhub.directory import queries as directory
from eventhub.directory import service as directory_service
from eventhub.directory.models import Organisation, Person
from eventhub.errors import InvalidError, RuleError
from eventhub.invitations import service as invitations
from eventhub.invitations.models import Nomination
from eventhub.meetings.models import Meeting, Sector
from eventhub.meetings.states import MeetingState
from eventhub.registration import letters, queries, seats
from eventhub.registration.completeness import missing
from eventhub.registration.models import Answer, Registration, Source
from eventhub.registration.moves import announce, step
from eventhub.registration.service_deciding import adult_arrived
from eventhub.registration.states import RegistrationRole, RegistrationState
from eventhub.safeguarding import service as safeguarding
from eventhub.safeguarding.models import ConsentBy, Purpose

_S = RegistrationState
COMING = (MeetingState.OPEN, MeetingState.RUNNING)


class ClosedError(RuleError):
    sentence = _(
        "Registration is not open now. The meeting's page says when it is; its secretariat can still help you."
    )


class ByInvitationError(RuleError):
    status = 403
    sentence = _("This meeting is by invitation. Open the link in your letter to register.")


class OtherAnswersError(RuleError):
    sentence = _(
        "This form was already sent, with other answers, and those were kept. To change them, open the link in the "
        "letter that we sent then."
    )


class AlreadyRegisteredError(RuleError):
    """This address is registered. ``registration`` is for the letter; nothing of it may be shown."""

    sentence = _("We sent a letter to that address. Open the link in it to see or change the registration.")

    def __init__(self, registration: Registration) -> None:
        super().__init__()
        self.registration = registration


@dataclass
class Entry:
    """What one registration says, as forms, imports and staff give it. Texts are cleaned by the form."""

    full_name: str
    email: str = ""
    latin_name: str = ""
    called: str = ""
    country: str = ""
    organisation: str | Organisation | None = ""
    sector: Sector | None = None
    language: str = "en"
    role: RegistrationRole = RegistrationRole.DELEGATE
    answers: dict[int, Any] = field(default_factory=dict)  # by the question's id
    needs: dict[str, str] = field(default_factory=dict)  # sealed: by kind, "access" or "diet"
    consents: dict[Purpose, bool] = field(default_factory=dict)
    consents_shown_in: str = "en"  # the language of the page on which they were given, not the one that is read best
    accepts_code: bool = False


def participant(registration: Registration | None = None) -> Actor:
    """Who acts by a personal link or the public form; by number only, so that the trail names nobody."""
    return Actor("participant", str(registration.person_id) if registration else "", "participant")


def register(
    *,
    meeting: Meeting,
    by: Actor,
    entry: Entry | None = None,
    source: Source = Source.ONLINE,
    nomination: Nomination | None = None,
    person: Person | None = None,
    submission_key: str | None = None,
    submission_hash: str = "",
    **facts: Any,
) -> Registration:
    """Register an adult; the facts of Entry may be given by name instead (``full_name=…, email=…``).

    The same submission again returns the same registration. Raises OtherAnswersError (same key, other answers),
    AlreadyRegisteredError, ClosedError, ByInvitationError, InvalidError.
    """
    entry = entry or Entry(**facts)
    hold(meeting, submission_key, directory.email_key(entry.email))
    with db.session.no_autoflush:
        alike, addressed = _known(meeting, submission_key, entry)
        known = person or _known_person(entry, nomination, addressed)
        if known is not None:
            hold(meeting, str(known.id))  # always after the address, so that nobody waits for one another
        repeated = _same_submission(alike, submission_key, submission_hash)
        if repeated is not None:
            return repeated
        check_open(meeting, nomination=nomination, by=by)
        _check(entry, person, known)
        before = _check_not_registered(meeting, alike, known, entry, nomination, anybody=person is None)
        registration = before or Registration(meeting=meeting, meeting_id=meeting.id, state=_S.STARTED, link_version=1)
        registration.person = _person(entry, known, nomination, by=by)
        describe(registration, meeting, entry)
        came_by(registration, source, nomination, submission_key, submission_hash)
        keep_details(registration.person, meeting, entry, by=by, is_new=known is None)
        place(registration, meeting, by=by)
        if entry.answers:
            keep_answers(registration, entry.answers)
        if nomination is not None:
            invitations.mark_registered(nomination, by=by)
        letters.received(registration, meeting, is_new=before is None)
    adult_arrived(registration, meeting, by=by)
    return registration


def came_by(
    registration: Registration, source: Source, nomination: Nomination | None, key: str | None, submission: str
) -> None:
    """Note which way a registration came, and by which submission of the form (its key and the hash of its answers)."""
    registration.source = Source.NOMINATION if nomination is not None and source is Source.ONLINE else source
    registration.nomination_id = nomination.id if nomination is not None else None
    registration.submission_key, registration.submission_hash = key, submission


def _known(meeting: Meeting, key: str | None, entry: Entry) -> tuple[list[Registration], list[Person]]:
    """``queries.list_alike``; beside it the entry's organisation, and the meeting as it is now: the page may have known
    it from a moment before."""
    email_key = directory.email_key(entry.email)
    typed = entry.organisation if isinstance(entry.organisation, str) else ""
    now = queries.glance(meeting.id, key, email_key, typed)
    if now.version != meeting.version:
        db.session.refresh(meeting)
    if now.is_named:
        entry.organisation = find_organisation(entry) or entry.organisation
    return queries.list_alike(meeting.id, key, email_key) if now.is_any_alike else ([], [])


def hold(meeting: Meeting, submission_key: str | None, *whom: str) -> None:
    """Let nobody else send the same form, or register the same address or person, until the transaction ends.

    The meeting itself is held later, only while seats are counted: everybody else waits for it.
    """
    names = [f"registration:{meeting.id}:{name}" for name in (submission_key, *whom) if name]
    if names:
        hold_names(*names)


def repeat_of(meeting: Meeting, submission_key: str | None, submission_hash: str) -> Registration | None:
    """What was made of the same form before; raises OtherAnswersError when it said something else."""
    known = queries.find_submission(meeting.id, submission_key) if submission_key else None
    return _same_submission([known] if known is not None else [], submission_key, submission_hash)


def _same_submission(rows: list[Registration], key: str | None, fingerprint: str) -> Registration | None:
    same = next((row for row in rows if key and row.submission_key == key), None)
    if same is not None and same.submission_hash != fingerprint:
        raise OtherAnswersError
    return same


def check_open(meeting: Meeting, *, nomination: Nomination | None, by: Actor) -> None:
    """Whether somebody can be registered now. Staff may also before the opening and after the closing."""
    if by.kind in ("staff", "system"):
        return
    now = clock.now()
    opens, closes = meeting.registration_opens, meeting.registration_closes
    if meeting.state not in COMING or (opens and now < opens) or (closes and now >= closes):
        raise ClosedError
    if nomination is None and not meeting.open_registration:
        raise ByInvitationError


def _check(entry: Entry, person: Person | None, known: Person | None) -> None:
    if not entry.full_name:
        raise InvalidError(_("Write your name."), field="full_name")
    if not entry.email and person is None:
        raise InvalidError(_("Write your e-mail address: your ticket and your link go there."), field="email")
    if known is not None and known.is_child:
        raise InvalidError(_("This person is under 18. Use the child's form."))


def _check_not_registered(
    meeting: Meeting,
    alike: list[Registration],
    known: Person | None,
    entry: Entry,
    nomination: Nomination | None,
    *,
    anybody: bool,
) -> Registration | None:
    """One registration per person and per address; raises AlreadyRegisteredError. Returns a cancelled one to revive.

    Colleagues may share an office's address: who was nominated as a person of their own may still register.
    """
    if anybody and entry.email:
        for row in alike:
            other = nomination is not None and row.person_id != nomination.person_id
            if row.state is not _S.CANCELLED and not other:
                raise AlreadyRegisteredError(row)
    before = queries.find_registration(meeting.id, known.id) if known is not None else None
    if before is not None and before.state is not _S.CANCELLED:
        raise AlreadyRegisteredError(before)
    return before


def _known_person(entry: Entry, nomination: Nomination | None, addressed: list[Person]) -> Person | None:
    """The nominated person, or the one whom the directory knows by this address and name."""
    if nomination is not None:
        return nomination.person
    known = next(iter(addressed), None)
    same = known is not None and directory.fold(known.full_name) == directory.fold(entry.full_name)
    return known if same else None


def _person(entry: Entry, known: Person | None, nomination: Nomination | None, *, by: Actor) -> Person:
    """The known person; a nominee as they describe themselves; else a new person."""
    if known is not None:
        return _named(known, entry, by=by) if nomination is not None else known
    person = directory_service.new_person(
        full_name=entry.full_name,
        latin_name=entry.latin_name,
        called=entry.called,
        email=entry.email,
        language=entry.language,
        country=entry.country,
        by=by,
    )
    if isinstance(entry.organisation, Organisation):
        directory_service.affiliate(person, entry.organisation, by=by)
    return person


def _named(person: Person, entry: Entry, *, by: Actor) -> Person:
    """A nominee holds a personal link: what they write about themselves is theirs to say."""
    said = {
        name: getattr(entry, name) for name in ("full_name", "latin_name", "called", "email", "language", "country")
    }
    changed = {name: value for name, value in said.items() if value and value != getattr(person, name)}
    if changed:
        directory_service.change_person(person, version=person.version, by=by, **changed)
    return person


def find_organisation(entry: Entry) -> Organisation | None:
    """The organisation that an entry means, where the directory knows it by this name."""
    if isinstance(entry.organisation, Organisation):
        return entry.organisation
    return directory.find_organisation(entry.organisation) if entry.organisation else None


def describe(registration: Registration, meeting: Meeting, entry: Entry) -> None:
    """Write an entry's facts into a row."""
    organisation = entry.organisation if isinstance(entry.organisation, Organisation) else None
    registration.organisation = organisation
    registration.organisation_text = "" if organisation is not None else str(entry.organisation or "")
    # by its id: a form that is kept ready knows its sectors, not this transaction's rows of them
    registration.sector_id = entry.sector.id if entry.sector else organisation.sector_id if organisation else None
    registration.role, registration.country, registration.language = entry.role, entry.country, entry.language
    registration.is_child = registration.person.is_child
    if entry.accepts_code:
        accept_code(registration, meeting)


def accept_code(registration: Registration, meeting: Meeting) -> None:
    """Note which version of the code of conduct was accepted, and when."""
    if registration.code_of_conduct_version != meeting.code_of_conduct_version or not registration.code_of_conduct_at:
        registration.code_of_conduct_version = meeting.code_of_conduct_version
        registration.code_of_conduct_at = clock.now()


def place(registration: Registration, meeting: Meeting, *, by: Actor) -> None:
    """Submit a registration: to an organiser, into a seat, or into the queue; and confirm it when nothing is missing.

    Where seats are limited, the meeting is held from here until the transaction ends; also where a nomination or a
    child's place may follow, so that everybody holds the meeting before those.
    """
    if meeting.capacity is not None or meeting.admits_children or registration.nomination_id is not None:
        flush_new()  # what needs no seat is written while others may still count
        meeting = seats.hold(meeting.id)
    before, at = registration.state, clock.now()
    step(registration, _S.SUBMITTED, at=at)
    if not meeting.needs_approval:
        seats.seat_or_queue(registration, meeting, at=at)
        if registration.state is _S.APPROVED and not registration.is_child and not missing(registration, meeting):
            step(registration, _S.CONFIRMED, at=at)
    db.session.add(registration)
    announce(registration, before, by=by, at=at)
    flush_new()


def keep_details(person: Person, meeting: Meeting, entry: Entry, *, by: Actor, is_new: bool = False) -> None:
    """The sealed needs, and what an adult consents to."""
    needs = {kind: text for kind, text in entry.needs.items() if text}
    if needs:
        safeguarding.seal_all(person=person, meeting=meeting, texts=needs, by=by, surely_new=is_new)
    if is_new:
        safeguarding.record_first_consents(
            person=person, meeting=meeting, answers=entry.consents, language=entry.consents_shown_in, by=by
        )
        return
    for purpose, answer in entry.consents.items():
        safeguarding.record_consent(
            person=person,
            meeting=meeting,
            purpose=purpose,
            side=ConsentBy.SELF,
            answer=answer,
            language=entry.consents_shown_in,
            by=by,
        )


def keep_answers(registration: Registration, answers: dict[int, Any]) -> None:
    """Store answers by the question's id; an empty one is taken away, what was not asked stays."""
    known = {answer.field_id: answer for answer in registration.answers}
    for field_id, value in answers.items():
        empty = value is None or value == "" or value == []
        if field_id in known and empty:
            registration.answers.remove(known[field_id])
        elif field_id in known:
            known[field_id].value = value
        elif not empty:
            registration.answers.append(Answer(field_id=field_id, value=value))
    db.session.flush()
