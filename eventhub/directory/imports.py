"""Importing a list: read it, show what would happen to each row, and do it when somebody says so.

The preview and the import decide by the same code. An import adds what is new and fills what is empty; it never
changes or removes what the directory has. The same list twice adds nothing twice, and neither does a list whose
import was cut off and begun again.
"""

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm.exc import StaleDataError

from eventhub import audit, files
from eventhub.audit import Actor
from eventhub.db import db, lock
from eventhub.directory.burmese import is_zawgyi, to_unicode
from eventhub.directory.columns import What, known_headers, match_columns
from eventhub.directory.rows import OrganisationRows, PeopleRows, Row
from eventhub.directory.sheets import LARGEST, Sheet, read_sheet
from eventhub.errors import InvalidError, RuleError
from eventhub.jobs import service as jobs
from eventhub.jobs.models import Job, JobState
from eventhub.jobs.service import Progress, Result
from eventhub.meetings.models import Meeting
from eventhub.pages import clean_line

READ, IMPORT = "directory.read_list", "directory.import_list"
KEEP_LIST = timedelta(days=7)  # the list as it came holds more about people than we take over
STEP = 25  # rows between two signs of life: others wait for the database so long
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
    filename = str(clean_line(filename)).replace("\\", "/").rsplit("/", 1)[-1][:100] or "list"
    if len(content) > LARGEST:
        raise InvalidError("This file is larger than 10 MB. Split it into smaller lists.", field="file")
    file = files.store(filename, "application/octet-stream", content, keep=KEEP_LIST)
    args = {"what": what.value, "file_id": file.id, "encoding": encoding}
    return jobs.start(READ, f"Read the list “{filename}”", args=args, meeting=meeting, by=by)


def begin(read: Job, *, by: Actor) -> Job:
    """Start the import of a list that was read. Asked twice, the same import comes back."""
    held = lock(Job, read.id)
    if held is None or held.kind != READ or held.state is not JobState.DONE:
        raise RuleError("This list has not been read yet. Wait until its preview is there.")
    before = db.session.get(Job, held.result.get("import_job_id") or 0)
    if before is not None and before.state not in (JobState.FAILED, JobState.CANCELLED):
        return before
    title = held.title.replace("Read", "Import", 1)
    job = jobs.start(IMPORT, title, args={**held.args, "read_id": held.id}, meeting=held.meeting, by=by)
    held.result = {**held.result, "import_job_id": job.id}
    db.session.flush()
    return job


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


def list_recent() -> list[Job]:
    """The latest lists that were read, newest first."""
    return list(db.session.scalars(sa.select(Job).where(Job.kind == READ).order_by(Job.id.desc()).limit(10)))


def read_list(job: Job, progress: Progress) -> Result:
    """The job that reads: decides every row, writes nothing into the directory."""
    outcomes, notes, _rejected = _work(job, progress, by=None)
    content = json.dumps([asdict(outcome) for outcome in outcomes], ensure_ascii=False).encode()
    kept = files.store("preview.json", "application/json", content, keep=KEEP_LIST)
    counts = Counter(outcome.state for outcome in outcomes)
    return Result(data={"outcomes_id": kept.id, "counts": {s: counts[s] for s in STATES}, "notes": notes})


def import_list(job: Job, progress: Progress) -> Result:
    """The job that writes. One import at a time, so that two lists cannot add the same organisation."""
    other = db.session.scalar(
        sa.select(Job.id).where(Job.kind == IMPORT, Job.state == JobState.RUNNING, Job.id != job.id, Job.id < job.id)
    )
    if other is not None:
        raise RuleError("Another import is running. Wait until it is over, then start this one again.")
    by = Actor("staff", str(job.by_id), job.by_name) if job.by_id else audit.SYSTEM
    outcomes, _notes, rejected = _work(job, progress, by=by)
    counts = Counter(outcome.state for outcome in outcomes)
    file = None
    if len(rejected) > 1:
        file = (f"not-imported-{job.id}.csv", "text/csv", files.export_csv(rejected))
    labels = {"new": "Added", "completes": "Completed", "known": "Known already", "problem": "Not imported"}
    return Result(file, {"summary": [[label, counts[state]] for state, label in labels.items()]})


def _work(job: Job, progress: Progress, *, by: Actor | None) -> tuple[list[Outcome], list[str], list[list[str]]]:
    """Read the kept list and go through its rows; with ``by``, also write. The rejected rows come with a head."""
    what, encoding = What(job.args["what"]), job.args["encoding"]
    file = files.get(job.args["file_id"])
    name, content = file.name, file.content
    progress(0, None)  # frees the database while the file is read
    sheet = read_sheet(name, content, encoding=encoding, known=known_headers(what))
    columns, left = match_columns(what, sheet.columns)
    notes = [*sheet.notes, *([f"These columns are left out: {', '.join(left)}."] if left else [])]
    outcomes: list[Outcome] = []
    rejected = [[*sheet.columns, "Why it was not imported"]]
    worker = (OrganisationRows if what is What.ORGANISATIONS else PeopleRows)()
    for at, row in enumerate(rows_of(sheet, columns)):
        outcomes.append(_one(worker, row, by))
        if outcomes[-1].state == "problem":
            rejected.append([*row.cells, " ".join(outcomes[-1].notes)])
        if at % STEP == STEP - 1:
            progress(at + 1, len(sheet.rows))
    progress(len(sheet.rows), len(sheet.rows))
    return outcomes, notes, rejected


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


def rows_of(sheet: Sheet, columns: dict[int, str]) -> list[Row]:
    """The rows with their cells by our column names; Burmese text in Zawgyi is converted."""
    as_zawgyi = is_zawgyi(" ".join(cell for _n, cells in sheet.rows for cell in cells)[:200_000])
    rows = []
    for number, cells in sheet.rows:
        values, notes = {}, []
        for at, key in columns.items():
            text, doubtful = to_unicode(cells[at], list_is_zawgyi=as_zawgyi)
            if text != cells[at]:
                notes.append(f"Converted from Zawgyi to Unicode: {text}")
            elif doubtful:
                notes.append(f"This may be Zawgyi: {text}. Look at it in the list.")
            if text.startswith("="):
                notes.append("A formula is taken as the text that it is.")
            values[key] = text
        rows.append(Row(number, cells, values, notes))
    return rows
