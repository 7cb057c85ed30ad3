"""Looking up 1:1 meetings: slots, who has no time when, which table is free, and whom a participant may ask.

What somebody has no time for is told to nobody but themselves: others see only which slots both are free in.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from eventhub import clock
from eventhub.db import db, of_meeting
from eventhub.directory import queries as directory
from eventhub.directory.models import Person
from eventhub.errors import NotFoundError
from eventhub.networking import queries, queries_offers
from eventhub.networking.models import Profile
from eventhub.networking.models_one_to_one import (
    KeptTime,
    OneToOne,
    OneToOnePlan,
    OneToOneStep,
    OneToOneTable,
    OneToOneWindow,
)
from eventhub.networking.slots import Slot, Span, cut, free, overlaps
from eventhub.networking.states import OPEN, STANDING, OneToOneState
from eventhub.programme.models import Session, SignUp, Speaker
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState


def find_plan(meeting_id: int) -> OneToOnePlan | None:
    """The meeting's plan of 1:1 meetings; None where there are none."""
    return db.session.get(OneToOnePlan, meeting_id)


def list_windows(meeting_id: int) -> list[OneToOneWindow]:
    """The meeting's windows in the order of time."""
    return list(
        db.session.scalars(
            sa.select(OneToOneWindow)
            .where(OneToOneWindow.meeting_id == meeting_id)
            .order_by(OneToOneWindow.starts, OneToOneWindow.id)
        )
    )


def get_window(meeting_id: int, window_id: int) -> OneToOneWindow:
    """A window of the meeting's 1:1 meetings; raises NotFoundError."""
    return of_meeting(
        OneToOneWindow, window_id, meeting_id, _("This window is no longer in the list. Somebody may have removed it.")
    )


def list_tables(meeting_id: int, *, active: bool = False) -> list[OneToOneTable]:
    """The meeting's tables in their order; only those in use with ``active``."""
    found = sa.select(OneToOneTable).where(OneToOneTable.meeting_id == meeting_id)
    if active:
        found = found.where(OneToOneTable.active)
    ordered = found.options(joinedload(OneToOneTable.room)).order_by(OneToOneTable.position, OneToOneTable.id)
    return list(db.session.scalars(ordered))


def get_table(meeting_id: int, table_id: int) -> OneToOneTable:
    """A table of the meeting's 1:1 meetings; raises NotFoundError."""
    return of_meeting(
        OneToOneTable, table_id, meeting_id, _("This table is no longer in the list. Somebody may have removed it.")
    )


def list_slots(meeting_id: int) -> list[Slot]:
    """Every slot of a meeting, past ones too."""
    return cut(list_windows(meeting_id))


def is_open(meeting_id: int, *, at: datetime) -> bool:
    """Whether anybody can still ask: a window is not over, and a table is in use."""
    window = sa.exists().where(OneToOneWindow.meeting_id == meeting_id, OneToOneWindow.ends > at)
    table = sa.exists().where(OneToOneTable.meeting_id == meeting_id, OneToOneTable.active)
    return bool(db.session.scalar(sa.select(sa.and_(window, table))))


def count_states(meeting_id: int) -> dict[OneToOneState, int]:
    """How many 1:1 meetings are in each state."""
    rows = db.session.execute(
        sa.select(OneToOne.state, sa.func.count()).where(OneToOne.meeting_id == meeting_id).group_by(OneToOne.state)
    )
    counted = {state: number for state, number in rows}
    return {state: counted.get(state, 0) for state in OneToOneState}


def busy(
    meeting_id: int, registration_ids: Collection[int] | None = None, *, besides: int | None = None
) -> dict[int, list[Span]]:
    """When these participants (all, without ``registration_ids``) have no time: sessions where they speak or are signed
    up, agreed 1:1 meetings but ``besides``, and what they keep for themselves. By registration; three or four statements,
    however many people.

    Somebody who was merged into another record speaks and meets as that one.
    """
    own = _own_records(meeting_id, registration_ids)
    by_person, by_registration = defaultdict(set), defaultdict(set)
    for ident, (people, registrations) in own.items():
        for person in people:
            by_person[person].add(ident)
        for registration in registrations:
            by_registration[registration].add(ident)
    asked = None if registration_ids is None else (list(by_person), list(by_registration))
    spans: dict[int, list[Span]] = {ident: [] for ident in own}
    words = _("a time that you keep for yourself")
    for what, who, starts, ends, title in db.session.execute(_taken(meeting_id, asked, besides)):
        span = Span(starts, ends, words if what == KEEPS else title)
        for ident in (by_person if what == SPEAKS else by_registration).get(who, ()):
            spans[ident].append(span)
    return {ident: sorted(set(found)) for ident, found in spans.items()}


