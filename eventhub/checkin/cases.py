"""A file of cases in the protocol's form: what was known of a meeting, what its devices sent, what the server answered.

Decides which file is one, before either implementation of the rules sees it: both then read the same thing. The first
fault is named with its place. More lenient than the wire, which names scans by UUID only: here any id is a name.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from eventhub.checkin.facts import SAFE_INTEGER, instant
from eventhub.checkin.wire import KINDS, LARGEST_OFFSET

LARGEST_FILE = 64 * 2**20  # bytes
DEEPEST = 20  # lists and objects within each other; the protocol itself needs eight
KINDS_OF_CHECKPOINT = ("entrance", "session", "meal", "kiosk")

# what each kind of fact names; all but the last two are dated by `from`
_FACTS = {
    "issued": ("code", "person", "meeting"),
    "revoked": ("code",),
    "replaced": ("code",),
    "confirmed": ("person",),
    "cancelled": ("person",),
    "signed_up": ("person", "checkpoint"),
    "withdrawn": ("person", "checkpoint"),
    "named": ("child", "adult"),
    "unnamed": ("child", "adult"),
    "rules": ("checkpoint",),
    "settled": ("device", "id", "verdict"),
    "merged": (),
}
_UNDATED = ("settled", "merged")
_SUBJECTS = {
    "entry": ("code", "person", "walk_in"),
    "exit": ("code", "person"),
    "handover": ("person", "with"),
    "void": ("voids",),
}


class CasesError(ValueError):
    """The file is none of this form; the sentence says where and why."""


def read(path: Path) -> list[dict[str, Any]]:
    """The cases of a file. CasesError when it cannot be read or has another form."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise CasesError(f"{path} could not be read: {error.strerror}.") from error
    if len(content) > LARGEST_FILE:
        raise CasesError(f"{path} is larger than {LARGEST_FILE >> 20} MB.")
    return parse(content)


def parse(content: bytes) -> list[dict[str, Any]]:
    """The cases of a file's content; `expect` and whatever else the protocol does not know is left where it is."""
    try:
        document = json.loads(content.decode("utf-8-sig"), parse_constant=_refuse_constant)
        # a lone half of a character can be written in JSON, but not be compared or hashed alike everywhere
        json.dumps(document, ensure_ascii=False).encode("utf-8")
    except UnicodeDecodeError as error:
        raise CasesError("The file is not written in UTF-8.") from error
    except UnicodeEncodeError as error:
        raise CasesError("A text in the file has half a character (a lone surrogate).") from error
    except RecursionError as error:
        raise CasesError(f"The file is nested more than {DEEPEST} deep.") from error
    except json.JSONDecodeError as error:
        raise CasesError(f"The file is no JSON: {error.msg}, line {error.lineno}.") from error
    except ValueError as error:
        raise CasesError("The file has a number that is none of the protocol's.") from error
    _check_depth(document, DEEPEST)
    cases = document.get("cases") if isinstance(document, dict) else None
    if not isinstance(cases, list):
        raise CasesError('The file is no object with a list "cases".')
    return [_case(f"cases[{n}]", each) for n, each in enumerate(cases)]


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON.")


def _check_depth(value: Any, left: int) -> None:
    if not isinstance(value, dict | list):
        return
    if not left:
        raise CasesError(f"The file is nested more than {DEEPEST} deep.")
    for each in value.values() if isinstance(value, dict) else value:
        _check_depth(each, left - 1)


def _case(where: str, raw: Any) -> dict[str, Any]:
    case = {"answers": [], **_object(where, raw)}
    if "case" not in case:
        raise CasesError(f'{where} has no "case", its number or name.')
    _text(where, case, "meeting")
    _each(where, case, "days", _check_day)
    _each(where, case, "checkpoints", _check_checkpoint)
    _each(where, case, "persons", _check_person)
    _each(where, case, "facts", _check_fact)
    _each(where, case, "batches", _check_batch)
    _each(where, case, "answers", _check_answer)
    return case


def _check_day(where: str, day: Mapping[str, Any]) -> None:
    _text(where, day, "day")
    _time(where, day, "from")
    _time(where, day, "to")


def _check_checkpoint(where: str, checkpoint: Mapping[str, Any]) -> None:
    _text(where, checkpoint, "id")
    _one_of(where, checkpoint, "kind", KINDS_OF_CHECKPOINT)
    if checkpoint.get("group") is not None:
        _text(where, checkpoint, "group")


def _check_person(where: str, person: Mapping[str, Any]) -> None:
    _text(where, person, "key")
    if not isinstance(person.get("child"), bool):
        raise CasesError(f"{where}.child is neither true nor false.")


