"""Trust and value between partners, 1 to 4, after the PARTNER survey (Varda and others): asked of each party by its
link, and told only as averages of five parties or more. Nobody is shown a single answer, staff neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from eventhub import clock
from eventhub.db import db
from eventhub.errors import InvalidError
from eventhub.partnerships.models import Origin, Partnership, Party
from eventhub.partnerships.models_record import Rating
from eventhub.partnerships.sight import is_open

FEWEST = 5  # parties; below that an average could point to one of them
SCALE = (1, 2, 3, 4)


@dataclass(frozen=True)
class Average:
    """Of how many parties' newest answers; ``mean`` is None where they are too few to be told."""

    mean: float | None
    parties: int


def rate(party: Party, *, trust: int | None, value: int | None) -> None:
    """Keep what a party answered beside its earlier answers; nothing answered is nothing said. Raises InvalidError."""
    if trust is None and value is None:
        return
    if any(answer is not None and answer not in SCALE for answer in (trust, value)):
        raise InvalidError(_("Choose one of the four answers, or none."))
    newest = _newest([party.partnership_id]).get(party.id)
    if newest is None or (newest.trust, newest.value) != (trust, value):
        db.session.add(
            Rating(partnership_id=party.partnership_id, party_id=party.id, trust=trust, value=value, at=clock.now())
        )
        db.session.flush()


def averages(meeting_ids: Sequence[int] | None) -> dict[str, Average]:
    """ "trust" and "value" over what came of these meetings (None: all), hidden partnerships left out."""
    chosen = sa.select(Partnership.id).where(is_open())
    if meeting_ids is not None:
        chosen = chosen.join(Origin).where(Origin.meeting_id.in_(meeting_ids))
    newest = _newest(chosen).values()
    found = {}
    for name in ("trust", "value"):
        said = [answer for row in newest if (answer := getattr(row, name)) is not None]
        enough = len(said) >= FEWEST
        found[name] = Average(round(sum(said) / len(said), 1) if enough else None, len(said))
    return found


def _newest(partnership_ids: Sequence[int] | sa.Select[tuple[int]]) -> dict[int, Rating]:
    """The newest answer of each party."""
    rows = db.session.scalars(sa.select(Rating).where(Rating.partnership_id.in_(partnership_ids)).order_by(Rating.id))
    return {row.party_id: row for row in rows}
