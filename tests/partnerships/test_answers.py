"""The page behind a follow-up: saved as typed, nothing lost, both sides beside each other, nothing counted by itself."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from eventhub import clock, security
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.networking import service as networking
from eventhub.partnerships import answers, queries, queries_answers, waves
from eventhub.partnerships.answers import NOTHING, Said
from eventhub.partnerships.models import Activity, Partnership
from eventhub.partnerships.models_follow import FollowUpAnswer, PersonFollowUp
from eventhub.partnerships.states import ActivityKind, Decision, FollowUpState, Rung
from eventhub.security import Role
from eventhub.waits import numbers
from tests.factories.directory import a_person, an_organisation
from tests.factories.partnerships import a_partnership, a_past_meeting, an_introduction, two_people

TRAINING = Said(
    in_contact=True,
    together=True,
    kind=ActivityKind.TRAINING,
    title="Joint training",
    start="2019-Q3",
    words="In Cebu.",
)


def asked_of(meeting):
    """Everybody's first follow-up, sent today."""
    waves.schedule(meeting)
    rows = list(
        db.session.scalars(sa.select(PersonFollowUp).where(PersonFollowUp.months == 3).order_by(PersonFollowUp.id))
    )
    for row in rows:
        waves.send(row.id)
    db.session.commit()
    return rows


@pytest.fixture
def two(app):
    """Both sides of one introduction, and its key."""
    introduction = an_introduction(topic="Child-led networks")
    return asked_of(introduction.meeting), f"i{introduction.id}"


def save(row, said, **more):
    answers.save(row, said, words=more.pop("words", ""), seen=more.pop("seen", row.version), **more)
    db.session.commit()


def page(row):
    return f"/follow-up/{security.token('person_follow_up', row.id, row.link_version)}"


def test_nothing_is_one_tap_and_an_answer(two, client):
    (row, _other), key = two
    shown = client.get(page(row)).text
    assert "Child-led networks" in shown and shown.count("Nothing came of it") == 1
    for _ in range(2):  # a double click
        answer = client.post(page(row), data={"seen": "1", "nothing": key})
        assert answer.status_code == 302
    db.session.expire_all()
    assert (row.state, row.version) == (FollowUpState.ANSWERED, 2)
    assert [answers.said_of(a) for a in row.answers] == [NOTHING]
    assert "Nothing came of it" in client.get(page(row)).text


def test_what_is_typed_is_saved_and_comes_back(two, client):
    (row, _other), key = two
    typed = {
        "seen": "1",
        f"{key}-in_contact": "yes",
        f"{key}-together": "yes",
        f"{key}-title": "ការបណ្តុះបណ្តាល",
        f"{key}-start": "last spring",
        "words": "Thank you for asking.",
    }
    told = client.post(page(row), data=typed, headers={"X-Saved-As-Typed": "1"})
    assert told.json["version"] == 2 and told.json["said"].startswith("Saved")
    shown = client.get(page(row)).text
    assert "ការបណ្តុះបណ្តាល" in shown and "last spring" in shown and "Thank you for asking." in shown
    assert re.search(rf'id="{key}-in_contact-0"[^>]*checked|checked[^>]*id="{key}-in_contact-0"', shown)
    assert db.session.scalar(sa.select(sa.func.count(Activity.id))) == 0


def test_a_second_device_is_told_and_nothing_is_overwritten(two, client):
    (row, _other), key = two
    client.post(page(row), data={"seen": "1", f"{key}-in_contact": "yes", f"{key}-words": "From my phone"})
    late = {"seen": "1", f"{key}-in_contact": "no", f"{key}-words": "From my desk"}
    refused = client.post(page(row), data=late)
    assert refused.status_code == 409
    assert "From my phone" in refused.text and "From my desk" in refused.text and 'value="2"' in refused.text
    db.session.expire_all()
    assert [a.words for a in row.answers] == ["From my phone"]
    by_script = client.post(page(row), data=late, headers={"X-Saved-As-Typed": "1"})
    assert by_script.status_code == 409 and by_script.json["said"].startswith("Not saved yet")
    assert client.post(page(row), data={**late, "seen": "2"}).status_code == 302
    db.session.expire_all()
    assert [a.words for a in row.answers] == ["From my desk"]


def test_an_ended_session_loses_nothing(two, app, client):
    (row, _other), key = two
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        back = client.post(page(row), data={"seen": "1", "csrf_token": "old", f"{key}-words": "Long and careful words"})
        assert back.status_code == 422
        assert "Long and careful words" in back.text and "Nothing is lost" in back.text
        fresh = re.search(r'name="csrf_token" value="([^"]+)"', back.text)[1]
        again = {"seen": "1", "csrf_token": fresh, f"{key}-words": "Long and careful words"}
        assert client.post(page(row), data=again).status_code == 302
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_an_answer_that_changes_later_stands_before_the_old_one(two):
    (row, _other), key = two
    save(row, {key: NOTHING})
    save(row, {key: Said(in_contact=True)}, at=clock.now() + timedelta(minutes=5))  # still the same sitting
    assert row.answers[0].before == []
    save(row, {key: TRAINING}, at=clock.now() + timedelta(days=30))
    assert [(old["in_contact"], old["together"]) for old in row.answers[0].before] == [(True, None)]


