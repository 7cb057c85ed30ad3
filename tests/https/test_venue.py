"""`eventhub up --https` as it runs: trusted clients get everything that needs HTTPS, others get nothing."""

import http.client
import signal
import socket
import ssl
import urllib.request
from datetime import timedelta
from pathlib import Path
from urllib.error import URLError

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect
from playwright.sync_api import Error as PlaywrightError

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.badges import cards
from eventhub.checkin import kiosks
from eventhub.checkin.models import Scan
from eventhub.db import db
from eventhub.https.authority import open_authority
from tests.checkin.phones import PATIENCE
from tests.checkin.test_browser import a_video
from tests.factories.checkin import a_checkpoint, a_participant, a_running_meeting
from tests.https.trusting import SecureLive, trusted, trusting_browser
from tests.waiting import wait_until

pytestmark = [pytest.mark.once, pytest.mark.browser]
CAMERA = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")


@pytest.fixture(scope="module")
def live(tmp_path_factory, sink, session_app):
    """On the database of the tests, so that a test can put people into it."""
    folder: Path = tmp_path_factory.mktemp("venue")
    running = SecureLive(folder, session_app.config["EVENTHUB"].database_url, sink.url).start()
    yield running
    if running.process.poll() is None:
        running.stop()


def test_a_kept_connection_answers_many_questions(live):
    connection = http.client.HTTPSConnection("127.0.0.1", live.port, timeout=90, context=trusted(live.authority))
    for _ in range(5):
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        assert (answer.status, answer.will_close) == (200, False)
        answer.read()
    connection.request("GET", "/staff/account/sign-in")
    answer = connection.getresponse()
    answer.read()
    assert "Secure" in answer.getheader("Set-Cookie", "")
    assert answer.getheader("Strict-Transport-Security") is None  # another machine may have this address tomorrow
    connection.close()


def test_phones_that_connect_in_advance_or_vanish_keep_nobody_waiting(live):
    """More of them than the web server has threads: browsers open spare connections, and a phone leaves the network in
    the middle of a handshake."""
    context = trusted(live.authority)
    spare = [
        context.wrap_socket(socket.create_connection(("127.0.0.1", live.port)), server_hostname="127.0.0.1")
        for _ in range(12)
    ]
    vanished = [socket.create_connection(("127.0.0.1", live.port)) for _ in range(12)]
    for each in vanished:
        each.sendall(b"\x16\x03\x01\x02")  # a handshake begins so
    assert live.status("/healthz") == 200
    for each in spare[1:]:
        each.sendall(b"GET /healthz HTTP/1.1\r\nHost: ")
    assert live.status("/healthz") == 200
    spare[0].sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert spare[0].recv(100).startswith(b"HTTP/1.1 200")
    for each in (*spare, *vanished):
        each.close()


def test_the_web_server_knows_who_asks_with_every_question(live):
    connection = http.client.HTTPSConnection("127.0.0.1", live.port, timeout=90, context=trusted(live.authority))
    for _ in range(3):
        connection.request("GET", "/metrics")  # for this machine only
        answer = connection.getresponse()
        assert (answer.status, answer.will_close) == (200, False)
        answer.read()
    connection.close()


def test_a_renewed_certificate_counts_for_new_connections(live):
    def serial() -> str:
        with (
            socket.create_connection(("127.0.0.1", live.port)) as plain,
            trusted(live.authority).wrap_socket(plain, server_hostname="127.0.0.1") as secured,
        ):
            return str(secured.getpeercert()["serialNumber"])

    before = serial()
    open_authority(live.authority.parent).server(["127.0.0.1", "10.77.0.1"])
    wait_until(lambda: serial() != before, patience=90, every=0.5)


def test_who_does_not_trust_the_authority_gets_nothing_and_plain_http_leads_on(live):
    with pytest.raises(URLError) as refused:
        urllib.request.urlopen(live.url + "/healthz", timeout=90, context=ssl.create_default_context())
    assert isinstance(refused.value.reason, ssl.SSLCertVerificationError)
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=trusted(live.authority)))
    with opener.open(live.plain + "/healthz", timeout=90) as answer:
        assert answer.url == live.url + "/healthz"
    with opener.open(live.plain + "/install", timeout=90) as answer:
        assert answer.url == live.plain + "/install"


def test_the_terminal_shows_the_addresses_as_codes(live):
    wait_until(lambda: "Then open" in live.text() or "in no private network" in live.text())
    said = live.text()
    assert "EventHub is ready: https://" in said
    assert "█▀" in said or "in no private network" in said


def test_a_phone_that_trusts_it_may_use_camera_and_service_workers(live, chrome: Browser, tmp_path):
    browser = trusting_browser(chrome, tmp_path, live.authority, *CAMERA)
    context = browser.new_context(permissions=["camera"])
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(live.url + "/door/")
    seen = page.evaluate(
        """async () => {
            const stream = await navigator.mediaDevices.getUserMedia({ video: true });
            const registered = await navigator.serviceWorker.register("/door/sw.js");
            return [isSecureContext, stream.getVideoTracks().length, new URL(registered.scope).pathname];
        }"""
    )
    assert seen == [True, 1, "/door/"]
    browser.close()
    stranger = chrome.new_page()
    with pytest.raises(PlaywrightError, match="ERR_CERT_AUTHORITY_INVALID"):
        stranger.goto(live.url + "/door/")
    stranger.close()


def test_a_tablet_that_trusts_it_greets_whoever_holds_a_badge_before_its_camera(live, app, chrome: Browser, tmp_path):
    meeting = a_running_meeting()
    checkpoint, badge = (
        a_checkpoint(meeting, "Main entrance"),
        a_participant(meeting, "សុខ ស្រីមុំ", latin_name="Sok Sreymom"),
    )
    ends = clock.now() + timedelta(days=1)
    token = kiosks.make_token(checkpoint, pin="4711", expires_at=ends, by=SYSTEM)
    video = a_video(tmp_path / "camera.y4m", cards.address(badge.code))
    db.session.commit()
    camera = (*CAMERA, f"--use-file-for-fake-video-capture={video}")
    browser = trusting_browser(chrome, tmp_path, live.authority, *camera)
    page = browser.new_context(viewport={"width": 1024, "height": 768}, permissions=["camera"]).new_page()
    page.goto(f"{live.url}/kiosk/e/{token}")
    page.get_by_role("button", name="Start the kiosk").click()
    answer = page.locator('[data-part="answer"]')
    expect(answer).to_contain_text("សុខ ស្រីមុំ", timeout=PATIENCE)
    expect(answer).to_be_hidden(timeout=PATIENCE)  # while the badge is still before the camera
    page.get_by_role("button", name="Staff").click()
    page.keyboard.type("4711\n")
    expect(page.get_by_role("button", name="End the kiosk on this tablet")).to_be_visible(timeout=PATIENCE)
    browser.close()
    db.session.commit()
    assert db.session.scalars(sa.select(Scan.kind)).all() == ["entry"]


def test_it_stops_cleanly_with_connections_open(live):
    connection = http.client.HTTPSConnection("127.0.0.1", live.port, timeout=90, context=trusted(live.authority))
    connection.request("GET", "/healthz")
    assert connection.getresponse().read()
    family = live.family()
    assert live.stop(signal.SIGTERM) == 0
    wait_until(lambda: not [p for p in family if p.is_running() and p.status() != "zombie"])
    connection.close()
