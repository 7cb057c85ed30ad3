"""PostgreSQL without detours: the hot path's two statements, compiled once, prepared, on connections that are kept.

The statements are those of ``ask`` and ``rows``; only SQLAlchemy's share of running them is left out, which would cost as
much as the database itself. The connections commit by themselves, statement by statement.
"""

import atexit
import json
import os
from collections import deque, namedtuple
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg
import sqlalchemy as sa
from flask import current_app
from psycopg import errors
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from eventhub.db import db

# what makes a question be asked again: another request stood in between, or the connection was lost
AGAIN = (errors.IntegrityError, errors.SerializationFailure, errors.DeadlockDetected)
# every table is reached by a key: one plan, made once, right for ten people and for a hundred thousand
SETTINGS = ("SET enable_seqscan = off", "SET plan_cache_mode = force_generic_plan", "SET jit = off")
LOST = (errors.OperationalError, errors.InterfaceError)


class _Idle:
    """This process's connections that nobody uses now, and whose they are."""

    owner: tuple[int, sa.Engine] | None = None
    connections: deque["Direct"] = deque()  # noqa: RUF012


_idle = _Idle()


class Direct:
    """One connection with its cursor."""

    def __init__(self, engine: sa.Engine) -> None:
        self._borrowed = engine.raw_connection()  # held as long as this lives, else it would be closed
        self.connection: psycopg.Connection[Any] = self._borrowed.driver_connection  # type: ignore[assignment]
        self._borrowed.detach()  # it is ours from now on, and no longer the pool's
        self.connection.autocommit = True
        for setting in SETTINGS:
            self.connection.execute(setting)
        self.cursor = self.connection.cursor()

    def rows(self, statement: Any, values: Mapping[str, Any]) -> Sequence[Any]:
        """All rows of a SELECT, by name."""
        text, fixed, row = _compiled(statement)
        found = self.cursor.execute(text, {**fixed, **values}, prepare=True).fetchall()
        return [row._make(each) for each in found]

    def count(self, statement: Any, values: Mapping[str, Any]) -> int:
        """The one number that a statement returns. Values for JSON columns are given as they are."""
        text, fixed, _ = _compiled(statement)
        plain = {name: json.dumps(v) if isinstance(v, dict) else v for name, v in values.items()}
        found = self.cursor.execute(text, {**fixed, **plain}, prepare=True).fetchone()
        return int(found[0]) if found else 0


@contextmanager
def connection() -> Iterator[Direct]:
    """A connection for one question: one that lies idle, else a new one. A lost one is closed and not used again."""
    engine = db.engine
    if _idle.owner != (os.getpid(), engine):
        _idle.owner, _idle.connections = (os.getpid(), engine), deque()  # a forked parent's are not ours
    idle = _idle.connections
    try:
        direct = idle.pop()
    except IndexError:
        direct = Direct(engine)
    try:
        yield direct
    except LOST:
        direct.connection.close()
        raise
    finally:
        if not direct.connection.closed:
            idle.append(direct)


@atexit.register
def _close() -> None:
    if _idle.owner is not None and _idle.owner[0] == os.getpid():
        for direct in _idle.connections:
            direct.connection.close()


@cache
def _compiled(statement: Any) -> tuple[str, dict[str, Any], Any]:
    """The statement's text, the parameters that are always the same, and the kind of its rows."""
    compiled = statement.compile(dialect=PGDialect_psycopg())
    fixed = {name: getattr(value, "value", value) for name, value in compiled.params.items() if value is not None}
    names = [column.key or "value" for column in statement.selected_columns]
    return str(compiled), fixed, namedtuple("Row", names, rename=True)


def is_offered() -> bool:
    """Whether the database is one that this module speaks to."""
    return not current_app.config["EVENTHUB"].sqlite


def run(engine_connection: sa.Connection | Direct, statement: Any, values: Mapping[str, Any]) -> Sequence[Any]:
    """The rows of a SELECT on either kind of connection."""
    if isinstance(engine_connection, Direct):
        return engine_connection.rows(statement, values)
    return engine_connection.execute(statement, dict(values)).all()
