"""Remembered dates and the time between them: never more exact than what was said."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventhub.directory import imprecise
from eventhub.directory.imprecise import Bounds, Span
from eventhub.directory.models import Precision
from eventhub.partnerships.timing import contact

pytestmark = pytest.mark.once

P = Precision


@pytest.mark.parametrize(
    ("text", "first", "last", "precision"),
    [
        ("2020-02-18", date(2020, 2, 18), date(2020, 2, 18), P.DAY),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29), P.MONTH),
        ("2019-Q3", date(2019, 7, 1), date(2019, 9, 30), P.QUARTER),
        ("2019 q4", date(2019, 10, 1), date(2019, 12, 31), P.QUARTER),
        (" 2018 ", date(2018, 1, 1), date(2018, 12, 31), P.YEAR),
    ],
)
def test_what_people_type(text, first, last, precision):
    value, known = imprecise.parse(text)
    assert (value, known) == (first, precision)
    assert imprecise.bounds(value, known) == Bounds(first, last)
    assert imprecise.parse(imprecise.written(value, known)) == (value, known)


@pytest.mark.parametrize("text", ["", "  ", "?", "Unknown", "-"])
def test_unknown_stays_unknown(text):
    assert imprecise.parse(text) == (None, P.UNKNOWN)
    assert imprecise.bounds(None, P.UNKNOWN) is None


def test_from_a_year_to_a_day_is_a_range():
    start, end = imprecise.bounds(date(2018, 1, 1), P.YEAR), imprecise.bounds(date(2020, 2, 18), P.DAY)
    assert imprecise.span(start, end) == Span(414, 778)
    assert not Span(414, 778).exact


days = st.dates(date(2000, 1, 1), date(2040, 12, 31))
remembered = st.tuples(days, st.sampled_from([P.DAY, P.MONTH, P.QUARTER, P.YEAR]))


@given(remembered, remembered, st.integers(0, 366), st.integers(0, 366))
def test_the_true_time_lies_within_the_range(start, end, after_first, after_second):
    """Whatever days it really was: if the end came after the start, the range holds the true number of days."""
    a, b = imprecise.bounds(*start), imprecise.bounds(*end)
    true_a = min(a.first + timedelta(days=after_first), a.last)
    true_b = min(b.first + timedelta(days=after_second), b.last)
    found = imprecise.span(a, b)
    if true_b >= true_a:
        assert found.least <= (true_b - true_a).days <= found.most
    if a.first == a.last and b.first == b.last and b.first >= a.first:
        assert found.exact and found.least == (b.first - a.first).days


@given(remembered, remembered)
def test_nothing_is_later_than_the_end_it_is_measured_to(start, end):
    found = imprecise.span(imprecise.bounds(*start), imprecise.bounds(*end))
    assert found is None or 0 <= found.least <= found.most


def test_the_first_contact_is_the_tightest_that_the_records_allow():
    meeting = Bounds(date(2018, 7, 4), date(2018, 7, 6))
    year, day = Bounds(date(2018, 1, 1), date(2018, 12, 31)), Bounds(date(2018, 7, 5), date(2018, 7, 5))
    assert contact(None, None, None) is None
    assert contact(None, None, meeting) == meeting
    assert contact(year, None, meeting) == meeting
    assert contact(year, day, meeting) == day
    assert contact(year, None, None) == year
    earlier = Bounds(date(2015, 1, 1), date(2015, 12, 31))
    assert contact(earlier, None, meeting) == earlier  # a stated contact that contradicts the meeting wins


def test_months_later_keeps_the_day_where_it_can():
    assert imprecise.months_later(date(2018, 11, 30), 3) == date(2019, 2, 28)
    assert imprecise.months_later(date(2018, 7, 6), 24) == date(2020, 7, 6)
