"""What most questions turn out to be, supposed beforehand: the first entry of the day, with a badge that stands, of an
adult whom nobody else's place concerns.

The rules judge the supposition before the database is asked, and one statement of PostgreSQL reads all that concerns the
scan and, only where every fact is as supposed, writes what the rules made of it. The facts that were read are judged in
any case: where they are others, by the ordinary way's second statement. So the rules stand in one place, and here only
which facts were supposed.
"""

from datetime import UTC, datetime
from functools import cache
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from eventhub.checkin import ask, rows
from eventhub.checkin.direct import Direct
from eventhub.checkin.known import Known, kept
from eventhub.checkin.rules import Verdict, step


def answer(connection: Direct, question: ask.Question, now: datetime, *, but: str = "") -> ask.Answer | None:
    """Judge a simple question and write what follows from it. None when it needs care or the verdict is ``but``, which is
    left to somebody else: nothing is written then.

    Raises AgainError when somebody else changed what it was judged by.
    """
    if not ask.may_be_simple(question):
        return None
    about = kept(question.device.meeting_id)
    written = _supposed(question, about, now)
    if written is None:
        found, is_written = ask.read(connection, question, about), False
    else:
        found = connection.rows(_read_and_write(), _values(question, about, written))
        is_written = bool(found) and found[0].is_written > 0
    judged = ask.judge(connection, question, about, found, now)
    if judged is None or judged[0].verdict == but:
        return None  # had it been written all the same, whoever takes care would find it and say what was said
    if not is_written:
        rows.write_at_once(connection, judged[1])
    return judged[0]


def _supposed(question: ask.Question, about: Known, now: datetime) -> rows.Written | None:
    """What would be written, for whomever the code belongs to. None where it is no plain entry by code, or the door itself
    asks for more than a good badge."""
    scan, day = question.scan, about.day(question.scan.t)
    if scan.kind != "entry" or scan.code is None or day is None or about.takers:
        return None
    if about.group(scan.checkpoint) in about.capped or about.needs_sign_up(scan.checkpoint, scan.t):
        return None
    row = _row(about.meeting_id, _at(question))
    done = step(scan, None, *ask.small([row], scan, about))
    if done.verdict != Verdict.ADMITTED:
        return None
    return ask.written(question, about, done, row, day, now)


def _at(question: ask.Question) -> datetime:
    return datetime.fromtimestamp(question.scan.t / 1000, UTC)


def _row(meeting: int, at: datetime) -> Any:
    """Somebody confirmed and given a badge by then, who was not here yet today."""
    return SimpleNamespace(
        person_key="p0",
        registration_id=0,
        of_meeting=meeting,
        fact="confirmed",
        fact_at=at,
        issued_at=at,
        ended_at=None,
        inside=None,
        since_t=None,
        first_t=None,
        presence_version=None,
    )


@cache
def _read_and_write() -> Any:
    """The reading, and a first entry where it is as supposed: the same rows as ``ask.reading``, with ``is_written``."""
    read = ask.reading(True, "postgresql").cte("read")
    only = sa.select(sa.func.count()).select_from(read).scalar_subquery() == 1
    person = sa.select(read.c.person_key).where(only, *_conditions(read.c)).cte("person")
    written, others = rows.once_if(person)
    count = sa.select(sa.func.count()).select_from(written).scalar_subquery()
    return sa.select(*read.c, count.label("is_written")).add_cte(*others)


def _conditions(row: Any) -> list[Any]:
    at = sa.bindparam("at", type_=sa.DateTime(timezone=True))
    return [
        # the device and what is kept of the door are those of now
        row.revoked_at.is_(None),
        row.key_hash == sa.bindparam("key_hash", type_=sa.String),
        sa.func.coalesce(row.door_version, 0) == sa.bindparam("door_version", type_=sa.Integer),
        row.meeting_version == sa.bindparam("meeting_version", type_=sa.Integer),
        # nobody else's place matters, and nothing is known about this scan already
        row.verdict_id.is_(None),
        sa.not_(row.is_void),
        sa.not_(row.is_child),
        sa.not_(row.is_merged),
        sa.not_(row.cares),
        # a badge of here that stands, of somebody confirmed, and no more to it
        row.of_meeting == sa.bindparam("meeting", type_=sa.Integer),
        row.issued_at <= at,
        row.ended_at.is_(None),
        row.fact == "confirmed",
        row.fact_at <= at,
        # the first time today
        row.presence_version.is_(None),
        row.first_t.is_(None),
    ]


def _values(question: ask.Question, about: Known, written: rows.Written) -> dict[str, Any]:
    door, meeting = about.version
    return {
        **ask.asked(question, about),
        **rows.once_values(written),
        "at": _at(question),
        "key_hash": question.device.key_hash,
        "door_version": door,
        "meeting_version": meeting,
    }
