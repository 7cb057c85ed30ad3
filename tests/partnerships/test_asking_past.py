"""A past edition that nobody was asked about is asked about once, by hand; children and who said no never."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.errors import InvalidError
from eventhub.jobs import service as jobs
from eventhub.jobs.models import Job, JobState
from eventhub.partnerships import asking_past, queries_follow
from eventhub.partnerships.models_follow import PersonFollowUp
from eventhub.security import Role
from tests.factories.basics import a_meeting
from tests.factories.directory import a_person, an_organisation
from tests.factories.partnerships import an_introduction, two_people
from tests.partnerships.test_waves import LETTERS, later_contact, work


def an_old_meeting():
    """It ended about seven years ago, and was entered today: four met, of whom one said no and one is at risk."""
    starts = clock.today("Asia/Manila") - timedelta(days=365 * 7)
    meeting = a_meeting(starts=starts, ends=starts + timedelta(days=2))
    a, b = two_people()
    c, careful = a_person(an_organisation()), a_person(an_organisation(), full_name="Not Listed", at_risk=True)
    for other in (b, c, careful):
        an_introduction(meeting, people=(a, other))
    later_contact(c, meeting, False)
    return meeting, a, b, c, careful


def test_the_organiser_sees_who_would_be_asked_and_asks_once(app, sign_in):
    meeting, a, b, _c, _careful = an_old_meeting()
    a.full_name = "A name that goes on " + "and on " * 12
    db.session.commit()
    work(clock.now())
    assert list(db.session.scalars(LETTERS)) == []  # nothing goes by itself
    staff = sign_in(Role.ORGANISER, meeting)
    home = f"/staff/m/{meeting.slug}/follow-ups"
    assert "No letter goes out by itself" in staff.get(home).text
    page = staff.get(f"{home}/ask-now").text
    assert "How the letter reads" in page and "link.invalid" in page
    assert "Ask 2 people" in page and "wants no later contact" in page and "Not Listed" not in page
    assert [(row.met, row.hindrance and row.hindrance.value) for row in asking_past.list_to_ask(meeting)] in (
        [(2, None), (1, None), (1, "declined_contact")],
        [(1, None), (2, None), (1, "declined_contact")],
    )
    assert list(db.session.scalars(LETTERS)) == [] and db.session.query(PersonFollowUp).count() == 0
    assert staff.post(f"{home}/ask-now").status_code == 302
    again = staff.post(f"{home}/ask-now")
    assert again.status_code == 422 and "Nobody is asked twice" in again.text
    job = db.session.query(Job).filter_by(kind=asking_past.KIND).one()
    assert jobs.run_now(job.id).state is JobState.DONE
    db.session.commit()
    letters = list(db.session.scalars(LETTERS))
    assert sorted(letter.person_id for letter in letters) == sorted((a.id, b.id))
    assert all("83 months ago" in letter.text or "84 months ago" in letter.text for letter in letters)
    asking_past.write_letters(job, lambda _d, _t: None)
    work(clock.now())
    assert len(list(db.session.scalars(LETTERS))) == 2
    after = staff.get(home).text
    assert "Asked once, by hand" in after and "Ask now what came of it" not in after
    assert queries_follow.waves(meeting)[0].asked == 2


@pytest.mark.once
def test_who_is_at_risk_is_asked_only_when_they_agreed_and_a_child_never(app):
    meeting, a, b, _c, careful = an_old_meeting()
    later_contact(careful, meeting, True)
    b.is_child, b.called = True, "Bee"
    db.session.commit()
    asking_past.begin(meeting, by=SYSTEM)
    asked = set(db.session.scalars(sa.select(PersonFollowUp.person_id)))
    assert asked == {a.id, careful.id}


@pytest.mark.once
def test_a_meeting_whose_letters_go_by_themselves_or_went_is_not_asked_about_by_hand(app):
    young = an_introduction().meeting
    with pytest.raises(InvalidError, match="by themselves"):
        asking_past.begin(young, by=SYSTEM)
    empty = a_meeting(starts=young.starts - timedelta(days=2000), ends=young.starts - timedelta(days=1998))
    with pytest.raises(InvalidError, match="nobody to ask"):
        asking_past.begin(empty, by=SYSTEM)
    assert asking_past.may_ask(empty) and not asking_past.may_ask(young)
