"""Suggestions of whom to meet: complementary first, told in words, fair, the same for the same facts, and nobody in
them who is not listed."""

import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.networking import assignment, matching, offers, people_words, queries_suggestions, suggestions
from eventhub.networking import service as networking
from eventhub.networking.matching import Facts
from eventhub.networking.models import Profile, Suggestion
from eventhub.security import Role
from tests.factories.basics import a_meeting
from tests.factories.checkin import a_running_meeting
from tests.factories.networking import a_profile, suggestions_of
from tests.factories.registration import a_registration
from tests.networking.test_offers import address
from worker.networking import suggest as worker_suggests

FIVE, EIGHT = ("crc_cluster", "5"), ("crc_cluster", "8")


def one(ident, **facts):
    return Facts(ident=ident, person=ident, **{k: frozenset(v) if isinstance(v, list) else v for k, v in facts.items()})


def couples(people, apart=()):
    return [(pair.a, pair.b) for pair in matching.suggest(people, set(apart))]


def task():
    """What the worker does by the clock, in a session of its own."""
    db.session.commit()
    worker_suggests()


def reader_sees(profile):
    return [
        (found.other.registration.person.full_name, people_words.why(found))
        for found in queries_suggestions.list_for(profile.registration)
    ]


@pytest.mark.once
def test_who_seeks_meets_first_who_offers_then_who_works_on_the_same():
    people = [one(1, seeks=[FIVE], works_on=[EIGHT]), one(2, offers=[FIVE]), one(3, works_on=[EIGHT]), one(4)]
    assert couples(people) == [(1, 2), (1, 3)]


@pytest.mark.once
def test_never_oneself_nor_the_same_organisation_nor_who_is_to_be_apart():
    give, take = one(1, offers=[FIVE]), one(2, seeks=[FIVE])
    assert couples([give, take]) == [(1, 2)]
    assert couples([replace(give, organisation="#7"), replace(take, organisation="#7")]) == []
    assert couples([give, replace(take, person=1)]) == []
    assert couples([give, take], {(1, 2)}) == []


@pytest.mark.once
def test_another_country_and_sector_and_a_common_language_tip_the_balance():
    me = one(1, seeks=[FIVE], country="KH", sector=1, languages=["km", "en"])
    same = one(2, offers=[FIVE], country="KH", sector=1, languages=["en"])
    other, mute = replace(same, ident=3, person=3, country="JP", sector=2), replace(same, ident=4, person=4)
    mute = replace(mute, country="JP", sector=2, languages=frozenset({"ja"}))
    points = {(p.a, p.b): p.points for p in matching.suggest([me, same, other, mute], set())}
    assert points[1, 3] > points[1, 2] > points[1, 4]


@pytest.mark.once
def test_free_words_count_in_scripts_with_spaces_and_without():
    for offered, sought in (
        ("alternative reports to the committee", "who knows alternative reports"),
        ("របាយការណ៍ជំនួស", "របាយការណ៍ជំនួសកុមារ"),
        ("子どもの権利条約", "権利条約"),
    ):
        people = [
            one(1, offer_words=matching.words(offered)),
            one(2, seek_words=matching.words(sought)),
            one(3, offer_words=matching.words("boats at dawn")),
        ]
        assert couples(people) == [(1, 2)]


_themes = st.frozensets(st.sampled_from([("crc_cluster", str(n)) for n in range(6)]), max_size=3)
_people = st.lists(
    st.builds(
        Facts,
        ident=st.just(0),
        person=st.just(0),
        organisation=st.sampled_from(["", "a", "b", "c"]),
        country=st.sampled_from(["", "KH", "JP"]),
        offers=_themes,
        seeks=_themes,
        works_on=_themes,
    ),
    max_size=8,
).map(lambda found: [replace(facts, ident=n, person=n) for n, facts in enumerate(found)])


