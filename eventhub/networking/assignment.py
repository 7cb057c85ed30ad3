"""Fair shares of suggestions: which of all possible pairs to choose. Pure: a matrix of points in, pairs of rows out.

What is wanted, as one number (``worth``): everybody who fits with anybody has one; as many as can be have a second;
the points of all pairs together are as high as they can be; nobody has more than SHARE, but where somebody would have
none without it. A pair of few points counts against itself, so it is chosen only for who would have none. A pair that
stands already counts a little more, so that what somebody read yesterday is not gone today for a hair's breadth.

This is a b-matching. OR-Tools' minimum-cost flow solves it exactly where each pair may count by halves (everybody
stands once among those who meet and once among those who are met), and so gives a bound that no choice can pass; the
halves are then rounded to whole pairs. The simple rounds of ``greedy`` are kept beside it: the better of the two counts.
Both are the same for the same points, whatever the clock says. ``ortools.graph`` loads neither pandas nor protobuf.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

SHARE = 3  # suggestions a person
WORTH_A_SECOND = 15  # points: two who merely come from different countries are a last resort
NEAREST = 40  # of each person's best candidates, looked at for the fair shares
FIRST, SECOND, OVER = 10_000, 20, 1_000  # what a first and a second are worth, and what one above the share costs
STAYS = 6  # points: of a pair that is suggested already
HAIRS = 1 << 20  # of a point

Rows = tuple[int, int]  # two rows of the matrix, the lesser first


@dataclass(frozen=True)
class Chosen:
    """The pairs, what they are worth, and what no choice among the candidates could pass."""

    pairs: list[Rows]
    worth: int
    bound: int


def assign(points: Any, standing: frozenset[Rows] = frozenset()) -> Chosen:
    """The pairs for a symmetric matrix of whole points, where 0 means: not these two; ``standing`` are suggested now."""
    candidates = _candidates(points, standing)
    value = {pair: _value(pair, points, standing) for pair in candidates}
    simple = greedy(points)
    if not candidates:
        return Chosen([], 0, 0)
    flow, bound = _halves(len(points), value)
    rounded = _round(points, value, flow)
    best = max((rounded, simple), key=lambda pairs: worth(pairs, points, standing))
    value_of_best = worth(best, points, standing)
    return Chosen(sorted(best), value_of_best, max(bound, value_of_best))


def worth(pairs: Iterable[Rows], points: Any, standing: frozenset[Rows] = frozenset()) -> int:
    """How good a choice is, by the measure above."""
    has: dict[int, int] = {}
    total = 0
    for pair in pairs:
        total += _value(pair, points, standing)
        for row in pair:
            has[row] = has.get(row, 0) + 1
    return total + sum(_of_share(count) for count in has.values())


def _of_share(count: int) -> int:
    return FIRST * (count >= 1) + SECOND * (count >= 2) - OVER * max(0, count - SHARE)


def _value(pair: Rows, points: Any, standing: frozenset[Rows]) -> int:
    value = int(points[pair])
    return (value if value >= WORTH_A_SECOND else value - WORTH_A_SECOND) + STAYS * (pair in standing)


def _candidates(points: Any, standing: frozenset[Rows] = frozenset()) -> list[Rows]:
    """Each person's nearest, and what stands, as pairs in order."""
    order = _nearest(points)
    near = {(min(i, int(j)), max(i, int(j))) for i in range(len(points)) for j in order[i, :NEAREST]}
    return sorted(pair for pair in near | standing if points[pair] > 0)


def _nearest(points: Any) -> Any:
    import numpy as np  # only the worker computes

    return np.argsort(-points, axis=1, kind="stable")