Asked = tuple[list[int], list[int]] | None  # whose times: people, registrations; None for everybody's


SPEAKS, GOES, KEEPS, MEETS = "speaks", "goes", "keeps", "meets"


def _taken(meeting_id: int, asked: Asked, besides: int | None) -> sa.CompoundSelect[*tuple[Any, ...]]:
    """(what, who, starts, ends, title): whoever speaks by person, all else by registration."""

    def taken(what: str, who: Any, during: Any, title: Any, *conditions: Any) -> sa.Select[*tuple[Any, ...]]:
        found = sa.select(sa.literal(what), who, during.starts, during.ends, title)
        found = found.where(during.meeting_id == meeting_id, *conditions)
        return found if asked is None else found.where(who.in_(asked[0] if what == SPEAKS else asked[1]))

    accepted = OneToOne.state == OneToOneState.ACCEPTED
    other = accepted if besides is None else sa.and_(accepted, OneToOne.id != besides)
    return sa.union_all(
        taken(SPEAKS, Speaker.person_id, Session, Session.title, Speaker.session_id == Session.id),
        taken(
            GOES,
            SignUp.registration_id,
            Session,
            Session.title,
            SignUp.session_id == Session.id,
            SignUp.withdrawn_at.is_(None),
        ),
        taken(KEEPS, KeptTime.registration_id, KeptTime, sa.literal("")),
        taken(MEETS, OneToOne.a_id, OneToOne, sa.literal(""), other),
        taken(MEETS, OneToOne.b_id, OneToOne, sa.literal(""), other),
    )


def _own_records(meeting_id: int, ids: Collection[int] | None) -> dict[int, tuple[set[int], set[int]]]:
    """Of each registration: the ids of its person and of all that were merged together with it, and their
    registrations for the same meeting."""
    merged = directory.canonical_ids(Person)
    families: dict[int, set[int]] = defaultdict(set)
    for gone, kept in merged.items():
        families[kept] |= {gone, kept}
    found = sa.select(Registration.id, Registration.person_id).where(Registration.meeting_id == meeting_id)
    rows = db.session.execute(found.where(Registration.id.in_(ids)) if ids is not None else found).all()
    people = {
        ident: families.get(merged.get(person, person), set()) | {person, merged.get(person, person)}
        for ident, person in rows
    }
    twins: dict[int, set[int]] = defaultdict(set)
    several = {person for family in people.values() if len(family) > 1 for person in family}
    if several:
        for ident, person in db.session.execute(found.where(Registration.person_id.in_(several))):
            twins[person].add(ident)
    return {
        ident: (family, {ident}.union(*(twins.get(person, set()) for person in family)))
        for ident, family in people.items()
    }


def tables_taken(meeting_id: int, *, besides: int | None = None) -> dict[int, list[Slot]]:
    """When each table is taken, by its id."""
    rows = sa.select(OneToOne.table_id, OneToOne.starts, OneToOne.ends).where(
        OneToOne.meeting_id == meeting_id, OneToOne.state == OneToOneState.ACCEPTED
    )
    if besides is not None:
        rows = rows.where(OneToOne.id != besides)
    taken: dict[int, list[Slot]] = defaultdict(list)
    for table, starts, ends in db.session.execute(rows):
        if table is not None:
            taken[table].append(Slot(starts, ends))
    return taken


def find_free_table(
    meeting_id: int, slot: Slot, *, besides: int | None = None, rather: int | None = None
) -> OneToOneTable | None:
    """A table in use that nobody has in this slot: ``rather`` this one, else the first; None when there is none."""
    taken = tables_taken(meeting_id, besides=besides)
    ready = [
        table
        for table in list_tables(meeting_id, active=True)
        if not any(overlaps(slot, other) for other in taken.get(table.id, ()))
    ]
    return next((table for table in ready if table.id == rather), ready[0] if ready else None)


