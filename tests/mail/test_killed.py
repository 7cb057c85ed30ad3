"""A sender killed with -9 in the middle of sending, fifty times at random moments."""

import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from eventhub import clock
from eventhub.db import db
from eventhub.mail import sender
from eventhub.mail.models import Message
from eventhub.mail.states import MessageState
from tests.factories.mail import a_letter

KILLS = 50
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def victim(environment, letters):
    """A process that forks senders on this test's database. It sends the first letter itself."""
    a_letter()
    db.session.commit()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.mail.victim"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.stdin.close()
    process.wait(60)


def test_killed_fifty_times_no_letter_goes_twice_and_none_is_lost(app, victim, sink):
    moments = random.Random()
    waiting, killed = 0, 0
    while killed < KILLS:
        if waiting < 60:
            for _ in range(100):
                a_letter()
            db.session.commit()
        seen = len(sink.messages)
        say(victim, "go")
        sink.wait_for(seen + 1)  # it is in the middle of sending now
        threading.Event().wait(moments.uniform(0, 0.04))
        say(victim, "die")
        killed += int(victim.stdout.readline()) == -signal.SIGKILL
        with clock.frozen(clock.now() + timedelta(hours=1)):
            sender.sweep()
        waiting = count(MessageState.QUEUED)
    sender.run()
    copies = Counter(m["X-Envelope-To"] for m in sink.messages)
    rows = db.session.execute(sa.select(Message.to_email, Message.state)).all()
    assert {row.state for row in rows} <= {MessageState.SENT, MessageState.UNKNOWN}
    sent = [row.to_email for row in rows if row.state is MessageState.SENT]
    doubtful = [row.to_email for row in rows if row.state is MessageState.UNKNOWN]
    assert {copies[address] for address in sent} == {1}
    assert {copies[address] for address in doubtful} <= {0, 1}
    assert len(doubtful) <= KILLS and len(sent) > KILLS
    assert sum(copies.values()) == len(sent) + sum(copies[address] for address in doubtful)


def say(victim, word: str) -> None:
    victim.stdin.write(word + "\n")
    victim.stdin.flush()


def count(state: MessageState) -> int:
    n = db.session.scalar(sa.select(sa.func.count()).where(Message.state == state))
    db.session.rollback()
    return n
