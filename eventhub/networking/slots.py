"""Decides which slots a window has, and what stands in whose way. Pure: asks no database."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol


class Spanning(Protocol):
    """Anything with a beginning and an end (instants)."""

    @property
    def starts(self) -> datetime: ...

    @property
    def ends(self) -> datetime: ...


class Window(Spanning, Protocol):
    @property
    def slot_minutes(self) -> int: ...


class Slot(NamedTuple):
    """When two people may meet."""

    starts: datetime
    ends: datetime


class Span(NamedTuple):
    """When somebody has no time, and what for, as they read it themselves: a session's title; "" for a 1:1 meeting."""

    starts: datetime
    ends: datetime
    what: str = ""


def overlaps(one: Spanning, other: Spanning) -> bool:
    """Whether both are on at the same time; one may begin when the other ends."""
    return one.starts < other.ends and other.starts < one.ends


def cut(windows: Iterable[Window]) -> list[Slot]:
    """The slots of the windows in the order of time. What is left at a window's end is too short for one."""
    found = set()
    for window in windows:
        length = timedelta(minutes=window.slot_minutes)
        starts = window.starts
        while starts + length <= window.ends:
            found.add(Slot(starts, starts + length))
            starts += length
    return sorted(found)


def free(slots: Iterable[Slot], busy: Iterable[Spanning]) -> list[Slot]:
    """The slots in which nothing of ``busy`` is on."""
    taken = list(busy)
    return [slot for slot in slots if not any(overlaps(slot, span) for span in taken)]
