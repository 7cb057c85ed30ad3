"""What a report is about: of which series or edition, of which years, and of which sector, country or theme.

People are counted by the meeting they came to; partnerships by the meeting they came from, and without one by the year
of their first contact.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from eventhub.directory.places import country_name
from eventhub.meetings.models import Meeting, Sector, Series
from eventhub.reports.ledger import Kept


@dataclass(frozen=True)
class Scope:
    """A choice of filters. ``allowed`` are the meetings whose figures the reader may see (None: all)."""

    held: Sequence[Meeting]
    allowed: Collection[int] | None
    series: Series | None = None
    edition: Meeting | None = None
    first: int | None = None  # years, both included
    last: int | None = None
    sector: Sector | None = None
    country: str = ""
    theme: str = ""  # its key: scheme and code, or the network's own words
    theme_words: str = ""  # the same for people

    @property
    def meetings(self) -> list[Meeting]:
        """The meetings in question, oldest first."""
        found = [meeting for meeting in self.held if self._holds(meeting)]
        return sorted(found, key=lambda m: (m.year, m.starts, m.id))

    def _holds(self, meeting: Meeting) -> bool:
        return (
            (self.allowed is None or meeting.id in self.allowed)
            and (self.series is None or meeting.series_id == self.series.id)
            and (self.edition is None or meeting.id == self.edition.id)
            and self._in_years(meeting.year)
        )

    def _in_years(self, year: int) -> bool:
        return (self.first is None or year >= self.first) and (self.last is None or year <= self.last)

    @property
    def narrowed(self) -> bool:
        """Whether people are asked about by sector or country: where children or people at risk could be seen in small
        numbers, nothing is said of people then."""
        return self.sector is not None or bool(self.country)

    @property
    def everything(self) -> bool:
        """Whether no meeting and no year is left out; what came from no meeting belongs to it then."""
        return not (self.series or self.edition or self.first or self.last) and self.allowed is None

    def chosen(self, kept: Sequence[Kept], organisations: dict[int, Any]) -> list[Kept]:
        """The partnerships in question."""
        ids = {meeting.id for meeting in self.meetings}
        homeless = self.series is None and self.edition is None and self.allowed is None
        return [
            row
            for row in kept
            if (row.meeting_id in ids or (homeless and row.meeting_id is None and self._in_years(row.since.year)))
            and self._concerns(row, organisations)
        ]

    def _concerns(self, row: Kept, organisations: dict[int, Any]) -> bool:
        if self.sector is None and not self.country:
            return not self.theme or any(theme.key == self.theme for theme in row.themes)
        parties = [organisations[ident] for ident in row.parties if ident in organisations]
        return (
            (self.sector is None or any(party.sector_id == self.sector.id for party in parties))
            and (not self.country or any(party.country == self.country for party in parties))
            and (not self.theme or any(theme.key == self.theme for theme in row.themes))
        )

    def words(self) -> str:
        """The choice in words, for a report's head."""
        parts = [self.edition.title if self.edition else self.series.name if self.series else _("all series")]
        if self.first or self.last:
            parts.append(f"{self.first or '…'}–{self.last or '…'}" if self.first != self.last else str(self.first))
        parts += [self.sector.name] if self.sector else []
        parts += [country_name(self.country)] if self.country else []
        parts += [self.theme_words or self.theme] if self.theme else []
        return ", ".join(parts)

    def args(self) -> dict[str, Any]:
        """The choice as an address or a job keeps it."""
        found = {
            "series": self.series.slug if self.series else "",
            "edition": self.edition.slug if self.edition else "",
            "from": self.first,
            "to": self.last,
            "sector": self.sector.code if self.sector else "",
            "country": self.country,
            "theme": self.theme,
        }
        return {key: value for key, value in found.items() if value}
