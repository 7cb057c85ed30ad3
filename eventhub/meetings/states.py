"""The states of a meeting and the moves between them; how exactly a date is known."""

from enum import StrEnum


class MeetingState(StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    RUNNING = "running"
    OVER = "over"
    ARCHIVED = "archived"
    CANCELLED = "cancelled"
    POSTPONED = "postponed"


_S = MeetingState
MOVES: dict[MeetingState, frozenset[MeetingState]] = {
    _S.PLANNED: frozenset({_S.OPEN, _S.CANCELLED, _S.POSTPONED}),
    _S.OPEN: frozenset({_S.RUNNING, _S.PLANNED, _S.CANCELLED, _S.POSTPONED}),
    _S.RUNNING: frozenset({_S.OVER, _S.OPEN, _S.CANCELLED}),
    _S.OVER: frozenset({_S.ARCHIVED, _S.RUNNING}),
    _S.ARCHIVED: frozenset({_S.OVER}),
    _S.CANCELLED: frozenset(),
    _S.POSTPONED: frozenset({_S.PLANNED, _S.CANCELLED}),
}


class MeetingMode(StrEnum):
    IN_PERSON = "in_person"
    ONLINE = "online"
    HYBRID = "hybrid"


class Precision(StrEnum):
    """How exactly a remembered date is known."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    UNKNOWN = "unknown"
