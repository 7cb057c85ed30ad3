"""Who sits with whom, and when: everybody's wishes for 1:1 meetings, as fairly as times and tables allow.

Pure: free times, wishes and tables in, pairs with a slot and a table out; the same for the same facts. What is wanted,
as one number (``worth``): a person's first wish that is met counts far more than the second, that one more than the
third, so nobody gets many while somebody who could have one gets none; then a wish that both have counts more than one
of one side, and a wish high on a list more than one further down. ``seating_model`` finds the best by CP-SAT; what
stands here is the measure, the simple rounds that it begins with, and the tables, which are given out afterwards: with
no more pairs in a slot than free tables, there is always one for each.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

NTH_WISH = (1000, 300, 100, 30, 10)  # what a person's first, second … wish that is met is worth
ANYBODY = 150  # that somebody who wants to be seated sits with anybody at all
RANKS, MUTUAL, SUGGESTED = 10, 10, 2  # a wish by its place in the list (10 down to 1), of both sides, a suggestion

Couple = tuple[int, int]  # the lesser first


@dataclass(frozen=True)
class Sitter:
    """Somebody who wants to be seated."""

    ident: int
    free: frozenset[int]  # numbers of slots
    most: int  # 1:1 meetings that may be added


@dataclass(frozen=True)
class Problem:
    """``tables`` are the free tables of each slot; ``wishes`` are (who, whom) with the place in the list, from 0."""

    tables: tuple[tuple[int, ...], ...]
    sitters: tuple[Sitter, ...]
    wishes: dict[Couple, int] = field(default_factory=dict)
    suggested: frozenset[Couple] = frozenset()

    def by_ident(self) -> dict[int, Sitter]:
        return {sitter.ident: sitter for sitter in self.sitters}

    def couples(self) -> dict[Couple, list[int]]:
        """Every pair that may be seated, with the slots in which both are free and there is a table at all."""
        known = self.by_ident()
        asked = {(min(pair), max(pair)) for pair in [*self.wishes, *self.suggested]}
        found = {}
        for a, b in sorted(asked):
            if a != b and a in known and b in known and known[a].most > 0 and known[b].most > 0:
                both = sorted(known[a].free & known[b].free)
                slots = [slot for slot in both if self.tables[slot]]
                if slots:
                    found[a, b] = slots
        return found

    def wishers(self, couple: Couple) -> list[int]:
        """Which of the two wishes it."""
        a, b = couple
        return [who for who, whom in ((a, b), (b, a)) if (who, whom) in self.wishes]

    def strength(self, couple: Couple) -> int:
        """What this pair is worth by itself, without the fair shares."""
        a, b = couple
        places = [self.wishes[pair] for pair in ((a, b), (b, a)) if pair in self.wishes]
        return (
            sum(max(1, RANKS - place) for place in places)
            + MUTUAL * (len(places) == 2)
            + SUGGESTED * (couple in self.suggested)
        )


@dataclass(frozen=True)
class Seat:
    a: int
    b: int
    slot: int
    table: int


@dataclass(frozen=True)
class Seating:
    """The seats in the order of time; what they are worth, what no seating can pass, and what simple rounds reach."""

    seats: tuple[Seat, ...]
    worth: int
    bound: int
    simple: int


def worth(problem: Problem, couples: Iterable[Couple]) -> int:
    """How good it is to seat these pairs, by the measure above."""
    met: Counter[int] = Counter()
    sits: set[int] = set()
    total = 0
    for couple in couples:
        total += problem.strength(couple)
        met.update(problem.wishers(couple))
        sits.update(couple)
    return total + ANYBODY * len(sits) + sum(sum(NTH_WISH[:count]) for count in met.values())


def simple_rounds(problem: Problem) -> dict[Couple, int]:
    """Round by round, who has fewest possibilities chooses first; then suggestions for who sits with nobody."""
    free = problem.couples()
    state = _Rounds(problem, free)
    own: dict[int, list[Couple]] = defaultdict(list)
    for couple in free:
        for who in problem.wishers(couple):
            own[who].append(couple)
    order = sorted(own, key=lambda who: (len(own[who]), who))
    for wanted in range(1, len(NTH_WISH) + 1):
        for who in order:
            if state.met[who] < wanted:
                state.seat_one(sorted(own[who], key=lambda couple: (-problem.strength(couple), couple)))
    for couple in sorted(problem.suggested & set(free)):
        if not (state.count[couple[0]] and state.count[couple[1]]):
            state.seat_one([couple])
    return state.chosen


class _Rounds:
    """What the simple rounds have given out so far."""

    def __init__(self, problem: Problem, free: dict[Couple, list[int]]) -> None:
        self.problem, self.free = problem, free
        self.most = {sitter.ident: sitter.most for sitter in problem.sitters}
        self.chosen: dict[Couple, int] = {}
        self.count: Counter[int] = Counter()
        self.met: Counter[int] = Counter()
        self.taken: set[tuple[int, int]] = set()  # who, slot
        self.load: Counter[int] = Counter()

    def seat_one(self, couples: list[Couple]) -> None:
        """The first of the pairs that still can, in the emptiest slot."""
        for couple in couples:
            if couple in self.chosen or any(self.count[who] >= self.most[who] for who in couple):
                continue
            slots = [slot for slot in self.free[couple] if self._is_free(couple, slot)]
            if slots:
                slot = min(slots, key=lambda slot: (self.load[slot] - len(self.problem.tables[slot]), slot))
                self.chosen[couple] = slot
                self.load[slot] += 1
                self.count.update(couple)
                self.met.update(self.problem.wishers(couple))
                self.taken.update((who, slot) for who in couple)
                return

    def _is_free(self, couple: Couple, slot: int) -> bool:
        full = self.load[slot] >= len(self.problem.tables[slot])
        return not full and not any((who, slot) in self.taken for who in couple)


def give_tables(problem: Problem, chosen: dict[Couple, int]) -> tuple[Seat, ...]:
    """A table for each pair; where one of the two sat last is taken first, so that people need not wander."""
    by_slot: dict[int, list[Couple]] = defaultdict(list)
    for couple, slot in chosen.items():
        by_slot[slot].append(couple)
    last: dict[int, int] = {}
    seats = []
    for slot in sorted(by_slot):
        ready = list(problem.tables[slot])
        waiting = sorted(by_slot[slot])
        stays: dict[Couple, int] = {}
        for couple in waiting:
            kept = next((last[who] for who in couple if last.get(who) in ready), None)
            if kept is not None:
                stays[couple] = kept
                ready.remove(kept)
        for couple in waiting:
            table = stays[couple] if couple in stays else ready.pop(0)
            last.update(dict.fromkeys(couple, table))
            seats.append(Seat(*couple, slot, table))
    return tuple(seats)
