"""What was signed on paper, typed in: the signature as a fact of its own, and a scan for whom no door saw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _

from eventhub import audit, clock
from eventhub.audit import Actor
from eventhub.checkin import facts, service_paper
from eventhub.checkin.models import Checkpoint
from eventhub.checkin.service_paper import WalkIn
from eventhub.db import db, lock
from eventhub.documents import queries_sheets
from eventhub.documents.models import Signature
from eventhub.documents.queries_sheets import Sheet
from eventhub.errors import InvalidError
from eventhub.meetings.models import Meeting
from eventhub.meetings.service import DAY_BEGINS

EARLY = timedelta(minutes=2)  # a wall clock may be fast


@dataclass(frozen=True)
class Entered:
    """What a page of typing changed."""

    signed: int
    taken_back: int
    scans: int


def instant(sheet: Sheet, at: time) -> datetime:
    """The instant of a written time on the sheet's day (after midnight it is still that day's evening).

    Raises InvalidError for a time that has not come yet.
    """
    day = sheet.day if at >= DAY_BEGINS else sheet.day + timedelta(days=1)
    found = datetime.combine(day, at, ZoneInfo(sheet.meeting.tz))
    if found > clock.now() + EARLY:
        raise InvalidError(_("This time has not come yet. Look at the paper again."))
    return found


def enter(
    sheet: Sheet,
    *,
    signed: Mapping[str, datetime],
    taken_back: Sequence[str] = (),
    walk_ins: Sequence[WalkIn] = (),
    door: Checkpoint | None,
    by: Actor,
) -> Entered:
    """Note who signed (person key -> when) and whose tick was a slip; twice is once.

    Whom no door saw gets a scan at ``door`` (None: there is none, so only the signature is kept). Raises IntegrityError
    when another request wrote the same meanwhile: then it is to be repeated.
    """
    lock(Meeting, sheet.meeting.id)
    known = queries_sheets.signatures(sheet)
    now, new, gone = clock.now(), 0, 0
    for key in {*signed, *taken_back}:
        before, when = known.get(key), signed.get(key)
        if before is not None and before.signed_at != when:
            before.withdrawn_at = now
            gone += when is None
            db.session.flush()
        if when is not None and (before is None or before.withdrawn_at is not None):
            new += before is None
            _add(sheet, key, when, by)
    for guest in walk_ins:
        key = f"walkin:{guest.ident}"
        if key not in known:
            new += 1
            _add(sheet, key, facts.moment(guest.t), by)
    db.session.flush()
    scans = _scan(sheet, door, signed, taken_back, walk_ins, by) if door is not None else 0
    if new or gone:
        audit.record(by, "entered who signed a sheet of", sheet.meeting, meeting_id=sheet.meeting.id, sheet=sheet.name)
    return Entered(new, gone, scans)


def _add(sheet: Sheet, key: str, when: datetime, by: Actor) -> None:
    db.session.add(
        Signature(
            meeting_id=sheet.meeting.id,
            sheet=sheet.name,
            day=sheet.day,
            session_id=sheet.session.id if sheet.session is not None else None,
            person_key=key,
            signed_at=when,
            by_name=by.name,
        )
    )


def _scan(
    sheet: Sheet,
    door: Checkpoint,
    signed: Mapping[str, datetime],
    taken_back: Sequence[str],
    walk_ins: Sequence[WalkIn],
    by: Actor,
) -> int:
    seen = queries_sheets.seen_at_doors(sheet)
    ticks: dict[str, int | None] = {
        key: None if key in seen else facts.milliseconds(when)
        for key, when in signed.items()
        if not key.startswith("walkin:")
    }
    ticks |= {key: None for key in taken_back if key not in signed and not key.startswith("walkin:")}
    return service_paper.enter(door, day=sheet.day, ticks=ticks, walk_ins=walk_ins, by=by)
