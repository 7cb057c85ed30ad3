"""Decides the woven band: one geometric pattern for each slug, for ever the same, after the region's textiles.

Like ikat and songket it is built on the loom's grid: large lozenges, smaller ones between them, echo lines that
follow both, and a selvedge above and below. Everything mirrors on both axes, so the tile repeats without a seam and
no turning cross can arise. One thread of the selvedge carries bits of the slug's hash: no two editions share it.
Each colour is a step apart in luminance, so the band reads in grey. All fills are plain attributes: the drawing works
in a page, in print and in Typst alike.
"""

import hashlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import groupby

from markupsafe import Markup

from eventhub.colour import luminance, mix, normal

ROWS = 25
# Natural dyes: turmeric, madder, indigo, lac, jackwood, betel, mangrove, pandan.
DYES = ("#d9a13b", "#c65a3a", "#5b7fb5", "#b8476a", "#c98a3c", "#b5502e", "#9c6b4a", "#7fa05a")
CREAM = "#f7efdf"
GROUND, BODY, LIGHT, DYE = range(4)
# What each line of a lozenge is, from the heart outwards.
RINGS = (
    (DYE, DYE, GROUND, LIGHT, LIGHT, GROUND, BODY, BODY, LIGHT),
    (LIGHT, GROUND, DYE, DYE, GROUND, LIGHT, GROUND, BODY, LIGHT),
    (GROUND, LIGHT, LIGHT, DYE, GROUND, BODY, BODY, GROUND, LIGHT),
    (LIGHT, LIGHT, BODY, BODY, GROUND, DYE, DYE, GROUND, LIGHT),
    (DYE, GROUND, LIGHT, GROUND, BODY, BODY, BODY, GROUND, DYE),
)
ECHOES = (
    (GROUND, BODY, GROUND, DYE, GROUND, BODY, GROUND, LIGHT),
    (GROUND, GROUND, BODY, BODY, GROUND, DYE, GROUND, GROUND),
    (BODY, GROUND, GROUND, LIGHT, GROUND, BODY, BODY, GROUND),
    (GROUND, DYE, GROUND, GROUND, BODY, GROUND, LIGHT, GROUND),
)


def _draws(slug: str) -> Callable[[int], int]:
    """A draw without chance: each call returns the next number below n, taken from the slug's hash."""
    pool = int.from_bytes(hashlib.blake2b(slug.encode("utf-8", "replace"), digest_size=32).digest(), "big")

    def draw(n: int) -> int:
        nonlocal pool
        pool, value = divmod(pool, n)
        return value

    return draw


