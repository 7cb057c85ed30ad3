"""What is kept of a door: the facts that counts rest on for ever; names of walk-ins, keys and PINs only for a while."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from eventhub.checkin.devices import PAPER
from eventhub.checkin.models import Device, EnrolmentToken, Kiosk, RosterMark, Scan
from eventhub.db import db, touched
from eventhub.meetings.models import Meeting

KEEP_WALK_INS = timedelta(days=365)  # after the meeting, as with registrations
KEEP_TOKENS = timedelta(days=1)
KEEP_KEYS = timedelta(days=90)  # after the device's time was over: until then it may deliver what it still holds
NAMELESS = "—"
PURGED = "purged:"  # where the hash of a key stood


def purge(before: datetime) -> int:
    """Blank and delete what is over at the instant (aware); returns how many rows that were.

    A walk-in's scan stays, and so does the hash of what was sent: presence, first entries and counts are as before, and
    a device that sends it once more is still recognised.
    """
    return _walk_ins(before) + _tokens(before) + _keys(before) + _marks(before)


def _walk_ins(before: datetime) -> int:
    over = sa.select(Meeting.id).where(Meeting.ends < (before - KEEP_WALK_INS).date())
    rows = db.session.scalars(
        sa.select(Scan).where(
            Scan.meeting_id.in_(over),
            Scan.person_key.like("walkin:%"),
            Scan.content["walk_in"]["name"].as_string() != NAMELESS,
        )
    ).all()
    for scan in rows:
        scan.content = {**scan.content, "walk_in": {"name": NAMELESS, "adult": True}}
    db.session.flush()
    return len(rows)


def _tokens(before: datetime) -> int:
    """A token works for 15 minutes and once; then it only says who made which device, which the audit says too."""
    return touched(sa.delete(EnrolmentToken).where(EnrolmentToken.expires_at < before - KEEP_TOKENS))


def _keys(before: datetime) -> int:
    """The device stays, for its scans name it; nothing opens it any more."""
    limit = before - KEEP_KEYS
    over = sa.or_(Device.expires_at < limit, Device.revoked_at < limit)
    has_key = sa.and_(~Device.key_hash.startswith(PURGED), ~Device.key_hash.startswith(PAPER))
    touched(sa.delete(Kiosk).where(Kiosk.device_id.in_(sa.select(Device.id).where(over))))
    gone = sa.literal(PURGED) + sa.cast(Device.id, sa.String)
    return touched(sa.update(Device).where(over, has_key).values(key_hash=gone, next_key_hash=None))


def _marks(before: datetime) -> int:
    """What rosters said last, of meetings whose devices are all over: it would only be compared with."""
    over = sa.select(Meeting.id).where(Meeting.ends < (before - KEEP_KEYS).date())
    return touched(sa.delete(RosterMark).where(RosterMark.meeting_id.in_(over)))
