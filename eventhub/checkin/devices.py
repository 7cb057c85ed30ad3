"""Devices of the door: who holds a key, what it may do, how it is enrolled and revoked.

A key is shown once and stored hashed. A device may change it: the old one works until the new one was used once, so that
a lost answer locks nobody out, and never again after that. What a key opens is kept for a few seconds per process; a
revocation or another key counts at once nevertheless, because every question to the door reads the device's row anyway.
"""

import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _

from eventhub import audit, clock
from eventhub.accounts import queries as accounts
from eventhub.accounts.models import User
from eventhub.audit import Actor
from eventhub.checkin.facts import milliseconds
from eventhub.checkin.models import Checkpoint, Device, EnrolmentToken, Kiosk
from eventhub.db import db, of_meeting
from eventhub.errors import InvalidError, NotAllowedError, RuleError
from eventhub.security import CODE_ALPHABET, hashed

KIOSK = "kiosk"  # a tablet for the public: it asks about codes, one by one, and has no other scope
SCOPES = ("children", "evacuation", "desk", KIOSK)
TOKEN_LIVES = timedelta(minutes=15)
BROWSER_LIVES = timedelta(hours=24)
PAPER = "paper:"  # where the hash of a key would stand: a list on paper, whose ticks somebody typed in
KEPT_SECONDS = 5.0
MOST_KEPT = 5000


class DeviceRefusedError(RuleError):
    """A key that nobody has, or of a device that was revoked or has expired."""

    status = 401
    sentence = _("This device's key is not (or no longer) valid. Enrol the device again on the page of checkpoints.")


class NewKeyError(RuleError):
    """A key that waits to be taken up: its first use ends the old one, which is for the edge to write."""

    status = 401
    sentence = DeviceRefusedError.sentence


class TokenUsedError(RuleError):
    """An enrolment token that does not work (any more)."""

    status = 401
    sentence = _("This enrolment code was used or is older than 15 minutes. Make a new one on the page of checkpoints.")


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What the door's rules need of a device. Instants in ms since 1970."""

    id: int
    meeting_id: int
    checkpoint: str
    name: str
    scope: frozenset[str]
    expires: int
    revoked: int | None
    key_hash: str

    @property
    def is_kiosk(self) -> bool:
        return KIOSK in self.scope

    def refused(self, now_ms: int) -> str:
        """Why it may not ask (any more): "revoked", "expired", or "" when it may."""
        if self.revoked is not None and self.revoked <= now_ms:
            return "revoked"
        return "expired" if self.expires <= now_ms else ""


_kept: dict[str, tuple[float, DeviceFacts]] = {}


def authenticate(key: str, *, fresh: bool = False) -> DeviceFacts:
    """The device with this key, perhaps as it was a few seconds ago.

    Raises DeviceRefusedError when there is none, NewKeyError when ``take_up`` has to come first.
    """
    place = f"{current_app.config['EVENTHUB'].database_url}:{key}"
    kept = _kept.get(place)
    if kept is not None and kept[0] > time.monotonic() and not fresh:
        return kept[1]
    key_hash = hashed(key)
    row = db.session.execute(
        sa.select(Device.__table__, User.active)
        .outerjoin(User, User.id == Device.user_id)
        .where(sa.or_(Device.key_hash == key_hash, Device.next_key_hash == key_hash))
    ).first()
    if row is None:
        raise DeviceRefusedError
    if row.key_hash != key_hash:
        raise NewKeyError
    # a browser's key ends with the account of the person who signed in there
    ended = row.revoked_at if row.active is not False else row.created_at
    found = facts_of(row, ended)
    if len(_kept) > MOST_KEPT:
        _kept.clear()
    _kept[place] = (time.monotonic() + KEPT_SECONDS, found)
    return found


def facts_of(device: Device | sa.Row, revoked_at: datetime | None) -> DeviceFacts:
    """The device as the rules take it."""
    return DeviceFacts(
        id=device.id,
        meeting_id=device.meeting_id,
        checkpoint=str(device.checkpoint_id),
        name=device.name,
        scope=frozenset(device.scope),
        expires=milliseconds(device.expires_at),
        revoked=milliseconds(revoked_at) if revoked_at else None,
        key_hash=device.key_hash,
    )


def new_key_for(device: DeviceFacts) -> tuple[Device, str]:
    """A key to take the present one's place once it is used: (the device, the key, shown only now).

    Asked for again, the key that was handed out before and never used is worth nothing. Raises NotAllowedError for the
    browser of a member of staff, whose key ends within a day by itself.
    """
    row = db.session.get_one(Device, device.id, with_for_update=True)
    if row.key_hash != device.key_hash:
        raise DeviceRefusedError
    if row.user_id is not None:
        raise NotAllowedError(_("This browser's key ends by itself. Choose the door again for a new one."))
    key = new_key()
    row.next_key_hash = hashed(key)
    db.session.flush()
    return row, key


def take_up(key: str) -> None:
    """The new key is used for the first time: the old one ends. Doing it twice is doing it once."""
    row = db.session.scalar(sa.select(Device).where(Device.next_key_hash == hashed(key)).with_for_update())
    if row is None:
        return
    row.key_hash, row.next_key_hash = hashed(key), None
    db.session.flush()
    audit.record(Actor("device", str(row.id), row.name), "changed its key", row)


