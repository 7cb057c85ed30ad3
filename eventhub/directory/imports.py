"""Importing a list: read it, show what would happen to each row, and do it when somebody says so.

The preview and the import decide by the same code. An import adds what is new and fills what is empty; it never
changes or removes what the directory has. The same list twice adds nothing twice, and neither does a list whose
import was cut off and begun again.
"""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy.orm.exc import StaleDataError

from eventhub import files
from eventhub.audit import Actor
from eventhub.db import db
from eventhub.directory import lists
from eventhub.directory.columns import What, known_headers, match_columns
from eventhub.directory.rows import OrganisationRows, PeopleRows, Row
from eventhub.errors import RuleError
from eventhub.jobs.models import Job, JobState
from eventhub.jobs.service import Progress, Result
from eventhub.meetings.models import Meeting

READ, IMPORT = "directory.read_list", "directory.import_list"
STATES = ("new", "completes", "known", "problem")


@dataclass
class Outcome:
    """What becomes of one row: its number in the file, a state of STATES, who it is, what it brings, what to note."""

    row: int
    state: str
    name: str
    brings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    key: int = 0  # the record, when it is known


@dataclass(frozen=True)
class Preview:
    """What a read list would do."""

    what: What
    counts: dict[str, int]
    notes: list[str]
    outcomes: list[Outcome]
    import_job_id: int | None


def receive(
    what: What, filename: str, content: bytes, *, encoding: str = "", meeting: Meeting | None = None, by: Actor
) -> Job:
    """Take a list in: it is kept for a week, and read by a job. What is no list at all is refused at once."""
    args = {"what": what.value, "encoding": encoding}
    return lists.receive(READ, filename, content, args=args, meeting=meeting, by=by)


def begin(read: Job, *, by: Actor) -> Job:
    """Start the import of a list that was read. Asked twice, the same import comes back."""
    return lists.begin(lists.hold(read, READ), IMPORT, by=by)


def preview(job: Job) -> Preview | None:
    """What a read list would do; None while it is not read. Raises NotFoundError when it is no longer kept."""
    if job.kind != READ or job.state is not JobState.DONE:
        return None
    kept = json.loads(files.get(job.result["outcomes_id"]).content)
    return Preview(
        What(job.args["what"]),
        job.result["counts"],
        job.result["notes"],
        [Outcome(**outcome) for outcome in kept],
        job.result.get("import_job_id"),
    )


def list_recent(meeting_ids: Collection[int] | None) -> list[Job]:
    """The latest lists that were read for these meetings (None: all) and for none, newest first."""
    return lists.list_recent(READ, meeting_ids)


def read_list(job: Job, progress: Progress) -> Result:
    """The job that reads: decides every row, writes nothing into the directory."""
    outcomes, notes, _rejected = _work(job, progress, by=None)
    rows = [asdict(outcome) for outcome in outcomes]
    return lists.keep_preview(rows, (outcome.state for outcome in outcomes), notes, every_state=STATES)


def import_list(job: Job, progress: Progress) -> Result:
    """The job that writes. One import at a time, so that two lists cannot add the same organisation."""
    outcomes, _notes, rejected = _work(job, progress, by=lists.writer(job))
    labels = {"new": "Added", "completes": "Completed", "known": "Known already", "problem": "Not imported"}
    return lists.written(job, (outcome.state for outcome in outcomes), rejected, labels=labels)


def _work(job: Job, progress: Progress, *, by: Actor | None) -> tuple[list[Outcome], list[str], list[list[str]]]:
    """Read the kept list and go through its rows; with ``by``, also write. The rejected rows come with a head."""
    what = What(job.args["what"])
    _name, sheet = lists.open_sheet(job, progress, known=known_headers(what))
    columns, left = match_columns(what, sheet.columns)
    outcomes: list[Outcome] = []
    rejected = [[*sheet.columns, "Why it was not imported"]]
    worker = (OrganisationRows if what is What.ORGANISATIONS else PeopleRows)()

    def do(row: Row) -> None:
        outcomes.append(_one(worker, row, by))
        if outcomes[-1].state == "problem":
            rejected.append([*row.cells, " ".join(outcomes[-1].notes)])

    lists.go_through(lists.rows_of(sheet, columns), do, progress)
    return outcomes, lists.notes_of(sheet, left), rejected


def _one(worker: Any, row: Row, by: Actor | None) -> Outcome:
    try:
        decided = worker.decide(row)
        if by is not None and decided.state in ("new", "completes"):
            with db.session.begin_nested():
                worker.write(row, decided, by)
    except RuleError as error:
        return Outcome(row.number, "problem", row.name, notes=[str(error), *row.notes])
    except StaleDataError:  # somebody saved the same record in this moment
        return Outcome(
            row.number, "problem", row.name, notes=["Somebody is editing this record. Import the row again."]
        )
    worker.remember(row, decided)
    return Outcome(
        row.number, decided.state, decided.name, decided.brings, [*decided.notes, *row.notes], max(decided.key, 0)
    )
