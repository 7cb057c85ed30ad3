"""Signing in as a person does: password, authenticator app, recovery codes, letters, and whoever guesses."""

import re
import threading
from datetime import UTC, datetime, timedelta

import pytest

from eventhub import clock, security
from eventhub.accounts import service
from eventhub.audit import SYSTEM, history
from eventhub.db import db
from eventhub.mail.models import Message
from eventhub.security import Role
from tests.accounts.staff import PASSWORD, SIGN_IN, a_colleague, fresh, link_in_letter, set_up, sign_in_as, signed_in

VALIDATE = "/staff/account/code"


@pytest.fixture(autouse=True)
def no_guesses_yet(app):
    security.limiter.reset()


@pytest.fixture
def reader(app):
    return a_colleague(password=PASSWORD)


@pytest.fixture
def organiser(app):
    return a_colleague(Role.ORGANISER, password=PASSWORD)


def in_steps(n):
    """A clock ``n`` codes ahead: an app shows a new one every 30 seconds, and one works once."""
    return datetime.now(UTC) + timedelta(seconds=30 * n)


def test_a_reader_signs_in_with_a_password_and_out_again(client, reader):
    assert client.get("/staff/").headers["Location"] == f"{SIGN_IN}?next=/staff/"
    assert sign_in_as(client, reader).headers["Location"] == "/staff/"
    assert signed_in(client) and reader.name in client.get("/staff/").text
    assert fresh(reader).login_count == 1
    client.post("/staff/account/sign-out")
    assert not signed_in(client)


def test_the_address_is_read_whatever_its_capitals(client, app):
    user = a_colleague(password=PASSWORD, email="Ana.Reyes@Staff.Example")
    assert user.email == "ana.reyes@staff.example"
    client.post(SIGN_IN, data={"email": "ANA.REYES@staff.example", "password": PASSWORD})
    assert signed_in(client)


def test_nobody_learns_who_has_an_account(client, reader):
    closed = a_colleague(password=PASSWORD)
    service.deactivate(closed, by=SYSTEM)
    answers = [
        client.post(SIGN_IN, data={"email": email, "password": password})
        for email, password in [
            (reader.email, "not the password"),
            ("nobody@staff.example", PASSWORD),
            (closed.email, PASSWORD),
            (closed.email, "not the password"),
        ]
    ]
    sentences = {tuple(re.findall(r"<li>(.*?)</li>", a.text.split("error-summary")[1])) for a in answers}
    assert sentences == {("The e-mail address or the password is not right. Look at both.",)}
    forgotten = [
        client.post("/staff/account/password/forgotten", data={"email": email}).text.replace(email, "")
        for email in (reader.email, "nobody@staff.example", closed.email)
    ]
    assert len({re.sub(r"\s+", " ", page) for page in forgotten}) == 1
    assert db.session.query(Message).count() == 1  # to the one who may


def test_an_organiser_sets_up_a_second_factor_before_anything_else(client, organiser):
    assert sign_in_as(client, organiser).headers["Location"] == "/staff/account/second-factor"
    assert not signed_in(client)
    app_on_phone, page = set_up(client)
    assert 'src="data:image/svg+xml;base64,' in page
    assert client.post(VALIDATE, data={"code": "000000"}).status_code == 200 and not signed_in(client)
    done = client.post(VALIDATE, data={"code": app_on_phone.now()})
    assert done.headers["Location"] == "/staff/" and signed_in(client)
    assert "You have no recovery codes" in client.get("/staff/account").text
    assert [e.action for e in history(fresh(organiser))][:1] == ["set_second_factor"]


def test_each_code_works_once(app, client, organiser):
    sign_in_as(client, organiser)
    app_on_phone, _page = set_up(client)
    code = app_on_phone.now()
    client.post(VALIDATE, data={"code": code})
    thief = app.test_client()
    assert sign_in_as(thief, organiser).headers["Location"].startswith(VALIDATE)
    assert "This code is not right" in thief.post(VALIDATE, data={"code": code}).text and not signed_in(thief)
    assert "This code is not right" in thief.post(VALIDATE, data={"code": app_on_phone.at(in_steps(-1))}).text
    thief.post(VALIDATE, data={"code": app_on_phone.at(in_steps(1))})
    assert signed_in(thief)


