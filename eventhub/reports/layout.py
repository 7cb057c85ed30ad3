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
    flat = {
        ident: (_stretched(x, across, width), _stretched(y, down, height))
        for ident, x, y in zip(sorted(part), across, down, strict=True)
    }
    return _apart(flat, width, height), width, height


def _settled(ids: Sequence[int], ties: Sequence[tuple[int, int]], rounds: int) -> tuple[list[float], list[float]]:
    """Where springs come to rest (Fruchterman and Reingold 1991): all push each other apart, ties pull together, and
    steps get shorter. As networkx does it, with the same start and steps; but a changed map is waited for, and the two
    axes apart take a third of the time of its array of pairs."""
    import numpy as np

    place = {ident: k for k, ident in enumerate(ids)}
    ends = np.array([(place[a], place[b]) for a, b in ties] + [(place[b], place[a]) for a, b in ties]).T
    x, y = np.random.RandomState(7).rand(len(ids), 2).T
    apart, warmth = len(ids) ** -0.5, 0.1 * max(np.ptp(x), np.ptp(y))
    cooling = warmth / (rounds + 1)
    for _round in range(rounds):
        right, down = x[:, None] - x, y[:, None] - y
        square = np.maximum(right * right + down * down, 0.0001)
        force = apart * apart / square
        force[*ends] -= np.sqrt(square[*ends]) / apart
        aside, below = (np.einsum("ij,ij->i", axis, force) for axis in (right, down))
        step = warmth / np.maximum(np.hypot(aside, below), 0.01)
        x, y = x + aside * step, y + below * step
        warmth -= cooling
        if np.linalg.norm((aside * step, below * step)) < 0.0001 * len(ids):
            break
    return x.tolist(), y.tolist()


def _spread(values: Sequence[float]) -> list[float]:
    """The same order with a looser middle: springs crowd the best connected, where names need room most."""
    low, high = min(values), max(values)
    rank = {
        k: place / max(len(values) - 1, 1) for place, k in enumerate(sorted(range(len(values)), key=values.__getitem__))
    }
    return [(1 - BLEND) * (value - low) / ((high - low) or 1) + BLEND * rank[k] for k, value in enumerate(values)]


def _stretched(value: float, among: Sequence[float], length: float) -> float:
    low, high = min(among), max(among)
    return 30 + (length - 60) * ((value - low) / (high - low) if high > low else 0.5)


def _apart(flat: Places, width: float, height: float, least: float = 30.0) -> Places:
    """Push those apart that stand on each other, a few times, inside the part's own sheet."""
    import numpy as np

    ids = sorted(flat)
    x, y = (np.array([flat[ident][axis] for ident in ids]) for axis in (0, 1))
    for _round in range(30):
        right, down = x[:, None] - x, y[:, None] - y
        far = np.sqrt(right * right + down * down)
        np.fill_diagonal(far, least)  # nobody stands on itself
        one, other = np.nonzero(far < least)  # few pairs: only they are pushed
        if not len(one):
            break
        push = (least - far[one, other]) / 2 / np.maximum(far[one, other], 0.01) * 0.6
        x = x + np.bincount(one, right[one, other] * push, len(ids))
        y = y + np.bincount(one, down[one, other] * push, len(ids))
        x, y = x.clip(30, width - 30), y.clip(20, height - 20)
    return {ident: (round(float(px), 1), round(float(py), 1)) for ident, px, py in zip(ids, x, y, strict=True)}


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
