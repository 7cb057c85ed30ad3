"""The law and the safety of the door, held against random histories of several devices."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from eventhub.checkin.facts import Scan
from eventhub.checkin.fold import Picture, fold, store, voided_names
from eventhub.checkin.rules import State, Verdict, carers_of, judge
from eventhub.checkin.world import World

ADULTS, CHILDREN, CHECKPOINTS = ("ann", "bob", "cai"), ("kid", "lil"), ("A", "B", "C", "D")
DAYS = [
    {"day": "2026-11-21", "from": "2026-11-20T21:00:00.000Z", "to": "2026-11-21T21:00:00.000Z"},
    {"day": "2026-11-22", "from": "2026-11-21T21:00:00.000Z", "to": "2026-11-22T21:00:00.000Z"},
]
TOLD = [None, None, None, *(str(verdict) for verdict in Verdict)]
DEEP = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def moment(step: int) -> str:
    """Thirty seconds a step, around the border of the two days."""
    return (datetime(2026, 11, 21, 20, 54, tzinfo=UTC) + timedelta(seconds=30 * step)).isoformat(
        timespec="milliseconds"
    )


steps = st.integers(0, 24).map(moment)
earlier = st.integers(-60, 20).map(moment)


@st.composite
def scans(draw: st.DrawFn, number: int, told: bool = True) -> tuple[str, dict]:
    """A device and a scan; the id is the number's, so that voids and walk-ins by name find it."""
    kind = draw(st.sampled_from(["entry"] * 5 + ["exit"] * 2 + ["handover", "void"]))
    found = {"id": f"s{number:02}", "kind": kind, "scanned_at": draw(steps)}
    found["checkpoint"] = draw(st.sampled_from(CHECKPOINTS))
    found["offset_ms"] = draw(st.sampled_from([None, 0, 1, -90_000]))
    another = f"s{draw(st.integers(0, 15)):02}"
    if kind == "void":
        found["voids"] = another
    elif kind == "handover":
        found["person"] = draw(st.sampled_from(CHILDREN))
        found["with"] = draw(st.sampled_from([*ADULTS, *CHILDREN]))
    elif kind == "entry" and draw(st.integers(0, 7)) == 0:
        found["walk_in"] = {"name": "Zoë Ng", "adult": True}
    elif draw(st.booleans()):
        found["code"] = f"K-{draw(st.sampled_from([*ADULTS, *CHILDREN, 'none']))}"
    else:
        found["person"] = draw(st.sampled_from([*ADULTS, *CHILDREN, f"walkin:{another}", "nobody"]))
    if told and kind != "void":
        found["told"] = draw(st.sampled_from(TOLD))
    return draw(st.sampled_from(["d1", "d2", "d3"])), found


@st.composite
def facts(draw: st.DrawFn) -> list[dict]:
    """Mostly a meeting in order, with some of everything that can go wrong."""
    found = [{"fact": "rules", "checkpoint": c, "from": moment(-60), "rules": draw(rules())} for c in CHECKPOINTS]
    for key in (*ADULTS, *CHILDREN):
        found.append({"fact": "confirmed", "person": key, "from": draw(earlier)})
        found.append({"fact": "issued", "code": f"K-{key}", "person": key, "meeting": "M", "from": draw(earlier)})
    for child in CHILDREN:
        found.append({"fact": "named", "child": child, "adult": draw(st.sampled_from(ADULTS)), "from": moment(-60)})
    person, checkpoint = st.sampled_from([*ADULTS, *CHILDREN]), st.sampled_from(CHECKPOINTS)
    refusals = st.one_of(
        st.fixed_dictionaries({"fact": st.just("cancelled"), "person": person, "from": steps}),
        st.fixed_dictionaries({"fact": st.just("revoked"), "code": person.map("K-{}".format), "from": steps}),
        st.fixed_dictionaries(
            {"fact": st.just("signed_up"), "person": person, "checkpoint": checkpoint, "from": steps}
        ),
        st.fixed_dictionaries(
            {"fact": st.just("unnamed"), "child": st.sampled_from(CHILDREN), "adult": person, "from": steps}
        ),
        st.fixed_dictionaries(
            {"fact": st.just("rules"), "checkpoint": checkpoint, "from": steps, "rules": rules()},
        ),
        st.fixed_dictionaries({"fact": st.just("merged"), "persons": st.lists(person, min_size=2, max_size=2)}),
    )
    return found + draw(st.lists(refusals, max_size=6))


def rules() -> st.SearchStrategy[dict]:
    return st.fixed_dictionaries(
        {"reentry": st.sampled_from(["yes", "yes", "once"])},
        optional={"capacity": st.integers(0, 3), "needs_sign_up": st.just(False), "open_to": st.just(moment(22))},
    )


@st.composite
def histories(draw: st.DrawFn, told: bool = True) -> dict:
    """A case in the protocol's form, each scan in a batch of its own."""
    made = [draw(scans(number, told)) for number in range(draw(st.integers(1, 16)))]
    if draw(st.booleans()):
        device, scan = made[0]
        made.append((device, {**scan, "checkpoint": "B", "scanned_at": draw(steps)}))
    answered = [{"device": d, "id": s["id"], "answered": draw(st.sampled_from(TOLD[3:]))} for d, s in made[:2] if told]
    return {
        "meeting": "M",
        "days": DAYS,
        "checkpoints": [
            {"id": "A", "kind": "entrance", "group": "G"},
            {"id": "B", "kind": "session", "group": "G"},
            {"id": "C", "kind": "entrance", "group": None},
            {"id": "D", "kind": "meal", "group": None},
        ],
        "persons": [{"key": k, "child": k in CHILDREN} for k in (*ADULTS, *CHILDREN)],
        "facts": draw(facts()),
        "batches": [{"device": device, "scans": [scan]} for device, scan in made],
        "answers": answered,
    }


