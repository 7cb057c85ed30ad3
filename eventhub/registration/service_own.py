"""What a person, or staff for them, changes about a registration: data, needs, photos, the code of conduct, links."""

from flask_babel import lazy_gettext as _
from sqlalchemy.orm.attributes import flag_modified

from eventhub import audit
from eventhub.audit import Actor
from eventhub.db import db, lock
from eventhub.directory import queries as directory
from eventhub.directory import service as directory_service
from eventhub.directory.models import Person
from eventhub.errors import InvalidError, StaleError
from eventhub.registration import letters, queries, seats
from eventhub.registration.models import Registration
from eventhub.registration.service import (
    Entry,
    accept_code,
    describe,
    find_organisation,
    keep_answers,
)
from eventhub.registration.service_deciding import confirm_if_complete
from eventhub.safeguarding import service as safeguarding
from eventhub.safeguarding.models import ConsentBy, Guardian, Purpose


def change(
    registration: Registration, entry: Entry, *, version: int, by: Actor, keeps_role: bool = True
) -> Registration:
    """Change what a registration and its person say; ``version`` is the one that the editor saw.

    Raises StaleError when somebody else changed it meanwhile, InvalidError with the field that is wrong. Consents,
    sealed needs and the code of conduct have functions of their own.
    """
    meeting = registration.meeting
    held = lock(Registration, registration.id)
    person = lock(Person, registration.person_id)
    if held is None or person is None or held.version != version:
        raise StaleError
    before = letters.address_of(held)
    facts = {name: getattr(entry, name) for name in ("full_name", "latin_name", "called", "language", "country")}
    if not person.is_child:
        facts["email"] = entry.email
        _check_address_is_free(held, entry.email)
    directory_service.change_person(person, version=person.version, by=by, **facts)
    entry.role = held.role if keeps_role else entry.role
    entry.organisation = find_organisation(entry) or entry.organisation
    describe(held, meeting, entry)
    keep_answers(held, entry.answers)
    flag_modified(held, "language")  # the version counts every change, also one of a name alone
    db.session.flush()
    audit.record(by, "changed", held)
    if before and not person.is_child and directory.email_key(before) != directory.email_key(entry.email):
        audit.record(by, "changed address", held)
        letters.address_changed(held, old=before, new=entry.email)
    return held


def _check_address_is_free(registration: Registration, email: str) -> None:
    """An address leads to one registration of a meeting; says no in the same words whoever has it."""
    key = directory.email_key(email)
    if not key:
        raise InvalidError(_("Write an e-mail address: the ticket and the link go there."), field="email")
    if key == registration.person.email_key:
        return
    taken = [r for r in queries.list_by_address(registration.meeting_id, key) if r.id != registration.id]
    if taken or directory.find_person_by_email(email) not in (None, registration.person):
        raise InvalidError(_("This address cannot be set here. Please write to the secretariat."), field="email")


def accept_conduct(registration: Registration, *, by: Actor) -> Registration:
    """The person accepts the code of conduct on their own page; the registration may be complete now."""
    meeting = seats.hold(registration.meeting_id)
    accept_code(registration, meeting)
    db.session.flush()
    audit.record(by, "accepted code", registration, version=registration.code_of_conduct_version)
    confirm_if_complete(registration, by=by)
    return registration


def change_needs(registration: Registration, needs: dict[str, str], *, by: Actor) -> None:
    """Replace the sealed needs; an empty text deletes what was kept."""
    safeguarding.seal_all(person=registration.person, meeting=registration.meeting, texts=needs, by=by)
    audit.record(by, "changed needs", registration)


def answer_photos(registration: Registration, answers: dict[Purpose, bool], *, language: str, by: Actor) -> None:
    """An adult's answers about photos, now, shown in ``language``; the earlier ones stay in the record."""
    safeguarding.record_consents(
        person=registration.person,
        meeting=registration.meeting,
        side=ConsentBy.SELF,
        answers=answers,
        language=language,
        by=by,
    )


def renew_link(registration: Registration, *, by: Actor) -> None:
    """Withdraw every personal link of a registration and send a new one."""
    lock(Registration, registration.id)
    registration.link_version += 1
    db.session.flush()
    audit.record(by, "renewed link", registration)
    letters.link(registration)


def send_consent_link(registration: Registration, guardian: Guardian, *, by: Actor) -> None:
    """Send a guardian the link to the consents again."""
    letters.consent_again(registration, guardian)
    audit.record(by, "sent consent link", registration)


def renew_guardian_links(registration: Registration, guardian: Guardian, *, by: Actor) -> None:
    """The guardian has another address: the child's page gets a new link, and both go there."""
    lock(Registration, registration.id)
    registration.link_version += 1
    db.session.flush()
    audit.record(by, "renewed link", registration)
    letters.child(registration, guardian)
