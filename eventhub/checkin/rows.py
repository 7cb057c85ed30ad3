"""The kept rows of one scan: where the person is, the first entry, what was answered; and how they are written.

One definition serves both ways of writing: statement by statement inside a transaction, or (PostgreSQL) as one statement
that writes all or, when somebody else changed the person's row meanwhile, nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from eventhub.checkin.direct import Direct
from eventhub.checkin.models import FirstEntry, Presence, Scan, Verdict

_PLACE = ("meeting_id", "day", "group_key", "person_key")
_NOW = ("checkpoint_id", "since_t", "last_t", "last_scan_id", "last_device_id")
_SCAN = (
    "meeting_id",
    "device_id",
    "scan_id",
    "checkpoint_id",
    "kind",
    "t",
    "person_key",
    "content",
    "content_hash",
    "received_at",
    "put_aside",
)
_VERDICT = ("meeting_id", "device_id", "scan_id", "answered", "verdict", "conflict")
_FIRST = ("meeting_id", "checkpoint_id", "day", "person_key", "t", "device_id", "scan_id")


class AgainError(Exception):
    """Somebody else changed what this was judged by: judge again."""


@dataclass(frozen=True, slots=True)
class Written:
    """What one scan adds: its own rows, and, inside a day, the person's row there. ``seen`` is that row's version."""

    scan: Mapping[str, Any]
    verdict: Mapping[str, Any]
    presence: Mapping[str, Any] | None = None
    seen: int = 0  # 0: there was none
    first: Mapping[str, Any] | None = None


def write(connection: sa.Connection, rows: Written) -> None:
    """Inside a transaction; raises AgainError when the person's row is not the one that was judged by."""
    if rows.presence is not None:
        put = connection.execute(_put_presence(connection.dialect.name), _values({"p": rows.presence}, rows.seen))
        if put.first() is None:
            raise AgainError
    connection.execute(sa.insert(Scan), [dict(rows.scan)])
    connection.execute(sa.insert(Verdict), [dict(rows.verdict)])
    if rows.first is not None:
        connection.execute(sa.insert(FirstEntry), [dict(rows.first)])


def write_at_once(connection: Direct, rows: Written) -> None:
    """The same as one statement of PostgreSQL, which is its own transaction; all rows are about the same person."""
    statement = _all_at_once(rows.presence is not None, rows.first is not None)
    parts = {"p": rows.presence, "s": rows.scan, "v": rows.verdict, "f": rows.first}
    if not connection.count(statement, _values(parts, rows.seen)):
        raise AgainError


# values that several of a scan's rows have in common: sent once
_SHARED = ("meeting_id", "device_id", "scan_id", "day", "person_key", "t")


def _parameter(letter: str, name: str) -> str:
    return name if name in _SHARED else f"{letter}_{name}"


def _values(parts: Mapping[str, Mapping[str, Any] | None], seen: int) -> dict[str, Any]:
    values = {_parameter(letter, name): v for letter, part in parts.items() if part for name, v in part.items()}
    return {**values, "seen": seen}


@cache
def _put_presence(dialect: str) -> Any:
    """Insert the person's row, or change it when it still has the version that was seen; returns nothing otherwise."""
    table = Presence.__table__
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    values = {name: sa.bindparam(_parameter("p", name), type_=table.c[name].type) for name in (*_PLACE, *_NOW)}
    put = insert(table).values(version=1, **values)
    changes = {name: put.excluded[name] for name in _NOW}
    return put.on_conflict_do_update(
        index_elements=list(_PLACE),
        set_={**changes, "version": table.c.version + 1},
        where=table.c.version == sa.bindparam("seen", type_=sa.Integer),
    ).returning(table.c.id)


@cache
def _all_at_once(with_presence: bool, with_first: bool) -> Any:
    gate: Any = _put_presence("postgresql").cte("put") if with_presence else None
    scan = _insert(Scan.__table__, "s", _SCAN, gate).returning(Scan.__table__.c.id).cte("scan")
    more = [_insert(Verdict.__table__, "v", _VERDICT, scan).returning(Verdict.__table__.c.id).cte("verdict")]
    if with_first:
        more.append(_insert(FirstEntry.__table__, "f", _FIRST, scan).returning(FirstEntry.__table__.c.id).cte("first"))
    return sa.select(sa.func.count()).select_from(scan).add_cte(*more)


def once_if(person: sa.CTE) -> tuple[sa.CTE, list[sa.CTE]]:
    """A first entry as parts of one statement of PostgreSQL, for the one ``person_key`` that ``person`` has, or for
    nobody: the part that has one row if all was written, and the others. Their values: ``once_values``."""
    table = Presence.__table__
    put = _insert(table, "p", (*_PLACE, *_NOW, "version"), person, person.c.person_key)
    # somebody was quicker: nothing is written
    new = put.on_conflict_do_nothing(index_elements=list(_PLACE)).returning(table.c.person_key).cte("put")
    parts = []
    for model, letter, names in ((Scan, "s", _SCAN), (Verdict, "v", _VERDICT), (FirstEntry, "f", _FIRST)):
        added = _insert(model.__table__, letter, names, new, new.c.person_key)
        parts.append(added.returning(model.__table__.c.id).cte(model.__tablename__ + "_added"))
    return parts[0], parts[1:]


def once_values(written: Written) -> dict[str, Any]:
    """The values of ``once_if``, whoever the person is."""
    parts = {"p": written.presence, "s": written.scan, "v": written.verdict, "f": written.first}
    return {**_values(parts, written.seen), "p_version": 1}


def _insert(table: sa.Table, letter: str, names: tuple[str, ...], gate: Any, person: Any = None) -> Any:
    values = [
        sa.bindparam(_parameter(letter, name), type_=table.c[name].type)
        if person is None or name != "person_key"
        else person
        for name in names
    ]
    chosen = sa.select(*values)
    return postgresql.insert(table).from_select(
        list(names), chosen.select_from(gate) if gate is not None else chosen, False
    )


def presence_row(meeting_id: int, day: date, group: str, person: str) -> dict[str, Any]:
    """Where a row of presence belongs."""
    return {"meeting_id": meeting_id, "day": day, "group_key": group, "person_key": person}
