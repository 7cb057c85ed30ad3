"""What a device is told of a verdict: when and where somebody was let in first, and as much of the person as it may see.

A child appears under the chosen name, with the role "delegate"; a device without the scope `children` sees only that the
focal point is to be called. A badge of another meeting names neither its person nor its meeting.
"""

from typing import Any

import sqlalchemy as sa

from eventhub.checkin import ask, facts, wire
from eventhub.checkin.ask import Answer
from eventhub.checkin.devices import DeviceFacts
from eventhub.checkin.known import Known
from eventhub.checkin.models import Device
from eventhub.checkin.rules import Verdict
from eventhub.db import db
from eventhub.safeguarding.queries import photo_mark

_NOBODY = (Verdict.UNKNOWN, Verdict.WRONG_MEETING)
OK, NO = "photo_ok", "no_photo"


def result(device: DeviceFacts, about: Known, answer: Answer) -> dict[str, Any]:
    """The wire's result for one answer."""
    person = None
    if answer.row is not None and answer.verdict not in _NOBODY:
        person = person_of(answer.row, device.scope)
    first = None
    if answer.verdict == Verdict.ALREADY_IN and answer.row is not None:
        first = _first(device, about, answer.row)
    return wire.result(answer.scan_id, answer.verdict, first=first, person=person)


def _first(device: DeviceFacts, about: Known, row: Any) -> dict[str, Any] | None:
    if row.first_t is None:
        return None
    name = db.session.scalar(sa.select(Device.name).where(Device.id == row.first_device_id))
    return {
        "at": facts.written(row.first_t),
        "checkpoint": device.checkpoint,
        "device": str(row.first_device_id),
        "checkpoint_name": about.names.get(device.checkpoint, ""),
        "device_name": name or "",
    }


def person_of(row: Any, scope: frozenset[str]) -> dict[str, Any] | None:
    """The person of a reading, as a device with this scope may see them; None when the row has none."""
    if row.person_id is None:
        return None
    mark = OK if photo_mark(ask.photo_answers(row), is_child=bool(row.is_child)) else NO
    if row.is_child:
        shown = {"mark": mark, "role": "delegate", "see_focal_point": True}
        if "children" not in scope:
            return {**shown, "name": "", "latin_name": "", "called": "", "organisation": ""}
        name = row.called or ""
        return {"key": row.person_key, **shown, "name": name, "latin_name": "", "called": name, "organisation": ""}
    return {
        "key": row.person_key,
        "name": row.full_name,
        "latin_name": row.latin_name,
        "called": row.called,
        "organisation": row.organisation or row.organisation_text or "",
        "role": getattr(row.role, "value", row.role),
        "mark": mark,
        "see_focal_point": False,
    }
