"""Alembic's entry: runs the migrations on the app's own engine and metadata."""

from alembic import context
from flask import current_app

from eventhub.db import Base, db, writing

target = Base.metadata


def run() -> None:
    writing.set(True)
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=target,
            render_as_batch=True,
            compare_type=True,
            user_module_prefix="eventhub.db.",
        )
        with context.begin_transaction():
            context.run_migrations()


if not current_app:
    raise RuntimeError("migrations run inside the app: use `eventhub db upgrade`")
run()
