"""Every layout and macro renders, escapes what people write, and stays light."""

import gzip
import re
from pathlib import Path

import pytest
from flask import flash, render_template

from eventhub.states import STATES
from eventhub.ui_samples import HOSTILE, samples

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
BOOTSTRAP_ON_THE_WIRE = 31_000
NAV = {
    "rail": [{"label": HOSTILE, "links": [{"label": HOSTILE, "url": "/x", "active": True, "count": 3}]}],
    "meetings": [{"label": HOSTILE, "url": "/m", "active": True}],
    "account": {"label": HOSTILE, "links": [{"label": "Account", "url": "/a"}], "sign_out_url": "/out"},
}


@pytest.fixture
def looks(make_app):
    def looks(lang: str = "en") -> str:
        with make_app(lang).test_request_context("/staff/looks"):
            return render_template("staff/looks.html", staff_nav=NAV, **samples())

    return looks


@pytest.mark.parametrize("lang", ["en", "ur", "km"])
def test_every_macro_renders_and_escapes(looks, lang):
    page = looks(lang)
    assert "<script>" not in page  # our own scripts have an address
    assert page.count("&lt;script&gt;") > 12
    assert f'<html lang="{lang}" dir="{"rtl" if lang == "ur" else "ltr"}"' in page
    assert ("bootstrap.rtl.min.css" in page) == (lang == "ur")


def test_the_page_of_all_looks_uses_every_macro(app):
    used = (ROOT / "templates/staff/looks.html").read_text()
    inside = {
        "refresh",
        "csrf",
        "cancel",
        "submit",
        "error_summary",
        "flashes",
        "name",
        "button",
        "scripts",
        "draft_text",
    }
    for path in (ROOT / "templates/macros").glob("*.html"):
        for macro in re.findall(r"{% macro ([a-z]\w*)\(", path.read_text()):
            assert macro in inside or re.search(rf"\b{macro}\b", used), f"{path.name}: {macro} is not shown"


def test_a_failing_form_says_where_and_keeps_what_was_typed(looks):
    page = looks()
    targets = re.findall(r'<li><span class="note">[^<]*</span><a href="#([^"]+)">', page)
    assert targets == ["full_name", "email", "born", "seats", "role-0", "note", "conduct", "emergency-name"]
    for target in targets:
        assert f'id="{target}"' in page
    assert 'aria-describedby="full_name-help full_name-error"' in page
    assert 'id="full_name-error"' in page
    assert 'value="&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;"' in page
    assert re.search(r'<input [^>]*checked[^>]*value="halal"', page)
    assert 'enctype="multipart/form-data"' in page


def test_posts_carry_their_token(render):
    page = render(
        '{% from "macros/forms.html" import post_button %}'
        '{{ post_button("/go", "Go", confirm="Sure", values={"n": "<"}) }}'
    )
    assert page.count("<form") == page.count('name="csrf_token"') == 1
    assert 'value="&lt;"' in page


def test_a_figure_never_stands_without_of_how_many(render):
    page = render('{% from "macros/figure.html" import figure %}{{ figure(3, "came", none) }}')
    assert re.search(r'of <span class="unknown">unknown</span>', page)


def test_each_state_has_an_icon_and_a_word(render):
    source = '{% from "macros/states.html" import state %}{{ state(s) }}'
    for name in [*STATES, "no_such_state"]:
        page = render(source, s=name)
        assert "<svg" in page
        assert re.search(r"<span>\w[^<]+</span></span>", page), name


def test_work_that_runs_looks_again_and_finished_work_does_not(render):
    source = '{% from "macros/progress.html" import refresh %}{{ refresh({"state": s}) }}'
    assert "http-equiv" in render(source, s="working")
    assert render(source, s="done").strip() == ""


def test_an_error_page_says_what_to_do(app):
    with app.test_request_context("/nowhere"):
        page = render_template("errors/error.html", title=HOSTILE, sentence="It moved.", what_to_do="Open your letter.")
    assert "Open your letter." in page
    assert "<script>" not in page  # our own scripts have an address


def test_a_letter_has_a_band_and_one_button(render):
    page = render(
        '{% extends "mail/layout.html" %}{% from "macros/mail.html" import button %}'
        '{% block content %}{{ button("https://example.org/x", w) }}{% endblock %}',
        w=HOSTILE,
        lang="ur",
        meeting={"slug": "appm", "accent": "#7a2e5c", "title": HOSTILE},
    )
    assert page.count('class="button-link"') == 1
    assert "<script>" not in page  # our own scripts have an address and "<svg" not in page
    assert 'dir="rtl"' in page


def test_flashes_are_escaped_and_toned(render):
    page = render(
        '{% from "macros/flashes.html" import flashes %}{% set _ = flash(w, "error") %}{{ flashes() }}',
        w=HOSTILE,
        flash=flash,
    )
    assert 'notice-stop" role="alert"' in page
    assert "<script>" not in page  # our own scripts have an address


def test_a_first_visit_is_light(looks):
    """Bootstrap, the theme and a public page with the longest form together: below 100 KB on the wire."""
    own = sum(len(gzip.compress(path.read_bytes())) for path in (ROOT / "eventhub/static").glob("*/eventhub.css"))
    assert own < 12_000
    vendored = ROOT / "eventhub/static/vendor/bootstrap/bootstrap.min.css"
    bootstrap = len(gzip.compress(vendored.read_bytes())) if vendored.exists() else BOOTSTRAP_ON_THE_WIRE
    assert bootstrap + own + len(gzip.compress(looks().encode())) < 100_000


def test_a_choice_that_holds_nobody_is_offered_only_while_it_is_chosen(app):
    """An empty list does not begin with a row of zeros."""

    def offered(current, *counts):
        source = (
            '{% from "macros/forms.html" import chips %}'
            '{{ chips([("All", none, counts[0]), ("Sent", "sent", counts[1]), ("Ended", "ended", counts[2])], "s", current) }}'
        )
        with app.test_request_context("/"):
            page = app.jinja_env.from_string(source).render(current=current, counts=counts)
        return [word for word in ("All", "Sent", "Ended") if f">{word}" in page]

    assert offered(None, 3, 3, 0) == ["All", "Sent"]
    assert offered("ended", 3, 3, 0) == ["All", "Sent", "Ended"]  # the one that was chosen
    assert offered(None, None, None, None) == ["All", "Sent", "Ended"]  # nobody counted
    assert offered(None, 0, 0, 0) == []
