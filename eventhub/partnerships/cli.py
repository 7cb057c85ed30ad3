"""``eventhub import partnerships FILE``: past editions from a list, as on the staff page."""

from pathlib import Path

import click

from eventhub.audit import SYSTEM
from eventhub.directory.cli import ENCODING, FILE, REALLY, commands, take_in, tell_rows
from eventhub.jobs.models import Job
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
    series = _series(slug)
    take_in(
        file,
        lambda: backfill.receive(file.name, file.read_bytes(), series=series, encoding=encoding, by=SYSTEM),
        preview=backfill.preview,
        tell=_tell,
        begin=backfill.begin,
        sure=yes,
    )


def _tell(read: Job, found: backfill.Preview) -> str:
    tell_rows(found, "Line", ("problem", "waits"))
    counts = found.counts
    click.echo(", ".join(f"{counts[state]} {state.replace('_', ' ')}" for state in backfill.STATES))
    if counts["waits"]:
        raise click.ClickException(f"Decide about the names first: /staff/past-editions/{read.id}")
    return f"Import {counts['new']} rows?" if counts["new"] else ""


def _series(slug: str) -> Series | None:
    known = meetings.list_series()
    if not slug:
        return known[0] if len(known) == 1 else None
    found = next((row for row in known if row.slug == slug), None)
    if found is None:
        raise click.ClickException(f"No series has the address “{slug}”. There are: {', '.join(r.slug for r in known)}")
    return found
