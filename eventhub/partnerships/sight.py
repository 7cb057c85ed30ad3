"""What may be seen of partnerships outside of those who edit them: by readers, in lists, figures, maps and exports."""

import sqlalchemy as sa

from eventhub.directory.models import Person
from eventhub.partnerships.models import Evidence, Partnership, Party
from eventhub.partnerships.states import Visibility


def is_open() -> sa.ColumnElement[bool]:
    """The condition on Partnership for whatever is listed, counted or exported: it was not joined to another record,
    and nobody in it is at risk.

    Also somebody who came to be at risk later, whoever it was noted by.
    """
    at_risk = (
        sa.select(Party.partnership_id)
        .join(Person, Party.focal_person_id == Person.id)
        .where(Person.at_risk, Party.partnership_id == Partnership.id)
    )
    return sa.and_(Partnership.merged_into_id.is_(None), Partnership.visibility != Visibility.HIDDEN, ~at_risk.exists())


def is_hidden(partnership: Partnership) -> bool:
    """The same for one that is loaded."""
    at_risk = any(party.focal_person is not None and party.focal_person.at_risk for party in partnership.parties)
    return at_risk or partnership.visibility is Visibility.HIDDEN


def held_back(row: Evidence) -> bool:
    """Whether children can be recognised in it and nobody said that they agreed: nobody is shown it, nothing exports it."""
    return row.shows_children and row.consent_ok is not True


def list_shown_evidence(partnership: Partnership, *, may_edit: bool = False) -> list[Evidence]:
    """The evidence that a reader may see; what is hidden only where they may edit."""
    return [
        row
        for row in partnership.evidence
        if not held_back(row) and (may_edit or row.visibility is not Visibility.HIDDEN)
    ]
