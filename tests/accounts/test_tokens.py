"""Tokens for programs: shown once, stored as a fingerprint, with the rights of who made them, at /api/ only."""

import re
from datetime import timedelta

import pytest

from eventhub import clock, security
from eventhub.accounts import service, sign_ins, tokens
from eventhub.accounts.models import ApiToken
from eventhub.app import create_app
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.security import Role, permission
from tests.accounts.staff import a_colleague
from tests.factories.basics import a_meeting

ACCOUNT = "/api/v1/account"


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def colleague(app):
    return a_colleague(Role.ORGANISER, a_meeting())


@pytest.fixture
def secret(colleague):
    secret = tokens.make(colleague, name="wall screen", days=30, by=service.actor(colleague))[1]
    db.session.commit()
    return secret


def test_a_token_is_made_and_shown_once(client, sign_in):
    browser = sign_in(Role.READER)
    page = browser.post("/staff/account/tokens/new", data={"name": "wall screen", "days": 7}).text
    secret = re.search(r"eventhub_[\w-]{40,}", page)[0]
    row = db.session.query(ApiToken).one()
    assert secret not in row.token_hash and len(row.token_hash) == 43
    listed = browser.get("/staff/account").text
    assert "wall screen" in listed and secret not in listed
    assert client.get(ACCOUNT, headers=bearer(secret)).json["roles"] == [{"role": "reader", "meeting": None}]
    browser.post(f"/staff/account/tokens/{row.id}/revoke")
    assert client.get(ACCOUNT, headers=bearer(secret)).status_code == 401


def test_a_program_is_who_made_its_token(client, colleague, secret):
    answer = client.get(ACCOUNT, headers=bearer(secret))
    meeting_id = colleague.grants[0].meeting_id
    assert answer.json["email"] == colleague.email and answer.json["roles"][0]["role"] == "organiser"
    assert meeting_id is not None and answer.json["roles"][0]["meeting"].startswith("meeting-")
    db.session.expire_all()
    used = db.session.query(ApiToken).one().last_used_at
    assert clock.now() - used < timedelta(minutes=1)
    client.get(ACCOUNT, headers=bearer(secret))
    db.session.expire_all()
    assert db.session.query(ApiToken).one().last_used_at == used  # noted now and then, not each time


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer x", "Basic eDp4", "bearer \x80", "Bearer " + "x" * 9000]
)
def test_without_a_token_that_works_a_program_is_refused(client, secret, header):
    answer = client.get(ACCOUNT, headers={"Authorization": header})
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer") and "Bearer" in answer.json["detail"]


@pytest.mark.parametrize("ended", ["expired", "closed account"])
def test_a_token_ends(client, colleague, secret, ended):
    if ended == "closed account":
        service.deactivate(colleague, by=SYSTEM)
        service.activate(colleague, by=SYSTEM)  # the account comes back, its tokens do not
    with clock.frozen(clock.now() + timedelta(days=31 if ended == "expired" else 1)):
        assert client.get(ACCOUNT, headers=bearer(secret)).status_code == 401


def test_a_token_opens_no_page(client, secret):
    assert client.get("/staff/", headers=bearer(secret)).status_code == 302
    assert client.get("/staff/account", headers=bearer(secret)).status_code == 302


def test_a_session_alone_does_nothing_at_the_api_without_the_page_s_token(app, colleague, secret):
    """Another site can make a browser send its cookie; it cannot make it send our token, nor a bearer's."""
    other = create_app(app.config["EVENTHUB"])
    other.add_url_rule("/api/v1/try", "try", permission("staff")(lambda: "done"), methods=["POST"])
    security.csrf.exempt(other.view_functions["try"])  # as every API blueprint is
    key, ident = sign_ins.begin(colleague), colleague.fs_uniquifier
    db.session.commit()
    with other.app_context():
        browser = other.test_client()
        with browser.session_transaction() as session:
            session["_user_id"], session[sign_ins.KEY] = ident, key
        assert browser.get("/api/v1/account").status_code == 200
        answer = browser.post("/api/v1/try")
        assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
        assert other.test_client().post("/api/v1/try", headers=bearer(secret)).text == "done"


def test_nobody_revokes_another_s_token(sign_in, secret):
    token = db.session.query(ApiToken).one()
    assert sign_in().post(f"/staff/account/tokens/{token.id}/revoke").status_code == 404
    db.session.expire_all()
    assert db.session.query(ApiToken).one().revoked_at is None


@pytest.mark.parametrize("form", [{"name": "", "days": 5}, {"name": "a", "days": 0}, {"name": "a", "days": "ten"}, {}])
def test_a_token_without_name_or_end_is_not_made(sign_in, form):
    assert sign_in().post("/staff/account/tokens/new", data=form).status_code == 422
    assert db.session.query(ApiToken).count() == 0


def test_twenty_tokens_are_enough(sign_in):
    browser = sign_in()
    statuses = [
        browser.post("/staff/account/tokens/new", data={"name": f"n{n}", "days": 5}).status_code for n in range(21)
    ]
    assert statuses == [200] * 20 + [422]
