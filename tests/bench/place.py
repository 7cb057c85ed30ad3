"""Where the bench runs: a database with fsync, a mail sink in a process of its own, and the demo's EventHub on both."""

import asyncio
import multiprocessing
import os
import sys
import time
from functools import cached_property
from pathlib import Path

import sqlalchemy as sa

from eventhub import up
from tests import stack
from tests.live import Live, wait_until


class Place:
    """Starts each part when it is first asked for; ``stop`` ends them all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sqlite = os.environ["DB"] == "sqlite"
        self._stops: list = []
        self._databases = 0

    def stop(self) -> None:
        for stop in reversed(self._stops):
            stop()

    @cached_property
    def postgres(self) -> stack.Postgres:
        server = stack.Postgres(self.folder, durable=True)
        self._stops.append(server.stop)
        return server

    def new_database(self) -> str:
        """The address of a new, empty database."""
        self._databases += 1
        name = f"bench_{self._databases}"
        if self.sqlite:
            return f"sqlite:///{self.folder / (name + '.db')}"
        base = sa.make_url(self.postgres.url).set(drivername="postgresql+psycopg")
        engine = sa.create_engine(base, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return base.set(database=name).render_as_string(hide_password=False)

    @cached_property
    def sink_url(self) -> str:
        """An SMTP server that accepts and forgets, in a process of its own."""
        port = up.free_port()
        process = multiprocessing.get_context("fork").Process(target=_forgetful_sink, args=(port,), daemon=True)
        process.start()
        self._stops.append(process.terminate)
        wait_until(lambda: stack.listening(port))
        return f"smtp://127.0.0.1:{port}"

    @cached_property
    def live(self) -> Live:
        """`eventhub up --demo` as a user starts it, with the page cache as it ships and without limits per address."""
        folder = self.folder / "live"
        folder.mkdir()
        live = Live(folder, self.new_database(), self.sink_url, "--demo", PAGE_CACHE_SECONDS="2", EVENTHUB_LIMITS="off")
        live.environment.pop("WORKER_NICE")
        live.start(patience=180)
        self._stops.append(live.stop)
        return live

    def rest(self) -> None:
        """Wait until the server has done what the demo and earlier measures left it to do; on a machine that is busy
        with other things, go on after three minutes and say so."""
        if "live" not in self.__dict__:
            return
        family, deadline = self.live.family(), time.monotonic() + 180
        while sum(process.cpu_percent(0.2) for process in family) >= 10:
            if time.monotonic() > deadline:
                sys.stderr.write("The server does not come to rest: what follows was measured on a busy machine.\n")
                return


def _forgetful_sink(port: int) -> None:
    from aiosmtpd.smtp import SMTP

    class Forget:
        async def handle_DATA(self, _server, _session, _envelope) -> str:
            return "250 forgotten"

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(Forget(), loop=loop, enable_SMTPUTF8=True), "127.0.0.1", port)
        await server.serve_forever()

    asyncio.run(serve())
