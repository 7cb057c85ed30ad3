"""Rows of several tables in one statement: on PostgreSQL every statement costs a wait, and one registration writes to
the audit, to its dated facts, to consents and to sealed records."""

from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

MOST_AT_ONCE = 20  # rows; more of them are worth a statement for each table

Row = dict[str, Any]
Shape = tuple[tuple[sa.Table, tuple[str, ...], int], ...]  # by table: the columns of its rows, and how many rows


def insert(connection: sa.Connection, waiting: list[tuple[sa.Table, Row]]) -> None:
    """Write rows (values by column), those of one table in their order. No row may refer to another one of them."""
    groups: dict[tuple[sa.Table, tuple[str, ...]], list[Row]] = {}
    for table, row in waiting:
        groups.setdefault((table, tuple(row)), []).append(row)
    if connection.dialect.name != "postgresql" or len(groups) == 1 or len(waiting) > MOST_AT_ONCE:
        for (table, _names), rows in groups.items():
            connection.execute(sa.insert(table), rows)
        return
    shape, values = [], []
    for (table, names), rows in groups.items():
        ready = _defaults(table, names)
        shape.append((table, (*names, *ready), len(rows)))
        for row in rows:
            values += [*row.values(), *(default(None) for default in ready.values())]
    connection.execute(_statement(tuple(shape)), {f"v{n}": value for n, value in enumerate(values)})


def _defaults(table: sa.Table, given: tuple[str, ...]) -> dict[str, Any]:
    """By column, the function that makes the value which SQLAlchemy would fill in by itself."""
    missing = ((column, column.default) for column in table.columns if column.name not in given)
    return {
        column.name: default.arg if default.is_callable else lambda _context, value=default.arg: value
        for column, default in missing
        if isinstance(default, sa.ColumnDefault)
    }


@lru_cache(256)
def _statement(shape: Shape) -> sa.TextClause:
    """``WITH … AS (INSERT …), … SELECT``: made once for each combination of tables, columns and numbers of rows."""
    quote = postgresql.dialect().identifier_preparer.quote
    parts: list[str] = []
    bound: list[sa.BindParameter[Any]] = []
    for number, (table, names, count) in enumerate(shape):
        lines = []
        for _ in range(count):
            ours = [sa.bindparam(f"v{len(bound) + n}", type_=table.c[name].type) for n, name in enumerate(names)]
            lines.append("(" + ", ".join(f":{one.key}" for one in ours) + ")")
            bound += ours
        into = f"{quote(table.name)} ({', '.join(map(quote, names))})"
        parts.append(f"w{number} AS (INSERT INTO {into} VALUES {', '.join(lines)})")  # noqa: S608  (names of our tables)
    return sa.text(f"WITH {', '.join(parts)} SELECT 1").bindparams(*bound)