def world_of(case: dict) -> World:
    return World(case["meeting"], case["days"], case["checkpoints"], case["persons"], case["facts"])


def walk(case: dict) -> Iterator[tuple[Scan, State, str | None]]:
    """Each scan that counts with the state before it and what was heard, in the order of the pass."""
    stored = store(case["batches"], case["answers"])
    voided, picture = voided_names(stored.scans), Picture(world_of(case))
    for scan in sorted(stored.scans, key=lambda s: s.order):
        if scan.kind != "void" and scan.name not in voided:
            heard = stored.heard.get(scan.name)
            yield scan, picture.state_of(scan), heard
            picture.take(scan, heard)


@DEEP
@given(histories(), st.integers(0, 2**32))
def test_the_order_of_arrival_batches_and_repeats_change_nothing(case, seed):
    chance = random.Random(seed)
    each = [(batch["device"], scan) for batch in case["batches"] for scan in batch["scans"]]
    arrived = each + chance.choices(each, k=len(each))
    chance.shuffle(arrived)
    batches: list[dict] = []
    for device, scan in arrived:
        if batches and batches[-1]["device"] == device and chance.random() < 0.7:
            batches[-1]["scans"].append(scan)
        else:
            batches.append({"device": device, "scans": [scan]})
    again = {**case, "batches": batches}
    for part in ("facts", "answers", "persons", "days", "checkpoints"):
        again[part] = case[part] + (chance.choices(case[part], k=3) if part == "facts" else [])
        chance.shuffle(again[part])
    assert fold(again).as_json() == fold(case).as_json()


@DEEP
@given(histories(told=False))
def test_by_computed_verdicts_nobody_enters_a_full_room_and_no_child_enters_alone(case):
    world = world_of(case)
    for scan, state, _ in walk(case):
        if scan.kind != "entry" or judge(scan, state, world) != Verdict.ADMITTED:
            continue
        there = [person for person, checkpoint in state.inside.items() if checkpoint == scan.checkpoint]
        capacity = world.rules_at(scan.checkpoint, scan.t).capacity
        assert capacity is None or len(there) < capacity
        person = world.person_of(scan)
        if world.is_entrance(scan.checkpoint) and world.is_child(person):
            assert carers_of(person, scan.t, state, world) & (state.inside.keys() - world.children)


@DEEP
@given(histories())
def test_counts_and_children_are_those_of_the_people_inside(case):
    world = world_of(case)
    for _, state, _ in walk(case):
        where = list(state.inside.values())
        assert {c: n for c, n in state.counts.items() if n} == {c: where.count(c) for c in set(where)}
        assert state.children == {person for person in state.inside if world.is_child(person)}


@DEEP
@given(histories(), st.data())
def test_a_void_of_a_void_does_nothing(case, data):
    voids = [s for batch in case["batches"] for s in batch["scans"] if s["kind"] == "void"]
    assume(voids)
    target = data.draw(st.sampled_from(voids))
    # Another scan may bear the same id on another device; only the void's own name must be meant.
    assume(sum(s["id"] == target["id"] for batch in case["batches"] for s in batch["scans"]) == 1)
    another = {**target, "id": "void", "voids": target["id"]}
    more = {**case, "batches": [*case["batches"], {"device": "d9", "scans": [another]}]}
    assert fold(more) == fold(case)


@DEEP
@given(histories(), scans(99))
def test_a_late_scan_changes_no_verdict_before_it(case, late):
    device, scan = late
    assume(scan["kind"] != "void")
    before, after = fold(case), fold({**case, "batches": [*case["batches"], {"device": device, "scans": [scan]}]})
    order = {s.name: s.order for s in store(case["batches"], []).scans}
    here = Scan.read(device, scan).order
    earlier_names = {name for name in before.verdicts if order[name] < here}
    assert {n: before.verdicts[n] for n in earlier_names} == {n: after.verdicts[n] for n in earlier_names}


@DEEP
@given(histories())
def test_a_verdict_needs_no_more_of_the_state_than_is_documented(case):
    """What the server fills from rows for one scan gives the verdict of the whole picture."""
    world = world_of(case)
    for scan, state, _ in walk(case):
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
        assert judge(scan, small, world) == judge(scan, state, world)
        assert judge(scan, small, small_world(case, scan, person, concerned)) == judge(scan, state, world)


def small_world(case: dict, scan: Scan, person: str, concerned: set[str]) -> World:
    """The world from only those facts that concern the scan: its code, person, checkpoint, and the children inside."""
    merged = [set(f["persons"]) for f in case["facts"] if f["fact"] == "merged"]
    keys = {person, *concerned, *(key for keys in merged for key in keys)}
    facts = [
        f
        for f in case["facts"]
        if f["fact"] == "merged"
        or (
            f.get("checkpoint", scan.checkpoint) == scan.checkpoint
            and f.get("code", scan.code) == scan.code
            and f.get("person", person) in keys
            and f.get("child", person) in keys
        )
    ]
    return World(case["meeting"], case["days"], case["checkpoints"], case["persons"], facts)
