"""``eventhub demo``: fill an empty database with the believable network."""

import click
from flask import current_app

from eventhub.db import db, writing
from eventhub.demo import service


def fill_and_commit() -> bool:
    """Fill it once; whether anything was filled."""
    writing.set(True)
    filled = service.fill_once(service.password_of(current_app.config["EVENTHUB"].data))
    db.session.commit()
    return filled


@click.command("demo")
def commands() -> None:
    """Fill an empty database with a believable network and print how to sign in."""
    settings = current_app.config["EVENTHUB"]
    if not fill_and_commit():
        raise click.ClickException("There is something in the database already. The demo wants an empty one.")
    click.echo(service.how_to_sign_in(settings.base_url, service.password_of(settings.data)))
