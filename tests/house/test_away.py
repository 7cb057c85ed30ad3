"""The database is away, or two changes met: a sentence and what to do, never a 500."""

import pytest
import sqlalchemy as sa

from eventhub.app import create_app
from eventhub.db import db
from eventhub.programme.models import Session
from tests.conftest import settings_for

AWAY = ("sqlite:///{folder}/nowhere/hub.db", "postgresql+psycopg://nobody@127.0.0.1:1/hub")


@pytest.mark.once
@pytest.mark.parametrize("url", AWAY)
def test_while_the_database_is_away_nothing_is_a_fault_of_ours(tmp_path, url):
    app = create_app(settings_for(url.format(folder=tmp_path), tmp_path))
    app.config.update(WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    browser = app.test_client()
    for method, address in (
        ("GET", "/"),
        ("GET", "/m/forum/register"),
        ("POST", "/m/forum/register"),
        ("POST", "/staff/account/sign-in"),
        ("GET", "/api/v1/meetings"),
    ):
        answer = browser.open(address, method=method, data={"email": "a@b.example", "password": "four words or more"})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60"), address
        assert "Nothing of this was stored" in answer.text
    assert [browser.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 503]


@pytest.mark.once
def test_what_went_away_within_a_request_and_what_came_twice(session_app, app):
    """The last net, for what no service foresaw: it is told what happened, and nothing is stored."""
    handled = session_app.handle_user_exception
    with session_app.test_request_context("/staff/x", method="POST"):
        with pytest.raises(sa.exc.NoResultFound) as gone:
            db.session.get_one(Session, 999_999)
        assert handled(gone.value)[1] == 404
        twice = sa.exc.IntegrityError("INSERT …", {}, Exception("UNIQUE constraint failed"))
        assert handled(twice)[1] == 409
