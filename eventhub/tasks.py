"""The names of the background tasks, and how to ask for one: after the commit, by name, with ids only.

``eventhub`` never imports ``worker``. A task that the broker cannot take now is not an error for the person who
waits for a page: the row is committed, and a sweep finds it.
"""

import logging
import time
import uuid
from typing import Any

from celery import Celery
from kombu.transport import redis
from sqlalchemy import event
from sqlalchemy.orm import Session, scoped_session

log = logging.getLogger(__name__)

MAIL_SEND = "mail.send"
MAIL_SWEEP = "mail.sweep"
JOBS_RUN = "jobs.run"
JOBS_SWEEP = "jobs.sweep"
REGISTRATION_CONFIRMED = "registration.confirmed"
REGISTRATION_CHANGED = "registration.changed"
REGISTRATION_SWEEP = "registration.sweep"
INVITATIONS_SWEEP = "invitations.sweep"
CHECKIN_REFOLD = "checkin.refold"
CHECKIN_FOLLOW = "checkin.follow"
NETWORKING_SUGGEST = "networking.suggest"
NETWORKING_EVENING = "networking.evening"
PARTNERSHIPS_FOLLOW_UPS = "partnerships.follow_ups"
REPORTS_WITHHOLD = "reports.withhold"
PURGE = "purge"

# every task and its queue; a house test holds this table against the tasks that the worker registers
QUEUES = {
    MAIL_SEND: "mail",
    MAIL_SWEEP: "mail",
    JOBS_RUN: "documents",
    JOBS_SWEEP: "default",
    REGISTRATION_CONFIRMED: "documents",
    REGISTRATION_CHANGED: "default",
    REGISTRATION_SWEEP: "default",
    INVITATIONS_SWEEP: "default",
    CHECKIN_REFOLD: "default",
    CHECKIN_FOLLOW: "default",
    NETWORKING_SUGGEST: "default",
    NETWORKING_EVENING: "default",
    PARTNERSHIPS_FOLLOW_UPS: "default",
    REPORTS_WITHHOLD: "default",
    PURGE: "default",
}

QUIET_SECONDS = 3.0  # after a failure, leave the broker alone this long: a page must not wait for it
_producer: Celery | None = None
_quiet_until = 0.0


class Channel(redis.Channel):
    """Keeps its client: kombu makes a new one for every message, which costs as much as the message."""

    _kept: Any = None

    def _create_client(self, asynchronous: bool = False) -> Any:
        if asynchronous:
            return super()._create_client(asynchronous=True)
        if self._kept is None or self._kept.connection_pool is not self.pool:
            self._kept = super()._create_client()
        return self._kept


class Transport(redis.Transport):
    Channel = Channel


def connect(redis_url: str) -> None:
    """Name the broker that tasks are sent to. Does not open a connection."""
    global _producer, _quiet_until
    _producer = Celery("eventhub-producer", broker=redis_url, set_as_current=False)
    _producer.conf.update(
        broker_transport="eventhub.tasks:Transport",
        task_ignore_result=True,
        broker_connection_timeout=0.5,
        broker_transport_options={"socket_connect_timeout": 0.5, "socket_timeout": 1.0, "max_retries": 0},
        task_publish_retry=False,
    )
    _quiet_until = 0.0


def send(name: str, *args: Any) -> bool:
    """Hand a task to the broker now. Returns whether it was taken; never raises for a broker that is away."""
    global _quiet_until
    if _producer is None or time.monotonic() < _quiet_until:
        return False
    try:
        _publish(_producer, name, args)
    except Exception as error:  # kombu, redis and socket errors have no common parent; the sweep repairs
        _quiet_until = time.monotonic() + QUIET_SECONDS
        log.warning("broker away, %s left to the sweep: %s", name, type(error).__name__)
        return False
    return True


def _publish(producer: Celery, name: str, args: tuple[Any, ...]) -> None:
    """``producer.send_task``, at half its cost: a message of Celery's protocol 2, without the options we never use.

    https://docs.celeryq.dev/en/stable/internals/protocol.html
    """
    ident = str(uuid.uuid4())
    headers = {
        "lang": "py",
        "task": name,
        "id": ident,
        "root_id": ident,
        "parent_id": None,
        "group": None,
        "retries": 0,
        "eta": None,
        "expires": None,
        "timelimit": (None, None),
        "ignore_result": True,
        "argsrepr": repr(args),
        "kwargsrepr": "{}",
        "origin": "eventhub",
    }
    body: Any = (args, {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None})
    with producer.amqp.producer_pool.acquire(block=True) as publisher:
        publisher.publish(
            body, headers=headers, routing_key=QUEUES[name], correlation_id=ident, serializer="json", retry=False
        )


def after_commit(session: Session | scoped_session[Any], name: str, *args: Any) -> None:
    """Send task ``name`` once the session's present transaction is committed; a rollback forgets it.

    The same task with the same arguments is sent once per transaction. A row that is given stands for its id, which it
    may not have before the commit.
    """
    real = session() if isinstance(session, scoped_session) else session
    waiting = real.info.setdefault("tasks", [])
    if (name, args) not in waiting:
        waiting.append((name, args))


@event.listens_for(Session, "after_commit")
def _send_waiting(session: Session) -> None:
    # after_commit also fires when a SAVEPOINT is released
    if session.in_nested_transaction():
        return
    waiting = [(name, *(getattr(arg, "id", arg) for arg in args)) for name, args in session.info.pop("tasks", [])]
    for name, *args in dict.fromkeys(waiting):
        send(name, *args)


@event.listens_for(Session, "after_rollback")
def _forget_waiting(session: Session) -> None:
    # a SAVEPOINT that is rolled back takes nothing from what the transaction around it asked for
    if session.in_nested_transaction():
        return
    session.info.pop("tasks", None)
