"""A page of a list and how many rows there are in all come in one statement."""

import sqlalchemy as sa

from eventhub.db import db, page_of
from eventhub.meetings.models import Meeting, Series
from tests.factories.basics import a_meeting


def _page(queries, wanted, page):
    with queries() as seen:
        found = page_of(wanted, page, 2)
    return list(found), found.total, found.pages, seen.count


def test_rows_bring_their_number(app, queries):
    made = [a_meeting() for _ in range(3)]
    db.session.commit()
    wanted = sa.select(Meeting).order_by(Meeting.id)
    assert _page(queries, wanted, 1) == (made[:2], 3, 2, 1)
    assert _page(queries, wanted, 2) == (made[2:], 3, 2, 1)
    assert _page(queries, wanted, 5) == ([], 3, 2, 2)  # nothing to bring the number
    assert _page(queries, wanted.where(Meeting.id < 0), 1) == ([], 0, 0, 1)


def test_of_several_things_a_row_is_a_tuple(app, queries):
    meeting = a_meeting()
    db.session.commit()
    wanted = sa.select(Meeting, Series).join(Series, Series.id == Meeting.series_id)
    assert _page(queries, wanted, 1) == ([(meeting, meeting.series)], 1, 1, 1)
