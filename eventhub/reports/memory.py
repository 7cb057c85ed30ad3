"""What is costly and the same as before is not worked out again: kept per process, under a name that says all it depends on.

Layouts and centralities go by the network's own content. The ledger goes by a mark of everything that it is read from;
small networks are read every time, since that costs less than anybody notices.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import current_app

from eventhub.audit import AuditEntry
from eventhub.db import db
from eventhub.directory.models import Organisation, Person
from eventhub.meetings.models import Meeting
from eventhub.networking.models import Introduction
from eventhub.partnerships import models
from eventhub.partnerships.models import Partnership
from eventhub.partnerships.models_record import Statement

T = TypeVar("T")

KEPT = 24  # results of each kind
LARGE = 400  # partnerships; fewer are read every time
_READ = (
    models.Party,
    models.Activity,
    models.Verification,
    models.Evidence,
    models.Substantiation,
    models.Level,
    models.Theme,
    models.StageStatement,
    models.Origin,
    Statement,
)
# whose acts change what the ledger reads; every act leaves a row in the audit, in its own transaction
_SUBJECTS = [table.__tablename__ for table in (*_READ, Partnership, Organisation, Person, Meeting, Introduction)]


class Memory:
    """The last results of one kind, by name."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()

    def remember(self, name: Hashable, make: Callable[[], T]) -> T:
        """What was made under this name, else what ``make`` makes. Two at once may both make it: it is the same."""
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
                return self._kept[name]
        made = make()
        with self._lock:
            self._kept[name] = made
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()


def mark() -> Hashable | None:
    """A mark that is another after every change of a partnership's record, or of whom and what it speaks of; None for
    a small network. It is taken before the records are read: what changes in between makes the next mark another."""
    many = db.session.scalar(sa.select(sa.func.count(Partnership.id))) or 0
    if many < LARGE:
        return None
    numbers = (
        [sa.select(sa.func.count(model.id)).scalar_subquery() for model in _READ]
        + [sa.select(sa.func.max(model.id)).scalar_subquery() for model in _READ]
        + [
            sa.select(sa.func.sum(Partnership.version)).scalar_subquery(),
            sa.select(sa.func.count(Person.id)).where(Person.at_risk).scalar_subquery(),
            sa.select(sa.func.sum(Person.id)).where(Person.at_risk).scalar_subquery(),
            sa.select(sa.func.count(Organisation.id)).where(Organisation.merged_into_id.is_not(None)).scalar_subquery(),
            sa.select(sa.func.sum(Organisation.merged_into_id)).scalar_subquery(),
            sa.select(sa.func.count(AuditEntry.id)).where(AuditEntry.subject_kind.in_(_SUBJECTS)).scalar_subquery(),
        ]
    )
    row = db.session.execute(sa.select(*numbers)).one()
    return (current_app.config["EVENTHUB"].database_url, many, *row)
