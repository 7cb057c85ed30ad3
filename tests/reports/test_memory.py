"""What is kept between two looks, and that a page leaves the process as it found it."""

import gc

import pytest

from eventhub.reports.memory import KEPT, Memory, unhindered

pytestmark = pytest.mark.once


def test_cycles_are_looked_for_again_once_a_page_is_made():
    assert gc.isenabled()
    with unhindered():
        assert not gc.isenabled()
        with unhindered():
            pass
        assert not gc.isenabled(), "the page is not made yet"
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError), unhindered():
        assert 1 / 0
    assert gc.isenabled()


def test_the_last_results_are_kept_and_the_oldest_forgotten():
    memory, made = Memory(), []
    for name in (*range(KEPT), 0, KEPT, 0, 1):
        memory.remember(name, lambda name=name: made.append(name))
    assert made == [*range(KEPT), KEPT, 1]
