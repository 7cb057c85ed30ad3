"""``eventhub door replay FILE``: hold the door's rules against cases of one's own. Needs no database and no settings."""

import json
import sys
from pathlib import Path

import click


@click.group("door", help="Hold the rules of the door against cases of your own.")
def commands() -> None:
    """What belongs to the door on the command line."""


@commands.command("replay")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--js", is_flag=True, help="Through the door app's own modules, in a JavaScript engine.")
def replay(file: Path, js: bool) -> None:
    """Print the outcome of each case in FILE, as JSON.

    FILE is JSON: {"cases": [{case, meeting, days, checkpoints, persons, facts, batches, answers}]}. The outcome of a
    case is its verdicts, presence, first_entries, conflicts, kept_aside and voided. See docs/door-protocol.md.
    """
    # imported here: every other command would load them for nothing
    from eventhub.checkin import cases
    from eventhub.checkin import replay as engine

    try:
        outcome = engine.replay(cases.read(file), js=js)
    except (cases.CasesError, engine.EngineError) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)
    click.echo(json.dumps(outcome))
