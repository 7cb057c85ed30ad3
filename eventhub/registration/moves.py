"""The one function that takes a registration to another state, and what always goes with it: times, dated facts for
the door, the audit, and the tasks that tell the higher features after the commit."""

from datetime import datetime

from eventhub import audit, clock, tasks
from eventhub.audit import Actor
from eventhub.db import append, db
from eventhub.errors import IllegalMoveError
from eventhub.registration.models import Registration, RegistrationFact
from eventhub.registration.states import MOVES, RegistrationState

_TIMES = {
    RegistrationState.SUBMITTED: "submitted_at",
    RegistrationState.APPROVED: "approved_at",
    RegistrationState.CONFIRMED: "confirmed_at",
    RegistrationState.CANCELLED: "cancelled_at",
}


def step(registration: Registration, state: RegistrationState, *, at: datetime) -> None:
    """Set state and time, nothing else; raises IllegalMoveError. For rows that are not in the table yet."""
    if state not in MOVES[registration.state]:
        raise IllegalMoveError
    registration.state = state
    if state in _TIMES:
        setattr(registration, _TIMES[state], at)
    if state is RegistrationState.CONFIRMED:
        registration.followed_up_at = None
    if state is RegistrationState.SUBMITTED:
        registration.cancelled_at = None


def announce(registration: Registration, before: RegistrationState, *, by: Actor, at: datetime, **detail: str) -> None:
    """Note a move that was made, flushed or not yet: audit, dated fact, task after the commit."""
    after = registration.state
    audit.record(by, after.value, registration, before=before.value, **detail)
    if after is RegistrationState.CONFIRMED:
        append(RegistrationFact, registration_id=registration, fact="confirmed", at=at)
        tasks.after_commit(db.session, tasks.REGISTRATION_CONFIRMED, registration)
    elif before is RegistrationState.CONFIRMED:
        append(RegistrationFact, registration_id=registration, fact="cancelled", at=at)
        tasks.after_commit(db.session, tasks.REGISTRATION_CHANGED, registration)


def move(registration: Registration, state: RegistrationState, *, by: Actor, **detail: str) -> Registration:
    """Take a registration to another state. The caller holds the meeting's lock when seats are concerned."""
    before, at = registration.state, clock.now()
    step(registration, state, at=at)
    db.session.flush()
    announce(registration, before, by=by, at=at, **detail)
    db.session.flush()
    return registration
