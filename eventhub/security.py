"""Keys and locks: personal links, random codes, sealing, limits, response headers, and who may open which page."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from cryptography.fernet import Fernet, InvalidToken
from flask import Flask, Response, current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect

from eventhub.errors import LinkError

F = TypeVar("F", bound=Callable[..., Any])

limiter = Limiter(key_func=get_remote_address, headers_enabled=False, swallow_errors=True)
csrf = CSRFProtect()


# --- who may open which page -------------------------------------------------------------------------------------


class Role(StrEnum):
    """Staff roles; each is given for one meeting, or for all."""

    ADMINISTRATOR = "administrator"
    ORGANISER = "organiser"
    PROGRAMME = "programme"
    DOOR = "door"
    SAFEGUARDING = "safeguarding"
    READER = "reader"


_READ = {
    "meeting.read",
    "directory.read",
    "invitations.read",
    "registration.read",
    "programme.read",
    "partnerships.read",
    "reports.read",
}
_ORGANISE = _READ | {
    "meeting.edit",
    "directory.edit",
    "invitations.edit",
    "registration.edit",
    "programme.edit",
    "mail.read",
    "mail.edit",
    "badges.edit",
    "documents.edit",
    "checkin.use",
    "checkin.manage",
    "networking.edit",
    "partnerships.edit",
    "jobs.read",
    "safeguarding.see_children",  # sees that a registration is a child's, its chosen name and its adult
}

# what each role may do; "staff" means any signed-in member of staff
PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.ADMINISTRATOR: frozenset(
        _ORGANISE | {"meeting.create", "accounts.edit", "safeguarding.read", "safeguarding.edit"}
    ),
    Role.ORGANISER: frozenset(_ORGANISE),
    Role.PROGRAMME: frozenset({"meeting.read", "programme.read", "programme.edit", "directory.read", "jobs.read"}),
    Role.DOOR: frozenset({"meeting.read", "checkin.use", "checkin.manage"}),
    Role.SAFEGUARDING: frozenset(
        {
            "meeting.read",
            "registration.read",
            "safeguarding.see_children",
            "safeguarding.read",
            "safeguarding.edit",
            "checkin.use",
        }
    ),
    Role.READER: frozenset({"meeting.read", "partnerships.read", "reports.read", "programme.read"}),
}


# who holds one of these signs in with a code from an authenticator app besides the password: they see people's data
SECOND_FACTOR_ROLES = frozenset({Role.ADMINISTRATOR, Role.ORGANISER, Role.SAFEGUARDING})


def permission(name: str) -> Callable[[F], F]:
    """Mark a view: only who holds permission ``name`` (in the page's meeting, or anywhere) may open it."""
    known = name == "staff" or any(name in granted for granted in PERMISSIONS.values())
    if not known:
        raise ValueError(f"no role grants {name!r}")

    def mark(view: F) -> F:
        view.permission = name  # type: ignore[attr-defined]  # an attribute on the view is what Flask offers here
        return view

    return mark


def public(view: F) -> F:
    """Mark a view that needs no sign-in. A house test pins the list of these."""
    view.permission = None  # type: ignore[attr-defined]  # as above
    return view


def machine(view: F) -> F:
    """Mark a view for programs that carry a key of their own, such as a device at the door: it knows no session, no
    sign-in, no form's token and no general limit, so none of the hooks that serve those run before it."""
    view.permission = None  # type: ignore[attr-defined]  # as above
    view.machine = True  # type: ignore[attr-defined]
    return view


# --- personal links ----------------------------------------------------------------------------------------------
# A token is <id>-<version>-<signature>: nothing to steal from the database, and raising the version on the record
# withdraws every older link at once. Expiry and use follow from the record itself.

# A placeholder carries a mark of its own, so that nobody gets a link made by typing a placeholder as their name.

_LINK = re.compile(r"eventhub-link:([a-z_]+)/([0-9]+)/([0-9]+)/([a-z2-7]{26})")
LINK_PATHS = {
    "me": "/me/{token}",
    "invitation": "/invitation/{token}",
    "nomination": "/nomination/{token}",
    "consent": "/consent/{token}",
    "introduction_a": "/introduction/{token}",
    "introduction_b": "/introduction/{token}",
    "verification": "/verification/{token}",
    "substantiation": "/substantiation/{token}",
    "follow_up": "/follow-up/{token}",
    "person_follow_up": "/follow-up/{token}",
    "statement_voice": "/statement/{token}",
    "staff_password": "/staff/password/{token}",
}


def token(purpose: str, ident: int, version: int = 1) -> str:
    """The secret part of a personal link."""
    return f"{ident}-{version}-{_signature(purpose, ident, version)}"


def read_token(purpose: str, text: str) -> tuple[int, int]:
    """The record's id and the link's version; raises LinkError when the token was not made by us for this purpose.

    The caller compares the version with the record's and raises LinkWithdrawnError when they differ.
    """
    match = re.fullmatch(r"([0-9]{1,18})-([0-9]{1,9})-([A-Za-z0-9_]{26})", text)
    if not match:
        raise LinkError
    ident, version = int(match[1]), int(match[2])
    if not hmac.compare_digest(match[3], _signature(purpose, ident, version)):
        raise LinkError
    return ident, version


def _signature(purpose: str, ident: int, version: int) -> str:
    return _keyed(f"link:{purpose}:{ident}:{version}")


def _keyed(text: str) -> str:
    digest = hmac.digest(current_app.config["EVENTHUB"].secret_key.encode(), text.encode(), "sha256")
    return base64.b32encode(digest[:16]).decode().rstrip("=").lower()


def placeholder(purpose: str, ident: int, version: int = 1) -> str:
    """What a stored letter holds in place of a personal link; the link is made when the letter is sent."""
    if purpose not in LINK_PATHS:
        raise ValueError(purpose)
    return f"eventhub-link:{purpose}/{ident}/{version}/{_mark(purpose, ident, version)}"


def _mark(purpose: str, ident: int | str, version: int | str) -> str:
    return _keyed(f"placeholder:{purpose}:{ident}:{version}")


def link(purpose: str, ident: int, version: int = 1) -> str:
    """The whole personal address. Never show it to staff: they must not act as a party."""
    path = LINK_PATHS[purpose].format(token=token(purpose, ident, version))
    return current_app.config["EVENTHUB"].base_url + path


def fill_links(text: str) -> str:
    """Put real links where a stored letter has placeholders; what only looks like one stays dead text."""
    return _LINK.sub(lambda m: link(m[1], int(m[2]), int(m[3])) if _ours(m) else _DEAD + m[1], text)


def deaden_links(text: str) -> str:
    """Put a dead address where a stored letter has placeholders: for previews."""
    return _LINK.sub(lambda m: _DEAD + m[1], text)


_DEAD = "https://link.invalid/"


def _ours(match: re.Match[str]) -> bool:
    purpose, ident, version, mark = match.groups()
    return purpose in LINK_PATHS and hmac.compare_digest(mark, _mark(purpose, ident, version))


# wrong links from one address: a good one costs nothing, thirty bad ones in a minute close the door for that minute
guess_limit = limiter.shared_limit(
    "30 per minute", scope="links", deduct_when=lambda response: response.status_code in (404, 410)
)


# --- codes, hashes, sealing --------------------------------------------------------------------------------------

CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U; all in QR's alphanumeric mode


def new_code() -> str:
    """A badge code: 21 characters, 105 random bits, no personal data."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(21))


def hashed(secret: str) -> str:
    """SHA-256 of a random secret, base64url without padding: how codes and device keys are stored or handed out."""
    return base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest()).decode().rstrip("=")


def seal(text: str) -> bytes:
    """Encrypt what only safeguarding may read."""
    return _fernet().encrypt(text.encode())


def unseal(sealed: bytes) -> str:
    """Decrypt; raises ValueError when the key is not the one it was sealed with."""
    try:
        return _fernet().decrypt(sealed).decode()
    except InvalidToken as error:
        raise ValueError("sealed with another key") from error


def _fernet() -> Fernet:
    key = hashlib.sha256(b"sealing:" + current_app.config["EVENTHUB"].sealing_key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


# --- response headers --------------------------------------------------------------------------------------------

_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self' "
    "'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self' blob:; frame-ancestors 'none'; "
    "form-action 'self'; base-uri 'none'; object-src 'none'"
)


def init_app(app: Flask) -> None:
    """Limits, CSRF and the headers of every answer."""
    limiter.init_app(app)
    csrf.init_app(app)
    app.after_request(add_headers)


def lasting_headers(*, secure: bool) -> dict[str, str]:
    """The headers that are the same on every answer."""
    fixed = {
        "Content-Security-Policy": _POLICY,
        "X-Content-Type-Options": "nosniff",
        # a personal link must not travel to another site in a Referer
        "Referrer-Policy": "same-origin",
    }
    return {**fixed, "Strict-Transport-Security": "max-age=31536000"} if secure else fixed


def add_headers(response: Response) -> Response:
    """What every answer carries, whatever it is."""
    headers = response.headers
    for name, value in lasting_headers(secure=current_app.config["EVENTHUB"].secure).items():
        headers.setdefault(name, value)
    if not request.path.startswith("/static/"):
        # a meeting's public pages come back with what was typed; staff's pages and personal links are kept nowhere
        headers.setdefault("Cache-Control", "private, no-cache" if request.path.startswith("/m/") else "no-store")
    return response
