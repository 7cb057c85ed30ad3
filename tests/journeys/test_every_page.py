"""No page missing, no 500: every link of the demo is followed, every form is filled with whatever hypothesis thinks of."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import demo_data
from tests.journeys import crawl

SIGN_OUT = {"security.logout", "accounts.deactivate"}  # after these nothing else could be tried
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


def test_every_page_and_every_form_of_the_demo(app, sign_in, client, run_folder):
    """First every link, a few of each kind; then every form that stood on those pages."""
    demo_data.fill(app, run_folder)
    administrator = sign_in()
    bad, forms = [], {}
    for browser, starts in ((client, ["/"]), (administrator, ["/staff/"])):
        for address, status, page in crawl.walk(app, browser, starts, per_endpoint=3):
            if status not in (200, 302):
                bad.append((address, status))
            for form in page.forms:
                endpoint = crawl.endpoint_of(app, crawl.urlsplit(form.action).path, form.method)
                # one of each kind: thirty rows of a list have thirty buttons that do the same
                controls = (*sorted(form.fields), *sorted(form.choices))
                forms.setdefault((endpoint, form.method, controls), (browser, form))
    assert bad == []
    assert len(forms) > 50
    for (endpoint, *_), (browser, form) in forms.items():
        if endpoint not in SIGN_OUT:
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
