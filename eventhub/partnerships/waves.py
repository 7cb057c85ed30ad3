"""Asking every participant 3, 6, 12 and 24 months after a meeting what came of the people whom they met there.

One letter asks about all of them. Rows are made when the meeting is over, sent when their day has come, reminded of
twice at most, and only while nobody answered; no reply is a state. What is due for a party of a partnership is asked
in the same letter where its focal person gets one. Everything here done twice is done once.
"""

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from eventhub import audit, clock
from eventhub.accounts import queries as accounts
from eventhub.audit import Actor
from eventhub.db import db, hold_names, lock
from eventhub.directory import imprecise
from eventhub.errors import IllegalMoveError, InvalidError, LinkError, LinkExpiredError, LinkWithdrawnError
from eventhub.mail import addresses
from eventhub.meetings.models import Meeting
from eventhub.partnerships import letters_follow, queries_commit
from eventhub.partnerships import queries_follow as queries
from eventhub.partnerships.follow_ups import LINK_WORKS, OVERDUE_AFTER
from eventhub.partnerships.models_follow import PersonFollowUp
from eventhub.partnerships.states import FOLLOW_UP_MONTHS, FOLLOW_UP_MOVES, FollowUpState
from eventhub.security import read_token

REMIND_AFTER = timedelta(days=14)  # after the letter, and after the first reminder
MOST_REMINDERS = 2
NO_MORE_AFTER = timedelta(days=60)  # a machine that was off for long does not remind of what is long past
MOST_HANDED_OVER = 3
OPEN = (FollowUpState.SENT, FollowUpState.OVERDUE)


class HandedOverError(LinkWithdrawnError):
    sentence = _(
        "These questions were handed over, and the link went to the new address. Thank you: there is nothing more to do."
    )


def schedule(meeting: Meeting, *, today: date | None = None) -> int:
    """Make the rows that are still to come for everybody who met somebody; returns how many are new.

    A day that is over already is not asked about: nobody is written to about the past all at once.
    """
    today = today or clock.today(meeting.tz)
    hold_names(f"follow-ups:{meeting.id}")
    known = {
        (person_id, months): handed
        for person_id, months, handed in db.session.execute(
            sa.select(PersonFollowUp.person_id, PersonFollowUp.months, PersonFollowUp.handed_over).where(
                PersonFollowUp.meeting_id == meeting.id
            )
        )
    }
    made = 0
    for person in queries.list_people_to_ask(meeting):
        for months in FOLLOW_UP_MONTHS:
            due = imprecise.months_later(meeting.ends, months)
            if due >= today and (person.id, months) not in known:
                db.session.add(PersonFollowUp(meeting=meeting, person=person, months=months, due=due))
                made += 1
    db.session.flush()
    return made


def send(ident: int, *, at: datetime | None = None) -> bool:
    """Write to a participant whose day has come. Twice is once; False when it was sent or nobody can be written to."""
    row = lock(PersonFollowUp, ident)
    if row is None or row.state is not FollowUpState.SCHEDULED:
        return False
    if _is_asked_later(row, at or clock.now()):
        _move(row, FollowUpState.CLOSED)
        return False
    subjects, promised = _count(row)
    if row.person.is_child or not subjects + promised:
        _move(row, FollowUpState.CLOSED)
        return False
    if queries.hindrances([row]):
        return False
    _move(row, FollowUpState.SENT)
    row.sent_at = at or clock.now()
    for party_row in queries.party_rows(row):  # asked about in this letter, so it needs none of its own
        if party_row.state is FollowUpState.SCHEDULED:
            party_row.state, party_row.sent_at = FollowUpState.SENT, row.sent_at
    _write(row, at=row.sent_at, counts=(subjects, promised))
    return True


def _is_asked_later(row: PersonFollowUp, at: datetime) -> bool:
    """Whether a later time of asking has come for the same person and meeting, too: one letter asks about all since."""
    later = sa.or_(
        PersonFollowUp.state.not_in((FollowUpState.SCHEDULED, FollowUpState.CLOSED)),
        sa.and_(PersonFollowUp.state == FollowUpState.SCHEDULED, PersonFollowUp.due <= at.date()),
    )
    statement = sa.select(PersonFollowUp.id).where(
        PersonFollowUp.meeting_id == row.meeting_id,
        PersonFollowUp.person_id == row.person_id,
        PersonFollowUp.months > row.months,
        later,
    )
    return db.session.scalar(statement.limit(1)) is not None


def _write(
    row: PersonFollowUp,
    *,
    at: datetime,
    reminder: int = 0,
    handed_by: str = "",
    counts: tuple[int, int] | None = None,
) -> None:
    row.letters += 1
    row.last_letter_at = at
    db.session.flush()
    letters_follow.ask(row, *(counts or _count(row)), reminder=reminder, handed_by=handed_by)


def _count(row: PersonFollowUp) -> tuple[int, int]:
    """How many introductions and partnerships, and how many commitments, are asked about."""
    return len(queries.list_subjects(row)), len(queries_commit.list_commitments_of(row.meeting, row.person))


def remind(at: datetime) -> int:
    """Remind who has not answered after two and after four weeks; returns how many letters were queued."""
    late = db.session.scalars(
        sa.select(PersonFollowUp)
        .where(
            PersonFollowUp.state.in_(OPEN),
            PersonFollowUp.reminders < MOST_REMINDERS,
            PersonFollowUp.last_letter_at <= at - REMIND_AFTER,
            PersonFollowUp.sent_at > at - NO_MORE_AFTER,
        )
        .order_by(PersonFollowUp.id)
        .with_for_update(key_share=True)
    ).all()
    hindered = queries.hindrances(late)
    reminded = [row for row in late if row.id not in hindered]
    for row in reminded:
        row.reminders += 1
        _write(row, at=at, reminder=row.reminders)
    return len(reminded)


