"""Rules for introductions: two adults met at a meeting. Recorded twice is once; what nobody said stays unknown."""

import re
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _

from eventhub import audit, clock
from eventhub.audit import Actor
from eventhub.db import db, lock
from eventhub.directory import queries as directory
from eventhub.directory.models import Person, Precision
from eventhub.errors import InvalidError, LinkError, LinkExpiredError, LinkWithdrawnError, RuleError
from eventhub.meetings.models import Meeting
from eventhub.networking import letters, queries
from eventhub.networking.models import Introduction, IntroductionSource
from eventhub.programme.models import Session
from eventhub.security import read_token
from eventhub.ui import day_text

LINK_WORKS = timedelta(days=365)  # from the day the introduction was recorded

_NO_CHILD = _(
    "Introductions are kept for adults only: a child's contacts are not recorded. "
    "If two organisations want to stay in touch, name the adults who will write."
)


class NotBegunError(RuleError):
    sentence = _("The meeting has not begun yet. Nothing was recorded.")


def has_begun(meeting: Meeting) -> bool:
    """Whether people can have met there by now: from its first day on, in its own time zone."""
    return clock.today(meeting.tz) >= meeting.starts


def check_begun(meeting: Meeting, day: date) -> None:
    """Whether people can have met there by a day of its own time zone; raises NotBegunError."""
    if day < meeting.starts:
        raise NotBegunError(
            _(
                "The meeting begins on %(day)s. Whom you met there can be noted from that day on. Nothing was recorded.",
                day=day_text(meeting.starts),
            )
        )


def introduce(
    *,
    meeting: Meeting,
    a: Person,
    b: Person,
    by: Actor,
    introduced_by: Person | None = None,
    session: Session | None = None,
    topic: str = "",
    met_on: date | None = None,
    precision: Precision = Precision.DAY,
    source: IntroductionSource = IntroductionSource.STAFF,
    source_text: str = "",
) -> Introduction:
    """Record that two people met at a meeting; the same pair again is the same row, with its gaps filled.

    What is already known is never overwritten. Raises NotBegunError before the meeting, InvalidError for a child, one
    person twice, or a session of another meeting.
    """
    check_begun(meeting, clock.today(meeting.tz))
    a, b = directory.canonical(a), directory.canonical(b)
    introducer = directory.canonical(introduced_by) if introduced_by is not None else None
    _check(meeting, a, b, introducer, session)
    if b.id < a.id:
        a, b = b, a
    if met_on is None:
        precision = Precision.UNKNOWN
    lock(Person, a.id)  # two who record the same pair at once take turns
    found = queries.find_introduction(meeting.id, a, b)
    told: dict[str, Any] = {
        "introduced_by_id": introducer.id if introducer else None,
        "session_id": session.id if session else None,
        "topic": topic,
        "source_text": source_text,
    }
    if met_on is not None and precision is not Precision.UNKNOWN:
        told.update(met_on=met_on, met_precision=precision)
    if found is not None:
        return _fill_gaps(found, told, by)
    introduction = Introduction(meeting_id=meeting.id, a=a, b=b, source=source, **told)
    db.session.add(introduction)
    db.session.flush()
    audit.record(by, "recorded", introduction, meeting_id=meeting.id)
    return introduction


def _check(meeting: Meeting, a: Person, b: Person, introducer: Person | None, session: Session | None) -> None:
    for field, person in (("a", a), ("b", b), ("introduced_by", introducer)):
        if person is not None and person.is_child:
            raise InvalidError(_NO_CHILD, field=field)
    if a.id == b.id:
        raise InvalidError(_("An introduction needs two different people."), field="b")
    if introducer is not None and introducer.id in (a.id, b.id):
        raise InvalidError(
            _("Whoever introduced them is a third person. Leave it empty when they found each other."),
            field="introduced_by",
        )
    if session is not None and session.meeting_id != meeting.id:
        raise InvalidError(_("This session belongs to another meeting. Choose one from the list."), field="session_id")


def _fill_gaps(introduction: Introduction, told: dict[str, Any], by: Actor) -> Introduction:
    """Add what was not known before; a date comes with its precision."""
    if introduction.met_on is not None:
        told = {name: value for name, value in told.items() if name not in ("met_on", "met_precision")}
    empty = (None, "", Precision.UNKNOWN)
    added = [name for name, value in told.items() if value not in empty and getattr(introduction, name) in empty]
    for name in added:
        setattr(introduction, name, told[name])
    if added:
        db.session.flush()
        audit.record(by, "completed", introduction, fields=sorted(added))
    return introduction


