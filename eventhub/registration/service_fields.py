"""Rules for a meeting's own questions: made, changed, ordered; removed only while nobody has answered."""

import secrets
from collections.abc import Iterable

from flask_babel import lazy_gettext as _

from eventhub import audit
from eventhub.audit import Actor
from eventhub.db import db
from eventhub.errors import InvalidError, RuleError
from eventhub.meetings.models import Meeting, Sector
from eventhub.pages import clean_line
from eventhub.registration import queries_fields, seats
from eventhub.registration.models import FieldKind, FormField

WITH_CHOICES = (FieldKind.CHOICE, FieldKind.CHOICES)
MOST_CHOICES = 100
MOST_FIELDS = 40


def add(
    meeting: Meeting,
    *,
    label: str,
    kind: FieldKind | str = FieldKind.TEXT,
    help: str = "",
    choices: Iterable[str] = (),
    required: bool = False,
    sector: Sector | None = None,
    by: Actor,
) -> FormField:
    """Ask one more question, at the end of the form. Raises InvalidError."""
    meeting = seats.hold(meeting.id)
    fields = queries_fields.list_fields(meeting.id)
    if len(fields) >= MOST_FIELDS:
        raise InvalidError(
            _("A form with more than 40 own questions is not filled in. Remove one first."), field="label"
        )
    field = FormField(
        meeting_id=meeting.id,
        name=secrets.token_hex(8),
        label=label,
        help=help,
        kind=FieldKind(kind),
        choices=_choices(FieldKind(kind), choices),
        required=required,
        sector_id=sector.id if sector else None,
        position=1 + max((f.position for f in fields), default=0),
    )
    db.session.add(field)
    db.session.flush()
    audit.record(by, "added question", field)
    return field


def change(
    field: FormField,
    *,
    label: str,
    kind: FieldKind | str,
    help: str,
    choices: Iterable[str],
    required: bool,
    sector: Sector | None,
    by: Actor,
) -> FormField:
    """Change a question; the kind only while nobody has answered."""
    if field.kind != FieldKind(kind) and queries_fields.count_answers(field.meeting_id).get(field.id):
        raise InvalidError(_("People have answered this question, so its kind stays. Add another one."), field="kind")
    field.label, field.help, field.kind, field.required = label, help, FieldKind(kind), required
    field.choices = _choices(FieldKind(kind), choices)
    field.sector_id = sector.id if sector else None
    db.session.flush()
    audit.record(by, "changed question", field)
    return field


def remove(field: FormField, *, by: Actor) -> None:
    """Take a question away; raises RuleError once somebody has answered it."""
    seats.hold(field.meeting_id)
    if queries_fields.count_answers(field.meeting_id).get(field.id):
        raise RuleError(_("People have answered this question. It stays, so that their answers do."))
    audit.record(by, "removed question", field)
    db.session.delete(field)
    db.session.flush()


def move(field: FormField, *, up: bool, by: Actor) -> None:
    """Change places with the question before or after; at either end nothing happens."""
    seats.hold(field.meeting_id)
    fields = queries_fields.list_fields(field.meeting_id)
    here = fields.index(field)
    there = here - 1 if up else here + 1
    if 0 <= there < len(fields):
        fields[here], fields[there] = fields[there], fields[here]
        for position, row in enumerate(fields, 1):
            row.position = position
        db.session.flush()
        audit.record(by, "moved question", field)


def _choices(kind: FieldKind, choices: Iterable[str]) -> list[str]:
    if kind not in WITH_CHOICES:
        return []
    wanted = list(dict.fromkeys(text for text in (str(clean_line(choice)) for choice in choices) if text))
    if len(wanted) < 2:
        raise InvalidError(_("Write at least two choices, one a line."), field="choices")
    if len(wanted) > MOST_CHOICES or any(len(text) > 200 for text in wanted):
        raise InvalidError(_("At most 100 choices, of at most 200 letters each."), field="choices")
    return wanted
