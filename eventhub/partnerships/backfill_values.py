"""What the cells of a list of past editions may hold: dates as exact as they are known, numbers of people, words of a
vocabulary. Nothing is guessed; what is not known stays unknown."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _

from eventhub.directory import imprecise
from eventhub.directory.models import Precision
from eventhub.directory.names import fold
from eventhub.errors import InvalidError

_UNKNOWN = {"", "?", "unknown", "not known", "n/a", "na", "-", "–"}
_MONTH_YEAR = re.compile(r"(\d{1,2})[/.](\d{4})")
_QUARTER_YEAR = re.compile(r"[Qq]([1-4])[ /-]?(\d{4})")
_SLASHED = re.compile(r"\d{1,2}[/.]\d{1,2}[/.]\d{2,4}")


def remembered(text: str, label: str) -> tuple[date | None, Precision]:
    """A date as exactly as it was written: "2018", "2018-Q3", "07/2018", "2018-07-04", "unknown". Raises InvalidError."""
    text = text.strip()
    if text.casefold() in _UNKNOWN:
        return None, Precision.UNKNOWN
    if month := _MONTH_YEAR.fullmatch(text):
        text = f"{month[2]}-{int(month[1]):02}"
    elif quarter := _QUARTER_YEAR.fullmatch(text):
        text = f"{quarter[2]}-Q{quarter[1]}"
    elif _SLASHED.fullmatch(text):
        raise InvalidError(
            _(
                "%(label)s: in “%(text)s” it cannot be told which is the day and which the month. Write 2018-07-04.",
                label=label,
                text=text,
            )
        )
    try:
        return imprecise.parse(text)
    except InvalidError as error:
        raise InvalidError(
            _(
                "%(label)s: “%(text)s” is no date. Write 2018, 2018-Q3, 07/2018 or 2018-07-04.",
                label=label,
                text=text[:40],
            )
        ) from error


def head_count(text: str, label: str) -> int | None:
    """A number of people, or None where it is not known: that is not 0. Raises InvalidError."""
    text = text.strip()
    if text.casefold() in _UNKNOWN:
        return None
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise InvalidError(
            _(
                "%(label)s: “%(text)s” is no number of people. Write it in digits, or “unknown”.",
                label=label,
                text=text[:40],
            )
        )
    return int(text)


def exact_day(text: str, label: str) -> date | None:
    """A day, or None for nothing; raises InvalidError for anything less exact."""
    value, precision = remembered(text, label)
    if value is not None and precision is not Precision.DAY:
        raise InvalidError(_("%(label)s: write the day, such as 2018-07-04, or leave it empty.", label=label))
    return value


def one_of(vocabulary: Iterable[Any], text: str, label: str, unknown: Any) -> Any:
    """The vocabulary's member that a cell means; ``unknown`` for an empty one. Raises InvalidError."""
    members = list(vocabulary)
    if not text.strip():
        return unknown
    found = {fold(str(member).replace("_", " ")): member for member in members}.get(fold(text.replace("_", " ")))
    if found is None:
        raise InvalidError(
            _(
                "%(label)s: “%(text)s” is none of: %(choices)s.",
                label=label,
                text=text[:40],
                choices=", ".join(str(member) for member in members),
            )
        )
    return found


def several(text: str) -> list[str]:
    """What stands in a cell with semicolons or line breaks between."""
    return list(dict.fromkeys(part.strip() for part in re.split(r"[;\n]", text) if part.strip()))


def yes_no(text: str, label: str) -> bool | None:
    """Yes, no, or None where nobody knows. Raises InvalidError."""
    if text.strip().casefold() in _UNKNOWN:
        return None
    said = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}
    if text.strip().casefold() not in said:
        raise InvalidError(_("%(label)s: write yes or no, or leave it empty.", label=label))
    return said[text.strip().casefold()]


def counts_of(values: dict[str, str]) -> dict[str, dict[str, int]]:
    """Head-counts by age and sex. Where a whole is told beside its women and men, the rest is not told apart."""
    found: dict[str, dict[str, int]] = {}
    for age, whole, female, male in (
        ("adult", "adults", "women", "men"), ("young", "young", "young_women", "young_men"), ("child", "children", "girls", "boys"),
    ):  # fmt: skip
        told = {
            sex: n
            for sex, key in (("f", female), ("m", male))
            if (n := head_count(values.get(key, ""), key.replace("_", " ").capitalize())) is not None
        }
        label = {"young": "Young people"}.get(whole, whole.capitalize())
        total = head_count(values.get(whole, ""), label)
        if total is not None and total < sum(told.values()):
            raise InvalidError(
                _(
                    "%(label)s: there are fewer in all than %(female)s and %(male)s together.",
                    label=label,
                    female=female.replace("_", " "),
                    male=male.replace("_", " "),
                )
            )
        if total is not None and (not told or total > sum(told.values())):
            told["unknown"] = total - sum(told.values())
        if told:
            found[age] = told
    return found
