"""Sessions where people check in with their own phones: the code on the room's screen, and what recording it means.

The code is a signature over the session and the present half minute: nothing is stored, and a photo of it stops working.
Who scans it becomes a scan by their own key at the session's checkpoint, so every rule of the door holds: opening hours,
sign-up, capacity. Scanning the same code twice is one scan.
"""

import uuid
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eventhub import audit, clock
from eventhub.audit import Actor
from eventhub.checkin import api_door, devices, facts, gather, service, wire
from eventhub.checkin.models import Checkpoint, CheckpointKind, Device, Scan, SelfCheckIn
from eventhub.db import db, lock
from eventhub.errors import LinkError, LinkExpiredError, LinkWithdrawnError, RuleError
from eventhub.meetings.models import Meeting
from eventhub.programme.models import Audience, Session
from eventhub.registration.models import Registration
from eventhub.security import read_token, token

STEP = 30  # seconds that a code is on the screen
LASTS = 3  # steps that it works, the one on the screen included
EARLY = timedelta(minutes=30)  # before the session, for the checkpoint that is made here
DEVICE_LIVES = timedelta(days=400)
_SPACE = uuid.UUID("0d6cf36b-53f4-4b5e-9f2a-2f1f9f1f7a52")


class RoomCodeError(LinkError):
    sentence = _l("This is not a code of one of our rooms. Scan the one on the room's screen again.")


class RoomCodeOldError(LinkExpiredError):
    sentence = _l("This code is too old: it works for 90 seconds only. Scan the one that is on the screen now.")


class SelfCheckInEndedError(RuleError):
    sentence = _l("Self check-in for this session has ended. Ask at the door.")


class OtherMeetingError(RuleError):
    sentence = _l("This room belongs to another meeting than your registration. Open the page of the right one.")


class AdultsOnlyError(RuleError):
    sentence = _l("This session is for adults only.")


# --- staff -------------------------------------------------------------------------------------------------------


def open_for(session: Session, *, by: Actor) -> SelfCheckIn:
    """Let people check in to this session by themselves; asked again, it opens again under a new link."""
    held = lock(Session, session.id)
    row = find(session.id)
    if row is not None:
        device = db.session.get_one(Device, row.device_id)
        if device.revoked_at is None:
            return row
    checkpoint = _checkpoint(held or session, by=by)
    made = devices.make_keyless(checkpoint, name=_("Own phones"), expires_at=clock.now() + DEVICE_LIVES, by=by)
    if row is None:
        row = SelfCheckIn(session_id=session.id, device_id=made.id)
        db.session.add(row)
    else:
        row.device_id, row.version = made.id, row.version + 1
    db.session.flush()
    audit.record(by, "opened self check-in", row, meeting_id=session.meeting_id)
    return row


def renew_link(row: SelfCheckIn, *, by: Actor) -> None:
    """The link of the room's screen stops working; there is a new one."""
    row.version += 1
    db.session.flush()
    audit.record(by, "renewed the screen's link of", row)


def end(row: SelfCheckIn, *, by: Actor) -> None:
    """Nobody checks in by themselves any more, and the screen's link stops working."""
    devices.revoke(db.session.get_one(Device, row.device_id), by=by)
    renew_link(row, by=by)


def _checkpoint(session: Session, *, by: Actor) -> Checkpoint:
    """The session's own checkpoint; made with the session's rules when there is none."""
    found = db.session.scalar(
        sa.select(Checkpoint)
        .where(Checkpoint.session_id == session.id, Checkpoint.closed_at.is_(None))
        .order_by(Checkpoint.id)
        .limit(1)
    )
    if found is not None:
        return found
    meeting = session.meeting
    return service.create_checkpoint(
        meeting,
        name=_free_name(meeting, session),
        kind=CheckpointKind.SESSION,
        session=session,
        needs_sign_up=session.needs_sign_up,
        capacity=session.capacity,
        open_from=session.starts - EARLY,
        open_to=session.ends,
        by=by,
    )


