"""A person's word on what the doors could not know. It is added to the facts and changes none of them.

A settlement names the verdict that it settles: when that changes, the disagreement is open again. A scan that was put
aside counts from the word on, or is left out, with the reason kept.
"""

from collections.abc import Collection, Iterable

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from eventhub import audit, clock
from eventhub.audit import Actor
from eventhub.checkin import careful, unsettled
from eventhub.checkin.known import Known
from eventhub.checkin.models import AsideWord, Scan, Settlement, Verdict
from eventhub.db import db
from eventhub.errors import InvalidError, NotFoundError
from eventhub.meetings.models import Meeting

CHANGED = _("This was settled already, or what happened changed meanwhile. Look at the list again.")
LONGEST_REASON = 300


def settle(device_id: int, scan_id: str, *, verdict: str, meeting: Meeting, by: Actor) -> None:
    """A disagreement was looked at, and it may stand. Raises NotFoundError when it is none (any more)."""
    row = db.session.scalar(
        sa.select(Verdict)
        .where(
            Verdict.meeting_id == meeting.id,
            Verdict.device_id == device_id,
            Verdict.scan_id == scan_id,
            Verdict.verdict == verdict,
            Verdict.conflict,
        )
        .with_for_update()
    )
    if row is None:
        raise NotFoundError(CHANGED)
    said = Settlement(device_id=device_id, scan_id=scan_id, verdict=verdict, by_name=by.name, at=clock.now())
    db.session.add(said)
    row.conflict = False
    db.session.flush()
    audit.record(by, "settled", row, meeting_id=meeting.id, verdict=verdict)


def settle_all(names: Iterable[tuple[int, str, str]], *, meeting: Meeting, by: Actor) -> int:
    """Settle each (device, scan, verdict) that still stands so; returns how many did."""
    done = 0
    for device_id, scan_id, verdict in names:
        try:
            settle(device_id, scan_id, verdict=verdict, meeting=meeting, by=by)
        except NotFoundError:
            continue
        done += 1
    return done


def let_count(scan_rows: Collection[int], *, meeting: Meeting, by: Actor) -> int:
    """Scans that were put aside count from now on, also after they were left out; returns how many do.

    The picture is folded anew from them. Scans that count already, or that speak of no checkpoint of this meeting, stay
    as they are.
    """
    now, connection = clock.now(), db.session.connection()
    about = careful.lock_meeting(connection, meeting.id, now)
    taken = []
    for ident in sorted(scan_rows):
        scan = unsettled.find_aside(meeting.id, ident)
        if scan is None or not unsettled.may_count(about, scan):
            continue
        scan.counts_from = now
        _say(scan, counts=True, reason="", by=by)
        audit.record(by, "let count", scan, meeting_id=meeting.id, why=scan.put_aside)
        taken.append(scan)
    db.session.flush()
    if taken:
        _fold(connection, about, taken)
    return len(taken)


def leave_out(scan_rows: Collection[int], *, meeting: Meeting, by: Actor, reason: str = "") -> int:
    """Scans that were put aside stay without effect, for a reason that is kept; returns how many do."""
    if len(reason) > LONGEST_REASON:
        raise InvalidError(_("Give the reason in fewer words."), field="reason")
    done = 0
    for ident in sorted(scan_rows):
        scan = unsettled.find_aside(meeting.id, ident)
        if scan is None or unsettled.find_word(ident) is not None:
            continue
        _say(scan, counts=False, reason=reason, by=by)
        audit.record(by, "left out", scan, meeting_id=meeting.id, why=scan.put_aside, reason=reason)
        done += 1
    db.session.flush()
    return done


def look_at(scan_rows: Collection[int], *, meeting: Meeting, by: Actor) -> int:
    """Other contents under a known name were looked at; which one counts stays with the rules. Returns how many."""
    done = 0
    for ident in sorted(scan_rows):
        scan = unsettled.find_other(meeting.id, ident)
        if scan is None or unsettled.find_word(ident) is not None:
            continue
        _say(scan, counts=False, reason="", by=by)
        audit.record(by, "looked at", scan, meeting_id=meeting.id)
        done += 1
    db.session.flush()
    return done


def _say(scan: Scan, *, counts: bool, reason: str, by: Actor) -> None:
    word = unsettled.find_word(scan.id)
    if word is None:
        word = AsideWord(scan_row_id=scan.id)
        db.session.add(word)
    word.counts, word.reason, word.by_name, word.at = counts, reason, by.name, clock.now()


def _fold(connection: sa.Connection, about: Known, scans: Iterable[Scan]) -> None:
    """Fold what these scans change: their persons, who takes over, and what they void, on all days concerned."""
    changed = [(scan.person_key, scan.t) for scan in scans]
    changed += [(scan.content["with"], scan.t) for scan in scans if "with" in scan.content]
    changed += careful.undone(connection, about, [key[5:] for key, _ in changed if key.startswith("void:")])
    days = careful.days_of(about, [t for _, t in changed])
    careful.fold_again(connection, about, {key for key, _ in changed}, days, clock.now())
