"""The codes of themes, in the official words of their lists, and where each list comes from.

The lists are ``lists/themes.csv``: ``label`` is the list's own wording, ``short`` ours where that is too long for a
line; what stands in brackets in a general comment's label is ours too. The list for the Universal Periodic Review
grows, so a code that is not in it yet is taken as it is; the others are complete (OECD-DAC: for the purposes that this
field has).

Held word for word against their sources: OECD-DAC (IATI's list Sector), Sustainable Development Goals and targets
(IATI's lists UNSDG-Goals and UNSDG-Targets); the titles of the general comments, against the documents' own first pages
where these could be had (Nos. 2, 4, 5, 13, 20, 22 to 24), against the list of the High Commissioner for Human Rights
(Nos. 18 to 26) and the Swedish Ombudsman for Children's (Nos. 1 to 17, which shortens 2, 4 and 5). Of the clusters only
the first pages of CRC/C/58/Rev.3 could be had, which do not name them; eight stand so in the contents of general comment
No. 20 (CRC/C/GC/20, 2016: it follows the guidelines, with "Basic health and welfare" without disability), Nos. 7
(as a whole) and 10 stand unchecked.
"""

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from eventhub.themes.states import ThemeScheme

COMPLETE = frozenset(set(ThemeScheme) - {ThemeScheme.OWN, ThemeScheme.UPR})
SOURCES = {
    ThemeScheme.CRC_CLUSTER: "Committee on the Rights of the Child, treaty-specific reporting guidelines, CRC/C/58/Rev.3 (2015)",
    ThemeScheme.CRC_ARTICLE: "Convention on the Rights of the Child (1989). It gives its articles no titles: these are ours.",
    ThemeScheme.GENERAL_COMMENT: "Committee on the Rights of the Child, general comments Nos. 1 to 26 (2001–2023); titles without articles and years",
    ThemeScheme.SDG: "United Nations, global indicator framework, A/RES/71/313, as in the IATI codelists UNSDG-Goals and UNSDG-Targets",
    ThemeScheme.DAC: "OECD-DAC, purpose codes of the Creditor Reporting System, as in the IATI codelist Sector: social, environmental and humanitarian purposes",
    ThemeScheme.UPR: "UPR Info, database of UPR recommendations: its issues, without “General” and “Other”",
}
_FILE = Path(__file__).parent / "lists" / "themes.csv"


@dataclass(frozen=True)
class Code:
    scheme: ThemeScheme
    code: str
    label: str  # word for word
    short: str
    dac: str  # the OECD-DAC purpose that follows from it, where one does

    @property
    def title(self) -> str:
        """What stands in a line: our short words where there are some, else the list's own."""
        return self.short or self.label

    @property
    def source(self) -> str:
        return SOURCES[self.scheme]


@lru_cache(1)
def codes() -> dict[tuple[ThemeScheme, str], Code]:
    """Every code of every list, by scheme and code, in the order of the lists."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = [Code(ThemeScheme(row.pop("scheme")), **row) for row in csv.DictReader(file)]
    return {(row.scheme, row.code): row for row in rows}


def find_code(scheme: ThemeScheme, code: str) -> Code | None:
    return codes().get((scheme, code))


def list_codes(scheme: ThemeScheme) -> list[Code]:
    """Every code of a scheme, in the scheme's order."""
    return [row for row in codes().values() if row.scheme is scheme]
