"""Looking up rooms, tracks and sessions, and who of their people may be named."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import url_for
from flask_babel import lazy_gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import aliased, joinedload, selectinload

from eventhub.db import db, of_meeting
from eventhub.directory.models import Organisation, Person
from eventhub.meetings.models import Meeting
from eventhub.meetings.service import DAY_BEGINS
from eventhub.programme.models import Room, Session, SignUp, Speaker, Track
from eventhub.registration.columns import ORGANISATION
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState
from eventhub.waits import Wait, count_of

MOST_SUGGESTED = 1000  # people that the form offers to choose from


def list_rooms(meeting_id: int) -> list[Room]:
    """The meeting's rooms, in the order that people gave them."""
    return list(
        db.session.scalars(sa.select(Room).where(Room.meeting_id == meeting_id).order_by(Room.position, Room.name))
    )


def list_tracks(meeting_id: int) -> list[Track]:
    """The meeting's tracks, in the order that people gave them."""
    return list(
        db.session.scalars(sa.select(Track).where(Track.meeting_id == meeting_id).order_by(Track.position, Track.name))
    )


def get_room(meeting_id: int, room_id: int) -> Room:
    """A room of the meeting; raises NotFoundError."""
    return of_meeting(Room, room_id, meeting_id, _("This room is no longer in the list. Somebody may have removed it."))


def get_track(meeting_id: int, track_id: int) -> Track:
    """A track of the meeting; raises NotFoundError."""
    return of_meeting(
        Track, track_id, meeting_id, _("This track is no longer in the list. Somebody may have removed it.")
    )


def list_sessions(meeting_id: int) -> list[Session]:
    """The meeting's sessions in the order of time, with room, track and people: three statements, however many."""
    return list(
        db.session.scalars(
            sa.select(Session)
            .where(Session.meeting_id == meeting_id)
            .options(
                joinedload(Session.room),
                joinedload(Session.track),
                selectinload(Session.speakers).joinedload(Speaker.person),
            )
            .order_by(Session.starts, Session.ends, Session.id)
        )
    )


def get_session(meeting_id: int, session_id: int) -> Session:
    """One session of the meeting; raises NotFoundError."""
    return of_meeting(
        Session,
        session_id,
        meeting_id,
        _("This session is no longer in the programme. Somebody may have removed it."),
        options=[selectinload(Session.speakers).joinedload(Speaker.person)],
    )


def count_sessions_in(*, room: Room | None = None, track: Track | None = None) -> int:
    """How many sessions stand in a room, or in a track."""
    where = Session.room_id == room.id if room is not None else Session.track_id == (track.id if track else None)
    return db.session.scalar(sa.select(sa.func.count(Session.id)).where(where)) or 0


def count_sign_ups(session_id: int) -> int:
    """Places taken in a session: a sign-up counts only while its registration is confirmed."""
    return (
        db.session.scalar(
            sa.select(sa.func.count(SignUp.id))
            .join(Registration, Registration.id == SignUp.registration_id)
            .where(
                SignUp.session_id == session_id,
                SignUp.withdrawn_at.is_(None),
                Registration.state == RegistrationState.CONFIRMED,
            )
        )
        or 0
    )


def places_taken(meeting_id: int) -> dict[int, int]:
    """Places taken per session that needs signing up; one statement."""
    rows = db.session.execute(
        sa.select(SignUp.session_id, sa.func.count(SignUp.id))
        .join(Session, Session.id == SignUp.session_id)
        .join(Registration, Registration.id == SignUp.registration_id)
        .where(
            Session.meeting_id == meeting_id,
            SignUp.withdrawn_at.is_(None),
            Registration.state == RegistrationState.CONFIRMED,
        )
        .group_by(SignUp.session_id)
    )
    return {session_id: taken for session_id, taken in rows}


def sessions_of(registration_id: int) -> list[Session]:
    """The sessions that somebody signed up for."""
    return list(
        db.session.scalars(
            sa.select(Session)
            .join(SignUp, SignUp.session_id == Session.id)
            .where(SignUp.registration_id == registration_id, SignUp.withdrawn_at.is_(None))
            .order_by(Session.starts)
        )
    )


def find_next(meeting_id: int, registration_id: int, *, at: datetime, before: datetime) -> sa.Row | None:
    """The session (title, starts, room) that somebody goes to next, of those that begin before ``before``: their own
    sign-ups first, then what the published programme opens to all. One statement."""
    own = sa.exists().where(
        SignUp.session_id == Session.id, SignUp.registration_id == registration_id, SignUp.withdrawn_at.is_(None)
    )
    for_all = sa.and_(Meeting.programme_public, sa.not_(Session.needs_sign_up), Session.kind != "break")
    return db.session.execute(
        sa.select(Session.title, Session.starts, Room.name.label("room"))
        .join(Meeting, Meeting.id == Session.meeting_id)
        .outerjoin(Room, Room.id == Session.room_id)
        .where(Session.meeting_id == meeting_id, Session.ends > at, Session.starts < before, sa.or_(own, for_all))
        .order_by(own.desc(), Session.starts, Session.id)
        .limit(1)
    ).first()


def count_sessions(meeting_id: int) -> sa.ScalarSelect[int]:
    """How many sessions the meeting's programme has, as a part of a statement."""
    return count_of(Session, Session.meeting_id == meeting_id)


def asks_to_sign_up(meeting_id: int) -> bool:
    """Whether any session of the meeting needs signing up."""
    found = sa.select(Session.id).where(Session.meeting_id == meeting_id, Session.needs_sign_up).limit(1)
    return db.session.scalar(found) is not None


