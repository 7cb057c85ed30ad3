"""Whether the database stands where the newest migration left it, known without Alembic: that is 8 MB of memory, and
every process is asked by whoever watches it."""

import re
from functools import cache

import sqlalchemy as sa

from eventhub import paths
from eventhub.db import db

_REVISION = re.compile(r"^(revision|down_revision)\b[^=]*= *['\"]([^'\"]+)", re.M)


@cache
def newest_migrations() -> frozenset[str]:
    """The migrations that no other one follows (always one), read from the files' heads."""
    named: dict[str, set[str]] = {"revision": set(), "down_revision": set()}
    for file in (paths.MIGRATIONS / "versions").glob("*.py"):
        for name, value in _REVISION.findall(file.read_text()):
            named[name].add(value)
    return frozenset(named["revision"] - named["down_revision"])


def is_migrated() -> bool:
    """Whether the database has had the newest migration. Raises SQLAlchemyError where it never had any."""
    present = db.session.scalars(sa.text("SELECT version_num FROM alembic_version"))
    return frozenset(present) == newest_migrations()
