"""Under which addresses phones in the same network reach this machine: private IPv4 addresses and <hostname>.local.

Public addresses are left out: a local authority must not vouch for what belongs to the whole Internet.
"""

import ipaddress
import re
import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Network

LOOPBACK = "127.0.0.1"
# what the local authority may vouch for; the last three are the documentation's networks, used in trials
NETWORKS: tuple[IPv4Network | IPv6Network, ...] = tuple(
    ipaddress.ip_network(each)
    for each in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "127.0.0.0/8",
        "::1/128",
        "fc00::/7",
        "192.0.2.0/24",
        "198.51.100.0/24",
        "203.0.113.0/24",
    )
)
DOMAIN = "local"
_ANYWHERE = "198.51.100.1"  # nothing is sent: only the route to somewhere else is looked up


def is_private(text: str) -> bool:
    """Whether this is an address or a name that the local authority may vouch for."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text == "localhost" or text.endswith(f".{DOMAIN}")
    return any(address in network for network in NETWORKS if network.version == address.version)


def local_addresses() -> list[str]:
    """This machine's private IPv4 addresses, the one that others most likely reach it by first; without loopback.

    Empty when it is in no network.
    """
    import psutil

    found = {
        each.address
        for each in (each for card in psutil.net_if_addrs().values() for each in card)
        if each.family == socket.AF_INET and is_private(each.address) and not IPv4Address(each.address).is_loopback
    }
    first = _outward()
    return sorted(found, key=lambda address: (address != first, _rank(address), IPv4Address(address)))


def hostname() -> str:
    """<hostname>.local, by which many phones find this machine too; "" when its name is no name of a host."""
    label = socket.gethostname().split(".")[0].lower()
    return f"{label}.{DOMAIN}" if re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", label) else ""


def _outward() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((_ANYWHERE, 9))
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def _rank(address: str) -> int:
    """Home and venue networks before big ones, bridges of containers and addresses that nobody gave out last."""
    for rank, start in enumerate(("192.168.", "10.", "100.", "172.", "169.254.")):
        if address.startswith(start):
            return rank
    return 1
