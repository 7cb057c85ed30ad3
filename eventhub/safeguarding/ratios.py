"""How many adults the children of a meeting need with them.

Sources: NSPCC, recommended adult to child ratios (4-8 years 1:6, 9-12 years 1:8, 13-18 years 1:10), and never fewer
than two adults, whatever the number of children.
"""

import math
from collections.abc import Iterable
from fractions import Fraction

from eventhub.safeguarding.models import AgeBand

CHILDREN_PER_ADULT = {
    AgeBand.UNDER_9: 6,
    AgeBand.FROM_9_TO_12: 8,
    AgeBand.FROM_13_TO_15: 10,
    AgeBand.FROM_16_TO_17: 10,
}
AT_LEAST = 2


def adults_needed(bands: Iterable[AgeBand | None]) -> int:
    """How many adults the children need, each given by the age band (None: not known, counted as the youngest)."""
    shares = [Fraction(1, CHILDREN_PER_ADULT[band or AgeBand.UNDER_9]) for band in bands]
    return max(AT_LEAST, math.ceil(sum(shares))) if shares else 0
