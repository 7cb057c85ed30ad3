"""A certificate that somebody brought (``--cert`` and ``--key``): whether it can be used, and for which address."""

from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from eventhub import clock
from eventhub.config import ConfigError


@dataclass(frozen=True)
class Given:
    """Files that belong together and are valid today; ``names`` are the addresses that the certificate is for."""

    certificate: Path
    key: Path
    names: list[str]


def check(certificate: Path, key: Path) -> Given:
    """Raises ConfigError with a sentence that names the file and what is wrong with it."""
    found, secret = _certificate(certificate), _key(key)
    if _public(secret) != _public(found):
        raise ConfigError(f"The key in {key} does not belong to the certificate in {certificate}.")
    now = clock.now()
    if found.not_valid_after_utc <= now:
        raise ConfigError(f"The certificate in {certificate} ended on {found.not_valid_after_utc:%Y-%m-%d}. Renew it.")
    if found.not_valid_before_utc > now:
        raise ConfigError(
            f"The certificate in {certificate} begins on {found.not_valid_before_utc:%Y-%m-%d} only. "
            "Look at this machine's clock."
        )
    return Given(certificate, key, _names(found, certificate))


def _certificate(path: Path) -> x509.Certificate:
    try:
        # the first one is the server's own, those after it are its authorities'
        return x509.load_pem_x509_certificates(path.read_bytes())[0]
    except OSError as error:
        raise ConfigError(f"The certificate {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise ConfigError(f"The file {path} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----).") from error


def _key(path: Path) -> PrivateKeyTypes:
    try:
        return serialization.load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        raise ConfigError(f"The key {path} cannot be read: {error.strerror}.") from error
    except TypeError as error:
        raise ConfigError(
            f"The key in {path} is locked with a password. Give one without: openssl pkey -in …"
        ) from error
    except ValueError as error:
        raise ConfigError(f"The file {path} holds no private key in PEM form (-----BEGIN PRIVATE KEY-----).") from error


def _public(holder: x509.Certificate | PrivateKeyTypes) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return holder.public_key().public_bytes(serialization.Encoding.DER, form)


def _names(found: x509.Certificate, path: Path) -> list[str]:
    """DNS names before IP addresses; of a wildcard no address can be made."""
    try:
        alternative = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound as error:
        raise ConfigError(
            f"The certificate in {path} names no address (subject alternative name): browsers refuse it."
        ) from error
    names = [name for name in alternative.get_values_for_type(x509.DNSName) if "*" not in name]
    return names + [str(address) for address in alternative.get_values_for_type(x509.IPAddress)]
