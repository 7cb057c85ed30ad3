"""``eventhub db …``: upgrade, check, back up and restore the database."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click
import sqlalchemy as sa
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy.engine import make_url

from eventhub import paths, schema
from eventhub.db import db

if TYPE_CHECKING:
    from alembic.config import Config as AlembicConfig

commands = AppGroup("db", help="Upgrade, check, back up and restore the database.")


def alembic_config() -> "AlembicConfig":
    """Alembic's settings for our own migrations, wherever the package lies."""
    from alembic.config import Config as AlembicConfig  # 8 MB that only a migration needs

    settings = AlembicConfig()
    settings.set_main_option("script_location", str(paths.MIGRATIONS))
    return settings


def upgrade_database(app: Flask) -> None:
    """Bring the database to the newest migration. Takes the app's own engine; safe to repeat."""
    from alembic import command

    with app.app_context():
        command.upgrade(alembic_config(), "head")
        db.engine.dispose()


@commands.command("upgrade")
def upgrade() -> None:
    """Bring the database to the newest migration."""
    upgrade_database(current_app._get_current_object())  # type: ignore[attr-defined]  # the proxy's own method
    click.echo("The database is up to date.")


@commands.command("check")
def check() -> None:
    """Say whether the database can be reached and is up to date; exit 1 when not."""
    try:
        is_current = schema.is_migrated()
    except sa.exc.DatabaseError:  # it was never migrated, or is not there
        is_current = False
    if not is_current:
        raise click.ClickException("The database is not up to date. Run: eventhub db upgrade")
    click.echo("The database is up to date.")


@commands.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write the whole database to FILE (PostgreSQL: needs pg_dump of the same version)."""
    settings = current_app.config["EVENTHUB"]
    os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))
    file.chmod(0o600)  # it holds everything about everybody, whatever the file before it was
    if settings.sqlite:
        with sqlite3.connect(_sqlite_path(settings.database_url)) as source, sqlite3.connect(file) as target:
            source.backup(target)
    else:
        _run(settings.database_url, "pg_dump", "--format=custom", f"--file={file}")
    click.echo(f"The database was written to {file}.")


@commands.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.confirmation_option(prompt="This replaces everything in the database. Go on?")
def restore(file: Path) -> None:
    """Replace the database by FILE, which `eventhub db backup` wrote. Stop EventHub first."""
    settings = current_app.config["EVENTHUB"]
    db.engine.dispose()
    if settings.sqlite:
        with sqlite3.connect(file) as source, sqlite3.connect(_sqlite_path(settings.database_url)) as target:
            source.backup(target)
    else:
        _run(settings.database_url, "pg_restore", "--clean", "--if-exists", "--no-owner", str(file))
    click.echo(f"The database was restored from {file}.")


def _sqlite_path(url: str) -> str:
    return make_url(url).database or ""


def reach(database_url: str, passfile: Path) -> str:
    """The address by which a program of PostgreSQL reaches the database. The password goes into ``passfile``, which is
    for its owner only (libpq, "The Password File"): everybody on the machine may read a command line."""
    url = make_url(database_url).set(drivername="postgresql")
    if url.password is None:
        return url.render_as_string(hide_password=False)
    escaped = str(url.password).replace("\\", "\\\\").replace(":", "\\:")
    passfile.write_text(f"*:*:*:*:{escaped}\n")
    passfile.chmod(0o600)
    plain = url._replace(password=None)  # ``set`` takes None for "as it is"
    return plain.update_query_dict({"passfile": str(passfile)}).render_as_string(hide_password=False)


def _run(database_url: str, program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL on the database; raises ClickException with what it says."""
    if shutil.which(program) is None:
        raise click.ClickException(f"{program} is not installed. On Debian: apt-get install postgresql-client")
    with tempfile.TemporaryDirectory() as own:  # nobody else may look into it
        command = [program, f"--dbname={reach(database_url, Path(own) / 'password')}", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise click.ClickException(f"{program} failed: {done.stderr.strip()[:500]}")
