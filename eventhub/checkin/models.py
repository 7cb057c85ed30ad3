"""Checkpoints, devices, scans (append only) and the outcome of the fold over them.

Scans, settlements and rule changes are facts. Presence, first entries and verdicts are kept rows that a scan in
order updates in its own transaction; the pure function in ``rules`` stays the truth. Instants of scans are whole
milliseconds since 1970 UTC, corrected by the device's offset (``t``). Persons are named by keys: ``p<person id>``,
``walkin:<scan id>``, ``code:<code>``.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from eventhub.db import Base, choice, created, key, reference


class CheckpointKind(StrEnum):
    ENTRANCE = "entrance"
    SESSION = "session"
    MEAL = "meal"
    KIOSK = "kiosk"


class Checkpoint(Base):
    __tablename__ = "checkpoints"
    __table_args__ = (sa.UniqueConstraint("meeting_id", "name"),)

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id")
    name: Mapped[str]
    kind: Mapped[CheckpointKind] = mapped_column(choice(CheckpointKind), default=CheckpointKind.ENTRANCE)
    group: Mapped[str | None] = mapped_column(sa.String(40))  # never changes; None: a group of its own
    session_id: Mapped[int | None] = reference("sessions.id", nullable=True)
    day: Mapped[date | None]  # open on this day only
    # opens so many minutes before its session and closes at its end, wherever that moves; None: hours of its own
    follows_minutes: Mapped[int | None]
    closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = created()


class CheckpointRules(Base):
    """The rules of a checkpoint from an instant on; before the first it is closed."""

    __tablename__ = "checkpoint_rules"

    id: Mapped[int] = key()
    checkpoint_id: Mapped[int] = reference("checkpoints.id")
    at_ms: Mapped[int] = mapped_column(sa.BigInteger)
    reentry: Mapped[str] = mapped_column(sa.String(8), default="yes")  # yes | once
    needs_sign_up: Mapped[bool] = mapped_column(default=False)
    capacity: Mapped[int | None]
    open_from: Mapped[datetime | None]
    open_to: Mapped[datetime | None]


class Device(Base):
    """A phone, scanner or kiosk at one checkpoint. Its key is stored hashed."""

    __tablename__ = "devices"

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id")
    checkpoint_id: Mapped[int] = reference("checkpoints.id")
    name: Mapped[str]
    key_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    # a key that was handed out to take the present one's place, and does so when it is first used
    next_key_hash: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    scope: Mapped[list[Any]] = mapped_column(default=list)  # children | evacuation | desk; or kiosk alone
    user_id: Mapped[int | None]  # the member of staff whose browser this is, for the staff door page
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = created()


class EnrolmentToken(Base):
    """Works once, for 15 minutes."""

    __tablename__ = "enrolment_tokens"

    id: Mapped[int] = key()
    checkpoint_id: Mapped[int] = reference("checkpoints.id")
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    scope: Mapped[list[Any]] = mapped_column(default=list)
    device_expires_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    by_name: Mapped[str] = mapped_column(default="")
    pin_hash: Mapped[str | None]  # of the kiosk that it makes


class Kiosk(Base):
    """What a device in the hands of the public needs besides: the PIN that leaves it, and how often it was guessed."""

    __tablename__ = "kiosks"

    id: Mapped[int] = key()
    device_id: Mapped[int] = mapped_column(sa.ForeignKey("devices.id"), unique=True)
    pin_hash: Mapped[str]
    wrong: Mapped[int] = mapped_column(default=0)  # tries since the last right one, or since the last long pause
    tried_at: Mapped[datetime] = created()


class SelfCheckIn(Base):
    """A session whose room shows a code, by which people record with their own phones that they are there."""

    __tablename__ = "self_check_ins"

    id: Mapped[int] = key()
    session_id: Mapped[int] = mapped_column(sa.ForeignKey("sessions.id"), unique=True)
    device_id: Mapped[int] = reference("devices.id")  # their phones, as one device at the session's checkpoint
    version: Mapped[int] = mapped_column(
        default=1
    )  # of the link for the room's screen: raising it withdraws older ones


_ASIDE = sa.text("put_aside <> '' OR other")


class Scan(Base):
    """An observation, made on a device, never changed or deleted."""

    __tablename__ = "scans"
    __table_args__ = (
        # by scan_id first: a void knows the id only
        sa.UniqueConstraint("scan_id", "device_id", "content_hash"),
        sa.Index("ix_scans_fold", "meeting_id", "t"),
        sa.Index("ix_scans_person", "person_key", "t"),
        sa.Index("ix_scans_aside", "meeting_id", sqlite_where=_ASIDE, postgresql_where=_ASIDE),
    )

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id", index=False)
    device_id: Mapped[int] = reference("devices.id", index=False)
    scan_id: Mapped[str] = mapped_column(sa.String(36))
    checkpoint_id: Mapped[int | None] = reference("checkpoints.id", nullable=True, index=False)  # None: not of here
    kind: Mapped[str] = mapped_column(sa.String(12))  # entry | exit | handover | void
    t: Mapped[int] = mapped_column(sa.BigInteger)  # ms since 1970 UTC, corrected by the offset
    # whom it speaks of as far as was known when it arrived, or void:<id>; for the index, not for the rules
    person_key: Mapped[str] = mapped_column(sa.String(220), default="")
    content: Mapped[dict[str, Any]]  # as sent, without told
    content_hash: Mapped[str] = mapped_column(sa.String(64))  # SHA-256 of the canonical JSON: which one counts
    received_at: Mapped[datetime] = created()
    put_aside: Mapped[str] = mapped_column(sa.String(24), default="")  # why it waits for a person's word
    counts_from: Mapped[datetime | None]  # a person's word that a put-aside scan counts
    # under this name something else was stored before; which of them counts, the rules say
    other: Mapped[bool] = mapped_column(default=False, server_default=sa.false())


class Told(Base):
    """What the device said to the person for one scan. Two syncs may tell differently; the rules know which prevails."""

    __tablename__ = "told"
    __table_args__ = (sa.UniqueConstraint("device_id", "scan_id", "verdict"),)

    id: Mapped[int] = key()
    device_id: Mapped[int] = reference("devices.id", index=False)
    scan_id: Mapped[str] = mapped_column(sa.String(36))
    verdict: Mapped[str] = mapped_column(sa.String(40))
    at: Mapped[datetime] = created()


class Presence(Base):
    """Who is where, per group and day: one row per person who was scanned there; it stays when the person leaves.

    ``last_*`` is the latest scan folded in, so that a late one is known as late. ``version`` guards every write: whoever
    judged by an older row has to look again.
    """

    __tablename__ = "presence"
    __table_args__ = (sa.UniqueConstraint("meeting_id", "day", "group_key", "person_key"),)

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id", index=False)
    day: Mapped[date]
    group_key: Mapped[str] = mapped_column(sa.String(48))
    person_key: Mapped[str] = mapped_column(sa.String(220))
    checkpoint_id: Mapped[int | None] = reference("checkpoints.id", nullable=True, index=False)  # None: not inside
    since_t: Mapped[int] = mapped_column(sa.BigInteger, default=0)  # of the latest entry
    last_t: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    last_scan_id: Mapped[str] = mapped_column(sa.String(36), default="")
    last_device_id: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)


class FirstEntry(Base):
    """The least (t, id) let in, per person, checkpoint and day."""

    __tablename__ = "first_entries"
    __table_args__ = (
        # the meeting first: one index serves the door and the question who attended
        sa.UniqueConstraint("meeting_id", "checkpoint_id", "day", "person_key"),
    )

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id", index=False)
    checkpoint_id: Mapped[int] = reference("checkpoints.id", index=False)
    day: Mapped[date]
    person_key: Mapped[str] = mapped_column(sa.String(220))
    t: Mapped[int] = mapped_column(sa.BigInteger)
    device_id: Mapped[int]
    scan_id: Mapped[str] = mapped_column(sa.String(36))


class Verdict(Base):
    """What the server makes of one scan: what it answered when asked (once, for ever), and what the rules compute now.

    ``verdict`` is None while the scan is void or not yet folded.
    """

    __tablename__ = "verdicts"
    __table_args__ = (
        sa.UniqueConstraint("device_id", "scan_id"),
        sa.Index(
            "ix_verdicts_conflict", "meeting_id", sqlite_where=sa.text("conflict"), postgresql_where=sa.text("conflict")
        ),
    )

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id", index=False)
    device_id: Mapped[int]
    scan_id: Mapped[str] = mapped_column(sa.String(36))
    answered: Mapped[str | None] = mapped_column(sa.String(40))
    verdict: Mapped[str | None] = mapped_column(sa.String(40))
    conflict: Mapped[bool] = mapped_column(default=False)


class Settlement(Base):
    """A person's word on a conflict. It names the verdict that it settles and never deletes a scan."""

    __tablename__ = "settlements"

    id: Mapped[int] = key()
    device_id: Mapped[int]
    scan_id: Mapped[str] = mapped_column(sa.String(36))
    verdict: Mapped[str] = mapped_column(sa.String(40))
    by_name: Mapped[str]
    at: Mapped[datetime] = created()


