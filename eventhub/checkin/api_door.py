"""The edge of the door: transactions, and asking again when somebody else was quicker. For the API and the door's pages."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from flask_babel import lazy_gettext as _
from sqlalchemy.exc import IntegrityError, OperationalError

from eventhub import clock
from eventhub.checkin import ask, careful, direct, known, rows, shown, supposed, sync, wire
from eventhub.checkin.ask import Answer, Question
from eventhub.checkin.devices import DeviceFacts
from eventhub.db import db
from eventhub.errors import RuleError

T = TypeVar("T")
GIVES_WAY = ("40001", "40P01")  # the database chose this transaction to give way to another
TRIES = 30  # each time somebody else's answer stood in between, so that somebody got on


class BusyError(RuleError):
    status = 503
    sentence = _("The door is very busy. Ask again: nothing was written.")


def answer(device: DeviceFacts, raw: Mapping[str, Any], device_time: str) -> dict[str, Any]:
    """Answer one well-formed scan and store both. Returns the wire's result."""
    question, now = Question.read(device, raw), clock.now()
    reason = sync.put_aside(question, device_time, now)
    if reason:
        again(lambda: _aside(question, reason, now))
        return wire.result(question.scan.id, "put_aside", reason=reason)
    return again(lambda: _quickly(question, now) or _carefully(question, now))


def take(device: DeviceFacts, scans: list[Any], device_time: str) -> list[dict[str, Any]]:
    """Store a batch of scans that the device made by itself; one result per scan, in order."""
    now = clock.now()

    def once() -> list[dict[str, Any]]:
        results = sync.take(db.session.connection(), sync.read(device, scans, device_time, now), now)
        db.session.commit()
        return results

    return again(once)


def again(work: Callable[[], T]) -> T:
    """Do it, from the start when another request's writing stood in between. Raises BusyError after many tries."""
    for _try in range(TRIES):
        try:
            return work()
        except (rows.AgainError, IntegrityError, *direct.AGAIN):
            db.session.rollback()
        except direct.LOST:
            # whether it was written is unknown; the repeat finds out, for it gets the same answer
            db.session.rollback()
        except OperationalError as error:
            db.session.rollback()
            if getattr(error.orig, "sqlstate", "") not in GIVES_WAY:
                raise
    raise BusyError


def _aside(question: Question, reason: str, now: datetime) -> None:
    careful.check_key(db.session.connection(), question.device)
    sync.keep_aside(db.session.connection(), question, reason, now)
    db.session.commit()


def _quickly(question: Question, now: datetime) -> dict[str, Any] | None:
    """On PostgreSQL without a transaction: one statement or two. On SQLite inside its one write lock."""
    if not direct.is_offered():
        return _in_transaction(question, now)
    with direct.connection() as connection:
        given = supposed.answer(connection, question, now)
    return None if given is None else _result(question, given)


def _in_transaction(question: Question, now: datetime) -> dict[str, Any] | None:
    connection = db.session.connection()
    found = ask.quick(connection, question, now)
    if found is None:
        return None
    given, written = found
    rows.write(connection, written)
    result = _result(question, given)
    db.session.commit()
    return result


def _carefully(question: Question, now: datetime) -> dict[str, Any]:
    connection = db.session.connection()
    given = careful.answer(connection, question, now)
    result = _result(question, given)
    db.session.commit()
    return result


def _result(question: Question, given: Answer) -> dict[str, Any]:
    return shown.result(question.device, known.kept(question.device.meeting_id), given)
