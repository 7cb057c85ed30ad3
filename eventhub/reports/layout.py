"""Where the map puts organisations: the same network gives the same picture, on every machine and in every process.

What hangs together is laid out by springs (Fruchterman and Reingold), the parts are set beside each
other like words in lines, and who has no tie on record stands in rows below. The years and the secretariat's switch
do not move anybody: places are computed once for the whole network.
"""

from collections.abc import Sequence

from eventhub.reports.memory import Memory
from eventhub.reports.metrics import components
from eventhub.reports.network import Network

Places = dict[int, tuple[float, float]]

WIDTH = 1200.0
GAP = 46.0  # between parts, and between organisations in rows
BLEND = 0.6  # how far places follow their order instead of the springs: 0 the springs alone, 1 the order alone
ROWS = 64  # organisations whose pairs with all others are worked out at a time
CLOSE = 0.0001  # the square of a distance below which two count as so far apart: of a sheet of 1 by 1
_kept = Memory()


def places(network: Network) -> tuple[Places, float]:
    """The place of each organisation on a sheet of WIDTH, and the sheet's height."""
    return _kept.remember(network.fingerprint, lambda: _laid(network))


def forget() -> None:
    """Lay out everything anew: for who measures how long that takes."""
    _kept.forget()


def _laid(network: Network) -> tuple[Places, float]:
    parts = components(network)
    blocks = [_springs(network, part) for part in parts if len(part) > 1]
    found, bottom = _shelves(blocks)
    order = {node.id: (node.country, node.name, node.id) for node in network.nodes}
    alone = sorted((ident for part in parts if len(part) == 1 for ident in part), key=order.__getitem__)
    rows, bottom = _rows(alone, bottom)
    return found | rows, bottom


def _springs(network: Network, part: set[int]) -> tuple[Places, float, float]:
    """One part's own places, with its width and height. Its area grows with the number of its organisations."""
    n = len(part)
    if n == 2:
        one, other = sorted(part)
        return {one: (30.0, 30.0), other: (150.0, 30.0)}, 180.0, 60.0
    raw = _settled(sorted(part), [tie.ends for tie in network.ties if tie.a in part], 80 if n <= 200 else 50)
    width = min(WIDTH, 95.0 * n**0.5 + 60)
    height = width * (0.72 if n > 12 else 0.8)
    across, down = map(_spread, raw)
    flat = dict(zip(sorted(part), zip(_stretched(across, width), _stretched(down, height), strict=True), strict=True))
    return _apart(flat, width, height), width, height


def _settled(ids: Sequence[int], ties: Sequence[tuple[int, int]], rounds: int) -> tuple[list[float], list[float]]:
    """Where springs come to rest (Fruchterman and Reingold 1991): all push each other apart, ties pull together, and
    steps get shorter. As networkx does it, with the same start and steps; but a changed map is waited for, and the
    axes apart, ROWS at a time, which stay in the processor's cache, take a fifth of the time of its array of pairs."""
    import numpy as np

    n, place = len(ids), {ident: k for k, ident in enumerate(ids)}
    both = [(place[a], place[b]) for a, b in ties]
    one, other = np.array(sorted(both + [(b, a) for a, b in both])).T
    x, y = np.random.RandomState(7).rand(n, 2).T.copy()
    apart, warmth = n**-0.5, 0.1 * max(np.ptp(x), np.ptp(y))
    cooling, strength = warmth / (rounds + 1), apart * apart
    right, down, force = np.empty((3, min(ROWS, n), n))
    blocks = []
    for start in range(0, n, ROWS):
        here = min(ROWS, n - start)
        its = slice(*np.searchsorted(one, (start, start + here)))  # its ties, and where they stand in its pairs
        tied = (one[its] - start) * n + other[its]
        blocks.append((slice(start, start + here), its, tied, right[:here], down[:here], force[:here]))
    aside, below = np.empty((2, n))
    for _round in range(rounds):
        far = np.maximum((x[one] - x[other]) ** 2 + (y[one] - y[other]) ** 2, CLOSE)
        pull = strength / far - np.sqrt(far) / apart
        for rows, its, tied, dx, dy, push in blocks:
            np.subtract(x[rows, None], x, out=dx)
            np.subtract(y[rows, None], y, out=dy)
            np.add(np.multiply(dx, dx, out=push), dy * dy, out=push)
            np.divide(strength, np.maximum(push, CLOSE, out=push), out=push)
            push.put(tied, pull[its])
            np.einsum("ij,ij->i", dx, push, out=aside[rows])
            np.einsum("ij,ij->i", dy, push, out=below[rows])
        step = warmth / np.maximum(np.hypot(aside, below), 0.01)
        x, y = x + aside * step, y + below * step
        warmth -= cooling
        if np.linalg.norm((aside * step, below * step)) < 0.0001 * n:
            break
    return x.tolist(), y.tolist()


