"""Introductions: one row per pair and meeting, whoever records it, however often and however at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from eventhub import audit, clock
from eventhub.audit import SYSTEM
from eventhub.db import db, writing
from eventhub.directory import service as directory
from eventhub.directory.models import Person, Precision
from eventhub.errors import InvalidError, LinkError, LinkExpiredError, LinkWithdrawnError
from eventhub.mail.models import Message
from eventhub.meetings.models import Meeting
from eventhub.networking import queries, service
from eventhub.networking.models import Introduction, IntroductionSource
from eventhub.security import token
from tests.factories.basics import a_meeting
from tests.factories.checkin import a_running_meeting
from tests.factories.directory import a_person, an_organisation
from tests.factories.partnerships import an_introduction, two_people


def count():
    return db.session.scalar(sa.select(sa.func.count(Introduction.id)))


def test_the_same_pair_is_one_row_whoever_is_named_first_and_gaps_are_filled(app):
    meeting, (a, b) = a_running_meeting(), two_people()
    first = service.introduce(meeting=meeting, a=b, b=a, topic="Child-led networks", by=SYSTEM)
    again = service.introduce(
        meeting=meeting, a=a, b=b, topic="Something else", met_on=date(2018, 1, 1), precision=Precision.YEAR, by=SYSTEM
    )
    assert (first.id, count(), first.a_id < first.b_id) == (again.id, 1, True)
    assert (again.topic, again.met_on, again.met_precision) == ("Child-led networks", date(2018, 1, 1), Precision.YEAR)
    assert (again.introduced_by_id, again.session_id, again.a_answer) == (None, None, None)
    assert service.introduce(meeting=a_running_meeting(), a=a, b=b, by=SYSTEM).id != first.id


def test_what_is_known_is_not_overwritten_by_a_less_exact_date(app):
    meeting, (a, b) = a_running_meeting(), two_people()
    exact = {"met_on": date(2018, 7, 5), "precision": Precision.DAY}
    service.introduce(meeting=meeting, a=a, b=b, by=SYSTEM, **exact)
    kept = service.introduce(meeting=meeting, a=a, b=b, by=SYSTEM, met_on=date(2018, 1, 1), precision=Precision.YEAR)
    assert (kept.met_on, kept.met_precision) == (date(2018, 7, 5), Precision.DAY)


def test_twenty_at_once_are_one(app):
    meeting, (a, b) = a_running_meeting(), two_people()
    ids = (meeting.id, a.id, b.id)

    def record(n):
        with app.app_context():
            held = writing.set(True)
            rows = [db.session.get(kind, ident) for kind, ident in zip((Meeting, Person, Person), ids, strict=True)]
            one, other = rows[1:] if n % 2 else reversed(rows[1:])
            found = service.introduce(meeting=rows[0], a=one, b=other, by=SYSTEM).id
            db.session.commit()
            writing.reset(held)
            return found

    db.session.rollback()
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(record, range(20)))
    assert len(found) == 1 and count() == 1


@pytest.mark.parametrize("who", ["a", "b", "introduced_by"])
def test_a_child_is_never_introduced_and_never_introduces(app, who):
    meeting, (a, b) = a_running_meeting(admits_children=True), two_people()
    people = {"a": a, "b": b, who: a_person(is_child=True)}
    with pytest.raises(InvalidError, match="adults only") as refused:
        service.introduce(meeting=meeting, by=SYSTEM, **people)
    assert refused.value.field == who and count() == 0


def test_two_different_people_and_a_third(app):
    meeting, (a, b) = a_running_meeting(), two_people()
    with pytest.raises(InvalidError, match="two different people"):
        service.introduce(meeting=meeting, a=a, b=a, by=SYSTEM)
    with pytest.raises(InvalidError, match="third person"):
        service.introduce(meeting=meeting, a=a, b=b, introduced_by=a, by=SYSTEM)


def test_somebody_who_was_merged_is_the_person_they_were_merged_into(app):
    meeting, (a, b), twice = a_running_meeting(), two_people(), a_person()
    directory.merge(a, twice, by=SYSTEM)
    introduction = service.introduce(meeting=meeting, a=b, b=twice, by=SYSTEM)
    assert {introduction.a_id, introduction.b_id} == {a.id, b.id}


def test_each_side_says_yes_or_no_and_one_no_outweighs_a_yes(app):
    introduction = an_introduction()
    says = queries.Standing
    assert queries.standing(introduction) is says.REPORTED
    service.answer(introduction, "a", True)
    assert queries.standing(introduction) is says.ONE_SIDE
    service.answer(introduction, "b", True)
    assert queries.standing(introduction) is says.CONFIRMED
    service.answer(introduction, "b", False)
    assert queries.standing(introduction) is says.DENIED
    assert [e.action for e in audit.history(introduction)] == ["denied", "confirmed", "confirmed", "recorded"]
    service.answer(introduction, "b", False)
    assert len(audit.history(introduction)) == 4  # the same answer twice is one
    db.session.commit()


def test_a_letter_goes_to_each_side_once_with_a_dead_placeholder(app):
    introduction = an_introduction()
    assert service.ask(introduction, by=SYSTEM) == 2
    service.ask(introduction, by=SYSTEM)
    db.session.commit()
    letters = list(db.session.scalars(sa.select(Message).order_by(Message.id)))
    assert [m.to_email for m in letters] == [introduction.a.email, introduction.b.email]
    assert introduction.b.full_name in letters[0].text and "eventhub-link:introduction_a/" in letters[0].text
    assert token("introduction_a", introduction.id) not in letters[0].text


def test_nobody_is_written_to_about_a_person_at_risk(app):
    safe, at_risk = two_people()
    at_risk.at_risk = True
    introduction = an_introduction(people=(safe, at_risk))
    with pytest.raises(InvalidError, match="safety"):
        service.ask(introduction, by=SYSTEM)
    page, counts = queries.list_introductions(introduction.meeting)
    assert (page.items, sum(counts.values())) == ([], 0)


def test_links_that_do_not_work(app):
    introduction = an_introduction()
    good = token("introduction_b", introduction.id)
    assert service.open_link(good) == (introduction, "b")
    for guessed in ("", "1-1-" + "a" * 26, good[:-1] + ("a" if good[-1] != "a" else "b"), good + "x", "9" * 40):
        with pytest.raises(LinkError):
            service.open_link(guessed)
    with pytest.raises(LinkExpiredError):
        service.open_link(good, at=clock.now() + timedelta(days=366))
    introduction.link_version += 1
    with pytest.raises(LinkWithdrawnError):
        service.open_link(good)
    db.session.commit()


def test_staff_name_a_person_in_several_ways(app):
    sok = a_person(an_organisation(), full_name="Pehn Son", email="son@crc.example")
    a_person(full_name="Machiko Kaida")
    child = a_person(full_name="Dara Kid", is_child=True)
    for text in ("Pehn Son", "pehn", "SON@crc.example", f"Pehn Son (CRC) #{sok.id}"):
        assert service.pick_person(text, "a") == sok
    assert service.pick_person("  ", "a") is None
    for text in ("Nobody Here", f"#{child.id}", "#999999999", "x@nowhere.example"):
        with pytest.raises(InvalidError, match="Nobody is found"):
            service.pick_person(text, "a")
    a_person(full_name="Pehn Chan")
    with pytest.raises(InvalidError, match=f"Pehn Son #{sok.id}"):
        service.pick_person("Pehn", "a")


def test_a_source_is_kept_as_it_was(app):
    introduction = an_introduction(source=IntroductionSource.PUBLISHED, source_text="A story of 2020")
    assert (introduction.source, introduction.source_text) == (IntroductionSource.PUBLISHED, "A story of 2020")
    assert db.session.execute(queries.met([introduction.meeting_id])).all() == [
        (introduction.meeting_id, introduction.a_id, introduction.b_id)
    ]


@pytest.mark.parametrize("flag", ["at_risk", "is_child"])
def test_a_letters_link_shows_nobody_who_came_to_be_hidden_since(client, flag):
    introduction = an_introduction()
    address = f"/introduction/{token('introduction_a', introduction.id, introduction.link_version)}"
    name = introduction.b.full_name
    assert name in client.get(address).text
    setattr(introduction.b, flag, True)
    answer = client.get(address)
    assert answer.status_code == 410 and name not in answer.text
    assert client.post(address, data={"answer": "yes"}).status_code == 410
    assert introduction.a_answer is None
    introduction.b_answer = True
    assert client.get(address).status_code == (200 if flag == "at_risk" else 410)  # who said so themselves may be seen


def test_nobody_can_have_met_at_a_meeting_that_has_not_begun_where_it_is(app):
    """Its first day begins at midnight in Auckland: eleven o'clock in the morning of the day before, in UTC."""
    meeting, (a, b) = a_meeting(tz="Pacific/Auckland", starts=date(2027, 1, 15)), two_people()
    midnight = datetime(2027, 1, 14, 11, tzinfo=UTC)
    with clock.frozen(midnight - timedelta(minutes=1)), pytest.raises(service.NotBegunError) as refused:
        service.introduce(meeting=meeting, a=a, b=b, by=SYSTEM)
    assert "begins on 15 January 2027" in str(refused.value) and count() == 0
    with clock.frozen(midnight):
        assert service.introduce(meeting=meeting, a=a, b=b, by=SYSTEM).id and count() == 1
