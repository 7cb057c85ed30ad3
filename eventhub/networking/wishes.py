"""Rules for wishes: whom a participant would like to meet, in their order, and whether they agree to be seated.

A wish is told to nobody but the organisers, and never to the one whom it is about. It needs no answer, so nobody is
asked; two are seated only where both agreed to be. A child wishes for nobody and is wished for by nobody.

People at risk are not seated, not even with a yes. A yes on this page is given before anybody knows with whom, when
and how often: it would let others decide who learns that this person comes. A proposal names both of each pair to every
organiser who may edit it, and publishing writes the name into the other's agenda, letter and calendar file, which no
withdrawal brings back. To be unlisted means that only they say to whom they are known. That way is open: they
ask for a 1:1 meeting themselves, one person at a time, and see each name before they say yes (``service_one_to_one``).
"""

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from eventhub import audit, clock
from eventhub.audit import Actor
from eventhub.db import db, lock, touched
from eventhub.errors import InvalidError, NotFoundError
from eventhub.meetings.models import Meeting
from eventhub.networking import queries, queries_seating, service_met
from eventhub.networking.models_seating import ProposedSeat, SeatingConsent, SeatingProposal, Wish
from eventhub.networking.offers import KEEP
from eventhub.registration.models import Registration

MOST_WISHES = 30
MOST_SEATS = 20


def agree(registration: Registration, *, agreed: bool, most: int, by: Actor, at: datetime | None = None) -> None:
    """Keep whether a participant agrees to be seated, and for how many 1:1 meetings at most.

    Raises RuleError for children and for who is not confirmed, InvalidError for a number out of bounds.
    """
    _check(registration)
    if not 1 <= most <= MOST_SEATS:
        raise InvalidError(_("Choose a number from 1 to %(most)s.", most=MOST_SEATS), field="most")
    lock(Registration, registration.id)  # the same form sent twice makes one row
    row = queries_seating.find_consent(registration.id)
    if row is None:
        row = SeatingConsent(registration_id=registration.id, meeting_id=registration.meeting_id)
        db.session.add(row)
    elif (row.agreed, row.most) == (agreed, most):
        return
    row.agreed, row.most, row.updated_at = agreed, most, at or clock.now()
    db.session.flush()
    audit.record(by, "agreed to be seated" if agreed else "is not to be seated", registration)


def _check(registration: Registration) -> None:
    """Children are never seated, and people at risk by nobody but themselves (see above)."""
    person = service_met.check_may_meet(registration)
    if not queries.is_listed(person) or not queries.is_listed(registration.person):
        raise InvalidError(_("For your safety you are seated with nobody. You can ask for a 1:1 meeting yourself."))


def add(registration: Registration, whom_id: int, *, by: Actor) -> Wish:
    """Put somebody at the end of the list; who stands there already stays where they are.

    Raises NotFoundError for everybody who is not listed or may not be asked, whatever the reason.
    """
    _check(registration)
    lock(Registration, registration.id)
    rows = queries_seating.list_wishes(registration.id)
    for row in rows:
        if row.whom_id == whom_id:
            return row
    if not queries_seating.may_wish_for(registration, whom_id):
        raise NotFoundError(_("This person is not in the list (any more). Choose somebody else."))
    if len(rows) >= MOST_WISHES:
        raise InvalidError(
            _("There are %(most)s people on your list. Take somebody off first.", most=MOST_WISHES), field="whom"
        )
    place = max((row.place for row in rows), default=-1) + 1
    wish = Wish(meeting_id=registration.meeting_id, by_id=registration.id, whom_id=whom_id, place=place)
    db.session.add(wish)
    db.session.flush()
    audit.record(by, "added", wish)
    return wish


def move(registration: Registration, wish_id: int, *, up: bool, by: Actor) -> None:
    """Change places with the one before or after; the first stays first."""
    lock(Registration, registration.id)
    rows = queries_seating.list_wishes(registration.id)
    at = _index(rows, wish_id)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(rows):
        return
    rows.insert(to, rows.pop(at))
    for place, row in enumerate(rows):
        row.place = place
    db.session.flush()
    audit.record(by, "moved", rows[to])


def remove(registration: Registration, wish_id: int, *, by: Actor) -> None:
    """Take somebody off the list; nobody is told."""
    lock(Registration, registration.id)
    rows = queries_seating.list_wishes(registration.id)
    row = rows[_index(rows, wish_id)]
    audit.record(by, "removed", row)
    db.session.delete(row)
    db.session.flush()


def _index(rows: list[Wish], wish_id: int) -> int:
    for at, row in enumerate(rows):
        if row.id == wish_id:
            return at
    raise NotFoundError(_("This person is not on your list any more."))


def purge(before: datetime) -> int:
    """Delete the wishes, consents and proposals of meetings that ended a year before; returns how many rows."""
    ended = sa.select(Meeting.id).where(Meeting.ends < (before - KEEP).date())
    proposals = sa.select(SeatingProposal.id).where(SeatingProposal.meeting_id.in_(ended))
    gone = touched(sa.delete(ProposedSeat).where(ProposedSeat.proposal_id.in_(proposals)))
    for model in (SeatingProposal, Wish, SeatingConsent):
        gone += touched(sa.delete(model).where(model.meeting_id.in_(ended)))
    return gone
