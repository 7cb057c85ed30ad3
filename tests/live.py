"""The whole of EventHub as its users run it: `eventhub up` in a process of its own, on the database under test."""

import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.error import HTTPError, URLError

import psutil

from eventhub import up
from tests.waiting import wait_until as wait_until

COMMAND = [sys.executable, "-c", "import sys; sys.argv[0] = 'eventhub'; from eventhub.app import main; main()"]
ROOT = Path(__file__).resolve().parents[1]


class Live:
    """A running EventHub. ``url`` is where it answers; ``settings`` are more variables of its environment."""

    def __init__(self, folder: Path, database_url: str, smtp_url: str, *arguments: str, **settings: str) -> None:
        self.folder, self.port = folder, up.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "SMTP_URL": smtp_url,
            "BASE_URL": self.url,
            "PYTHONPATH": str(ROOT),
            "PAGE_CACHE_SECONDS": "0",
            "WORKER_NICE": "5",  # other tests keep this machine busy
            **settings,
        }
        self.environment.pop("REDIS_URL", None)
        self.environment.update({k: v for k, v in settings.items() if k == "REDIS_URL"})
        self.log = (folder / "up.log").open("ab")
        self.arguments = ["up", "--port", str(self.port), "--data", str(folder), *arguments]
        self.command = COMMAND
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, patience: float = 120) -> "Live":
        """Start, and return when it says that it is ready."""
        self.process = subprocess.Popen(
            [*self.command, *self.arguments], env=self.environment, cwd=self.folder, stdout=self.log, stderr=self.log
        )
        wait_until(lambda: self.status("/readyz") == 200 or self._died(), patience)
        return self

    def _died(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise AssertionError("eventhub up ended:\n" + (self.folder / "up.log").read_text()[-4000:])
        return False

    def status(self, path: str) -> int:
        """The status of a GET; 0 when nobody answers."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=20) as answer:
                return answer.status
        except HTTPError as error:
            return error.code
        except (URLError, OSError):
            return 0

    def family(self) -> list[psutil.Process]:
        """The supervisor and everything it started."""
        assert self.process is not None
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def stop(self, number: int = signal.SIGTERM, patience: float = 90) -> int:
        """End it and wait; the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(patience)
        self.log.close()
        return code

    def text(self) -> str:
        return (self.folder / "up.log").read_text(errors="replace")
