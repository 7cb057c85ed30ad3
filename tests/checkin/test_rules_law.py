"""The law and the safety of the door, held against 2,000 random histories of several devices, new ones in every run.

A failure names its history: `histories.case(number)` makes it again.
"""

import random
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from eventhub.checkin.facts import Scan
from eventhub.checkin.fold import Outcome, Picture, fold, store, voided_names
from eventhub.checkin.rules import State, Verdict, carers_of, judge
from eventhub.checkin.world import World
from tests.checkin import histories

pytestmark = pytest.mark.once

FIRST = random.SystemRandom().randrange(2**40)
RUN = range(FIRST, FIRST + 2000)


@pytest.fixture(scope="module")
def made() -> list[dict[str, Any]]:
    """The histories of this run."""
    return [histories.case(number) for number in RUN]


@pytest.fixture(scope="module")
def outcomes(made) -> list[Outcome]:
    """What came of each."""
    return [fold(case) for case in made]


def by_rules_alone(case: dict[str, Any]) -> dict[str, Any]:
    """The same scans where everybody heard what was computed."""
    batches = [
        {"device": device, "scans": [{name: value for name, value in scan.items() if name != "told"}]}
        for device, scan in histories.scans_of(case)
    ]
    return {**case, "batches": batches, "answers": []}


def world_of(case: dict[str, Any]) -> World:
    return World(case["meeting"], case["days"], case["checkpoints"], case["persons"], case["facts"])


def walk(case: dict[str, Any], world: World) -> Iterator[tuple[Scan, State]]:
    """Each scan that counts with the state before it, in the order of the pass."""
    stored = store(case["batches"], case["answers"])
    voided, picture = voided_names(stored.scans), Picture(world)
    for scan in sorted(stored.scans, key=lambda s: s.order):
        if scan.kind != "void" and scan.name not in voided:
            yield scan, picture.state_of(scan)
            picture.take(scan, stored.heard.get(scan.name))


def test_the_histories_hold_everything_that_can_happen(outcomes):
    verdicts = [verdict for outcome in outcomes for verdict in outcome.verdicts.values()]
    assert {verdict: verdicts.count(verdict) >= 20 for verdict in Verdict} == dict.fromkeys(Verdict, True)
    for what in ("presence", "first_entries", "conflicts", "kept_aside", "voided"):
        assert sum(len(getattr(outcome, what)) for outcome in outcomes) > 200, what


def test_the_order_of_arrival_batches_and_repeats_change_nothing(made, outcomes):
    assert len(made) == 2000
    for case, outcome in zip(made, outcomes, strict=True):
        again = histories.scattered(case, random.Random(case["case"]))
        assert fold(again).as_json() == outcome.as_json(), case["case"]


def test_by_computed_verdicts_nobody_enters_a_full_room_and_no_child_enters_alone(made):
    for case in map(by_rules_alone, made[::2]):
        world = world_of(case)
        for scan, state in walk(case, world):
            if scan.kind != "entry" or judge(scan, state, world) != Verdict.ADMITTED:
                continue
            there = [person for person, checkpoint in state.inside.items() if checkpoint == scan.checkpoint]
            capacity = world.rules_at(scan.checkpoint, scan.t).capacity
            assert capacity is None or len(there) < capacity, case["case"]
            person = world.person_of(scan)
            if world.is_entrance(scan.checkpoint) and world.is_child(person):
                carers = carers_of(person, scan.t, state, world)
                assert carers & (state.inside.keys() - world.children), case["case"]


def test_counts_and_children_are_those_of_the_people_inside(made):
    for case in made[1::2]:
        world = world_of(case)
        for _, state in walk(case, world):
            where = list(state.inside.values())
            counted = {c: n for c, n in state.counts.items() if n}
            assert counted == {c: where.count(c) for c in set(where)}, case["case"]
            assert state.children == {p for p in state.inside if world.is_child(p)}, case["case"]


def test_a_void_of_a_void_does_nothing(made, outcomes):
    tried = 0
    for case, outcome in zip(made[::2], outcomes[::2], strict=True):
        ids = [scan["id"] for _, scan in histories.scans_of(case)]
        for _, target in list(histories.scans_of(case)):
            # another scan may bear the same id on another device; only the void's own name must be meant
            if target["kind"] != "void" or ids.count(target["id"]) > 1:
                continue
            another = {**target, "id": "void", "voids": target["id"]}
            more = {**case, "batches": [*case["batches"], {"device": "d9", "scans": [another]}]}
            assert fold(more) == outcome, case["case"]
            tried += 1
    assert tried > 200


def test_a_late_scan_changes_no_verdict_before_it(made, outcomes):
    for (case, before), (other, _) in pairwise(zip(made[::2], outcomes[::2], strict=True)):
        device, late = next(histories.scans_of(other))
        if late["kind"] == "void":
            continue
        late = {**late, "id": "late"}
        after = fold({**case, "batches": [*case["batches"], {"device": device, "scans": [late]}]})
        here = Scan.read(device, late).order
        for scan in store(case["batches"], []).scans:
            if scan.order < here:
                assert before.verdicts.get(scan.name) == after.verdicts.get(scan.name), case["case"]


def test_a_verdict_needs_no_more_of_the_state_than_is_documented(made):
    """What the server fills from rows for one scan gives the verdict of the whole picture."""
    for case in made[::4]:
        world = world_of(case)
        for scan, state in walk(case, world):
            person, here = world.person_of(scan), scan.checkpoint
            concerned = {person, *state.children}
            carers = set().union(*(carers_of(child, scan.t, state, world) for child in concerned))
            asked = {person, world.canonical(scan.with_ or ""), *carers}
            small = State(
                inside={p: c for p, c in state.inside.items() if p in asked},
                children=set(state.children),
                counts={here: state.counts.get(here, 0)},
                let_in={(here, person)} & state.let_in,
                taken={child: takers for child, takers in state.taken.items() if child in concerned},
                walked_in={person: state.walked_in.get(person, [])},
            )
            assert judge(scan, small, world) == judge(scan, state, world), case["case"]
            narrow = small_world(case, scan, person, concerned)
            assert judge(scan, small, narrow) == judge(scan, state, world), case["case"]


def small_world(case: dict[str, Any], scan: Scan, person: str, concerned: set[str]) -> World:
    """The world from only those facts that concern the scan: its code, person, checkpoint, and the children inside."""
    merged = [set(f["persons"]) for f in case["facts"] if f["fact"] == "merged"]
    keys = {person, *concerned, *(key for keys in merged for key in keys)}
    facts = [
        f
        for f in case["facts"]
        if f["fact"] == "merged"
        or (
            f.get("checkpoint", scan.checkpoint) == scan.checkpoint
            and (f["code"] == scan.code if "code" in f else f.get("person", person) in keys)
            and f.get("child", person) in keys
        )
    ]
    return World(case["meeting"], case["days"], case["checkpoints"], case["persons"], facts)
