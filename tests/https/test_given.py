"""`--cert` and `--key`, and every way to get them wrong: a sentence each, before anything is started."""

import socket
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives import serialization

from eventhub import clock, up
from eventhub.https.authority import open_authority
from eventhub.https.venue import open_venue

pytestmark = pytest.mark.once


@pytest.fixture
def papers(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for 10.1.2.3 and laptop.local, and its key, in two files."""
    return split(tmp_path)


def split(folder: Path) -> tuple[Path, Path]:
    both = open_authority(folder / "maker").server(["10.1.2.3", "laptop.local"]).read_text()
    cert, key = folder / "cert.pem", folder / "key.pem"
    cut = both.index("-----BEGIN PRIVATE KEY")
    cert.write_text(both[:cut])
    key.write_text(both[cut:])
    return cert, key


def said(monkeypatch, folder: Path, *arguments: str) -> str:
    """What `eventhub up` says to these arguments; it must not start anything."""
    monkeypatch.setenv("EVENTHUB_DATA", str(folder / "data"))
    monkeypatch.setenv("BASE_URL", "")
    done = CliRunner().invoke(up.up, ["--data", str(folder / "data"), *arguments])
    assert done.exit_code == 1, done.output
    return done.output


def test_the_address_follows_from_the_certificate(papers):
    cert, key = papers
    venue = open_venue(cert.parent, port=8443, http_port=8080, cert=cert, key=key, base_url="")
    assert (venue.base_url, venue.authority) == ("https://laptop.local:8443", None)
    assert venue.refresh() == ""
    assert "https://laptop.local:8443/" in venue.words()


def test_files_that_cannot_be_used_are_said(monkeypatch, tmp_path, papers):
    cert, key = map(str, papers)
    (tmp_path / "more").mkdir()
    other = str(split(tmp_path / "more")[1])
    text = tmp_path / "text.pem"
    text.write_text("hello")
    assert "give both" in said(monkeypatch, tmp_path, "--cert", cert)
    assert "cannot be read: No such file" in said(monkeypatch, tmp_path, "--cert", "/nowhere.pem", "--key", key)
    assert "holds no certificate" in said(monkeypatch, tmp_path, "--cert", str(text), "--key", key)
    assert "holds no private key" in said(monkeypatch, tmp_path, "--cert", cert, "--key", str(text))
    assert "does not belong to the certificate" in said(monkeypatch, tmp_path, "--cert", cert, "--key", other)


def test_a_locked_key_is_said(monkeypatch, tmp_path, papers):
    cert, key = papers
    loaded = serialization.load_pem_private_key(key.read_bytes(), None)
    locked = serialization.BestAvailableEncryption(b"secret")
    key.write_bytes(loaded.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked))
    assert "locked with a password" in said(monkeypatch, tmp_path, "--cert", str(cert), "--key", str(key))


def test_an_ended_certificate_is_said(monkeypatch, tmp_path, papers):
    cert, key = map(str, papers)
    with clock.frozen(clock.now() + timedelta(days=91)):
        assert "Renew it" in said(monkeypatch, tmp_path, "--cert", cert, "--key", key)
    with clock.frozen(clock.now() - timedelta(days=3)):
        assert "Look at this machine's clock" in said(monkeypatch, tmp_path, "--cert", cert, "--key", key)


def test_busy_ports_and_contradictions_are_said(monkeypatch, tmp_path):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        taken, free = str(busy.getsockname()[1]), str(up.free_port())
        assert f"Port {taken} is taken" in said(monkeypatch, tmp_path, "--https", "--port", taken)
        ports = ("--port", free, "--http-port", taken)
        assert f"up --http-port {int(taken) + 1}" in said(monkeypatch, tmp_path, "--https", *ports)
    assert "a port of its own" in said(monkeypatch, tmp_path, "--https", "--port", "8080")
    monkeypatch.setenv("BASE_URL", "http://192.168.1.1:8000")
    done = CliRunner().invoke(up.up, ["--https", "--data", str(tmp_path / "data")])
    assert "people reach the site by https://" in done.output
