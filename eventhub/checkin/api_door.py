"""The edge of the door: transactions, and asking again when somebody else was quicker. For the API and the door's pages."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from eventhub import clock
from eventhub.checkin import ask, careful, known, rows, shown, sync, wire
from eventhub.checkin.ask import Answer, Question
from eventhub.checkin.devices import DeviceFacts
from eventhub.db import db
from eventhub.errors import RuleError

T = TypeVar("T")
TRIES = 30  # each time somebody else's answer stood in between, so that somebody got on


class BusyError(RuleError):
    status = 503
    sentence = "The door is very busy. Ask again: nothing was written."


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
    for _ in range(TRIES):
        try:
            return work()
        except (rows.AgainError, IntegrityError):
            db.session.rollback()
        except OperationalError as error:
            db.session.rollback()
            if not _gives_way(error):
                raise
    raise BusyError


def _gives_way(error: DBAPIError) -> bool:
    """Whether the database chose this transaction to give way to another."""
    return getattr(error.orig, "sqlstate", "") in ("40001", "40P01")


def _aside(question: Question, reason: str, now: datetime) -> None:
    sync.keep_aside(db.session.connection(), question, reason, now)
    db.session.commit()


def _quickly(question: Question, now: datetime) -> dict[str, Any] | None:
    """On PostgreSQL without a transaction: one statement reads, one writes. On SQLite inside its one write lock."""
    if db.engine.dialect.name != "postgresql":
        return _in_transaction(question, now)
    with _autocommit().connect() as connection:
        found = ask.quick(connection, question, now)
        if found is None:
            return None
        given, written = found
        rows.write_at_once(connection, written)
        return _result(connection, question, given)


def _autocommit() -> sa.Engine:
    return db.engine.execution_options(isolation_level="AUTOCOMMIT")


def _in_transaction(question: Question, now: datetime) -> dict[str, Any] | None:
    connection = db.session.connection()
    found = ask.quick(connection, question, now)
    if found is None:
        return None
    given, written = found
    rows.write(connection, written)
    result = _result(connection, question, given)
    db.session.commit()
    return result


def _carefully(question: Question, now: datetime) -> dict[str, Any]:
    connection = db.session.connection()
    given = careful.answer(connection, question, now)
    result = _result(connection, question, given)
    db.session.commit()
    return result


def _result(connection: sa.Connection, question: Question, given: Answer) -> dict[str, Any]:
    about = known.kept(connection, question.device.meeting_id)
    return shown.result(connection, question.device, about, given)
