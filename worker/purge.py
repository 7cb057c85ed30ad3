"""The daily purge: every feature deletes what it may no longer keep; one audit row says how much, and of what."""

from dataclasses import dataclass
from datetime import datetime

from eventhub import audit, clock, files, tasks
from eventhub.accounts import sign_ins
from eventhub.checkin import retention as checkin
from eventhub.db import db
from eventhub.invitations import service as invitations
from eventhub.jobs import service as jobs
from eventhub.mail import service as mail
from eventhub.networking import offers, service_one_to_one, wishes
from eventhub.registration import retention as registration
from eventhub.safeguarding import service as safeguarding
from worker.app import celery

# what is purged, in this order; each takes the present instant and returns how many rows it deleted or blanked
PURGES = {
    "safeguarding": safeguarding.purge,
    "registration": registration.purge,
    "invitations": invitations.purge,
    "checkin": checkin.purge,
    "mail": mail.purge,
    "profiles": offers.purge,
    "one_to_ones": service_one_to_one.purge,
    "wishes": wishes.purge,
    "sign_ins": sign_ins.purge,
    "jobs": jobs.purge,
    "files": files.purge,
}


@dataclass
class Whole:
    """What the audit's row is about: not one record, but the house."""

    id: int = 0
    __tablename__ = "house"


@celery.task(name=tasks.PURGE)
def purge() -> None:
    """Run all purges now. Twice a day is once: what is gone is gone."""
    run(clock.now())


def run(now: datetime) -> dict[str, int]:
    """Purge what was over before ``now`` (aware); returns the counts by feature."""
    counts = {name: delete(now) for name, delete in PURGES.items()}
    if any(counts.values()):
        audit.record(audit.SYSTEM, "purged", Whole(), **counts)
    db.session.commit()
    return counts
