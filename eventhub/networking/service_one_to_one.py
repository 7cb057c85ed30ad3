"""Rules for 1:1 meetings: who may ask whom, how the two agree, and that nobody and no table has two at a time.

Every move holds the meeting's plan first: times and tables are given out one move after the other. The same move sent
twice is one. What somebody has no time for is never told to the other.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eventhub import audit, clock
from eventhub.audit import Actor
from eventhub.db import db, lock, touched
from eventhub.directory import queries as directory
from eventhub.errors import IllegalMoveError, InvalidError, NotAllowedError, NotFoundError, RuleError
from eventhub.meetings.models import Meeting
from eventhub.networking import letters_one_to_one as letters
from eventhub.networking import queries_one_to_one as queries
from eventhub.networking import service_met
from eventhub.networking.models import Introduction
from eventhub.networking.models_one_to_one import KeptTime, OneToOne, OneToOnePlan, OneToOneStep, OneToOneTable
from eventhub.networking.offers import KEEP
from eventhub.networking.queries_own import list_standing
from eventhub.networking.slots import Slot, free
from eventhub.networking.states import MOVES, OPEN, OneToOneSource, OneToOneState
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState

_S = OneToOneState
NOT_YOURS = _l("This is not one of your 1:1 meetings. Go back to your own page.")


class NotForChildrenError(RuleError):
    status = 403
    sentence = _l("1:1 meetings are for adults only. An adult of the organisation can ask for one.")


class NotConfirmedError(RuleError):
    sentence = _l("1:1 meetings can be asked for once your place is confirmed. Your own page says what is missing.")


class NotAskableError(NotFoundError):
    """One sentence for whoever cannot be asked, so that it does not tell why."""

    sentence = _l("This person cannot be asked for a 1:1 meeting. Look at the list of those who agreed to it.")


class AskedAlreadyError(RuleError):
    sentence = _l("There is a 1:1 meeting between you two already. Open it in your list to change its time.")


class SaidNoError(RuleError):
    sentence = _l(
        "They declined when you asked before, so they are not asked again. If they find time, they can ask you."
    )


class TooManyOpenError(RuleError):
    sentence = _l("You wait for as many answers as one person may. Wait for one of them, or take a request back.")


class NoTimeError(InvalidError):
    sentence = _l("This time is not free any more for both of you. Choose another one.")


class NoTableError(RuleError):
    sentence = _l("Every table is taken at this time by now. Propose another time; what you wrote is still here.")


def check_may_meet(registration: Registration) -> None:
    """Raises NotForChildrenError, NotConfirmedError."""
    if registration.is_child or registration.person.is_child or directory.canonical(registration.person).is_child:
        raise NotForChildrenError
    if registration.state is not RegistrationState.CONFIRMED:
        raise NotConfirmedError


def ask(
    registration: Registration, other_id: int, *, starts: datetime, message: str = "", at: datetime | None = None
) -> OneToOne:
    """This participant asks another (by the id of their registration) for the slot that begins at ``starts``.

    Raises NotAskableError, AskedAlreadyError, SaidNoError, TooManyOpenError; NoTimeError for the field ``time``.
    """
    now = at or clock.now()
    check_may_meet(registration)
    plan = hold(registration.meeting_id)
    other = queries.find_askable(registration, other_id)
    if other is None:
        raise NotAskableError
    between = queries.find_between(registration.id, other.id, at=now)
    if between is not None:
        if between.asked_by_id == registration.id and between.state is _S.REQUESTED and between.starts == starts:
            return between
        raise AskedAlreadyError
    if queries.said_no(registration.id, other.id):
        raise SaidNoError
    if queries.count_open(registration.id, at=now) >= plan.most_open:
        raise TooManyOpenError
    slot = _slot(registration.meeting_id, (registration.id, other.id), starts, now)
    row = _between(registration, other, slot, asked_by_id=registration.id, waits_for_id=other.id, message=message)
    db.session.add(row)
    db.session.flush()
    _step(row, "requested", registration, message)
    return row


def accept(row: OneToOne, registration: Registration, *, at: datetime | None = None) -> OneToOne:
    """Say yes to the time that the other asked for or proposed; a table is given. Again is the same.

    Raises NotAllowedError, IllegalMoveError, NoTimeError (one of the two has something else by now), NoTableError.
    """
    now = at or clock.now()
    check_may_meet(registration)
    _begin(row, registration)
    if row.state is _S.ACCEPTED and row.new_starts is None:
        return row
    _check_turn(row, registration)
    other = other_of(row, registration)
    if other.state is not RegistrationState.CONFIRMED:
        raise RuleError(_("The other person does not take part any more, so there is nobody to meet."))
    moves = row.state is _S.ACCEPTED
    starts = row.new_starts if moves and row.new_starts is not None else row.starts
    slot = _slot(row.meeting_id, (row.a_id, row.b_id), starts, now, besides=row.id)
    table = queries.find_free_table(row.meeting_id, slot, besides=row.id, rather=row.table_id)
    if table is None:
        raise NoTableError(field="time")
    _move(row, _S.ACCEPTED)
    row.starts, row.ends, row.table = slot.starts, slot.ends, table
    row.new_starts = row.new_ends = row.waits_for_id = None
    row.sequence += 1
    _step(row, "moved" if moves else "accepted", registration)
    return row


def propose(
    row: OneToOne, registration: Registration, *, starts: datetime, words: str = "", at: datetime | None = None
) -> OneToOne:
    """Propose another slot. What was agreed stays agreed until the other says yes. The same time again is one.

    Raises NotAllowedError, IllegalMoveError, NoTimeError.
    """
    now = at or clock.now()
    check_may_meet(registration)
    _begin(row, registration)
    other = other_of(row, registration)
    agreed = row.state is _S.ACCEPTED
    if (row.new_starts if agreed else row.starts) == starts and row.waits_for_id == other.id:
        return row
    if agreed and row.starts == starts:
        raise InvalidError(_("This is the time that you agreed on. Choose another one."), field="time")
    slot = _slot(row.meeting_id, (row.a_id, row.b_id), starts, now, besides=row.id)
    if agreed:
        row.new_starts, row.new_ends = slot.starts, slot.ends
    else:
        _move(row, _S.PROPOSED)
        row.starts, row.ends = slot.starts, slot.ends
    row.waits_for_id, row.answer = other.id, words
    _step(row, "proposed", registration, words, starts=slot.starts)
    return row


def decline(row: OneToOne, registration: Registration, *, words: str = "") -> OneToOne:
    """Say no: to the 1:1 meeting, or, where it was agreed, only to its new time. Again is the same.

    Raises NotAllowedError, IllegalMoveError.
    """
    _begin(row, registration)
    if row.state is _S.DECLINED:
        return row
    _check_turn(row, registration)
    if row.state is _S.ACCEPTED:
        row.new_starts = row.new_ends = row.waits_for_id = None
        row.answer = words
        _step(row, "kept", registration, words)
        return row
    _move(row, _S.DECLINED)
    row.waits_for_id, row.answer = None, words
    _step(row, "declined", registration, words)
    return row


def take_back(row: OneToOne, registration: Registration, *, words: str = "") -> OneToOne:
    """Take back what one asked for or proposed, or cancel what was agreed. Again is the same.

    Raises NotAllowedError, IllegalMoveError.
    """
    _begin(row, registration)
    if row.state in (_S.WITHDRAWN, _S.CANCELLED):
        return row
    if row.state in OPEN and row.waits_for_id == registration.id:
        raise IllegalMoveError
    _end(row, registration, words)
    return row


def _end(row: OneToOne, registration: Registration | None, words: str = "") -> None:
    agreed = row.state is _S.ACCEPTED
    _move(row, _S.CANCELLED if agreed else _S.WITHDRAWN)
    row.new_starts = row.new_ends = row.waits_for_id = None
    row.answer = words
    row.sequence += agreed
    _step(row, "cancelled" if agreed else "withdrawn", registration, words)


def release(registration: Registration) -> int:
    """End what stands with somebody who does not take part any more, or turned out to be a child; their table is free
    again. Returns how many."""
    try:
        check_may_meet(registration)
    except RuleError:
        if queries.find_plan(registration.meeting_id) is None:
            return 0
    else:
        return 0
    hold(registration.meeting_id)
    rows = list_standing(registration.id)
    for row in rows:
        _end(row, None)
    return len(rows)


def seat(
    meeting: Meeting,
    one: Registration,
    other: Registration,
    *,
    slot: Slot,
    table: OneToOneTable,
    by: Actor,
    tell: bool = True,
) -> OneToOne:
    """The organisers seat two people at a table: agreed at once, and either may cancel. ``tell`` writes to both.

    Raises InvalidError for a child or who is not confirmed, NoTimeError, NoTableError.
    """
    hold(meeting.id)
    if one.id == other.id or {one.meeting_id, other.meeting_id} != {meeting.id}:
        raise InvalidError(_("A 1:1 meeting needs two different people of this meeting."))
    for person in (one, other):
        _check_may_be_seated(person)
    spans = queries.busy(meeting.id, {one.id, other.id})
    if not free([slot], [span for found in spans.values() for span in found]):
        raise NoTimeError
    given = queries.find_free_table(meeting.id, slot, rather=table.id)
    if given is None or given.id != table.id:
        raise NoTableError
    row = _between(one, other, slot, source=OneToOneSource.SEATED, state=_S.ACCEPTED, table=table, sequence=1)
    db.session.add(row)
    db.session.flush()
    _step(row, "seated", None, tell=tell, by=by)
    return row


def _check_may_be_seated(person: Registration) -> None:
    try:
        check_may_meet(person)
    except RuleError as error:
        raise InvalidError(str(error)) from error
    if not letters.is_named(person):
        raise InvalidError(_("Somebody at risk is seated with nobody. They can ask for a 1:1 meeting themselves."))


def _between(one: Registration, other: Registration, slot: Slot, **facts: Any) -> OneToOne:
    """A row for two people in a slot: whoever asked, the pair is always written in the same order."""
    first, second = sorted((one, other), key=lambda row: row.id)
    return OneToOne(meeting=one.meeting, a=first, b=second, starts=slot.starts, ends=slot.ends, **facts)


def met(row: OneToOne, registration: Registration, *, shares: bool = False, at: datetime | None = None) -> Introduction:
    """This participant says that the agreed 1:1 meeting took place: an introduction, which the other confirms.

    Raises NotAllowedError, IllegalMoveError where nothing was agreed or its time has not come.
    """
    if registration.id not in (row.a_id, row.b_id):
        raise NotAllowedError(NOT_YOURS)
    if row.state is not _S.ACCEPTED or row.starts > (at or clock.now()):
        raise IllegalMoveError
    return service_met.meet_person(registration, other_of(row, registration), shares=shares, at=row.starts)


def purge(before: datetime) -> int:
    """Delete the 1:1 meetings of meetings that ended a year before the instant; introductions stay. Returns how many."""
    ended = sa.select(Meeting.id).where(Meeting.ends < (before - KEEP).date())
    gone = sa.select(OneToOne.id).where(OneToOne.meeting_id.in_(ended))
    touched(sa.delete(KeptTime).where(KeptTime.meeting_id.in_(ended)))
    touched(sa.delete(OneToOneStep).where(OneToOneStep.one_to_one_id.in_(gone)))
    return touched(sa.delete(OneToOne).where(OneToOne.meeting_id.in_(ended)))


def other_of(row: OneToOne, registration: Registration) -> Registration:
    """The other of the two."""
    return row.b if row.a_id == registration.id else row.a


def hold(meeting_id: int) -> OneToOnePlan:
    """The meeting's plan, held until the transaction ends: who holds it gives out times and tables."""
    plan = lock(OneToOnePlan, meeting_id)
    if plan is None:
        raise RuleError(_("There are no 1:1 meetings here yet. The organisers say when they begin."))
    return plan


