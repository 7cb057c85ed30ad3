"""Asking once, by hand, what came of a meeting that was over for so long when it was entered that no letter goes by itself.

Its four times of asking are past, so nobody was written to. An organiser looks at who would be asked, and starts one
wave; it is a wave like the others then, with two reminders at most. There is never a second one: a meeting that asked
anybody ever, by itself or by hand, offers none.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from flask_babel import gettext as _

from eventhub import audit, clock
from eventhub.audit import Actor
from eventhub.db import db, hold_names
from eventhub.directory import imprecise
from eventhub.directory import queries as directory
from eventhub.directory.models import Person
from eventhub.errors import InvalidError
from eventhub.jobs import service as jobs
from eventhub.jobs.models import Job
from eventhub.mail.letters import Rendered
from eventhub.meetings import queries as meetings
from eventhub.meetings.models import Meeting
from eventhub.partnerships import letters_follow, waves
from eventhub.partnerships import queries_follow as queries
from eventhub.partnerships.models_follow import PersonFollowUp
from eventhub.partnerships.queries_follow import Hindrance
from eventhub.partnerships.states import FOLLOW_UP_MONTHS, FollowUpState

KIND = "partnerships.ask_past"


@dataclass(frozen=True)
class ToAsk:
    """A participant who would be asked: about how many people whom they met there, or why not."""

    person: Person
    met: int
    hindrance: Hindrance | None


def is_past(meeting: Meeting, today: date | None = None) -> bool:
    """Whether the last time of asking by itself is over already."""
    return imprecise.months_later(meeting.ends, max(FOLLOW_UP_MONTHS)) < (today or clock.today(meeting.tz))


def was_asked(meeting: Meeting) -> bool:
    """Whether anybody was ever asked about this meeting, or is about to be."""
    rows = sa.select(PersonFollowUp.id).where(
        PersonFollowUp.meeting_id == meeting.id,
        sa.or_(PersonFollowUp.sent_at.is_not(None), PersonFollowUp.state == FollowUpState.SCHEDULED),
    )
    return db.session.scalar(rows.limit(1)) is not None


def may_ask(meeting: Meeting) -> bool:
    """Whether a past edition can still be asked about by hand."""
    return is_past(meeting) and not was_asked(meeting)


def list_to_ask(meeting: Meeting) -> list[ToAsk]:
    """Who would be asked, by name: never a child. People at risk stand in no list; they are asked where they agreed."""
    people = [person for person in queries.list_people_to_ask(meeting) if not person.at_risk]
    why, met = queries.hindered(meeting, people), _count_met(meeting)
    rows = [ToAsk(person, met[person.id], why.get(person.id)) for person in people]
    return sorted(rows, key=lambda row: (row.hindrance is not None, row.person.sort_key, row.person.id))


def _count_met(meeting: Meeting) -> Counter[int]:
    """How many people each met who may be named."""
    kept, found = directory.canonical_ids(Person), Counter[int]()
    for a, b, a_named, b_named in queries.list_pairs(meeting):
        found[kept.get(a, a)] += b_named
        found[kept.get(b, b)] += a_named
    return found


def preview(meeting: Meeting, row: ToAsk) -> Rendered:
    """The letter as this participant would get it, with a dead link. Nothing is kept."""
    months = imprecise.months_between(meeting.ends, clock.today(meeting.tz))
    sample = PersonFollowUp(meeting=meeting, person=row.person, months=months, asked_name="")
    return letters_follow.preview(sample, max(1, row.met), 0)


def begin(meeting: Meeting, *, by: Actor) -> Job:
    """Start the one wave: its rows now, its letters by a job. Raises InvalidError where it is not offered (any more)."""
    hold_names(f"follow-ups:{meeting.id}")
    if not is_past(meeting):
        raise InvalidError(_("Letters about this meeting go out by themselves. There is nothing to start by hand."))
    if was_asked(meeting):
        raise InvalidError(_("The participants of this meeting were asked already. Nobody is asked twice."))
    today = clock.today(meeting.tz)
    months = imprecise.months_between(meeting.ends, today)
    people = queries.list_people_to_ask(meeting)
    why = queries.hindered(meeting, people)
    asked = [person for person in people if person.id not in why]
    if not asked:
        raise InvalidError(_("There is nobody to ask: record who met whom first, or correct the addresses."))
    known = _known(meeting, months)
    for person in asked:
        if person.id in known:  # a row that was closed before anybody wrote
            continue
        db.session.add(PersonFollowUp(meeting=meeting, person=person, months=months, due=today))
    db.session.flush()
    audit.record(by, "asked by hand about", meeting, people=len(asked), months=months)
    title = _("Follow-up of %(meeting)s, asked by hand", meeting=meeting.title)
    return jobs.start(KIND, title, args={"months": months}, meeting=meeting, by=by)


def _known(meeting: Meeting, months: int) -> set[int]:
    rows = sa.select(PersonFollowUp.person_id).where(
        PersonFollowUp.meeting_id == meeting.id, PersonFollowUp.months == months
    )
    return set(db.session.scalars(rows))


def write_letters(job: Job, progress: Callable[[int, int | None], None]) -> jobs.Result:
    """Queue the letters of a wave, each in a transaction of its own. Done twice, each letter goes once."""
    meeting = meetings.get_by_id(job.meeting_id or 0)
    ids = list(
        db.session.scalars(
            sa.select(PersonFollowUp.id)
            .where(
                PersonFollowUp.meeting_id == meeting.id,
                PersonFollowUp.months == job.args["months"],
                PersonFollowUp.state == FollowUpState.SCHEDULED,
            )
            .order_by(PersonFollowUp.id)
        )
    )
    sent = 0
    for done, ident in enumerate(ids):
        progress(done, len(ids))
        sent += waves.send(ident)
    return jobs.Result(
        data={"summary": [["Letters on their way", sent], ["Nothing (any more) to ask about", len(ids) - sent]]}
    )
