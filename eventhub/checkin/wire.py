"""What devices send and hear: which scan is well formed, and how a verdict is written (the door's protocol, section 4).

Checked by hand, not by a schema library: this is the door's hot path. The same shapes stand in ``schemas`` for the API's
documentation, and a test holds the two together.
"""

import re
from collections.abc import Mapping
from typing import Any

from eventhub.checkin.facts import instant
from eventhub.checkin.rules import Verdict

KINDS = ("entry", "exit", "handover", "void")
VERDICTS = frozenset(str(verdict) for verdict in Verdict)
MOST_SCANS = 1000
LONGEST_CODE = 200
LONGEST_NAME = 300
# the largest difference of clocks, in ms: with any instant added it is a number that JavaScript keeps exactly
LARGEST_OFFSET = 2**52

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
KEY = re.compile(r"[A-Za-z0-9:_-]{1,200}")
# no control characters, and no halves of characters: neither database stores them
_UNCLEAN = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_SUBJECTS = ("code", "person", "walk_in")
_FIELDS = frozenset(
    ("id", "code", "person", "walk_in", "with", "voids", "checkpoint", "kind", "scanned_at", "offset_ms", "by", "told")
)
# which fields say whom or what a scan is about: exactly one of entry's and exit's, all of the others'
_OF_KIND = {
    "entry": frozenset(_SUBJECTS),
    "exit": frozenset(("code", "person")),
    "handover": frozenset(("person", "with")),
    "void": frozenset(("voids",)),
}


class MalformedError(ValueError):
    """A scan that is none; the sentence names the field."""


def check_scan(raw: Any) -> dict[str, Any]:
    """The scan as sent, nulls left out. MalformedError when a field is missing, unknown, or of another shape."""
    if not isinstance(raw, Mapping):
        raise MalformedError("A scan is an object.")
    scan = {name: value for name, value in raw.items() if value is not None}
    unknown = sorted(scan.keys() - _FIELDS)
    if unknown:
        raise MalformedError(f"A scan has no field {_cut(unknown[0])}.")
    _match(scan, "id", UUID, "a lower-case UUID")
    if scan.get("kind") not in _OF_KIND:
        raise MalformedError("kind is one of entry, exit, handover, void.")
    _text(scan, "checkpoint", 40)
    _check_time(scan)
    _check_subject(scan)
    if "by" in scan:
        _text(scan, "by", LONGEST_NAME)
    if "told" in scan and (not isinstance(scan["told"], str) or scan["told"] not in VERDICTS or scan["kind"] == "void"):
        raise MalformedError("told is a verdict, and a void tells nothing.")
    return scan


def _check_time(scan: Mapping[str, Any]) -> None:
    try:
        instant(_text(scan, "scanned_at", 60))
    except (ValueError, OverflowError) as error:
        raise MalformedError("scanned_at is a time as RFC 3339 with its offset.") from error
    offset = scan.get("offset_ms", 0)
    if isinstance(offset, bool) or not isinstance(offset, int) or abs(offset) > LARGEST_OFFSET:
        raise MalformedError("offset_ms is a whole number of milliseconds, or null.")


def _check_subject(scan: Mapping[str, Any]) -> None:
    wanted = _OF_KIND[scan["kind"]]
    given = scan.keys() & {"code", "person", "walk_in", "with", "voids"}
    if given - wanted or (scan["kind"] in ("entry", "exit") and len(given) != 1):
        raise MalformedError("A scan says by exactly one of code, person, walk_in whom it is about.")
    if scan["kind"] in ("handover", "void") and given != wanted:
        raise MalformedError("A handover names person and with; a void names voids.")
    if "code" in given:
        _text(scan, "code", LONGEST_CODE)
    for name in given & {"person", "with"}:
        _match(scan, name, KEY, "a person's key")
    if "voids" in given:
        _match(scan, "voids", UUID, "a scan's id")
    if "walk_in" in given:
        _check_walk_in(scan["walk_in"])


def _check_walk_in(walk_in: Any) -> None:
    if not isinstance(walk_in, Mapping) or walk_in.keys() - {"name", "latin_name", "organisation", "adult"}:
        raise MalformedError("walk_in is an object with name, latin_name, organisation, adult.")
    _text(walk_in, "name", LONGEST_NAME)
    for name in ("latin_name", "organisation"):
        if walk_in.get(name) not in (None, ""):
            _text(walk_in, name, LONGEST_NAME)
    if walk_in.get("adult") is not True:
        raise MalformedError("walk_in says adult: true; a child is registered by the organisers.")


def _text(values: Mapping[str, Any], name: str, longest: int) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > longest or _UNCLEAN.search(value):
        raise MalformedError(f"{name} is a text of 1 to {longest} characters on one line.")
    return value


def _match(values: Mapping[str, Any], name: str, pattern: re.Pattern[str], what: str) -> None:
    value = values.get(name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise MalformedError(f"{name} is {what}.")


def _cut(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text[:40])


def result(scan_id: str, verdict: str, **more: Any) -> dict[str, Any]:
    """``{id, verdict, reason?, …}``: "refused/full" is written as its two halves; None is left out."""
    word, _, reason = verdict.partition("/")
    answer = {"id": scan_id, "verdict": word, **({"reason": reason} if reason else {}), **more}
    return {name: value for name, value in answer.items() if value is not None}


def malformed(raw: Any, error: MalformedError) -> dict[str, Any]:
    """The answer to one scan of a batch that is none; the id is repeated where there is one."""
    given = raw.get("id") if isinstance(raw, Mapping) else None
    ident = given if isinstance(given, str) and UUID.fullmatch(given) else None
    return {"id": ident, "error": {"code": "malformed", "detail": str(error)}}
