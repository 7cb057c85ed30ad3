"""Registering a child: by a parent or guardian, with nothing asked that is not needed.

What is kept: the name the child chose, the age band, country, organisation, the guardian's contact, the named adult's
address. Never: the child's own address, phone or e-mail, school, date of birth. The child is confirmed only when both
consents, the guardian's contact and a confirmed named adult are there (``completeness``).
"""

from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _

from eventhub.audit import Actor
from eventhub.directory import queries as directory
from eventhub.directory import service as directory_service
from eventhub.directory.models import Person
from eventhub.errors import InvalidError, RuleError
from eventhub.invitations import service as invitations
from eventhub.invitations.models import Nomination
from eventhub.meetings.models import Meeting, Sector
from eventhub.registration import letters, queries, service
from eventhub.registration.models import Registration, Source
from eventhub.registration.service import AlreadyRegisteredError, Entry
from eventhub.registration.states import RegistrationRole, RegistrationState
from eventhub.safeguarding import queries as safeguarding_queries
from eventhub.safeguarding import service as safeguarding
from eventhub.safeguarding.models import AgeBand


class NoMinorsError(RuleError):
    status = 403
    sentence = _(
        "This meeting is for people of 18 and over. Thank you for wanting to take part. "
        "We have kept nothing of what you wrote."
    )


@dataclass
class ChildEntry:
    """What a guardian says about a child."""

    called: str  # the name the child wants
    age_band: AgeBand
    guardian_name: str
    guardian_email: str
    guardian_phone: str = ""
    guardian_relation: str = ""
    adult_email: str = ""  # of the named adult
    country: str = ""
    organisation: str = ""
    sector: Sector | None = None
    language: str = "en"
    needs: dict[str, str] = field(default_factory=dict)
    accepts_code: bool = False


def register_child(
    *,
    meeting: Meeting,
    entry: ChildEntry,
    by: Actor,
    source: Source = Source.ONLINE,
    nomination: Nomination | None = None,
    submission_key: str | None = None,
    submission_hash: str = "",
) -> Registration:
    """Register a child; letters go to the guardian and to the named adult. Twice the same form is one registration.

    Raises NoMinorsError where the meeting admits no children, and what ``service.register`` raises.
    """
    if not meeting.admits_children:
        raise NoMinorsError
    service.hold(meeting, submission_key, directory.email_key(entry.guardian_email))
    repeated = service.repeat_of(meeting, submission_key, submission_hash)
    if repeated is not None:
        return repeated
    service.check_open(meeting, nomination=nomination, by=by)
    _check(meeting, entry)
    child = _child(entry, nomination, by=by)
    registration = queries.find_registration(meeting.id, child.id)
    if registration is not None and registration.state is not RegistrationState.CANCELLED:
        raise AlreadyRegisteredError(registration)
    registration = registration or Registration(
        meeting=meeting, meeting_id=meeting.id, person=child, state=RegistrationState.STARTED, link_version=1
    )
    facts = _facts(entry)
    service.describe(registration, meeting, facts)
    service.came_by(registration, source, nomination, submission_key, submission_hash)
    service.keep_details(child, meeting, facts, by=by)
    service.place(registration, meeting, by=by)
    set_guardian(registration, meeting, entry, by=by)
    if nomination is not None:
        invitations.mark_registered(nomination, by=by)
    return registration


def _facts(entry: ChildEntry) -> Entry:
    """What a child's registration holds of its form, as of anybody's; the guardian's part is kept apart."""
    facts = Entry(
        full_name=entry.called,
        country=entry.country,
        organisation=entry.organisation,
        sector=entry.sector,
        language=entry.language,
        role=RegistrationRole.CHILD_DELEGATE,
        needs=entry.needs,
        accepts_code=entry.accepts_code,
    )
    facts.organisation = service.find_organisation(facts) or facts.organisation
    return facts


def set_guardian(registration: Registration, meeting: Meeting, entry: ChildEntry, *, by: Actor) -> None:
    """Keep the guardian, name the adult where that address is registered already, and write to both."""
    guardian = safeguarding.set_guardian(
        child=registration.person,
        meeting=meeting,
        name=entry.guardian_name,
        email=entry.guardian_email,
        phone=entry.guardian_phone,
        relation=entry.guardian_relation,
        age_band=entry.age_band,
        adult_email=entry.adult_email,
        by=by,
    )
    letters.child(registration, guardian)
    if not entry.adult_email:
        return
    known = [
        row
        for row in queries.list_by_address(meeting.id, directory.email_key(entry.adult_email))
        if row.state is not RegistrationState.CANCELLED
    ]
    if known:
        safeguarding.name_adult(child=registration.person, adult=known[0].person, meeting=meeting, by=by)
    else:
        letters.named_adult(registration, guardian)


def _check(meeting: Meeting, entry: ChildEntry) -> None:
    if not entry.called:
        raise InvalidError(_("Write the name that the child wants to be called by."), field="called")
    if directory.email_key(entry.adult_email) and not entry.guardian_email:
        raise InvalidError(_("Write the guardian's e-mail address: the letters go there."), field="guardian_email")
    for known in safeguarding_queries.list_by_guardian(entry.guardian_email, meeting.id):
        if directory.fold(known.child.called) != directory.fold(entry.called):
            continue
        registration = queries.find_registration(meeting.id, known.child_id)
        if registration is not None and registration.state is not RegistrationState.CANCELLED:
            raise AlreadyRegisteredError(registration)


def _child(entry: ChildEntry, nomination: Nomination | None, *, by: Actor) -> Person:
    """The nominated child with the name it chose, or a new record: children are never matched by name."""
    if nomination is not None and nomination.person.is_child:
        child = nomination.person
        return directory_service.change_person(
            child, version=child.version, by=by, full_name=entry.called, called=entry.called, language=entry.language
        )
    return directory_service.create_person(
        full_name=entry.called,
        called=entry.called,
        language=entry.language,
        country=entry.country,
        is_child=True,
        by=by,
    )
