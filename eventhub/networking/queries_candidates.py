"""With whom a participant may have talked: they signed up for the same session. That is a candidate, not an introduction,
and nothing is kept of it; only who agreed to be found is named."""

from collections import Counter
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from eventhub.db import db
from eventhub.directory import queries as directory
from eventhub.directory.models import Person
from eventhub.networking import queries_offers
from eventhub.networking.models import Introduction, Profile
from eventhub.programme.models import Session, SignUp
from eventhub.registration.models import Registration

MOST = 6


class Candidate(NamedTuple):
    """Somebody who was to sit in the same session, and in which: the smallest of those that both signed up for."""

    person: Person
    organisation: str
    session: Session


def list_candidates(registration: Registration, *, at: datetime) -> list[Candidate]:
    """Who shares most of the sessions that have begun and the smallest of them, without those already introduced.

    Four queries at most.
    """
    mine = sa.select(SignUp.session_id).where(SignUp.registration_id == registration.id, SignUp.withdrawn_at.is_(None))
    begun = sa.select(Session).where(Session.id.in_(mine), Session.starts <= at)
    sessions = {session.id: session for session in db.session.scalars(begun)}
    if not sessions:
        return []
    rows = db.session.execute(
        queries_offers.shown(registration.meeting_id)
        .join(SignUp, SignUp.registration_id == Registration.id)
        .where(SignUp.session_id.in_(sessions), SignUp.withdrawn_at.is_(None), Registration.id != registration.id)
        .add_columns(SignUp.session_id)
        .options(
            joinedload(Profile.registration).joinedload(Registration.person),
            joinedload(Profile.registration).joinedload(Registration.organisation),
        )
        .order_by(Profile.id, SignUp.session_id)
    ).all()
    size = Counter(session_id for _profile, session_id in rows)
    shared: dict[int, list[int]] = {}
    profiles = {}
    for profile, session_id in rows:
        profiles[profile.id] = profile
        shared.setdefault(profile.id, []).append(session_id)
    met = _met(registration)
    found = []
    for ident, ids in sorted(shared.items(), key=lambda item: (-len(item[1]), min(size[s] for s in item[1]), item[0])):
        other = profiles[ident].registration
        if not met & {other.person_id, other.person.merged_into_id}:
            smallest = min(ids, key=lambda session_id: (size[session_id], session_id))
            home = other.organisation.name if other.organisation else other.organisation_text
            found.append(Candidate(other.person, home, sessions[smallest]))
    return found[:MOST]


def _met(registration: Registration) -> set[int]:
    """Everybody with whom an introduction is kept, whatever either side says of it, and the person."""
    mine = directory.family_ids(directory.canonical(registration.person))
    pairs = db.session.execute(
        sa.select(Introduction.a_id, Introduction.b_id).where(
            Introduction.meeting_id == registration.meeting_id,
            sa.or_(Introduction.a_id.in_(mine), Introduction.b_id.in_(mine)),
        )
    )
    return mine | {ident for pair in pairs for ident in pair}
