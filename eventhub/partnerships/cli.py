"""``eventhub import partnerships FILE``: past editions from a list, as on the staff page."""

from pathlib import Path

import click

from eventhub import files
from eventhub.audit import SYSTEM
from eventhub.directory.cli import ENCODING, FILE, REALLY, commands, done
from eventhub.errors import RuleError
from eventhub.meetings import queries as meetings
from eventhub.meetings.models import Series
from eventhub.partnerships import backfill


@commands.command("partnerships")
@FILE
@REALLY
@ENCODING
@click.option("--series", "slug", default="", help="Address of the series that the list's meetings belong to.")
def partnerships(file: Path, yes: bool, encoding: str, slug: str) -> None:
    """Import past meetings, people, introductions, partnerships and activities from FILE.

    Names of organisations that nobody knows are decided about on the staff page “Past editions” first.
    """
    try:
        read = backfill.receive(file.name, file.read_bytes(), series=_series(slug), encoding=encoding, by=SYSTEM)
    except RuleError as error:
        raise click.ClickException(str(error)) from error
    read = done(read)
    found = backfill.preview(read)
    if found is None:
        raise click.ClickException(read.problem)
    for note in found.notes:
        click.echo(note)
    for outcome in found.outcomes:
        if outcome.state in ("problem", "waits"):
            click.echo(f"Line {outcome.row} ({outcome.name}): {' '.join(outcome.notes)}", err=True)
    counts = found.counts
    click.echo(", ".join(f"{counts[state]} {state.replace('_', ' ')}" for state in backfill.STATES))
    if counts["waits"]:
        raise click.ClickException(f"Decide about the names first: /staff/past-editions/{read.id}")
    if not counts["new"]:
        return
    if not yes:
        click.confirm(f"Import {counts['new']} rows?", abort=True)
    imported = done(backfill.begin(read, by=SYSTEM))
    if imported.problem:
        raise click.ClickException(imported.problem)
    if imported.result_file_id:
        beside = file.with_name(f"{file.stem}-not-imported.csv")
        beside.write_bytes(files.get(imported.result_file_id).content)
        click.echo(f"The rows that were not imported are in {beside}.")
    click.echo(", ".join(f"{label}: {count}" for label, count in imported.result["summary"]))


def _series(slug: str) -> Series | None:
    known = meetings.list_series()
    if not slug:
        return known[0] if len(known) == 1 else None
    found = next((row for row in known if row.slug == slug), None)
    if found is None:
        raise click.ClickException(f"No series has the address “{slug}”. There are: {', '.join(r.slug for r in known)}")
    return found
