"""What a device is told of a verdict: when and where somebody was let in first, and as much of the person as it may see.

An adult appears under the names on the badge. A child appears under the chosen name, with the role "delegate"; a device without the scope `children` sees only that the
focal point is to be called. A badge of another meeting names neither its person nor its meeting.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from eventhub import clock
from eventhub.checkin import ask, facts, wire
from eventhub.checkin.ask import Answer
from eventhub.checkin.devices import DeviceFacts
from eventhub.checkin.known import Known
from eventhub.checkin.models import Device
from eventhub.checkin.rules import Verdict
from eventhub.db import db
from eventhub.directory.queries import worn_names
from eventhub.programme import queries as programme
from eventhub.safeguarding.queries import photo_mark

_NOBODY = (Verdict.UNKNOWN, Verdict.WRONG_MEETING)
_WELCOME = (Verdict.ADMITTED, Verdict.ALREADY_IN)
OK, NO = "photo_ok", "no_photo"


def result(device: DeviceFacts, about: Known, answer: Answer) -> dict[str, Any]:
    """The wire's result for one answer."""
    if device.is_kiosk:
        return _greeting(device, about, answer)
    person = None
    if answer.row is not None and answer.verdict not in _NOBODY:
        person = person_of(answer.row, device.scope)
    first = None
    if answer.verdict == Verdict.ALREADY_IN and answer.row is not None:
        first = _first(device, about, answer.row)
    return wire.result(answer.scan_id, answer.verdict, first=first, person=person)


def _greeting(device: DeviceFacts, about: Known, answer: Answer) -> dict[str, Any]:
    """A kiosk hears a name only to welcome its owner, and where they go next; of a refusal nothing but the word."""
    row = answer.row
    if answer.verdict not in _WELCOME or row is None or row.person_id is None:
        return wire.result(answer.scan_id, answer.verdict)
    person = person_of(row, device.scope)
    if row.is_child or person is None:
        return wire.result(answer.scan_id, answer.verdict, person=person)
    if row.at_risk:  # bystanders read along: no more than what they want to be called
        person |= {"name": row.called, "latin_name": "", "organisation": ""}
    return wire.result(answer.scan_id, answer.verdict, person=person, next=_next(about, row.registration_id))


def _next(about: Known, registration_id: int) -> dict[str, str] | None:
    now = clock.now()
    today = about.day(facts.milliseconds(now))
    ends = next((day["to"] for day in about.days if today and day["day"] == today.isoformat()), None)
    if ends is None:
        return None
    found = programme.find_next(about.meeting_id, registration_id, at=now, before=datetime.fromisoformat(ends))
    if found is None:
        return None
    return {"title": found.title, "starts": facts.written(facts.milliseconds(found.starts)), "room": found.room or ""}


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
    name, latin, called = worn_names(row)
    return {
        "key": row.person_key,
        "name": name,
        "latin_name": latin,
        "called": called,
        "organisation": row.organisation or row.organisation_text or "",
        "role": getattr(row.role, "value", row.role),
        "mark": mark,
        "see_focal_point": False,
    }
