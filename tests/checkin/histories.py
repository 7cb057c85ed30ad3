"""Random histories in the protocol's form, from a seed: what several doors with wrong clocks can do to a meeting.

Made for density, not for likelihood: few people, few minutes, every kind of fact, and names that trip a language up.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from eventhub.checkin.rules import Verdict

MIDNIGHT = datetime(2026, 11, 21, 21, tzinfo=UTC)  # the second day begins: 04:00 in Bangkok
DAYS = [
    {"day": "2026-11-21", "from": "2026-11-20T21:00:00.000Z", "to": "2026-11-21T21:00:00.000Z"},
    {"day": "2026-11-22", "from": "2026-11-22t04:00:00+07:00", "to": "2026-11-23t03:59:59.9999+07:00"},
]
CHECKPOINTS = [
    {"id": "A", "kind": "entrance", "group": "G"},
    {"id": "B", "kind": "session", "group": "G"},
    {"id": "C", "kind": "entrance", "group": None},
    {"id": "D", "kind": "meal"},
    {"id": "\U0001f600", "kind": "kiosk", "group": "G"},
]
PLACES = [str(each["id"]) for each in CHECKPOINTS]
# beyond U+FFFF comes before U+FB33 by UTF-16 units and after it by code points; the others are names of objects
ADULTS = ["ann", "bob", "\U0001f600", "\ufb33", "__proto__", "constructor"]
CHILDREN = ["kid", "lil", "toString"]
DEVICES = ["d1", "d2", "\U0001f4f1", "\uffee"]
WALK_IN = {"name": "Zoë Ng", "latin_name": None, "adult": True, "__proto__": "x"}
WORDS = [str(verdict) for verdict in Verdict]


def case(seed: int) -> dict[str, Any]:
    """One history: `meeting, days, checkpoints, persons, facts, batches, answers`."""
    return _History(random.Random(seed)).case(seed)


def scattered(history: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The same facts as they might have arrived: in another order, in other batches, some of them again."""
    each = list(scans_of(history))
    lost = chance.sample(each, k=chance.randint(0, len(each)))  # sent, not acknowledged, sent again
    arrived = each + lost
    chance.shuffle(arrived)
    batches: list[dict[str, Any]] = []
    for device, scan in arrived:
        if batches and batches[-1]["device"] == device and chance.random() < 0.8:
            batches[-1]["scans"].append(scan)
        else:
            batches.append({"device": device, "scans": [scan]})
    again = {**history, "batches": batches}
    for part in ("facts", "answers", "persons", "days", "checkpoints"):
        again[part] = history[part] + chance.choices(history[part], k=min(3, len(history[part])))
        chance.shuffle(again[part])
    return again


