"""Clients that trust a local authority as phones do once they installed it; nothing ever ignores a certificate's errors."""

import ssl
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from eventhub import up
from tests.browser import FLAGS
from tests.live import Live
from tests.machine import certutil, chromium


def trusted(authority: Path) -> ssl.SSLContext:
    """TLS that trusts this authority and no other."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(authority)
    return context


class SecureLive(Live):
    """`eventhub up --https`. ``authority`` is the file that phones would install."""

    def __init__(self, folder: Path, database_url: str, smtp_url: str, *arguments: str, **settings: str) -> None:
        self.http_port = up.free_port()
        more = ("--https", "--http-port", str(self.http_port), *arguments)
        super().__init__(folder, database_url, smtp_url, *more, **settings)
        self.environment["BASE_URL"] = ""
        self.url = f"https://127.0.0.1:{self.port}"
        self.plain = f"http://127.0.0.1:{self.http_port}"
        self.authority = folder / "https" / "authority.pem"

    def status(self, path: str) -> int:
        if not self.authority.exists():
            return 0
        opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=trusted(self.authority)))
        try:
            with opener.open(self.url + path, timeout=20) as answer:
                return int(answer.status)
        except OSError as error:  # HTTP's own errors are of this family too
            return int(getattr(error, "code", 0))


def trusting_browser(chrome: Browser, home: Path, authority: Path, *flags: str) -> Browser:
    """A Chromium whose user installed the authority (in the NSS database of a home of its own)."""
    store = home / ".pki" / "nssdb"
    store.mkdir(parents=True)
    place = f"sql:{store}"
    subprocess.run([certutil(), "-N", "-d", place, "--empty-password"], check=True)
    subprocess.run([certutil(), "-A", "-d", place, "-t", "C,,", "-n", "EventHub", "-i", str(authority)], check=True)
    environment: dict[str, Any] = {"HOME": str(home)}
    return chrome.browser_type.launch(executable_path=chromium(), args=[*FLAGS, *flags], env=environment)