def test_a_recovery_code_opens_the_door_once(app, client, organiser):
    sign_in_as(client, organiser)
    app_on_phone, _page = set_up(client)
    client.post(VALIDATE, data={"code": app_on_phone.now()})
    page = client.post("/staff/account/recovery-codes").text
    codes = re.findall(r"<bdi dir=\"ltr\">([0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4})</bdi>", page)
    assert len(codes) == 8 and codes[0] not in str(fresh(organiser).mf_recovery_codes)
    other = app.test_client()
    sign_in_as(other, organiser)
    assert "not right" in other.post("/staff/account/code/recovery", data={"code": "0000-0000-0000"}).text
    other.post("/staff/account/code/recovery", data={"code": f" {codes[0].upper()} "})
    assert signed_in(other) and len(fresh(organiser).mf_recovery_codes) == 7
    third = app.test_client()
    sign_in_as(third, organiser)
    third.post("/staff/account/code/recovery", data={"code": codes[0]})
    assert not signed_in(third)
    assert "used_recovery_code" in [e.action for e in history(fresh(organiser))]


@pytest.mark.parametrize("address", [VALIDATE, "/staff/account/code/recovery"])
def test_of_two_browsers_with_the_same_code_one_is_let_in(app, client, organiser, address):
    sign_in_as(client, organiser)
    app_on_phone, _page = set_up(client)
    client.post(VALIDATE, data={"code": app_on_phone.now()})
    codes = re.findall(r"[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}", client.post("/staff/account/recovery-codes").text)
    code = app_on_phone.at(in_steps(1)) if address == VALIDATE else codes[0]
    browsers, together = [app.test_client(), app.test_client()], threading.Barrier(2)
    for browser in browsers:
        sign_in_as(browser, organiser)
    db.session.rollback()

    def send(browser):
        together.wait(60)
        browser.post(address, data={"code": code})

    threads = [threading.Thread(target=send, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(signed_in(browser) for browser in browsers) == [False, True]


def test_a_required_second_factor_cannot_be_switched_off_and_a_free_one_can(app, client, organiser, reader):
    sign_in_as(client, organiser)
    client.post(VALIDATE, data={"code": set_up(client)[0].now()})
    assert "Switch it off" not in client.get("/staff/account/second-factor").text
    client.post("/staff/account/second-factor", data={"setup": "disable"})
    assert fresh(organiser).tf_primary_method == "authenticator"
    mine = app.test_client()
    sign_in_as(mine, reader)
    app_on_phone, page = set_up(mine)
    check = re.search(r'action="(/staff/account/second-factor/[^"]+)"', page)[1]
    assert mine.post(check, data={"code": app_on_phone.now()}).headers["Location"] == "/staff/account"
    assert fresh(reader).tf_primary_method == "authenticator"
    mine.post("/staff/account/second-factor", data={"setup": "disable"})
    assert fresh(reader).tf_primary_method is None


def test_the_house_may_waive_the_second_factor(app, client, organiser, monkeypatch):
    from dataclasses import replace

    monkeypatch.setitem(app.config, "EVENTHUB", replace(app.config["EVENTHUB"], require_second_factor=False))
    assert sign_in_as(client, organiser).headers["Location"] == "/staff/" and signed_in(client)


def test_who_gets_a_role_that_needs_it_is_signed_out_until_it_is_set_up(client, reader):
    sign_in_as(client, reader)
    service.grant(reader, Role.SAFEGUARDING, None, by=SYSTEM)
    assert not signed_in(client)
    assert sign_in_as(client, reader).headers["Location"] == "/staff/account/second-factor"


def test_a_forgotten_password_is_set_by_a_letter_once(app, client, reader):
    client.post("/staff/account/password/forgotten", data={"email": reader.email})
    link = link_in_letter(reader)
    form = client.get(link).headers["Location"]
    assert reader.email in client.get(form).text
    new = {"password": "five other words for me", "password_confirm": "five other words for me"}
    assert client.post(form, data={**new, "password_confirm": "different words here"}).status_code == 200
    assert "at least 12 characters" in client.post(form, data=dict.fromkeys(new, "short")).text
    assert client.post(form, data=new).headers["Location"] == SIGN_IN
    assert client.get(link).status_code == 410  # used
    assert client.post(form, data=new).headers["Location"] == "/staff/account/password/forgotten"
    sign_in_as(client, reader, "five other words for me")
    assert signed_in(client)
    assert {e.action for e in history(fresh(reader))} >= {"set_password"}
    assert [m.letter for m in db.session.query(Message).order_by(Message.id)] == ["staff_reset", "staff_notice"]


def test_a_stored_letter_holds_no_link_that_works(client, reader):
    client.post("/staff/account/password/forgotten", data={"email": reader.email})
    message = db.session.query(Message).one()
    assert "eventhub-link:staff_password" in message.text and "/staff/password/" not in message.text + message.html


@pytest.mark.parametrize("spoilt", ["expired", "replaced", "closed", "guessed", "of another kind"])
def test_a_link_that_must_not_work(client, reader, spoilt):
    version = service.open_link(reader, service.RESET_LASTS)
    link = f"/staff/password/{security.token('staff_password', reader.id, version)}"
    if spoilt == "replaced":
        service.open_link(reader, service.RESET_LASTS)
    elif spoilt == "closed":
        service.deactivate(reader, by=SYSTEM)
    elif spoilt == "guessed":
        link = link[:-1] + ("a" if link[-1] != "a" else "b")
    elif spoilt == "of another kind":
        link = f"/staff/password/{security.token('me', reader.id, version)}"
    with clock.frozen(clock.now() + timedelta(hours=25 if spoilt == "expired" else 23)):
        answer = client.get(link)
    assert answer.status_code == {"expired": 410, "replaced": 410}.get(spoilt, 404)
    assert "link" in answer.text


def test_a_changed_password_ends_other_browsers(app, client, reader):
    sign_in_as(client, reader)
    other = app.test_client()
    sign_in_as(other, reader)
    new = {"new_password": "five other words for me", "new_password_confirm": "five other words for me"}
    wrong = client.post("/staff/account/password", data={"password": "not the password", **new})
    assert "This is not your password." in wrong.text
    done = client.post("/staff/account/password", data={"password": PASSWORD, **new})
    assert done.headers["Location"] == "/staff/account"
    assert signed_in(client) and not signed_in(other)
    assert db.session.query(Message).one().letter == "staff_notice"


def test_a_session_ends_after_twelve_idle_hours(client, reader):
    sign_in_as(client, reader)
    now = clock.now()
    with clock.frozen(now):
        assert signed_in(client)
    for hours in (11, 22):  # each page begins the count again
        with clock.frozen(now + timedelta(hours=hours)):
            assert signed_in(client)
    with clock.frozen(now + timedelta(hours=35)):
        answer = client.get("/staff/?page=2")
        assert answer.headers["Location"] == f"{SIGN_IN}?next=/staff/?page%3D2"
        assert "twelve hours" in client.get(answer.headers["Location"]).text
        assert not signed_in(client)


def test_well_guarded_pages_ask_for_the_password_again(client, reader):
    sign_in_as(client, reader)
    with client.session_transaction() as session:
        session["fs_paa"] -= 3600
        session.pop("fs_gexp", None)
    for page in ("/staff/account/second-factor", "/staff/account/recovery-codes", "/staff/account/tokens/new"):
        asked = client.get(page)
        assert asked.status_code == 302 and "/staff/account/confirm?next=" in asked.headers["Location"]
    assert client.get("/staff/account").status_code == 200
    again = client.post(asked.headers["Location"], data={"password": PASSWORD})
    assert again.headers["Location"].endswith("/staff/account/tokens/new")
    assert client.get("/staff/account/tokens/new").status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\/evil.example",
        "http://[",
        "javascript:alert(1)",
    ],
)
def test_after_signing_in_nobody_is_led_elsewhere(client, reader, address):
    assert client.get(SIGN_IN, query_string={"next": address}).status_code == 400
    for place in ({"query_string": {"next": address}}, {}):
        form = {"email": reader.email, "password": PASSWORD, **({} if place else {"next": address})}
        assert client.post(SIGN_IN, data=form, **place).status_code == 400
    assert not signed_in(client)
    client.post(SIGN_IN, data={"email": reader.email, "password": PASSWORD, "next": "/staff/account?a=1"})
    assert signed_in(client)


