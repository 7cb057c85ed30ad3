"""How often each staff page of the demo asks the database, at most: a page that is not in the table, eight times."""

from collections import Counter
from urllib.parse import urlsplit

import pytest

from tests import demo_data
from tests.journeys import crawl

USUAL = 8
MOST = {
    # one person's, organisation's, checkpoint's record with everything that belongs to it
    "checkin.checkpoint": 11,
    "checkin.child_here": 11,
    "directory.organisation": 12,
    "directory.person": 9,
    "documents.sheet": 9,
    "documents.sheet_paper": 11,
    "networking.show": 9,
    "programme.edit": 9,
    "safeguarding.child": 9,
    # lists of what was gathered from many tables
    "checkin.children": 10,
    "checkin.to_settle": 12,
    "partnerships.follow_ups": 9,
    "partnerships.index": 10,
    "seating.index": 15,
    # a partnership has fourteen kinds of parts, a table each; a follow-up asks about all that began at a meeting
    "partnerships.person_follow_up": 19,
    "partnerships.preview_story": 24,
    "partnerships.show": 26,
    "partnerships.story": 26,
    # figures, map and reports read every kind of record once
    "reports.figure_table": 22,
    "reports.figures": 28,
    "reports.issue": 16,
    "reports.issued_file": 43,
    "reports.issued_report": 43,
    "reports.meeting": 14,
    "reports.meeting_table": 9,
    "reports.network_map": 25,
    "reports.network_svg": 24,
    "reports.network_table": 24,
    "reports.records": 22,
    "reports.years": 15,
    "reports.years_table": 15,
}
NO_PAGES = ("security.", "unrouted")


@pytest.mark.once  # the number of questions is the same on both
def test_every_staff_page_keeps_to_its_budget(app, sign_in, queries, run_folder):
    demo_data.fill(app, run_folder)
    browser, spent = sign_in(), Counter()
    for address, status, _page in crawl.walk(app, browser, ["/staff/"], per_endpoint=2):
        path = urlsplit(address).path
        endpoint = crawl.endpoint_of(app, path)
        if status != 200 or not path.startswith("/staff") or endpoint.startswith(NO_PAGES):
            continue
        with queries() as seen:  # for the second time: what is kept per process is there
            browser.get(address)
        spent[endpoint] = max(spent[endpoint], seen.count)
    assert {endpoint: n for endpoint, n in spent.items() if n > MOST.get(endpoint, USUAL)} == {}
    assert MOST.keys() <= app.view_functions.keys() and len(spent) > 100