@pytest.mark.once
@given(_people)
@settings(max_examples=25, deadline=None)
def test_everybody_whom_anybody_fits_has_one_and_the_order_of_the_people_changes_nothing(people):
    pairs = matching.suggest(people, set())
    assert pairs == matching.suggest(people[::-1], set())
    assert len({(p.a, p.b) for p in pairs}) == len(pairs) and all(p.a < p.b and p.points > 0 for p in pairs)
    has = {ident for p in pairs for ident in (p.a, p.b)}
    for facts in people:
        alone = all(not matching.suggest([facts, other], set()) for other in people if other is not facts)
        assert (facts.ident in has) is not alone


@pytest.mark.once
def test_a_star_is_not_suggested_to_all_while_others_fit():
    people = [one(0, offers=[FIVE, EIGHT])]
    people += [one(n, seeks=[FIVE, EIGHT], works_on=[FIVE]) for n in range(1, 9)]
    many = [p for p in matching.suggest(people, set()) if 0 in (p.a, p.b)]
    assert len(many) == assignment.SHARE


@pytest.mark.once
def test_the_shares_are_better_than_simple_rounds_and_close_to_what_no_choice_can_pass():
    """A hundred people; the objective beside that of the greedy rounds and the bound that the flow proves."""
    chance = random.Random(100)
    points = np.triu(np.array([[chance.choice([0, 10, 30, 60, 90]) for _ in range(100)] for _ in range(100)]), 1)
    points += points.T
    chosen = assignment.assign(points)
    simple = assignment.worth(assignment.greedy(points), points)
    print(f"flow {chosen.worth}, greedy {simple}, bound {chosen.bound}")
    assert simple < chosen.worth <= chosen.bound and chosen.worth == assignment.worth(chosen.pairs, points)
    assert chosen.bound - chosen.worth < (chosen.bound - simple) / 4


@pytest.mark.once
def test_of_equals_what_stands_stays_and_what_is_clearly_better_takes_its_place():
    """Everybody fits with everybody as well; then the first with the fourth clearly better."""
    points = np.full((8, 8), 30) - np.diag([30] * 8)
    first = assignment.assign(points)
    others = frozenset({(0, 7), (1, 6), (2, 5), (3, 4), (0, 6), (1, 7)} - set(first.pairs))
    assert others and others <= set(assignment.assign(points, others).pairs)
    stands = frozenset(first.pairs)
    assert assignment.assign(points, stands).pairs == first.pairs
    points[0, 3] = points[3, 0] = 90
    assert (0, 3) in assignment.assign(points, stands - {(0, 3)}).pairs


_small = st.integers(2, 7).flatmap(
    lambda n: st.lists(st.lists(st.sampled_from([0, 0, 8, 20, 21, 50]), min_size=n, max_size=n), min_size=n, max_size=n)
)


@pytest.mark.once
@given(_small)
@settings(max_examples=40, deadline=None)
def test_whatever_the_points_the_shares_are_fair_and_never_worse_than_simple_rounds(rows):
    points = np.triu(np.array(rows), 1)
    points += points.T
    chosen = assignment.assign(points)
    assert assignment.worth(assignment.greedy(points), points) <= chosen.worth <= chosen.bound
    assert chosen == assignment.assign(points)
    has = Counter(row for pair in chosen.pairs for row in pair)
    assert len(set(chosen.pairs)) == len(chosen.pairs) and all(points[pair] > 0 for pair in chosen.pairs)
    for row in range(len(points)):
        assert (has[row] > 0) is bool(points[row].any())
        only = [other for other in range(len(points)) if (min(row, other), max(row, other)) in chosen.pairs]
        assert has[row] <= assignment.SHARE or any(has[other] == 1 for other in only)


def test_both_read_why_in_words_and_staff_read_it_too(client, sign_in):
    meeting = a_meeting()
    a = a_profile(meeting, person={"full_name": "Sok Dara", "organisation": "A"}, seeks=["5"], works_on=["8"])
    b = a_profile(
        meeting, person={"full_name": "Rina Sato", "organisation": "B", "country": "JP"}, offers=["5"], works_on=["8"]
    )
    task()
    both = "Both of you work on: Education, leisure and cultural activities."
    assert reader_sees(a) == [
        (
            "Rina Sato",
            [
                "You seek what they offer: Violence against children.",
                both,
                "They come from another country or territory: Japan.",
            ],
        )
    ]
    assert reader_sees(b)[0][1][:2] == ["They seek what you offer: Violence against children.", both]
    for path in ("", "people"):
        page = client.get(address(a.registration, path).rstrip("/")).text
        assert "Whom you could meet" in page and "Rina Sato" in page and "You seek what they offer" in page
    staff = sign_in(Role.ORGANISER, meeting).get(f"/staff/m/{meeting.slug}/offers/suggestions").text
    assert "seeks what" in staff and "Rina Sato" in staff


