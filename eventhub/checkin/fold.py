"""The pass: all facts of a meeting in, the whole picture out, whatever the order in which they arrived.

Decides which content of a scan counts, what a void undoes, and in which order the rest is judged. The rows that the
server keeps are held against this.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from eventhub.checkin.facts import Interval, Scan, content_hash
from eventhub.checkin.rules import State, Step, said, step
from eventhub.checkin.world import World

Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Stored:
    """The scans that count, one per name; what was heard at each; the names whose other contents are kept aside."""

    scans: tuple[Scan, ...]
    heard: Mapping[Name, str]
    kept_aside: frozenset[Name]


def store(batches: Iterable[Mapping[str, Any]], answers: Iterable[Mapping[str, Any]]) -> Stored:
    """Gather batches ({device, scans}) and the server's answers ({device, id, answered})."""
    contents: dict[Name, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    told: dict[Name, set[str]] = defaultdict(set)
    for batch in batches:
        for raw in batch["scans"]:
            name = (batch["device"], raw["id"])
            contents[name][content_hash(raw)] = raw
            if raw.get("told") is not None:
                told[name].add(raw["told"])
    answered: dict[Name, set[str]] = defaultdict(set)
    for answer in answers:
        answered[answer["device"], answer["id"]].add(answer["answered"])
    heard = {name: said(told[name], answered[name]) for name in contents}
    return Stored(
        scans=tuple(Scan.read(name[0], variants[min(variants)]) for name, variants in contents.items()),
        heard={name: words for name, words in heard.items() if words is not None},
        kept_aside=frozenset(name for name, variants in contents.items() if len(variants) > 1),
    )


def voided_names(scans: Iterable[Scan]) -> frozenset[Name]:
    """The scans undone: a void works on every scan with that id at its own checkpoint, but never on a void."""
    scans = list(scans)
    voids = {(scan.voids, scan.checkpoint) for scan in scans if scan.kind == "void"}
    return frozenset(s.name for s in scans if s.kind != "void" and (s.id, s.checkpoint) in voids)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The picture after the pass."""

    verdicts: Mapping[Name, str]
    presence: Mapping[tuple[str, str], frozenset[str]]  # (day, checkpoint) -> persons
    first_entries: Mapping[tuple[str, str, str], Name]  # (day, checkpoint, person) -> scan
    conflicts: Mapping[Name, str]  # the computed verdict, which a settlement has to name
    kept_aside: frozenset[Name]
    voided: frozenset[Name]

    def as_json(self) -> dict[str, list[dict[str, Any]]]:
        """The protocol's form, every list in order."""
        return {
            "verdicts": [{"device": d, "id": i, "verdict": str(v)} for (d, i), v in sorted(self.verdicts.items())],
            "presence": [
                {"day": day, "checkpoint": checkpoint, "present": sorted(persons)}
                for (day, checkpoint), persons in sorted(self.presence.items())
            ],
            "first_entries": [
                {"day": day, "checkpoint": checkpoint, "person": person, "device": device, "id": id_}
                for (day, checkpoint, person), (device, id_) in sorted(self.first_entries.items())
            ],
            "conflicts": [{"device": d, "id": i, "verdict": str(v)} for (d, i), v in sorted(self.conflicts.items())],
            "kept_aside": [{"device": d, "id": i} for d, i in sorted(self.kept_aside)],
            "voided": [{"device": d, "id": i} for d, i in sorted(self.voided)],
        }


def fold(case: Mapping[str, Any]) -> Outcome:
    """The outcome of a case (meeting, days, checkpoints, persons, facts, batches, answers), in the protocol's form."""
    world = World(case["meeting"], case["days"], case["checkpoints"], case["persons"], case["facts"])
    return fold_stored(store(case["batches"], case["answers"]), world)


class Picture:
    """The states of every group and day while the pass goes on, with what they share: takers of a day, walk-ins."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.states: dict[tuple[str, str], State] = {}
        self._taken: dict[str, dict[str, set[str]]] = defaultdict(dict)
        self._walked_in: dict[str, list[Interval]] = {}

    def state_of(self, scan: Scan) -> State:
        """The state of the scan's group and day; an empty one, kept nowhere, outside all days."""
        day = self.world.day_of(scan.t)
        if day is None:
            return State(walked_in=self._walked_in)
        place = (day, self.world.group_of(scan.checkpoint))
        if place not in self.states:
            self.states[place] = State(taken=self._taken[day], walked_in=self._walked_in)
        return self.states[place]

    def take(self, scan: Scan, heard: str | None) -> Step:
        """Judge the next scan of the pass and change the picture by it."""
        state = self.state_of(scan)
        done = step(scan, heard, state, self.world)
        state.register(scan, self.world)
        if done.effect is not None:
            state.apply(done.effect, self.world)
        return done


def walk(stored: Stored, world: World) -> Iterator[Step]:
    """Every scan that counts, in the order of the pass, judged in the picture of those before it."""
    voided = voided_names(stored.scans)
    picture = Picture(world)
    counting = [s for s in stored.scans if s.kind != "void" and s.name not in voided]
    for scan in sorted(counting, key=lambda s: s.order):
        yield picture.take(scan, stored.heard.get(scan.name))


def fold_stored(stored: Stored, world: World) -> Outcome:
    """The same from what `store` gathered."""
    verdicts: dict[Name, str] = {}
    conflicts: dict[Name, str] = {}
    firsts: dict[tuple[str, str, str], Name] = {}
    inside: dict[tuple[str, str, str], str] = {}  # (day, group, person) -> checkpoint
    for done in walk(stored, world):
        verdicts[done.scan.name] = done.verdict
        if done.conflict:
            conflicts[done.scan.name] = done.verdict
        day = world.day_of(done.scan.t)
        if day is None or done.effect is None:
            continue
        place = (day, world.group_of(done.scan.checkpoint), done.effect.person)
        if done.effect.enters is not None:
            inside[place] = done.effect.enters
            firsts.setdefault((day, done.effect.enters, done.effect.person), done.scan.name)
        elif done.effect.leaves:
            inside.pop(place, None)
    return Outcome(
        verdicts=verdicts,
        presence=_presence(inside),
        first_entries=firsts,
        conflicts=conflicts,
        kept_aside=stored.kept_aside,
        voided=voided_names(stored.scans),
    )


def _presence(inside: Mapping[tuple[str, str, str], str]) -> dict[tuple[str, str], frozenset[str]]:
    """Who is at each (day, checkpoint) where somebody is."""
    present: dict[tuple[str, str], set[str]] = defaultdict(set)
    for (day, _, person), checkpoint in inside.items():
        present[day, checkpoint].add(person)
    return {place: frozenset(persons) for place, persons in present.items()}
