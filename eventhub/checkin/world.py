"""The stored facts of one meeting, indexed by what a verdict asks of them at an instant.

Decides whom a code or a key names (merges included), who is a child, and what was in force when. Built from all the
facts for the whole pass, or from only those that concern one scan: a verdict asks for nothing else.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from eventhub.checkin.facts import (
    EARLY_MS,
    Badge,
    Checkpoint,
    Day,
    Interval,
    Rules,
    Scan,
    canonical_json,
    instant,
    intervals,
)

# Each refusing fact with the fact that it ends, and the fields that say what each fact is about.
_REFUSING = {
    "revoked": "issued",
    "replaced": "issued",
    "cancelled": "confirmed",
    "withdrawn": "signed_up",
    "unnamed": "named",
}
_SUBJECT = {
    "issued": ("code",),
    "confirmed": ("person",),
    "signed_up": ("person", "checkpoint"),
    "named": ("child", "adult"),
}


def _canonical_keys(merges: Iterable[Iterable[str]]) -> dict[str, str]:
    """Each merged key with the least key of all that name the same person."""
    members: dict[str, set[str]] = {}
    for keys in merges:
        joined = set(keys).union(*(members.get(key, ()) for key in keys))
        for key in joined:
            members[key] = joined
    return {key: min(joined) for key, joined in members.items()}


class World:
    """What is known of the meeting apart from its scans.

    Takes the lists of the protocol's form: days, checkpoints, persons (key, child) and dated facts, in any order and
    with repetitions. ValueError or KeyError when one of them is malformed.
    """

    def __init__(
        self,
        meeting: str,
        days: Iterable[Mapping[str, Any]],
        checkpoints: Iterable[Mapping[str, Any]],
        persons: Iterable[Mapping[str, Any]],
        facts: Iterable[Mapping[str, Any]],
    ) -> None:
        facts = list(facts)
        self.meeting = meeting
        self.days = sorted((Day(d["day"], instant(d["from"]), instant(d["to"])) for d in days), key=lambda d: d.start)
        self.checkpoints = {c["id"]: Checkpoint(c["id"], c["kind"], c.get("group")) for c in checkpoints}
        self._keys = _canonical_keys(f["persons"] for f in facts if f["fact"] == "merged")
        persons = list(persons)
        self.registered = frozenset(self.canonical(p["key"]) for p in persons)
        self.children = frozenset(self.canonical(p["key"]) for p in persons if p["child"])
        self.settled = frozenset((f["device"], f["id"], f["verdict"]) for f in facts if f["fact"] == "settled")
        self._read_rules(f for f in facts if f["fact"] == "rules")
        self._read_intervals(facts)

    def _read_rules(self, changes: Iterable[Mapping[str, Any]]) -> None:
        by_checkpoint: dict[str, dict[int, Mapping[str, Any]]] = defaultdict(dict)
        for change in changes:
            at = by_checkpoint[change["checkpoint"]]
            t = instant(change["from"])
            if t not in at or canonical_json(at[t]) < canonical_json(change["rules"]):
                at[t] = change["rules"]
        self._rules = {
            checkpoint: ([*sorted(at)], [Rules.read(at[t]) for t in sorted(at)])
            for checkpoint, at in by_checkpoint.items()
        }

    def _read_intervals(self, facts: list[Mapping[str, Any]]) -> None:
        begins: dict[tuple[str, ...], list[int]] = defaultdict(list)
        ends: dict[tuple[str, ...], list[int]] = defaultdict(list)
        issued: dict[str, tuple[int, str, str]] = {}
        for fact in facts:
            kind = _REFUSING.get(fact["fact"], fact["fact"])
            if kind not in _SUBJECT:
                continue
            t = instant(fact["from"])
            subject = (kind, *(fact[name] for name in _SUBJECT[kind]))
            (ends if fact["fact"] in _REFUSING else begins)[subject].append(t)
            if fact["fact"] == "issued":
                issue = (t, fact["person"], fact["meeting"])
                issued[fact["code"]] = min(issue, issued.get(fact["code"], issue))
        self._refusals = ends
        self._confirmed: dict[str, list[Interval]] = defaultdict(list)
        self._signed_up: dict[tuple[str, str], list[Interval]] = defaultdict(list)
        self._named: dict[str, list[tuple[str, Interval]]] = defaultdict(list)
        self._badges: dict[str, Badge] = {}
        for subject, starts in begins.items():
            kind, key = subject[0], subject[1]
            found = intervals(starts, ends[subject], 0 if kind == "named" else EARLY_MS)
            if kind == "issued":
                _, person, meeting = issued[key]
                self._badges[key] = Badge(self.canonical(person), meeting, min(starts) - EARLY_MS, found)
            elif kind == "confirmed":
                self._confirmed[self.canonical(key)] += found
            elif kind == "signed_up":
                self._signed_up[self.canonical(key), subject[2]] += found
            else:
                adult = self.canonical(subject[2])
                self._named[self.canonical(key)] += ((adult, interval) for interval in found)

    def about(
        self,
        *,
        badges: Mapping[str, Badge] | None = None,
        confirmed: Mapping[str, Iterable[Interval]] | None = None,
    ) -> "World":
        """The same days, checkpoints and rules, with one scan's people: by badge code, and by key the intervals in
        which each registration was in force. They are adults, merged with nobody, and named for no child."""
        narrow = object.__new__(World)
        narrow.__dict__.update(self.__dict__)
        narrow._badges = dict(badges or {})
        narrow._confirmed = {key: list(found) for key, found in (confirmed or {}).items()}  # type: ignore[assignment]
        narrow.registered = frozenset(narrow._confirmed)
        return narrow

    def canonical(self, key: str) -> str:
        """The least key of those that name the same person."""
        return self._keys.get(key, key)

    def person_of(self, scan: Scan) -> str:
        """Whom the scan is about, as the canonical key; `code:<code>` for a code that nobody issued."""
        if scan.walk_in:
            return self.canonical(f"walkin:{scan.id}")
        if scan.code is not None:
            badge = self._badges.get(scan.code)
            return badge.person if badge else self.canonical(f"code:{scan.code}")
        return self.canonical(scan.person or "")

    def badge(self, code: str) -> Badge | None:
        return self._badges.get(code)

    def is_child(self, person: str) -> bool:
        return person in self.children

    def is_registered(self, person: str) -> bool:
        """Whether the meeting has, or had, a registration of that person."""
        return person in self.registered

    def is_confirmed(self, person: str, t: int) -> bool:
        return any(interval.holds(t) for interval in self._confirmed.get(person, ()))

    def is_signed_up(self, person: str, checkpoint: str, t: int) -> bool:
        return any(interval.holds(t) for interval in self._signed_up.get((person, checkpoint), ()))

    def named_adults(self, child: str, t: int) -> set[str]:
        """The adults and deputies named for the child at `t`."""
        return {adult for adult, interval in self._named.get(child, ()) if interval.holds(t)}

    def walk_in_registration(self, scan: Scan) -> Interval:
        """When the walk-in made by this scan is registered and confirmed: from the scan to the first cancellation."""
        ends = self._refusals.get(("confirmed", f"walkin:{scan.id}"), ())
        return Interval(scan.t, min((end for end in ends if end >= scan.t), default=None))

    def rules_at(self, checkpoint: str, t: int) -> Rules | None:
        """The checkpoint's rules in force at `t`; None before the first of them, when it is closed."""
        starts, rules = self._rules.get(checkpoint, ([], []))
        i = bisect_right(starts, t)
        return rules[i - 1] if i else None

    def day_of(self, t: int) -> str | None:
        """The meeting's day in which `t` lies, or None."""
        return next((d.day for d in self.days if d.start <= t < d.end), None)

    def is_entrance(self, checkpoint: str) -> bool:
        known = self.checkpoints.get(checkpoint)
        return known is not None and known.kind == "entrance"

    def group_of(self, checkpoint: str) -> str:
        """The group's key. One of its own begins with a sign that no group's name can have."""
        known = self.checkpoints.get(checkpoint)
        return f"group:{known.group}" if known and known.group is not None else f"alone:{checkpoint}"
