"""Decides how one accent becomes every colour a page needs, so that text always keeps 4.5:1.

Contrast and luminance are those of WCAG 2.2 (sRGB, relative luminance). A colour is a string "#rrggbb".
"""

import re
from functools import lru_cache

PAPER, MIST = "#ffffff", "#f4f6f8"
NIGHT, DUSK = "#12171e", "#1b222c"
DEFAULT_ACCENT = "#0b6e6e"
TEXT = 4.5

_HEX = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})")


def normal(colour: str | None) -> str:
    """Return the colour as "#rrggbb"; what is not a colour becomes the default teal, so that no page breaks on it."""
    found = _HEX.fullmatch((colour or "").strip())
    if not found:
        return DEFAULT_ACCENT
    digits = found[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(d * 2 for d in digits))


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(colour: str) -> float:
    """Relative luminance, 0 (black) to 1 (white)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _channels(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    """Contrast ratio of two colours, 1 to 21; the order does not matter."""
    light, dark = sorted((luminance(normal(a)), luminance(normal(b))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mix(a: str, b: str, share: float) -> str:
    """The colour that is `share` (0 to 1) of `b` and the rest of `a`."""
    return "#" + "".join(
        f"{round(x + (y - x) * share):02x}" for x, y in zip(_channels(normal(a)), _channels(normal(b)), strict=True)
    )


def readable(colour: str, grounds: tuple[str, ...], towards: str, ratio: float = TEXT) -> str:
    """Move the colour towards `towards` by the least step that reaches `ratio` on every one of `grounds`."""
    for step in range(101):
        moved = mix(colour, towards, step / 100)
        if all(contrast(moved, ground) >= ratio for ground in grounds):
            return moved
    return towards


@lru_cache(256)
def accent_tokens(accent: str | None) -> dict[str, str]:
    """Every colour derived from an accent.

    Keys: `accent` (text, links and buttons on paper), `dark` (hover), `pale` (quiet grounds), `on` (text upon the
    accent); the same with `night_` before it for dark pages. Each text and ground that meet keep at least 4.5:1.
    Kept per accent, for it takes 2 ms and every page and letter asks: read it, do not change it.
    """
    base = normal(accent)
    pale = mix(PAPER, base, 0.10)
    text = readable(base, (PAPER, MIST, pale), "#000000")
    night_pale = mix(NIGHT, base, 0.22)
    night = readable(base, (NIGHT, DUSK, night_pale), "#ffffff")
    return {
        "accent": text,
        "dark": readable(mix(text, "#000000", 0.25), (PAPER, MIST, pale), "#000000", 7),
        "pale": pale,
        "on": PAPER,
        "night_accent": night,
        "night_dark": readable(mix(night, "#ffffff", 0.3), (NIGHT, DUSK, night_pale), "#ffffff", 7),
        "night_pale": night_pale,
        "night_on": NIGHT,
    }
