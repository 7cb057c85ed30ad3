"""Remembered dates: what people type, between which days it lies, and how long lies between two of them.

A date is kept as the first day of what is known (a day, month, quarter or year) with its precision. Nothing is made
more exact than it was said: a span between two such dates is a range of days.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from flask_babel import lazy_gettext as _

from eventhub.directory.models import Precision
from eventhub.errors import InvalidError

FIRST_YEAR, LAST_YEAR = 1900, 2199
FORMS = _("Write 2020-02-18, 2020-02, 2019-Q3 or 2020. Leave it empty when it is not known.")
_WRITTEN = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?|[- ]?[Qq]([1-4]))?")
_UNKNOWN = {"", "?", "unknown", "-", "–"}


def parse(text: str, field: str | None = None) -> tuple[date | None, Precision]:
    """The date and its precision from "2020-02-18", "2020-02", "2019-Q3", "2020", "unknown" or nothing.

    Raises InvalidError (for ``field``) for anything else, such as the 30th of February.
    """
    text = text.strip()
    if text.lower() in _UNKNOWN:
        return None, Precision.UNKNOWN
    match = _WRITTEN.fullmatch(text)
    if match is None or not FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
        raise InvalidError(FORMS, field=field)
    year = int(match[1])
    month, day, quarter = (int(part) if part else None for part in match.groups()[1:])
    try:
        if day is not None:
            return date(year, month or 1, day), Precision.DAY
        if month is not None:
            return date(year, month, 1), Precision.MONTH
    except ValueError as error:
        raise InvalidError(_("There is no such day. %(forms)s", forms=FORMS), field=field) from error
    if quarter is not None:
        return date(year, 3 * quarter - 2, 1), Precision.QUARTER
    return date(year, 1, 1), Precision.YEAR


def written(value: date | None, precision: Precision) -> str:
    """The text that ``parse`` reads back: "2019-Q3"; empty when unknown."""
    if value is None or precision is Precision.UNKNOWN:
        return ""
    if precision is Precision.QUARTER:
        return f"{value.year}-Q{(value.month + 2) // 3}"
    return value.strftime({Precision.DAY: "%Y-%m-%d", Precision.MONTH: "%Y-%m", Precision.YEAR: "%Y"}[precision])


def months_between(first: date, last: date) -> int:
    """Whole months from one day to another; ``months_later`` the other way round."""
    months = 12 * (last.year - first.year) + last.month - first.month
    return months - (months_later(first, months) > last)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The first and the last day on which something may have been."""

    first: date
    last: date

    def within(self, other: "Bounds") -> "Bounds | None":
        """The days that both allow; None when they contradict each other."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return Bounds(first, last) if first <= last else None


def bounds(value: date | None, precision: Precision) -> Bounds | None:
    """Between which days a remembered date lies; None when it is unknown."""
    if value is None or precision is Precision.UNKNOWN:
        return None
    if precision is Precision.DAY:
        return Bounds(value, value)
    if precision is Precision.YEAR:
        return Bounds(date(value.year, 1, 1), date(value.year, 12, 31))
    first = value.month if precision is Precision.MONTH else 3 * ((value.month - 1) // 3) + 1
    last = first if precision is Precision.MONTH else first + 2
    return Bounds(date(value.year, first, 1), date(value.year, last, monthrange(value.year, last)[1]))


@dataclass(frozen=True, slots=True)
class Span:
    """How long something took, in days: at least and at most. Equal when both ends are exact."""

    least: int
    most: int

    @property
    def exact(self) -> bool:
        return self.least == self.most


def span(start: Bounds, end: Bounds) -> Span | None:
    """The days from ``start`` to ``end``, where the end is known to have come after the start.

    None when the end cannot have come after the start: then something happened before, and there is no such time.
    """
    most = (end.last - start.first).days
    if most < 0:
        return None
    return Span(max(0, (end.first - start.last).days), most)


def months_later(day: date, months: int) -> date:
    """The same day so many months later; the month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def earliest(bounds_of: list[Bounds]) -> Bounds | None:
    """Between which days the earliest of several lies; None when there is none."""
    if not bounds_of:
        return None
    return Bounds(min(b.first for b in bounds_of), min(b.last for b in bounds_of))
