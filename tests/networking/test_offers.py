"""Offers and needs: only who agreed is found, never a child or a person at risk, and a change counts at once."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.directory import service as directory
from eventhub.errors import InvalidError
from eventhub.networking import offers, queries_offers, service_met
from eventhub.networking import service as networking
from eventhub.networking.models import Contact, Profile, ProfileCode
from eventhub.networking.queries_offers import Wanted
from eventhub.registration import service_deciding
from eventhub.security import Role, token
from tests.factories.basics import a_meeting
from tests.factories.checkin import a_running_meeting
from tests.factories.directory import a_person
from tests.factories.networking import a_profile
from tests.factories.registration import a_child, a_registration

SAID = {
    "offers": "Alternative reports to the Committee",
    "offers_main": ["crc_cluster:5", "crc_cluster:8"],
    "seeks_more": [
        "General comment 12 · The right of the child to be heard",
        "",
        "legal identity",
        "rights-of-the-child",
    ],
    "levels": ["commune"],
    "countries": "កម្ពុជា, Japan",
    "languages": "Khmer, 日本語",
    "contact": "everybody",
    "listed": "y",
}


def address(registration, path="offers"):
    return f"/me/{token('me', registration.id, registration.link_version)}/{path}"


def names(meeting, **wanted):
    page = queries_offers.list_shown(meeting.id, Wanted(**wanted))
    return [profile.registration.person.full_name for profile in page.items]


def test_what_a_participant_says_is_kept_and_shown_to_the_others(client, sign_in):
    meeting = a_meeting()
    me, other = a_registration(meeting, full_name="សុខ ដារ៉ា", organisation="Lotus Network"), a_registration(meeting)
    answer = client.post(address(me), data=SAID, follow_redirects=True)
    assert answer.status_code == 200 and "The other participants see this" in answer.text
    codes = {(row.side.value, row.scheme, row.code) for row in db.session.query(ProfileCode)}
    assert codes == {
        ("offers", "crc_cluster", "5"),
        ("offers", "crc_cluster", "8"),
        ("seeks", "general_comment", "12"),
        ("seeks", "sdg", "16.9"),
        ("seeks", "upr", "rights-of-the-child"),
        ("level", "", "commune"),
        ("country", "", "KH"),
        ("country", "", "JP"),
        ("language", "", "km"),
        ("language", "", "ja"),
    }
    seen = client.get(address(other, "people")).text
    for text in ("សុខ ដារ៉ា", "Lotus Network", "Alternative reports", "Violence against children", me.person.email):
        assert text in seen
    staff = sign_in(Role.ORGANISER, meeting).get(f"/staff/m/{meeting.slug}/offers").text
    assert "សុខ ដារ៉ា" in staff and "Every participant of this meeting" in staff


def test_nobody_is_listed_without_a_yes_and_taking_it_back_counts_at_once(client):
    meeting = a_meeting()
    me = a_registration(meeting, full_name="Rina Sato")
    client.post(address(me), data={**SAID, "listed": ""})
    assert names(meeting) == []
    client.post(address(me), data=SAID)
    assert names(meeting) == ["Rina Sato"]
    client.post(address(me, "offers/withdraw"))
    assert names(meeting) == [] and db.session.query(Profile).count() == db.session.query(ProfileCode).count() == 0
    assert "Nobody is listed yet" in client.get(address(me, "people")).text


def test_what_was_typed_comes_back_with_a_sentence(client):
    me = a_registration(a_meeting())
    for wrong, sentence in (
        ({"countries": "Japan, Atlantis"}, "We do not know “Atlantis”"),
        ({"languages": "Klingon"}, "We do not know “Klingon”"),
        ({"offers": "x" * 601}, "600"),
        ({"offers_main": ["crc_cluster:99"]}, "error-summary"),
        ({"seeks_more": ["Dragons", "article 12"]}, "No list has a theme “Dragons”"),
        ({"contact": "all"}, "error-summary"),
    ):
        answer = client.post(address(me), data={**SAID, "works_on": "Kept as typed", **wrong})
        assert answer.status_code == 422 and sentence in answer.text and "Kept as typed" in answer.text
    assert db.session.query(Profile).count() == 0


def test_the_same_answers_twice_are_one_profile(client):
    me = a_registration(a_meeting())
    for _ in range(2):
        assert client.post(address(me), data=SAID).status_code == 303
    assert db.session.query(Profile).count() == 1 and db.session.query(ProfileCode).count() == 10


def test_search_in_any_script_and_filters(client):
    meeting = a_meeting()
    a_profile(
        meeting,
        person={"full_name": "សុខ ដារ៉ា", "latin_name": "Sok Dara"},
        seeks=["5"],
        language=["km"],
        level=["commune"],
    )
    a_profile(meeting, person={"full_name": "José Núñez", "country": "PH"}, offers=["8"], country=["JP"])
    assert names(meeting, q="ដារ៉ា") == names(meeting, q="sok dara") == ["សុខ ដារ៉ា"]
    assert names(meeting, q="jose nunez") == ["José Núñez"]
    assert names(meeting, q="people.example") == []  # an address is not searched
    assert names(meeting, q="!!!") == []
    assert names(meeting, q="violence against") == names(meeting, level="commune") == ["សុខ ដារ៉ា"]  # a theme's words
    assert names(meeting, theme=("crc_cluster", "5")) == names(meeting, language="km") == ["សុខ ដារ៉ា"]
    assert names(meeting, country="JP") == names(meeting, country="PH") == ["José Núñez"]
    me = a_registration(meeting)
    page = client.get(address(me, "people?theme=crc_cluster:8&country=PH")).text
    assert "José Núñez" in page and "ដារ៉ា" not in page
    for odd in ("theme=x:y", "theme=5", "country=%00", "language=zz", "page=99", "q=%F0"):
        assert client.get(address(me, f"people?{odd}")).status_code == 200


def test_who_sees_the_address(client):
    meeting = a_running_meeting()
    shy, some, open_ = (a_profile(meeting, contact=kind).registration for kind in Contact)
    reader, stranger = a_registration(meeting), a_registration(meeting)
    row = networking.introduce(meeting=meeting, a=some.person, b=reader.person, by=SYSTEM)
    page = client.get(address(reader, "people")).text
    assert [r.person.email in page for r in (shy, some, open_)] == [False, False, True]
    for side in ("a", "b"):
        networking.answer(row, side, True)
    assert some.person.email not in client.get(address(reader, "people")).text  # both met, and it is kept
    service_met.answer_own(some, row.id, yes=True, shares=True)
    page = client.get(address(reader, "people")).text
    assert [r.person.email in page for r in (shy, some, open_)] == [False, True, True]
    assert some.person.email not in client.get(address(stranger, "people")).text


def test_children_people_at_risk_and_who_is_not_confirmed_have_no_such_page(client):
    meeting = a_meeting(admits_children=True)
    child, gone, at_risk = a_child(meeting, complete=True), a_registration(meeting), a_registration(meeting)
    service_deciding.cancel(gone, by=SYSTEM)
    at_risk.person.at_risk = True
    for registration in (child, gone):
        assert client.get(address(registration)).status_code == 404
        assert client.get(address(registration, "people")).status_code == 404
        assert client.post(address(registration), data=SAID).status_code == 404
    assert "You are not shown to anybody" in client.get(address(at_risk)).text
    assert client.post(address(at_risk), data=SAID).status_code == 422
    for registration in (child, at_risk):
        with pytest.raises(InvalidError):
            offers.save(registration, offers.Entry(listed=True), by=SYSTEM)
    assert names(meeting) == []


def test_who_turns_out_to_be_a_person_at_risk_is_hidden_with_no_further_step(app):
    meeting = a_meeting()
    profile = a_profile(meeting)
    kept = a_person()
    directory.merge(kept, profile.registration.person, by=SYSTEM)
    db.session.commit()
    assert len(names(meeting)) == 1
    kept.at_risk = True
    db.session.commit()
    assert names(meeting) == []


@given(st.lists(st.tuples(*[st.booleans()] * 4), min_size=1, max_size=5))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_child_nobody_at_risk_and_nobody_unlisted_is_ever_in_the_list(app, people):
    meeting = a_meeting()
    expected = []
    for listed, at_risk, child, cancelled in people:
        profile = a_profile(meeting, listed=listed)
        registration = profile.registration
        registration.person.at_risk, registration.person.is_child = at_risk, child
        if cancelled:
            service_deciding.cancel(registration, by=SYSTEM)
        if listed and not (at_risk or child or cancelled):
            expected.append(registration.person.full_name)
    db.session.commit()
    assert sorted(names(meeting)) == sorted(expected)


def test_the_list_asks_as_often_with_three_people_as_with_fifteen(client, queries):
    meeting = a_meeting()
    me = a_registration(meeting)
    counts = []
    for n in (3, 12):
        for _ in range(n):
            a_profile(meeting, offers=["5"], person={"organisation": "Lotus Network"})
        client.get(address(me, "people"))
        with queries() as seen:
            assert client.get(address(me, "people")).status_code == 200
        counts.append(seen.count)
    assert counts[0] == counts[1] <= 15, seen.statements


def test_profiles_are_deleted_a_year_after_the_meeting(app):
    meeting = a_meeting()
    a_profile(meeting, offers=["5"])
    assert offers.purge(clock.now() + timedelta(days=300)) == 0
    assert offers.purge(clock.now() + timedelta(days=500)) == 1 and db.session.query(ProfileCode).count() == 0
