"""What came of it? Each party is asked 3, 6, 12 and 24 months after the meeting, by one short form.

"Nothing came of it" is a good answer; so is "we are in touch". No reply is a state of its own, and never means no tie.
"""

from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from eventhub import audit, clock
from eventhub.audit import Actor
from eventhub.db import db, lock
from eventhub.directory import imprecise
from eventhub.directory.models import Precision
from eventhub.errors import IllegalMoveError, InvalidError, LinkExpiredError, LinkWithdrawnError
from eventhub.partnerships import letters, queries
from eventhub.partnerships.models import Activity, FollowUp, Partnership
from eventhub.partnerships.statements import speaking
from eventhub.partnerships.states import (
    FOLLOW_UP_MONTHS,
    FOLLOW_UP_MOVES,
    MOVES,
    ActivityKind,
    FollowUpState,
)
from eventhub.security import read_token

LINK_WORKS = timedelta(days=365)
OVERDUE_AFTER = timedelta(days=30)
NOTHING, IN_TOUCH, ACTIVITY = "nothing", "in_touch", "activity"
ANSWERS = (NOTHING, IN_TOUCH, ACTIVITY)


def schedule(partnership: Partnership, *, today: date | None = None) -> None:
    """Make the follow-ups that are still to come, per party, from the meeting's last day; asked for twice is once.

    A day that is over already is not asked about: nobody is written to about the past all at once.
    """
    origin = partnership.origin
    if origin is None or origin.meeting is None or not MOVES[partnership.state]:
        return
    today = today or clock.today(origin.meeting.tz)
    db.session.flush()
    known = {(row.party_id, row.months): row for row in queries.list_follow_ups(partnership.id)}
    for party in partnership.parties:
        for months in FOLLOW_UP_MONTHS:
            due = imprecise.months_later(origin.meeting.ends, months)
            row = known.get((party.id, months))
            if row is None and due >= today and party.left is None:
                db.session.add(FollowUp(partnership=partnership, party=party, months=months, due=due))
            elif row is not None and row.state is FollowUpState.SCHEDULED:
                row.due = due
    db.session.flush()


def close(partnership: Partnership) -> None:
    """Ask no more about what has ended."""
    for row in queries.list_follow_ups(partnership.id):
        if FollowUpState.CLOSED in FOLLOW_UP_MOVES[row.state]:
            _move(row, FollowUpState.CLOSED)


def _move(row: FollowUp, state: FollowUpState) -> None:
    if state not in FOLLOW_UP_MOVES[row.state]:
        raise IllegalMoveError
    row.state = state
    db.session.flush()


def send(follow_up_id: int, *, at: datetime | None = None) -> bool:
    """Write to a party whose day has come. Twice is once; False when it was sent, has nobody to write to, or is asked
    about in the letter of a later time."""
    row = lock(FollowUp, follow_up_id)
    if row is None or row.state is not FollowUpState.SCHEDULED:
        return False
    if _is_asked_later(row, at or clock.now()):
        _move(row, FollowUpState.CLOSED)
        return False
    to = letters.addressee(row.party)
    if to is None or row.party.left is not None:
        return False
    _move(row, FollowUpState.SENT)
    row.sent_at = at or clock.now()
    letters.follow_up(row, to)
    return True


def _is_asked_later(row: FollowUp, at: datetime) -> bool:
    """Whether a later time of asking has come for the same party, too: one letter asks about everything since, so a
    machine that was off, or a record that came in late, does not send several at once."""
    later = sa.or_(
        FollowUp.state.not_in((FollowUpState.SCHEDULED, FollowUpState.CLOSED)),
        sa.and_(FollowUp.state == FollowUpState.SCHEDULED, FollowUp.due <= at.date()),
    )
    statement = sa.select(FollowUp.id).where(FollowUp.party_id == row.party_id, FollowUp.months > row.months, later)
    return db.session.scalar(statement.limit(1)) is not None


