"""One kept connection to the mail server, and what its answers mean.

Until the body is on its way, a broken connection means "not sent". From then on it means "nobody knows" (RFC 5321
6.1): the server may have accepted what it could not confirm any more.
"""

import re
import smtplib
import ssl
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

from eventhub.mail.states import NO_ANSWER, NO_TLS, WRONG_LOGIN
from eventhub.pages import clean_line

PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
PATIENCE = 30.0  # seconds for the connection and for each command
PATIENCE_AT_END = 120.0  # seconds for the answer to a whole message: servers look at it first
LONGEST_ANSWER = 300  # characters of the server's answer that are kept
CLOSING = 421  # "service not available, closing": about the connection, not about the message

_LINE_BEGINS_WITH_DOT = re.compile(rb"(?m)^\.")


class AwayError(Exception):
    """The server cannot be spoken to now; nothing was handed over. ``str`` is a sentence for the staff."""


class RefusedError(Exception):
    """A definite no for this message. ``permanent`` when trying again is of no use (5xx)."""

    def __init__(self, code: int, answer: bytes | str) -> None:
        words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
        super().__init__(f"The mail server answered: {code} {clean_line(words)}"[:LONGEST_ANSWER])
        self.permanent = code >= 500


class UnwritableError(Exception):
    """The address needs a server that takes letters outside of ASCII (RFC 6531), and this one does not."""


class LostError(Exception):
    """The connection broke while or after the message was handed over: it may have gone."""


class Post:
    """Speaks to the server that ``smtp_url`` names. Use as a context manager; opens itself when needed."""

    def __init__(self, smtp_url: str, local_name: str) -> None:
        parts = urlsplit(smtp_url)
        self._scheme = parts.scheme
        self._host = parts.hostname or "127.0.0.1"
        self._port = parts.port or PORTS[parts.scheme]
        self._login = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
        self._local_name = local_name
        self._server: smtplib.SMTP | None = None

    def __enter__(self) -> "Post":
        return self

    def __exit__(self, *_error: object) -> None:
        if self._server is not None:
            try:
                self._server.quit()
            except (OSError, smtplib.SMTPException):
                self._drop()
        self._server = None

    def open(self) -> smtplib.SMTP:
        """The connection, made when there is none; raises AwayError."""
        if self._server is None:
            self._server = self._connect()
        return self._server

    def send(self, sender: str, to: str, message: bytes, *, plain: bool) -> None:
        """Hand over one message; a connection that was closed meanwhile is made anew, once.

        Raises AwayError, RefusedError or UnwritableError when it certainly did not go, LostError when it may have.
        """
        kept = self._server is not None
        try:
            self._announce(sender, to, plain)
        except AwayError:
            if not kept:
                raise
            self._announce(sender, to, plain)
        self._hand_over(message)

    def _connect(self) -> smtplib.SMTP:
        server: smtplib.SMTP | None = None
        try:
            if self._scheme == "smtps":
                server = smtplib.SMTP_SSL(
                    self._host, self._port, self._local_name, timeout=PATIENCE, context=ssl.create_default_context()
                )
            else:
                server = smtplib.SMTP(self._host, self._port, self._local_name, timeout=PATIENCE)
            server.ehlo_or_helo_if_needed()
            if self._scheme == "smtp+starttls":
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
            if self._login:
                server.login(*self._login)
        except smtplib.SMTPAuthenticationError as error:
            _close(server)
            raise AwayError(WRONG_LOGIN) from error
        except ssl.SSLError as error:
            _close(server)
            raise AwayError(NO_TLS) from error
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            _close(server)
            raise AwayError(NO_ANSWER) from error
        return server

    def _announce(self, sender: str, to: str, plain: bool) -> None:
        """MAIL, RCPT and DATA, up to the point where the server wants the body."""
        server = self.open()
        if not plain and not server.has_extn("smtputf8"):
            raise UnwritableError
        options = [] if plain else ["SMTPUTF8", "BODY=8BITMIME"]
        server.command_encoding = "ascii" if plain else "utf-8"
        commands: list[Callable[[], tuple[int, bytes]]] = [
            lambda: server.mail(sender, options),
            lambda: server.rcpt(to),
            lambda: server.docmd("DATA"),
        ]
        try:
            for command in commands:
                code, answer = command()
                if 400 <= code < 600 and code != CLOSING:
                    self._reset()
                    raise RefusedError(code, answer)
                if not 200 <= code < 400:
                    raise smtplib.SMTPServerDisconnected("no sense in its answer, or closing")
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            self._drop()
            raise AwayError(NO_ANSWER) from error

    def _hand_over(self, message: bytes) -> None:
        server = self.open()
        body = _LINE_BEGINS_WITH_DOT.sub(b"..", message)
        if not body.endswith(b"\r\n"):
            body += b"\r\n"
        try:
            self._wait_at_most(PATIENCE_AT_END)
            server.send(body + b".\r\n")  # in one piece: a second small packet would wait for the first one's receipt
            code, answer = server.getreply()
            self._wait_at_most(PATIENCE)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise LostError from error
        if 400 <= code < 600:
            if code == CLOSING:
                self._drop()
            raise RefusedError(code, answer)
        if not 200 <= code < 300:
            self._drop()
            raise LostError

    def _wait_at_most(self, seconds: float) -> None:
        sock = self.open().sock
        if sock is not None:
            sock.settimeout(seconds)

    def _reset(self) -> None:
        """Forget the message that was refused; the answer stands, whatever becomes of the connection."""
        try:
            self.open().rset()
        except (OSError, smtplib.SMTPException):
            self._drop()

    def _drop(self) -> None:
        _close(self._server)
        self._server = None


def _close(server: smtplib.SMTP | None) -> None:
    if server is not None:
        server.close()
