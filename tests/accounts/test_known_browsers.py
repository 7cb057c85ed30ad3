"""A browser in which somebody signed in before has tries of its own: strangers who guess lock nobody out there."""

from datetime import UTC, datetime, timedelta

import pytest

from eventhub import clock, security
from eventhub.app import create_app
from eventhub.security import Role
from tests.accounts.staff import PASSWORD, SIGN_IN, a_colleague, link_in_letter, set_up, sign_in_as, signed_in

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


def use_up(app, user, address="10.0.0.1", tries=32):
    """A stranger guesses at an account until the address has no try left either."""
    stranger = app.test_client()
    for n in range(tries):
        email = user.email if n < 11 else f"guess{n}@staff.example"
        data = {"email": email, "password": "wrong password"}
        answer = stranger.post(SIGN_IN, data=data, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == 429
    return stranger


def test_a_stranger_does_not_lock_out_who_signed_in_here_before(app, client, reader):
    sign_in_as(client, reader)
    client.post("/staff/account/sign-out")
    stranger = use_up(app, reader)
    here = {"environ_base": {"REMOTE_ADDR": "10.0.0.1"}}  # the venue's network is one address for all
    assert sign_in_as(stranger, reader, **here).status_code == 429  # and whoever is not known waits
    assert sign_in_as(app.test_client(), reader).status_code == 429
    assert sign_in_as(client, reader, **here).status_code == 302 and signed_in(client)


def test_a_second_app_of_the_process_does_not_count_twice(app, client, reader):
    create_app(app.config["EVENTHUB"])
    statuses = [sign_in_as(client, reader, "wrong password").status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]


def test_a_known_browser_may_not_guess_for_ever_and_locks_nobody_else_out(app, client, reader):
    sign_in_as(client, reader)
    client.post("/staff/account/sign-out")
    statuses = [sign_in_as(client, reader, "wrong password").status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    assert sign_in_as(client, reader).status_code == 429
    assert sign_in_as(app.test_client(), reader).status_code == 302


@pytest.mark.parametrize("cookie", ["of another account", "spoilt", "made up", "too old"])
def test_a_cookie_that_does_not_name_the_account_makes_nobody_known(app, client, reader, cookie):
    path = {"path": "/staff/account"}
    other = a_colleague(password=PASSWORD)
    with clock.frozen(clock.now() - timedelta(days=401 if cookie == "too old" else 1)):
        sign_in_as(client, other if cookie == "of another account" else reader)
    kept = client.get_cookie("known_browser", **path).value
    if cookie == "spoilt":
        client.set_cookie("known_browser", kept[:-9] + ("a" if kept[-9] != "a" else "b") + kept[-8:], **path)
    elif cookie == "made up":
        client.set_cookie("known_browser", "WyJhIixbMV1d", **path)
    client.delete_cookie("session")
    use_up(app, reader)
    assert sign_in_as(client, reader).status_code == 429


def test_wrong_codes_of_a_stranger_who_knows_the_password_do_not_lock_out_either(app, client, organiser):
    sign_in_as(client, organiser)
    app_on_phone = set_up(client)[0]
    client.post(VALIDATE, data={"code": app_on_phone.now()})
    client.post("/staff/account/sign-out")
    stranger = app.test_client()
    sign_in_as(stranger, organiser)
    assert [stranger.post(VALIDATE, data={"code": f"{n:06}"}).status_code for n in range(11)][-1] == 429
    sign_in_as(client, organiser)
    client.post(VALIDATE, data={"code": app_on_phone.at(datetime.now(UTC) + timedelta(seconds=30))})
    assert signed_in(client)


def test_who_sets_the_password_by_a_letters_link_is_known_there(app, client, reader):
    use_up(app, reader)
    client.post("/staff/account/password/forgotten", data={"email": reader.email})
    form = client.get(link_in_letter(reader)).headers["Location"]
    client.post(form, data=dict.fromkeys(("password", "password_confirm"), "five other words for me"))
    assert sign_in_as(client, reader, "five other words for me").status_code == 302


def test_a_browser_is_known_for_several_accounts_and_its_cookie_is_for_us_only(client, reader):
    other = a_colleague(password=PASSWORD)
    for user in (reader, other):
        answer = sign_in_as(client, user)
        client.post("/staff/account/sign-out")
    sent = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("known_browser="))
    assert "HttpOnly" in sent and "SameSite=Lax" in sent and "Path=/staff/account" in sent and "34560000" in sent
    for user in (reader, other):
        assert [sign_in_as(client, user, "wrong password").status_code for _ in range(11)] == [200] * 10 + [429]
