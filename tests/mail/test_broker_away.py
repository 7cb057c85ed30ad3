"""The broker is killed while letters are queued: nobody notices, and each goes out once when it is back."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from eventhub import tasks, up
from eventhub.db import db
from tests.factories.mail import a_letter

ROOT = Path(__file__).resolve().parents[2]


class Broker:
    """A Valkey of this test's own, which may be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.start()

    def start(self) -> None:
        self.process = up.start_valkey(self.folder)
        self.url = up.os.environ["REDIS_URL"]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(60)


@pytest.fixture
def broker(app, tmp_path, monkeypatch):
    monkeypatch.setattr(up, "_valkey", {})  # another port than the one that all tests share
    monkeypatch.setenv("REDIS_URL", "")
    own = Broker(tmp_path)
    tasks.connect(own.url)
    yield own
    own.kill()


@pytest.fixture
def worker(environment, broker):
    """The real Celery worker on this test's broker and database."""
    command = [sys.executable, "-m", "celery", "-A", "worker.app", "worker", "-Q", "mail", "-l", "ERROR"]
    process = subprocess.Popen(
        [*command, "--without-gossip", "--without-mingle", "--without-heartbeat"],
        cwd=ROOT,
        env={**environment, "REDIS_URL": broker.url},
    )
    yield process
    process.terminate()
    process.wait(60)


def test_what_was_queued_while_the_broker_was_away_goes_out_once_when_it_is_back(app, letters, broker, worker, sink):
    a_letter()
    db.session.commit()
    sink.wait_for(1)

    broker.kill()
    began = time.monotonic()
    for _ in range(20):
        a_letter()
        db.session.commit()
    assert time.monotonic() - began < 20  # nobody who asks for a letter waits for the broker

    broker.start()
    sweep_until_taken()
    arrived = sink.wait_for(21, 90)
    sweep_until_taken()
    a_letter(to_email="last@network.example")
    db.session.commit()
    arrived = sink.wait_for(22)
    assert len({m["X-Envelope-To"] for m in arrived}) == len(arrived) == 22


def sweep_until_taken() -> None:
    """What beat does every half minute, now."""
    deadline = time.monotonic() + 60
    while not tasks.send(tasks.MAIL_SWEEP):
        assert time.monotonic() < deadline, "the broker takes no task"
        threading.Event().wait(0.2)
