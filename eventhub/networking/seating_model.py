"""The best seating by CP-SAT (OR-Tools), in a process of its own that ends: a worker at rest carries no solver.

Deterministic: one thread, a fixed seed, and a limit that counts the solver's own steps instead of seconds, so that a
busy machine finds the same seating, only later. When the limit is reached, the best so far is taken; it begins with the
simple rounds, so it is never worse than those, and the bound says how much better any seating could be.

``python -m eventhub.networking.seating_model`` reads a problem as JSON and writes the seating as JSON.
"""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from eventhub.networking.seating import (
    ANYBODY,
    NTH_WISH,
    Couple,
    Problem,
    Seat,
    Seating,
    Sitter,
    give_tables,
    simple_rounds,
    worth,
)
from eventhub.paths import PACKAGE

LIMIT = 2.0  # of the solver's deterministic time; some ten seconds of one processor core
LOOK = 0.5  # seconds between two looks whether it is done


def solve(problem: Problem, *, limit: float = LIMIT) -> Seating:
    """The best seating that is found within the limit."""
    start = simple_rounds(problem)
    simple = worth(problem, start)
    best, bound = start, simple
    if problem.couples():
        found, bound = _Model(problem, start).solve(limit)
        if worth(problem, found) > simple:
            best = found
    value = worth(problem, best)
    return Seating(give_tables(problem, best), value, max(bound, value), simple)


class _Model:
    def __init__(self, problem: Problem, start: dict[Couple, int]) -> None:
        from ortools.sat.python import cp_model  # with pandas behind it: only in this process

        self.cp = cp_model
        self.problem, self.start = problem, start
        self.model = cp_model.CpModel()
        self.sits: dict[Couple, Any] = {}
        self.at: dict[tuple[Couple, int], Any] = {}
        self.gains: list[tuple[Any, int]] = []
        self._pairs()
        self._shares()
        self.model.maximize(
            cp_model.LinearExpr.weighted_sum([what for what, _n in self.gains], [gain for _what, gain in self.gains])
        )

    def _new(self, hint: bool, gain: int = 0) -> Any:
        variable = self.model.new_bool_var("")
        self.model.add_hint(variable, hint)
        if gain:
            self.gains.append((variable, gain))
        return variable

    def _pairs(self) -> None:
        """Each pair once at most; nobody twice in a slot; in a slot not more pairs than tables."""
        seats: dict[tuple[int, int], list[Any]] = defaultdict(list)
        slots: dict[int, list[Any]] = defaultdict(list)
        for couple, free in self.problem.couples().items():
            sits = self.sits[couple] = self._new(couple in self.start, self.problem.strength(couple))
            for slot in free:
                at = self.at[couple, slot] = self._new(self.start.get(couple) == slot)
                slots[slot].append(at)
                for who in couple:
                    seats[who, slot].append(at)
            self.model.add(sum(self.at[couple, slot] for slot in free) == sits)
        for at_once in seats.values():
            self.model.add_at_most_one(at_once)
        for slot, at_once in slots.items():
            if len(at_once) > len(self.problem.tables[slot]):
                self.model.add(sum(at_once) <= len(self.problem.tables[slot]))

    def _shares(self) -> None:
        """Nobody more than they want; what a first, second … wish and sitting at all are worth."""
        all_of, own_of = defaultdict(list), defaultdict(list)
        for couple in self.sits:
            for who in couple:
                all_of[who].append(couple)
            for who in self.problem.wishers(couple):
                own_of[who].append(couple)
        most = {sitter.ident: sitter.most for sitter in self.problem.sitters}
        for who, couples in all_of.items():
            self.model.add(sum(self.sits[couple] for couple in couples) <= most[who])
            self._steps(couples, (ANYBODY,))
        for who, couples in own_of.items():
            self._steps(couples, NTH_WISH[: most[who]])

    def _steps(self, couples: list[Couple], gains: tuple[int, ...]) -> None:
        """The n-th of these pairs is worth the n-th gain; gains fall, so a solution takes them in their order."""
        reached = sum(couple in self.start for couple in couples)
        steps = [self._new(n < reached, gain) for n, gain in enumerate(gains[: len(couples)])]
        self.model.add(sum(steps) <= sum(self.sits[couple] for couple in couples))

    def solve(self, limit: float) -> tuple[dict[Couple, int], int]:
        """The pairs with their slots (none when the limit came before the first solution), and the bound."""
        solver = self.cp.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        solver.parameters.max_deterministic_time = limit
        status = solver.solve(self.model)
        if status not in (self.cp.OPTIMAL, self.cp.FEASIBLE):
            return {}, sum(gain for _what, gain in self.gains)
        found = {couple: slot for (couple, slot), at in self.at.items() if solver.value(at)}
        return found, int(solver.best_objective_bound)


def solve_apart(problem: Problem, alive: Callable[[], None]) -> Seating:
    """The same in a process of its own; ``alive`` is called every now and then, and may raise to stop it."""
    command = [sys.executable, "-m", "eventhub.networking.seating_model"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=PACKAGE.parent, text=True
    ) as process:
        try:
            alive()
            asked: str | None = json.dumps(written(problem))
            while True:
                try:
                    said, _none = process.communicate(asked, timeout=LOOK)
                    break
                except subprocess.TimeoutExpired:
                    asked = None  # it goes on by itself
                    alive()
        finally:
            process.kill()
    if process.returncode:
        raise RuntimeError(f"the seating's process ended with {process.returncode}")
    answer = json.loads(said)
    return Seating(**{**answer, "seats": tuple(Seat(**seat) for seat in answer["seats"])})


def written(problem: Problem) -> dict[str, Any]:
    """A problem as JSON."""
    return {
        "tables": problem.tables,
        "sitters": [[sitter.ident, sorted(sitter.free), sitter.most] for sitter in problem.sitters],
        "wishes": [[who, whom, place] for (who, whom), place in sorted(problem.wishes.items())],
        "suggested": sorted(problem.suggested),
    }


def read(said: dict[str, Any]) -> Problem:
    """A problem from its JSON."""
    return Problem(
        tables=tuple(tuple(tables) for tables in said["tables"]),
        sitters=tuple(Sitter(ident, frozenset(free), most) for ident, free, most in said["sitters"]),
        wishes={(who, whom): place for who, whom, place in said["wishes"]},
        suggested=frozenset((a, b) for a, b in said["suggested"]),
    )


def main() -> None:
    json.dump(asdict(solve(read(json.load(sys.stdin)))), sys.stdout)


if __name__ == "__main__":
    main()
