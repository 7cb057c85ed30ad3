"""Guessing codes is slowed down: per device and per address, counted in this process.

A code has 105 random bits, so nobody will hit one; this keeps a wild scanner from filling the tables. Counted only when
a code was wrong, so that a door which admits people is never held up, and without asking any other server.
"""

import time
from threading import Lock

from eventhub.errors import RuleError

PER_DEVICE = 30  # wrong codes a minute
PER_ADDRESS = 120  # a whole venue may stand behind one address
WINDOW = 60.0  # seconds
MOST_KEPT = 10_000

_wrong: dict[str, tuple[float, int]] = {}  # who -> (when the window began, wrong codes in it)
_lock = Lock()


class TooManyWrongCodesError(RuleError):
    status = 429
    sentence = "Too many wrong codes came from here. Wait a minute, then scan again."

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.retry_after = seconds


def check(device_id: int, address: str) -> None:
    """Raises TooManyWrongCodesError (with ``retry_after`` in seconds) while there were too many."""
    if not _wrong:
        return
    now = time.monotonic()
    for who, most in _limits(device_id, address):
        began, n = _wrong.get(who, (now, 0))
        if n >= most and now - began < WINDOW:
            raise TooManyWrongCodesError(int(WINDOW - (now - began)) + 1)


def note_wrong(device_id: int, address: str) -> None:
    """Count one wrong code."""
    now = time.monotonic()
    with _lock:
        if len(_wrong) > MOST_KEPT:
            _wrong.clear()
        for who, _most in _limits(device_id, address):
            began, n = _wrong.get(who, (now, 0))
            _wrong[who] = (began, n + 1) if now - began < WINDOW else (now, 1)


def forget() -> None:
    """Begin anew; for tests."""
    _wrong.clear()


def _limits(device_id: int, address: str) -> tuple[tuple[str, int], tuple[str, int]]:
    return (f"device:{device_id}", PER_DEVICE), (f"address:{address}", PER_ADDRESS)
