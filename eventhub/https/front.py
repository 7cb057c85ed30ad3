"""TLS before the web server: takes it off each connection and hands on plain bytes, over a socket that nobody else opens.

The web server has a few threads, and each waits for what its connection brings. Phones open connections in advance and
vanish in the middle of a handshake; here such a connection costs a few kilobytes and no thread: the web server hears of
it when a question's head has come whole. Who asks is told by one line of the PROXY protocol (version 1).
"""

import asyncio
import contextlib
import ipaddress
import signal
import ssl
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

HANDSHAKE = 10.0  # seconds
SILENCE = 65.0  # seconds without a byte in either direction; longer than any page takes
WEB_RETURNS = 5.0  # seconds that a question waits for a web server that is being started again
LAST_WORDS = 15.0  # seconds for answers under way when the front is asked to end
CHUNK = 64 * 1024
END_OF_HEAD = b"\r\n\r\n"
LOOK = 5.0  # seconds between two looks for silent connections and for a renewed certificate


class Front:
    """Serves ``host:port`` with a certificate, and hands everything on to the Unix socket ``web``."""

    def __init__(self, host: str, port: int, certificate: Path, key: Path | None, web: Path) -> None:
        self.host, self.port, self.certificate, self.key, self.web = host, port, certificate, key, web
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.loaded = 0
        self.open: dict[asyncio.StreamWriter, float] = {}  # when each was last heard of
        self.tasks: set[asyncio.Task[None]] = set()

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._load()
        ending = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, ending.set)
        server = await asyncio.start_server(
            self._take, self.host, self.port, ssl=self.context, ssl_handshake_timeout=HANDSHAKE, backlog=2048
        )
        looking = asyncio.create_task(self._look_around())
        await ending.wait()
        looking.cancel()
        server.close()
        # the web server ends, too: it answers what it has begun and closes its side
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=LAST_WORDS)
        for writer in list(self.open):
            writer.transport.abort()

    def _load(self) -> None:
        """The certificate, read again once the file has changed: connections from then on get the new one."""
        changed = self.certificate.stat().st_mtime_ns
        if changed != self.loaded:
            self.context.load_cert_chain(self.certificate, self.key)
            self.loaded = changed

    async def _look_around(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            with contextlib.suppress(OSError, ssl.SSLError):  # half written just now: the next look finds it whole
                self._load()
            silent = asyncio.get_running_loop().time() - SILENCE
            for writer, heard in list(self.open.items()):
                if heard < silent:
                    writer.transport.abort()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self.tasks.add(task)
        self._heard(writer)
        try:
            first = await self._whole_head(reader)
            if first:
                await self._hand_on(first, reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the phone or the web server is gone: both sides are closed below
        finally:
            self.open.pop(writer, None)
            self.tasks.discard(task)  # type: ignore[arg-type]  # it is ours, or it is not in there
            writer.close()

    async def _whole_head(self, reader: asyncio.StreamReader) -> bytes:
        """The first question's head, or as much as fits: half of one is not worth a thread. Empty when none comes."""
        head = b""
        while END_OF_HEAD not in head and len(head) < CHUNK:
            data = await reader.read(CHUNK)
            if not data:
                return b""
            head += data
        return head

    async def _hand_on(self, first: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_web, to_web = await self._reach_web()
        try:
            to_web.write(introduction(writer.get_extra_info("peername"), writer.get_extra_info("sockname")) + first)
            ways = [
                asyncio.create_task(self._pump(reader, to_web, writer)),
                asyncio.create_task(self._pump(from_web, writer, writer)),
            ]
            # whichever side ends first ends both: browsers do not close half a connection and listen on
            _done, rest = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in rest:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
        finally:
            to_web.close()

    async def _reach_web(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        deadline = asyncio.get_running_loop().time() + WEB_RETURNS
        while True:
            try:
                return await asyncio.open_unix_connection(str(self.web))
            except OSError:
                if asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(0.1)

    async def _pump(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, client: asyncio.StreamWriter
    ) -> None:
        while data := await source.read(CHUNK):
            self._heard(client)
            target.write(data)
            await target.drain()

    def _heard(self, client: asyncio.StreamWriter) -> None:
        self.open[client] = asyncio.get_running_loop().time()


def introduction(client: Any, here: Any) -> bytes:
    """The PROXY protocol's line: whom the web server speaks with."""
    if not client or not here:
        return b"PROXY UNKNOWN\r\n"
    client_address, own = (ipaddress.ip_address(each[0].partition("%")[0]) for each in (client, here))
    return f"PROXY TCP{client_address.version} {client_address} {own} {client[1]} {here[1]}\r\n".encode()


class Behind:
    """WSGI middleware for a web server that only this front speaks to: by HTTPS, and from which address.

    The web server learns the address with a connection's first question only, so it is kept for the others. Unless the
    name is ours for long (``lasting``), browsers are not told to insist on HTTPS for a year: tomorrow another machine
    may have this address, or this one another authority, whose page over plain HTTP must open.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]], *, lasting: bool) -> None:
        self.app, self.lasting = app, lasting
        self.addresses: WeakKeyDictionary[Any, str] = WeakKeyDictionary()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        connection = environ["gunicorn.socket"]
        if "PROXY_PROTOCOL" in environ:
            self.addresses[connection] = environ["REMOTE_ADDR"]
        environ["REMOTE_ADDR"] = self.addresses.get(connection, "")
        environ["wsgi.url_scheme"] = "https"
        return self.app(environ, start_response if self.lasting else _without_insisting(start_response))


def _without_insisting(start_response: Callable[..., Any]) -> Callable[..., Any]:
    def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        kept = [(name, value) for name, value in headers if name.lower() != "strict-transport-security"]
        return start_response(status, kept, *more)

    return start
