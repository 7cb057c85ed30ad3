"""Counting, reads only. Children are left out of every number here: no figure and no breakdown can reveal one.

What a past meeting has no records of is unknown (None), not 0.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from eventhub import clock
from eventhub.checkin.models import Checkpoint, CheckpointKind, FirstEntry
from eventhub.db import db
from eventhub.directory import queries as directory
from eventhub.directory.models import Organisation, Person
from eventhub.invitations.models import Invitation, Nomination
from eventhub.invitations.states import SEATED, InvitationState, NominationState
from eventhub.meetings.models import Meeting
from eventhub.meetings.states import MeetingState
from eventhub.networking import queries as networking
from eventhub.partnerships import queries as partnerships
from eventhub.partnerships.models import FollowUp, Origin, Partnership
from eventhub.partnerships.models_import import PastAttendance
from eventhub.partnerships.states import FollowUpState
from eventhub.registration.columns import IS_CHILD
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState

GONE = (NominationState.REPLACED, NominationState.WITHDRAWN, NominationState.DECLINED)
OVER = (MeetingState.OVER, MeetingState.ARCHIVED)


@dataclass
class People:
    """The adults of one meeting, by id; None where a past meeting kept no records."""

    nominated: set[int] | None
    registered: set[int] | None
    confirmed: set[int] | None
    attended: set[int] | None
    introduced: set[int]
    introductions: int  # pairs
    sector: dict[int, int | None] = field(default_factory=dict)  # of the registered
    country: dict[int, str] = field(default_factory=dict)
    organisation: dict[int, int] = field(default_factory=dict)  # canonical
    # organisations that a list of the time names, with their sector and country: known without any registration
    listed: dict[int, tuple[int | None, str]] = field(default_factory=dict)

    @property
    def organisations(self) -> set[int] | None:
        """Who was there: with a confirmed adult, or on a list of the time; None where neither is on record."""
        if self.confirmed is None and not self.listed:
            return None
        return {self.organisation[one] for one in self.confirmed or () if one in self.organisation} | self.listed.keys()


@dataclass
class Invited:
    """Invitations of one meeting; None where a past meeting kept none."""

    drawn_up: int | None
    sent: int | None
    opened: int | None
    accepted: int | None
    seats: int | None  # of the accepted
    sent_by_sector: Counter[int | None] = field(default_factory=Counter)
    accepted_by_sector: Counter[int | None] = field(default_factory=Counter)


def is_past(meeting: Meeting) -> bool:
    """Whether it is over, by its state or by its last day."""
    return meeting.state in OVER or meeting.ends < clock.today(meeting.tz)


def _known(found: set[int] | None, meeting: Meeting) -> set[int] | None:
    """Nothing recorded of a meeting that is over: nobody knows; of one that is to come: nobody yet."""
    return None if not found and is_past(meeting) else found


def invited(meetings: Sequence[Meeting]) -> dict[int, Invited]:
    """What became of each meeting's invitations; one query."""
    rows = defaultdict(list)
    for row in db.session.execute(
        sa.select(
            Invitation.meeting_id,
            Invitation.state,
            Invitation.sent_at,
            Invitation.opened_at,
            Invitation.seats,
            Invitation.sector_id,
        ).where(
            Invitation.meeting_id.in_([meeting.id for meeting in meetings]),
            Invitation.state != InvitationState.WITHDRAWN,
        )
    ):
        rows[row.meeting_id].append(row)
    return {meeting.id: _invited(meeting, rows[meeting.id]) for meeting in meetings}


def _invited(meeting: Meeting, rows: Sequence[Any]) -> Invited:
    if not rows and is_past(meeting):
        return Invited(None, None, None, None, None)
    sent = [row for row in rows if row.sent_at is not None]
    accepted = [row for row in sent if row.state is InvitationState.ACCEPTED]
    return Invited(
        len(rows),
        len(sent),
        sum(row.opened_at is not None for row in sent),
        len(accepted),
        sum(row.seats for row in accepted),
        Counter(row.sector_id for row in sent),
        Counter(row.sector_id for row in accepted),
    )


