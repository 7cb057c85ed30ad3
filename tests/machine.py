"""Brings what the tests need from the machine, from Debian's packages: Chromium, and certutil, by which its user trusts
an authority. ``python -m tests.machine``."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """Where Chromium lies; says how to get it when it is nowhere."""
    found = _chromium()
    if not found:
        raise SystemExit(
            "Chromium is missing; the browser tests need it. On Debian, as root: apt-get install chromium. "
            "Elsewhere set CHROMIUM to the path of a Chromium or Chrome."
        )
    return found


def certutil() -> str:
    """Where NSS's certutil lies; says how to get it when it is nowhere."""
    found = shutil.which("certutil")
    if not found:
        raise SystemExit(
            "certutil is missing; tests of HTTPS need it. On Debian, as root: apt-get install libnss3-tools."
        )
    return found


def _chromium() -> str:
    found = (shutil.which(name) for name in (os.environ.get("CHROMIUM", ""), *NAMES) if name)
    return next(filter(None, found), "")


def main() -> None:
    """Install on Debian what is missing, when we may."""
    missing = [] if _chromium() else ["chromium"]
    if not shutil.which("certutil"):
        missing.append("libnss3-tools")
    if missing and shutil.which("apt-get") and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-q"], check=True, env=environment)
        subprocess.run(
            ["apt-get", "install", "-y", "-q", "--no-install-recommends", *missing], check=True, env=environment
        )
    sys.stdout.write(f"Chromium: {chromium()}\ncertutil: {certutil()}\n")


if __name__ == "__main__":
    main()
