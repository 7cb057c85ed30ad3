"""The local authority: made once in the data folder, it vouches for this machine's own addresses and for nothing else.

Phones that trust it accept the server's certificate, so that camera and service worker work. It is constrained to
private networks, ``.local`` and ``localhost`` (RFC 5280 §4.2.1.10): should its key be stolen, nobody can pretend to be a
bank with it. The server's certificate lives 90 days, far below the 397 that phones accept, and is made anew when the
addresses change or 30 days are left.
"""

import ipaddress
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from eventhub import clock
from eventhub.config import ConfigError
from eventhub.https.addresses import DOMAIN, NETWORKS

AUTHORITY_LIVES = timedelta(days=5 * 365)
SERVER_LIVES = timedelta(days=90)
RENEWED_BEFORE = timedelta(days=30)
BACKDATED = timedelta(days=1)  # phones whose clock is a little behind
_CERTIFICATE, _KEY, _SERVER = "authority.pem", "authority-key.pem", "server.pem"
_BOTH = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.S)


@dataclass(frozen=True)
class Authority:
    """The authority's certificate and key, and the folder that keeps them."""

    folder: Path
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def fingerprint(self) -> str:
        """SHA-256, in pairs as phones show it."""
        return self.certificate.fingerprint(hashes.SHA256()).hex(" ").upper()

    def server(self, names: Sequence[str]) -> Path:
        """A file with certificate and key for these names: the kept one while it fits, else a new one."""
        path = self.folder / _SERVER
        if not self._fits(path, names):
            _write(path, self._issue(names))
        return path

    def _fits(self, path: Path, names: Sequence[str]) -> bool:
        found = _BOTH.search(path.read_text()) if path.is_file() else None
        if found is None:
            return False
        kept = x509.load_pem_x509_certificate(found[0].encode())
        alternative = kept.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        held = {str(each.value) for each in alternative}
        ours = kept.issuer == self.certificate.subject and _is_signed(kept, self.certificate)
        return ours and held == set(names) and kept.not_valid_after_utc - clock.now() > RENEWED_BEFORE

    def _issue(self, names: Sequence[str]) -> bytes:
        key, now = ec.generate_private_key(ec.SECP256R1()), clock.now()
        ends = min(now + SERVER_LIVES, self.certificate.not_valid_after_utc)
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        made = (
            _builder(_name("EventHub on this network"), key, now - BACKDATED, ends)
            .issuer_name(self.certificate.subject)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(digital_signature=True), critical=True)
            .add_extension(usage, critical=False)
            .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
            .add_extension(_issued_by(self.key), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        return made.public_bytes(serialization.Encoding.PEM) + _private(key)


def open_authority(folder: Path) -> Authority:
    """The authority kept in ``folder``, made now when there is none. Raises ConfigError when it cannot be used."""
    certificate, key = folder / _CERTIFICATE, folder / _KEY
    if not certificate.exists() and not key.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        made_key = ec.generate_private_key(ec.SECP256R1())
        _write(key, _private(made_key))
        _write(certificate, _make(made_key).public_bytes(serialization.Encoding.PEM))
    try:
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
        secret = serialization.load_pem_private_key(key.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(f"The local authority in {folder} cannot be read. {_MAKE_ANEW}") from error
    if not isinstance(secret, ec.EllipticCurvePrivateKey) or secret.public_key() != found.public_key():
        raise ConfigError(f"In {folder} certificate and key of the authority do not belong together. {_MAKE_ANEW}")
    if found.not_valid_after_utc - clock.now() < RENEWED_BEFORE:
        raise ConfigError(f"The local authority in {folder} ends on {_day(found.not_valid_after_utc)}. {_MAKE_ANEW}")
    return Authority(folder, found, secret)


_MAKE_ANEW = "Move that folder away and start again: a new authority is made, and each phone installs that one."


def _make(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    now = clock.now()
    # two installations' authorities must not look alike in a phone's list
    mark = x509.SubjectKeyIdentifier.from_public_key(key.public_key()).digest.hex()[:6]
    name = _name(f"EventHub local authority {mark}")
    allowed = [x509.DNSName(DOMAIN), x509.DNSName("localhost"), *(x509.IPAddress(each) for each in NETWORKS)]
    return (
        _builder(name, key, now - BACKDATED, now + AUTHORITY_LIVES)
        .issuer_name(name)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.NameConstraints(permitted_subtrees=allowed, excluded_subtrees=None), critical=True)
        .sign(key, hashes.SHA256())
    )


def _builder(
    name: x509.Name, key: ec.EllipticCurvePrivateKey, begins: datetime, ends: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _issued_by(key: ec.EllipticCurvePrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _usage(**allowed: bool) -> x509.KeyUsage:
    names = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign "
        "encipher_only decipher_only"
    )
    return x509.KeyUsage(**{name: allowed.get(name, False) for name in names.split()})


def _is_signed(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and for its owner's eyes only."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    part.replace(path)


def _day(moment: datetime) -> str:
    return moment.date().isoformat()
