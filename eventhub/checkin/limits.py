"""Guessing codes is slowed down, per device and per address; so is asking for rosters and keys. Counted in this process.

A code has 105 random bits, so nobody will hit one; this keeps a wild scanner from filling the tables. Counted only when
a code was wrong, so that a door which admits people is never held up, and without asking any other server. Wrong codes
that were scanned without the server and come later are counted apart: they hold up the sending of more, not the door.
"""

import time
from threading import Lock

from flask_babel import lazy_gettext as _

from eventhub.errors import RuleError, Sentence

PER_DEVICE = 30  # wrong codes a minute
PER_ADDRESS = 120  # a whole venue may stand behind one address
SENT_LATER = 300  # wrong codes a minute in what a device sends later
ROSTERS = 30  # a minute and device: it asks about once a minute
KEYS = 6
WINDOW = 60.0  # seconds
MOST_KEPT = 10_000

_counted: dict[str, tuple[float, int]] = {}  # who and what -> (when the window began, how many in it)
_lock = Lock()


class TooManyError(RuleError):
    status = 429
    sentence = _("Too many wrong codes came from here. Wait a minute, then scan again.")

    def __init__(self, seconds: int, sentence: Sentence | None = None) -> None:
        super().__init__(sentence)
        self.retry_after = seconds


def check(device_id: int, address: str) -> None:
    """Raises TooManyError (with ``retry_after`` in seconds) while there were too many wrong codes."""
    if _counted:
        _check(f"device:{device_id}", PER_DEVICE)
        _check(f"address:{address}", PER_ADDRESS)


def note_wrong(device_id: int, address: str) -> None:
    """Count one wrong code that somebody asked about."""
    _count(f"device:{device_id}", 1)
    _count(f"address:{address}", 1)


def check_sent(device_id: int) -> None:
    """Raises TooManyError while a device sent too many wrong codes that it had scanned by itself."""
    _check(f"sent:{device_id}", SENT_LATER, _("Too many wrong codes came from this device. Send the rest in a minute."))


def note_sent(device_id: int, wrong: int) -> None:
    """Count the wrong codes of one batch."""
    if wrong:
        _count(f"sent:{device_id}", wrong)


def spend(what: str, device_id: int, most: int) -> None:
    """Count one request that costs much. Raises TooManyError when a device made more than ``most`` in a minute."""
    who = f"{what}:{device_id}"
    _check(who, most, _("This device asks too often. Wait a minute, then ask again."))
    _count(who, 1)


def forget() -> None:
    """Begin anew; for tests."""
    _counted.clear()


def _check(who: str, most: int, sentence: Sentence | None = None) -> None:
    now = time.monotonic()
    began, n = _counted.get(who, (now, 0))
    if n >= most and now - began < WINDOW:
        raise TooManyError(int(WINDOW - (now - began)) + 1, sentence)


def _count(who: str, n: int) -> None:
    now = time.monotonic()
    with _lock:
        if len(_counted) > MOST_KEPT:
            _counted.clear()
        began, before = _counted.get(who, (now, 0))
        _counted[who] = (began, before + n) if now - began < WINDOW else (now, n)