def mark_overdue(at: datetime) -> int:
    """Note those that nobody answered within 30 days; returns how many."""
    rows = db.session.scalars(
        sa.select(FollowUp).where(FollowUp.state == FollowUpState.SENT, FollowUp.sent_at < at - OVERDUE_AFTER)
    ).all()
    for row in rows:
        _move(row, FollowUpState.OVERDUE)
    return len(rows)


def open_link(token: str, *, at: datetime | None = None) -> FollowUp:
    """The follow-up that a personal link opens, changing nothing. Raises LinkError or one of its kinds."""
    ident, version = read_token("follow_up", token)
    row = db.session.get(FollowUp, ident)
    if row is None or row.link_version != version:
        raise LinkWithdrawnError(meeting_id=queries.meeting_of(row.partnership) if row is not None else None)
    if row.sent_at is None or row.state is FollowUpState.CLOSED or (at or clock.now()) > row.sent_at + LINK_WORKS:
        raise LinkExpiredError(meeting_id=queries.meeting_of(row.partnership))
    if row.partnership.merged_into_id is not None:
        raise LinkExpiredError(queries.JOINED, meeting_id=queries.meeting_of(row.partnership))
    return row


def answer(
    row: FollowUp,
    *,
    what: str,
    kind: ActivityKind | None = None,
    title: str = "",
    place: str = "",
    start: date | None = None,
    start_precision: Precision = Precision.UNKNOWN,
    words: str = "",
    at: datetime | None = None,
) -> FollowUp:
    """A party says what came of it: nothing, in touch, or an activity, which is added as reported by this side.

    The same answer twice is one. Another answer later stands before the old one, which is kept; an activity that was
    reported is not taken back here, since the other party may know of it: that is what the confirmation is for.
    """
    if what not in ANSWERS:
        raise InvalidError(_("Choose one of the answers."), field="what")
    if what == ACTIVITY and (kind is None or not title):
        raise InvalidError(_("Say in a few words what you did together."), field="title")
    lock(Partnership, row.partnership_id)
    lock(FollowUp, row.id)
    said: dict[str, Any] = {"what": what, "words": words}
    if what == ACTIVITY:
        said.update(kind=kind, title=title, place=place, start=imprecise.written(start, start_precision))
    before = [{name: value for name, value in row.answer.items() if name != "before"}] if row.answer else []
    if any(_same(said, earlier) for earlier in before):
        return row
    if what == ACTIVITY:
        activity = Activity(kind=kind, title=title, place=place, start=start, start_precision=start_precision)
        with speaking(_actor(row)):
            row.partnership.activities.append(activity)
        said["activity"] = activity.id
    row.answer = {**said, "before": [*before, *row.answer.get("before", [])]}
    row.answered_at = at or clock.now()
    _move(row, FollowUpState.ANSWERED)
    meeting_id = row.partnership.origin.meeting_id if row.partnership.origin else None
    audit.record(_actor(row), "told what came of", row.partnership, meeting_id=meeting_id, follow_up=row.id, what=what)
    return row


def note(row: FollowUp, *, what: str, words: str, told: int, at: datetime) -> None:
    """Keep what the party's focal person told in the letter about everybody (``told``: the answer's id).

    The same person changing the answer is one answer; nothing is added to the record.
    """
    if FollowUpState.ANSWERED not in FOLLOW_UP_MOVES[row.state]:
        return
    before = row.answer.get("before", [])
    if row.answer and row.answer.get("told") != told:
        before = [{name: value for name, value in row.answer.items() if name != "before"}, *before]
    row.answer = {"what": what, "words": words, "told": told, "before": before}
    row.answered_at = at
    _move(row, FollowUpState.ANSWERED)


def _actor(row: FollowUp) -> Actor:
    return Actor("party", str(row.party_id), row.party.organisation.name)


def _same(said: dict[str, Any], earlier: dict[str, Any]) -> bool:
    return said == {name: value for name, value in earlier.items() if name != "activity"}
