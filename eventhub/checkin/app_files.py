"""The door app as files: what a phone keeps so that the door opens with no server, and under which version.

Every script stands under one address with the version in it, so that modules which import each other are always of one
version, whatever a browser has kept. The service worker's text changes with any of them, and with the page itself.
"""

import hashlib
import json
import struct
import zlib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from flask import render_template, url_for

from eventhub.paths import STATIC
from eventhub.ui import asset

_FOLDERS = ("js/door", "vendor/idb", "vendor/zxing", "vendor/noble")
_KINDS = (".js", ".wasm")
_STYLES = ("vendor/bootstrap/bootstrap.min.css", "vendor/bootstrap/bootstrap.rtl.min.css", "css/eventhub.css")
ICON_SIZES = (192, 512)


@lru_cache(1)
def names() -> tuple[str, ...]:
    """The app's scripts and the decoder, as paths under static/."""
    inside = [
        p for folder in _FOLDERS for p in (STATIC / folder).rglob("*") if p.suffix in _KINDS and p.name != "sw.js"
    ]
    beside = ("camera", "door", "kiosk", "kiosk-pin", "kiosk-stay", "met", "self")
    paths = [*inside, *(STATIC / "js" / f"{name}.js" for name in beside)]
    return tuple(sorted(p.relative_to(STATIC).as_posix() for p in paths))


@lru_cache(1)
def version() -> str:
    """A hash over all of them."""
    digest = hashlib.sha256()
    for name in names():
        digest.update(name.encode() + b"\0" + hashlib.sha256((STATIC / name).read_bytes()).digest())
    return digest.hexdigest()[:16]


def worker(name: str, address: str, shell: str) -> str:
    """The service worker's script for the page `shell` at an address (``name`` is door or kiosk, and that of its own
    styles): what to keep comes first, then what it does."""
    files = [url_for("door_app.part", version=version(), name=name) for name in names()]
    files += [asset(path) for path in (*_STYLES, f"css/{name}.css", "img/icon.svg")]
    files += [url_for("door_app.manifest"), *(url_for("door_app.icon", size=size) for size in ICON_SIZES)]
    about = {
        "name": name,
        "version": f"{version()}-{hashlib.sha256(shell.encode()).hexdigest()[:16]}",
        "shell": address,
        "files": files,
    }
    return f"const KEEP = {json.dumps(about)};\n" + (STATIC / "js" / "door" / "sw.js").read_text()


def page(**settings: Any) -> str:
    """The app's page."""
    return render_template("checkin/phone.html", settings=settings, version=version())


# --- the icon ----------------------------------------------------------------------------------------------------

_GROUND, _LINE, _HEART = (11, 110, 110), (247, 239, 223), (217, 161, 59)  # red, green, blue of static/img/icon.svg


@lru_cache(4)
def icon(size: int) -> bytes:
    """The house's lozenge as a PNG of ``size`` pixels a side: phones want one when the app is put on the home screen."""
    rows = b"".join(b"\0" + bytes(_colours(y, size)) for y in range(size))
    palette = bytes([*_GROUND, *_LINE, *_HEART])
    head = struct.pack(">IIBBBBB", size, size, 8, 3, 0, 0, 0)  # 8 bits a pixel, by palette
    parts = ((b"IHDR", head), (b"PLTE", palette), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_part(name, data) for name, data in parts)


def _colours(y: int, size: int) -> Iterator[int]:
    for x in range(size):
        far = (abs(x + 0.5 - size / 2) + abs(y + 0.5 - size / 2)) * 32 / size  # from the heart, in 32nds of a side
        yield 2 if far <= 5 else 1 if 9 <= far <= 11.5 else 0


def _part(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