def test_wrong_passwords_are_limited_per_account_and_right_ones_do_not_count(app, client, reader):
    for n in range(12):
        browser = app.test_client()
        assert sign_in_as(browser, reader, environ_base={"REMOTE_ADDR": f"10.0.1.{n}"}).status_code == 302
    answers = [
        sign_in_as(client, reader, "wrong password", environ_base={"REMOTE_ADDR": f"10.0.0.{n}"}) for n in range(11)
    ]
    assert [a.status_code for a in answers] == [200] * 10 + [429]
    assert "too many tries" in answers[-1].text and int(answers[-1].headers["Retry-After"]) > 0
    assert sign_in_as(client, reader, environ_base={"REMOTE_ADDR": "10.0.0.99"}).status_code == 429
    other = a_colleague(password=PASSWORD)
    assert sign_in_as(client, other).status_code == 302


def test_wrong_passwords_are_limited_per_address(client, app):
    def guess(n):
        return client.post(SIGN_IN, data={"email": f"guess{n}@staff.example", "password": "wrong password"}).status_code

    assert [guess(n) for n in range(31)] == [200] * 30 + [429]


def test_wrong_codes_are_limited(client, organiser):
    sign_in_as(client, organiser)
    client.post(VALIDATE, data={"code": set_up(client)[0].now()})
    client.post("/staff/account/sign-out")
    sign_in_as(client, organiser)
    statuses = [client.post(VALIDATE, data={"code": f"{n:06}"}).status_code for n in range(11)]
    assert statuses == [200] * 10 + [429]


