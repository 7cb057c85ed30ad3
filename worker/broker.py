"""Decides what the worker does when the broker goes away in the middle of a task: it waits, and lives."""

from typing import Any

from kombu.transport import TRANSPORT_ALIASES
from kombu.transport import redis as kombu_redis
from redis.exceptions import ConnectionError as BrokerAwayError


class Channel(kombu_redis.Channel):
    """A channel whose connection is gone says so.

    In kombu 5.7 it raises AttributeError where a task in hand is acknowledged or given back, which ends the whole
    worker; a connection error is expected there and leads to a new connection. The task is not lost: it is
    repeatable, its row says what is to be done, and a sweep finds it.
    """

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        if self.connection is None or self.connection.client is None:
            raise BrokerAwayError("the connection to the broker is closed")
        params: dict[str, Any] = super()._connparams(asynchronous=asynchronous)
        return params


class Transport(kombu_redis.Transport):
    Channel = Channel


def install() -> None:
    """Use it for redis:// and rediss://."""
    for scheme in ("redis", "rediss"):
        TRANSPORT_ALIASES[scheme] = "worker.broker:Transport"
