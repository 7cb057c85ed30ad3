"""Static files as they travel: every style and script compressed, also those that are edited in a checkout.

What npm brings has its ``.gz`` beside it since the build. Our own files have none, so that an edit never meets a stale
copy: theirs are made when the web process starts, in the data folder, named after their content.
"""

import gzip
import os
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from whitenoise import WhiteNoise
from whitenoise.responders import StaticFile

TEXTS = (".css", ".js", ".svg", ".webmanifest")
WORTH = 1000  # bytes: smaller files go in one packet anyway


class StaticFiles(WhiteNoise):
    """WhiteNoise, which also packs what has no packed copy; ``packed`` is the folder of those copies."""

    def __init__(self, application: Callable[..., Any], *, packed: Path, **options: Any) -> None:
        self.packed = packed
        super().__init__(application, **options)

    def get_static_file(self, path: str, url: str, stat_cache: dict[str, os.stat_result] | None = None) -> StaticFile:
        """One file with its headers, as WhiteNoise gives it, and with the copy that we made of it."""
        file = Path(path)
        if file.suffix not in TEXTS or Path(path + ".gz").exists() or file.stat().st_size < WORTH:
            return super().get_static_file(path, url, stat_cache)
        try:
            packed = str(self._packed(file))
        except OSError:  # a data folder that cannot be written to: the file goes as it is
            return super().get_static_file(path, url, stat_cache)
        headers = Headers([])
        self.add_mime_headers(headers, path, url)
        self.add_cache_headers(headers, path, url)
        return StaticFile(path, headers.items(), encodings={"gzip": packed})

    def _packed(self, file: Path) -> Path:
        """The compressed copy; several processes that start at once make the same one."""
        content = file.read_bytes()
        copy = self.packed / f"{blake2b(content, digest_size=16).hexdigest()}.gz"
        if not copy.exists():
            self.packed.mkdir(parents=True, exist_ok=True)
            fresh = copy.with_name(f"{copy.name}.{os.getpid()}")
            fresh.write_bytes(gzip.compress(content, compresslevel=9, mtime=0))
            fresh.replace(copy)
        return copy