def _spread(values: Sequence[float]) -> list[float]:
    """The same order with a looser middle: springs crowd the best connected, where names need room most."""
    low, high = min(values), max(values)
    rank = {
        k: place / max(len(values) - 1, 1) for place, k in enumerate(sorted(range(len(values)), key=values.__getitem__))
    }
    return [(1 - BLEND) * (value - low) / ((high - low) or 1) + BLEND * rank[k] for k, value in enumerate(values)]


def _stretched(values: Sequence[float], length: float) -> list[float]:
    """The same from end to end of a sheet's side."""
    low, high = min(values), max(values)
    return [30 + (length - 60) * ((value - low) / (high - low) if high > low else 0.5) for value in values]


def _apart(flat: Places, width: float, height: float, least: float = 30.0) -> Places:
    """Push those apart that stand on each other, a few times, inside the part's own sheet. Only who stood within twice
    ``least`` is looked at, until somebody has come so far that others could be near."""
    import numpy as np

    ids = sorted(flat)
    x, y = (np.array([flat[ident][axis] for ident in ids]) for axis in (0, 1))
    then = None
    for _round in range(30):
        if then is None or np.hypot(x - then[0], y - then[1]).max() > 0.45 * least:
            then, near = (x, y), _within(2 * least, x, y)
        one, other = near
        right, down = x[one] - x[other], y[one] - y[other]
        far = np.sqrt(right * right + down * down)
        close = far < least
        if not close.any():
            break
        one, other, right, down, far = one[close], other[close], right[close], down[close], far[close]
        push = (least - far) / 2 / np.maximum(far, 0.01) * 0.6
        x = x + np.bincount(one, right * push, len(ids))
        y = y + np.bincount(one, down * push, len(ids))
        x, y = x.clip(30, width - 30), y.clip(20, height - 20)
    return {ident: (round(float(px), 1), round(float(py), 1)) for ident, px, py in zip(ids, x, y, strict=True)}


def _within(length, x, y):  # type: ignore[no-untyped-def]  # numpy is imported where it is needed
    """The pairs that stand nearer than a length, both ways, in the order of the first and then the second."""
    import numpy as np

    right, down = x[:, None] - x, y[:, None] - y
    near = right * right + down * down < length * length
    np.fill_diagonal(near, False)  # nobody stands on itself
    return np.nonzero(near)


def _shelves(blocks: Sequence[tuple[Places, float, float]]) -> tuple[Places, float]:
    """The parts beside each other, in lines."""
    found: Places = {}
    x = top = deepest = 0.0
    for flat, width, height in blocks:
        if x and x + width > WIDTH:
            x, top, deepest = 0.0, top + deepest + GAP / 2, 0.0
        found |= {ident: (round(x + px, 1), round(top + py + 20, 1)) for ident, (px, py) in flat.items()}
        x, deepest = x + width + GAP / 2, max(deepest, height)
    return found, top + deepest + (20 if blocks else 0)


def _rows(alone: Sequence[int], top: float) -> tuple[Places, float]:
    """Rows of those without a tie, below a line's room for their heading."""
    if not alone:
        return {}, top + 20
    start, per_row = top + 75, int(WIDTH // GAP) - 1
    found = {ident: (GAP + GAP * (n % per_row), start + 38 * (n // per_row)) for n, ident in enumerate(alone)}
    return found, start + 38 * ((len(alone) - 1) // per_row) + 40
