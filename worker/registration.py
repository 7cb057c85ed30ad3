"""What follows when a registration is confirmed or stops being so: the badge, the ticket letter, its 1:1 meetings; and
the sweep that finds what the queue lost."""

import logging
from datetime import timedelta

from celery import shared_task

from eventhub import clock, tasks
from eventhub.badges import queries, service
from eventhub.db import db
from eventhub.networking import queries_own, service_one_to_one
from eventhub.registration import queries as registrations

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=20)  # the queue gets this long before the sweep looks


@shared_task(name=tasks.REGISTRATION_CONFIRMED)
def confirmed(registration_id: int) -> None:
    service.react_to_confirmed(registration_id)
    db.session.commit()


@shared_task(name=tasks.REGISTRATION_CHANGED)
def changed(registration_id: int) -> None:
    """A badge's validity follows from the registration, so nothing is stored here; a new confirmation is caught up.
    Whom somebody would have met who cannot come any more gets a letter, and the table is free again."""
    service.react_to_confirmed(registration_id)
    service_one_to_one.release(registrations.get_registration(registration_id))
    db.session.commit()


@shared_task(name=tasks.REGISTRATION_SWEEP)
def sweep() -> None:
    """One transaction each: one that fails is logged and does not hold back the others."""
    late = queries.not_followed_up(clock.now() - PATIENCE)
    db.session.commit()
    for registration_id in late:
        try:
            service.react_to_confirmed(registration_id)
            db.session.commit()
        except Exception:
            db.session.rollback()
            log.exception("registration %s: badge and ticket letter failed", registration_id)
    for registration_id in queries_own.list_gone():
        try:
            service_one_to_one.release(registrations.get_registration(registration_id))
            db.session.commit()
        except Exception:
            db.session.rollback()
            log.exception("registration %s: its 1:1 meetings still stand", registration_id)