def mark_overdue(at: datetime) -> int:
    """Note those that nobody answered within 30 days; a late answer is still one. Returns how many."""
    rows = db.session.scalars(
        sa.select(PersonFollowUp).where(
            PersonFollowUp.state == FollowUpState.SENT, PersonFollowUp.sent_at < at - OVERDUE_AFTER
        )
    ).all()
    for row in rows:
        _move(row, FollowUpState.OVERDUE)
    return len(rows)


def _move(row: PersonFollowUp, state: FollowUpState) -> None:
    if state not in FOLLOW_UP_MOVES[row.state]:
        raise IllegalMoveError
    row.state = state
    db.session.flush()


def open_link(token: str, *, at: datetime | None = None) -> PersonFollowUp | None:
    """The follow-up that a personal link opens, changing nothing; None for a link of another kind.

    Raises LinkWithdrawnError or LinkExpiredError.
    """
    try:
        ident, version = read_token("person_follow_up", token)
    except LinkError:
        return None
    row = db.session.get(PersonFollowUp, ident)
    if row is None or row.link_version != version:
        kind = HandedOverError if row is not None and row.handed_over else LinkWithdrawnError
        raise kind(meeting_id=row.meeting_id if row is not None else None)
    if row.sent_at is None or row.state is FollowUpState.CLOSED or (at or clock.now()) > row.sent_at + LINK_WORKS:
        raise LinkExpiredError(meeting_id=row.meeting_id)
    return row


# another address


def hand_over(row: PersonFollowUp, *, name: str, email: str, at: datetime | None = None) -> PersonFollowUp:
    """Whoever holds the link names a successor: a new link goes there, this one ends, later times follow.

    Raises InvalidError for an address that cannot be, or when it went on too often.
    """
    row = _held(row)
    if not name:
        raise InvalidError(_("Write the name of your successor."), field="name")
    if row.handed_over >= MOST_HANDED_OVER:
        raise InvalidError(_("This was handed over several times. Write to the organisers, so that they can help."))
    _check_address(email)
    by = row.asked_name or row.person.full_name
    for one in _this_and_later(row):
        one.asked_name, one.asked_email = name, email
        one.handed_over += 1
        one.link_version += 1
    db.session.flush()
    actor = Actor("participant", str(row.person_id), by)
    audit.record(actor, "handed over", row, months=row.months)
    _write(row, at=at or clock.now(), handed_by=by)
    return row


def readdress(row: PersonFollowUp, *, email: str, by: Actor, at: datetime | None = None) -> PersonFollowUp:
    """Staff correct the address; what was sent already goes there again with a new link, the old one ends."""
    row = _held(row)
    _check_address(email)
    if email == queries.email_of(row):
        return row
    for one in _this_and_later(row):
        one.asked_email = email
        one.link_version += 1
    db.session.flush()
    audit.record(by, "readdressed", row, months=row.months)
    if row.state in OPEN:
        _write(row, at=at or clock.now())
    return row


def send_again(row: PersonFollowUp, *, by: Actor, at: datetime | None = None) -> PersonFollowUp:
    """Send the letter once more, or before its day. Raises InvalidError where nobody can be written to."""
    at = at or clock.now()
    row = _held(row)
    if queries.hindrances([row]):
        raise InvalidError(_("Nobody can be written to. The page says why."))
    if row.state is FollowUpState.SCHEDULED:
        if not send(row.id, at=at):
            raise InvalidError(_("There is nothing to ask about (any more): the introductions were denied or removed."))
    elif row.state is FollowUpState.CLOSED:
        raise IllegalMoveError
    elif row.last_letter_at is None or at - row.last_letter_at >= timedelta(minutes=5):  # pressed twice is once
        _write(row, at=at)
    audit.record(by, "sent", row, months=row.months)
    return row


def stop(row: PersonFollowUp) -> None:
    """Whoever holds the link wants no more letters about this meeting: this time and the later ones are closed."""
    row = _held(row)
    for one in _this_and_later(row):
        if FollowUpState.CLOSED in FOLLOW_UP_MOVES[one.state]:
            _move(one, FollowUpState.CLOSED)
    audit.record(Actor("participant", str(row.person_id), row.person.full_name), "stopped", row, months=row.months)


def _held(row: PersonFollowUp) -> PersonFollowUp:
    held = lock(PersonFollowUp, row.id)
    if held is None:
        raise LinkWithdrawnError
    return held


def _this_and_later(row: PersonFollowUp) -> list[PersonFollowUp]:
    later = db.session.scalars(
        sa.select(PersonFollowUp)
        .where(
            PersonFollowUp.meeting_id == row.meeting_id,
            PersonFollowUp.person_id == row.person_id,
            PersonFollowUp.state == FollowUpState.SCHEDULED,
            PersonFollowUp.id != row.id,
        )
        .order_by(PersonFollowUp.id)
    )
    return [row, *later]


def _check_address(email: str) -> None:
    if addresses.read(email) is None:
        raise InvalidError(_("Write a complete address, such as name@example.org."), field="email")
    if accounts.find_user(email) is not None:
        raise InvalidError(
            _(
                "This is the address of a member of staff. The questions are for the participants: staff cannot answer them."
            ),
            field="email",
        )
