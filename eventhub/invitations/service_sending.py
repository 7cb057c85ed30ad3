"""The secretariat's side: preparing invitations, sending, reminding, withdrawing; expiry at the deadline."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _

from eventhub import audit, clock
from eventhub.audit import Actor
from eventhub.db import db, lock
from eventhub.directory import queries as directory
from eventhub.directory.models import Organisation, Person
from eventhub.errors import IllegalMoveError, InvalidError, RuleError
from eventhub.invitations import letters, queries, service, service_quotas
from eventhub.invitations.models import Invitation, Nomination
from eventhub.invitations.states import STANDING, InvitationState, NominationState
from eventhub.meetings.models import Meeting, Sector

MOST_SEATS = 500
REMIND_BEFORE = timedelta(days=7)  # before the deadline
REMIND_AFTER = timedelta(days=3)  # nobody is reminded right after the first letter
MORNING = 8  # o'clock where the meeting takes place: reminders do not arrive at night


class ReasonNeededError(InvalidError):
    sentence = _(
        "These invitations go beyond a quota. You can send them: write down the reason, so that it is kept with them."
    )


@dataclass
class Sending:
    """What became of a press on "send": each invitation is in one of the lists."""

    sent: list[Invitation] = field(default_factory=list)
    already: list[Invitation] = field(default_factory=list)  # a double click
    no_address: list[Invitation] = field(default_factory=list)
    late: list[Invitation] = field(default_factory=list)  # the deadline lies in the past
    refused: list[Invitation] = field(default_factory=list)  # accepted, for example


def prepare(
    *,
    meeting: Meeting,
    organisations: Iterable[Organisation] = (),
    people: Iterable[Person] = (),
    seats: int = 1,
    deadline: date,
    language: str = "en",
    sector: Sector | None = None,
    by: Actor,
) -> list[Invitation]:
    """Draft one invitation per organisation, and one with one seat per person who is invited alone.

    The sector is the given one, else the organisation's. Who has an invitation to this meeting keeps it as it is.
    Returns the drafts, new and old. Raises InvalidError, also for a child: an organisation names it.
    """
    _check(meeting, seats=seats, deadline=deadline)
    lock(Meeting, meeting.id)  # so that two presses make one draft each, not two and an error
    drafts = []
    guests: list[Organisation | Person] = [*organisations, *people]
    for guest in guests:
        known = queries.find_invitation_of(meeting.id, guest)
        if known is None:
            known = _draft(guest, seats=seats, sector=sector)
            known.meeting, known.deadline, known.language = meeting, deadline, language
            db.session.add(known)
            db.session.flush()
            audit.record(by, "drafted", known, seats=known.seats)
        if known.state is InvitationState.DRAFT:
            drafts.append(known)
    return drafts


def _draft(guest: Organisation | Person, *, seats: int, sector: Sector | None) -> Invitation:
    if isinstance(guest, Organisation):
        sector_id = sector.id if sector else guest.sector_id
        return Invitation(organisation=guest, sector_id=sector_id, seats=seats, email=guest.email)
    if guest.is_child:
        raise InvalidError(_("A child is not invited alone. Invite an organisation, which names the child."))
    home = directory.current_organisation(guest)
    sector_id = sector.id if sector else home.sector_id if home else None
    return Invitation(
        person=guest, sector_id=sector_id, seats=1, email=guest.email, addressee=guest.called or guest.full_name
    )


def change(invitation: Invitation, *, by: Actor, **facts: Any) -> Invitation:
    """Change seats, deadline, e-mail, addressee, language or sector. Raises InvalidError with the field."""
    held = service.lock_whole(invitation)
    if facts.get("deadline", held.deadline) != held.deadline or held.state is InvitationState.DRAFT:
        _check(held.meeting, seats=facts.get("seats", held.seats), deadline=facts.get("deadline", held.deadline))
    if held.person_id is not None and facts.get("seats", 1) != 1:
        raise InvalidError(_("One person has one seat."), field="seats")
    if facts.get("seats", held.seats) < queries.seats_taken(held):
        raise InvalidError(_("More people than that are named already. Withdraw a nomination first."), field="seats")
    before = {name: str(getattr(held, name)) for name in facts if getattr(held, name) != facts[name]}
    for name, value in facts.items():
        setattr(held, name, value)
    db.session.flush()
    if before:
        audit.record(by, "changed", held, before=before)
    return held


def discard(invitation: Invitation, *, by: Actor) -> None:
    """Delete a draft, of which nobody outside has heard. Raises IllegalMoveError for anything else."""
    held = lock(Invitation, invitation.id)
    if held is None:
        return
    if held.state is not InvitationState.DRAFT:
        raise IllegalMoveError
    audit.record(by, "discarded", held)
    db.session.delete(held)
    db.session.flush()


def send(invitations: Iterable[Invitation], *, meeting: Meeting, reason: str = "", by: Actor) -> Sending:
    """Send drafts, and again what was declined, expired or withdrawn. A second press sends nothing.

    Raises ReasonNeededError when a quota would be passed and ``reason`` is empty; RuleError when the meeting is over.
    """
    if meeting.state not in service.COMING:
        raise RuleError(_("This meeting is postponed, cancelled or over, so no invitation goes out."))
    lock(Meeting, meeting.id)
    result, ready = Sending(), []
    for given in sorted(invitations, key=lambda i: i.id):
        invitation = lock(Invitation, given.id)
        if invitation is not None and _sort(invitation, result):
            ready.append(invitation)
    over = service_quotas.overruns(meeting, ready)
    if over and not reason:
        raise ReasonNeededError(field="reason")
    for invitation in ready:
        if any(service_quotas.is_over(one, invitation) for one in over):
            invitation.note = reason
    for invitation in ready:
        _send(invitation, by=by)
        result.sent.append(invitation)
    return result


def _sort(invitation: Invitation, result: Sending) -> bool:
    """Whether it can go now; else it is put into the list that says why not."""
    if invitation.state is InvitationState.SENT:
        result.already.append(invitation)
    elif invitation.state is InvitationState.ACCEPTED:
        result.refused.append(invitation)
    elif not invitation.email:
        result.no_address.append(invitation)
    elif queries.is_past(invitation):
        result.late.append(invitation)
    else:
        return True
    return False


def _send(invitation: Invitation, *, by: Actor) -> None:
    service.move(invitation, InvitationState.SENT, by=by)
    invitation.sent_at = clock.now()
    invitation.answered_at = invitation.reminded_at = None
    invitation.decline_reason = ""
    letters.send_invitation(invitation)
    db.session.flush()


def remind(invitation: Invitation, *, by: Actor) -> bool:
    """Remind an organisation, or a person, that has not answered: not on the day of the invitation's own letter, and at
    most once a day. Returns whether a letter was made."""
    held = lock(Invitation, invitation.id)
    if held is None or held.state is not InvitationState.SENT or queries.is_past(held):
        raise IllegalMoveError(_("Only who has not answered yet is reminded, and only before the deadline."))
    zone = ZoneInfo(held.meeting.tz)
    today = clock.today(held.meeting.tz)
    if any(at.astimezone(zone).date() == today for at in (held.sent_at, held.reminded_at) if at is not None):
        return False
    held.reminded_at = clock.now()
    letters.send_reminder(held)
    audit.record(by, "reminded", held)
    db.session.flush()
    return True


def withdraw(invitation: Invitation, *, by: Actor) -> Invitation:
    """Take an invitation back: its link dies, whom it named and who is not registered is told. Twice is once.

    People who have registered keep their registration; that is decided there, one by one.
    """
    held = service.lock_whole(invitation)
    if held.state is InvitationState.WITHDRAWN:
        return held
    told = held.state in queries.LIVE
    service.move(held, InvitationState.WITHDRAWN, by=by)
    held.link_version += 1
    for nomination in held.nominations:
        if nomination.state in STANDING and nomination.state is not NominationState.REGISTERED:
            service.take_back(nomination, NominationState.WITHDRAWN, by=by)
    if told:
        letters.send_withdrawn(held)
    db.session.flush()
    return held


def send_nomination_again(nomination: Nomination, *, by: Actor) -> None:
    """Send a nominee's letter once more, with a new link: the old one stops working."""
    invitation = service.hold(nomination.invitation, by=by)
    nomination = queries.get_nomination(nomination.id, invitation_id=invitation.id)
    if nomination.state is not NominationState.INVITED:
        raise IllegalMoveError
    nomination.link_version += 1
    letters.send_nomination(nomination)
    audit.record(by, "sent again", nomination, meeting_id=invitation.meeting_id)
    db.session.flush()


