"""Decides how letters leave: each at most once, and none forgotten, whenever the process is killed.

1. A run *claims* rows that are due, by one conditional UPDATE: no two senders hold the same row.
2. A row is marked as *begun*, committed, before the mail server may hear of it.
3. The server's answer is *recorded*, in the transaction that begins the next row.

So a row that is claimed but not begun was never sent and goes back; one that is begun but not recorded may have gone:
it becomes ``unknown`` and a person decides. The sender is an edge of its own: it speaks to the database through short
transactions on its own connection, never through the request's session.
"""

import logging
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import current_app

from eventhub import clock, tasks
from eventhub.db import db, writing
from eventhub.mail import addresses
from eventhub.mail.compose import ComposeError, Letter, compose, sender_address
from eventhub.mail.letters import spoken
from eventhub.mail.models import Message, Suppression
from eventhub.mail.post import AwayError, LostError, Post, RefusedError, UnwritableError
from eventhub.mail.states import SUPPRESSED, WRONG_ADDRESS, MessageState
from eventhub.meetings.models import Meeting

log = logging.getLogger(__name__)

BATCH = 50  # rows of one claim
LONGEST_RUN = 240.0  # seconds; then a new task goes on, long before the broker thinks that this one died
PAUSES = (1, 5, 15, 60, 240, 480, 960)  # minutes after the 1st, 2nd … try that was refused for now: 29 hours in all
AWAY_PAUSE = timedelta(minutes=1)  # the server is away: that is no try of the letter's
SILENCE = timedelta(seconds=60)  # a claim in which nothing was begun for so long belongs to nobody
LOST = timedelta(seconds=180)  # a row begun so long ago, in such a claim, may have gone (longer than Post waits)

NO_UTF8 = "The mail server does not take addresses with letters outside a–z. Ask for another address."
MAY_HAVE_GONE = "The sending was cut off, so nobody knows whether this letter arrived. Decide: send it again, or not."

DUE = (MessageState.QUEUED, MessageState.RETRY)
_rows = Message.__table__

# one statement per letter, prepared once: it records what became of the row ``done`` and begins the row ``next``
_done, _next = _rows.c.id == sa.bindparam("done"), _rows.c.id == sa.bindparam("next")
_RECORDED = ("state", "problem", "attempts", "sent_at", "next_attempt_at")
_turn = (
    _rows.update()
    .where(_rows.c.claim == sa.bindparam("holder"), _done | (_next & _rows.c.began_at.is_(None)))
    .values(
        {
            name: sa.case((_done, sa.bindparam(name, type_=_rows.c[name].type)), else_=_rows.c[name])
            for name in _RECORDED
        }
    )
    .values(claim=sa.case((_done, sa.null()), else_=_rows.c.claim))
    .values(began_at=sa.case((_next, sa.bindparam("now", type_=_rows.c.began_at.type)), else_=_rows.c.began_at))
    .returning(_rows.c.id)
)


def run(*, go_on: Callable[[], bool] = lambda: True) -> int:
    """Send what is due until nothing is, ``go_on()`` says no, or LONGEST_RUN is over. Returns how many were sent.

    The caller's session must hold no open transaction.
    """
    if db.session().in_transaction():
        raise RuntimeError("commit before sending: the sender waits for the database's locks")
    settings = current_app.config["EVENTHUB"]
    until, sent = time.monotonic() + LONGEST_RUN, 0
    own_name = urlsplit(settings.base_url).hostname or "localhost"
    with Post(settings.smtp_url, own_name) as post, db.engine.connect() as connection, _turns().connect() as turns:
        while go_on():
            claim = _claim(connection, turns)
            if claim is None:
                break
            try:
                sent += claim.send_all(post, go_on)
            except AwayError as away:
                log.warning("the mail server is away; letters wait: %s", away)
                claim.release(MessageState.RETRY, problem=str(away), next_attempt_at=clock.now() + AWAY_PAUSE)
                break
            finally:
                claim.release(MessageState.QUEUED)
            if time.monotonic() > until:
                tasks.send(tasks.MAIL_SEND)
                break
    return sent


