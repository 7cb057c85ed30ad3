"""New rows of several tables in one statement: on PostgreSQL every statement costs a wait, and one registration writes a
person, the registration itself, its dated facts, consents, sealed records and the audit.

The rows travel as one parameter, a JSON text that the statement takes apart again: a hundred parameters cost more than
the statement itself.
"""

import json
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql

MOST_AT_ONCE = 20  # rows; more of them are worth a statement for each table

Row = dict[str, Any]  # values by column


class Ref(NamedTuple):
    """Stands for the id of a row that the same statement writes: the one at this place among those that return theirs."""

    place: int


class Group(NamedTuple):
    """Rows alike: their table, the columns that have a value, and the columns that hold the id of another new row."""

    table: sa.Table
    names: tuple[str, ...]
    refs: tuple[tuple[str, int], ...]
    returns: bool  # a single row whose id the others refer to


def insert(connection: sa.Connection, waiting: list[tuple[sa.Table, Row]]) -> None:
    """Write rows, those of one table in their order. No row may refer to another one of them."""
    if connection.dialect.name != "postgresql" or len(waiting) > MOST_AT_ONCE or len({t for t, _ in waiting}) == 1:
        shapes: dict[tuple[sa.Table, tuple[str, ...]], list[Row]] = {}
        for table, row in waiting:
            shapes.setdefault((table, tuple(row)), []).append(row)
        for (table, _names), rows in shapes.items():
            connection.execute(sa.insert(table), rows)
        return
    insert_together(connection, [], waiting)


def insert_together(
    connection: sa.Connection, returning: list[tuple[sa.Table, Row]], waiting: list[tuple[sa.Table, Row]]
) -> list[int]:
    """Write rows of which others refer to the first ones (``returning``) by ``Ref``; the ids of the first ones.

    PostgreSQL only. Every table's key is called ``id``. Values that SQLAlchemy fills in by itself are put into the rows.
    """
    groups: dict[Group, list[Row]] = {}
    places: list[tuple[Group, list[Row]]] = []
    for table, row in returning:
        group, values = _plain(table, row, returns=True)
        places.append((group, [values]))
    for table, row in waiting:
        group, values = _plain(table, row, returns=False)
        groups.setdefault(group, []).append(values)
    places += groups.items()
    statement = _statement(tuple(group for group, _rows in places))
    said = json.dumps([rows for _group, rows in places], ensure_ascii=False, default=_as_text)
    return list(connection.execute(statement, {"rows": said}).one())[: len(returning)]


def _plain(table: sa.Table, row: Row, *, returns: bool) -> tuple[Group, Row]:
    """A row as JSON holds it, with its defaults; what is None is left out, as SQLAlchemy does."""
    kinds = _kinds(table)
    for name, default in kinds.defaults.items():
        if row.get(name) is None:
            row[name] = default(None)
    refs, values = [], {}
    for name, value in row.items():
        if isinstance(value, Ref):
            refs.append((name, value.place))
        elif value is not None:
            process = kinds.processors.get(name)
            values[name] = process(value) if process else value
    return Group(table, tuple(values), tuple(refs), returns), values


class Kinds(NamedTuple):
    defaults: dict[str, Any]  # by column, the function that makes the value which SQLAlchemy would fill in by itself
    processors: dict[str, Any]  # by column, what makes a value of our own types into one that JSON or _as_text knows


@lru_cache(256)
def _kinds(table: sa.Table) -> Kinds:
    dialect = postgresql.dialect()
    defaults, processors = {}, {}
    for column in table.columns:
        default = column.default
        if isinstance(default, sa.ColumnDefault):
            fixed = default.arg
            defaults[column.name] = fixed if default.is_callable else lambda _context, value=fixed: value
        if isinstance(column.type, sa.Enum | sa.TypeDecorator):
            processors[column.name] = column.type.dialect_impl(dialect).bind_processor(dialect)
    return Kinds(defaults, processors)


