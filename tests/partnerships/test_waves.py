"""Every participant is asked at 3, 6, 12 and 24 months about everybody whom they met; silence is a state."""

from datetime import UTC, datetime, time, timedelta

import pytest
import sqlalchemy as sa

from eventhub import clock, security
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.directory import service as directory
from eventhub.errors import InvalidError, LinkExpiredError, LinkWithdrawnError
from eventhub.mail import service as mail
from eventhub.mail.models import Message
from eventhub.networking import service as networking
from eventhub.partnerships import queries, queries_follow, waves
from eventhub.partnerships.models_follow import PersonFollowUp
from eventhub.partnerships.states import FollowUpState
from eventhub.safeguarding import service as safeguarding
from eventhub.safeguarding.models import ConsentBy, Purpose
from tests.factories.directory import a_person, an_organisation
from tests.factories.partnerships import a_partnership, a_past_meeting, an_introduction, two_people
from worker import partnerships as worker

S = FollowUpState
LETTERS = sa.select(Message).where(Message.letter == "person_follow_up").order_by(Message.id)


def rows_of(meeting, months=3):
    found = db.session.scalars(
        sa.select(PersonFollowUp)
        .where(PersonFollowUp.meeting_id == meeting.id, PersonFollowUp.months == months)
        .order_by(PersonFollowUp.id)
    )
    return list(found)


def due_day(meeting, months=3):
    """The noon of the day on which everybody of a meeting is asked."""
    waves.schedule(meeting)
    db.session.commit()
    return datetime.combine(rows_of(meeting, months)[0].due, time(12), UTC)


def work(at):
    """The hourly task, twice: twice is once."""
    db.session.commit()
    with clock.frozen(at):
        worker.follow_ups()
        worker.follow_ups()
    db.session.expire_all()


def test_both_sides_get_one_letter_about_everybody_and_two_reminders_at_most(app):
    meeting = a_past_meeting()
    a, b = two_people()
    c = a_person(an_organisation())
    an_introduction(meeting, people=(a, b))
    an_introduction(meeting, people=(a, c))
    due = due_day(meeting)
    assert [row.person_id for row in rows_of(meeting)] == [a.id, b.id, c.id]
    work(due - timedelta(days=1))
    assert list(db.session.scalars(LETTERS)) == []
    work(due)
    letters = list(db.session.scalars(LETTERS))
    assert [letter.person_id for letter in letters] == [a.id, b.id, c.id]
    assert "2 people whom you met" in letters[0].text and "eventhub-link:person_follow_up/" in letters[0].text
    for days, reminders in ((13, 0), (14, 1), (20, 1), (28, 2), (45, 2), (59, 2)):
        work(due + timedelta(days=days))
        assert [row.reminders for row in rows_of(meeting)] == [reminders] * 3, days
    assert len(list(db.session.scalars(LETTERS))) == 9
    assert [row.state for row in rows_of(meeting)] == [S.OVERDUE] * 3
    assert [row.state for row in rows_of(meeting, 6)] == [S.SCHEDULED] * 3


def test_who_was_missed_gets_one_letter_about_everything_since(app):
    meeting = an_introduction().meeting
    work(due_day(meeting) - timedelta(days=1))
    work(due_day(meeting) + timedelta(days=300))
    states = [[row.state for row in rows_of(meeting, months)] for months in (3, 6, 12, 24)]
    assert states == [[S.CLOSED] * 2, [S.CLOSED] * 2, [S.SENT] * 2, [S.SCHEDULED] * 2]
    letters = list(db.session.scalars(LETTERS))
    assert len(letters) == 2 and all("12 months ago" in letter.text for letter in letters)


def test_who_answered_is_not_reminded(app):
    meeting = an_introduction().meeting
    due = due_day(meeting)
    work(due)
    first, _second = rows_of(meeting)
    first.state = S.ANSWERED
    work(due + timedelta(days=14))
    assert [row.reminders for row in rows_of(meeting)] == [0, 1]


def test_what_is_over_when_an_introduction_becomes_known_is_not_asked_about(app):
    meeting = an_introduction().meeting
    late = datetime.combine(meeting.ends, time(12), UTC) + timedelta(days=200)
    with clock.frozen(late):
        waves.schedule(meeting)
    assert {months for months in (3, 6, 12, 24) if rows_of(meeting, months)} == {12, 24}


def test_children_are_never_asked_and_people_at_risk_only_when_they_agreed(app):
    meeting = a_past_meeting()
    a, b = two_people()
    careful = a_person(an_organisation(), at_risk=True)
    an_introduction(meeting, people=(a, b))
    networking.introduce(meeting=meeting, a=a, b=careful, by=SYSTEM)
    due = due_day(meeting)
    directory.change_person(b, version=b.version, is_child=True, called="Bee", by=SYSTEM)
    work(due)
    # b is a child now, and the other is at risk: there is nobody whom a could be asked about
    assert [row.state for row in rows_of(meeting)] == [S.CLOSED, S.CLOSED, S.SCHEDULED]
    assert list(db.session.scalars(LETTERS)) == []
    later_contact(careful, meeting, True)
    work(due + timedelta(hours=2))
    assert [letter.person_id for letter in db.session.scalars(LETTERS)] == [careful.id]