def test_letters_for_forgotten_passwords_are_limited(client, reader):
    ask = [client.post("/staff/account/password/forgotten", data={"email": reader.email}).status_code for _ in range(4)]
    assert ask == [200, 200, 200, 429]


@pytest.mark.parametrize(
    "text", ["", " ", "\0", "x" * 100_000, "ဗမာ", "\U0001f600" * 50, "a@b", "%s%n", "<b>", "1" * 300, "１２３４５６"]
)
def test_no_form_of_signing_in_breaks(client, organiser, text):
    for address, names in {
        SIGN_IN: ("email", "password"),
        "/staff/account/password/forgotten": ("email",),
    }.items():
        assert client.post(address, data=dict.fromkeys(names, text)).status_code < 500
    assert client.post(SIGN_IN, data={"email": organiser.email, "password": text}).status_code == 200
    sign_in_as(client, organiser)
    assert client.post("/staff/account/second-factor", data={"setup": text}).status_code == 200
    app_on_phone, _page = set_up(client)
    assert client.post(VALIDATE, data={"code": text}).status_code == 200
    client.post(VALIDATE, data={"code": app_on_phone.now()})
    names = ("password", "new_password", "new_password_confirm")
    assert client.post("/staff/account/password", data=dict.fromkeys(names, text)).status_code == 200
    assert client.post("/staff/account/confirm", data={"password": text}).status_code == 200


@pytest.mark.parametrize("body", ["[]", "5", '{"email": {"a": 1}}', "{"])
def test_sign_in_takes_forms_only(client, body):
    answer = client.post(SIGN_IN, data=body, content_type="application/json")
    assert answer.status_code == 415


def test_pages_of_the_library_that_we_do_not_offer_are_shut(client):
    for address in ("code/help", "tf-select", "register", "us-signin"):
        assert client.get(f"/staff/account/{address}").status_code in (404, 405)
        assert client.post(f"/staff/account/{address}").status_code in (404, 405)


def test_the_session_s_cookie_is_kept_from_scripts_and_other_sites(client, reader):
    cookie = sign_in_as(client, reader).headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "remember_token" not in cookie
    client.post(SIGN_IN, data={"email": reader.email, "password": PASSWORD, "remember": "y"})
    assert client.get_cookie("remember_token") is None
