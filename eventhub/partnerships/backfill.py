"""Back-filling past editions from a list: read it, let a person decide about unknown names, show what would happen to
each row, and do it when somebody says so.

Nothing is written before that but the decisions about names, which the next list remembers. The same list twice, or
one whose import was cut off and begun again, adds nothing twice.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from eventhub import audit, files
from eventhub.audit import Actor
from eventhub.db import db, hold_names
from eventhub.directory import lists
from eventhub.directory import queries as directory
from eventhub.directory.names import fold
from eventhub.directory.rows import Row
from eventhub.directory.sheets import Sheet
from eventhub.errors import InvalidError, RuleError
from eventhub.jobs import service as jobs
from eventhub.jobs.models import Job, JobState
from eventhub.jobs.service import Progress, Result
from eventhub.meetings import queries as meetings
from eventhub.meetings.models import Series
from eventhub.partnerships import backfill_parts
from eventhub.partnerships.backfill_columns import KINDS, RowKind, known_headers, match_columns
from eventhub.partnerships.backfill_rows import LeftOutError, PastRows, Told, UndecidedError, WaitingError
from eventhub.partnerships.backfill_writing import Writer
from eventhub.partnerships.models_import import ImportedFact, NameDecision
from eventhub.partnerships.states import NameChoice

READ, IMPORT = "partnerships.read_past", "partnerships.import_past"
STATES = ("new", "known", "waits", "left_out", "problem")
MOST_SUGGESTED, CLOSE_ENOUGH = 5, 60  # of 100


@dataclass
class Outcome:
    """What becomes of one row: its line in the file, a state of STATES, what it tells, what to note."""

    row: int
    state: str
    kind: str
    name: str
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class UnknownName:
    """An organisation's name that the directory does not know, in how many rows it stands, and what comes close."""

    text: str
    rows: int
    suggestions: list[tuple[int, str, int]]  # organisation, name, likeness of 100


@dataclass(frozen=True)
class Preview:
    """What a read list would do."""

    counts: dict[str, int]
    notes: list[str]
    outcomes: list[Outcome]
    names: list[UnknownName]
    import_job_id: int | None


def receive(filename: str, content: bytes, *, series: Series | None, encoding: str = "", by: Actor) -> Job:
    """Take a list in; it is kept for a week and read by a job. Raises InvalidError for one that is too large."""
    args = {"encoding": encoding, "series_id": series.id if series is not None else None}
    return lists.receive(READ, filename, content, args=args, by=by)


def read_again(read: Job, *, series: Series | None = None, by: Actor) -> Job:
    """Read the same list anew, after decisions about its names, or about the series of its meetings."""
    args = dict(read.args) | ({"series_id": series.id} if series is not None else {})
    return jobs.start(READ, read.title, args=args, by=by)


def lacks_series(read: Job, found: Preview) -> bool:
    """Whether the list tells of meetings, and nobody said to which series they belong."""
    return read.args.get("series_id") is None and any(
        KINDS.get(fold(row.kind)) is RowKind.MEETING for row in found.outcomes
    )


def decide(choices: Mapping[str, str], *, by: Actor) -> int:
    """Keep what a person decided about names: "new", "leave_out", or an organisation's number; returns how many.

    A name without a choice stays undecided. Raises InvalidError for a number that is none.
    """
    decided = 0
    for text, choice in choices.items():
        folded = fold(text)[:300]
        if not choice or not folded:
            continue
        organisation = None
        if choice not in (NameChoice.NEW, NameChoice.LEAVE_OUT):
            if not choice.isascii() or not choice.isdigit() or len(choice) > 9:
                raise InvalidError(_("Choose one of the organisations from the list."))
            organisation = directory.canonical(directory.get_organisation(int(choice)))
        hold_names(f"name:{folded}")
        row = db.session.scalar(sa.select(NameDecision).where(NameDecision.folded == folded))
        if row is None:
            row = NameDecision(folded=folded, text=text[:300])
            db.session.add(row)
        row.decision = NameChoice.EXISTING if organisation is not None else NameChoice(choice)
        row.organisation, row.by_name = organisation, by.name
        db.session.flush()
        audit.record(by, "decided", row, decision=row.decision.value)
        decided += 1
    return decided


def begin(read: Job, *, by: Actor) -> Job:
    """Start the import of a list that was read. Asked twice, the same import comes back."""
    held = lists.hold(read, READ)
    if held.result["counts"]["waits"]:
        raise RuleError(_("Some names wait for a decision. Decide about each first."))
    return lists.begin(held, IMPORT, by=by)


def preview(job: Job) -> Preview | None:
    """What a read list would do; None while it is not read. Raises NotFoundError when it is no longer kept."""
    if job.kind != READ or job.state is not JobState.DONE:
        return None
    kept = json.loads(files.get(job.result["outcomes_id"]).content)
    return Preview(
        job.result["counts"],
        job.result["notes"],
        [Outcome(**outcome) for outcome in kept["outcomes"]],
        [UnknownName(n["text"], n["rows"], [(i, t, s) for i, t, s in n["suggestions"]]) for n in kept["names"]],
        job.result.get("import_job_id"),
    )


