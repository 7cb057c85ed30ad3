"""What was said of each item of a record, by whom, when and why. Nothing is overwritten: every change of a row adds a
statement here, whoever made it, so the record as it stood on any day can be read back.

An item is one row ("core" for the partnership itself, "origin", "activity:12" …). Its value is None once it is taken
back, or has gone to another record by a merge. The rows themselves always equal the newest statements.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import object_session

from eventhub import clock
from eventhub.audit import SYSTEM, Actor
from eventhub.db import db
from eventhub.partnerships.models import (
    Activity,
    Context,
    Evidence,
    Formality,
    Level,
    Origin,
    Outcome,
    Partnership,
    Party,
    Place,
    Resource,
    StageStatement,
    Theme,
)
from eventhub.partnerships.models_record import Statement
from eventhub.partnerships.values import plain

F = TypeVar("F", bound=Callable[..., Any])
CORE, ORIGIN = "core", "origin"
KINDS: dict[type[Any], str] = {
    Partnership: CORE,
    Origin: ORIGIN,
    Party: "party",
    Level: "level",
    Place: "place",
    Theme: "theme",
    Activity: "activity",
    Outcome: "outcome",
    Context: "context",
    Evidence: "evidence",
    StageStatement: "stage",
    Formality: "formality",
    Resource: "resource",
}
MODELS = {kind: model for model, kind in KINDS.items()}
_NOT_SAID = frozenset({"id", "partnership_id", "created_at", "version"})
_SPEAKER = "partnership_speaker"

Items = dict[str, dict[str, Any]]


@contextmanager
def speaking(by: Actor, why: str = "") -> Iterator[None]:
    """Whatever is changed and flushed inside is said by this actor, for this reason."""
    before = db.session.info.get(_SPEAKER)
    db.session.info[_SPEAKER] = (by, why)
    try:
        yield
        db.session.flush()
    finally:
        db.session.info[_SPEAKER] = before


def said(service: F) -> F:
    """A service whose changes are said by its ``by=``, for the reason that its callers give as ``why=``."""

    @wraps(service)
    def wrapper(*args: Any, by: Actor, why: str = "", **values: Any) -> Any:
        with speaking(by, why):
            return service(*args, by=by, **values)

    return wrapper  # type: ignore[return-value]  # wraps() keeps the service's signature


def item_of(row: Any) -> str:
    """The name of a row's item: "activity:12"."""
    kind = KINDS[type(row)]
    return kind if kind in (CORE, ORIGIN) else f"{kind}:{row.id}"


def value_of(row: Any) -> dict[str, Any]:
    """Everything that a row says, as JSON."""
    return {
        column.key: plain(getattr(row, column.key))
        for column in sa.inspect(type(row)).column_attrs
        if column.key not in _NOT_SAID
    }


def present(partnership: Partnership) -> Items:
    """Every item of a record as its rows have it now."""
    found = {CORE: value_of(partnership)}
    for model in KINDS:
        if model is not Partnership:
            for row in db.session.scalars(
                sa.select(model).where(model.partnership_id == partnership.id).order_by(model.id)
            ):
                found[item_of(row)] = value_of(row)
    return found


def as_of(partnership_id: int, at: datetime) -> Items:
    """The record as it stood at an instant: of each item what was said last until then."""
    found: Items = {}
    for row in list_statements(partnership_id):
        if row.at <= at:
            if row.value is None:
                found.pop(row.item, None)
            else:
                found[row.item] = row.value
    return found


def list_statements(partnership_id: int) -> list[Statement]:
    """All of a record's, in the order in which they were made."""
    return list(
        db.session.scalars(
            sa.select(Statement).where(Statement.partnership_id == partnership_id).order_by(Statement.id)
        )
    )


def find_row(partnership: Partnership, item: str) -> Any:
    """The row of an item as it is now; None when it is not (or no longer) one of this record's."""
    if item == CORE:
        return partnership
    if item == ORIGIN:
        return partnership.origin
    kind, _colon, ident = item.partition(":")
    if kind not in MODELS or not ident.isdigit():
        return None
    row = db.session.get(MODELS[kind], int(ident))
    return row if row is not None and row.partnership_id == partnership.id else None


# how they come about


def _say(connection: sa.Connection, row: Any, partnership_id: int, value: dict[str, Any] | None) -> None:
    by, why = db.session.info.get(_SPEAKER) or (SYSTEM, "")
    connection.execute(
        sa.insert(Statement).values(
            partnership_id=partnership_id,
            item=item_of(row),
            value=value if value is not None else sa.null(),
            said_by=by.name,
            actor_kind=by.kind,
            why=why,
            at=clock.now(),
        )
    )


def _home(row: Any) -> int:
    return int(row.id if isinstance(row, Partnership) else row.partnership_id)


def _added(_mapper: Any, connection: sa.Connection, row: Any) -> None:
    _say(connection, row, _home(row), value_of(row))


def _changed(_mapper: Any, connection: sa.Connection, row: Any) -> None:
    session = object_session(row)
    state = sa.inspect(row)
    moved = [] if isinstance(row, Partnership) else state.attrs.partnership_id.history.deleted or []
    for former in moved:
        _say(connection, row, former, None)
    said = any(
        state.attrs[column.key].history.has_changes()
        for column in sa.inspect(type(row)).column_attrs
        if column.key not in _NOT_SAID
    )
    if session is not None and (moved or said):
        _say(connection, row, _home(row), value_of(row))


def _removed(_mapper: Any, connection: sa.Connection, row: Any) -> None:
    if not isinstance(row, Partnership):
        _say(connection, row, _home(row), None)


for _model in KINDS:
    event.listen(_model, "after_insert", _added)
    event.listen(_model, "after_update", _changed)
    event.listen(_model, "after_delete", _removed)
