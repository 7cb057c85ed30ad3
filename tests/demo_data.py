"""The demo's data, filled once in a run of all tests: filling takes long, and several modules look at it."""

import fcntl
import sqlite3
from pathlib import Path

from flask import Flask

from eventhub.db import db
from eventhub.demo import service as demo

FILE = "eventhub.db"


def fill(app: Flask, run: Path) -> Path | None:
    """Fill the app's empty database with the demo; within its context.

    On SQLite the first process that asks fills it through the services and keeps a copy for the others. Returns the
    folder under ``run``, which all processes of a run share, with the copy (``FILE``) and the demo accounts' password;
    None on PostgreSQL, where one module needs it.
    """
    own = db.engine.url.database
    if db.engine.dialect.name != "sqlite" or own is None:
        assert demo.fill_once()
        db.session.commit()
        return None
    folder = run / "demo"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        db.session.remove()
        db.engine.dispose()
        if (folder / FILE).exists():
            copy(folder / FILE, Path(own))
            return folder
        assert demo.fill_once(demo.password_of(folder))
        db.session.commit()
        copy(Path(own), folder / "half.db")
        (folder / "half.db").rename(folder / FILE)
    return folder


def copy(source: Path, target: Path) -> None:
    """One database over another, by SQLite's own means."""
    from_, to = sqlite3.connect(source, timeout=60), sqlite3.connect(target, timeout=60)
    from_.backup(to)
    from_.close()
    to.close()