def waiting(meeting: Meeting) -> list[Wait]:
    """What waits for a decision: sessions that share a room or a person at the same time."""
    return [
        Wait(
            _count_clashing(meeting.id),
            lambda n: ngettext("session in another's way", "sessions in each other's way", n),
            url_for("programme.index", slug=meeting.slug),
        )
    ]


def _count_clashing(meeting_id: int) -> sa.ScalarSelect[int]:
    """How many sessions ``clashes.every`` finds, without loading a programme in order to count them."""
    other, here, there = aliased(Session), aliased(Speaker), aliased(Speaker)
    shared = sa.exists().where(
        here.session_id == Session.id, there.session_id == other.id, here.person_id == there.person_id
    )
    clash = sa.exists().where(
        other.meeting_id == meeting_id,
        other.id != Session.id,
        Session.starts < other.ends,
        other.starts < Session.ends,
        sa.or_(Session.room_id == other.room_id, shared.correlate(Session, other)),
    )
    return count_of(Session, Session.meeting_id == meeting_id, clash.correlate(Session))


def day_of(session: Session, tz: str) -> date:
    """The meeting's day that a session belongs to: a day begins at 04:00 local time."""
    local = session.starts.astimezone(ZoneInfo(tz))
    return local.date() if local.time() >= DAY_BEGINS else local.date() - timedelta(days=1)


def by_day(sessions: Iterable[Session], tz: str) -> list[tuple[date, list[Session]]]:
    """Sessions (in the order of time) in their days."""
    return [(day, list(rows)) for day, rows in groupby(sessions, key=lambda s: day_of(s, tz))]


@dataclass(frozen=True)
class Shown:
    """A person of a session as the programme names them."""

    speaker: Speaker
    person: Person
    organisation: str
    part: str


def shown_speakers(sessions: Iterable[Session], meeting_id: int) -> dict[int, list[Shown]]:
    """Who may be named, per session's id: never a child, never somebody at risk. Two statements.

    Somebody who was merged into another record is named as that one.
    """
    speakers = [speaker for session in sessions for speaker in session.speakers]
    people = _canonical({speaker.person_id: speaker.person for speaker in speakers})
    known = {ident for found in people.values() for ident in (found.id,)} | set(people)
    facts = _registered(known, meeting_id)
    shown: dict[int, list[Shown]] = {}
    for speaker in speakers:
        person = people[speaker.person_id]
        minor = any(facts.get(i, ("", False))[1] for i in (speaker.person_id, person.id))
        if person.is_child or person.at_risk or speaker.person.is_child or speaker.person.at_risk or minor:
            continue
        organisation = facts.get(person.id, facts.get(speaker.person_id, ("", False)))[0]
        shown.setdefault(speaker.session_id, []).append(Shown(speaker, person, organisation, speaker.part))
    return shown


def hidden_people(sessions: Iterable[Session], meeting_id: int) -> set[int]:
    """Ids of people of these sessions that no page may name."""
    sessions = list(sessions)
    named = {s.speaker.id for rows in shown_speakers(sessions, meeting_id).values() for s in rows}
    return {s.person_id for session in sessions for s in session.speakers if s.id not in named}


def _canonical(people: dict[int, Person]) -> dict[int, Person]:
    """Each person, or whom they were merged into (chains are followed)."""
    found = dict(people)
    while True:
        wanted = {p.merged_into_id for p in found.values() if p.merged_into_id}
        if not wanted:
            return found
        targets = {p.id: p for p in db.session.scalars(sa.select(Person).where(Person.id.in_(wanted)))}
        found = {ident: targets.get(p.merged_into_id or 0, p) for ident, p in found.items()}


def _registered(person_ids: set[int], meeting_id: int) -> dict[int, tuple[str, bool]]:
    """Organisation's name and whether registered as a child, per person who is registered for the meeting."""
    if not person_ids:
        return {}
    rows = db.session.execute(
        sa.select(
            Registration.person_id,
            ORGANISATION,
            Registration.is_child,
        )
        .outerjoin(Organisation, Organisation.id == Registration.organisation_id)
        .where(Registration.meeting_id == meeting_id, Registration.person_id.in_(person_ids))
    )
    return {person_id: (organisation or "", is_child) for person_id, organisation, is_child in rows}


def suggested_people(meeting_id: int) -> list[tuple[Person, str]]:
    """Adults whom the form offers as speakers: who is registered for the meeting, with their organisation."""
    rows = db.session.execute(
        sa.select(Person, ORGANISATION)
        .join(Registration, Registration.person_id == Person.id)
        .outerjoin(Organisation, Organisation.id == Registration.organisation_id)
        .where(
            Registration.meeting_id == meeting_id,
            Registration.state.not_in((RegistrationState.CANCELLED, RegistrationState.DECLINED)),
            Registration.is_child.is_(False),
            Person.is_child.is_(False),
            Person.at_risk.is_(False),
            Person.merged_into_id.is_(None),
        )
        .order_by(Person.sort_key, Person.id)
        .limit(MOST_SUGGESTED)
    )
    return [(person, organisation or "") for person, organisation in rows]


def people_called(name: str) -> list[Person]:
    """Adults in the directory who write their name (or its Latin form) exactly so; at most three."""
    written = sa.func.lower(name)
    return list(
        db.session.scalars(
            sa.select(Person)
            .where(
                sa.or_(sa.func.lower(Person.full_name) == written, sa.func.lower(Person.latin_name) == written),
                Person.is_child.is_(False),
                Person.at_risk.is_(False),
                Person.merged_into_id.is_(None),
            )
            .order_by(Person.id)
            .limit(3)
        )
    )


def find_adult(person_id: int) -> Person | None:
    """An adult who may be named, by id; None for anybody else."""
    person = db.session.get(Person, person_id)
    while person is not None and person.merged_into_id:
        person = db.session.get(Person, person.merged_into_id)
    return None if person is None or person.is_child or person.at_risk else person