def later_contact(person, meeting, answer):
    safeguarding.record_consent(
        person=person,
        meeting=meeting,
        purpose=Purpose.LATER_CONTACT,
        side=ConsentBy.SELF,
        answer=answer,
        language="en",
        by=SYSTEM,
    )
    db.session.commit()


def test_who_said_no_to_later_contact_is_left_alone_and_shown(app):
    introduction = an_introduction()
    meeting, a = introduction.meeting, introduction.a
    due = due_day(meeting)
    later_contact(a, meeting, False)
    work(due)
    hindered = queries_follow.hindrances(rows_of(meeting))
    assert {rows_of(meeting)[0].id: "declined_contact"} == {k: v.value for k, v in hindered.items()}
    assert [row.state for row in rows_of(meeting)] == [S.SCHEDULED, S.SENT]


def test_addresses_that_do_not_work_are_skipped_and_corrected(app):
    introduction = an_introduction()
    meeting = introduction.meeting
    due = due_day(meeting)
    mail.suppress(introduction.a.email, reason="It bounced.", by=SYSTEM)
    work(due)
    row = rows_of(meeting)[0]
    assert row.state is S.SCHEDULED and queries_follow.hindrances([row])[row.id].value == "suppressed"
    with pytest.raises(InvalidError):
        waves.readdress(row, email="nowhere", by=SYSTEM)
    waves.readdress(row, email="right@people.example", by=SYSTEM)
    work(due + timedelta(days=1))
    assert [m.to_email for m in db.session.scalars(LETTERS)][-1] == "right@people.example"
    assert {one.asked_email for one in rows_of(meeting, 6)} == {"", "right@people.example"}


def test_the_successor_gets_a_link_of_their_own_and_the_old_one_ends(app):
    introduction = an_introduction()
    meeting = introduction.meeting
    due = due_day(meeting)
    work(due)
    row = rows_of(meeting)[0]
    old = security.token("person_follow_up", row.id, row.link_version)
    assert waves.open_link(old, at=due) == row
    waves.hand_over(row, name="Next Person", email="next@people.example", at=due)
    db.session.commit()
    with pytest.raises(LinkWithdrawnError, match="handed over"):
        waves.open_link(old, at=due)
    assert waves.open_link(security.token("person_follow_up", row.id, 2), at=due) == row
    letter = list(db.session.scalars(LETTERS))[-1]
    assert (letter.to_email, letter.to_name) == ("next@people.example", "Next Person")
    assert f"{introduction.a.full_name} has named you" in letter.text
    assert [one.asked_name for one in rows_of(meeting, 24)] == ["Next Person", ""]
    for n in (2, 3):
        waves.hand_over(row, name="Another", email=f"another{n}@people.example", at=due)
    with pytest.raises(InvalidError, match="several times"):
        waves.hand_over(row, name="Another", email="another4@people.example", at=due)


def test_a_party_is_asked_in_its_focal_persons_letter_and_gets_none_of_its_own(app):
    partnership = a_partnership()
    meeting = partnership.origin.meeting
    due = due_day(meeting)
    work(due)
    assert [m.letter for m in db.session.scalars(sa.select(Message))] == ["person_follow_up"] * 2
    states = [row.state for row in queries.list_follow_ups(partnership.id)]
    assert states == [S.SENT] * 2 + [S.SCHEDULED] * 6


def test_links_that_are_guessed_over_or_stopped(app, client):
    introduction = an_introduction()
    meeting = introduction.meeting
    due = due_day(meeting)
    unsent = rows_of(meeting)[0]
    with pytest.raises(LinkExpiredError):
        waves.open_link(security.token("person_follow_up", unsent.id))
    work(due)
    row = rows_of(meeting)[0]
    good = security.token("person_follow_up", row.id)
    with pytest.raises(LinkExpiredError):
        waves.open_link(good, at=due + timedelta(days=366))
    with pytest.raises(LinkWithdrawnError):
        waves.open_link(security.token("person_follow_up", row.id, 9))
    assert waves.open_link(good + "x") is None
    assert client.get(f"/follow-up/{good}x").status_code == 404
    assert client.post(f"/follow-up/{good}/stop").status_code == 200
    db.session.expire_all()
    assert [rows_of(meeting, months)[0].state for months in (3, 6, 12, 24)] == [S.CLOSED] * 4
    gone = client.get(f"/follow-up/{good}")
    assert gone.status_code == 410 and meeting.title in gone.text and meeting.contact_email in gone.text


def test_the_waves_count_who_was_asked_and_who_answered(app):
    meeting = an_introduction().meeting
    due = due_day(meeting)
    work(due)
    rows_of(meeting)[0].state = S.ANSWERED
    db.session.commit()
    first = queries_follow.waves(meeting)[0]
    assert (first.months, first.asked, first.answered, first.scheduled) == (3, 2, 1, 0)
