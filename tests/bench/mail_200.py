"""``mail_200``: letters per second from the first claim to the last committed ``sent``, 200 of them, one sender.

The limit is smtplib: the same letters composed by the same code and sent to the same server over one connection,
without a database, in the same run. Both are measured in turn, several times; the middle of each counts.
"""

import smtplib
import statistics
import time
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import current_app
from jinja2 import ChoiceLoader, DictLoader

from eventhub import config, security
from eventhub.app import create_app
from eventhub.db import db, writing
from eventhub.mail import addresses, sender, service
from eventhub.mail.compose import compose, sender_address
from eventhub.mail.models import Message
from eventhub.mail.states import MessageState
from eventhub.maintenance import upgrade_database
from tests.bench.place import Place
from tests.mail.conftest import TEMPLATES

LETTERS = 200
ROUNDS = 7


def measure(place: Place) -> dict[str, Any]:
    """The bench's line: ``value`` and ``limit`` in letters per second."""
    app = create_app(_settings(place))
    app.jinja_env.loader = ChoiceLoader([DictLoader(TEMPLATES), app.jinja_env.loader])
    upgrade_database(app)
    with app.app_context():
        pairs = [(_ours(number), _limit(number)) for number in range(ROUNDS + 1)][1:]  # the first warms up
        db.session.remove()
        db.engine.dispose()
    value, limit = (statistics.median(column) for column in zip(*pairs, strict=True))
    return {
        "name": "mail_200",
        "value": round(value, 1),
        "unit": "letters/s",
        "limit": round(limit, 1),
        "ratio": round(value / limit, 3),
    }


def _settings(place: Place) -> config.Config:
    return config.from_environment(
        {
            "EVENTHUB_DATA": str(place.folder),
            "EVENTHUB_SECRET_KEY": "bench-" + "x" * 40,
            "EVENTHUB_SEALING_KEY": "bench-" + "y" * 40,
            "DATABASE_URL": place.new_database(),
            "REDIS_URL": "redis://127.0.0.1:1/0",  # nobody is told: the bench calls the sender itself
            "SMTP_URL": place.sink_url,
            "LOG_LEVEL": "ERROR",
        }
    )


def _ours(number: int) -> float:
    """Queue the letters, send them, and see that each is recorded as sent."""
    token = writing.set(True)
    for n in range(LETTERS):
        ident = number * LETTERS + n + 1
        service.queue(
            letter="greeting",
            key=f"bench:{ident}",
            to_email=f"person{ident}@network.example",
            to_name=f"សុភាព {ident}",
            context={"name": f"សុភាព {ident}", "link": security.placeholder("me", ident), "when": date(2025, 7, 28)},
        )
    db.session.commit()
    writing.reset(token)
    began = time.perf_counter()
    sender.run()
    took = time.perf_counter() - began
    sent = db.session.scalar(sa.select(sa.func.count()).where(Message.state == MessageState.SENT))
    db.session.rollback()
    if sent != (number + 1) * LETTERS:
        raise RuntimeError(f"{sent} letters are sent, not {(number + 1) * LETTERS}")
    return LETTERS / took


def _limit(number: int) -> float:
    """The same letters by smtplib alone."""
    keys = [f"bench:{number * LETTERS + n + 1}" for n in range(LETTERS)]
    rows = db.session.scalars(sa.select(Message).where(Message.key.in_(keys)).order_by(Message.id)).all()
    letters = [sender.as_letter(row, addresses.read(row.to_email), "") for row in rows]
    db.session.rollback()
    host, port = current_app.config["EVENTHUB"].smtp_url.removeprefix("smtp://").split(":")
    began = time.perf_counter()
    with smtplib.SMTP(host, int(port), "localhost") as server:
        for letter in letters:
            server.sendmail(sender_address(), [str(letter.to)], compose(letter))
    return LETTERS / (time.perf_counter() - began)
