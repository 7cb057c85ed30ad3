"""What is decided about a registration once it is there: seats given and given back, confirmation, and what that means
for the children of an adult.

Every decision holds the meeting first, so that no seat is given twice, and says itself twice as once.
"""

from flask_babel import lazy_gettext as _

from eventhub import audit
from eventhub.audit import Actor
from eventhub.db import db
from eventhub.errors import RuleError
from eventhub.meetings.models import Meeting
from eventhub.registration import letters, queries, seats
from eventhub.registration.completeness import missing
from eventhub.registration.models import Registration
from eventhub.registration.moves import move
from eventhub.registration.states import RegistrationState
from eventhub.safeguarding import queries as safeguarding_queries
from eventhub.safeguarding import service as safeguarding

_S = RegistrationState


def approve(registration: Registration, *, by: Actor) -> Registration:
    """An organiser says yes: a seat if one is free, else the queue. Who waits gets a free seat before their turn.

    Saying yes twice is saying it once.
    """
    meeting = seats.hold(registration.meeting_id)
    db.session.refresh(registration)
    if registration.state in (_S.APPROVED, _S.CONFIRMED):
        return registration
    if not seats.is_full(meeting):
        move(registration, _S.APPROVED, by=by)
        _seated(registration, meeting, by=by)
    elif registration.state is _S.SUBMITTED:
        registration.queue_no = seats.next_number(meeting.id)
        move(registration, _S.WAITING, by=by)
        letters.waiting(registration, meeting)
    else:
        raise RuleError(_("All seats are taken. Raise the number of seats, or wait until somebody cancels."))
    return registration


def decline(registration: Registration, *, by: Actor, note: str = "") -> Registration:
    """An organiser says no, with a word to the person. Twice is once."""
    seats.hold(registration.meeting_id)
    db.session.refresh(registration)
    if registration.state is not _S.DECLINED:
        move(registration, _S.DECLINED, by=by, **({"note": note} if note else {}))
        letters.declined(registration, note)
    return registration


def cancel(registration: Registration, *, by: Actor) -> Registration:
    """The person does not come; whoever waits first moves up in the same transaction. Twice is once."""
    meeting = seats.hold(registration.meeting_id)
    db.session.refresh(registration)
    if registration.state is _S.CANCELLED:
        return registration
    move(registration, _S.CANCELLED, by=by)
    letters.cancelled(registration, meeting)
    _carer_changed(registration, meeting, by=by)
    fill_seats(meeting, by=by)
    return registration


def fill_seats(meeting: Meeting, *, by: Actor) -> list[Registration]:
    """Give free seats to who waits, in order of arrival; returns who moved up."""
    meeting = seats.hold(meeting.id)
    moved = seats.move_up(meeting, by=by)
    for registration in moved:
        _seated(registration, meeting, by=by)
    return moved


def confirm_if_complete(registration: Registration, *, by: Actor) -> bool:
    """Confirm an approved registration when nothing is missing; take a confirmed one back when something is.

    Returns whether it is confirmed now. Call it after anything that a registration depends on has changed.
    """
    meeting = seats.hold(registration.meeting_id)
    db.session.refresh(registration)
    if registration.state is _S.APPROVED and not missing(registration, meeting):
        move(registration, _S.CONFIRMED, by=by)
        _carer_changed(registration, meeting, by=by)
    elif registration.state is _S.CONFIRMED and missing(registration, meeting):
        move(registration, _S.APPROVED, by=by)
        letters.place(registration, meeting)
        _carer_changed(registration, meeting, by=by)
    return registration.state is _S.CONFIRMED


def reconsider(person_id: int, meeting_id: int, *, by: Actor) -> None:
    """Consents, guardian or named adult of a person changed: is the registration still complete, or complete now?"""
    registration = queries.find_registration(meeting_id, person_id)
    if registration is not None:
        confirm_if_complete(registration, by=by)


def _seated(registration: Registration, meeting: Meeting, *, by: Actor) -> None:
    """Somebody has got a seat: confirm them, or tell them what is still missing."""
    if missing(registration, meeting):
        letters.place(registration, meeting)
    else:
        move(registration, _S.CONFIRMED, by=by)
        _carer_changed(registration, meeting, by=by)


# --- children and the adults who answer for them -------------------------------------------------------------------


def adult_arrived(registration: Registration, meeting: Meeting, *, by: Actor) -> None:
    """An adult registered: children whose guardians gave this address as the named adult's have their adult now."""
    if not meeting.admits_children:
        return
    for guardian in safeguarding_queries.waiting_for_adult(registration.person.email, meeting.id):
        safeguarding.name_adult(child=guardian.child, adult=registration.person, meeting=meeting, by=by)
    _carer_changed(registration, meeting, by=by)


def _carer_changed(registration: Registration, meeting: Meeting, *, by: Actor) -> None:
    """A child is confirmed only while its named adult is: look again at the children of this adult."""
    if registration.is_child or not meeting.admits_children:
        return
    for chaperoning in safeguarding_queries.children_of(registration.person_id, meeting.id):
        reconsider(chaperoning.child_id, meeting.id, by=by)


def send_link(registration: Registration, *, by: Actor) -> None:
    """Send the personal link again: to the person, of a child to its guardian."""
    letters.link(registration)
    audit.record(by, "sent link", registration)
