"""What ``eventhub up --https`` serves in the venue's network: which certificate, under which addresses, by which words."""

import io
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from eventhub.config import ConfigError
from eventhub.https import given
from eventhub.https.addresses import LOOPBACK, hostname, is_private, local_addresses
from eventhub.https.authority import Authority, open_authority

FOLDER = "https"  # in the data folder


@dataclass
class Venue:
    """A certificate with its key (None: in the same file), and where people reach it. ``authority``: None when the
    certificate was brought."""

    port: int
    http_port: int
    base_url: str
    certificate: Path
    key: Path | None = None
    authority: Authority | None = None
    addresses: list[str] = field(default_factory=list)
    # where the web server listens behind TLS; a path of its own, for that of the data folder may be too long
    web: Path = Path("web")

    @property
    def install_address(self) -> str:
        return f"http://{urlsplit(self.base_url).hostname}:{self.http_port}/install"

    def refresh(self) -> str:
        """Make the certificate anew when this machine's addresses changed or it nears its end; what to say, or ""."""
        if self.authority is None:
            return ""
        addresses = local_addresses()
        self.authority.server(_names(addresses, self.base_url))
        if addresses == self.addresses:
            return ""
        self.addresses = addresses
        return (
            f"This machine's addresses changed. It is reached at {', '.join(self.where()) or 'no network'} now. "
            f"Letters and codes made now still name {self.base_url}: start again if that address is gone."
        )

    def where(self) -> list[str]:
        """Every address that people in the network may open."""
        hosts = [*self.addresses, *([hostname()] if self.addresses and hostname() else [])]
        return [f"https://{host}:{self.port}/" for host in hosts] if self.authority else [self.base_url + "/"]

    def words(self) -> str:
        """What the terminal says, with codes for phones to scan."""
        said = ["", "Phones and tablets in this network open:", *(f"  {each}" for each in self.where())]
        if self.authority is not None and not self.addresses:
            return (
                "\nThis machine is in no private network, so phones cannot reach it. Join the venue's network (or make a "
                f"hotspot): the certificate follows by itself. On this machine: {self.base_url}/\n"
            )
        if self.authority is not None:
            said += [
                "",
                "1. Once on each phone: install the local authority, so that camera and offline work are allowed.",
                f"   {self.install_address}",
                _code(self.install_address),
                f"   Its fingerprint (SHA-256): {self.authority.fingerprint}",
                "2. Then open:",
            ]
        return "\n".join([*said, f"   {self.base_url}/", _code(self.base_url + "/")])


def open_venue(data: Path, *, port: int, http_port: int, cert: Path | None, key: Path | None, base_url: str) -> Venue:
    """Prepare the certificate. ``base_url`` is "" when it is to follow from the addresses. Raises ConfigError."""
    if (cert is None) != (key is None):
        raise ConfigError("--cert and --key belong together: give both, or neither for a local authority.")
    if base_url and not base_url.startswith("https://"):
        raise ConfigError(
            f"BASE_URL is {base_url}, but with --https people reach the site by https://. Change it, or leave it out."
        )
    if port == http_port:
        raise ConfigError("--port and --http-port are the same. Plain HTTP needs a port of its own.")
    if cert is not None and key is not None:
        brought = given.check(cert.resolve(), key.resolve())
        if not base_url and not brought.names:
            raise ConfigError(f"The certificate in {cert} names no single host. Set BASE_URL to the address to use.")
        base_url = base_url or _url(brought.names[0], port)
        return Venue(port, http_port, base_url.rstrip("/"), brought.certificate, brought.key, web=_socket())
    authority, addresses = open_authority(data / FOLDER), local_addresses()
    base_url = base_url.rstrip("/") or _url(addresses[0] if addresses else LOOPBACK, port)
    certificate = authority.server(_names(addresses, base_url))
    return Venue(port, http_port, base_url, certificate, None, authority, addresses, _socket())


def _socket() -> Path:
    return Path(tempfile.mkdtemp(prefix="eventhub-")) / "web"


def _url(host: str, port: int) -> str:
    host = f"[{host}]" if ":" in host else host
    return f"https://{host}" if port == 443 else f"https://{host}:{port}"


def _names(addresses: list[str], base_url: str) -> list[str]:
    """The certificate's names; what the authority may not vouch for is left out."""
    wanted = [*addresses, hostname(), urlsplit(base_url).hostname or "", "localhost", LOOPBACK]
    return list(dict.fromkeys(name for name in wanted if name and is_private(name)))


def _code(text: str) -> str:
    import qrcode

    symbol, drawn = qrcode.QRCode(border=2), io.StringIO()
    symbol.add_data(text)
    symbol.print_ascii(out=drawn, invert=True)
    return drawn.getvalue().rstrip("\n")