class AsideWord(Base):
    """A person's word on one stored scan that was put aside, or is another content under a known name."""

    __tablename__ = "aside_words"

    id: Mapped[int] = key()
    scan_row_id: Mapped[int] = mapped_column(sa.ForeignKey("scans.id"), unique=True)
    counts: Mapped[bool]  # else it is left out; of another content: looked at
    reason: Mapped[str] = mapped_column(default="")
    by_name: Mapped[str]
    at: Mapped[datetime] = created()


class RosterMark(Base):
    """What the last roster said of one person, and when that began: a device is sent what is newer than its cursor.

    The rows follow from the facts and may be deleted at any time: every device then gets a whole roster once.
    """

    __tablename__ = "roster_marks"
    __table_args__ = (sa.UniqueConstraint("meeting_id", "person_key"),)

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = reference("meetings.id", index=False)
    person_key: Mapped[str] = mapped_column(sa.String(220))
    digest: Mapped[str] = mapped_column(sa.String(64))  # of the entry; empty: not on the roster any more
    changed: Mapped[int] = mapped_column(sa.BigInteger)  # grows from change to change of the meeting's roster
    audience: Mapped[str] = mapped_column(sa.String(16), default="")  # the scope that sees the entry; empty: all
    was_open: Mapped[bool] = mapped_column(default=False)  # devices of every scope may hold it, or have held it


class DoorClock(Base):
    """Per meeting: a row to lock, a number that changes with checkpoints and rules, and what waits to be folded."""

    __tablename__ = "door_clocks"

    id: Mapped[int] = key()
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meetings.id"), unique=True)
    version: Mapped[int] = mapped_column(default=1)  # what processes keep in memory is right while this is the same
    refold_wanted_at: Mapped[datetime | None]  # asked for and not yet done: the sweep finds it
    folded_at: Mapped[datetime | None]  # the facts of lower features are folded in up to here
    # who was a child when it was folded (see service._children): that has no time by which a change would be seen
    folded_children: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")