def sweep() -> tuple[int, int]:
    """Repair what a killed sender left: returns (rows back in the queue, rows that may have gone)."""
    now = clock.now()
    sending = _rows.c.state == MessageState.SENDING
    heard = sa.func.max(sa.func.coalesce(_rows.c.began_at, _rows.c.claimed_at))
    alive = sa.select(_rows.c.claim).where(sending).group_by(_rows.c.claim).having(heard > now - SILENCE)
    left = _rows.update().where(sending, _rows.c.claim.not_in(alive))
    with db.engine.connect() as connection, _transaction(connection):
        back = connection.execute(
            left.where(_rows.c.began_at.is_(None)).values(state=MessageState.QUEUED, claim=None)
        ).rowcount
        # the claim stays: should its sender live after all, the server's answer is better than our doubt
        lost = connection.execute(
            left.where(_rows.c.began_at < now - LOST).values(state=MessageState.UNKNOWN, problem=MAY_HAVE_GONE)
        ).rowcount
    if back or lost:
        log.warning("mail sweep: %s letters back in the queue, %s may have gone", back, lost)
    return back, lost


class _Claim:
    """The rows that one run holds, and what is still to be written down about them."""

    def __init__(self, connection: sa.Connection, turns: sa.Connection, name: str, letters: list[Letter]) -> None:
        self._connection = connection
        self._turns = turns
        self._name = name
        self._letters = letters
        self._outcome: dict[str, Any] | None = None  # of the row that was begun last

    def send_all(self, post: Post, go_on: Callable[[], bool]) -> int:
        """Send the claimed letters one by one; returns how many went. Raises AwayError; the rest stays claimed."""
        sent, sender = 0, sender_address()
        try:
            for letter in self._letters:
                if not go_on():
                    break
                if letter.attachments:
                    self._write_down()  # making files takes a while: what was sent must not wait for it
                try:
                    message = compose(letter)
                except ComposeError as error:
                    self._write_down()
                    self._outcome = _later(letter, str(error))
                    continue
                post.open()  # nothing is begun while the server is away
                if self._write_down(begin=letter):
                    self._outcome = _attempt(post, sender, letter, message)
                    sent += self._outcome["state"] is MessageState.SENT
                    if (away := self._outcome.pop("away", None)) is not None:
                        raise away
        finally:
            self._write_down()
        return sent

    def _write_down(self, *, begin: Letter | None = None) -> bool:
        """Record the last outcome and begin the next letter, in one transaction.

        Returns whether it may be sent now: not when the sweep took it back meanwhile.
        """
        if self._outcome is None and begin is None:
            return False
        outcome, self._outcome = self._outcome or dict.fromkeys(("done", *_RECORDED)), None
        values = {**outcome, "next": begin.id if begin else None, "holder": self._name, "now": clock.now()}
        with _transaction(self._turns):
            touched = set(self._turns.scalars(_turn, values))
        return begin is not None and begin.id in touched

    def release(self, state: MessageState, **values: Any) -> None:
        """Give back what was not begun."""
        mine = (_rows.c.claim == self._name, _rows.c.state == MessageState.SENDING, _rows.c.began_at.is_(None))
        with _transaction(self._connection):
            self._connection.execute(_rows.update().where(*mine).values(state=state, claim=None, **values))


def _claim(connection: sa.Connection, turns: sa.Connection) -> _Claim | None:
    """Take what is due; None when nothing is."""
    now, name = clock.now(), uuid.uuid4().hex
    due = (_rows.c.state.in_(DUE), _rows.c.next_attempt_at <= now)
    first = sa.select(_rows.c.id).where(*due).order_by(_rows.c.next_attempt_at, _rows.c.id).limit(BATCH)
    with _transaction(connection):
        idents = connection.scalars(first.with_for_update(skip_locked=True)).all()
        if not idents:
            return None
        connection.execute(
            _rows.update()
            .where(_rows.c.id.in_(idents), *due)
            .values(state=MessageState.SENDING, claim=name, claimed_at=now, began_at=None)
        )
        held = sa.select(_rows, Meeting.contact_email).outerjoin(Meeting, Meeting.id == _rows.c.meeting_id)
        rows = connection.execute(held.where(_rows.c.claim == name).order_by(_rows.c.id)).all()
        letters = _addressed(connection, name, rows)
    return _Claim(connection, turns, name, letters)


