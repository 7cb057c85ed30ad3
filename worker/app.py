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
from eventhub.tasks import QUEUES
from worker.schedule import BEAT

# threads of one worker process: enough to send mail while a sheet of badges is made
CONCURRENCY = int(os.environ.get("WORKER_THREADS", "3"))

_flask: Flask | None = None


def flask_app() -> Flask:
    """The Flask app, made once per process."""
    global _flask
    if _flask is None:
        _flask = create_app()
    return _flask


class InApp(Task):
    """Runs inside the Flask app with a fresh session; whatever was not committed is rolled back."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with flask_app().app_context():
            token = db.writing.set(True)
            try:
                return self.run(*args, **kwargs)
            finally:
                db.db.session.remove()
                db.writing.reset(token)


def make(redis_url: str) -> Celery:
    """The Celery app on a broker."""
    celery = Celery("eventhub", broker=redis_url, task_cls=InApp)
    celery.conf.update(
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
    return celery


celery = make(flask_app().config["EVENTHUB"].redis_url)
