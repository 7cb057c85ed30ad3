"""What the participants of the latest past edition were asked since, and what they answered; told when it happened."""

from datetime import date, timedelta
from itertools import groupby

import sqlalchemy as sa

from eventhub import clock
from eventhub.db import db
from eventhub.demo.editions import SECRETARIAT, Edition, on
from eventhub.directory import imprecise
from eventhub.partnerships import answers, queries_follow, waves
from eventhub.partnerships import follow_ups as parties
from eventhub.partnerships.answers import NOTHING, Said
from eventhub.partnerships.models import FollowUp
from eventhub.partnerships.models_follow import PersonFollowUp
from eventhub.partnerships.states import ActivityKind, FollowUpState

MONTHS = (3, 6)
# in turn: what each says about each introduction; None: no reply
SAID = (
    Said(in_contact=True, met_again=False, together=False, words="We write now and then."),
    NOTHING,
    None,
    Said(
        in_contact=True,
        met_again=True,
        together=True,
        kind=ActivityKind.TRAINING,
        title="An online training for youth coordinators",
        words="Twelve people from both sides took part.",
    ),
    Said(in_contact=True),
    None,
    NOTHING,
)


def fill(edition: Edition) -> None:
    """Ask after three and after six months, and answer as the participants would by their links."""
    meeting, today = edition.meeting, clock.today(edition.meeting.tz)
    with on(meeting.ends + timedelta(days=2), meeting.tz):
        waves.schedule(meeting)
    for months in MONTHS:
        due = imprecise.months_later(meeting.ends, months)
        if due > today:
            break
        rows = queries_follow.list_asked(meeting, months=months)[0].items
        with on(due, meeting.tz, 9):
            asked = [row for row in rows if waves.send(row.id)]
        for number, row in enumerate(asked):
            _answer(row, number, due)
        with on(due + timedelta(days=31), meeting.tz) as later:
            waves.mark_overdue(later)


def _answer(row: PersonFollowUp, number: int, due: date) -> None:
    with on(due + timedelta(days=1 + number % 9), row.meeting.tz, 18):
        said = {}
        for at, subject in enumerate(queries_follow.list_subjects(row)):
            one = SAID[(number + 3 * at + row.months) % len(SAID)]
            if one is not None:
                said[subject.key] = one
        if said:
            answers.save(row, said, words="", seen=row.version)
            for answer in row.answers:
                if answer.together and number % 3 == 0:
                    answers.accept(answer, by=SECRETARIAT)


def of_the_parties(today: date) -> None:
    """The parties of the older partnerships were asked once about everything, at the last time that has passed; two of
    three answered."""
    rows = db.session.scalars(
        sa.select(FollowUp)
        .where(FollowUp.state == FollowUpState.SCHEDULED, FollowUp.due < today)
        .order_by(FollowUp.party_id, FollowUp.months)
    )
    asked = []
    for _party, due in groupby(rows, key=lambda row: row.party_id):
        times = list(due)
        with on(times[-1].due, "UTC", 9):
            asked += [row for row in times if parties.send(row.id)]
    for number, row in enumerate(asked):
        if number % 3 != 1:
            with on(row.due + timedelta(days=2 + number % 9), "UTC", 18):
                parties.answer(row, what=parties.NOTHING if number % 4 == 0 else parties.IN_TOUCH)
    parties.mark_overdue(clock.now())
