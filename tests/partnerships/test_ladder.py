"""The evidence ladder and the stage, as laws: every combination of answers that people may give."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventhub.partnerships.facts import LADDER_ITEMS
from eventhub.partnerships.ladder import Answer, Stage, Word, stage, stand
from eventhub.partnerships.states import Rung, VerificationState

pytestmark = pytest.mark.once

V = VerificationState
FACTS = {"core": {"title": "A"}, "origin": {"meeting": 1}, "activity:1": {"title": "Visit"}}
CHANGED = {**FACTS, "activity:1": {"title": "Visit of two days"}}


def yes(party, shown=FACTS):
    return Answer(party, V.CONFIRMED, shown)


def reached(*answers, facts=FACTS, parties=(1, 2), independent=()):
    return stand(parties, answers, facts, LADDER_ITEMS, independent)


def test_one_side_is_not_both():
    assert reached().rung is Rung.REPORTED
    assert reached(yes(1)).rung is Rung.REPORTED
    assert reached(yes(1), yes(2)).rung is Rung.CONFIRMED
    assert reached(yes(1), yes(2), parties=(1, 2, 3)).rung is Rung.REPORTED
    assert reached(yes(1), parties=(1,)).rung is Rung.REPORTED


def test_independent_evidence_lifts_only_what_is_confirmed():
    assert reached(yes(1), independent=["core"]).rung is Rung.REPORTED
    assert reached(yes(1), yes(2), independent=["core"]).rung is Rung.SUBSTANTIATED
    standing = reached(yes(1), yes(2), independent=["activity:1"])
    assert (standing.rung, standing.items["core"]) == (Rung.SUBSTANTIATED, Rung.CONFIRMED)
    assert standing.items["activity:1"] is Rung.SUBSTANTIATED


def test_a_dispute_holds_back_until_the_same_party_confirms():
    disputed = reached(yes(1), yes(2), Answer(2, V.DISPUTED, FACTS), independent=["core"])
    assert (disputed.rung, disputed.disputed, disputed.words[2]) == (Rung.REPORTED, True, Word.DISPUTED)
    assert set(disputed.items.values()) == {Rung.REPORTED}
    assert reached(yes(1), Answer(2, V.DISPUTED, FACTS), yes(2)).rung is Rung.CONFIRMED


def test_a_later_correction_reopens():
    reopened = reached(yes(1), yes(2), Answer(1, V.CORRECTED, FACTS))
    assert (reopened.rung, reopened.disputed, reopened.counted) == (Rung.REPORTED, False, False)


def test_what_changed_since_is_confirmed_no_longer_and_the_rest_stays():
    standing = reached(yes(1), yes(2), facts=CHANGED)
    assert standing.rung is Rung.CONFIRMED
    assert (standing.items["origin"], standing.items["activity:1"]) == (Rung.CONFIRMED, Rung.REPORTED)
    moved = reached(yes(1), yes(2), facts={**FACTS, "origin": {"meeting": 2}})
    assert (moved.rung, moved.words) == (Rung.REPORTED, {1: Word.CHANGED, 2: Word.CHANGED})


def test_being_asked_again_takes_nothing_away():
    standing = reached(yes(1), yes(2), Answer(1, V.ASKED), Answer(2, V.NO_REPLY))
    assert standing.rung is Rung.CONFIRMED
    assert reached(Answer(1, V.ASKED), Answer(2, V.NO_REPLY)).words == {1: Word.ASKED, 2: Word.NO_REPLY}


answers = st.lists(
    st.builds(Answer, st.integers(1, 3), st.sampled_from(list(V)), st.sampled_from([FACTS, CHANGED, {}])), max_size=12
)
parties = st.sampled_from([(1, 2), (1, 2, 3), (1,), ()])
sources = st.lists(st.sampled_from(["core", "origin", "activity:1", "activity:9"]), max_size=3)


@given(parties, answers, sources)
def test_confirmed_means_that_every_partys_last_word_is_yes_to_what_stands(group, given_answers, independent):
    standing = stand(group, given_answers, FACTS, LADDER_ITEMS, independent)
    last = {a.party: a for a in given_answers if a.state in (V.CONFIRMED, V.CORRECTED, V.DISPUTED)}
    says_yes = len(group) >= 2 and all(
        p in last and last[p].state is V.CONFIRMED and all(last[p].shown.get(k) == FACTS[k] for k in LADDER_ITEMS)
        for p in group
    )
    assert standing.counted == says_yes
    assert not (standing.disputed and standing.counted)
    assert standing.rung is not Rung.SUBSTANTIATED or independent


@given(parties, answers, sources)
def test_an_independent_source_never_lowers_and_a_dispute_never_raises(group, given_answers, independent):
    order = list(Rung).index
    plain = order(stand(group, given_answers, FACTS, LADDER_ITEMS).rung)
    assert order(stand(group, given_answers, FACTS, LADDER_ITEMS, independent).rung) >= plain
    disputed = [*given_answers, Answer(1, V.DISPUTED, FACTS)]
    assert order(stand(group, disputed, FACTS, LADDER_ITEMS, independent).rung) <= order(
        stand(group, given_answers, FACTS, LADDER_ITEMS, independent).rung
    )


def test_the_stage_rests_on_each_step_before():
    assert stage([None] * 4) is None
    assert stage([False, True, True, True]) == Stage(0, 0)
    assert stage([True, True, True, True]) == Stage(4, 4)
    assert stage([True, False, True, None]) == Stage(1, 1)
    assert stage([True, None, False, None]) == Stage(1, 2)  # networking, or coordinating at most


@given(st.lists(st.sampled_from([True, False, None]), min_size=4, max_size=4))
def test_an_unknown_answer_leaves_a_range_that_holds_whatever_it_will_be(given_answers):
    found = stage(given_answers)
    if found is None:
        return
    assert 0 <= found.least <= found.most <= 4
    for answer in (True, False):
        settled = stage([answer if a is None else a for a in given_answers])
        assert found.least <= settled.least == settled.most <= found.most