def _addressed(connection: sa.Connection, claim: str, rows: Sequence[sa.Row[Any]]) -> list[Letter]:
    """The claimed rows as letters, but for those that must not be written to since they were queued."""
    keys = {row.id: addresses.key(row.to_email) for row in rows}
    stopped = dict(
        connection.execute(
            sa.select(Suppression.email_key, Suppression.reason).where(Suppression.email_key.in_(set(keys.values())))
        ).all()
    )
    letters = []
    for row in rows:
        to = addresses.read(row.to_email)
        if to is None:
            verdict = (MessageState.FAILED, WRONG_ADDRESS)
        elif keys[row.id] in stopped:
            verdict = (MessageState.SUPPRESSED, SUPPRESSED.format(reason=stopped[keys[row.id]]))
        else:
            letters.append(as_letter(row, to, row.contact_email or ""))
            continue
        state, problem = verdict
        connection.execute(_rows.update().where(_rows.c.id == row.id).values(state=state, problem=problem, claim=None))
    return letters


def as_letter(row: sa.Row[Any] | Message, to: addresses.Address, contact_email: str) -> Letter:
    """A message's row as what is sent; answers go to ``contact_email``."""
    reply_to = addresses.read(contact_email)
    return Letter(
        id=row.id,
        key=row.key,
        to=to,
        to_name=row.to_name,
        reply_to=str(reply_to) if reply_to is not None and reply_to.plain else "",
        language=spoken(row.language),
        subject=row.subject,
        text=row.text,
        html=row.html,
        attachments=row.attachments,
        created_at=row.created_at,
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
    )


def _attempt(post: Post, sender: str, letter: Letter, message: bytes) -> dict[str, Any]:
    """Hand one begun letter to the server; returns the outcome to write down."""
    try:
        post.send(sender, str(letter.to), message, plain=letter.to.plain)
    except RefusedError as refusal:
        if not refusal.permanent:
            return _later(letter, str(refusal))
        return _outcome(letter, MessageState.FAILED, problem=str(refusal))
    except UnwritableError:
        return _outcome(letter, MessageState.FAILED, problem=NO_UTF8)
    except LostError:
        return _outcome(letter, MessageState.UNKNOWN, problem=MAY_HAVE_GONE)
    except AwayError as away:
        due = clock.now() + AWAY_PAUSE
        untried = _outcome(letter, MessageState.RETRY, problem=str(away), next_attempt_at=due, attempts=letter.attempts)
        return {**untried, "away": away}
    return _outcome(letter, MessageState.SENT, sent_at=clock.now())


def _later(letter: Letter, problem: str) -> dict[str, Any]:
    """Try again after a pause that grows, or give up when all tries are used."""
    if letter.attempts >= len(PAUSES):
        return _outcome(letter, MessageState.FAILED, problem=problem)
    due = clock.now() + timedelta(minutes=PAUSES[letter.attempts])
    return _outcome(letter, MessageState.RETRY, problem=problem, next_attempt_at=due)


def _outcome(letter: Letter, state: MessageState, **values: Any) -> dict[str, Any]:
    return {
        "done": letter.id,
        "state": state,
        "problem": "",
        "attempts": letter.attempts + 1,
        "sent_at": None,
        "next_attempt_at": letter.next_attempt_at,
        **values,
    }


def _turns() -> sa.Engine:
    """Where single statements run: PostgreSQL commits each by itself, in one round trip instead of three."""
    if db.engine.dialect.name == "postgresql":
        return db.engine.execution_options(isolation_level="AUTOCOMMIT")
    return db.engine


@contextmanager
def _transaction(connection: sa.Connection) -> Iterator[None]:
    """A short transaction that will write."""
    token = writing.set(True)
    try:
        with connection.begin():
            yield
    finally:
        writing.reset(token)