def _free_name(meeting: Meeting, session: Session) -> str:
    taken = set(db.session.scalars(sa.select(Checkpoint.name).where(Checkpoint.meeting_id == meeting.id)))
    title = session.title[:100]
    names = [title, f"{title} ({session.starts.astimezone(ZoneInfo(meeting.tz)):%H:%M})", f"{title} ({session.id})"]
    return next((name for name in names if name not in taken), f"{title} ({uuid.uuid4()})")


def find(session_id: int) -> SelfCheckIn | None:
    """The self check-in of a session; None where nobody opened one."""
    return db.session.scalar(sa.select(SelfCheckIn).where(SelfCheckIn.session_id == session_id))


def is_open(row: SelfCheckIn | None) -> bool:
    """Whether people may check in by themselves there now, as far as staff says."""
    return row is not None and db.session.get_one(Device, row.device_id).revoked_at is None


def open_sessions(meeting_id: int) -> set[int]:
    """The ids of the meeting's sessions with self check-in; one statement."""
    return set(
        db.session.scalars(
            sa.select(SelfCheckIn.session_id)
            .join(Device, Device.id == SelfCheckIn.device_id)
            .where(Device.meeting_id == meeting_id, Device.revoked_at.is_(None))
        )
    )


# --- the screen --------------------------------------------------------------------------------------------------


def screen_token(row: SelfCheckIn) -> str:
    """The secret part of the screen's link."""
    return token("room_screen", row.id, row.version)


def get_screen(text: str) -> tuple[SelfCheckIn, Session]:
    """The screen of a link; raises LinkError, LinkWithdrawnError."""
    ident, version = read_token("room_screen", text)
    row = db.session.get(SelfCheckIn, ident)
    if row is None or row.version != version or not is_open(row):
        raise LinkWithdrawnError(_("This screen's link was withdrawn. Ask an organiser for the new one."))
    return row, db.session.get_one(Session, row.session_id)


def step_now() -> int:
    """The number of the present step of STEP seconds: what the code on the screen is made of."""
    return int(clock.now().timestamp()) // STEP


def seconds_left() -> float:
    """How long the code on the screen stays, in seconds."""
    return STEP - clock.now().timestamp() % STEP


def code_now(session: Session) -> str:
    """What the room's screen shows now."""
    return token("room_code", session.id, step_now())


def read_code(text: str) -> tuple[Session, int]:
    """The session of a code, and its half minute. Raises RoomCodeError, RoomCodeOldError."""
    try:
        session_id, step = read_token("room_code", text.strip().lower())
    except LinkError as error:
        raise RoomCodeError from error
    session = db.session.get(Session, session_id)
    if session is None:
        raise RoomCodeError
    if not 0 <= step_now() - step < LASTS:
        raise RoomCodeOldError
    return session, step


# --- people ------------------------------------------------------------------------------------------------------


def record(registration: Registration, session: Session, step: int) -> dict[str, Any]:
    """This person is in this session: the door's result. A repeat of the same code gets the same answer; committed.

    Raises OtherMeetingError, AdultsOnlyError, SelfCheckInEndedError.
    """
    if registration.meeting_id != session.meeting_id:
        raise OtherMeetingError
    if registration.is_child and session.audience is Audience.ADULTS:
        raise AdultsOnlyError
    row = find(session.id)
    if row is None or not is_open(row):
        raise SelfCheckInEndedError
    device = db.session.get_one(Device, row.device_id)
    lock(Registration, registration.id)  # of two presses at once the second finds the first one's scan
    ident = str(uuid.uuid5(_SPACE, f"{registration.id}:{session.id}:{step}"))
    now = facts.written(facts.milliseconds(clock.now()))
    stored = db.session.scalar(sa.select(Scan.content).where(Scan.device_id == device.id, Scan.scan_id == ident))
    scan = stored or {
        "person": gather.key_of(registration.person_id),
        "checkpoint": str(device.checkpoint_id),
        "kind": "entry",
        "scanned_at": now,
        "offset_ms": 0,
    }
    asked = devices.facts_of(device, device.revoked_at)
    return api_door.answer(asked, wire.check_scan({**scan, "id": ident}), now)
