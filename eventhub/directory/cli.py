"""``eventhub import people|organisations FILE``: the same import as on the staff pages, from the command line."""

import time
from pathlib import Path

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
    """Read, say what would happen, ask, write; the rows that cannot be imported go to a file beside FILE."""
    try:
        read = imports.receive(what, file.name, file.read_bytes(), encoding=encoding, by=SYSTEM)
    except RuleError as error:
        raise click.ClickException(str(error)) from error
    read = done(read)
    found = imports.preview(read)
    if found is None:
        raise click.ClickException(read.problem)
    for note in found.notes:
        click.echo(note)
    for outcome in found.outcomes:
        if outcome.state == "problem":
            click.echo(f"Row {outcome.row} ({outcome.name}): {' '.join(outcome.notes)}", err=True)
    counts = found.counts
    click.echo(
        f"{counts['new']} new, {counts['completes']} completed, {counts['known']} known, {counts['problem']} not importable."
    )
    if not counts["new"] + counts["completes"]:
        return
    if not sure:
        click.confirm(f"Import {counts['new'] + counts['completes']} {what.value}?", abort=True)
    imported = done(imports.begin(read, by=SYSTEM))
    if imported.problem:
        raise click.ClickException(imported.problem)
    if imported.result_file_id:
        beside = file.with_name(f"{file.stem}-not-imported.csv")
        beside.write_bytes(files.get(imported.result_file_id).content)
        click.echo(f"The rows that were not imported are in {beside}.")
    click.echo(", ".join(f"{label}: {count}" for label, count in imported.result["summary"]))


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
