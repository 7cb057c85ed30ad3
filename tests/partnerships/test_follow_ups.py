"""What came of it? Asked at 3, 6, 12 and 24 months; nothing is a good answer; silence is a state."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.directory.models import Precision
from eventhub.errors import InvalidError, LinkError, LinkExpiredError
from eventhub.mail.models import Message
from eventhub.partnerships import follow_ups, parts, queries, service
from eventhub.partnerships.models import Activity, FollowUp
from eventhub.partnerships.states import ActivityKind, FollowUpState, PartnershipState, Rung
from eventhub.security import token
from tests.factories.basics import a_meeting
from tests.factories.directory import an_organisation
from tests.factories.partnerships import a_partnership
from worker import partnerships as worker

S = FollowUpState


@pytest.fixture
def asked(app):
    """A follow-up of the first party that was sent today."""
    partnership = a_partnership()
    row = queries.list_follow_ups(partnership.id)[0]
    follow_ups.send(row.id)
    db.session.commit()
    return row


def test_each_party_is_asked_at_3_6_12_and_24_months_from_the_meetings_end(app):
    with clock.frozen(datetime(2018, 8, 1, tzinfo=UTC)):
        meeting = a_meeting(starts=date(2018, 7, 4), ends=date(2018, 7, 6))
        partnership = a_partnership(meeting)
        follow_ups.schedule(partnership)  # again is once
    due = {party.id: [] for party in partnership.parties}
    for row in queries.list_follow_ups(partnership.id):
        due[row.party_id].append((row.months, row.due, row.state))
    for found in due.values():
        assert found == [
            (3, date(2018, 10, 6), S.SCHEDULED),
            (6, date(2019, 1, 6), S.SCHEDULED),
            (12, date(2019, 7, 6), S.SCHEDULED),
            (24, date(2020, 7, 6), S.SCHEDULED),
        ]


def test_what_was_missed_is_asked_in_one_letter_about_everything_since(app):
    """A machine that was off, or a record that came in late, does not send a letter for each time that has passed."""
    with clock.frozen(datetime(2018, 8, 1, tzinfo=UTC)):
        meeting = a_meeting(starts=date(2018, 7, 4), ends=date(2018, 7, 6))
        partnership = a_partnership(meeting, focal=())
    db.session.commit()
    with clock.frozen(datetime(2019, 9, 20, tzinfo=UTC)):
        for _ in range(2):
            worker.follow_ups()
    db.session.expire_all()
    found = [(row.months, row.state) for row in queries.list_follow_ups(partnership.id)]
    assert sorted(found, key=str) == sorted(
        [(3, S.CLOSED), (6, S.CLOSED), (12, S.SENT), (24, S.SCHEDULED)] * 2, key=str
    )
    letters = list(db.session.scalars(sa.select(Message)))
    assert len(letters) == 2 and all("14 months ago" in m.text for m in letters)


def test_a_party_that_joins_and_a_meeting_that_is_said_later_are_followed_too(app):
    partnership = a_partnership()
    parts.add(partnership, "party", organisation=an_organisation(), by=SYSTEM)
    assert len(queries.list_follow_ups(partnership.id)) == 12
    unknown = service.create(parties=[an_organisation(), an_organisation()], by=SYSTEM)
    assert queries.list_follow_ups(unknown.id) == []
    service.set_origin(unknown, meeting=partnership.origin.meeting, by=SYSTEM)
    db.session.commit()
    assert len(queries.list_follow_ups(unknown.id)) == 8


def test_the_task_sends_what_is_due_once_and_notes_silence(app):
    partnership = a_partnership(focal=())  # nobody in person: the organisations are asked
    due = datetime.combine(queries.list_follow_ups(partnership.id)[0].due, datetime.min.time(), UTC)
    db.session.commit()  # the task takes the lock itself
    with clock.frozen(due + timedelta(hours=30)):
        worker.follow_ups()
        worker.follow_ups()
    db.session.expire_all()
    letters = list(db.session.scalars(sa.select(Message)))
    assert len(letters) == 2 and all("eventhub-link:follow_up/" in m.text for m in letters)
    states = [row.state for row in queries.list_follow_ups(partnership.id)]
    assert states == [S.SENT] * 2 + [S.SCHEDULED] * 6
    db.session.rollback()
    with clock.frozen(due + timedelta(days=40)):
        worker.follow_ups()
    db.session.expire_all()
    assert [row.state for row in queries.list_follow_ups(partnership.id)][:2] == [S.OVERDUE] * 2


def test_who_has_no_address_is_not_asked_and_stays_visible(app):
    partnership = a_partnership(parties=[an_organisation(email=""), an_organisation()], focal=())
    row = queries.list_follow_ups(partnership.id)[0]
    assert follow_ups.send(row.id) is False
    assert row.state is S.SCHEDULED


def test_nothing_is_a_good_answer(asked):
    follow_ups.answer(asked, what="nothing")
    db.session.commit()
    assert (asked.state, asked.answer["what"]) == (S.ANSWERED, "nothing")
    assert db.session.scalar(sa.select(sa.func.count(Activity.id))) == 0


def test_an_activity_is_reported_by_one_side_once(asked):
    told = {
        "what": "activity",
        "kind": ActivityKind.TRAINING,
        "title": "Joint training",
        "start": date(2019, 7, 1),
        "start_precision": Precision.QUARTER,
    }
    for _ in range(3):
        follow_ups.answer(asked, **told)
    db.session.commit()
    partnership = asked.partnership
    assert [(row.title, row.start_precision) for row in partnership.activities] == [
        ("Joint training", Precision.QUARTER)
    ]
    assert queries.standing(partnership).items[f"activity:{partnership.activities[0].id}"] is Rung.REPORTED


def test_a_later_answer_stands_before_the_old_one_and_both_are_kept(asked):
    follow_ups.answer(asked, what="nothing")
    follow_ups.answer(asked, what="in_touch", words="We write each month.")
    db.session.commit()
    db.session.expire_all()
    assert asked.answer["what"] == "in_touch"
    assert [earlier["what"] for earlier in asked.answer["before"]] == ["nothing"]


def test_no_sense_is_refused(asked):
    for said in ({"what": "everything"}, {"what": "activity"}, {"what": "activity", "kind": ActivityKind.EVENT}):
        with pytest.raises(InvalidError):
            follow_ups.answer(asked, **said)


def test_what_has_ended_is_asked_about_no_more(asked):
    good = token("follow_up", asked.id)
    assert follow_ups.open_link(good) == asked
    service.move(asked.partnership, PartnershipState.ENDED, by=SYSTEM)
    db.session.commit()
    assert {row.state for row in db.session.scalars(sa.select(FollowUp))} == {S.CLOSED}
    with pytest.raises(LinkExpiredError):
        follow_ups.open_link(good)


def test_links_that_do_not_work(asked):
    good = token("follow_up", asked.id)
    for guessed in ("x", good + "a", token("verification", asked.id)):
        with pytest.raises(LinkError):
            follow_ups.open_link(guessed)
    unsent = queries.list_follow_ups(asked.partnership_id)[-1]
    with pytest.raises(LinkExpiredError):
        follow_ups.open_link(token("follow_up", unsent.id))
    with pytest.raises(LinkExpiredError):
        follow_ups.open_link(good, at=clock.now() + timedelta(days=366))
