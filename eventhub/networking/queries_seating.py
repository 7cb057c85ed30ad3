"""Looking up wishes, seatings, and what stands in the way of one."""

from collections import Counter
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import aliased, joinedload

from eventhub.db import db, of_meeting
from eventhub.directory import queries as directory
from eventhub.directory.models import Person
from eventhub.jobs.models import Job, JobState
from eventhub.networking import queries_offers
from eventhub.networking.models import Profile, Suggestion
from eventhub.networking.models_one_to_one import OneToOne, OneToOneTable
from eventhub.networking.models_seating import ProposedSeat, SeatingConsent, SeatingProposal, Wish
from eventhub.networking.states import STANDING, OneToOneState
from eventhub.networking.states_seating import Bar, ProposalState, SeatState
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState


def find_consent(registration_id: int) -> SeatingConsent | None:
    return db.session.get(SeatingConsent, registration_id)


def list_wishes(registration_id: int) -> list[Wish]:
    """A participant's wishes, the dearest first, whoever they are about now."""
    return list(db.session.scalars(sa.select(Wish).where(Wish.by_id == registration_id).order_by(Wish.place, Wish.id)))


def _wishable(registration: Registration) -> sa.Select[Any]:
    """Others in the list who agreed to be asked for 1:1 meetings."""
    return queries_offers.shown(registration.meeting_id).where(
        Profile.may_be_asked,
        Profile.registration_id != registration.id,
        Registration.person_id != registration.person_id,
    )


def list_wishable(registration: Registration) -> list[Registration]:
    """Whom this participant may wish for, by name, those on their list among them."""
    return list(
        db.session.scalars(
            _wishable(registration)
            .with_only_columns(Registration)
            .options(joinedload(Registration.person), joinedload(Registration.organisation))
            .order_by(Person.sort_key, Registration.id)
        )
    )


def askable_ids(meeting_id: int) -> set[int]:
    """Registrations of a meeting that stand in the list and agreed to be asked for 1:1 meetings."""
    return set(db.session.scalars(_askable(meeting_id)))


def _askable(meeting_id: int) -> sa.Select[Any]:
    return queries_offers.shown(meeting_id).where(Profile.may_be_asked).with_only_columns(Profile.registration_id)


def may_wish_for(registration: Registration, whom_id: int) -> bool:
    """Whether a participant may put that registration on their list of wishes: another person's, who agreed to be asked."""
    found = _wishable(registration).where(Profile.registration_id == whom_id).with_only_columns(Profile.id)
    return db.session.scalar(found) is not None


def sitters(meeting_id: int) -> dict[int, int]:
    """Who may be seated, by registration, with how many 1:1 meetings they want in all: confirmed adults who agreed.
    Nobody at risk, also who agreed before that was known (``wishes`` says why)."""
    found = (
        sa.select(SeatingConsent.registration_id, SeatingConsent.most)
        .join(Registration, Registration.id == SeatingConsent.registration_id)
        .where(SeatingConsent.meeting_id == meeting_id, SeatingConsent.agreed, *taking_part())
    )
    return {ident: most for ident, most in db.session.execute(found)}


def taking_part() -> list[sa.ColumnElement[bool]]:
    """What makes a registration one that may be seated, apart from its yes."""
    return [
        Registration.state == RegistrationState.CONFIRMED,
        ~Registration.is_child,
        Registration.person_id.not_in(queries_offers.hidden_people()),
    ]


def live_wishes(meeting_id: int) -> dict[tuple[int, int], int]:
    """(who, whom) with the place in the list, from 0: only about people who still may be asked."""
    rows = db.session.execute(
        sa.select(Wish.by_id, Wish.whom_id)
        .where(Wish.meeting_id == meeting_id, Wish.whom_id.in_(_askable(meeting_id)))
        .order_by(Wish.by_id, Wish.place, Wish.id)
    )
    found: dict[tuple[int, int], int] = {}
    places: Counter[int] = Counter()
    for who, whom in rows:
        found[who, whom] = places[who]
        places[who] += 1
    return found