def list_recent() -> list[Job]:
    """The latest lists that were read, newest first."""
    return lists.list_recent(READ)


def source_of(kind: RowKind, ids: list[int]) -> dict[int, str]:
    """Where imported records came from: the file, the line, and what the row said."""
    rows = db.session.scalars(
        sa.select(ImportedFact).where(ImportedFact.kind == kind.value, ImportedFact.record_id.in_(ids))
    )
    return {
        row.record_id: f"{row.file_name}, line {row.line}" + (f": {row.source}" if row.source else "") for row in rows
    }


# the two jobs


def read_list(job: Job, progress: Progress) -> Result:
    """The job that reads: decides every row, writes nothing."""
    outcomes, notes, _rejected, worker, waiting = _work(job, progress, by=None)
    names = [asdict(UnknownName(text, n, _suggest(worker, text))) for text, n in waiting.most_common()]
    preview = {"outcomes": [asdict(outcome) for outcome in outcomes], "names": names}
    return lists.keep_preview(preview, (outcome.state for outcome in outcomes), notes, every_state=STATES)


def import_list(job: Job, progress: Progress) -> Result:
    """The job that writes; one at a time."""
    outcomes, _notes, rejected, _worker, _waiting = _work(job, progress, by=lists.writer(job))
    labels = {"new": "Imported", "known": "Imported before", "left_out": "Left out", "problem": "Not imported"}
    return lists.written(job, (outcome.state for outcome in outcomes), rejected, labels=labels)


Work = tuple[list[Outcome], list[str], list[list[str]], PastRows, "Counter[str]"]


def _work(job: Job, progress: Progress, *, by: Actor | None) -> Work:
    """Read the kept list and go through its rows, kind by kind; with ``by``, also write."""
    series_id = job.args.get("series_id")
    name, sheet = lists.open_sheet(job, progress, known=known_headers())
    columns, left = match_columns(sheet.columns)
    worker = PastRows(meetings.get_series(series_id) if series_id else None, name)
    writer = Writer(worker)
    outcomes: list[Outcome] = []
    rejected = [[*sheet.columns, "Why it was not imported"]]
    waiting: Counter[str] = Counter()

    def do(row: Row) -> None:
        outcomes.append(_one(worker, writer, row, by, waiting))
        if outcomes[-1].state in ("problem", "waits", "left_out"):
            rejected.append([*row.cells, " ".join(outcomes[-1].notes)])

    lists.go_through(_in_order(sheet, columns), do, progress)
    outcomes.sort(key=lambda outcome: outcome.row)
    return outcomes, lists.notes_of(sheet, left), rejected, worker, waiting


def _in_order(sheet: Sheet, columns: dict[int, str]) -> list[Row]:
    """Meetings first, activities last, whatever the order in the file; what is of no kind, at the end."""
    order = list(RowKind)

    def place(row: Row) -> int:
        kind = KINDS.get(fold(row.values.get("what", "")))
        return order.index(kind) if kind is not None else len(order)

    return sorted(lists.rows_of(sheet, columns), key=place)


def _one(worker: PastRows, writer: Writer, row: Row, by: Actor | None, waiting: "Counter[str]") -> Outcome:
    what, name = row.values.get("what", "")[:40], row.values.get("title") or row.values.get("person_1") or row.name

    def outcome(state: str, told: Told | None = None, *notes: str) -> Outcome:
        kind, title = (told.kind.value, told.name) if told else (what, name)
        return Outcome(row.number, state, kind, title[:200], [*notes, *(told.notes if told else []), *row.notes])

    try:
        told = backfill_parts.decide(worker, row)
        if told.key in worker.imported:
            return outcome("known", told)
        record_id = 0
        if by is not None:
            writer.prepare(told, by)
            with db.session.begin_nested():
                record_id = writer.write(row, told, by)
    except UndecidedError as error:
        waiting.update(worker.list_undecided(row))
        worker.hold(row, waits=True)
        return outcome("waits", None, str(error))
    except WaitingError as error:
        worker.hold(row, waits=True)
        return outcome("waits", None, str(error))
    except LeftOutError as error:
        worker.hold(row, waits=False)
        return outcome("left_out", None, str(error))
    except RuleError as error:
        worker.hold(row, waits=False)
        return outcome("problem", None, str(error))
    worker.remember(row, told, record_id)
    return outcome("new", told)


def _suggest(worker: PastRows, text: str) -> list[tuple[int, str, int]]:
    """Organisations whose names, in any script, come close, best first, each once."""
    from rapidfuzz import fuzz, process  # loaded by who compares names

    choices = {name: known for known in worker.organisations.by_key.values() for name in map(fold, known.names)}
    best: dict[int, tuple[int, str, int]] = {}
    for name, likeness, _at in process.extract(fold(text), choices.keys(), scorer=fuzz.WRatio, limit=20):
        known = choices[name]
        if likeness >= CLOSE_ENOUGH and known.key > 0 and known.key not in best:
            best[known.key] = (known.key, known.name, round(likeness))
    return list(best.values())[:MOST_SUGGESTED]
