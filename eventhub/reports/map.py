"""The map of a network as a picture: quiet nodes, ties that grow with the stage, dashed when only reported.

A node's shape is its sector and the letters in it or behind its name are its country; the secretariat is filled. Names
are written by the number of ties, wherever there is room; a larger sheet has room for more. The table has them all.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from flask_babel import gettext as _

from eventhub.reports import picture
from eventhub.reports.layout import WIDTH, places
from eventhub.reports.network import Network, Node, Tie
from eventhub.reports.picture import Mark, Picture

DRAWN = 400  # organisations on one sheet; those with most ties first
SHAPES = ("circle", "square", "triangle", "diamond", "pentagon", "hexagon", "star", "cross")
_CORNERS = {"square": (4, 45), "triangle": (3, -90), "diamond": (4, 0), "pentagon": (5, -90), "hexagon": (6, 0)}
_CELL = 60  # of the grid that finds room for names
LINE = 14  # height of a name

Box = tuple[float, float, float, float]  # left, top, right, bottom


def cut(network: Network) -> Network:
    """At most DRAWN organisations, those with most ties first, and the ties among them."""
    if len(network.nodes) <= DRAWN:
        return network
    ties = network.degrees
    kept = {node.id for node in sorted(network.nodes, key=lambda node: (-ties[node.id], node.id))[:DRAWN]}
    return Network(
        tuple(node for node in network.nodes if node.id in kept),
        tuple(tie for tie in network.ties if tie.a in kept and tie.b in kept),
    )


def shape_of(sector_id: int | None, sectors: Sequence[int]) -> str:
    """The shape of a sector, by its place among the sectors; one without is a dotted circle."""
    return SHAPES[sectors.index(sector_id) % len(SHAPES)] if sector_id in sectors else "unknown"


def draw(whole: Network, shown: Network, sectors: Sequence[int], *, title: str, zoom: int = 1) -> Picture:
    """``shown`` in the places that ``whole`` has; ``zoom`` 1 to 3 gives the same map on a larger sheet."""
    at, height = places(whole)
    at = {ident: (x * zoom, y * zoom) for ident, (x, y) in at.items()}
    ties = shown.degrees
    many = len(whole.nodes)
    radius = 11 if many <= 90 or zoom > 1 else 8 if many <= 200 else 6
    nodes = [node for node in shown.nodes if node.id in at]
    marks = [_line(tie, at) for tie in sorted(shown.ties, key=lambda t: (t.stage or 0, t.ends))]
    marks += _shapes(nodes, at, radius, sectors, ties)
    if radius > 10:
        marks += [
            picture.text(x, y + 3, node.country, "map-code map-code-on" if node.secretariat else "map-code", "middle")
            for node in nodes
            for x, y in [at[node.id]]
        ]
    tied = {end for tie in whole.ties for end in tie.ends}
    alone = [at[node.id][1] for node in whole.nodes if node.id not in tied]
    if alone:
        marks.append(picture.text(30, min(alone) - 40, _("No tie known"), "map-head"))
    marks += _names(nodes, at, radius, ties, WIDTH * zoom)
    says = _(
        "%(nodes)d organisations and %(ties)d ties, of which %(confirmed)d are confirmed. The tables say the same.",
        nodes=len(shown.nodes),
        ties=len(shown.ties),
        confirmed=sum(tie.confirmed for tie in shown.ties),
    )
    return Picture(title, says, WIDTH * zoom, max(height * zoom, 80), tuple(marks))


def key(here: Sequence[int], sectors: Sequence[int], names: Mapping[int, str], *, unknown: bool) -> list[Mark]:
    """What shapes and lines mean, in lines below a map that stands alone: of the sectors that are on it."""
    entries = [(names[ident], shape_of(ident, sectors), "node") for ident in here]
    entries += [(_("no sector noted"), "unknown", "node node-unknown")] if unknown else []
    marks, x, y = [], 14.0, 14.0
    for words, shape, kind in entries:
        wide = 30 + picture.width_of(words, 13) + 26
        if x + wide > WIDTH:
            x, y = 14.0, y + 26
        marks += [picture.path(outline(shape, x, y, 8), kind), picture.text(x + 16, y + 4, words, "map-head")]
        x += wide
    x, y = 14.0, y + 26
    lines = ((_("confirmed"), "tie"), (_("only reported"), "tie tie-reported"), (_("disputed"), "tie tie-disputed"))
    for words, kind in lines:
        marks.append(picture.line(x - 8, y, x + 30, y, kind, **{"stroke-width": 2.5}))
        marks.append(picture.text(x + 38, y + 4, words, "map-head"))
        x += 38 + picture.width_of(words, 13) + 30
    return marks


def with_key(whole: Picture, marks: Sequence[Mark]) -> Picture:
    """A map with its key below."""
    lowest = max(float(mark.at["y"]) for mark in marks if mark.tag == "text")
    below = [Mark("g", {"transform": f"translate(0 {picture.n(whole.height + 10)})"}, marks=tuple(marks))]
    return replace(whole, height=whole.height + lowest + 24, marks=(*whole.marks, *below))


def evidence_words() -> Callable[[Tie], str]:
    """How well a tie is known, in a word. The words are looked up once for a table of hundreds."""
    substantiated, confirmed, disputed = _("substantiated"), _("confirmed"), _("disputed")
    silent, reported = _("reported, no reply"), _("reported")

    def word(tie: Tie) -> str:
        if tie.substantiated:
            return substantiated
        if tie.confirmed:
            return confirmed
        if tie.disputed:
            return disputed
        return silent if tie.silent else reported

    return word


def _line(tie: Tie, at: dict[int, tuple[float, float]]) -> Mark:
    (x1, y1), (x2, y2) = at[tie.a], at[tie.b]
    kind = "tie" if tie.confirmed else "tie tie-disputed" if tie.disputed else "tie tie-reported"
    return picture.line(x1, y1, x2, y2, kind, **{"stroke-width": 1.2 + 1.3 * (tie.stage or 0)})


def _shapes(
    nodes: Sequence[Node],
    at: Mapping[int, tuple[float, float]],
    radius: float,
    sectors: Sequence[int],
    ties: Mapping[int, int],
) -> list[Mark]:
    told, unknown = _("%(name)s, %(country)s: ties %(n)d"), _("unknown")  # once for hundreds
    shapes = {ident: shape_of(ident, sectors) for ident in {node.sector_id for node in nodes}}
    marks = []
    for node in nodes:
        shape = shapes[node.sector_id]
        kind = "node node-secretariat" if node.secretariat else "node node-unknown" if shape == "unknown" else "node"
        words = told % {"name": node.name, "country": node.country or unknown, "n": ties[node.id]}
        marks.append(picture.path(outline(shape, *at[node.id], radius), kind, words))
    return marks


def outline(shape: str, x: float, y: float, radius: float) -> str:
    """The path of a shape around a place."""
    if shape in ("circle", "unknown"):
        return (
            f"M{x - radius:.1f} {y:.1f}a{radius} {radius} 0 1 0 {2 * radius} 0a{radius} {radius} 0 1 0 {-2 * radius} 0Z"
        )
    spots = [(x + right, y + down) for right, down in _corners(shape, radius)]
    return "M" + "L".join([f"{px:.1f} {py:.1f}" for px, py in spots]) + "Z"


@lru_cache(64)
def _corners(shape: str, radius: float) -> tuple[tuple[float, float], ...]:
    """How far a shape's corners are from its middle, to the right and down."""
    if shape == "star":
        points = [(radius * (1.3 if k % 2 == 0 else 0.62), -90 + 36 * k) for k in range(10)]
    elif shape == "cross":
        points = [(radius * 1.15, turn + side) for turn in range(0, 360, 90) for side in (-22, 22)]
        points = [p for k in range(4) for p in (*points[2 * k : 2 * k + 2], (radius * 0.55, 90 * k + 45))]
    else:
        corners, turn = _CORNERS[shape]
        points = [(radius * 1.2, turn + 360 / corners * k) for k in range(corners)]
    return tuple([(r * math.cos(math.radians(a)), r * math.sin(math.radians(a))) for r, a in points])