def _check_fact(where: str, fact: Mapping[str, Any]) -> None:
    _one_of(where, fact, "fact", _FACTS)
    kind = fact["fact"]
    for name in _FACTS[kind]:
        _text(where, fact, name)
    if kind not in _UNDATED:
        _time(where, fact, "from")
    if kind == "rules":
        _check_rules(f"{where}.rules", _object(f"{where}.rules", fact.get("rules")))
    if kind == "merged":
        keys = fact.get("persons")
        if not isinstance(keys, list) or not keys or not all(isinstance(key, str) for key in keys):
            raise CasesError(f"{where}.persons is no list of persons' keys.")


def _check_rules(where: str, rules: Mapping[str, Any]) -> None:
    if rules.get("reentry") is not None:
        _one_of(where, rules, "reentry", ("yes", "once"))
    if rules.get("needs_sign_up") not in (None, True, False):
        raise CasesError(f"{where}.needs_sign_up is neither true nor false.")
    if rules.get("capacity") is not None:
        _whole(where, rules, "capacity", 0, SAFE_INTEGER)
    if rules.get("day") is not None:
        _text(where, rules, "day")
    for name in ("open_from", "open_to"):
        if rules.get(name) is not None:
            _time(where, rules, name)
    _check_numbers(where, rules)


def _check_batch(where: str, batch: Mapping[str, Any]) -> None:
    _text(where, batch, "device")
    _each(where, batch, "scans", _check_scan)


def _check_scan(where: str, scan: Mapping[str, Any]) -> None:
    _text(where, scan, "id")
    _text(where, scan, "checkpoint")
    _one_of(where, scan, "kind", KINDS)
    _time(where, scan, "scanned_at")
    if scan.get("offset_ms") is not None:
        _whole(where, scan, "offset_ms", -LARGEST_OFFSET, LARGEST_OFFSET)
    wanted = _SUBJECTS[scan["kind"]]
    given = [name for name in ("code", "person", "walk_in", "with", "voids") if scan.get(name) is not None]
    if scan["kind"] in ("entry", "exit"):
        if len(given) != 1 or given[0] not in wanted:
            raise CasesError(f"{where} says by exactly one of {', '.join(wanted)} whom it is about.")
    elif set(given) != set(wanted):
        raise CasesError(f"{where}, a {scan['kind']}, names {' and '.join(wanted)}.")
    for name in given:
        if name == "walk_in":
            _object(f"{where}.walk_in", scan[name])
        else:
            _text(where, scan, name)
    if scan.get("told") is not None:
        _text(where, scan, "told")
    _check_numbers(where, scan)


def _check_numbers(where: str, value: Any) -> None:
    """Numbers that both languages write alike: a scan's content is known by its hash."""
    if isinstance(value, bool) or not isinstance(value, int | float | dict | list):
        return
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            _check_numbers(where, each)
    elif value != value // 1 or abs(value) > SAFE_INTEGER:
        raise CasesError(f"{where} has a number that is not whole, or beyond 2^53.")


def _check_answer(where: str, answer: Mapping[str, Any]) -> None:
    for name in ("device", "id", "answered"):
        _text(where, answer, name)


def _object(where: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise CasesError(f"{where} is no object.")
    return value


def _each(where: str, parent: Mapping[str, Any], name: str, check: Callable[[str, Mapping[str, Any]], None]) -> None:
    values = parent.get(name)
    if not isinstance(values, list):
        raise CasesError(f"{where}.{name} is no list.")
    for n, value in enumerate(values):
        place = f"{where}.{name}[{n}]"
        check(place, _object(place, value))


def _text(where: str, values: Mapping[str, Any], name: str) -> None:
    if not isinstance(values.get(name), str) or not values[name]:
        raise CasesError(f"{where}.{name} is no text.")


def _one_of(where: str, values: Mapping[str, Any], name: str, words: Iterable[str]) -> None:
    if not isinstance(values.get(name), str) or values[name] not in words:
        raise CasesError(f"{where}.{name} is none of {', '.join(words)}.")


def _whole(where: str, values: Mapping[str, Any], name: str, low: int, high: int) -> None:
    value = values[name]
    is_whole = not isinstance(value, bool) and isinstance(value, int | float) and value == value // 1
    if not is_whole or not low <= value <= high:
        raise CasesError(f"{where}.{name} is no whole number from {low} to {high}.")


def _time(where: str, values: Mapping[str, Any], name: str) -> None:
    _text(where, values, name)
    try:
        instant(values[name])
    except (ValueError, OverflowError) as error:
        raise CasesError(f"{where}.{name} is no time as RFC 3339 writes it, with its offset.") from error
