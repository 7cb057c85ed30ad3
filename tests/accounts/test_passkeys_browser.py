"""A passkey in a real Chromium, with its own virtual authenticator: added, used, asked for again, removed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

from eventhub import security, up
from eventhub.accounts.models import Passkey
from eventhub.db import db
from tests.accounts.staff import PASSWORD, a_colleague
from tests.browser import PATIENCE

pytestmark = pytest.mark.browser
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def server(app, monkeypatch):
    security.limiter.reset()  # others guessed from this machine
    port = up.free_port()
    monkeypatch.setitem(app.config, "EVENTHUB", replace(app.config["EVENTHUB"], base_url=f"http://127.0.0.1:{port}"))
    http = make_server("127.0.0.1", port, app, threaded=True)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(http.serve_forever)
        yield f"http://localhost:{port}"
        http.shutdown()


def test_from_the_first_passkey_to_the_last(chrome, server):
    email = a_colleague(password=PASSWORD).email
    db.session.commit()  # or this test holds the one write lock
    with chrome.new_context(viewport={"width": 360, "height": 740}) as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        device = context.new_cdp_session(page)
        device.send("WebAuthn.enable")
        key = device.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})["authenticatorId"]

        page.goto(f"{server}/staff/account/sign-in")
        with_passkey = page.get_by_role("button", name="Sign in with a passkey")
        with_passkey.click()
        expect(page.get_by_role("alert")).to_contain_text("Nothing was done")  # the device has none yet
        page.get_by_role("link", name="Back to sign-in").click()
        page.fill("[name=email]", email)
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.goto(f"{server}/staff/account/passkeys")
        page.fill("#name", "ទូរស័ព្ទ of Sokha")
        page.get_by_role("button", name="Add a passkey").click()
        expect(page.get_by_text("The passkey was added")).to_be_visible()
        page.fill("#name", "the same once more")
        page.get_by_role("button", name="Add a passkey").click()
        expect(page.get_by_text("This device has a passkey already")).to_be_visible()

        context.clear_cookies()
        page.goto(f"{server}/staff/account/sign-in?next=/staff/account/passkeys")
        with_passkey.click()
        expect(page.get_by_role("rowheader")).to_have_text("ទូរស័ព្ទ of Sokha")
        assert device.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"][0]["signCount"] > 1
        page.goto(f"{server}/staff/account/confirm?next=/staff/account")
        page.get_by_role("button", name="Use my passkey").click()
        expect(page.get_by_text("Thank you. Go on.")).to_be_visible()

        page.goto(f"{server}/staff/account/passkeys")
        page.locator("summary", has_text="Remove").click()
        page.get_by_role("button", name="Remove").click()
        expect(page.get_by_text("The passkey was removed here")).to_be_visible()
        assert db.session.query(Passkey).count() == 0
        db.session.commit()
        context.clear_cookies()
        page.goto(f"{server}/staff/account/sign-in")
        with_passkey.click()
        expect(page.get_by_text("This passkey was not accepted")).to_be_visible()

        page.goto(server.replace("localhost", "127.0.0.1") + "/staff/account/sign-in/passkey")  # not where they work
        expect(page.get_by_text("and this address:")).to_be_visible()
        expect(page.get_by_role("button", name="Use my passkey")).to_be_hidden()
        assert errors == []
