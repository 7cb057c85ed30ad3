"""What the door is told: scans, and the dated facts about codes, people and checkpoints that a verdict rests on.

Decides when a fact holds, whose code it is, who is one person, and which of two contents under one name counts.
Pure: no clock, no database. All times are whole milliseconds since 1970 in UTC.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from hashlib import sha256
from typing import Any

# A permit (issued, confirmed, signed up) counts this much earlier, because a device's clock may be slow.
EARLY_MS = 120_000
SAFE_INTEGER = 2**53 - 1  # the largest whole number that JavaScript keeps exactly

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_RFC3339 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)


@lru_cache(256)
def instant(text: str) -> int:
    """Milliseconds since 1970 of an RFC 3339 time with its offset; finer digits are cut. ValueError when it is none."""
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise ValueError("A time must be written as RFC 3339 with an offset.")
    *moment, fraction, sign, hours, minutes = match.groups()
    zone = UTC
    if sign:
        if int(minutes) > 59:
            raise ValueError("An offset has at most 59 minutes.")
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        zone = timezone(-offset if sign == "-" else offset)
    year, month, day, hour, minute, second = map(int, moment)
    whole = datetime(year, month, day, hour, minute, second, tzinfo=zone) - _EPOCH
    return whole // _MILLISECOND + int((fraction or "")[:3].ljust(3, "0"))


def written(t: int) -> str:
    """An instant as RFC 3339 in UTC, to the millisecond. ValueError or OverflowError outside the years 1 to 9999."""
    return (_EPOCH + t * _MILLISECOND).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(t: int) -> datetime:
    """An instant as an aware time in UTC."""
    return _EPOCH + t * _MILLISECOND


def milliseconds(value: datetime) -> int:
    """A stored instant as milliseconds since 1970; finer digits are cut."""
    return (value - _EPOCH) // _MILLISECOND


def canonical_json(value: Any) -> str:
    """The one text of a JSON value (RFC 8785), nulls left out.

    ValueError on a number that is not whole or that JavaScript does not keep exactly, and on half a character.
    """
    text = json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":"))
    text.encode("utf-8")  # UnicodeEncodeError, a ValueError, where a lone surrogate stands
    return text


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        # RFC 8785 orders names by their UTF-16 units, as JavaScript compares them.
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return {name: _ordered(value[name]) for name in names if value[name] is not None}
    if isinstance(value, list | tuple):
        return [_ordered(item) for item in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value != value // 1 or abs(value) > SAFE_INTEGER:
            raise ValueError("The door's protocol has whole numbers only, below 2^53.")
        return int(value)
    return value


def content_hash(raw: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of a scan's content as sent: without its id, and without what was told, which is no part of it."""
    content = {name: value for name, value in raw.items() if name not in ("id", "told")}
    if all(type(value) in _PLAIN and name.isascii() for name, value in content.items()):
        # nearly every scan: the same text at a third of the price
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    else:
        text = canonical_json(content)
    return sha256(text.encode("utf-8")).hexdigest()


_PLAIN = (str, int, bool)  # values that JSON writes in one way only


@dataclass(frozen=True, slots=True)
class Scan:
    """One observation at a checkpoint. `t` is the corrected time; exactly one of code, person, walk_in names who."""

    device: str
    id: str
    checkpoint: str
    kind: str
    t: int
    code: str | None = None
    person: str | None = None
    walk_in: bool = False
    with_: str | None = None
    voids: str | None = None

    @classmethod
    def read(cls, device: str, raw: Mapping[str, Any]) -> "Scan":
        """From the wire's object. KeyError or ValueError when it lacks a field or its time cannot be read."""
        return cls(
            device=device,
            id=raw["id"],
            checkpoint=raw["checkpoint"],
            kind=raw["kind"],
            t=instant(raw["scanned_at"]) + int(raw.get("offset_ms") or 0),
            code=raw.get("code"),
            person=raw.get("person"),
            walk_in=isinstance(raw.get("walk_in"), Mapping),
            with_=raw.get("with"),
            voids=raw.get("voids"),
        )

    @property
    def name(self) -> tuple[str, str]:
        """(device, id): what names the scan."""
        return self.device, self.id

    @property
    def order(self) -> tuple[int, str, str]:
        """Where it stands in the pass."""
        return self.t, self.id, self.device


@dataclass(frozen=True, slots=True)
class Interval:
    """Holds from `start` (in) to `end` (out); None is open."""

    start: int
    end: int | None = None

    def holds(self, t: int) -> bool:
        return self.start <= t and (self.end is None or t < self.end)


def intervals(begins: Iterable[int], refusals: Iterable[int], early: int = 0) -> tuple[Interval, ...]:
    """When a fact holds: from each beginning (less `early` ms) to the first refusal at or after that beginning.

    A refusal at the very beginning leaves nothing of it: of two that begin together the refusing one wins.
    """
    ends = sorted(refusals)
    found = []
    for begin in sorted(set(begins)):
        end = next((e for e in ends if e >= begin), None)
        if end != begin:
            found.append(Interval(begin - early, end))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Rules:
    """A checkpoint's rules from one change to the next. `day` names a day of the meeting; capacity None is no limit."""

    reentry: str = "yes"
    needs_sign_up: bool = False
    capacity: int | None = None
    day: str | None = None
    open_from: int | None = None
    open_to: int | None = None

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> "Rules":
        """From the object of a `rules` fact."""
        opens, closes = raw.get("open_from"), raw.get("open_to")
        return cls(
            reentry=raw.get("reentry") or "yes",
            needs_sign_up=bool(raw.get("needs_sign_up")),
            capacity=raw.get("capacity"),
            day=raw.get("day"),
            open_from=instant(opens) if opens else None,
            open_to=instant(closes) if closes else None,
        )

    def is_open(self, t: int) -> bool:
        return (self.open_from is None or self.open_from <= t) and (self.open_to is None or t < self.open_to)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the meeting as the instants between which it lies: `start` in, `end` out."""

    day: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A place of checking; those of one `group` share their presence, and none means a group of its own."""

    id: str
    kind: str
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Badge:
    """A code, issued once: it names its person for ever, is known from `issued` on, opens doors while `valid`."""

    person: str
    meeting: str
    issued: int
    valid: tuple[Interval, ...]
