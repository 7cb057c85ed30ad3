"""A real Chromium for tests, driven by Playwright. Debian's package; never a download of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.machine import chromium

PATIENCE = 30_000  # ms that a page may take to show something on a busy machine
FLAGS = [
    "--no-sandbox",  # the tests run as root on CI
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """A browser until the end of the block. Tests ask for the fixture ``chrome`` instead: one per test process, for
    Playwright runs only once in each."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


def signed_in(chrome: Browser, server: str, visitor: FlaskClient) -> BrowserContext:
    """A phone's browser with the session of a test client that has opened a page (``sign_in``)."""
    context = chrome.new_context(viewport={"width": 360, "height": 740})
    session = visitor.get_cookie("session")
    assert session is not None
    context.add_cookies([{"name": "session", "value": session.value, "url": server}])
    return context
