"""Seating everybody: never twice at once, as fairly as can be, the same every time, and never worse than simple rounds."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventhub.networking.seating import Problem, Sitter, worth
from eventhub.networking.seating_model import solve, solve_apart

pytestmark = pytest.mark.once


def sitter(ident, *free, most=9):
    return Sitter(ident, frozenset(free), most)


def couples(seating):
    return [(seat.a, seat.b) for seat in seating.seats]


def test_who_can_have_one_has_one_before_anybody_has_two():
    """1 has time for two: the last wish of 4, who has no other, goes before the first wish of 1 for a second."""
    everybody = (sitter(1, 0, 1, most=2), *(sitter(n, 0, 1) for n in range(2, 5)))
    found = solve(Problem(((7,), (7,)), everybody, {(1, 2): 0, (2, 1): 0, (1, 3): 0, (4, 1): 9}))
    assert sorted(couples(found)) == [(1, 2), (1, 4)]
    assert {(seat.slot, seat.table) for seat in found.seats} == {(0, 7), (1, 7)}


def test_with_one_table_a_wish_of_both_goes_before_a_wish_of_one():
    everybody = tuple(sitter(n, 0) for n in range(1, 5))
    assert couples(solve(Problem(((7,),), everybody, {(1, 2): 0, (3, 4): 3, (4, 3): 3}))) == [(3, 4)]


def test_suggestions_fill_what_wishes_leave_and_people_stay_at_their_table():
    everybody = tuple(sitter(n, 0, 1) for n in range(1, 5))
    found = solve(Problem(((5, 6), (6, 5)), everybody, {(1, 2): 0, (1, 3): 1}, frozenset({(2, 4), (3, 4)})))
    assert {(1, 2), (1, 3)} <= set(couples(found)) and len(found.seats) == 4
    assert len({seat.table for seat in found.seats if 1 in (seat.a, seat.b)}) == 1


def test_nothing_to_seat_is_an_empty_seating():
    assert solve(Problem((), ())).seats == ()
    assert solve(Problem(((1,),), (sitter(1, 0), sitter(2)), {(1, 2): 0})).seats == ()


def test_the_solvers_own_process_finds_the_same_and_stops_when_told():
    people = tuple(sitter(n, *(slot for slot in range(6) if (n * slot) % 4)) for n in range(1, 13))
    wishes = {(n, 1 + (n * k) % 12): k for n in range(1, 13) for k in (2, 5, 7) if 1 + (n * k) % 12 != n}
    problem = Problem(((1, 2),) * 6, people, wishes)
    assert solve_apart(problem, lambda: None) == solve(problem) == solve(problem)

    class StoppedError(Exception):
        pass

    def stop():
        raise StoppedError

    with pytest.raises(StoppedError):
        solve_apart(problem, stop)


_slots = st.integers(2, 5)
_ids = st.integers(1, 6)


@st.composite
def problems(draw):
    slots = draw(_slots)
    tables = tuple(tuple(range(10, 10 + draw(st.sampled_from([1, 1, 2, 0])))) for _ in range(slots))
    free = st.frozensets(st.integers(0, slots - 1), min_size=slots - 2)
    people = tuple(Sitter(ident, draw(free), draw(st.sampled_from([3, 4, 1, 0]))) for ident in range(1, 7))
    wishes = draw(st.dictionaries(st.tuples(_ids, _ids), st.integers(0, 12), min_size=4, max_size=14))
    suggested = draw(st.frozensets(st.tuples(_ids, _ids).filter(lambda pair: pair[0] < pair[1]), max_size=3))
    return Problem(tables, people, wishes, suggested)


@given(problems())
@settings(max_examples=60, deadline=None)
def test_whatever_is_wished_nobody_is_twice_anywhere_and_no_swap_is_fairer(problem):
    found = solve(problem)
    by_ident = problem.by_ident()
    assert len(set(couples(found))) == len(found.seats)
    at = Counter((seat.slot, who) for seat in found.seats for who in (seat.a, seat.b))
    tables = Counter((seat.slot, seat.table) for seat in found.seats)
    assert set(at.values()) <= {1} and set(tables.values()) <= {1}
    for seat in found.seats:
        pair = (seat.a, seat.b)
        assert seat.a < seat.b and {pair, pair[::-1]} & {*problem.wishes, *problem.suggested}
        assert seat.table in problem.tables[seat.slot]
        assert seat.slot in by_ident[seat.a].free & by_ident[seat.b].free
    count = Counter(who for pair in couples(found) for who in pair)
    assert all(count[ident] <= person.most for ident, person in by_ident.items())
    assert found.worth == worth(problem, couples(found)) == found.bound >= found.simple
    _no_swap_is_fairer(problem, found, count)


def _no_swap_is_fairer(problem, found, count):
    """Who has no wish met could not have one in place of a single pair of people who would keep one each."""
    met = Counter(who for pair in couples(found) for who in problem.wishers(pair))
    for pair, slots in problem.couples().items():
        if not any(met[who] == 0 for who in problem.wishers(pair)) or pair in couples(found):
            continue
        for slot in slots:
            in_the_way = [s for s in found.seats if s.slot == slot and {s.a, s.b} & set(pair)]
            full = sum(s.slot == slot for s in found.seats) - len(in_the_way) >= len(problem.tables[slot])
            above = any(count[who] >= problem.by_ident()[who].most for who in pair)
            if above or full or len(in_the_way) > 1:
                continue
            gone = [(s.a, s.b) for s in in_the_way]
            assert any(met[who] < 2 for other in gone for who in problem.wishers(other))
