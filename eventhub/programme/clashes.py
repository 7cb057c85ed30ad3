"""Decides which sessions stand in each other's way: one room or one person in two places at the same time.

Pure: takes sessions, asks no database. A clash is a warning with names in it; the organiser may keep it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from eventhub.directory.models import Person
from eventhub.programme.models import Session


@dataclass(frozen=True)
class Clash:
    """``session`` cannot have its room (``person`` is None) or its person, because ``other`` has them."""

    session: Session
    other: Session
    person: Person | None = None

    def sentence(self, tz: str, hidden: Collection[int] = ()) -> str:
        """What is wrong, with names and the place's time; people whose ids are in ``hidden`` are not named."""
        values = {"title": self.other.title, "when": times(self.other, tz)}
        if self.person is None:
            room = self.session.room.name if self.session.room else ""
            return _("Room %(room)s is taken by “%(title)s” %(when)s.", room=room, **values)
        if self.person.id in hidden or self.person.is_child or self.person.at_risk:
            return _("Somebody in this session is also in “%(title)s” %(when)s.", **values)
        return _("%(name)s is also in “%(title)s” %(when)s.", name=self.person.full_name, **values)


def times(session: Session, tz: str) -> str:
    """ "09:00–10:30" at the given IANA time zone."""
    zone = ZoneInfo(tz)
    return f"{session.starts.astimezone(zone):%H:%M}–{session.ends.astimezone(zone):%H:%M}"


def of(session: Session, others: Iterable[Session]) -> list[Clash]:
    """What stands in the way of one session among the others."""
    found = []
    for other in others:
        if other is session or not (session.starts < other.ends and other.starts < session.ends):
            continue
        if session.room_id is not None and session.room_id == other.room_id:
            found.append(Clash(session, other))
        taken = {speaker.person_id for speaker in other.speakers}
        found += [Clash(session, other, s.person) for s in session.speakers if s.person_id in taken]
    return found


def every(sessions: Iterable[Session]) -> dict[int, list[Clash]]:
    """All clashes of a programme, per session's id; each is told to both sides."""
    found: dict[int, list[Clash]] = {}
    running: list[Session] = []
    for session in sorted(sessions, key=lambda s: s.starts):
        running = [other for other in running if other.ends > session.starts]
        for other in running:
            for one, two in ((session, other), (other, session)):
                if clashes := of(one, [two]):
                    found.setdefault(one.id, []).extend(clashes)
        running.append(session)
    return found
