"""`eventhub up --https` as it runs: trusted clients get everything that needs HTTPS, others get nothing."""

import http.client
import signal
import ssl
import urllib.request
from pathlib import Path
from urllib.error import URLError

import pytest
from playwright.sync_api import Browser

from tests import conftest
from tests.https.trusting import SecureLive, trusted, trusting_browser
from tests.waiting import wait_until

pytestmark = [pytest.mark.once, pytest.mark.browser]
CAMERA = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")


@pytest.fixture(scope="module")
def live(tmp_path_factory, sink, process_name):
    folder: Path = tmp_path_factory.mktemp("venue")
    running = SecureLive(folder, conftest.database_url(f"venue_{process_name}", folder), sink.url).start()
    yield running
    if running.process.poll() is None:
        running.stop()


def test_a_kept_connection_answers_many_questions(live):
    connection = http.client.HTTPSConnection("127.0.0.1", live.port, timeout=30, context=trusted(live.authority))
    for _ in range(5):
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        assert (answer.status, answer.will_close) == (200, False)
        answer.read()
    connection.request("GET", "/staff/account/sign-in")
    answer = connection.getresponse()
    answer.read()
    assert "Secure" in answer.getheader("Set-Cookie", "")
    assert answer.getheader("Strict-Transport-Security")
    connection.close()


def test_who_does_not_trust_the_authority_gets_nothing_and_plain_http_leads_on(live):
    with pytest.raises(URLError) as refused:
        urllib.request.urlopen(live.url + "/healthz", timeout=30, context=ssl.create_default_context())
    assert isinstance(refused.value.reason, ssl.SSLCertVerificationError)
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=trusted(live.authority)))
    with opener.open(live.plain + "/healthz", timeout=30) as answer:
        assert answer.url == live.url + "/healthz"
    with opener.open(live.plain + "/install", timeout=30) as answer:
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
    page.goto(live.url + "/door/")
    seen = page.evaluate(
        """async () => {
            const stream = await navigator.mediaDevices.getUserMedia({ video: true });
            const database = await new Promise((done, failed) => {
                const asked = indexedDB.open("trial");
                asked.onsuccess = () => done(asked.result.name);
                asked.onerror = () => failed(asked.error);
            });
            return [isSecureContext, stream.getVideoTracks().length, "serviceWorker" in navigator, database];
        }"""
    )
    assert seen == [True, 1, True, "trial"]
    browser.close()


def test_it_stops_cleanly_with_connections_open(live):
    connection = http.client.HTTPSConnection("127.0.0.1", live.port, timeout=30, context=trusted(live.authority))
    connection.request("GET", "/healthz")
    assert connection.getresponse().read()
    family = live.family()
    assert live.stop(signal.SIGTERM) == 0
    wait_until(lambda: not [p for p in family if p.is_running() and p.status() != "zombie"])
    connection.close()