def people(meetings: Sequence[Meeting]) -> dict[int, People]:
    """The adults of each meeting, in the same number of queries for one meeting and for ten."""
    ids = [meeting.id for meeting in meetings]
    facts = _facts(ids)
    canonical = directory.ends({row.a: row.b for row in facts[MERGED]})
    nominated, attended, pairs = defaultdict(set), defaultdict(set), defaultdict(list)
    listed: dict[int, dict[int, tuple[int | None, str]]] = defaultdict(dict)
    for row in facts[NOMINATED]:
        nominated[row.meeting_id].add(canonical.get(row.a, row.a))
    for row in facts[ENTERED]:
        if row.text[:1] == "p" and row.text[1:].isdigit():  # a person's key at the door is p and the id
            person = int(row.text[1:])
            attended[row.meeting_id].add(canonical.get(person, person))
    for row in facts[LISTED]:
        listed[row.meeting_id][row.a] = (row.b, row.text)
    for row in facts[MET]:
        pairs[row.meeting_id].append((canonical.get(row.a, row.a), canonical.get(row.b, row.b)))
    registered: dict[int, set[int]] = {ident: set() for ident in ids}
    confirmed: dict[int, set[int]] = {ident: set() for ident in ids}
    found = {
        ident: People(
            None,
            None,
            None,
            None,
            {one for pair in pairs[ident] for one in pair},
            len(pairs[ident]),
            listed=listed[ident],
        )
        for ident in ids
    }
    for meeting_id, person, is_confirmed, organisation, sector, country in _registered(ids):
        who = canonical.get(person, person)  # somebody who was merged into another record counts once
        registered[meeting_id].add(who)
        if is_confirmed:
            confirmed[meeting_id].add(who)
        one = found[meeting_id]
        one.sector[who], one.country[who] = sector, country
        if organisation is not None:
            one.organisation[who] = organisation
    for meeting in meetings:
        here, one = registered[meeting.id], found[meeting.id]
        one.nominated = _known(nominated[meeting.id], meeting)
        one.registered = _known(here, meeting)
        # where there are records and nobody was confirmed, that is known
        one.confirmed = confirmed[meeting.id] if here else _known(confirmed[meeting.id], meeting)
        one.attended = _known(attended[meeting.id] & here, meeting)
    return found


def could_show_somebody(meetings: Sequence[Meeting]) -> bool:
    """Whether children or people at risk could be seen in small numbers of people."""
    if any(meeting.admits_children for meeting in meetings):
        return True
    found = sa.select(Registration.id).join(Person, Person.id == Registration.person_id)
    ids = [meeting.id for meeting in meetings]
    return db.session.scalar(found.where(Registration.meeting_id.in_(ids), Person.at_risk).limit(1)) is not None


MERGED, NOMINATED, ENTERED, LISTED, MET = "merged", "nominated", "entered", "listed", "met"
_NO_ID, _NO_TEXT = sa.cast(sa.null(), sa.Integer), sa.literal("")


def _facts(ids: Sequence[int]) -> dict[str, list[Any]]:
    """The small facts about people and organisations, by kind, in one statement: each a meeting, two ids and a text."""
    merged, met = directory.merged(Person).subquery(), networking.met(list(ids)).subquery()
    kinds = {
        MERGED: sa.select(_NO_ID, *merged.c, _NO_TEXT),
        NOMINATED: _nominated(ids),
        ENTERED: _entered(ids),
        LISTED: _listed(ids),
        MET: sa.select(*met.c, _NO_TEXT),
    }
    each = []
    for kind, statement in kinds.items():
        columns = zip(statement.subquery().c, ("meeting_id", "a", "b", "text"), strict=True)
        each.append(sa.select(sa.literal(kind).label("kind"), *(column.label(name) for column, name in columns)))
    found: dict[str, list[Any]] = {kind: [] for kind in kinds}
    for row in db.session.execute(sa.union_all(*each)):
        found[row.kind].append(row)
    return found


def _nominated(ids: Sequence[int]) -> sa.Select[*tuple[Any, ...]]:
    """(meeting, person, -, -) of the adults whom invited organisations named for their seats."""
    return (
        sa.select(Invitation.meeting_id, Nomination.person_id, _NO_ID, _NO_TEXT)
        .join(Invitation, Nomination.invitation_id == Invitation.id)
        .join(Person, Nomination.person_id == Person.id)
        .where(
            Invitation.meeting_id.in_(ids),
            Nomination.state.not_in(GONE),
            Nomination.role.in_(SEATED),
            ~Person.is_child,
        )
    )


