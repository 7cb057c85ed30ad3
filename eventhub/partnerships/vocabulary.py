"""The codes of themes, with their labels and where each list comes from; what OECD-DAC purpose follows from them.

The lists are ``vocabularies/themes.csv``. The SDG and UPR lists are parts of longer ones, so a well-formed code that
is not in them is taken as it is; the others are complete.
"""

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from eventhub.partnerships.models import Partnership
from eventhub.partnerships.states import ThemeScheme

COMPLETE = frozenset({ThemeScheme.CRC_CLUSTER, ThemeScheme.CRC_ARTICLE, ThemeScheme.GENERAL_COMMENT, ThemeScheme.DAC})
_FILE = Path(__file__).parent / "vocabularies" / "themes.csv"


@dataclass(frozen=True)
class Code:
    scheme: ThemeScheme
    code: str
    label: str
    dac: str  # the OECD-DAC purpose that follows from it, where one does
    source: str


@lru_cache(1)
def codes() -> dict[tuple[ThemeScheme, str], Code]:
    """Every code of every list, by scheme and code, in the order of the lists."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = [Code(ThemeScheme(row.pop("scheme")), **row) for row in csv.DictReader(file)]
    return {(row.scheme, row.code): row for row in rows}


def find_code(scheme: ThemeScheme, code: str) -> Code | None:
    return codes().get((scheme, code))


def list_codes(scheme: ThemeScheme) -> list[Code]:
    return [row for row in codes().values() if row.scheme is scheme]


def dac_purposes(partnership: Partnership) -> list[Code]:
    """The OECD-DAC purposes of a partnership: those it was given, else the one that follows from its main theme.

    None of the purposes is about violence against children, so the CRC cluster is the main theme and this follows.
    """
    said = [row for row in partnership.themes if row.scheme is ThemeScheme.DAC]
    given = [found for row in said if (found := find_code(ThemeScheme.DAC, row.code)) is not None]
    if given:
        return given
    main = next((row for row in partnership.themes if row.primary and row.scheme is ThemeScheme.CRC_CLUSTER), None)
    known = find_code(main.scheme, main.code) if main is not None else None
    purpose = find_code(ThemeScheme.DAC, known.dac) if known is not None else None
    return [purpose] if purpose is not None else []
