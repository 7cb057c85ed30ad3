"""Every list page asks the database as often with 3 rows as with 30.

A feature's list pages stand in its ``tests/<feature>/lists.py``: ``PAGES = {endpoint: fill}``, where ``fill(meeting, n)``
makes n more rows of the page.
"""

import importlib
from pathlib import Path

import pytest
from flask import url_for

from tests.factories.basics import a_meeting

ROOT = Path(__file__).resolve().parents[1]
PAGES = {
    endpoint: fill
    for path in sorted(ROOT.glob("*/lists.py"))
    for endpoint, fill in importlib.import_module(f"tests.{path.parent.name}.lists").PAGES.items()
}

USUAL = 8
# what reads whole records of a kind with many parts, or every kind of record, asks once a part
MOST = {
    "checkin.children": 9,
    "checkin.to_settle": 12,
    "partnerships.ask_past": 10,
    "partnerships.follow_ups": 9,
    "partnerships.index": 10,
    "reports.figures": 26,
    "reports.meeting": 14,
    "reports.network_map": 23,
    "reports.years": 15,
    "seating.index": 15,
}


@pytest.mark.once  # the number of questions is the same on both; the walk through the demo opens these pages on each
@pytest.mark.parametrize("endpoint", sorted(PAGES))
def test_a_list_page_asks_as_often_with_three_rows_as_with_thirty(app, sign_in, queries, endpoint):
    meeting = a_meeting(admits_children=True)
    browser = sign_in()
    with app.test_request_context():
        rule = next(r for r in app.url_map.iter_rules(endpoint))
        address = url_for(endpoint, **({"slug": meeting.slug} if "slug" in rule.arguments else {}))
    counts = []
    for n in (3, 27):
        PAGES[endpoint](meeting, n)
        browser.get(address)  # warms what is kept per process
        with queries() as seen:
            assert browser.get(address).status_code == 200
        counts.append(seen.count)
    assert counts[0] == counts[1], seen.statements
    assert counts[1] <= MOST.get(endpoint, USUAL)
