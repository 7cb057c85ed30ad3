"""`eventhub up`: starts everything, stops cleanly, leaves nobody behind, stands up again."""

import os
import signal
import socket
from pathlib import Path

import psutil
import pytest

from tests import conftest
from tests.live import Live, wait_until


@pytest.fixture
def running(tmp_path: Path, sink, process_name):
    live = Live(tmp_path, conftest.database_url(f"up_{process_name}", tmp_path), sink.url).start()
    yield live
    if live.process.poll() is None:
        live.stop()


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def test_it_serves_and_stops_cleanly_on_sigterm(running):
    assert running.status("/") == 200
    assert running.status("/metrics") == 200
    spare = [socket.create_connection(("127.0.0.1", running.port)) for _ in range(40)]  # as browsers open them
    assert [running.status("/healthz") for _ in range(3)] == [200] * 3
    for connection in spare:
        connection.close()
    family = running.family()
    assert len(family) >= 5  # supervisor, web and its worker, worker, beat, valkey
    assert running.stop(signal.SIGTERM) == 0
    wait_until(lambda: not alive(family))


def test_children_do_not_outlive_a_killed_supervisor(running):
    family = running.family()
    running.process.kill()
    running.process.wait(60)
    wait_until(lambda: not alive(family), patience=90)


def test_a_child_that_dies_is_started_again(running):
    before = {p.pid for p in running.family()}
    for child in psutil.Process(running.process.pid).children():
        os.kill(child.pid, signal.SIGKILL)
    wait_until(lambda: running.status("/readyz") == 200 and len(running.family()) >= 5, patience=90)
    assert {p.pid for p in running.family()} & before == {running.process.pid}


@pytest.mark.once
def test_a_taken_port_is_said_in_a_sentence(running, tmp_path, sink):
    (tmp_path / "second").mkdir()
    second = Live(tmp_path / "second", "sqlite:///x.db", sink.url)
    second.arguments[2] = str(running.port)
    with pytest.raises(AssertionError, match=f"Port {running.port} is taken"):
        second.start()
