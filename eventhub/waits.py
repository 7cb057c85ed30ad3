"""What waits for a decision on a meeting's first page: each feature says what it would count and how it says it; all of
it is counted in one statement."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from eventhub.db import db

Number = int | sa.ScalarSelect[int]


@dataclass(frozen=True)
class Wait:
    """One kind of thing that may wait: what counts it (or how many, where that is known), its words, its page."""

    count: Number
    words: Callable[[int], str]
    url: str


def count_of(what: Any, *conditions: Any) -> sa.ScalarSelect[int]:
    """How many rows of a table meet the conditions, as a part of a statement."""
    return sa.select(sa.func.count()).select_from(what).where(*conditions).scalar_subquery()


def numbers(counts: Sequence[Number]) -> list[int]:
    """How many each of these is, in one statement."""
    asked = [count for count in counts if not isinstance(count, int)]
    answers = iter(db.session.execute(sa.select(*asked)).one() if asked else ())
    return [count if isinstance(count, int) else next(answers) or 0 for count in counts]