def common_slots(
    meeting_id: int, one_id: int, other_id: int, *, at: datetime | None = None, besides: int | None = None
) -> list[Slot]:
    """The slots after ``at`` in which both registrations are free and a table is, in the order of time."""
    now = at or clock.now()
    ahead = [slot for slot in list_slots(meeting_id) if slot.starts > now]
    spans = busy(meeting_id, {one_id, other_id}, besides=besides)
    both = free(ahead, [span for ident in (one_id, other_id) for span in spans.get(ident, ())])
    tables, taken = list_tables(meeting_id, active=True), tables_taken(meeting_id, besides=besides)
    return [
        slot
        for slot in both
        if any(not any(overlaps(slot, other) for other in taken.get(table.id, ())) for table in tables)
    ]


def find_askable(registration: Registration, other_id: int) -> Registration | None:
    """The other participant, if this one may ask them for a 1:1 meeting; None for everybody else, whatever the reason.

    That is: a confirmed adult who agreed to be asked, or with whom both have said that they met. Never a child; a
    person at risk only in the second case, as they stand in no list.
    """
    other = db.session.get(Registration, other_id, options=[joinedload(Registration.person)])
    if other is None or other.meeting_id != registration.meeting_id or other.id == registration.id:
        return None
    if other.is_child or other.state is not RegistrationState.CONFIRMED:
        return None
    me, them = directory.canonical(registration.person), directory.canonical(other.person)
    if me.id == them.id or them.is_child or other.person.is_child:
        return None
    profile = db.session.scalar(
        queries_offers.shown(registration.meeting_id).where(Profile.registration_id == other.id, Profile.may_be_asked)
    )
    if profile is not None and queries.is_listed(them):
        return other
    met = queries.find_introduction(registration.meeting_id, me, them)
    return other if met is not None and queries.standing(met) is queries.Standing.CONFIRMED else None


def get_one_to_one(one_to_one_id: int) -> OneToOne:
    """A 1:1 meeting, whosever it is; raises NotFoundError."""
    row = db.session.get(OneToOne, one_to_one_id)
    if row is None:
        raise NotFoundError(_("This 1:1 meeting is not recorded any more."))
    return row


def list_kept(registration_id: int) -> list[KeptTime]:
    """What a participant keeps for themselves, in the order of time."""
    found = sa.select(KeptTime).where(KeptTime.registration_id == registration_id).order_by(KeptTime.starts)
    return list(db.session.scalars(found))


def find_between(one_id: int, other_id: int, *, at: datetime) -> OneToOne | None:
    """The 1:1 meeting of two registrations that stands and is not over."""
    first, second = sorted((one_id, other_id))
    return db.session.scalar(
        sa.select(OneToOne).where(
            OneToOne.a_id == first, OneToOne.b_id == second, OneToOne.state.in_(STANDING), OneToOne.ends > at
        )
    )


def said_no(registration_id: int, other_id: int) -> bool:
    """Whether the other declined when this participant asked."""
    first, second = sorted((registration_id, other_id))
    found = (
        sa.select(OneToOneStep.id)
        .join(OneToOne, OneToOne.id == OneToOneStep.one_to_one_id)
        .where(
            OneToOne.a_id == first,
            OneToOne.b_id == second,
            OneToOneStep.step == OneToOneState.DECLINED.value,
            OneToOneStep.by_id == other_id,
        )
        .limit(1)
    )
    return db.session.scalar(found) is not None


def count_open(registration_id: int, *, at: datetime) -> int:
    """How many of this participant's own requests nobody has answered yet and are still ahead."""
    return (
        db.session.scalar(
            sa.select(sa.func.count(OneToOne.id)).where(
                OneToOne.asked_by_id == registration_id, OneToOne.state.in_(OPEN), OneToOne.starts > at
            )
        )
        or 0
    )


def list_steps(one_to_one_id: int) -> list[OneToOneStep]:
    """What happened to it, the first first."""
    return list(
        db.session.scalars(
            sa.select(OneToOneStep).where(OneToOneStep.one_to_one_id == one_to_one_id).order_by(OneToOneStep.id)
        )
    )