def _entered(ids: Sequence[int]) -> sa.Select[*tuple[Any, ...]]:
    """(meeting, -, -, key) of whom an entrance let in at least once; the caller keeps the registered adults of them."""
    return (
        sa.select(FirstEntry.meeting_id, _NO_ID.label("a"), _NO_ID.label("b"), FirstEntry.person_key)
        .join(Checkpoint, FirstEntry.checkpoint_id == Checkpoint.id)
        .where(FirstEntry.meeting_id.in_(ids), Checkpoint.kind == CheckpointKind.ENTRANCE)
        .distinct()
    )


def _registered(ids: Sequence[int]) -> Iterable[Any]:
    """Every adult who sent in the form, whatever became of it; country and sector as registered, else the
    organisation's."""
    organisations = _canonical_organisations()
    country = sa.case((Registration.country != "", Registration.country), else_=Organisation.country)
    return db.session.execute(
        sa.select(
            Registration.meeting_id,
            Registration.person_id,
            (Registration.state == RegistrationState.CONFIRMED).label("is_confirmed"),  # lighter than a state each
            sa.func.coalesce(organisations.c.into_id, Registration.organisation_id).label("organisation_id"),
            sa.func.coalesce(Registration.sector_id, Organisation.sector_id).label("sector_id"),
            sa.func.coalesce(country, "").label("country"),
        )
        .join(Person, Registration.person_id == Person.id)
        .outerjoin(Organisation, Registration.organisation_id == Organisation.id)
        .outerjoin(organisations, organisations.c.id == Registration.organisation_id)
        .where(
            Registration.meeting_id.in_(ids),
            Registration.state != RegistrationState.STARTED,
            ~Registration.is_child,
            ~Person.is_child,
        )
        # of somebody who is there twice, being merged, the confirmed registration is read last, and the first of them
        .order_by(Registration.state == RegistrationState.CONFIRMED, Registration.id.desc())
    )


def _listed(ids: Sequence[int]) -> sa.Select[*tuple[Any, ...]]:
    """(meeting, canonical organisation, its sector, its country) of whom lists of the time name."""
    organisations = _canonical_organisations()
    ident = sa.func.coalesce(organisations.c.into_id, PastAttendance.organisation_id)
    return (
        sa.select(PastAttendance.meeting_id, Organisation.id, Organisation.sector_id, Organisation.country)
        .outerjoin(organisations, organisations.c.id == PastAttendance.organisation_id)
        .join(Organisation, Organisation.id == ident)
        .where(PastAttendance.meeting_id.in_(ids))
        .distinct()
    )


def _canonical_organisations() -> sa.CTE:
    """(id, into_id) of every merged organisation, at the end of the chain."""
    step = (
        sa.select(Organisation.id, Organisation.merged_into_id.label("into_id"))
        .where(Organisation.merged_into_id.is_not(None))
        .cte(recursive=True)
    )
    further = sa.select(step.c.id, Organisation.merged_into_id).join(Organisation, Organisation.id == step.c.into_id)
    steps = step.union(further.where(Organisation.merged_into_id.is_not(None)))
    last = sa.select(steps.c.id, steps.c.into_id).join(Organisation, Organisation.id == steps.c.into_id)
    return last.where(Organisation.merged_into_id.is_(None)).cte()


def count_children(meeting: Meeting) -> int:
    """The children whose registration is confirmed; only for who may see children, and never less than five."""
    return (
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(Registration)
            .join(Person, Registration.person_id == Person.id)
            .where(
                Registration.meeting_id == meeting.id,
                Registration.state == RegistrationState.CONFIRMED,
                IS_CHILD,
            )
        )
        or 0
    )


def follow_ups(meeting: Meeting) -> dict[int, Counter[str]]:
    """Per number of months: how many were sent, and what was answered; hidden partnerships are left out."""
    found: dict[int, Counter[str]] = defaultdict(Counter)
    rows = db.session.execute(
        sa.select(FollowUp.months, FollowUp.state, FollowUp.answer)
        .join(Partnership, FollowUp.partnership_id == Partnership.id)
        .join(Origin, Origin.partnership_id == Partnership.id)
        .where(Origin.meeting_id == meeting.id, partnerships.is_open())
    )
    for months, state, answer in rows:
        if state is FollowUpState.SCHEDULED:
            found[months]["scheduled"] += 1
        elif state is FollowUpState.ANSWERED:
            found[months].update(("sent", answer.get("what", "")))
        elif state is not FollowUpState.CLOSED:
            found[months].update(("sent", "no_reply"))
    return dict(found)
