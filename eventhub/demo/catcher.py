"""The demo's mail catcher: a real SMTP server on this machine that keeps every letter as a file and sends nothing on."""

import asyncio
import itertools
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

LARGEST = 30 * 1024 * 1024  # bytes of one letter


class Keeper:
    """Writes each accepted letter to the folder, numbered in the order of arrival."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        last = max((int(path.stem) for path in folder.glob("*.eml")), default=0)
        self.numbers = itertools.count(last + 1)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        path = self.folder / f"{next(self.numbers):06}.eml"
        part = path.with_suffix(".part")
        part.write_bytes(envelope.content)
        part.rename(path)  # whole or not at all
        return "250 kept"


def serve(port: int, folder: Path) -> None:
    """Listen on loopback until the process is ended."""
    asyncio.run(_serve(port, folder))


async def _serve(port: int, folder: Path) -> None:
    keeper = Keeper(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(keeper, loop=loop, enable_SMTPUTF8=True, data_size_limit=LARGEST), "127.0.0.1", port
    )
    async with server:
        await server.serve_forever()


def list_letters(folder: Path, newest: int = 200) -> list[tuple[int, EmailMessage]]:
    """The newest letters first, each with its number."""
    paths = sorted(folder.glob("*.eml"), reverse=True)[:newest] if folder.is_dir() else []
    return [(int(path.stem), _read(path)) for path in paths]


def find_letter(folder: Path, number: int) -> EmailMessage | None:
    path = folder / f"{number:06}.eml"
    return _read(path) if path.is_file() else None


def _read(path: Path) -> EmailMessage:
    return message_from_bytes(path.read_bytes(), policy=policy.default)  # type: ignore[return-value]  # the policy's kind