def test_both_sides_stand_beside_each_other(two, sign_in):
    (one, other), key = two
    save(one, {key: TRAINING})
    save(other, {key: NOTHING})
    both = queries_answers.list_both_sides(one.meeting)
    assert [(len(b.said), b.disagree, b.proposed) for b in both] == [(2, True, True)]
    shown = sign_in(Role.ORGANISER, one.meeting).get(f"/staff/m/{one.meeting.slug}/follow-ups/answers").text
    assert shown.count("The sides disagree") == 2 and "Joint training" in shown and "Nothing came of it" in shown


def test_doing_something_together_counts_for_nothing_until_staff_and_both_parties_say_so(two):
    (one, other), key = two
    save(one, {key: TRAINING})
    assert db.session.scalar(sa.select(sa.func.count(Partnership.id))) == 0
    for _ in range(2):  # pressed twice
        partnership = answers.accept(one.answers[0], by=SYSTEM)
        db.session.commit()
    assert [(a.title, a.start_precision.value) for a in partnership.activities] == [("Joint training", "quarter")]
    standing = queries.standing(partnership)
    assert standing.counted is False and set(standing.items.values()) == {Rung.REPORTED}
    save(other, {key: Said(together=True, title="Our training")})
    answers.accept(other.answers[0], by=SYSTEM, same=True)
    db.session.commit()
    db.session.expire_all()
    assert len(partnership.activities) == 1
    assert other.answers[0].activity_id == one.answers[0].activity_id


def test_what_is_told_differently_after_the_decision_waits_again(two):
    (row, _other), key = two
    save(row, {key: TRAINING})
    answers.decline(row.answers[0], by=SYSTEM)
    db.session.commit()
    assert numbers([queries_answers.count_proposals(row.meeting)]) == [0]
    save(row, {key: Said(together=True, title="Another thing")})
    assert row.answers[0].decision is Decision.WAITING and numbers([queries_answers.count_proposals(row.meeting)]) == [
        1
    ]


def test_a_partys_own_follow_up_is_answered_with_it(app):
    partnership = a_partnership()
    row = asked_of(partnership.origin.meeting)[0]
    save(row, {f"p{partnership.id}": Said(in_contact=True)})
    save(row, {f"p{partnership.id}": NOTHING})
    first = queries.list_follow_ups(partnership.id)[0]
    assert (first.state, first.answer["what"], first.answer["before"]) == (FollowUpState.ANSWERED, "nothing", [])


def test_nobody_sees_or_answers_what_is_not_theirs(app, client):
    meeting = a_past_meeting()
    a, b = two_people()
    hidden = a_person(an_organisation(), at_risk=True, full_name="Hidden Person")
    an_introduction(meeting, people=(a, b))
    networking.introduce(meeting=meeting, a=a, b=hidden, by=SYSTEM)
    strange = an_introduction(meeting)
    row = next(row for row in asked_of(meeting) if row.person_id == a.id)
    shown = client.get(page(row)).text
    assert "Hidden Person" not in shown and b.full_name in shown
    client.post(page(row), data={"seen": "1", f"i{strange.id}-in_contact": "yes"})
    assert db.session.scalar(sa.select(sa.func.count(FollowUpAnswer.id))) == 0


def test_handing_over_on_the_page(two, client):
    (row, _other), _key = two
    address = page(row)
    wrong = client.post(f"{address}/successor", data={"name": "Next Person", "email": "nowhere"})
    assert wrong.status_code == 422 and "complete address" in wrong.text and "Next Person" in wrong.text
    done = client.post(f"{address}/successor", data={"name": "Next Person", "email": "next@people.example"})
    assert done.status_code == 200 and "handed over" in done.text
    gone = client.get(address)
    assert gone.status_code == 410 and "handed over" in gone.text
    db.session.expire_all()
    assert "You answer for" in client.get(page(row)).text


def test_staff_see_correct_and_send_but_never_hold_the_link(two, sign_in):
    (row, _other), _key = two
    organiser = sign_in(Role.ORGANISER, row.meeting)
    address = f"/staff/m/{row.meeting.slug}/follow-ups"
    assert "0" in organiser.get(address).text
    shown = organiser.get(f"{address}/{row.id}").text
    assert "How the letter reads" in shown and "link.invalid" in shown
    assert security.token("person_follow_up", row.id) not in shown
    staff = organiser.post(f"{address}/{row.id}/address", data={"email": "organiser@staff.example"})
    assert staff.status_code == 422 and "staff cannot answer them" in staff.text
    assert organiser.post(f"{address}/{row.id}/address", data={"email": "new@people.example"}).status_code == 302
    db.session.expire_all()
    assert (row.link_version, row.letters) == (2, 2)
    for _ in range(2):
        organiser.post(f"{address}/{row.id}/send")
    db.session.expire_all()
    assert row.letters == 2  # a moment ago is not long enough to send it again
