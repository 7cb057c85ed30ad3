"""The local authority: kept, constrained, closed to others; the server's certificate follows addresses and time."""

import stat
from datetime import timedelta

import pytest
from cryptography import x509

from eventhub import clock
from eventhub.config import ConfigError
from eventhub.https.authority import open_authority
from eventhub.https.venue import Venue, open_venue

pytestmark = pytest.mark.once
NAMES = ["192.168.7.20", "laptop.local", "localhost", "127.0.0.1"]


def of(path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def extension(certificate: x509.Certificate, kind: type):
    return certificate.extensions.get_extension_for_class(kind)


def test_an_authority_is_made_once_and_only_its_owner_reads_it(tmp_path):
    folder = tmp_path / "https"
    made = open_authority(folder)
    assert open_authority(folder).fingerprint == made.fingerprint
    made.server(NAMES)
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.iterdir()]} == {
        "https": 0o700,
        "authority.pem": 0o600,
        "authority-key.pem": 0o600,
        "server.pem": 0o600,
    }


def test_it_is_an_authority_for_private_addresses_only(tmp_path):
    made = open_authority(tmp_path).certificate
    basic, usage = extension(made, x509.BasicConstraints), extension(made, x509.KeyUsage)
    assert (basic.value.ca, basic.value.path_length, basic.critical, usage.critical) == (True, 0, True, True)
    assert usage.value.key_cert_sign
    limits = extension(made, x509.NameConstraints)
    allowed = {str(each.value) for each in limits.value.permitted_subtrees}
    assert limits.critical
    assert {"local", "localhost", "192.168.0.0/16", "10.0.0.0/8"} < allowed
    assert "0.0.0.0/0" not in allowed


def test_the_servers_certificate_is_for_these_names_and_shorter_than_phones_allow(tmp_path):
    authority = open_authority(tmp_path)
    made = of(authority.server(NAMES))
    made.verify_directly_issued_by(authority.certificate)
    alternative = extension(made, x509.SubjectAlternativeName).value
    assert [str(each.value) for each in alternative] == NAMES
    assert made.not_valid_after_utc - made.not_valid_before_utc < timedelta(days=397)
    assert extension(made, x509.ExtendedKeyUsage).value == x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH])


def test_it_is_kept_while_it_fits_and_made_anew_for_other_addresses_or_near_its_end(tmp_path):
    authority = open_authority(tmp_path)
    first = of(authority.server(NAMES)).serial_number
    assert of(authority.server(NAMES)).serial_number == first
    second = of(authority.server([*NAMES, "10.0.0.9"])).serial_number
    assert second != first
    with clock.frozen(clock.now() + timedelta(days=61)):
        renewed = of(authority.server([*NAMES, "10.0.0.9"]))
    assert renewed.serial_number != second
    with clock.frozen(clock.now() + timedelta(days=59)):
        assert of(authority.server([*NAMES, "10.0.0.9"])).serial_number == renewed.serial_number


def test_a_certificate_of_another_authority_is_not_kept(tmp_path):
    stranger = open_authority(tmp_path / "b").server(NAMES)
    ours = open_authority(tmp_path / "a")
    (tmp_path / "a" / "server.pem").write_bytes(stranger.read_bytes())
    of(ours.server(NAMES)).verify_directly_issued_by(ours.certificate)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda folder: (folder / "authority-key.pem").unlink(), "cannot be read"),
        (lambda folder: (folder / "authority.pem").write_text("nothing"), "cannot be read"),
        (
            lambda folder: (folder / "authority-key.pem").write_bytes(
                (open_authority(folder.parent / "other").folder / "authority-key.pem").read_bytes()
            ),
            "do not belong together",
        ),
    ],
)
def test_a_spoiled_authority_is_said_and_never_quietly_replaced(tmp_path, spoil, sentence):
    open_authority(tmp_path / "https")
    spoil(tmp_path / "https")
    with pytest.raises(ConfigError, match=f"{sentence}.*Move that folder away"):
        open_authority(tmp_path / "https")


def test_an_authority_near_its_end_is_said(tmp_path):
    open_authority(tmp_path)
    with clock.frozen(clock.now() + timedelta(days=5 * 365)), pytest.raises(ConfigError, match="ends on"):
        open_authority(tmp_path)


def test_addresses_that_change_while_it_runs_reach_the_certificate(tmp_path):
    authority = open_authority(tmp_path)
    certificate = authority.server(["10.99.99.99"])
    venue = Venue(8000, 8080, "https://10.99.99.99:8000", certificate, None, authority, ["10.99.99.99"])
    assert "addresses changed" in venue.refresh()
    held = {str(each.value) for each in extension(of(certificate), x509.SubjectAlternativeName).value}
    assert {*venue.addresses, "127.0.0.1", "10.99.99.99"} <= held
    assert venue.refresh() == ""


def test_without_a_network_a_sentence_says_what_to_do(tmp_path):
    authority = open_authority(tmp_path)
    venue = Venue(8000, 8080, "https://127.0.0.1:8000", authority.server(NAMES), None, authority, [])
    assert "Join the venue's network" in venue.words()


def test_a_public_name_is_not_vouched_for(tmp_path):
    venue = open_venue(tmp_path, port=8000, http_port=8080, cert=None, key=None, base_url="https://meet.example.org")
    held = {str(each.value) for each in extension(of(venue.certificate), x509.SubjectAlternativeName).value}
    assert venue.base_url == "https://meet.example.org"
    assert "meet.example.org" not in held
