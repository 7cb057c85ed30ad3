"""Alembic's entry: runs the migrations on the app's own engine and metadata."""

import sqlalchemy as sa
from alembic import context
from flask import current_app

from eventhub.db import Base, db, writing

target = Base.metadata


def run() -> None:
    writing.set(True)
    with db.engine.connect() as connection:
        _foreign_keys(connection, "OFF")  # SQLite alters a table by making it anew; rows that point to it must wait
        context.configure(
            connection=connection,
            target_metadata=target,
            render_as_batch=True,
            compare_type=True,
            user_module_prefix="eventhub.db.",
        )
        with context.begin_transaction():
            context.run_migrations()
        _foreign_keys(connection, "ON")


def _foreign_keys(connection: sa.Connection, switch: str) -> None:
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.execute(f"PRAGMA foreign_keys={switch}")


if not current_app:
    raise RuntimeError("migrations run inside the app: use `eventhub db upgrade`")
run()
