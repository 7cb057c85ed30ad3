"""Kiosks: tablets for the public, which cannot be left without a PIN.

The server checks the PIN. While there is no network the tablet does, by the same salted hash, or staff could not take it
back when they need it most. Who reads that hash out of the tablet has left the kiosk already, and finds nothing else of
worth: so few digits are protected by the number of tries, here and there, and not by the hash.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from eventhub import clock
from eventhub.audit import Actor
from eventhub.checkin import devices
from eventhub.checkin.models import Checkpoint, Kiosk
from eventhub.db import db
from eventhub.errors import InvalidError

PIN = re.compile(r"[0-9]{4,8}")
MOST_WRONG = 5
PAUSE = timedelta(minutes=10)  # after so many wrong ones; 10,000 PINs then take two weeks
ITERATIONS = 100_000  # of PBKDF2 with SHA-256 (RFC 8018): every browser has it; a cheap tablet takes half a second


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a PIN: right, or how many tries are left, or how many seconds to wait."""

    right: bool
    left: int = 0
    wait: int = 0


def make_token(checkpoint: Checkpoint, *, pin: str, expires_at: datetime, by: Actor) -> str:
    """An enrolment token for a kiosk with this PIN. Raises InvalidError for a PIN that is none."""
    if not PIN.fullmatch(pin) or len(set(pin)) == 1:
        raise InvalidError(_("A PIN has 4 to 8 digits, and not all the same."), field="pin")
    return devices.make_token(
        checkpoint, scope=[devices.KIOSK], expires_at=expires_at, by=by, pin_hash=_hashed(pin, secrets.token_hex(16))
    )


def _hashed(pin: str, salt: str) -> str:
    """ "salt$hash", both hexadecimal."""
    made = hashlib.pbkdf2_hmac("sha256", pin.encode(), bytes.fromhex(salt), ITERATIONS)
    return f"{salt}${made.hex()}"


def pin_check(device_id: int) -> dict[str, Any] | None:
    """By what a kiosk checks its PIN while there is no network: salt, iterations, hash. None for other devices."""
    kept = db.session.scalar(sa.select(Kiosk.pin_hash).where(Kiosk.device_id == device_id))
    if kept is None:
        return None
    salt, _, made = kept.partition("$")
    return {"salt": salt, "iterations": ITERATIONS, "hash": made}


def try_pin(device_id: int, pin: str) -> Tried:
    """Count the try, then look: of many tries at once none gets more than its share. To be committed in any case."""
    now = clock.now()
    rested = Kiosk.tried_at <= now - PAUSE
    row = db.session.execute(
        sa.update(Kiosk)
        .where(Kiosk.device_id == device_id, sa.or_(Kiosk.wrong < MOST_WRONG, rested))
        .values(wrong=sa.case((rested, 1), else_=Kiosk.wrong + 1), tried_at=now)
        .returning(Kiosk.pin_hash, Kiosk.wrong)
    ).first()
    if row is None:
        tried_at = db.session.scalar(sa.select(Kiosk.tried_at).where(Kiosk.device_id == device_id))
        return Tried(False, wait=int((tried_at + PAUSE - now).total_seconds()) + 1 if tried_at else 0)
    if not hmac.compare_digest(_hashed(pin, row.pin_hash.partition("$")[0]), row.pin_hash):
        return Tried(False, left=MOST_WRONG - row.wrong)
    db.session.execute(sa.update(Kiosk).where(Kiosk.device_id == device_id).values(wrong=0))
    return Tried(True)
