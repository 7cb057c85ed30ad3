"""Decides what a letter looks like on the wire: headers, both bodies, attachments; links and files are made here."""

import base64
import hmac
import logging
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address as Mailbox
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any

from flask import current_app

from eventhub import clock, db, security
from eventhub.mail.addresses import Address
from eventhub.mail.letters import ATTACHMENTS

log = logging.getLogger(__name__)


class ComposeError(Exception):
    """The letter cannot be put together now; the cause is in the log. ``str`` is a sentence for the staff."""


NO_FILE = "A file that belongs to this letter could not be made. The log says why."
NO_LETTER = "This letter could not be put together. The log says why."


@dataclass(frozen=True)
class Letter:
    """A claimed message, apart from its row: what is needed to send it."""

    id: int
    key: str
    to: Address
    to_name: str
    reply_to: str
    language: str
    subject: str
    text: str
    html: str
    attachments: Sequence[dict[str, Any]]
    created_at: datetime
    attempts: int  # so far
    next_attempt_at: datetime


def compose(letter: Letter) -> bytes:
    """The letter as RFC 5322 text with real links and its files; raises ComposeError."""
    try:
        files = [_file(wanted) for wanted in letter.attachments]
    except Exception as error:  # whatever a maker raises, this letter waits and the others go on
        _log_place("message %s: an attachment could not be made", letter.id, error)
        raise ComposeError(NO_FILE) from error
    try:
        return _message(letter, files).as_bytes()
    except Exception as error:  # nor may one letter that is wrong in itself hold up the others
        _log_place("message %s could not be composed", letter.id, error)
        raise ComposeError(NO_LETTER) from error


def _message(letter: Letter, files: Sequence[tuple[str, str, bytes]]) -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP if letter.to.plain else policy.SMTPUTF8)
    message["From"] = current_app.config["EVENTHUB"].mail_from
    message["To"] = Mailbox(display_name=_as_typed(letter.to_name), username=letter.to.local, domain=letter.to.domain)
    if letter.reply_to:
        message["Reply-To"] = letter.reply_to
    message["Subject"] = _as_typed(letter.subject)
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = message_id(letter.id, letter.key, letter.created_at)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no "out of office" comes back
    message["Content-Language"] = letter.language
    message.set_content(security.fill_links(letter.text), cte="base64")
    message.add_alternative(security.fill_links(letter.html), subtype="html", cte="base64")
    for name, media_type, content in files:
        kind, _slash, rest = media_type.partition("/")
        subtype, *parameters = (part.strip() for part in rest.split(";"))
        message.add_attachment(
            content,
            maintype=kind,
            subtype=subtype,
            filename=name,
            params=dict(parameter.split("=", 1) for parameter in parameters if "=" in parameter),
        )
    return message


def _as_typed(text: str) -> str:
    """Text that looks like an encoded word (RFC 2047) must be read as it was typed, not be decoded by the reader."""
    return text.replace("=?", "= ?")


def sender_address() -> str:
    """The envelope's sender: the address inside MAIL_FROM."""
    return parseaddr(current_app.config["EVENTHUB"].mail_from)[1]


def message_id(ident: int, key: str, created_at: datetime) -> str:
    """The same for every attempt at one row, so that a mail program shows a second copy as the first."""
    secret = current_app.config["EVENTHUB"].secret_key.encode()
    digest = hmac.digest(secret, f"message-id:{ident}:{key}:{created_at.timestamp()}".encode(), "sha256")
    local = base64.b32encode(digest[:15]).decode().lower()
    return f"<{ident}.{local}@{sender_address().rpartition('@')[2] or 'localhost'}>"


def _file(wanted: dict[str, Any]) -> tuple[str, str, bytes]:
    """Make one attachment in a session of its own, which only reads: it must not hold SQLite's write lock."""
    token = db.writing.set(False)
    try:
        with current_app.app_context():
            return ATTACHMENTS[wanted["kind"]](wanted["id"])
    finally:
        db.writing.reset(token)


def _log_place(what: str, ident: int, error: Exception) -> None:
    """Log where it happened, without the error's words: they may hold what is somebody's own."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    log.error(f"{what}: %s in %s line %s", ident, type(error).__name__, place.name, place.lineno)
