"""Dates as people remember them: "2019", "May 2019", "2019-05-14", or not at all."""

import calendar
import re
from datetime import date

from eventhub.directory.models import Precision
from eventhub.errors import InvalidError

_FORMS = (
    (re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"), Precision.DAY),
    (re.compile(r"(\d{4})-(\d{1,2})"), Precision.MONTH),
    (re.compile(r"(\d{4})"), Precision.YEAR),
)
_QUARTER = re.compile(r"(\d{4})[- ]?q([1-4])", re.I)
EARLIEST, LATEST = 1850, 2200


def read_date(text: str, *, field: str | None = None) -> tuple[date | None, Precision]:
    """The first day that is meant and how exactly it is known; (None, unknown) for an empty text.

    Takes 2019, 2019-05, 2019-Q2, 2019-05-14, and month names in English ("May 2019"). Raises InvalidError.
    """
    text = text.strip()
    if not text or text.casefold() in ("unknown", "?", "-"):
        return None, Precision.UNKNOWN
    quarter = _QUARTER.fullmatch(text)
    if quarter:
        return _day(int(quarter[1]), int(quarter[2]) * 3 - 2, 1, field), Precision.QUARTER
    named = re.fullmatch(r"([A-Za-z]{3,9})\.? (\d{4})", text)
    if named and named[1][:3].title() in calendar.month_abbr:
        return _day(int(named[2]), list(calendar.month_abbr).index(named[1][:3].title()), 1, field), Precision.MONTH
    for form, precision in _FORMS:
        match = form.fullmatch(text)
        if match:
            parts = [int(part) for part in match.groups()] + [1, 1]
            return _day(parts[0], parts[1], parts[2], field), precision
    raise InvalidError("Write the date as 2019, 2019-05 or 2019-05-14, as exactly as it is known.", field=field)


def write_date(day: date | None, precision: Precision) -> str:
    """The other way round: what a form shows."""
    if day is None or precision is Precision.UNKNOWN:
        return ""
    if precision is Precision.QUARTER:
        return f"{day.year}-Q{(day.month + 2) // 3}"
    return {Precision.YEAR: f"{day:%Y}", Precision.MONTH: f"{day:%Y-%m}"}.get(precision, day.isoformat())


def _day(year: int, month: int, day: int, field: str | None) -> date:
    try:
        if not EARLIEST <= year <= LATEST:
            raise ValueError("year")
        return date(year, month, day)
    except ValueError as error:
        raise InvalidError("There is no such day. Look at the year, the month and the day.", field=field) from error
