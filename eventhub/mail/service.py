"""The rules of the outbox: what becomes a letter, once per purpose, and what a person may decide about it."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.exc import IntegrityError

from eventhub import audit, clock, security, tasks
from eventhub.accounts import queries as accounts
from eventhub.audit import Actor
from eventhub.db import db, lock, touched
from eventhub.errors import IllegalMoveError, InvalidError, NotAllowedError, NotFoundError, RuleError
from eventhub.mail import addresses, queries
from eventhub.mail.letters import ATTACHMENTS, LETTERS, address, attachment, letter, render
from eventhub.mail.models import Message, Suppression
from eventhub.mail.states import AGAIN, MOVES, NO_ADDRESS, SUPPRESSED, WRONG_ADDRESS, MessageState
from eventhub.meetings.models import Meeting
from eventhub.pages import clean_line

__all__ = ["ATTACHMENTS", "LETTERS", "address", "attachment", "letter", "queue"]

LONGEST_KEY = 200
KEPT = timedelta(days=365)  # as long as a child's registration is kept after its meeting
OVER = (MessageState.SENT, MessageState.FAILED, MessageState.SUPPRESSED, MessageState.UNKNOWN)
STAFF_LINK = "eventhub-link:staff_"  # in a letter to a member of staff: it opens an account


def queue(
    *,
    letter: str,
    key: str,
    to_email: str,
    to_name: str = "",
    language: str = "en",
    context: Mapping[str, Any],
    meeting: Meeting | None = None,
    person_id: int | None = None,
    about_child: bool = False,
    attachments: Iterable[Mapping[str, Any]] = (),
    surely_new: bool = False,
) -> Message:
    """Put a letter into the outbox: rendered now, sent after the caller's commit.

    ``key`` names the purpose ("invitation:7:reminder:2"): asked for twice, also at the same time, it is the same row
    and goes out once. Personal links in ``context`` are `security.placeholder`; ``attachments`` are ``{"kind", "id"}``
    of a registered kind. A missing or wrong address is no error here: the row says so to the staff. Flushes.

    ``surely_new`` spares looking for an earlier one: for a key that speaks of a row made in this very transaction.
    """
    if not key or len(key) > LONGEST_KEY:
        raise ValueError(f"a letter's key has 1 to {LONGEST_KEY} characters: {key[:40]!r}")
    known = None if surely_new else queries.find_message(key)
    if known is not None:
        return known
    words = render(letter, language=language, context=context, meeting=meeting)
    message = Message(
        key=key,
        letter=letter,
        meeting_id=meeting.id if meeting is not None else None,
        person_id=person_id,
        about_child=about_child,
        to_email=clean_line(to_email),
        to_name=clean_line(to_name),
        language=language[:16] or "en",
        subject=words.subject,
        text=words.text,
        html=words.html,
        attachments=[dict(wanted) for wanted in attachments],
    )
    _judge(message)
    return _add(message) if surely_new else _add_once(message)


def _judge(message: Message) -> None:
    """The state a letter starts in, from its address."""
    message.state, message.problem = MessageState.QUEUED, ""
    if not message.to_email:
        message.state, message.problem = MessageState.FAILED, NO_ADDRESS
    elif addresses.read(message.to_email) is None:
        message.state, message.problem = MessageState.FAILED, WRONG_ADDRESS
    elif (suppression := queries.find_suppression(message.to_email)) is not None:
        message.state, message.problem = MessageState.SUPPRESSED, SUPPRESSED.format(reason=suppression.reason)


def _add_once(message: Message) -> Message:
    """Insert, or give back the row that somebody else inserted for the same purpose meanwhile."""
    db.session.flush()  # what the caller left pending is not ours to swallow
    try:
        with db.session.begin_nested():
            db.session.add(message)
    except IntegrityError:
        known = queries.find_message(message.key)
        if known is None:  # another constraint said no
            raise
        return known
    return _add(message)


def _add(message: Message) -> Message:
    db.session.add(message)  # again does no harm
    db.session.flush()
    if message.state is MessageState.QUEUED:
        tasks.after_commit(db.session, tasks.MAIL_SEND)
    return message


# --- what a person decides ---------------------------------------------------------------------------------------


def send_again(message: Message, *, by: Actor) -> Message:
    """Queue a letter once more that failed, waits for its next try, or may have gone. Raises RuleError."""
    message = _held(message)
    if queries.find_suppression(message.to_email) is not None:
        raise RuleError(_("We do not write to this address any more. Write another address, or allow this one again."))
    if addresses.read(message.to_email) is None:
        raise RuleError(_("This is not a complete e-mail address. Correct it, and send the letter again."))
    _requeue(message)
    audit.record(by, "sent again", message)
    return message


def correct(message: Message, *, to_email: str, by: Actor) -> Message:
    """Send a letter that did not arrive to another address. Raises RuleError with the field ``to_email``.

    Never to a member of staff: a personal letter holds a link that only its own person may use. The address of the
    person or organisation itself is another matter; it is changed in the directory.
    """
    message = _held(message)
    if STAFF_LINK in message.text:
        raise NotAllowedError(_("A letter to a member of staff goes only to the address of the account."))
    if addresses.read(to_email) is None:
        raise InvalidError(_("Write a complete address, such as name@example.org."), field="to_email")
    if accounts.find_user(to_email) is not None:
        raise InvalidError(
            _(
                "This is the address of a member of staff. The letter holds a personal link: it goes only to the person "
                "it is for. To see how it looks, send yourself a test."
            ),
            field="to_email",
        )
    suppression = queries.find_suppression(to_email)
    if suppression is not None:
        raise InvalidError(
            _("We do not write to this address: %(reason)s", reason=suppression.reason), field="to_email"
        )
    message.to_email = to_email
    _requeue(message)
    audit.record(by, "readdressed", message)  # without the addresses: the letter may be about a child
    return message


def settle(message: Message, *, by: Actor) -> Message:
    """A person knows that a doubtful letter arrived. Raises IllegalMoveError."""
    message = _held(message)
    if message.state is not MessageState.UNKNOWN:
        raise IllegalMoveError
    _move(message, MessageState.SENT)
    message.problem, message.claim = "", None
    message.sent_at = message.began_at or clock.now()
    audit.record(by, "marked as sent", message)
    db.session.flush()
    return message


def send_failed_again(meeting: Meeting | None, *, children: bool, by: Actor) -> int:
    """Queue every failed letter of a meeting (or of none) that has a usable address; returns how many.

    Those about a child only with ``children``.
    """
    ready = [
        message
        for message in queries.list_failed(meeting.id if meeting is not None else None, children=children)
        if addresses.read(message.to_email) is not None and queries.find_suppression(message.to_email) is None
    ]
    for message in ready:
        _requeue(message)
        audit.record(by, "sent again", message)
    return len(ready)


def send_test(message: Message, *, to_email: str, to_name: str, once: str, by: Actor) -> Message:
    """Send a copy to a member of staff, marked in the subject, its personal links dead, without its files.

    ``once`` names this press of the button: pressed twice, it is sent once.
    """
    copy = Message(
        key=f"test:{message.id}:{by.ident}:{once}"[:LONGEST_KEY],
        letter=message.letter,
        meeting_id=message.meeting_id,
        about_child=message.about_child,
        to_email=to_email,
        to_name=to_name,
        language=message.language,
        subject=f"[Test] {message.subject}",
        text=security.deaden_links(message.text),
        html=security.deaden_links(message.html),
        attachments=[],
    )
    _judge(copy)
    kept = _add_once(copy)
    if kept is copy:
        audit.record(by, "tested", message)
    return kept


def suppress(email: str, *, reason: str, by: Actor) -> Suppression:
    """Never write to an address again, until somebody allows it. ``reason`` is a sentence. Twice is once."""
    known = queries.find_suppression(email)
    if known is not None:
        return known
    row = Suppression(email_key=addresses.key(email), reason=reason)
    db.session.add(row)
    db.session.flush()
    audit.record(by, "suppressed", row)
    return row


def allow(email: str, *, by: Actor) -> None:
    """Write to an address again."""
    known = queries.find_suppression(email)
    if known is not None:
        audit.record(by, "allowed", known)
        db.session.delete(known)
        db.session.flush()


def purge(now: datetime) -> int:
    """Delete letters that are finished and older than KEPT, for they hold names and addresses; returns how many."""
    over = sa.delete(Message).where(Message.created_at < now - KEPT, Message.state.in_(OVER))
    return touched(over)


def _held(message: Message) -> Message:
    """The message as it is now, locked: its sender may be speaking of it at this moment."""
    held = lock(Message, message.id)
    if held is None:
        raise NotFoundError
    return held


def _requeue(message: Message) -> None:
    if message.state not in AGAIN:
        raise IllegalMoveError
    _move(message, MessageState.QUEUED)
    message.claim = message.claimed_at = message.began_at = None
    message.attempts, message.problem, message.next_attempt_at = 0, "", clock.now()
    db.session.flush()
    tasks.after_commit(db.session, tasks.MAIL_SEND)


def _move(message: Message, state: MessageState) -> None:
    if state not in MOVES[message.state]:
        raise IllegalMoveError
    message.state = state
