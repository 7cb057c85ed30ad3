"""`eventhub up`: starts everything, stops cleanly, leaves nobody behind, stands up again."""

import multiprocessing
import os
import signal
import socket
from pathlib import Path

import psutil
import pytest

from eventhub import config, up
from eventhub.app import create_app
from eventhub.serving import warm
from tests import conftest
from tests.live import Live, wait_until


@pytest.fixture
def start(tmp_path: Path, sink, process_name):
    """``start()`` gives a running EventHub on an empty database."""
    started = []

    def one() -> Live:
        started.append(Live(tmp_path, conftest.database_url(f"up_{process_name}", tmp_path), sink.url).start())
        return started[-1]

    yield one
    for live in started:
        if live.process.poll() is None:
            live.stop()


@pytest.mark.once
def test_a_web_process_starts_without_its_database(app, tmp_path, caplog):
    keys = {"EVENTHUB_SECRET_KEY": "k" * 40, "EVENTHUB_SEALING_KEY": "s" * 40}
    there = f"sqlite:///{tmp_path / 'nowhere' / 'x.db'}"
    parts = {"EVENTHUB_DATA": str(tmp_path), "DATABASE_URL": there, "REDIS_URL": os.environ["TEST_REDIS"]}
    warm(create_app(config.from_environment({**keys, **parts})))
    assert [record.message for record in caplog.records if record.name == "eventhub.serving"] == [
        "the report pages could not be made ready: their first reader waits longer"
    ]


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def test_it_serves_stands_up_again_and_stops_cleanly_on_sigterm(start, tmp_path):
    running = start()
    assert "Nobody can sign in yet" in running.text()  # a new house says how its first account is made
    assert running.status("/") == 200
    assert running.status("/metrics") == 200
    spare = [socket.create_connection(("127.0.0.1", running.port)) for _ in range(40)]  # as browsers open them
    assert [running.status("/healthz") for _ in range(3)] == [200] * 3
    for connection in spare:
        connection.close()
    a_taken_port_is_said_in_a_sentence(running, tmp_path / "second")
    children_that_die_are_started_again(running)
    nothing_is_for_everybody_on_the_machine(tmp_path)
    family = running.family()
    assert len(family) >= 5  # supervisor, web and its worker, worker, beat, valkey
    assert running.stop(signal.SIGTERM) == 0
    wait_until(lambda: not alive(family))


def nothing_is_for_everybody_on_the_machine(folder: Path) -> None:
    """The database, what the broker keeps and the keys; never a secret where `ps` shows it."""
    made = [p for p in folder.rglob("*") if p.is_file() and not {"second", "up.log"} & set(p.parts)]
    assert {"keys.json", "valkey"} <= {part for path in made for part in path.relative_to(folder).parts}
    assert [path for path in made if path.stat().st_mode & 0o077] == []


def a_taken_port_is_said_in_a_sentence(running: Live, folder: Path) -> None:
    folder.mkdir()
    second = Live(folder, "sqlite:///x.db", "")
    second.arguments[2] = str(running.port)
    with pytest.raises(AssertionError, match=f"Port {running.port} is taken"):
        second.start()


def children_that_die_are_started_again(running: Live) -> None:
    before = {p.pid for p in running.family()}
    for child in psutil.Process(running.process.pid).children():
        os.kill(child.pid, signal.SIGKILL)

    def are_others() -> bool:
        """Another family serves: a killed child is in the old one until its parent has heard of it."""
        now = {p.pid for p in running.family()}
        return now & before == {running.process.pid} and len(now) >= 5

    wait_until(lambda: are_others() and running.status("/readyz") == 200, patience=90)


def test_children_do_not_outlive_a_killed_supervisor(start):
    running = start()
    family = running.family()
    running.process.kill()
    running.process.wait(60)
    wait_until(lambda: not alive(family), patience=90)


@pytest.mark.once
def test_the_worker_works_only_while_nothing_else_would():
    assert stood_back(19) == (19, os.SCHED_IDLE)
    assert stood_back(5) == (5, os.SCHED_OTHER)


def stood_back(nice: int) -> tuple[int, int]:
    """How a process is scheduled after it stood back so far (it could never come forward again)."""

    def stand_back() -> None:
        up._stand_back(nice)
        answers.put((os.nice(0), os.sched_getscheduler(0)))

    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    process = context.Process(target=stand_back)
    process.start()
    process.join(30)
    return answers.get()
