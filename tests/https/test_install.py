"""The plain pages: the certificate, how to install it, and nothing else."""

import plistlib

import pytest
from cryptography import x509
from werkzeug.test import Client

from eventhub.https.authority import open_authority
from eventhub.https.install import Install
from eventhub.https.venue import Venue

pytestmark = pytest.mark.once


@pytest.fixture
def authority(tmp_path):
    return open_authority(tmp_path)


@pytest.fixture
def plain(app, authority, tmp_path) -> Client:
    venue = Venue(8443, 8080, "https://192.168.7.20:8443", tmp_path / "server.pem", None, authority, ["192.168.7.20"])
    return Client(Install(app, venue))


def test_the_page_has_the_fingerprint_and_the_way_for_this_phone_first(plain, authority):
    page = plain.get("/install", headers={"User-Agent": "Mozilla/5.0 (Linux; Android 15)", "Host": "192.168.7.20:8080"})
    assert page.status_code == 200
    assert authority.fingerprint in page.text
    assert "<details open><summary>Android</summary>" in page.text
    assert page.text.count("<details open>") == 1
    assert "https://192.168.7.20:8443/" in page.text
    assert "http://" not in page.text  # it brings everything it needs and leads nowhere unprotected


def test_the_page_speaks_the_readers_language(plain):
    assert '<html lang="ur" dir="rtl">' in plain.get("/install?lang=ur").text


def test_the_certificate_and_the_profile_hold_the_authority_and_no_key(plain, authority):
    der = plain.get("/install/eventhub.crt")
    assert der.mimetype == "application/x-x509-ca-cert"
    assert x509.load_der_x509_certificate(der.data) == authority.certificate
    profile = plain.get("/install/eventhub.mobileconfig")
    assert profile.mimetype == "application/x-apple-aspen-config"
    (inner,) = plistlib.loads(profile.data)["PayloadContent"]
    assert (inner["PayloadType"], inner["PayloadContent"]) == ("com.apple.security.root", authority.der)
    assert profile.data == plain.get("/install/eventhub.mobileconfig").data  # a second download replaces the first


def test_everything_else_is_sent_on_to_https(plain):
    def sent(path: str, host: str = "192.168.7.20:8080") -> str:
        answer = plain.get(path, headers={"Host": host})
        assert answer.status_code == 308
        return answer.location

    assert sent("/m/appm?day=2&x=%26") == "https://192.168.7.20:8443/m/appm?day=2&x=%26"
    assert sent("/b/ABC", "laptop.local:8080") == "https://laptop.local:8443/b/ABC"
    assert sent("/", "evil.example") == "https://192.168.7.20:8443/"
    assert sent("/", "[::") == "https://192.168.7.20:8443/"
    assert sent("/install/server.pem") == "https://192.168.7.20:8443/install/server.pem"
    assert sent("/m/%E1%9E%9F").endswith("/m/%E1%9E%9F")
    assert sent("/a%0d%0ab: c") == "https://192.168.7.20:8443/a%0D%0Ab%3A%20c"
    assert plain.post("/staff/account/sign-in", data={"password": "x"}).status_code == 405


def test_with_a_brought_certificate_there_is_nothing_to_install(app, tmp_path):
    venue = Venue(443, 80, "https://meet.example.org", tmp_path / "cert.pem", tmp_path / "key.pem")
    plain = Client(Install(app, venue))
    for path in ("/install", "/install/eventhub.crt"):
        answer = plain.get(path, headers={"Host": "10.0.0.1"})
        assert (answer.status_code, answer.location) == (308, f"https://meet.example.org{path}")
