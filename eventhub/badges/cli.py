"""``eventhub badges MEETING -o FILE.pdf``"""

from pathlib import Path

import click

from eventhub.audit import SYSTEM
from eventhub.badges import printing
from eventhub.db import db, writing
from eventhub.errors import RuleError
from eventhub.meetings import queries as meetings


@click.command("badges")
@click.argument("meeting")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--layout", type=click.Choice(["a4", "single"]), default="single", show_default=True)
@click.option("--backs/--no-backs", default=True, show_default=True)
@click.option("--unprinted", is_flag=True, help="Only badges that were never printed.")
def commands(meeting: str, output: Path, layout: str, backs: bool, unprinted: bool) -> None:
    """Print the badges of MEETING (its address, such as appm-2027-manila) into one PDF."""
    token = writing.set(True)
    choice = printing.Choice(layout=layout, backs=backs, unprinted=unprinted, with_children=True)
    try:
        pdf, number = printing.print_run(
            meetings.get_meeting(meeting), choice, by=SYSTEM, progress=lambda _done, _total: db.session.commit()
        )
        output.write_bytes(pdf)
        db.session.commit()
    except RuleError as error:
        raise click.ClickException(str(error)) from error
    finally:
        db.session.rollback()
        writing.reset(token)
    click.echo(f"{number} badges are in {output}.")
