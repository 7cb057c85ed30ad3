"""Where somebody is signed in: a copied cookie ends with its session, and other browsers are signed out from here."""

from datetime import timedelta

import pytest
from werkzeug.user_agent import UserAgent

from eventhub import clock
from eventhub.accounts import service, sign_ins
from eventhub.accounts.models import SignIn
from eventhub.audit import SYSTEM, history
from eventhub.db import db
from tests.accounts.staff import PASSWORD, a_colleague, fresh, sign_in_as, signed_in
from worker.purge import run as purge_at

PLACES = "/staff/account/signed-in"
PHONE = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36"
)


@pytest.fixture
def reader(app):
    return a_colleague(password=PASSWORD)


def a_browser(app, user, **more):
    """A new browser in which somebody signed in with the password."""
    browser = app.test_client()
    sign_in_as(browser, user, **more)
    return browser


def copy_of(app, browser):
    """Another browser with the same cookie, as a thief would have it."""
    thief = app.test_client()
    thief.set_cookie("session", browser.get_cookie("session").value)
    return thief


def test_a_copied_cookie_ends_with_signing_out_and_the_persons_other_browsers_stay(app, reader):
    here, phone = a_browser(app, reader), a_browser(app, reader)
    thief = copy_of(app, here)
    assert signed_in(thief)
    here.post("/staff/account/sign-out")
    assert not signed_in(here) and not signed_in(thief) and signed_in(phone)
    assert thief.get("/api/v1/account").status_code == 401
    assert thief.get("/staff/account/password").status_code == 302  # the library's own pages too


def test_signing_in_once_more_ends_the_session_before(app, reader):
    here = a_browser(app, reader)
    thief = copy_of(app, here)
    here.post("/staff/account/sign-out")
    sign_in_as(here, reader)
    assert signed_in(here) and not signed_in(thief)
    assert db.session.query(SignIn).count() == 1


def test_a_cookie_whose_sign_in_is_somebody_elses_opens_nothing(app, reader):
    other = a_colleague(password=PASSWORD)
    here, there = a_browser(app, reader), a_browser(app, other)
    with there.session_transaction() as session:
        key = session[sign_ins.KEY]
    with here.session_transaction() as session:
        session[sign_ins.KEY] = key
    assert not signed_in(here) and signed_in(there)


def test_who_signs_in_again_after_a_night_is_not_taken_for_idle(app, reader):
    here = a_browser(app, reader)
    signed_in(here)
    here.post("/staff/account/sign-out")
    with clock.frozen(clock.now() + timedelta(hours=14)):
        sign_in_as(here, reader)
        assert signed_in(here)


def test_the_page_lists_browsers_and_signs_one_out_or_all_others(app, reader):
    here = a_browser(app, reader)
    phone = a_browser(app, reader, headers={"User-Agent": PHONE}, environ_base={"REMOTE_ADDR": "10.0.0.7"})
    third = a_browser(app, reader)
    a_browser(app, a_colleague(password=PASSWORD), environ_base={"REMOTE_ADDR": "10.0.0.66"})  # not mine to see
    page = here.get(PLACES).text
    assert "Chrome, Android" in page and "10.0.0.7" in page and "10.0.0.66" not in page
    assert page.count("this browser") == 1 and page.count("Sign out there") == 2
    there = db.session.query(SignIn).filter_by(address="10.0.0.7").one().id
    assert here.post(f"{PLACES}/{there}/end").headers["Location"] == PLACES
    assert signed_in(here) and not signed_in(phone) and signed_in(third)
    assert here.post(f"{PLACES}/{there}/end").status_code == 404
    here.post(f"{PLACES}/end")
    assert signed_in(here) and not signed_in(third)
    page = here.get(PLACES).text
    assert "Sign out there" not in page and "Sign out everywhere else" not in page
    assert [e.action for e in history(fresh(reader))][:2] == ["signed_out_elsewhere"] * 2


def test_nobody_signs_out_another_person(app, reader):
    here, other = a_browser(app, reader), a_browser(app, a_colleague(password=PASSWORD))
    row = db.session.query(SignIn).filter_by(user_id=reader.id).one()
    assert other.post(f"{PLACES}/{row.id}/end").status_code == 404
    other.post(f"{PLACES}/end")
    assert signed_in(here)


def test_a_changed_password_leaves_this_browser_only(app, reader):
    here, other = a_browser(app, reader), a_browser(app, reader)
    old = copy_of(app, here)
    new = {"new_password": "five other words for me", "new_password_confirm": "five other words for me"}
    here.post("/staff/account/password", data={"password": PASSWORD, **new})
    assert signed_in(here) and not signed_in(other) and not signed_in(old)
    assert db.session.query(SignIn).count() == 1


def test_a_closed_account_has_no_browser_left(app, reader):
    a_browser(app, reader)
    service.deactivate(reader, by=SYSTEM)
    db.session.commit()
    assert db.session.query(SignIn).count() == 0


def test_when_a_browser_was_seen_is_kept_to_five_minutes_and_then_it_is_forgotten(app, reader):
    start = clock.now()
    with clock.frozen(start):
        here = a_browser(app, reader)
    for minutes, noted in ((4, 0), (6, 6), (9, 6), (12, 12)):
        with clock.frozen(start + timedelta(minutes=minutes)):
            assert signed_in(here)
        db.session.expire_all()
        assert db.session.query(SignIn).one().seen_at == start + timedelta(minutes=noted)
    purge_at(start + timedelta(hours=12))
    assert db.session.query(SignIn).count() == 1
    with clock.frozen(start + timedelta(hours=13)):
        assert sign_ins.list_of(reader) == []
    purge_at(start + timedelta(hours=13))
    assert db.session.query(SignIn).count() == 0


def test_the_look_up_costs_no_question_more(app, reader, queries):
    """One for who it is and whether the session goes on, one for the roles; a sign-in's table is asked in the first."""
    here = a_browser(app, reader)
    here.get("/staff/account/password")
    with queries() as seen:
        here.get("/staff/account/password")
    assert len([s for s in seen.statements if "sign_ins" in s]) == 1
    assert len([s for s in seen.statements if "users" in s]) == 1


@pytest.mark.once
@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (PHONE, "Chrome, Android"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126 Safari/537.36 Edg/126",
            "Edge, Windows",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox, Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605 Version/17.5 Safari/604",
            "Safari, iPhone",
        ),
        ("curl/8", ""),
        ("", ""),
        ("<b>" * 5000, ""),
    ],
)
def test_a_browser_is_called_as_its_owner_would(agent, name):
    assert sign_ins.name_of(UserAgent(agent)) == name
