"""Rules for commitments: what a delegation promised, and what is told of it. Nothing that was told is overwritten."""

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _

from eventhub import audit, clock
from eventhub.audit import Actor
from eventhub.db import db, lock
from eventhub.directory import queries as directory
from eventhub.directory.checks import is_web_address
from eventhub.directory.models import Organisation, Precision
from eventhub.errors import InvalidError, NotFoundError, StaleError
from eventhub.meetings.models import Meeting
from eventhub.partnerships import queries_commit as queries
from eventhub.partnerships.models_commit import Commitment, CommitmentTelling
from eventhub.partnerships.service import differences
from eventhub.partnerships.states import CommitmentState


def promise(
    *,
    meeting: Meeting,
    organisation: Organisation,
    text: str,
    by: Actor,
    due: date | None = None,
    due_precision: Precision = Precision.UNKNOWN,
    who: str = "",
) -> Commitment:
    """Note what a delegation promised. Noted twice in the same words, it is once. Raises InvalidError for no words."""
    if not text:
        raise InvalidError(_("Write what was promised."), field="text")
    organisation = directory.canonical(organisation)
    lock(Meeting, meeting.id)
    known = next((row for row in queries.list_commitments(meeting, [organisation.id]) if row.text == text), None)
    if known is not None:
        return known
    row = Commitment(
        meeting=meeting,
        organisation=organisation,
        text=text,
        due=due,
        due_precision=due_precision if due is not None else Precision.UNKNOWN,
        who=who,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(by, "noted", row)
    return row


def change(row: Commitment, *, version: int, by: Actor, **values: Any) -> None:
    """Correct what was noted; what stood before is kept in the audit. Raises StaleError."""
    if lock(Commitment, row.id) is None:
        raise NotFoundError
    if row.version != version:
        raise StaleError
    if not values.get("text", row.text):
        raise InvalidError(_("Write what was promised."), field="text")
    before = differences(row, values)
    for name, value in values.items():
        setattr(row, name, value)
    db.session.flush()
    if before:
        audit.record(by, "changed", row, before=before)


def tell(
    row: Commitment,
    *,
    state: CommitmentState,
    by: Actor,
    words: str = "",
    evidence_url: str = "",
    at: datetime | None = None,
) -> CommitmentTelling | None:
    """Somebody says how it stands; None when that was what was told last. Raises InvalidError."""
    by_delegation = by.kind not in ("staff", "system")
    if by_delegation and state is CommitmentState.WITHDRAWN:
        raise InvalidError(_("Ask the organisers to withdraw it."), field="state")
    if evidence_url and not is_web_address(evidence_url):
        raise InvalidError(_("Write the whole address, beginning with https://"), field="evidence_url")
    if lock(Commitment, row.id) is None:
        raise NotFoundError
    last = row.tellings[-1] if row.tellings else None
    if last is not None and (last.state, last.words, last.evidence_url, last.by_delegation) == (
        state, words, evidence_url, by_delegation
    ):  # fmt: skip
        return None
    telling = CommitmentTelling(
        state=state,
        words=words,
        evidence_url=evidence_url,
        by_name=by.name,
        by_delegation=by_delegation,
        at=at or clock.now(),
    )
    row.tellings.append(telling)
    row.state = state
    db.session.flush()
    audit.record(by, f"told: {state.value.replace('_', ' ')}", row)
    return telling
