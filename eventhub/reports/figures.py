"""One figure of a report: what was counted, of how many, how, with the table behind it and the picture of it.

A figure is made from ``Facts`` by a function that is registered under its key, in the order in which a report has them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from eventhub.partnerships.queries import Response
from eventhub.reports.facts import Facts
from eventhub.reports.ledger import Kept
from eventhub.reports.picture import Picture
from eventhub.reports.tables import Row, Table


@dataclass(frozen=True)
class Figure:
    """``n`` of ``base`` is the figure's own base: how many records it was counted from (None: unknown)."""

    key: str
    title: str
    n: int | None
    base: str
    definition: str
    as_of: date
    response: Response | None  # of the parties asked; None for a figure that no answers go into
    table: Table
    picture: Picture | None = None


def of_table(
    facts: Facts,
    table: Table,
    n: int | None,
    base: str,
    definition: str,
    picture: Picture | None = None,
    *,
    by_answers: bool = True,
) -> Figure:
    """The figure of a table, under its key and title; ``by_answers`` says that what parties answered goes into it."""
    response = facts.response if by_answers else None
    return Figure(table.key, table.title, n, base, definition, facts.as_of, response, table, picture)


Maker = Callable[[Facts], Figure | None]
_makers: dict[str, Maker] = {}
_of_people: set[str] = set()


def figure(key: str, *, people: bool = False) -> Callable[[Maker], Maker]:
    """Register a figure's maker. ``people`` says that it counts people: it may have to be silent."""

    def register(make: Maker) -> Maker:
        _makers[key] = make
        if people:
            _of_people.add(key)
        return make

    return register


def keys() -> list[str]:
    """The keys of all figures, in the order of a report."""
    return list(_makers)


def make(key: str, facts: Facts) -> Figure | None:
    """The figure; None where there is nothing to say, or nothing may be said."""
    if key not in _makers or (key in _of_people and facts.silent_on_people):
        return None
    return _makers[key](facts)


def make_all(facts: Facts) -> list[Figure]:
    """Every figure that has something to say, in the order of a report."""
    return [found for key in _makers if (found := make(key, facts)) is not None]


def ids(rows: Iterable[Kept]) -> tuple[int, ...]:
    return tuple(row.id for row in rows)


def split(label: str, rows: list[Kept], *more: str | int | None) -> Row:
    """A line of a table: a label, further cells, how many are confirmed, how many are only reported; each with its
    records."""
    counted, reported = [r for r in rows if r.counted], [r for r in rows if not r.counted]
    cells = [label, *more, len(counted), len(reported)]
    at = len(cells)
    return Row(cells, records={at - 2: ids(counted), at - 1: ids(reported)})


def split_header() -> list[str]:
    return [_("Confirmed"), _("Only reported")]


def share(n: int, of: int) -> str | None:
    """A share as whole per cent; None where there is nothing to be a share of."""
    return f"{round(100 * n / of)}%" if of else None
