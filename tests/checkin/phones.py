"""A venue's server that can go away and come back, and phones in a real Chromium that are doors there."""

import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import BaseWSGIServer, make_server

from eventhub import clock, up
from eventhub.audit import SYSTEM
from eventhub.checkin import devices
from eventhub.checkin.models import Checkpoint, Scan, Told
from eventhub.db import db
from eventhub.security import limiter
from tests.browser import PATIENCE


class Venue:
    """The server behind the phones; ``stop`` and ``start`` as often as a venue's network does."""

    def __init__(self, app: Flask) -> None:
        self.app, self.port = app, up.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.pool = ThreadPoolExecutor(1)
        self.http: BaseWSGIServer | None = None
        self.running: Future[None] | None = None
        self.start()

    def start(self) -> None:
        self.http = make_server("127.0.0.1", self.port, self.app, threaded=True)
        self.running = self.pool.submit(self.http.serve_forever)

    def stop(self) -> None:
        if self.http is None or self.running is None:
            return
        self.http.shutdown()
        self.running.result(90)
        self.http.server_close()
        self.http = None


class Phone:
    """One tab of a phone."""

    def __init__(self, venue: Venue, context: BrowserContext, page: Page | None = None) -> None:
        self.venue, self.context = venue, context
        self.page = page or context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.verdict = self.page.locator(".door-screen .verdict")
        self.network = self.page.locator(".door-network")

    def enrol(
        self, checkpoint: Checkpoint, *, scope: tuple[str, ...] = ("desk", "evacuation"), **until: Any
    ) -> "Phone":
        """Through the organiser's code, to the door with the roster in the phone and the app kept by the browser."""
        limiter.reset()  # of many enrolments a minute from one address
        expires_at = until.get("expires_at") or clock.now() + timedelta(days=1)
        token = devices.make_token(checkpoint, scope=scope, expires_at=expires_at, by=SYSTEM)
        db.session.commit()
        self.page.goto(f"{self.venue.url}/door/e/{token}")
        self.page.locator("#device-name").fill("Blue phone")
        self.page.keyboard.press("Enter")
        expect(self.page.locator(".door-ready-roster")).to_contain_text("Ready without network", timeout=PATIENCE)
        self.page.locator(".door-ready").get_by_role("button").click()
        expect(self.page.locator(".door-work")).to_be_visible()
        self.page.evaluate("navigator.serviceWorker.ready")
        self.says("all sent")
        return self

    def open(self) -> "Phone":
        """Open the app again, as from the home screen."""
        self.page.goto(f"{self.venue.url}/door/")
        expect(self.page.locator(".door-work")).to_be_visible(timeout=PATIENCE)
        return self

    def says(self, text: str) -> None:
        """Wait until the quiet line says so."""
        expect(self.network).to_contain_text(text, timeout=PATIENCE)

    def shows(self, *texts: str) -> "Phone":
        for text in texts:
            expect(self.verdict).to_contain_text(text, timeout=PATIENCE)
        return self

    def scan(self, code: str, *texts: str) -> "Phone":
        """As a scanner that types: the code and Enter; then what the verdict shows."""
        self.page.keyboard.press("Escape")
        self.page.keyboard.type(f"HTTPS://HUB.EXAMPLE/B/{code}\n")
        return self.shows(*texts)

    def direction(self, word: str) -> None:
        self.page.keyboard.press("Escape")
        self.page.locator(".door-kind label", has_text=re.compile(f"^{word}$")).click()

    def press(self, name: str) -> None:
        self.page.keyboard.press("Escape")
        self.page.get_by_role("button", name=name).click()

    def send(self) -> None:
        """Open the queue's page and send what waits."""
        self.page.keyboard.press("Escape")
        self.network.click()
        self.page.get_by_role("button", name="Send now").click()
        expect(self.page.locator(".door-queue-said")).to_contain_text("Everything is sent", timeout=PATIENCE)
        self.page.locator("#queue [data-close]").click()


@pytest.fixture
def venue(app: Flask) -> Iterator[Venue]:
    made = Venue(app)
    yield made
    made.stop()
    made.pool.shutdown()


@pytest.fixture
def phone(chrome: Browser, venue: Venue) -> Iterator[Phone]:
    """A phone that is no door yet; nothing on its pages may fail."""
    context = chrome.new_context(viewport={"width": 360, "height": 740})
    made = Phone(venue, context)
    yield made
    context.close()
    assert made.errors == []


def stored() -> list[tuple[str, str | None]]:
    """(kind, what the device told) of every scan that the server has, in the order of their times."""
    db.session.commit()
    told = sa.and_(Told.device_id == Scan.device_id, Told.scan_id == Scan.scan_id)
    rows = db.session.execute(sa.select(Scan.kind, Told.verdict).outerjoin(Told, told).order_by(Scan.t, Scan.id)).all()
    db.session.rollback()  # the server writes to the same database
    return [tuple(row) for row in rows]
