"""No page missing, no 500: every link of the demo is followed, every form is filled with whatever hypothesis thinks of."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventhub.db import db
from eventhub.demo import service as demo
from tests.journeys import crawl

HOSTILE = [
    "ស្ត្រី កញ្ញា",
    "اردو نام",
    "👩‍👩‍👧‍👦" * 20,
    "x" * 5000,
    "   ",
    "\x00\x1b[31m",
    "a\r\nBcc: everybody@example.org",
    '=HYPERLINK("http://x")',
    "<script>alert(1)</script>",
    "{{ 7*7 }} %s %(x)s",
    "-1",
    "99999999999999999999",
    "0000-00-00",
    "2018-02-30",
    "1e400",
    "ünïcode@exämple.ไทย",
    "'; DROP TABLE people; --",
    "\ud800",
]


@pytest.fixture
def filled(app, sign_in):
    """The demo in the database under test, and an administrator's browser."""
    demo.fill_once()
    db.session.commit()
    return sign_in()


def test_every_link_of_the_demo_leads_somewhere(app, filled, client):
    for browser, starts in ((client, ["/"]), (filled, ["/staff/"])):
        bad = [(a, s) for a, s, _ in crawl.walk(app, browser, starts, per_endpoint=4) if s not in (200, 302)]
        assert bad == []


def test_no_form_answers_with_500(app, filled, client):
    forms = {}
    for browser, starts in ((client, ["/"]), (filled, ["/staff/"])):
        for _, _, page in crawl.walk(app, browser, starts, per_endpoint=1):
            for form in page.forms:
                endpoint = crawl.endpoint_of(app, crawl.urlsplit(form.action).path)
                forms.setdefault((endpoint, form.method), (browser, form))
    assert len(forms) > 30
    for browser, form in forms.values():
        fuzz(browser, form)


def fuzz(browser, form: crawl.Form) -> None:
    """Send one form with many kinds of text; any answer but a 5xx is fine."""
    path = crawl.urlsplit(form.action).path
    text = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=400))
    filling = st.fixed_dictionaries({name: text for name in form.text_fields}) if form.text_fields else st.just({})
    choices = st.fixed_dictionaries(
        {name: st.one_of(st.sampled_from(values or [""]), text) for name, values in form.choices.items()}
    )

    @settings(max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(filling, choices)
    def send(typed, chosen):
        data = {**form.values, **chosen, **typed}
        data = {k: v.encode("utf-8", "surrogatepass") for k, v in data.items()}
        answer = browser.post(path, data=data) if form.method == "post" else browser.get(path, query_string=data)
        assert answer.status_code < 500, (path, data)

    send()
