"""The database: one declarative base, the column types we share, and how a transaction begins on each engine."""

from collections.abc import Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Any, TypeVar

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.pagination import Pagination
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, SessionTransaction, lazyload, mapped_column, registry

from eventhub import clock, inserts
from eventhub.errors import NotFoundError, Sentence

T = TypeVar("T")
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(sa.TypeDecorator[datetime]):
    """An aware instant, stored in UTC on both databases; a naive value is a programming error."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime reached the database")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    registry = registry(
        metadata=sa.MetaData(naming_convention=NAMES),
        type_annotation_map={datetime: UTCDateTime(), dict[str, Any]: sa.JSON(), list[Any]: sa.JSON(), str: sa.Text()},
    )


class HubSession(FlaskSession):
    """A savepoint begins with everything written, so that a rollback to it forgets exactly what came after."""

    def begin_nested(self) -> SessionTransaction:
        write_appended(self)
        return super().begin_nested()


class Page(Pagination):
    """A page of what a statement finds. Its rows bring with them how many there are in all: one statement.

    Only a page past the end, which has no row to bring the number, asks for it by itself.
    """

    _in_all = 0

    def _query_items(self) -> list[Any]:
        wanted, in_all = self._query_args["wanted"], self._counted().scalar_subquery()
        cut = wanted.add_columns(in_all).limit(self.per_page).offset(self._query_offset)
        rows = db.session.execute(cut).unique().all()
        if rows:
            self._in_all = rows[0][-1]
        return [row[0] if len(row) == 2 else row[:-1] for row in rows]

    def _query_count(self) -> int:
        if not self.items and self.page > 1:
            return db.session.scalar(self._counted()) or 0
        return self._in_all

    def _counted(self) -> sa.Select[Any]:
        bare = self._query_args["wanted"].options(lazyload("*")).order_by(None)
        return sa.select(sa.func.count()).select_from(bare.subquery())


def page_of(wanted: sa.Select[*tuple[Any, ...]], page: int, rows: int) -> Page:
    """One page, of so many ``rows``, of what a statement finds: its records, or tuples where it finds several things."""
    return Page(page=page, per_page=rows, max_per_page=rows, error_out=False, wanted=wanted)


db = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"class_": HubSession})
_APPENDED = "appended"  # in a session's info: (model, values) that wait to be written
_HOLD = sa.text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key")  # in this order

# set for requests and tasks that will write: SQLite then takes its write lock at BEGIN, so that nothing is read
# that another writer changes before our own first write (and no half-way lock upgrade can fail)
writing: ContextVar[bool] = ContextVar("writing", default=False)


def choice(kind: type[StrEnum], length: int = 24, name: str = "") -> sa.Enum:
    """A column type for a vocabulary: its values as text, with a check in the table, named after it or ``name``."""
    return sa.Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=length,
        name=name or kind.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )


def key() -> Mapped[int]:
    """An integer primary key."""
    return mapped_column(sa.Integer, primary_key=True)


def reference(target: str, *, nullable: bool = False, index: bool = True, **more: Any) -> Mapped[Any]:
    """A foreign key column to ``target`` (``"meetings.id"``), indexed."""
    return mapped_column(sa.ForeignKey(target, **more), nullable=nullable, index=index)


def created() -> Mapped[datetime]:
    """The instant a row was made."""
    return mapped_column(UTCDateTime(), default=clock.now)


def lock(model: type[T], ident: int) -> T | None:
    """Load one row afresh and hold it until the transaction ends ("lock, then count"); None when it is gone.

    PostgreSQL: SELECT ... FOR NO KEY UPDATE, which holds off every other ``lock`` but not the rows that merely refer
    to this one (plain FOR UPDATE would, and two who first refer and then lock would wait for each other for ever).
    SQLite: the transaction already holds the one write lock.
    """
    return db.session.get(model, ident, with_for_update={"key_share": True}, populate_existing=True)


def of_meeting(
    model: type[T], ident: int, meeting_id: int, sentence: Sentence | None = None, *, options: Sequence[Any] = ()
) -> T:
    """A row of this meeting, whatever number an address or a form names. Raises NotFoundError, with ``sentence``."""
    row = db.session.get(model, ident, options=options)
    if row is None or row.meeting_id != meeting_id:  # type: ignore[attr-defined]  # every model that is asked for has it
        raise NotFoundError(sentence)
    return row


def columns(model: type[Base]) -> Any:
    """A model's columns, for a query that wants values and no rows of the session: it costs a third less."""
    return model.__table__.c


