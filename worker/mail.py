"""Sending letters: when somebody queued one, and every half minute for what the queue lost."""

from celery import shared_task
from celery.worker import state

from eventhub import tasks
from eventhub.mail import sender


@shared_task(name=tasks.MAIL_SEND)
def send(_message_id: int | None = None) -> None:
    """Send all that is due; which letter asked for it does not matter."""
    sender.run(go_on=_not_stopping)


@shared_task(name=tasks.MAIL_SWEEP)
def sweep() -> None:
    """Repair what a killed sender left, then send all that is due."""
    sender.sweep()
    sender.run(go_on=_not_stopping)


def _not_stopping() -> bool:
    """Whether the worker may begin another letter: after SIGTERM it finishes only the one in hand."""
    # both hold an exit code once they are set, and the usual one is 0
    return all(flag is None or flag is False for flag in (state.should_stop, state.should_terminate))