def _begin(row: OneToOne, registration: Registration) -> None:
    """Hold the plan, read the row afresh, and see that it is this participant's."""
    if registration.id not in (row.a_id, row.b_id):
        raise NotAllowedError(NOT_YOURS)
    hold(row.meeting_id)
    lock(OneToOne, row.id)


def _check_turn(row: OneToOne, registration: Registration) -> None:
    if row.waits_for_id != registration.id:
        raise IllegalMoveError


def _slot(
    meeting_id: int, pair: tuple[int, int], starts: datetime, now: datetime, *, besides: int | None = None
) -> Slot:
    """The slot that begins at ``starts``, if it is ahead and both are free in it. Whether a table is, too, is seen
    when one is given. Raises NoTimeError."""
    ahead = [slot for slot in queries.list_slots(meeting_id) if slot.starts == starts and starts > now]
    spans = queries.busy(meeting_id, set(pair), besides=besides)
    found = free(ahead, [span for ident in pair for span in spans.get(ident, ())])
    if not found:
        raise NoTimeError(field="time")
    return found[0]


def _move(row: OneToOne, state: OneToOneState) -> None:
    if state not in MOVES[row.state]:
        raise IllegalMoveError
    row.state = state


def _step(
    row: OneToOne,
    step: str,
    registration: Registration | None,
    words: str = "",
    *,
    starts: datetime | None = None,
    tell: bool = True,
    by: Actor = audit.SYSTEM,
) -> None:
    """Note what happened, and write to whom it concerns."""
    noted = OneToOneStep(
        one_to_one_id=row.id,
        step=step,
        by_id=registration.id if registration is not None else None,
        starts=starts or row.starts,
        table_id=row.table_id,
        words=words,
    )
    db.session.add(noted)
    db.session.flush()
    if registration is not None:
        me = directory.canonical(registration.person)
        by = Actor("participant", str(me.id), me.full_name)
    audit.record(by, step, row)
    if tell:
        letters.tell(row, noted, registration)