def ask(introduction: Introduction, *, by: Actor) -> int:
    """Write to each side that has not answered, once; returns to how many people a letter goes.

    Raises InvalidError where one of the two must not be named to anybody.
    """
    if not (queries.is_listed(introduction.a) and queries.is_listed(introduction.b)):
        raise InvalidError(_("One of the two is not listed, for their safety. No letter is sent about them."))
    asked = 0
    for side, person, answer in _sides(introduction):
        if answer is None and person.email:
            letters.ask(introduction, side, person)
            asked += 1
    if not asked:
        raise InvalidError(_("Both have answered, or have no e-mail address. There is nobody to write to."))
    audit.record(by, "asked", introduction, people=asked)
    return asked


def _sides(introduction: Introduction) -> list[tuple[str, Person, bool | None]]:
    return [
        ("a", introduction.a, introduction.a_answer),
        ("b", introduction.b, introduction.b_answer),
    ]


def open_link(token: str, *, at: datetime | None = None) -> tuple[Introduction, str]:
    """The introduction and the side ("a" or "b") that a personal link speaks for. Changes nothing.

    Raises LinkError, LinkWithdrawnError or LinkExpiredError.
    """
    for side in ("a", "b"):
        try:
            ident, version = read_token(f"introduction_{side}", token)
        except LinkError:
            continue
        introduction = db.session.get(Introduction, ident)
        if introduction is None or introduction.link_version != version:
            raise LinkWithdrawnError(meeting_id=introduction.meeting_id if introduction is not None else None)
        if (at or clock.now()) > introduction.created_at + LINK_WORKS:
            raise LinkExpiredError(meeting_id=introduction.meeting_id)
        if not _may_be_shown(introduction, side):
            raise LinkWithdrawnError(meeting_id=introduction.meeting_id)
        return introduction, side
    raise LinkError


def _may_be_shown(introduction: Introduction, side: str) -> bool:
    """Whether one side may still see the other: never a child; somebody at risk only who said themselves that they met.

    Asked whenever the link is opened, since people come to be at risk after the letter was sent.
    """
    other = introduction.b if side == "a" else introduction.a
    people = (other, directory.canonical(other))
    if any(person.is_child for person in people):
        return False
    return all(map(queries.is_listed, people)) or queries.has_said_yes(introduction, directory.canonical(other))


def answer(introduction: Introduction, side: str, yes: bool, *, at: datetime | None = None) -> Introduction:
    """One side says whether they met. The same answer twice is one; a later one replaces it, and both are in the
    audit."""
    lock(Introduction, introduction.id)
    person = introduction.a if side == "a" else introduction.b
    if getattr(introduction, f"{side}_answer") is yes:
        return introduction
    setattr(introduction, f"{side}_answer", yes)
    setattr(introduction, f"{side}_answered_at", at or clock.now())
    db.session.flush()
    actor = Actor("participant", str(person.id), person.full_name)
    audit.record(actor, "confirmed" if yes else "denied", introduction)
    return introduction


def pick_person(text: str, field: str) -> Person | None:
    """The adult whom staff mean by a name, an e-mail address or "#12"; None for nothing typed.

    Raises InvalidError (for ``field``) that names the choices where several fit. Who may not be listed is not found.
    """
    text = text.strip()
    if not text:
        return None
    number = re.search(r"#([0-9]{1,9})$", text)
    found: list[Person] = []
    if number:
        person = db.session.get(Person, int(number[1]))
        found = [directory.canonical(person)] if person is not None and queries.is_listed(person) else []
    elif "@" in text:
        person = directory.find_person_by_email(text)
        found = [person] if person is not None and queries.is_listed(person) else []
    else:
        found = list(directory.search_people(text, 1).items)
    if len(found) == 1:
        return found[0]
    if not found:
        raise InvalidError(
            _("Nobody is found as “%(text)s”. Add the person to the directory first.", text=text[:60]), field=field
        )
    choices = "; ".join(f"{person.full_name} #{person.id}" for person in found[:5])
    raise InvalidError(
        _("Several people fit. Write one of them with its number: %(choices)s", choices=choices), field=field
    )