def _as_text(value: Any) -> str:
    """A value in the words in which PostgreSQL reads it."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in a row that is written together with others")


_ID = "(SELECT id FROM w{})"


@lru_cache(256)
def _statement(groups: tuple[Group, ...]) -> sa.TextClause:
    """``WITH … AS (INSERT … SELECT … FROM json_to_recordset(…)), … SELECT``: made once for each combination."""
    dialect = postgresql.dialect()
    quote = dialect.identifier_preparer.quote
    parts, ids = ["d AS MATERIALIZED (SELECT CAST(:rows AS json) AS j)"], []
    for number, group in enumerate(groups):
        into = ", ".join(map(quote, (*group.names, *(name for name, _ in group.refs))))
        given = ", ".join((*map(quote, group.names), *(_ID.format(place) for _, place in group.refs)))
        kinds = ", ".join(f"{quote(name)} {group.table.c[name].type.compile(dialect)}" for name in group.names)
        rows = f"FROM d, json_to_recordset(d.j -> {number}) AS x({kinds})"
        written = f"INSERT INTO {quote(group.table.name)} ({into}) SELECT {given} {rows}"
        parts.append(f"w{number} AS ({written}{' RETURNING id' if group.returns else ''})")
        if group.returns:
            ids.append(_ID.format(number))
    return sa.text(f"WITH {', '.join(parts)} SELECT {', '.join(ids) or '1'}")


# --- rows of the session --------------------------------------------------------------------------------------------


def flush_new(session: orm.Session, appended: list[tuple[Any, Row]]) -> bool:
    """Write the session's new rows and what was appended in one statement. False, and nothing done, where only a flush
    can do it: another database, a savepoint, something changed, or rows that are more than plain ones.

    The session's own flush does the same for a row at three times the cost.
    """
    new = sorted(session.new, key=lambda row: (_order(row.__table__), orm.attributes.instance_state(row).insert_order))
    if (
        session.get_bind().dialect.name != "postgresql"
        or not new
        or len(new) + len(appended) > MOST_AT_ONCE
        or session.in_nested_transaction()
        or session.dirty
        or session.deleted
    ):
        return False
    refs = {id(row): Ref(place) for place, row in enumerate(new)}
    rows = [values for row in new if (values := _row_of(row, refs)) is not None]
    if len(rows) < len(new):
        return False
    returning = [(row.__table__, values) for row, values in zip(new, rows, strict=True)]
    others = [
        (model.__table__, {name: _id_of(value, refs) for name, value in values.items()}) for model, values in appended
    ]
    with session.no_autoflush:
        ids = insert_together(session.connection(), returning, others)
    session.dispatch.after_flush(session, None)  # whoever listens to flushes hears of this one
    for row, values, ident in zip(new, rows, ids, strict=True):
        _now_persistent(session, row, {**values, "id": ident}, ids)
    return True


def _order(table: sa.Table) -> int:
    """Where a table stands: behind all that it refers to."""
    return _orders(table.metadata)[table]


@lru_cache(4)
def _orders(metadata: sa.MetaData) -> dict[sa.Table, int]:
    return {table: number for number, table in enumerate(metadata.sorted_tables)}


class Plan(NamedTuple):
    """How a mapped class becomes a row."""

    columns: tuple[tuple[str, str], ...]  # attribute and column
    parents: tuple[tuple[str, str], ...]  # attribute that holds another object, and the column of its id
    lone: tuple[str, ...]  # attributes that hold other objects which do not know this one


@lru_cache(256)
def _plan(mapper: orm.Mapper[Any]) -> Plan | None:
    """None for a class that takes more than one row of one table, or refers to others by more than their id."""
    if mapper.inherits is not None or [column.name for column in mapper.primary_key] != ["id"]:
        return None
    if mapper.dispatch.before_insert or mapper.dispatch.after_insert:  # somebody waits for the flush
        return None
    parents, lone = [], []
    for kin in mapper.relationships:
        if kin.direction is not orm.MANYTOONE:
            lone += [] if kin.back_populates else [kin.key]
            continue
        pairs = [(local.name, remote.name) for local, remote in kin.local_remote_pairs or ()]
        if len(pairs) != 1 or pairs[0][1] != "id":
            return None
        parents.append((kin.key, pairs[0][0]))
    columns = tuple((attribute.key, attribute.columns[0].name) for attribute in mapper.column_attrs)
    return Plan(columns, tuple(parents), tuple(lone))


def _row_of(row: Any, refs: dict[int, Ref]) -> Row | None:
    """The columns of a new object; None where only a flush knows how to write it."""
    state = orm.attributes.instance_state(row)
    plan, held = _plan(state.mapper), state.dict
    if plan is None or any(held.get(name) for name in plan.lone):
        return None
    values = {column: held[attribute] for attribute, column in plan.columns if attribute in held}
    for attribute, column in plan.parents:
        if attribute in held:
            values[column] = _id_of(held[attribute], refs)
            if values[column] is NEITHER or (isinstance(values[column], Ref) and values[column] >= refs[id(row)]):
                return None
    if any(isinstance(value, sa.ClauseElement) for value in values.values()):
        return None
    return values


NEITHER = object()  # an object that is in no table and not about to be


def _id_of(value: Any, refs: dict[int, Ref]) -> Any:
    """What stands in a row for an object: its id, or where the statement finds it; any other value stands for itself."""
    state = orm.attributes.instance_state(value) if hasattr(value, "_sa_instance_state") else None
    if state is None:
        return value
    if state.key is not None:
        return state.key[1][0]
    return refs.get(id(value), NEITHER)


def _now_persistent(session: orm.Session, row: Any, values: Row, ids: list[int]) -> None:
    """An object that was written is the session's as if a flush had done it; a rollback makes it new again."""
    state = orm.attributes.instance_state(row)
    plan = _plan(state.mapper)
    assert plan is not None  # noqa: S101  (it was written by it)
    session.expunge(row)
    for attribute, column in plan.columns:
        value = values.get(column)
        orm.attributes.set_committed_value(row, attribute, ids[value.place] if isinstance(value, Ref) else value)
    orm.make_transient_to_detached(row)
    session.add(row)
    session.get_transaction()._new[state] = True  # type: ignore[union-attr]  # what a rollback looks at
