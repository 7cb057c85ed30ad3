"""Every route against every role: the table in permissions.txt is what the app does, and a test of the door itself."""

import pytest
from flask import url_for
from werkzeug.routing import AnyConverter

from eventhub.accounts import guard
from eventhub.security import PERMISSIONS, Role
from tests.factories.basics import a_meeting
from tests.house.permissions import FILE, table

REFUSED = 403


@pytest.mark.once
def test_the_contracts_of_permissions_are_up_to_date(app):
    """After a change that is meant: python -m tests.house.permissions > tests/house/permissions.txt"""
    assert table(app).splitlines() == FILE.read_text().splitlines()


def argument(converter):
    """A value for a part of an address: the first of a fixed choice, else what does not exist."""
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)[0]
    return 999_999 if converter.regex.startswith("\\d") else "nothing"


def guarded_routes(app, meeting):
    """(permission, method, address) of every route that needs a sign-in; arguments name what does not exist."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if guard.is_open(rule.endpoint) or guard.permission_of(app, rule.endpoint) is None:
                continue
            values = {name: argument(converter) for name, converter in rule._converters.items()}
            if "slug" in values:
                values["slug"] = meeting.slug
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                yield guard.permission_of(app, rule.endpoint), method, url_for(rule.endpoint, **values, _method=method)


@pytest.mark.once
@pytest.mark.parametrize("role", list(Role))
def test_a_role_opens_what_it_may_and_nothing_else(app, sign_in, role):
    meeting = a_meeting()
    browser = sign_in(role, meeting)
    wrong = []
    for permission, method, address in guarded_routes(app, meeting):
        may = permission == "staff" or permission in PERMISSIONS[role]
        if may and method != "GET":
            continue  # it would be done
        refused = browser.open(address, method=method).status_code == REFUSED
        if refused is may:
            wrong.append((method, address, permission))
    assert wrong == []


@pytest.mark.once
def test_a_role_in_one_meeting_opens_nothing_of_another(app, sign_in):
    mine, other = a_meeting(), a_meeting()
    browser = sign_in(Role.ADMINISTRATOR, mine)
    opened = [
        address
        for permission, method, address in guarded_routes(app, other)
        if f"/{other.slug}" in address
        and permission != "staff"
        and browser.open(address, method=method).status_code != REFUSED
    ]
    assert opened == []


@pytest.mark.once
def test_without_signing_in_every_one_of_them_asks_for_it(app, client):
    meeting = a_meeting()
    for _permission, method, address in guarded_routes(app, meeting):
        answer = client.open(address, method=method)
        if address.startswith("/api/"):
            assert answer.status_code == 401, address
        else:
            assert answer.status_code == 302 and "/sign-in?next=" in answer.headers["Location"], address


@pytest.mark.once
def test_what_only_some_may_see_is_kept_by_no_cache(app, sign_in, client):
    """Not by the browser, for its back button after signing out, nor by a proxy on the way."""
    meeting, browser = a_meeting(), sign_in()
    kept = [
        address
        for _permission, method, address in guarded_routes(app, meeting)
        if method == "GET" and browser.get(address).headers["Cache-Control"] != "no-store"
    ]
    assert kept == []
    assert client.get(f"/m/{meeting.slug}/register").headers["Cache-Control"] == "private, no-cache"
