"""What the kitchen gets: what confirmed people may not eat, and for how many; never a name.

Whoever registers is told so ("the kitchen gets numbers, not names"). Each record that is opened for it is in the audit.
"""

from collections import Counter
from collections.abc import Iterable

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from eventhub import audit
from eventhub.audit import Actor
from eventhub.db import db, write_appended
from eventhub.directory.models import Person
from eventhub.errors import NotFoundError
from eventhub.meetings.models import Meeting
from eventhub.safeguarding.models import SealedRecord
from eventhub.security import unseal

KIND = "diet"


def diets(person_ids: Iterable[int], meeting: Meeting, *, by: Actor) -> list[tuple[str, int]]:
    """(what was told, of how many people), most first; words that differ only in letters' case or spaces are one.

    Raises NotFoundError when a record was sealed with another key. Each reading is a row in the audit: commit it.
    """
    write_appended(of=SealedRecord)
    rows = db.session.execute(
        sa.select(SealedRecord, Person)
        .join(Person, Person.id == SealedRecord.person_id)
        .where(
            SealedRecord.person_id.in_(list(person_ids)),
            SealedRecord.meeting_id == meeting.id,
            SealedRecord.kind == KIND,
        )
        .order_by(SealedRecord.id)
    )
    told: Counter[str] = Counter()
    words: dict[str, str] = {}
    for record, person in rows:
        audit.record(by, "read sealed record", person, meeting_id=meeting.id, kind=KIND, kitchen=True)
        try:
            text = " ".join(unseal(record.sealed).split())
        except ValueError as error:
            raise NotFoundError(
                _(
                    "A record was sealed with another key and cannot be opened. Restore the key that belongs to this data."
                )
            ) from error
        told[text.casefold()] += 1
        words.setdefault(text.casefold(), text)
    return [(words[key], n) for key, n in told.most_common()]
