"""Decides what an address is that a letter can go to, and how an SMTP server wants to read it.

Syntax only: whether a mailbox exists is for the mail server to say, never for DNS.
"""

from dataclasses import dataclass

import idna

from eventhub.directory import checks

LONGEST = 254  # RFC 5321 4.5.3.1.3: 256 octets with the angle brackets


@dataclass(frozen=True)
class Address:
    """An address as it goes over the wire: ``local`` may hold any letters, ``domain`` is ASCII (RFC 5890)."""

    local: str
    domain: str

    @property
    def plain(self) -> bool:
        """Whether every server can take it; else it needs SMTPUTF8 (RFC 6531)."""
        return self.local.isascii()

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


def read(text: str) -> Address | None:
    """The address in ``text``; None when it is not one."""
    found = checks.read_email(text) if len(text) <= checks.LONGEST_NAME else None
    if found is None:
        return None
    local, domain = found.local_part, found.ascii_domain or found.domain
    if len(f"{local}@{domain}".encode()) > LONGEST:
        return None
    return Address(local, domain)


def key(text: str) -> str:
    """One spelling for all ways to write an address: what suppressions are kept and compared by."""
    local, _at, domain = text.strip().rpartition("@")
    try:
        domain = idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:  # not an address; its own text is its key
        domain = domain.casefold()
    return f"{local.casefold()}@{domain.lower()}"[:255]