def scans_of(history: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every (device, scan) of the batches."""
    for batch in history["batches"]:
        for scan in batch["scans"]:
            yield batch["device"], scan


class _History:
    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.adults = chance.sample(ADULTS, k=3)
        self.children = chance.sample(CHILDREN, k=chance.randint(0, 2))
        self.people = self.adults + self.children
        self.codes: list[str] = []
        self.ids = [f"{chance.choice('0fé😀ﬀ')}{n:02}" for n in range(chance.randint(2, 24))]
        self.walkers = chance.choices(self.ids, k=2)  # scans that make a walk-in
        # clocks off by up to a day; some devices have measured by how much, and not all of them well
        self.skew = {d: chance.choice([0] * 5 + [90, -90, chance.randint(-86_400, 86_400)]) for d in DEVICES}
        self.known = {d: chance.random() < 0.85 for d in DEVICES}

    def case(self, number: int) -> dict[str, Any]:
        facts = [fact for make in (self._rules, self._people, self._children, self._merges) for fact in make()]
        sent = [self._arrival(*each) for each in zip(self.ids, self.people, strict=False)]
        sent += self._visit() if self.children and self.chance.random() < 0.3 else []
        sent += [self._scan(id_, n) for n, id_ in enumerate(self.ids[len(self.people) :])]
        sent += [self._changed(*self.chance.choice(sent)) for _ in range(self.chance.choice([0, 0, 1, 2]))]
        facts += self._settlements(sent)
        facts += [
            {"fact": "cancelled", "person": f"walkin:{scan['id']}", "from": scan["scanned_at"]}
            for _, scan in sent
            if "walk_in" in scan and self.chance.random() < 0.2  # at the very instant, where the clock is right
        ]
        self.chance.shuffle(facts)
        answers = [
            {"device": device, "id": scan["id"], "answered": self.chance.choice(WORDS)}
            for device, scan in sent
            if self.chance.random() < 0.1
        ]
        return {
            "case": number,
            "meeting": "M",
            "days": DAYS,
            "checkpoints": CHECKPOINTS,
            "persons": [{"key": key, "child": key in CHILDREN} for key in self.people],
            "facts": facts,
            "batches": [{"device": device, "scans": [scan]} for device, scan in sent],
            "answers": answers,
        }

    # --- facts

    def _rules(self) -> Iterator[dict[str, Any]]:
        for place in PLACES:
            yield {"fact": "rules", "checkpoint": place, "from": self._early(), "rules": self._rule()}
            while self.chance.random() < 0.25:
                since = self._when()
                for _ in range(self.chance.choice([1, 1, 2])):  # two changes at once
                    yield {"fact": "rules", "checkpoint": place, "from": since, "rules": self._rule()}

    def _rule(self) -> dict[str, Any]:
        chance = self.chance
        rule: dict[str, Any] = {"reentry": chance.choice(["yes", "yes", "once"])}
        if chance.random() < 0.3:
            rule["capacity"] = chance.choice([None, 0, 2, 3, 4.0])
        if chance.random() < 0.15:
            rule["needs_sign_up"] = chance.random() < 0.8
        if chance.random() < 0.1:
            rule["day"] = chance.choice([None, "2026-11-21", "2026-11-22"])
        if chance.random() < 0.1:
            rule[chance.choice(["open_from", "open_to"])] = self._when()
        return rule

    def _people(self) -> Iterator[dict[str, Any]]:
        for person in [*self.people, *(self._walk_in() for _ in range(2))]:
            if not person.startswith("walkin:"):
                yield from self._dated("confirmed", "cancelled", person=person)
                yield from self._badges(person)
            elif self.chance.random() < 0.3:
                yield {"fact": "cancelled", "person": person, "from": self._when()}
            for place in PLACES:
                if self.chance.random() < 0.12:
                    yield from self._dated("signed_up", "withdrawn", person=person, checkpoint=place)

    def _badges(self, person: str) -> Iterator[dict[str, Any]]:
        for number in range(self.chance.choice([1, 1, 2])):
            code = f"K{number}-{person}"
            self.codes.append(code)
            meeting = self.chance.choice(["M"] * 14 + ["other"])
            yield from self._dated("issued", self.chance.choice(["revoked", "replaced"]), code=code)
            if self.chance.random() < 0.05:  # a code is issued once; of two issues the first counts
                yield {"fact": "issued", "code": code, "person": "bob", "meeting": "M", "from": self._when()}
            yield {"fact": "issued", "code": code, "person": person, "meeting": meeting, "from": self._early()}

    def _dated(self, begins: str, ends: str, **about: str) -> Iterator[dict[str, Any]]:
        """A fact that may end and begin again, perhaps at the very same instant; of a code only how it ends."""
        first = self._early() if self.chance.random() < 0.85 else self._when()
        if begins != "issued":
            yield {"fact": begins, **about, "from": first}
        if self.chance.random() < 0.15:
            since = self.chance.choice([first, self._when(), self._when()])
            yield {"fact": ends, **about, "from": since}
            if begins != "issued" and self.chance.random() < 0.5:
                yield {"fact": begins, **about, "from": self.chance.choice([since, self._when()])}

    def _children(self) -> Iterator[dict[str, Any]]:
        for child in self.children:
            for adult in self.chance.sample(self.people, k=2):  # a child may be named too; it carries nobody
                yield from self._dated("named", "unnamed", child=child, adult=adult)

    def _merges(self) -> Iterator[dict[str, Any]]:
        for _ in range(self.chance.choice([0, 0, 1, 2])):
            keys = [*self.people, self._walk_in(), "code:K-none", "old"]
            yield {"fact": "merged", "persons": self.chance.sample(keys, k=2)}

    def _settlements(self, sent: list[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
        return [
            {"fact": "settled", "device": device, "id": scan["id"], "verdict": self.chance.choice(WORDS)}
            for device, scan in sent
            if self.chance.random() < 0.15
        ]

    # --- scans

    def _arrival(self, id_: str, person: str) -> tuple[str, dict[str, Any]]:
        """The adults come first and the children with them, so that there is somebody to leave and to hand over."""
        device = self.chance.choice(DEVICES)
        scan = {"id": id_, "kind": "entry", "checkpoint": "A", "person": person, **self._clock(device, -12)}
        return device, scan if self.chance.random() < 0.8 else {**scan, "told": "admitted"}

    def _visit(self) -> list[tuple[str, dict[str, Any]]]:
        """A child is handed over at A, and goes with whoever took it to C, where one of them leaves alone."""
        child, taker, device = self.children[0], self.chance.choice(self.adults), self.chance.choice(DEVICES)
        told = {"told": "handed_over"} if self.chance.random() < 0.5 else {}
        handover = {"kind": "handover", "checkpoint": "A", "person": child, "with": taker, **told}
        there = [{"kind": "entry", "checkpoint": "C", "person": person} for person in (taker, child)]
        leaves = {"kind": "exit", "checkpoint": "C", "person": self.chance.choice(self.adults)}
        return [
            (device, {"id": f"visit{n}", **each, **self._clock(device, n - 8)})
            for n, each in enumerate([handover, *there, leaves])
        ]

    def _scan(self, id_: str, number: int) -> tuple[str, dict[str, Any]]:
        chance = self.chance
        device = chance.choice(DEVICES)
        kind = chance.choice(["entry"] * 6 + ["exit"] * 4 + ["handover"] * 2 + ["void"])
        place = chance.choices(PLACES, [6, 2, 1, 1, 1])[0]
        scan = {"id": id_, "kind": kind, "checkpoint": place, **self._clock(device, number - 10)}
        scan |= {"walk_in": WALK_IN} if kind == "entry" and id_ in self.walkers else self._who(kind)
        if chance.random() < 0.35:
            scan["told"] = chance.choice([*WORDS, "admitted", "admitted", None])
        if chance.random() < 0.1:
            scan["by"] = chance.choice(
                ["staff:1", None, {"\U0001f600": [1.0, -0.0, None], "\ufb33": 2**53 - 1, "1": "\x7f\u2028"}]
            )
        return device, scan

    def _who(self, kind: str) -> dict[str, Any]:
        chance = self.chance
        if kind == "void":
            return {"voids": self._id()}
        if kind == "handover":
            child = chance.choice(self.children or self.adults)
            return {"person": child, "with": chance.choice([*self.people, self._walk_in()])}
        if chance.random() < 0.5:
            return {"code": chance.choice([*self.codes * 3, "K-none", "__proto__"])}
        return {"person": chance.choice([*self.people * 4, self._walk_in(), "nobody", "old"])}

    def _clock(self, device: str, step: int) -> dict[str, Any]:
        late = self.chance.choice([0, 0, 0, 0, self.chance.randint(-20, 20)])
        true = MIDNIGHT + timedelta(minutes=10, seconds=30 * (step + late))
        clock: dict[str, Any] = {"scanned_at": self._written(true + timedelta(seconds=self.skew[device]))}
        if self.known[device]:
            clock["offset_ms"] = -1000 * self.skew[device] + self.chance.choice([0, 0, 0, 1, -30_000])
        elif self.chance.random() < 0.3:
            clock["offset_ms"] = None
        return clock

    def _changed(self, device: str, scan: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """The same id once more: on another device, with another word, or with another content."""
        how = self.chance.random()
        if how < 0.2:
            return self.chance.choice(DEVICES), scan
        if how < 0.5:
            return device, {**scan, "told": self.chance.choice([*WORDS, "admitted"])}
        return device, {**scan, **self._clock(device, 0), "checkpoint": self.chance.choice(PLACES)}

    def _id(self) -> str:
        return self.chance.choice(self.ids)

    def _walk_in(self) -> str:
        return f"walkin:{self.chance.choice(self.walkers)}"

    # --- times

    def _when(self) -> str:
        return self._written(MIDNIGHT + timedelta(minutes=10, seconds=30 * self.chance.randint(-24, 12)))

    def _early(self) -> str:
        return self._written(MIDNIGHT - timedelta(hours=self.chance.choice([1, 2, 30])))

    def _written(self, at: datetime) -> str:
        """The instant in one of the ways in which RFC 3339 writes it."""
        chance = self.chance
        zone = chance.choice([UTC, UTC, timezone(timedelta(hours=7)), timezone(-timedelta(hours=3, minutes=30))])
        text = at.astimezone(zone).isoformat(timespec=chance.choice(["seconds", "milliseconds", "microseconds"]))
        if chance.random() < 0.1:
            text = text.replace("T", "t").replace(".000", ".0009999")
        return text.replace("+00:00", chance.choice(["Z", "z", "+00:00", "-00:00"]))
