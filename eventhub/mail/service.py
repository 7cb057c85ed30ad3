"""The rules of the outbox: what becomes a letter, once per purpose, and what a person may decide about it."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError

from eventhub import tasks
from eventhub.db import db
from eventhub.mail import addresses, queries
from eventhub.mail.letters import ATTACHMENTS, LETTERS, address, attachment, letter, render
from eventhub.mail.models import Message
from eventhub.mail.states import NO_ADDRESS, SUPPRESSED, WRONG_ADDRESS, MessageState
from eventhub.meetings.models import Meeting
from eventhub.pages import clean_line

__all__ = ["ATTACHMENTS", "LETTERS", "address", "attachment", "letter", "queue"]

LONGEST_KEY = 200


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
) -> Message:
    """Put a letter into the outbox: rendered now, sent after the caller's commit.

    ``key`` names the purpose ("invitation:7:reminder:2"): asked for twice, also at the same time, it is the same row
    and goes out once. Personal links in ``context`` are `security.placeholder`; ``attachments`` are ``{"kind", "id"}``
    of a registered kind. A missing or wrong address is no error here: the row says so to the staff. Flushes.
    """
    if not key or len(key) > LONGEST_KEY:
        raise ValueError(f"a letter's key has 1 to {LONGEST_KEY} characters: {key[:40]!r}")
    known = queries.find_message(key)
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
    return _add_once(message)


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
    if message.state is MessageState.QUEUED:
        tasks.after_commit(db.session, tasks.MAIL_SEND)
    return message