class _Room:
    """Which boxes are taken, found by the cells of a grid."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], list[Box]] = defaultdict(list)

    def take(self, box: Box) -> None:
        for cell in self._of(box):
            self._cells[cell].append(box)

    def is_free(self, box: Box) -> bool:
        left, top, right, bottom = box
        for cell in self._of(box):
            for other in self._cells.get(cell, ()):
                if left < other[2] and other[0] < right and top < other[3] and other[1] < bottom:
                    return False
        return True

    @staticmethod
    def _of(box: Box) -> Iterable[tuple[int, int]]:
        left, top, right, bottom = (int(side // _CELL) for side in box)
        return [(x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]


def _names(
    nodes: Sequence[Node], at: dict[int, tuple[float, float]], radius: float, ties: Mapping[int, int], sheet: float
) -> list[Mark]:
    """As many names as there is room for, those with most ties first; none stands on another or on a node."""
    room = _Room()
    for node in nodes:
        x, y = at[node.id]
        room.take((x - radius, y - radius, x + radius, y + radius))
    marks = []
    for node in sorted(nodes, key=lambda n: (not n.secretariat, -ties[n.id], n.name, n.id)):
        if ties[node.id] == 0 and not node.secretariat and radius <= 10:
            continue  # a crowd of those without a tie is told by the table
        words = picture.shortened(node.name, 30)
        if radius <= 10 and node.country:
            words += f" · {node.country}"
        wide = picture.width_of(words) + 6
        x, y = at[node.id]
        gap = radius + 4
        for anchor, px, py, left in (
            ("start", x + gap, y + 4, x + gap),
            ("end", x - gap, y + 4, x - gap - wide),
            ("middle", x, y - gap, x - wide / 2),
            ("middle", x, y + gap + 9, x - wide / 2),
        ):
            box = (left, py - 11, left + wide, py - 11 + LINE)
            if left >= 2 and box[2] <= sheet - 2 and box[1] >= 0 and room.is_free(box):
                room.take(box)
                marks.append(picture.text(px, py, words, "map-name", anchor))
                break
    return marks