def _halves(people: int, value: dict[Rows, int]) -> tuple[dict[Rows, int], int]:
    """How many halves (0, 1, 2) of each pair the best flow takes, and the bound that it proves."""
    import numpy as np
    from ortools.graph.python import min_cost_flow

    pairs = np.array(list(value))
    # of equals one is always the better by a hair: a flow between equals is left in halves for nothing
    gains = np.array(list(value.values())) * HAIRS + (pairs[:, 0] * 7919 + pairs[:, 1] * 104729) % (HAIRS >> 10)
    meets, met = np.arange(people), np.arange(people) + people
    source, sink = 2 * people, 2 * people + 1
    # the first, the second, the others of the share, and more than that
    steps = ((1, FIRST * HAIRS), (1, SECOND * HAIRS), (SHARE - 2, 0), (people, -OVER * HAIRS))
    parts = [
        (pairs[:, 0], met[pairs[:, 1]], np.ones(len(pairs)), -gains),
        (pairs[:, 1], met[pairs[:, 0]], np.ones(len(pairs)), -gains),
    ]
    for room, gain in steps:
        parts.append((np.full(people, source), meets, np.full(people, room), np.full(people, -gain)))
        parts.append((met, np.full(people, sink), np.full(people, room), np.full(people, -gain)))
    everything = people * people
    parts.append((np.array([sink]), np.array([source]), np.array([everything]), np.array([0])))
    tails, heads, rooms, costs = (np.concatenate(column).astype(np.int64) for column in zip(*parts, strict=True))
    network = min_cost_flow.SimpleMinCostFlow()
    arcs = network.add_arcs_with_capacity_and_unit_cost(tails, heads, rooms, costs)
    network.set_nodes_supplies(np.arange(2 * people + 2), np.zeros(2 * people + 2, dtype=np.int64))
    if network.solve() != network.OPTIMAL:  # a circulation of nothing is always allowed
        raise RuntimeError("the flow of suggestions has no solution")
    flows = network.flows(arcs)
    taken = flows[: len(pairs)] + flows[len(pairs) : 2 * len(pairs)]
    halves = {pair: int(count) for pair, count in zip(value, taken, strict=True)}
    return halves, int(-network.optimal_cost() // (2 * HAIRS))


def _round(points: Any, value: dict[Rows, int], halves: dict[Rows, int]) -> list[Rows]:
    """Whole pairs first, then the best of the halves, then whatever else adds, then who has none."""
    has = [0] * len(points)
    chosen: list[Rows] = []
    for pair in sorted(value, key=lambda pair: (-halves[pair], -value[pair], pair)):
        full = max(has[pair[0]], has[pair[1]]) >= SHARE
        gain = value[pair] + sum(_of_share(has[row] + 1) - _of_share(has[row]) for row in pair)
        if halves[pair] == 2 or (not full and gain > 0):
            chosen.append(pair)
            for row in pair:
                has[row] += 1
    return _cover(points, chosen, has)


def _cover(points: Any, chosen: list[Rows], has: list[int]) -> list[Rows]:
    """Who has none because all that fit are taken gets the best of those with the fewest."""
    order = _nearest(points)
    for i in range(len(points)):
        fits = [int(j) for j in order[i, :NEAREST] if points[i, j] > 0]
        if not has[i] and fits:
            j = min(fits, key=has.__getitem__)
            chosen.append((min(i, j), max(i, j)))
            has[i] += 1
            has[j] += 1
    return chosen


def greedy(points: Any) -> list[Rows]:
    """The best pair for each who has none, round by round, so that all have one before anybody has two."""
    ranked = sorted(_candidates(points), key=lambda pair: (-points[pair], pair))
    chosen: list[Rows] = []
    has = [0] * len(points)
    for share in range(1, SHARE + 1):
        taken = set(chosen)
        for pair in ranked:
            weak = share > 1 and points[pair] < WORTH_A_SECOND
            if pair not in taken and not weak and has[pair[0]] < share and has[pair[1]] < share:
                chosen.append(pair)
                has[pair[0]] += 1
                has[pair[1]] += 1
        if share == 1:
            _cover(points, chosen, has)
    return chosen
