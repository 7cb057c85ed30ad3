"""``eventhub import people|organisations FILE``: the same import as on the staff pages, from the command line."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from eventhub import files
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.directory import imports
from eventhub.directory.columns import What
from eventhub.errors import RuleError
from eventhub.jobs import service as jobs
from eventhub.jobs.models import Job, JobState

commands = AppGroup("import", help="Import organisations or people from an XLSX or CSV file.")
FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
REALLY = click.option("--yes", is_flag=True, help="Do not ask before writing.")
ENCODING = click.option("--encoding", default="", help="Encoding of a CSV file; found out when left away.")


@commands.command("organisations")
@FILE
@REALLY
@ENCODING
def organisations(file: Path, yes: bool, encoding: str) -> None:
    """Import organisations from FILE."""
    _import(What.ORGANISATIONS, file, encoding, sure=yes)


@commands.command("people")
@FILE
@REALLY
@ENCODING
def people(file: Path, yes: bool, encoding: str) -> None:
    """Import people from FILE. Import their organisations first."""
    _import(What.PEOPLE, file, encoding, sure=yes)


def _import(what: What, file: Path, encoding: str, *, sure: bool) -> None:
    def tell(_read: Job, found: imports.Preview) -> str:
        tell_rows(found, "Row", ("problem",))
        counts = found.counts
        click.echo(
            f"{counts['new']} new, {counts['completes']} completed, {counts['known']} known, {counts['problem']} not importable."
        )
        wanted = counts["new"] + counts["completes"]
        return f"Import {wanted} {what.value}?" if wanted else ""

    take_in(
        file,
        lambda: imports.receive(what, file.name, file.read_bytes(), encoding=encoding, by=SYSTEM),
        preview=imports.preview,
        tell=tell,
        begin=imports.begin,
        sure=sure,
    )


def take_in(
    file: Path,
    receive: Callable[[], Job],
    *,
    preview: Callable[[Job], Any],
    tell: Callable[[Job, Any], str],
    begin: Callable[..., Job],
    sure: bool,
) -> None:
    """Read, say what would happen, ask, write; the rows that cannot be imported go to a file beside FILE.

    ``tell`` prints the preview and returns the question to ask before writing, "" where there is nothing to write.
    """
    try:
        read = receive()
    except RuleError as error:
        raise click.ClickException(str(error)) from error
    read = done(read)
    found = preview(read)
    if found is None:
        raise click.ClickException(read.problem)
    question = tell(read, found)
    if not question:
        return
    if not sure:
        click.confirm(question, abort=True)
    imported = done(begin(read, by=SYSTEM))
    if imported.problem:
        raise click.ClickException(imported.problem)
    if imported.result_file_id:
        beside = file.with_name(f"{file.stem}-not-imported.csv")
        beside.write_bytes(files.get(imported.result_file_id).content)
        click.echo(f"The rows that were not imported are in {beside}.")
    click.echo(", ".join(f"{label}: {count}" for label, count in imported.result["summary"]))


def tell_rows(found: Any, word: str, states: tuple[str, ...]) -> None:
    """Print the notes of a preview, and its rows in one of these states as errors."""
    for note in found.notes:
        click.echo(note)
    for outcome in found.outcomes:
        if outcome.state in states:
            click.echo(f"{word} {outcome.row} ({outcome.name}): {' '.join(outcome.notes)}", err=True)


def done(job: Job) -> Job:
    """Do a job here, or wait for the worker that was quicker (it shows that it lives, or the sweep takes over)."""
    db.session.commit()
    jobs.run(job.id, save=db.session.commit)
    db.session.refresh(job)
    while job.state in (JobState.QUEUED, JobState.RUNNING):
        db.session.rollback()  # see what the worker wrote meanwhile
        time.sleep(0.5)
        db.session.refresh(job)
    return job
