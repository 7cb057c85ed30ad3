"""PostgreSQL without detours: the hot path's statements, compiled once, prepared, on connections that are kept.

The statements are those of ``ask`` and ``rows``; SQLAlchemy's share of running them is left out, which would cost as
much as the database itself, and of psycopg's what finds out anew each time how each value is written and read. The
connections commit by themselves, statement by statement.
"""

import atexit
import json
import os
from collections import deque, namedtuple
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

import psycopg
import sqlalchemy as sa
from flask import current_app
from psycopg import errors, pq
from psycopg.adapt import PyFormat, Transformer
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

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
    """One connection with its prepared statements."""

    def __init__(self, engine: sa.Engine) -> None:
        self._borrowed = engine.raw_connection()  # held as long as this lives, else it would be closed
        self.connection: psycopg.Connection[Any] = self._borrowed.driver_connection  # type: ignore[assignment]
        self._borrowed.detach()  # it is ours from now on, and no longer the pool's
        self.connection.autocommit = True
        for setting in SETTINGS:
            self.connection.execute(setting)
        self._types = Transformer(self.connection)
        self._prepared: dict[bytes, bytes] = {}

    def rows(self, statement: Any, values: Mapping[str, Any]) -> Sequence[Any]:
        """All rows of a SELECT, by name."""
        known = _compiled(statement)
        result = self._run(known, values)
        self._types.set_pgresult(result)
        return self._types.load_rows(0, result.ntuples, known.row._make)

    def count(self, statement: Any, values: Mapping[str, Any]) -> int:
        """The one number that a statement returns. Values for JSON columns are given as they are."""
        result = self._run(_compiled(statement), values)
        return int(result.get_value(0, 0) or 0) if result.ntuples else 0

    def _run(self, known: "_Known", values: Mapping[str, Any]) -> pq.abc.PGresult:
        prepared = self._prepared.get(known.text) or self._prepare(known)
        given = [values.get(name, fixed) for name, fixed in known.parameters]
        plain = [json.dumps(value) if isinstance(value, dict) else value for value in given]
        return self._checked(
            self.connection.pgconn.exec_prepared(prepared, self._types.dump_sequence(plain, known.formats))
        )

    def _prepare(self, known: "_Known") -> bytes:
        """The statement says each parameter's type itself."""
        name = b"door_%d" % len(self._prepared)
        self._checked(self.connection.pgconn.prepare(name, known.text))
        self._prepared[known.text] = name
        return name

    def _checked(self, result: pq.abc.PGresult) -> pq.abc.PGresult:
        if result.status in (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK):
            return result
        if self.connection.pgconn.status == pq.ConnStatus.BAD:
            raise errors.OperationalError("the connection to the database was lost")
        raise errors.error_from_result(result)


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


class _Known(NamedTuple):
    """A statement as PostgreSQL takes it: its text, its parameters in order, each with the value that it has when none
    is given, how they are sent, and the kind of its rows."""

    text: bytes
    parameters: tuple[tuple[str, Any], ...]
    formats: tuple[PyFormat, ...]
    row: Any


@cache
def _compiled(statement: Any) -> _Known:
    compiled = statement.compile(dialect=PGDialect_asyncpg())  # the one that numbers its parameters, as libpq does
    names = compiled.positiontup
    fixed = {name: getattr(value, "value", value) for name, value in compiled.params.items()}
    row = namedtuple("Row", [column.key or "value" for column in statement.selected_columns], rename=True)
    return _Known(
        str(compiled).encode(), tuple((name, fixed[name]) for name in names), (PyFormat.TEXT,) * len(names), row
    )


def is_offered() -> bool:
    """Whether the database is one that this module speaks to."""
    return not current_app.config["EVENTHUB"].sqlite


def run(engine_connection: sa.Connection | Direct, statement: Any, values: Mapping[str, Any]) -> Sequence[Any]:
    """The rows of a SELECT on either kind of connection."""
    if isinstance(engine_connection, Direct):
        return engine_connection.rows(statement, values)
    return engine_connection.execute(statement, dict(values)).all()