def touched(statement: sa.Delete | sa.Update) -> int:
    """Run a DELETE or UPDATE as it stands; how many rows it touched."""
    done = db.session.execute(statement, execution_options={"synchronize_session": False})
    return int(done.rowcount)  # type: ignore[attr-defined]  # such a statement always counts its rows


def append(model: type[Base], **values: Any) -> None:
    """Add a row that nobody changes or reads before the commit; all of them are written in one statement, or one a table.

    What is written by the hundred (the audit, dated facts) costs a third of a row that the session keeps. Whoever
    reads such a table within the same transaction calls ``write_appended`` first. A rollback forgets the rows.
    A row that is given as a value stands for its id, which it may not have before it is written itself.
    """
    db.session().info.setdefault(_APPENDED, []).append((model, values))


def write_appended(session: Session | None = None, *, of: type[Base] | None = None) -> None:
    """Write what was appended so far, in the order in which it was; with ``of``, only if rows of that table wait."""
    session = session or db.session()
    if of is not None and all(model is not of for model, _ in session.info.get(_APPENDED, ())):
        return
    waiting = session.info.pop(_APPENDED, None)
    if not waiting:
        return
    session.flush()  # what the rows refer to
    rows: list[tuple[Any, dict[str, Any]]] = []
    for model, values in waiting:
        row = {name: value.id if isinstance(value, Base) else value for name, value in values.items()}  # type: ignore[attr-defined]
        rows.append((model.__table__, row))
    inserts.insert(session.connection(), rows)


def flush_new() -> None:
    """Flush; on PostgreSQL the new rows and what was appended go in one statement, where they are plain rows.

    For what is written by the hundred: a registration costs a third less.
    """
    session = db.session()
    if inserts.flush_new(session, session.info.get(_APPENDED, [])):
        session.info.pop(_APPENDED, None)
    else:
        session.flush()


event.listen(Session, "before_commit", write_appended)


@event.listens_for(Session, "after_soft_rollback")
def _forget_appended(session: Session, _transaction: SessionTransaction) -> None:
    session.info.pop(_APPENDED, None)


@event.listens_for(Session, "after_transaction_end")
def _forget_unwritten(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:  # also when a session is closed without a word
        session.info.pop(_APPENDED, None)


def hold_names(*names: str) -> None:
    """Hold names until the transaction ends: of two who would make the same thing, the second waits and then finds it.

    PostgreSQL: advisory locks, always taken in the same order. SQLite: the transaction holds the one write lock.
    """
    if db.session.get_bind().dialect.name != "postgresql":
        return
    keys = sorted(int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big", signed=True) for name in names)
    db.session.execute(_HOLD, {"keys": keys})


def prepare(engine: Engine) -> None:
    """Set up an engine: foreign keys, WAL and BEGIN IMMEDIATE on SQLite."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            "busy_timeout=20000",
            "temp_store=MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing.get() else "BEGIN")


def engine_options(database_url: str, threads: int) -> dict[str, Any]:
    """Pool settings: one connection per thread and a few to spare."""
    options: dict[str, Any] = {"pool_size": threads + 2, "max_overflow": threads, "pool_recycle": 1800}
    options["hide_parameters"] = True  # an error's text reaches the log: names, addresses and hashes must not
    if database_url.startswith("sqlite"):
        options["connect_args"] = {"timeout": 20, "check_same_thread": False}
    else:
        options["pool_pre_ping"] = False
        options["connect_args"] = {"connect_timeout": 5}
    return options
