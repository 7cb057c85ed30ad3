"""Brings what the tests need from the machine: Chromium, from Debian's packages. ``python -m tests.machine``."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """Where Chromium lies; says how to get it when it is nowhere."""
    for name in (os.environ.get("CHROMIUM", ""), *NAMES):
        found = shutil.which(name) if name else None
        if found:
            return found
    raise SystemExit(
        "Chromium is missing; the browser tests need it. On Debian, as root: apt-get install chromium. "
        "Elsewhere set CHROMIUM to the path of a Chromium or Chrome."
    )


def main() -> None:
    """Install Chromium on Debian when it is missing and we may."""
    if not any(shutil.which(name) for name in (os.environ.get("CHROMIUM", ""), *NAMES) if name):
        if not shutil.which("apt-get") or os.geteuid() != 0:
            chromium()
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-q"], check=True, env=environment)
        subprocess.run(
            ["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"], check=True, env=environment
        )
    sys.stdout.write(f"Chromium: {chromium()}\n")


if __name__ == "__main__":
    main()
