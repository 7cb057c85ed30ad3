"""Rules for rooms, tracks and sessions: inside the meeting's days, clashes named, two editors told of each other."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eventhub import audit, clock, db, tasks
from eventhub.audit import Actor
from eventhub.directory.models import Person
from eventhub.errors import InvalidError, RuleError, StaleError
from eventhub.meetings.models import Meeting
from eventhub.meetings.service import bounds
from eventhub.meetings.states import Precision
from eventhub.programme import clashes, queries
from eventhub.programme.ics import calendar as calendar  # part of this feature's service
from eventhub.programme.models import Audience, Room, Session, SignUp, Speaker, Track
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState

LONGEST = timedelta(hours=24)
MOST_SPEAKERS = 40


class ClashError(RuleError):
    """A room or a person would be in two sessions at once. ``clashes`` are sentences; the organiser may keep them."""

    sentence = _l("Another session stands in the way. Change this one, or keep both if that is what you want.")

    def __init__(self, found: list[str]) -> None:
        super().__init__(" ".join(found))
        self.clashes = found


class FullError(RuleError):
    sentence = _l("This session is full. Choose another one, or ask at the desk.")


def add_room(meeting: Meeting, *, name: str, capacity: int | None = None, by: Actor) -> Room:
    """A room of the meeting; raises InvalidError when there is one of that name."""
    rooms = queries.list_rooms(meeting.id)
    _check_name(name, rooms)
    room = Room(meeting_id=meeting.id, name=name, capacity=capacity, position=len(rooms))
    return _added(room, by)


def add_track(meeting: Meeting, *, name: str, by: Actor) -> Track:
    """A new track, at the end. Raises InvalidError for a name that another one has."""
    tracks = queries.list_tracks(meeting.id)
    _check_name(name, tracks)
    return _added(Track(meeting_id=meeting.id, name=name, position=len(tracks)), by)


def _added(row: Any, by: Actor) -> Any:
    db.db.session.add(row)
    db.db.session.flush()
    audit.record(by, "added", row, name=row.name)
    return row


def change_room(room: Room, *, name: str, capacity: int | None, by: Actor) -> Room:
    """Rename a room, or change how many it holds (None: not known). Raises InvalidError."""
    _check_name(name, queries.list_rooms(room.meeting_id), besides=room)
    audit.record(by, "changed", room, before={"name": room.name, "capacity": room.capacity})
    room.name, room.capacity = name, capacity
    db.db.session.flush()
    return room


def change_track(track: Track, *, name: str, by: Actor) -> Track:
    """Rename a track. Raises InvalidError."""
    _check_name(name, queries.list_tracks(track.meeting_id), besides=track)
    audit.record(by, "changed", track, before={"name": track.name})
    track.name = name
    db.db.session.flush()
    return track


def _check_name(name: str, rows: Sequence[Room | Track], besides: Room | Track | None = None) -> None:
    if not name:
        raise InvalidError(_("Give it a name."), field="name")
    if any(row.name.casefold() == name.casefold() for row in rows if row is not besides):
        raise InvalidError(_("There is one of this name already."), field="name")


def remove_room(room: Room, *, by: Actor) -> None:
    """Take a room away; raises RuleError while sessions stand in it."""
    _remove(room, queries.count_sessions_in(room=room), by)


def remove_track(track: Track, *, by: Actor) -> None:
    """Remove a track. Raises RuleError while a session is in it."""
    _remove(track, queries.count_sessions_in(track=track), by)


def _remove(row: Room | Track, used: int, by: Actor) -> None:
    if used:
        raise RuleError(_("%(n)s sessions stand in “%(name)s”. Move them first.", n=used, name=row.name))
    audit.record(by, "removed", row, name=row.name)
    db.db.session.delete(row)
    db.db.session.flush()


def create_session(
    meeting: Meeting,
    *,
    title: str,
    starts: datetime,
    ends: datetime,
    by: Actor,
    speakers: Sequence[tuple[Person, str]] = (),
    keep_clashes: bool = False,
    **facts: Any,
) -> Session:
    """Put a session into the programme. ``speakers`` are (person, part) in their order; ``facts`` the model's columns.

    Raises InvalidError outside of the meeting's days, ClashError unless ``keep_clashes``.
    """
    _check_times(meeting, starts, ends)
    _check_place(meeting, facts)
    session = Session(meeting_id=meeting.id, title=title, starts=starts, ends=ends, **facts)
    _set_speakers(session, speakers)
    _check_clashes(meeting, session, keep_clashes)
    db.db.session.add(session)
    db.db.session.flush()
    audit.record(by, "added", session, title=title)
    return session


def change_session(
    session: Session,
    *,
    version: int,
    by: Actor,
    speakers: Sequence[tuple[Person, str]] | None = None,
    keep_clashes: bool = False,
    **facts: Any,
) -> Session:
    """Change a session; ``version`` is the one that the editor saw. Raises StaleError when it is older, and as
    ``create_session`` does."""
    if session.version != version:
        raise StaleError
    meeting = session.meeting
    starts, ends = facts.get("starts", session.starts), facts.get("ends", session.ends)
    _check_times(meeting, starts, ends)
    _check_place(meeting, facts)
    before = {
        name: str(getattr(session, name)) for name in facts if name != "room" and getattr(session, name) != facts[name]
    }
    with db.db.session.no_autoflush:
        for name, value in facts.items():
            setattr(session, name, value)
        if speakers is not None and _set_speakers(session, speakers):
            before["speakers"] = "changed"
            # a change of speakers alone must also be seen by the other editor
            sa.orm.attributes.flag_modified(session, "title")
        _check_clashes(meeting, session, keep_clashes)
    db.db.session.flush()
    if before:
        audit.record(by, "changed", session, before=before)
        tasks.after_commit(db.db.session, tasks.CHECKIN_FOLLOW, meeting.id)
    return session


def remove_session(session: Session, *, by: Actor) -> None:
    """Take a session out of the programme; raises RuleError when people signed up or the door uses it."""
    taken = queries.count_sign_ups(session.id)
    if taken:
        raise RuleError(_("%(n)s people signed up for this session. Tell them first, and withdraw them.", n=taken))
    audit.record(by, "removed", session, title=session.title)
    try:
        with db.db.session.begin_nested():
            db.db.session.execute(sa.delete(SignUp).where(SignUp.session_id == session.id))
            db.db.session.delete(session)
            db.db.session.flush()
    except sa.exc.IntegrityError as error:
        raise RuleError(
            _("A checkpoint or an introduction speaks of this session, so it stays. Change its title or time instead.")
        ) from error


def _check_times(meeting: Meeting, starts: datetime, ends: datetime) -> None:
    if ends <= starts:
        raise InvalidError(_("The session ends before it begins. Look at both times."), field="ends")
    if meeting.dates_precision is not Precision.DAY:
        raise InvalidError(
            _("The days of this meeting are not known. Put them into the meeting's facts first."), field="day"
        )
    first, last = bounds(meeting, meeting.starts)[0], bounds(meeting, meeting.ends)[1]
    if starts < first or starts >= last:
        raise InvalidError(_("This lies outside of the meeting's days. Choose one of its days."), field="day")
    if ends > last or ends - starts > LONGEST:
        raise InvalidError(_("A session ends at 04:00 in the night at the latest."), field="ends")


def _check_place(meeting: Meeting, facts: dict[str, Any]) -> None:
    """Room and track are of this meeting; raises NotFoundError."""
    room, track = facts.pop("room", None), facts.pop("track", None)
    if room is not None:
        facts["room_id"] = room.id
    if track is not None:
        facts["track_id"] = track.id
    if facts.get("room_id") is not None:
        facts["room"] = queries.get_room(meeting.id, facts["room_id"])
    elif "room_id" in facts:
        facts["room"] = None
    if facts.get("track_id") is not None:
        queries.get_track(meeting.id, facts["track_id"])


def _set_speakers(session: Session, speakers: Sequence[tuple[Person, str]]) -> bool:
    """Make these the people of the session; returns whether that changed anything."""
    wanted: dict[int, tuple[Person, str]] = {}
    for person, part in speakers:
        wanted.setdefault(person.id, (person, part))
    if len(wanted) > MOST_SPEAKERS:
        raise InvalidError(_("A session has at most %(n)s people.", n=MOST_SPEAKERS), field="speakers")
    before = [(s.person_id, s.part) for s in session.speakers]
    if before == [(ident, part) for ident, (_person, part) in wanted.items()]:
        return False
    kept = {s.person_id: s for s in session.speakers}
    for gone in set(kept) - set(wanted):
        session.speakers.remove(kept[gone])
    for position, (ident, (person, part)) in enumerate(wanted.items()):
        row = kept.get(ident)
        if row is None:
            row = Speaker(person_id=ident, person=person)
            session.speakers.append(row)
        row.part, row.position = part, position
    return True


def _check_clashes(meeting: Meeting, session: Session, keep: bool) -> None:
    if keep:
        return
    with db.db.session.no_autoflush:
        others = queries.list_sessions(meeting.id)
        found = clashes.of(session, others)
        if found:
            hidden = queries.hidden_people([clash.other for clash in found], meeting.id)
            raise ClashError([clash.sentence(meeting.tz, hidden) for clash in found])


def sign_up(session: Session, registration: Registration, *, by: Actor) -> SignUp:
    """Take a place in a session that needs signing up; asked twice it is one place.

    Raises FullError when no place is left, RuleError when the person is not confirmed, chose another session at the
    same time, is too young for it, or nobody needs to sign up.
    """
    held = db.lock(Session, session.id)
    if held is None or not held.needs_sign_up or held.meeting_id != registration.meeting_id:
        raise RuleError(_("Nobody needs to sign up for this session. Just come."))
    if registration.state is not RegistrationState.CONFIRMED:
        raise RuleError(_("You can choose sessions once your registration is confirmed."))
    if held.audience is Audience.ADULTS and registration.is_child:
        raise RuleError(_("This session is for adults only. Choose another one."))
    row = db.db.session.scalar(
        sa.select(SignUp).where(SignUp.session_id == held.id, SignUp.registration_id == registration.id)
    )
    if row is not None and row.withdrawn_at is None:
        return row
    for other in queries.sessions_of(registration.id):
        if held.starts < other.ends and other.starts < held.ends:
            raise RuleError(_("You chose “%(title)s” at the same time. Give that place back first.", title=other.title))
    if held.capacity is not None and queries.count_sign_ups(held.id) >= held.capacity:
        raise FullError
    if row is None:
        row = SignUp(session_id=held.id, registration_id=registration.id)
        db.db.session.add(row)
    row.made_at, row.withdrawn_at = clock.now(), None
    db.db.session.flush()
    audit.record(by, "signed up", row, meeting_id=held.meeting_id)
    return row


def withdraw(session: Session, registration: Registration, *, by: Actor) -> None:
    """Give the place back; nothing happens when there was none."""
    row = db.db.session.scalar(
        sa.select(SignUp).where(
            SignUp.session_id == session.id,
            SignUp.registration_id == registration.id,
            SignUp.withdrawn_at.is_(None),
        )
    )
    if row is not None:
        row.withdrawn_at = clock.now()
        db.db.session.flush()
        audit.record(by, "withdrew", row, meeting_id=session.meeting_id)
