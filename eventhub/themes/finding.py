"""Which theme somebody means by what they typed: a scheme and a code, a code that only one list has, or words."""

import re
from functools import lru_cache

from eventhub.directory.names import fold
from eventhub.themes.codes import Code, codes, find_code
from eventhub.themes.states import ThemeScheme
from eventhub.themes.words import SCHEMES

_BY_PREFIX = (
    (ThemeScheme.CRC_CLUSTER, r"(?:crc )?cluster (?:no\.? ?)?(\d{1,2})"),
    (ThemeScheme.CRC_ARTICLE, r"(?:crc )?art(?:icle|\.)? ?(\d{1,2})"),
    (ThemeScheme.GENERAL_COMMENT, r"(?:crc/c/)?(?:gc|general comment)[ /]?(?:no\.? ?)?(\d{1,2})"),
    (ThemeScheme.SDG, r"sdg(?: target| goal)? ?(\d{1,2}(?:\.(?:\d{1,2}|[a-d]))?)"),
    (ThemeScheme.SDG, r"(\d{1,2}\.(?:\d{1,2}|[a-d]))"),
    (ThemeScheme.DAC, r"(?:oecd-dac purpose |oecd[- ]dac |dac |purpose )?(\d{5})"),
    (ThemeScheme.UPR, r"upr(?: theme)? ([a-z-]+)"),
)
SHORTEST = 4  # letters of words that may stand for a theme
_REST = r"(?:\s*[·:–-].*|\s.*)?"  # "SDG target 16.2 · End abuse …", as it is offered


def offered(code: Code) -> str:
    """How a theme is offered, so that it is read back as the same: "General comment 12 · The right …"."""
    return f"{SCHEMES[code.scheme]} {code.code} · {code.title}"


def find_by_code(text: str) -> Code | None:
    """The theme whose scheme and code a text begins with; None where it names none."""
    plain = re.sub(r"\s+", " ", text).strip().casefold()
    for scheme, pattern in _BY_PREFIX:
        found = re.fullmatch(pattern + _REST, plain, re.DOTALL)
        known = find_code(scheme, found[1]) if found else None
        if known is not None:
            return known
    return None


def find_theme(text: str) -> Code | None:
    """The theme that a text means: by its code, by its words, or by words that stand in one theme only."""
    known = find_by_code(text) or next((code for code in codes().values() if offered(code) == text.strip()), None)
    wanted = fold(text)
    if known is not None or not wanted:
        return known
    named = [code for code, names in _folded() if wanted in names]
    if named or len(wanted) < SHORTEST or not re.search(r"[^\W\d]", wanted):
        return named[0] if named else None
    holding = [code for code, names in _folded() if any(f" {wanted} " in f" {name} " for name in names)]
    return holding[0] if len(holding) == 1 else None


@lru_cache(1)
def _folded() -> list[tuple[Code, tuple[str, str]]]:
    return [(code, (fold(code.title), fold(code.label))) for code in codes().values()]