def suggested(meeting_id: int) -> set[tuple[int, int]]:
    """Pairs of registrations that are suggested to each other and whom neither put aside, the lesser first."""
    shown = queries_offers.shown(meeting_id).with_only_columns(Profile.id)
    a, b = aliased(Profile), aliased(Profile)
    rows = db.session.execute(
        sa.select(a.registration_id, b.registration_id)
        .select_from(Suggestion)
        .join(a, Suggestion.a_id == a.id)
        .join(b, Suggestion.b_id == b.id)
        .where(
            Suggestion.meeting_id == meeting_id,
            Suggestion.current,
            ~Suggestion.not_for_a,
            ~Suggestion.not_for_b,
            a.id.in_(shown),
            b.id.in_(shown),
        )
    )
    return {(min(one, other), max(one, other)) for one, other in rows}


def history(meeting_id: int) -> tuple[dict[tuple[int, int], Bar], Counter[int]]:
    """Pairs of registrations who are not to be seated, since something stands between them or one said no before; and
    how many 1:1 meetings each registration has agreed on."""
    rows = db.session.execute(
        sa.select(OneToOne.a_id, OneToOne.b_id, OneToOne.state)
        .where(OneToOne.meeting_id == meeting_id, OneToOne.state != OneToOneState.WITHDRAWN)
        .order_by(OneToOne.id)
    ).all()
    pairs = {(a, b): Bar.HAVE_ONE if state in STANDING else Bar.SAID_NO for a, b, state in rows}
    agreed = Counter(ident for a, b, state in rows if state is OneToOneState.ACCEPTED for ident in (a, b))
    return pairs, agreed


def one_person(meeting_id: int) -> dict[int, int]:
    """Of each registration of a meeting, the canonical person: nobody is seated with themselves."""
    merged = directory.canonical_ids(Person)
    rows = db.session.execute(
        sa.select(Registration.id, Registration.person_id).where(Registration.meeting_id == meeting_id)
    )
    return {ident: merged.get(person, person) for ident, person in rows}


def find_proposal(meeting_id: int) -> SeatingProposal | None:
    """The newest that was not withdrawn."""
    return db.session.scalar(
        sa.select(SeatingProposal)
        .where(SeatingProposal.meeting_id == meeting_id, SeatingProposal.state != ProposalState.WITHDRAWN)
        .order_by(SeatingProposal.id.desc())
        .limit(1)
    )


def get_proposal(meeting_id: int, proposal_id: int) -> SeatingProposal:
    """The proposal; raises NotFoundError."""
    return of_meeting(
        SeatingProposal, proposal_id, meeting_id, _("This proposal is not kept any more. Look at the newest one.")
    )


def list_seats(proposal_id: int, *states: SeatState) -> list[ProposedSeat]:
    """The seats of a proposal in the order of time and table; only those in ``states`` where any are given."""
    found = sa.select(ProposedSeat).where(ProposedSeat.proposal_id == proposal_id)
    if states:
        found = found.where(ProposedSeat.state.in_(states))
    people = [
        joinedload(side).options(joinedload(Registration.person), joinedload(Registration.organisation))
        for side in (ProposedSeat.a, ProposedSeat.b)
    ]
    whole = (*people, joinedload(ProposedSeat.table).joinedload(OneToOneTable.room))
    ordered = found.options(*whole).order_by(ProposedSeat.starts, ProposedSeat.table_id, ProposedSeat.id)
    return list(db.session.scalars(ordered))


def list_taking_part(ids: Collection[int]) -> list[Registration]:
    """Those of these registrations that may be seated, by name, with their people and organisations."""
    return list(
        db.session.scalars(
            sa.select(Registration)
            .join(Person, Person.id == Registration.person_id)
            .where(Registration.id.in_(ids), *taking_part())
            .options(joinedload(Registration.person), joinedload(Registration.organisation))
            .order_by(Person.sort_key, Registration.id)
        )
    )


def find_job(meeting_id: int, *kinds: str) -> Job | None:
    """The newest work of these kinds that waits or runs."""
    return db.session.scalar(
        sa.select(Job)
        .where(Job.meeting_id == meeting_id, Job.kind.in_(kinds), Job.state.in_((JobState.QUEUED, JobState.RUNNING)))
        .order_by(Job.id.desc())
        .limit(1)
    )


def who_takes_part(ids: Collection[int]) -> set[int]:
    """Those of these registrations that may be seated, were they to agree."""
    return set(db.session.scalars(sa.select(Registration.id).where(Registration.id.in_(ids), *taking_part())))
