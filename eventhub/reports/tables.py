"""The shapes that every report is made of: a step with its base and definition, a table that is also a file.

A figure never stands alone: it is so many of so many, and says how it was counted. Unknown is None, never 0.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from eventhub.reports.suppression import FEWEST

Cell = str | int | None


@dataclass(frozen=True)
class Step:
    """One step of the funnel: ``n`` of ``of`` (None: not known), in ``unit`` organisations | people | partnerships."""

    key: str
    label: str
    unit: str
    n: int | None
    of: int | None
    of_what: str
    definition: str
    beside: str = ""  # what stands beside the number and is not part of it


@dataclass(frozen=True)
class Row:
    cells: list[Cell]
    url: str = ""  # where the row's first cell leads
    quiet: bool = False  # a row that says that there is nothing, such as a year without a meeting
    records: dict[int, tuple[int, ...]] = field(default_factory=dict)  # the partnerships behind the number in a column
    meeting: str = ""  # the slug of the one meeting that the row is about
    people: tuple[int, str] | None = (
        None  # a column that counts that meeting's people, and the endpoint that lists them
    )
    sector: int | None = None  # of the people that it counts, where they are of one sector


@dataclass(frozen=True)
class Table:
    """A table behind a figure. ``header`` names the columns; numbers stand in those listed in ``numeric``."""

    key: str
    title: str
    header: list[str]
    rows: list[Row]
    note: str = ""
    numeric: frozenset[int] = field(default_factory=frozenset)

    def as_rows(self) -> Iterator[list[Any]]:
        """Header and rows for a file; what is not known is written out."""
        yield self.header
        for row in self.rows:
            yield [_("unknown") if cell is None else cell for cell in row.cells]


def careful(n: int | None, suppress: bool) -> Cell:
    """A cell of a breakdown: small numbers are not written where ``suppress`` asks for it. 0 is 0."""
    if suppress and n is not None and 0 < n < FEWEST:
        return _("fewer than %(n)d", n=FEWEST)
    return n
