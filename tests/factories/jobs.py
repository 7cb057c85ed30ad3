"""Long work for tests."""

from typing import Any

from eventhub.audit import SYSTEM, Actor
from eventhub.db import db
from eventhub.jobs import service
from eventhub.jobs.models import Job
from eventhub.jobs.service import Progress, Result

STEPS: list[tuple[int, int]] = []  # what each run of tests.count began with: its attempt, its job


@service.kind("tests.count", permission="badges.edit")
def count_to(job: Job, progress: Progress) -> Result:
    """Counts to ``args["to"]`` and leaves a file that says so."""
    STEPS.append((job.attempts, job.id))
    to = int(job.args["to"])
    for n in range(1, to + 1):
        progress(n, to)
    return Result(("នាម.txt", "text/plain", str(to).encode()), {"summary": [["Counted", to]]})


def a_job(to: int = 3, **facts: Any) -> Job:
    by: Actor = facts.pop("by", SYSTEM)
    job = service.start("tests.count", facts.pop("title", "Count"), args={"to": to}, by=by, **facts)
    db.session.commit()
    return job