def _heart(kind: int, x: int, y: int, radius: int, rings: tuple[int, ...]) -> int:
    """Colour of a cell of a lozenge; x and y count from its heart, x + y <= radius."""
    v, d, b = x + y, abs(x - y), min(x, y)
    outer = radius - v
    if outer == 0:
        return LIGHT
    if kind == 0:  # lines within lines
        return rings[v * 8 // radius]
    if kind == 1:  # a star of eight points
        k = radius // 2
        return (LIGHT if x > y else DYE) if 1 <= d <= k and 1 <= b <= k else BODY if outer > 1 else GROUND
    if kind == 2:  # steps two threads wide
        return rings[min(8, (x // 2 + y // 2) * 16 // radius)]
    if kind == 3:  # blocks three threads wide, each second one with its seed
        if ((x + 1) // 3 + (y + 1) // 3) % 2:
            return DYE if outer > 1 else GROUND
        return LIGHT if x % 3 == 0 and y % 3 == 0 else BODY
    if kind == 4:  # hooks that turn inwards
        if outer == 1:
            return GROUND
        stem = b == 0 and 2 <= v <= radius - 3
        curl = (b == 1 and v == radius - 2) or (b == 2 and v in (radius - 3, radius - 2))
        return LIGHT if stem or curl else DYE if v <= 1 else BODY
    # a cross of four leaves
    if outer == 1:
        return GROUND
    return DYE if d <= 1 and v > 1 else LIGHT if b == 0 and v > 1 else BODY if v > 1 else LIGHT


def _selvedge(row: int, rows: int, u: int, *, teeth: int, stripe: int, bits: int) -> int:
    """Colour of a cell of the border, `row` counted from the outside: stripe, signature, stripe, then teeth."""
    if row == rows - 1:
        return GROUND
    if row == 1:
        return LIGHT if bits >> u & 1 else stripe
    if row in (0, 2):
        return stripe
    depth = row % 2
    shapes = (u % 2 == 0, u % 4 < 2, (u + depth) % 4 < 2, u % 4 != 3, u % 4 in (0, 1 + depth))
    return LIGHT if shapes[teeth] else GROUND


def _grid(slug: str) -> list[list[int]]:
    """The tile as rows of colour numbers, ROWS high."""
    draw = _draws(slug)
    kind, small_kind, radius = draw(6), draw(4), (8, 8, 7, 6)[draw(4)]
    small = (2, 3, 4, 5)[draw(4)]
    half = radius + small + 1 + draw(3)
    rings, small_rings, echo = RINGS[draw(5)], RINGS[draw(5)], ECHOES[draw(4)]
    border = {"teeth": draw(5), "stripe": DYE if draw(2) else BODY, "bits": draw(1 << (half + 1))}

    def field(u: int, y: int) -> int:
        x = half - u
        if x + y <= radius:
            return _heart(kind, x, y, radius, rings)
        if u + y <= small:
            return LIGHT if u + y == small else small_rings[u + y + small_kind]
        gap = min(x + y - radius, u + y - small)
        return echo[min(gap - 1, 7)]

    edge = (ROWS - 2 * radius - 1) // 2
    tile = []
    for row in range(ROWS):
        y = abs(row - ROWS // 2)
        columns = (min(c, 2 * half - c) for c in range(2 * half))
        if y > radius:
            tile.append([_selvedge(min(row, ROWS - 1 - row), edge, u, **border) for u in columns])
        else:
            tile.append([field(u, y) for u in columns])
    return tile


def palette(slug: str, accent: str) -> tuple[str, str, str, str]:
    """Ground, body, light and dye of a band, each clearly apart in luminance."""
    base = normal(accent)
    draw = _draws("dye " + slug)
    body = base
    while luminance(body) > 0.2:
        body = mix(body, "#000000", 0.08)
    while luminance(body) < 0.07:
        body = mix(body, "#ffffff", 0.06)
    ground = body
    while luminance(ground) > 0.025:
        ground = mix(ground, "#0d1016", 0.1)
    dye = DYES[draw(len(DYES))]
    while luminance(dye) < 0.33:
        dye = mix(dye, "#ffffff", 0.06)
    return ground, body, mix(CREAM, base, 0.04), dye


def _threads(tile: list[list[int]], colour: int) -> Iterator[str]:
    """The runs of one colour as the path of a stroke one cell wide."""
    for y, row in enumerate(tile):
        at, pen = 0, None
        for value, run in groupby(row):
            length = len(list(run))
            if value == colour:
                yield f"M{at} {y}h{length}" if pen is None else f"m{at - pen} 0h{length}"
                pen = at + length
            at += length


@lru_cache(256)  # the same slug gives the same band, for ever
def band_svg(slug: str, accent: str = "#0b6e6e", width: int | None = None, height: int = 50) -> Markup:
    """Draw the band of a slug as SVG (below 3 KB).

    `height` and `width` are CSS pixels; without a width the band fills its container and keeps a lozenge in the middle.
    """
    tile = _grid(slug)
    colours = palette(slug, accent)
    scale = round(height / ROWS, 4)
    columns = len(tile[0])
    name = (
        "w" + hashlib.blake2b(f"{slug} {accent} {width} {height}".encode("utf-8", "replace"), digest_size=4).hexdigest()
    )
    paths = "".join(f'<path stroke="{colours[c]}" d="{"".join(_threads(tile, c))}"/>' for c in (BODY, DYE, LIGHT))
    middle = "" if width is None else f"translate({width / 2:g} 0) "
    pattern = (
        f'<pattern id="{name}" width="{columns}" height="{ROWS}" patternUnits="userSpaceOnUse" '
        f'patternTransform="{middle}scale({scale}) translate({columns / 2:g} 0)">'
        f'<path fill="{colours[GROUND]}" d="M0 0h{columns}v{ROWS}H0z"/>'
        f'<g transform="translate(0 .5)" stroke-width="1.03">{paths}</g></pattern>'
    )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="band" aria-hidden="true" focusable="false" height="{height}"'
    )
    if width is None:
        body = (
            f'<svg x="50%" overflow="visible" width="1" height="{height}">'
            f'<path fill="url(#{name})" d="M-4000 0h8000v{height}H-4000z"/></svg>'
        )
        return Markup(f'{head} width="100%"><defs>{pattern}</defs>{body}</svg>')  # noqa: S704 - built from numbers and checked colours
    body = f'<path fill="url(#{name})" d="M0 0h{width}v{height}H0z"/>'
    return Markup(  # noqa: S704 - built from numbers and checked colours
        f'{head} width="{width}" viewBox="0 0 {width} {height}"><defs>{pattern}</defs>{body}</svg>'
    )


@lru_cache(256)
def mail_band(slug: str, accent: str = "#0b6e6e") -> Markup:
    """The band as rows of a table, for letters: mail programs drop SVG. Below 5,000 bytes."""
    colours = palette(slug, accent)
    draw = _draws("mail " + slug)
    rings = [(DYE, LIGHT, GROUND, BODY), (LIGHT, DYE, BODY, GROUND), (DYE, GROUND, LIGHT, BODY)][draw(3)]
    rest = (GROUND, BODY)[draw(2)]
    rows = []
    for y in (2, 1, 0, 1, 2):
        cells = [rings[d] if (d := abs(x % 10 - 5) + y) < 4 else rest for x in range(40)]
        runs = [(value, len(list(run))) for value, run in groupby(cells)]
        line = "".join(
            f'<td bgcolor="{colours[c]}"' + (f' colspan="{n}">' if n > 1 else ">") + "</td>" for c, n in runs
        )
        rows.append(f'<tr height="5">{line}</tr>')
    return Markup(  # noqa: S704 - built from numbers and checked colours
        '<table role="presentation" aria-hidden="true" width="100%" cellpadding="0" cellspacing="0" border="0"'
        ' style="table-layout:fixed;font-size:0;line-height:0"><tr>'
        + "<td></td>" * 40
        + f"</tr>{''.join(rows)}</table>"
    )
