"""From first contact to the first activity, where many have none yet: the product-limit estimate of Kaplan and Meier
(1958). Those without an activity count for as long as they were watched, and are left out of the base after that.

Dates that are known by their month or year give a range of days, so there are two curves: one as if each first activity
came as early as its dates allow, one as late. The truth lies between; where all dates are exact they are one.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

DAYS_A_MONTH = 365.25 / 12


@dataclass(frozen=True)
class Watched:
    """One partnership: days until its first activity, at least and at most; or that it had none in ``open`` days."""

    least: int = 0
    most: int = 0
    open: int | None = None

    def until(self, *, late: bool) -> int:
        """The day on which it leaves the base: by its activity, or because nobody watched any longer."""
        return self.open if self.open is not None else self.most if late else self.least


@dataclass(frozen=True)
class Step:
    days: int
    at_risk: int
    share: float  # with an activity by then


def curve(watched: Sequence[Watched], *, late: bool) -> list[Step]:
    """The steps of the share that had an activity, 0 to 1."""
    events, leaves = Counter[int](), Counter[int]()
    for w in watched:
        day = w.until(late=late)
        leaves[day] += 1
        events[day] += w.open is None
    left, without, steps = len(watched), 1.0, []
    for day in sorted(leaves):
        if events[day]:
            without *= 1 - events[day] / left
            steps.append(Step(day, left, 1 - without))
        left -= leaves[day]
    return steps


def at(steps: Sequence[Step], days: float) -> float:
    """The share by a day."""
    return max((step.share for step in steps if step.days <= days), default=0.0)
