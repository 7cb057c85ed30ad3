"""Which numbers of people are not written, so that nobody can be found among few.

Where children or people at risk took part, a breakdown writes no number from 1 to 4. One hidden number could be worked
out from the total, so further ones are hidden with it (the smallest first) until what is hidden leaves several answers
open. Hidden numbers are not told apart: which one was small is not said either. 0 is 0, and unknown is unknown.
"""

from collections.abc import Sequence

FEWEST = 5
_OPEN = 3  # what is hidden adds up to this many more than there are hidden numbers, at least


def hidden(column: Sequence[int | None]) -> set[int]:
    """The places of a column, whose total is known, that must not be written."""
    places = {place for place, n in enumerate(column) if n is not None and 0 < n < FEWEST}
    if not places:
        return places
    others = sorted((n, place) for place, n in enumerate(column) if n is not None and n >= FEWEST)
    for _n, place in others:
        if _is_open(column, places):
            break
        places.add(place)
    return places


def _is_open(column: Sequence[int | None], places: set[int]) -> bool:
    total = sum(column[place] or 0 for place in places)
    return len(places) > 1 and total >= max(FEWEST, len(places) + _OPEN)
