"""Seating 300 people with their wishes in 36 slots of three days at 15 tables, in the solver's own process. At most 30 s.

What it reaches within its limit is the same on every machine; only the time differs.
"""

import random
import time
from typing import Any

from eventhub.networking.seating import Problem, Sitter
from eventhub.networking.seating_model import solve_apart
from tests.bench.place import Place

PEOPLE, SLOTS, TABLES, LIMIT = 300, 36, 15, 30_000  # ms


def measure(_place: Place) -> dict[str, Any]:
    """Milliseconds from the question to the answer; ``gap`` is how much better any seating could be at most."""
    problem = a_problem()
    start = time.perf_counter()
    found = solve_apart(problem, lambda: None)
    value = (time.perf_counter() - start) * 1000
    return {
        "name": "seating_300",
        "value": round(value),
        "unit": "ms",
        "limit": LIMIT,
        "ratio": round(value / LIMIT, 3),
        "seats": len(found.seats),
        "gap": round((found.bound - found.worth) / found.bound, 4),
        "over_simple": round(found.worth / found.simple - 1, 4),
    }


def a_problem() -> Problem:
    """The same people in every run: some are wished for by many, each is busy in two slots of five."""
    chance = random.Random(300)
    sitters = tuple(
        Sitter(
            ident, frozenset(slot for slot in range(SLOTS) if chance.random() > 0.4), chance.choice((2, 3, 4, 4, 4, 6))
        )
        for ident in range(PEOPLE)
    )
    wishes = {}
    for who in range(PEOPLE):
        for place in range(chance.randint(0, 6)):
            whom = int(PEOPLE * chance.random() ** 2)
            if whom != who:
                wishes.setdefault((who, whom), place)
    return Problem((tuple(range(TABLES)),) * SLOTS, sitters, wishes)