def test_not_for_me_hides_it_for_good(client):
    meeting = a_meeting()
    a, b = a_profile(meeting, seeks=["5"]), a_profile(meeting, offers=["5"])
    suggestions_of(meeting)
    row = db.session.query(Suggestion).one()
    stranger = a_registration(meeting)
    assert client.post(address(stranger, f"people/{row.id}/not-for-me")).status_code == 404
    for _ in range(2):
        assert client.post(address(a.registration, f"people/{row.id}/not-for-me")).status_code == 303
    assert reader_sees(a) == reader_sees(b) == []
    suggestions_of(meeting)
    assert reader_sees(a) == reader_sees(b) == []


def test_what_changes_counts_at_once_and_is_computed_again(client):
    meeting = a_running_meeting()
    a, b = a_profile(meeting, seeks=["5"]), a_profile(meeting, offers=["5"])
    assert suggestions.due() == [meeting.id]
    task()
    assert suggestions.due() == [] and len(reader_sees(a)) == 1
    offers.save(b.registration, offers.Entry(listed=False), by=SYSTEM)
    assert reader_sees(a) == [] and suggestions.due() == [meeting.id]
    task()
    assert db.session.query(Suggestion).count() == 0
    b = a_profile(meeting, b.registration, offers=["5"])
    task()
    assert len(reader_sees(a)) == 1
    networking.introduce(meeting=meeting, a=a.registration.person, b=b.registration.person, by=SYSTEM)
    assert reader_sees(a) == []
    task()
    assert db.session.query(Suggestion).count() == 0


def test_who_takes_everything_back_takes_the_suggestions_along(client):
    meeting = a_meeting()
    a, b = a_profile(meeting, seeks=["5"]), a_profile(meeting, offers=["5"])
    facts, seen = suggestions.facts(meeting.id), suggestions.digest(meeting.id)
    suggestions_of(meeting)
    client.post(address(b.registration, "offers/withdraw"))
    assert db.session.query(Suggestion).count() == 0 and reader_sees(a) == []
    # who goes while the worker computes is left out
    suggestions.keep(meeting.id, matching.suggest(facts, set()), seen)
    assert db.session.query(Suggestion).count() == 0


@given(st.lists(st.tuples(*[st.booleans()] * 3), min_size=2, max_size=5))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_child_nobody_at_risk_and_nobody_unlisted_is_ever_suggested(app, people):
    """Whatever they are when it is computed, and whatever they become afterwards."""
    meeting = a_meeting()
    profiles = [a_profile(meeting, offers=["5"], seeks=["5"]) for _ in people]

    def become(flags):
        for profile, (listed, at_risk, child) in zip(profiles, flags, strict=True):
            profile.listed, profile.registration.person.at_risk = listed, at_risk
            profile.registration.person.is_child = child
        db.session.commit()

    def allowed(flags):
        return {
            p.id
            for p, (listed, at_risk, child) in zip(profiles, flags, strict=True)
            if listed and not (at_risk or child)
        }

    become(people)
    suggestions_of(meeting)
    kept = {
        ident for row in db.session.query(Suggestion).filter_by(meeting_id=meeting.id) for ident in (row.a_id, row.b_id)
    }
    assert kept <= allowed(people) and bool(kept) is (len(allowed(people)) > 1)
    later = people[::-1]
    become(later)
    _page, shown = queries_suggestions.list_all(meeting.id)
    assert {profile.id for found in shown for profile in (found.you, found.other)} <= allowed(later)
    for profile in profiles:
        seen = queries_suggestions.list_for(profile.registration)
        assert {found.other.id for found in seen} <= allowed(later)
        assert not seen or profile.id in allowed(later)
    assert db.session.query(Profile).count() >= len(people)
