"""Many values and many rows in one statement each, on both databases: hundreds of parameters cost more than the work."""

import json
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite


def among(connection: sa.Connection, column: Any, values: Collection[Any]) -> sa.ColumnElement[bool]:
    """The condition that a column has one of these values (texts, or whole numbers); the values are one parameter."""
    if connection.dialect.name == "postgresql":
        # the plain type: a column's varchar(36) would make an array of another type than the index has
        kind = sa.Text() if isinstance(column.type, sa.String) else column.type
        return column == sa.any_(sa.literal(list(values), postgresql.ARRAY(kind)))
    each = sa.func.json_each(json.dumps(list(values))).table_valued("value")
    return column.in_(sa.select(each.c.value))


def insert(
    connection: sa.Connection, model: Any, rows: Sequence[Mapping[str, Any]], *, or_nothing: bool = False
) -> None:
    """Insert rows, which all have the same columns; ``or_nothing`` passes over those that are there already."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        statement = _from_json(model.__table__, tuple(rows[0]), or_nothing)
        connection.execute(statement, {"rows": json.dumps(rows, ensure_ascii=False, default=str)})
        return
    text, convert = _plain(model.__table__, tuple(rows[0]), or_nothing)
    connection.exec_driver_sql(
        text, [tuple(f(v) if f else v for f, v in zip(convert, row.values(), strict=True)) for row in rows]
    )


@cache
def _plain(table: sa.Table, names: tuple[str, ...], or_nothing: bool) -> tuple[str, list[Any]]:
    """SQLite's statement, and how each value is stored; SQLAlchemy's share of it would cost as much as the rest."""
    dialect = sqlite.dialect()
    quote = dialect.identifier_preparer.quote
    columns, marks = ", ".join(quote(name) for name in names), ", ".join("?" for _ in names)
    ignore = " OR IGNORE" if or_nothing else ""
    text = f"INSERT{ignore} INTO {quote(table.name)} ({columns}) VALUES ({marks})"
    return text, [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]


@cache
def _from_json(table: sa.Table, names: tuple[str, ...], or_nothing: bool) -> sa.TextClause:
    dialect = postgresql.dialect()
    quote = dialect.identifier_preparer.quote
    columns = ", ".join(quote(name) for name in names)
    typed = ", ".join(f"{quote(name)} {table.c[name].type.compile(dialect)}" for name in names)
    conflict = " ON CONFLICT DO NOTHING" if or_nothing else ""
    return sa.text(
        f"INSERT INTO {quote(table.name)} ({columns}) SELECT {columns} "  # noqa: S608  (names are the model's own)
        f"FROM json_to_recordset(CAST(:rows AS json)) AS sent ({typed}){conflict}"
    )