def expire(invitation: Invitation) -> bool:
    """The deadline is over and nobody answered. Returns whether it was so."""
    held = lock(Invitation, invitation.id)
    if held is None or held.state is not InvitationState.SENT or not queries.is_past(held):
        return False
    service.move(held, InvitationState.EXPIRED, by=audit.SYSTEM)
    return True


def list_due_reminders(meeting: Meeting) -> list[int]:
    """Ids of invitations to remind now: unanswered, never reminded, a week or less to go, three days after the letter,
    from eight in the morning where the meeting takes place."""
    now = clock.now()
    if meeting.state not in service.COMING or now.astimezone(ZoneInfo(meeting.tz)).hour < MORNING:
        return []
    last_day = clock.today(meeting.tz) + REMIND_BEFORE
    return queries.list_unreminded(meeting, last_day, sent_before=now - REMIND_AFTER)


def _check(meeting: Meeting, *, seats: int, deadline: date) -> None:
    if not 1 <= seats <= MOST_SEATS:
        raise InvalidError(_("Offer between 1 and %(most)s seats.", most=MOST_SEATS), field="seats")
    if deadline < clock.today(meeting.tz):
        raise InvalidError(_("The deadline lies in the past. Choose a later day."), field="deadline")
    if deadline > meeting.ends:
        raise InvalidError(_("The deadline lies after the meeting. Choose an earlier day."), field="deadline")


def default_deadline(meeting: Meeting, now: datetime | None = None) -> date:
    """Four weeks from now, or the day before the meeting when that comes first."""
    today = (now or clock.now()).astimezone(ZoneInfo(meeting.tz)).date()
    return max(today, min(today + timedelta(days=28), meeting.starts - timedelta(days=1)))
