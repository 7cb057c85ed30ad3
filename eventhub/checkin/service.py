"""Rules for checkpoints: making them, changing their rules, closing them; undoing a scan; folding a meeting anew."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from eventhub import audit, clock
from eventhub.audit import Actor, AuditEntry
from eventhub.badges.models import Badge
from eventhub.checkin import careful, gather
from eventhub.checkin.facts import milliseconds
from eventhub.checkin.known import known
from eventhub.checkin.models import Checkpoint, CheckpointKind, CheckpointRules, DoorClock, Scan
from eventhub.checkin.refold import Scope, refold
from eventhub.db import db
from eventhub.directory.models import Person
from eventhub.errors import InvalidError
from eventhub.meetings.models import Meeting
from eventhub.programme.models import Session, SignUp
from eventhub.registration.columns import IS_CHILD
from eventhub.registration.models import Registration, RegistrationFact
from eventhub.safeguarding.models import Chaperoning

LARGEST_ROOM = 100_000


def create_checkpoint(
    meeting: Meeting,
    *,
    name: str,
    by: Actor,
    kind: CheckpointKind = CheckpointKind.ENTRANCE,
    group: str | None = None,
    session: Session | None = None,
    day: date | None = None,
    follows_minutes: int | None = None,
    **rules: Any,
) -> Checkpoint:
    """Make a checkpoint, open from now on by ``rules`` (reentry, needs_sign_up, capacity, open_from, open_to).

    Raises InvalidError for a name that is taken, a day that is none of the meeting's, or what has no meaning for its
    kind.
    """
    _check_facts(meeting, name, kind, session, day)
    checkpoint = Checkpoint(
        meeting_id=meeting.id,
        name=name,
        kind=kind,
        group=group or None,
        session_id=session.id if session is not None else None,
        day=day,
        follows_minutes=follows_minutes,
    )
    db.session.add(checkpoint)
    db.session.flush()
    _add_rules(checkpoint, **rules)
    audit.record(by, "created", checkpoint)
    return checkpoint


def _check_facts(meeting: Meeting, name: str, kind: CheckpointKind, session: Session | None, day: date | None) -> None:
    taken = sa.select(Checkpoint.id).where(Checkpoint.meeting_id == meeting.id, Checkpoint.name == name)
    if db.session.scalar(taken) is not None:
        raise InvalidError(_("There is a checkpoint of this name already. Add the day or the room."), field="name")
    if day is not None and day not in {row.day for row in meeting.days}:
        raise InvalidError(_("The meeting has no such day. Choose one of its days."), field="day")
    if kind is CheckpointKind.SESSION and session is None:
        raise InvalidError(_("Choose the session that this checkpoint is for."), field="session_id")
    if kind is not CheckpointKind.SESSION and session is not None:
        raise InvalidError(_("Only a checkpoint of the kind Session has a session."), field="session_id")
    if kind is CheckpointKind.SESSION and day is not None:
        raise InvalidError(_("The session says the day. Choose every day here."), field="day")


def change_rules(checkpoint: Checkpoint, *, by: Actor, **rules: Any) -> CheckpointRules:
    """New rules from now on; nobody who is inside is sent out. What was decided before stays as it was."""
    checkpoint.closed_at = None
    row = _add_rules(checkpoint, **rules)
    audit.record(
        by, "changed the rules of", checkpoint, rules={k: v for k, v in rules.items() if isinstance(v, int | str)}
    )
    return row


def close(checkpoint: Checkpoint, *, by: Actor) -> None:
    """Nobody is let in here from now on; new rules open it again."""
    if checkpoint.closed_at is None:
        checkpoint.closed_at = clock.now()
        _add_rules(checkpoint, open_to=checkpoint.closed_at)
        audit.record(by, "closed", checkpoint)


def reopen(checkpoint: Checkpoint, *, by: Actor) -> None:
    """Open a closed checkpoint again, by the rules that it had before."""
    if checkpoint.closed_at is None:
        return
    before = db.session.scalars(
        sa.select(CheckpointRules)
        .where(CheckpointRules.checkpoint_id == checkpoint.id)
        .order_by(CheckpointRules.id.desc())
        .limit(2)
    ).all()[-1]
    names = ("reentry", "needs_sign_up", "capacity", "open_from", "open_to")
    checkpoint.closed_at = None
    _add_rules(checkpoint, **{name: getattr(before, name) for name in names})
    audit.record(by, "opened again", checkpoint)


def _add_rules(
    checkpoint: Checkpoint,
    *,
    reentry: str = "yes",
    needs_sign_up: bool = False,
    capacity: int | None = None,
    open_from: datetime | None = None,
    open_to: datetime | None = None,
    at_ms: int | None = None,
) -> CheckpointRules:
    if reentry not in ("yes", "once"):
        raise InvalidError(_("Somebody may come in again, or once only."), field="reentry")
    if needs_sign_up and checkpoint.session_id is None:
        raise InvalidError(_("People sign up for sessions only. Leave this empty here."), field="needs_sign_up")
    if capacity is not None and not 0 <= capacity <= LARGEST_ROOM:
        raise InvalidError(_("Give the number of places, or nothing for no limit."), field="capacity")
    if open_from and open_to and open_to <= open_from and checkpoint.closed_at is None:
        raise InvalidError(_("It would close before it opens. Look at both times."), field="open_to")
    row = CheckpointRules(
        checkpoint_id=checkpoint.id,
        at_ms=milliseconds(clock.now()) if at_ms is None else at_ms,
        reentry=reentry,
        needs_sign_up=needs_sign_up,
        capacity=capacity,
        open_from=open_from,
        open_to=open_to,
    )
    db.session.add(row)
    db.session.flush()
    changed(checkpoint.meeting_id)
    return row


def changed(meeting_id: int) -> None:
    """Days, checkpoints or rules changed: every process reads them afresh, and the scans are folded anew."""
    now = clock.now()
    connection = db.session.connection()
    careful.lock_meeting(connection, meeting_id, now)
    careful.read_anew(connection, meeting_id)
    if db.session.scalar(sa.select(Scan.id).where(Scan.meeting_id == meeting_id).limit(1)) is not None:
        careful.want_refold(connection, meeting_id, now)


def refold_meeting(meeting_id: int) -> None:
    """Fold all scans of a meeting and make the kept rows equal to the outcome. Twice equals once.

    Raises IntegrityError when scans came in between: then it is to be repeated.
    """
    now = clock.now()
    connection = db.session.connection()
    careful.lock_meeting(connection, meeting_id, now)
    children = _children([meeting_id])
    refold(connection, known(meeting_id), Scope())
    db.session.execute(
        sa.update(DoorClock)
        .where(DoorClock.meeting_id == meeting_id)
        .values(
            refold_wanted_at=None,
            folded_at=now - careful.FACTS_LAG,
            folded_children=children.get(meeting_id, ""),
            version=DoorClock.version + 1,
        )
    )


def list_waiting() -> list[int]:
    """The meetings that are to be folded: those that asked for it, and those about whose scans newer facts are known."""
    wanted = set(db.session.scalars(sa.select(DoorClock.meeting_id).where(DoorClock.refold_wanted_at.is_not(None))))
    return sorted(wanted | _with_newer_facts() | _with_newer_merges() | _with_other_children())


def _with_newer_facts() -> set[int]:
    """Meetings with scans where registrations, badges, sign-ups or named adults changed since they were folded.

    A fact counts two minutes earlier than it was made, so it may change verdicts that are already stored. One that was
    dated before the folding and committed after it is seen too: the folding is noted earlier than it was.
    """
    since = sa.func.coalesce(DoorClock.folded_at, datetime.min.replace(tzinfo=clock.now().tzinfo))
    here = Registration.meeting_id == DoorClock.meeting_id
    newer = [
        sa.exists().where(RegistrationFact.registration_id == Registration.id, here, RegistrationFact.at > since),
        sa.exists().where(Badge.registration_id == Registration.id, here, Badge.issued_at > since),
        sa.exists().where(Badge.registration_id == Registration.id, here, Badge.ended_at > since),
        sa.exists().where(SignUp.registration_id == Registration.id, here, SignUp.made_at > since),
        sa.exists().where(SignUp.registration_id == Registration.id, here, SignUp.withdrawn_at > since),
        sa.exists().where(Chaperoning.meeting_id == DoorClock.meeting_id, Chaperoning.start > since),
        sa.exists().where(Chaperoning.meeting_id == DoorClock.meeting_id, Chaperoning.end > since),
    ]
    scanned = sa.exists().where(Scan.meeting_id == DoorClock.meeting_id)
    return set(db.session.scalars(sa.select(DoorClock.meeting_id).where(scanned, sa.or_(*newer))))


def _with_newer_merges() -> set[int]:
    """Meetings with scans where two persons were found to be one, or two after all, since they were folded.

    The people themselves do not say when; the audit does. Merges are few, over all years.
    """
    acts = db.session.execute(
        sa.select(AuditEntry.at, AuditEntry.subject_id, AuditEntry.detail).where(
            AuditEntry.subject_kind == Person.__tablename__, AuditEntry.action.in_(("merged", "unmerged"))
        )
    ).all()
    if not acts:
        return set()
    merges = gather.list_merges(db.session.connection())
    latest: dict[int, datetime] = {}  # person -> when it was last merged or taken apart
    for at, ident, detail in acts:
        other = detail.get("into", detail.get("of", ident))
        for person in gather.with_merged({ident, other}, merges):
            latest[person] = max(at, latest.get(person, at))
    scanned = sa.exists().where(Scan.meeting_id == DoorClock.meeting_id)
    rows = db.session.execute(
        sa.select(DoorClock.meeting_id, DoorClock.folded_at, Registration.person_id)
        .join(Registration, Registration.meeting_id == DoorClock.meeting_id)
        .where(scanned, Registration.person_id.in_(sorted(latest)))
    )
    return {meeting for meeting, folded_at, person in rows if folded_at is None or latest[person] > folded_at}


def _with_other_children() -> set[int]:
    """Meetings with scans where others are children now than when they were folded."""
    scanned = sa.exists().where(Scan.meeting_id == DoorClock.meeting_id)
    rows = db.session.execute(sa.select(DoorClock.meeting_id, DoorClock.folded_children).where(scanned)).all()
    now = _children([meeting for meeting, _ in rows])
    return {meeting for meeting, folded in rows if now.get(meeting, "") != folded}


def _children(meeting_ids: Collection[int]) -> dict[int, str]:
    """By meeting, a word that is another one when others are children: how many, the sum of their numbers, and that of
    the squares. None where there are no children."""
    ident = sa.cast(Registration.person_id, sa.BigInteger)
    rows = db.session.execute(
        sa.select(Registration.meeting_id, sa.func.count(), sa.func.sum(ident), sa.func.sum(ident * ident))
        .join(Person, Person.id == Registration.person_id)
        .where(Registration.meeting_id.in_(meeting_ids), IS_CHILD)
        .group_by(Registration.meeting_id)
    )
    return {meeting: ".".join(str(int(number)) for number in numbers) for meeting, *numbers in rows}