def new_key() -> str:
    """A device's key or an enrolment token: 26 characters, 130 random bits."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(26))


def _scope(wanted: Iterable[str]) -> list[str]:
    scope = sorted(set(wanted))
    if not set(scope) <= set(SCOPES):
        raise InvalidError(_("A device's scope is made of children, evacuation and desk."), field="scope")
    if KIOSK in scope and len(scope) > 1:
        raise InvalidError(_("A kiosk stands in front of everybody, so it has no other scope."), field="scope")
    return scope


def make_token(
    checkpoint: Checkpoint, *, scope: Iterable[str], expires_at: datetime, by: Actor, pin_hash: str | None = None
) -> str:
    """An enrolment token: works once, for 15 minutes. The device made with it works until ``expires_at``.

    A kiosk needs ``pin_hash``: see ``kiosks``.
    """
    if expires_at <= clock.now():
        raise InvalidError(_("The device would have expired already. Choose a later time."), field="expires_at")
    token = new_key()
    row = EnrolmentToken(
        checkpoint_id=checkpoint.id,
        token_hash=hashed(token),
        scope=_scope(scope),
        device_expires_at=expires_at,
        expires_at=clock.now() + TOKEN_LIVES,
        by_name=by.name,
        pin_hash=pin_hash,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(by, "made an enrolment code", checkpoint)
    return token


def enrol(*, token: str, name: str) -> tuple[Device, str]:
    """Make a device from a token: (device, its key, shown only now). Raises TokenUsedError."""
    now = clock.now()
    used = db.session.execute(
        sa.update(EnrolmentToken)
        .where(
            EnrolmentToken.token_hash == hashed(token.strip().upper()),
            EnrolmentToken.used_at.is_(None),
            EnrolmentToken.expires_at > now,
        )
        .values(used_at=now)
        .returning(EnrolmentToken.id)
    ).scalar()
    if used is None:
        raise TokenUsedError
    row = db.session.get_one(EnrolmentToken, used)
    checkpoint = db.session.get_one(Checkpoint, row.checkpoint_id)
    by = Actor("device", "", f"{name} (enrolled by {row.by_name})")
    made = _make(checkpoint, name=name, scope=row.scope, expires_at=row.device_expires_at, user_id=None, by=by)
    if row.pin_hash is not None:
        db.session.add(Kiosk(device_id=made[0].id, pin_hash=row.pin_hash))
        db.session.flush()
    return made


def open_browser(checkpoint: Checkpoint, *, user: User, scope: Iterable[str], by: Actor) -> tuple[Device, str]:
    """The signed-in person's browser becomes a device for 24 hours; their earlier one at this checkpoint stays."""
    name = user.name or user.email
    expires_at = clock.now() + BROWSER_LIVES
    return _make(checkpoint, name=name, scope=_scope(scope), expires_at=expires_at, user_id=user.id, by=by)


def own_browser(checkpoint: Checkpoint, *, user: User, scope: Iterable[str], by: Actor) -> DeviceFacts:
    """The device that this person's browser is at a checkpoint; made when there is none that works."""
    device = db.session.scalar(
        sa.select(Device)
        .where(Device.checkpoint_id == checkpoint.id, Device.user_id == user.id, Device.revoked_at.is_(None))
        .where(Device.expires_at > clock.now())
        .order_by(Device.id.desc())
        .limit(1)
    )
    if device is None:
        device, _key = open_browser(checkpoint, user=user, scope=scope, by=by)
    return facts_of(device, device.revoked_at)


def make_keyless(checkpoint: Checkpoint, *, name: str, expires_at: datetime, by: Actor) -> Device:
    """A device that no key opens: the server itself asks in its name."""
    device, _forgotten = _make(checkpoint, name=name, scope=[], expires_at=expires_at, user_id=None, by=by)
    return device


def _make(
    checkpoint: Checkpoint, *, name: str, scope: list[str], expires_at: datetime, user_id: int | None, by: Actor
) -> tuple[Device, str]:
    key = new_key()
    device = Device(
        meeting_id=checkpoint.meeting_id,
        checkpoint_id=checkpoint.id,
        name=name,
        key_hash=hashed(key),
        scope=scope,
        user_id=user_id,
        expires_at=expires_at,
        seen_at=clock.now(),
    )
    db.session.add(device)
    db.session.flush()
    audit.record(by, "enrolled", device)
    return device, key


def revoke(device: Device, *, by: Actor) -> None:
    """Its key stops working now. What it scanned and sends later is kept, aside."""
    if device.revoked_at is None:
        device.revoked_at = clock.now()
        db.session.flush()
        audit.record(by, "revoked", device)


def browser_of(device_id: int, *, user: User, meeting_id: int) -> DeviceFacts:
    """The device that this signed-in person's browser is. Raises NotAllowedError when it is not, or not any more."""
    device = db.session.get(Device, device_id)
    if device is None or device.user_id != user.id or device.meeting_id != meeting_id:
        raise NotAllowedError(_("Choose your checkpoint again: this page no longer belongs to a device of yours."))
    if not accounts.may(user, "checkin.use", meeting_id):
        raise NotAllowedError
    return facts_of(device, device.revoked_at)


def get_device(device_id: int, meeting_id: int) -> Device:
    """A device of the meeting; raises NotFoundError."""
    return of_meeting(Device, device_id, meeting_id)
