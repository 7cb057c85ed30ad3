"""The Celery app: the web's own Flask app around every task, three queues, no result store.

A task carries only ids, and running it twice equals once, so late acknowledgement is safe: what a killed worker held
is delivered again.
"""

import os
import pkgutil
from typing import Any

from celery import Celery, Task
from flask import Flask

import worker
from eventhub import db
from eventhub.app import create_app
from eventhub.config import from_environment
from eventhub.tasks import QUEUES
from worker import broker
from worker.schedule import BEAT

# threads of one worker process: enough to send mail while a sheet of badges is made
CONCURRENCY = int(os.environ.get("WORKER_THREADS", "3"))


class Hub(Celery):
    """Celery with the Flask app that its tasks run in: given by who forked us, else made at the first task."""

    flask: Flask | None = None

    def flask_app(self) -> Flask:
        if self.flask is None:
            self.flask = create_app()
        return self.flask


class InApp(Task):
    """Runs inside the Flask app with a fresh session; whatever was not committed is rolled back."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with self.app.flask_app().app_context():
            token = db.writing.set(True)
            try:
                return self.run(*args, **kwargs)
            finally:
                db.db.session.remove()
                db.writing.reset(token)


def make(redis_url: str) -> Hub:
    """The Celery app on a broker."""
    broker.install()
    hub = Hub("eventhub", broker=redis_url, task_cls=InApp)
    hub.conf.update(
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_routes={name: {"queue": queue} for name, queue in QUEUES.items()},
        task_create_missing_queues=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_concurrency=CONCURRENCY,
        worker_pool="threads",
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={"visibility_timeout": 600, "socket_keepalive": True},
        beat_schedule=BEAT,
        include=[f"worker.{module.name}" for module in pkgutil.iter_modules(worker.__path__)],
    )
    return hub


celery = make(from_environment().redis_url)
