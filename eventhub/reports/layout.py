"""Where the map puts organisations: the same network gives the same picture, on every machine and in every process.

What hangs together is laid out by springs (Fruchterman and Reingold, by networkx), the parts are set beside each
other like words in lines, and who has no tie on record stands in rows below. The years and the secretariat's switch
do not move anybody: places are computed once for the whole network.
"""

from collections.abc import Sequence

from eventhub.reports.memory import Memory
from eventhub.reports.metrics import components, graph
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
    import networkx as nx

    n = len(part)
    if n == 2:
        one, other = sorted(part)
        return {one: (30.0, 30.0), other: (150.0, 30.0)}, 180.0, 60.0
    raw = nx.spring_layout(
        graph(network).subgraph(sorted(part)), seed=7, iterations=80 if n <= 200 else 50, method="force"
    )
    width = min(WIDTH, 95.0 * n**0.5 + 60)
    height = width * (0.72 if n > 12 else 0.8)
    across, down = (_spread([float(raw[ident][axis]) for ident in sorted(part)]) for axis in (0, 1))
    flat = {
        ident: (_stretched(x, across, width), _stretched(y, down, height))
        for ident, x, y in zip(sorted(part), across, down, strict=True)
    }
    return _apart(flat, width, height), width, height


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
    at = np.array([flat[ident] for ident in ids])
    for _round in range(30):
        delta = at[:, None, :] - at[None, :, :]
        far = np.sqrt((delta**2).sum(axis=2))
        near = (far < least) & ~np.eye(len(ids), dtype=bool)
        if not near.any():
            break
        push = np.where(near, (least - far) / 2 / np.maximum(far, 0.01), 0.0)
        at = at + (delta * push[:, :, None]).sum(axis=1) * 0.6
        at[:, 0], at[:, 1] = at[:, 0].clip(30, width - 30), at[:, 1].clip(20, height - 20)
    return {ident: (round(float(x), 1), round(float(y), 1)) for ident, (x, y) in zip(ids, at, strict=True)}


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
