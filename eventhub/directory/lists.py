"""What every imported list has in common, whatever its rows mean: it is kept for a week, one job reads it into a
preview that writes nothing, and another one writes it when somebody says so.
"""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from eventhub import audit, files
from eventhub.audit import Actor
from eventhub.db import db, lock
from eventhub.directory.burmese import is_zawgyi, to_unicode
from eventhub.directory.rows import Row
from eventhub.directory.sheets import LARGEST, Sheet, read_sheet
from eventhub.errors import InvalidError, RuleError
from eventhub.jobs import service as jobs
from eventhub.jobs.models import Job, JobState
from eventhub.jobs.service import Progress, Result
from eventhub.meetings.models import Meeting
from eventhub.pages import clean_line

KEEP_LIST = timedelta(days=7)  # the list as it came holds more about people than we take over
STEP = 25  # rows between two signs of life: others wait for the database so long


def receive(
    kind: str, filename: str, content: bytes, *, args: dict[str, Any], meeting: Meeting | None = None, by: Actor
) -> Job:
    """Take a list in for the job ``kind`` that reads it. Raises InvalidError for one that is larger than 10 MB."""
    filename = str(clean_line(filename)).replace("\\", "/").rsplit("/", 1)[-1][:100] or "list"
    if len(content) > LARGEST:
        raise InvalidError(_("This file is larger than 10 MB. Split it into smaller lists."), field="file")
    file = files.store(filename, "application/octet-stream", content, keep=KEEP_LIST)
    return jobs.start(kind, f"Read the list “{filename}”", args={**args, "file_id": file.id}, meeting=meeting, by=by)


def hold(read: Job, kind: str) -> Job:
    """The job that read a list, held until the transaction ends. Raises RuleError while it is not done."""
    held = lock(Job, read.id)
    if held is None or held.kind != kind or held.state is not JobState.DONE:
        raise RuleError(_("This list has not been read yet. Wait until its preview is there."))
    return held


def begin(held: Job, kind: str, *, by: Actor) -> Job:
    """Start the import (``kind``) of a list that was read and is held. Asked twice, the same import comes back."""
    before = db.session.get(Job, held.result.get("import_job_id") or 0)
    if before is not None and before.state not in (JobState.FAILED, JobState.CANCELLED):
        return before
    title = held.title.replace("Read", "Import", 1)
    job = jobs.start(kind, title, args={**held.args, "read_id": held.id}, meeting=held.meeting, by=by)
    held.result = {**held.result, "import_job_id": job.id}
    db.session.flush()
    return job


def list_recent(kind: str, meeting_ids: Collection[int] | None = None) -> list[Job]:
    """The latest lists that a kind of job read, newest first: of these meetings (None: all), and of none."""
    found = sa.select(Job).where(Job.kind == kind).order_by(Job.id.desc()).limit(10)
    if meeting_ids is not None:
        found = found.where(sa.or_(Job.meeting_id.is_(None), Job.meeting_id.in_(meeting_ids)))
    return list(db.session.scalars(found))


# inside the two jobs


def open_sheet(job: Job, progress: Progress, *, known: Collection[str]) -> tuple[str, Sheet]:
    """The list that a job is about: its file's name and its rows. ``known`` are the heads that tell a head line."""
    file = files.get(job.args["file_id"])
    name, content = file.name, file.content
    progress(0, None)  # frees the database while the file is read
    return name, read_sheet(name, content, encoding=job.args["encoding"], known=known)


def notes_of(sheet: Sheet, left: Collection[str]) -> list[str]:
    """What to say of the list as a whole; ``left`` are the columns that nobody knows."""
    return [*sheet.notes, *([f"These columns are left out: {', '.join(left)}."] if left else [])]


def go_through(rows: Collection[Row], do: Callable[[Row], Any], progress: Progress) -> None:
    """Do one row after the other, with a sign of life now and then."""
    for at, row in enumerate(rows):
        do(row)
        if at % STEP == STEP - 1:
            progress(at + 1, len(rows))
    progress(len(rows), len(rows))


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


def keep_preview(preview: object, states: Iterable[str], notes: list[str], *, every_state: tuple[str, ...]) -> Result:
    """The result of a job that read: its preview as JSON, and how many rows are in each state."""
    content = json.dumps(preview, ensure_ascii=False).encode()
    kept = files.store("preview.json", "application/json", content, keep=KEEP_LIST)
    counts = Counter(states)
    return Result(data={"outcomes_id": kept.id, "counts": {s: counts[s] for s in every_state}, "notes": notes})


def writer(job: Job) -> Actor:
    """Who writes, by the job that imports. Raises RuleError while another import of its kind runs, so that two lists
    cannot add the same thing."""
    other = db.session.scalar(
        sa.select(Job.id).where(Job.kind == job.kind, Job.state == JobState.RUNNING, Job.id < job.id)
    )
    if other is not None:
        raise RuleError(_("Another import is running. Wait until it is over, then start this one again."))
    return Actor("staff", str(job.by_id), job.by_name) if job.by_id else audit.SYSTEM


def written(job: Job, states: Iterable[str], rejected: list[list[str]], *, labels: dict[str, str]) -> Result:
    """The result of a job that wrote: the rejected rows (after their head) as a file, and a summary by state."""
    counts = Counter(states)
    file = (f"not-imported-{job.id}.csv", "text/csv", files.export_csv(rejected)) if len(rejected) > 1 else None
    summary = [[label, counts[state]] for state, label in labels.items()]
    return Result(file, {"summary": summary, "file_label": "Download the rows that were not imported"})
