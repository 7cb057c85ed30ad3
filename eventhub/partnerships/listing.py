"""The list of partnerships: each with where it stands, searched and filtered.

Where a partnership stands is computed, not stored, so the list of a meeting (some hundreds at most) is read whole.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from eventhub.directory import queries as directory
from eventhub.partnerships import queries
from eventhub.partnerships.ladder import Stage, Standing
from eventhub.partnerships.models import Partnership
from eventhub.partnerships.states import Rung

RUNGS = tuple(rung.value for rung in Rung)
# by the ladder, by what some party says, or by what somebody independent says
SHOW = (*RUNGS, "disputed", "corrected", "changed", "not_asked", "contradicted")


@dataclass(frozen=True)
class Entry:
    """One partnership with what is computed of it."""

    partnership: Partnership
    standing: Standing
    stage: Stage | None

    @property
    def counted_activities(self) -> int:
        """Activities that all parties confirmed as they stand."""
        keys = (f"activity:{row.id}" for row in self.partnership.activities)
        return sum(self.standing.items[key] is not Rung.REPORTED for key in keys)

    def is_shown_as(self, show: str) -> bool:
        if show == "contradicted":
            return queries.is_contradicted(self.partnership)
        return show == self.standing.rung.value if show in RUNGS else show in self.standing.words.values()


def entries(partnerships: Iterable[Partnership]) -> list[Entry]:
    """Each with what is computed of it."""
    return [Entry(row, queries.standing(row, listed=True), queries.stage(row)) for row in partnerships]


def search(found: list[Entry], q: str) -> list[Entry]:
    """Those whose reference, title, summary, parties or activities hold every word of ``q``."""
    words = directory.fold(q).split()
    return [entry for entry in found if all(word in _text(entry.partnership) for word in words)] if words else found


def _text(partnership: Partnership) -> str:
    texts = [partnership.ref, partnership.title, partnership.summary]
    texts += [party.organisation.search_text or party.organisation.name for party in partnership.parties]
    texts += [f"{activity.title} {activity.place}" for activity in partnership.activities]
    return directory.fold(" ".join(texts))


def count(found: Iterable[Entry]) -> Counter[str]:
    """How many entries each filter would show."""
    numbers: Counter[str] = Counter()
    for entry in found:
        numbers.update(show for show in SHOW if entry.is_shown_as(show))
    return numbers
