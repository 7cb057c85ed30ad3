"""What every test stands on: the real database that ``DB`` names, migrated, and emptied after each test.

``DB=sqlite`` (the default) or ``DB=postgresql``. Tests marked ``once`` do not depend on the database.
"""

import contextvars
import functools
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import hypothesis
import pytest
import sqlalchemy as sa
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server

os.environ["EVENTHUB_SECRET_KEY"] = "test-secret-key-" + "x" * 32  # before anything reads the settings
os.environ["EVENTHUB_SEALING_KEY"] = "test-sealing-key-" + "y" * 32

from eventhub import clock, config, tasks, up
from eventhub.accounts import service as accounts
from eventhub.accounts import sign_ins
from eventhub.app import create_app
from eventhub.audit import SYSTEM
from eventhub.checkin import known, limits
from eventhub.db import Base, db, writing
from eventhub.maintenance import upgrade_database
from eventhub.security import Role, limiter
from tests import order, stack
from tests.browser import PATIENCE, running_chromium
from worker.app import celery

DB = os.environ.get("DB", "sqlite")
_parts: list[Callable[[], None]] = []
# a machine may be busy: how long one example takes says nothing about us, nor how long a page takes to show a thing
hypothesis.settings.register_profile("busy", deadline=None)
hypothesis.settings.load_profile("busy")
expect.set_options(timeout=PATIENCE)


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers once, in the process that the test workers come from; they find them in the environment."""
    config.addinivalue_line("markers", "once: does not depend on the database; runs in the SQLite pass only")
    config.addinivalue_line("markers", "browser: needs Chromium")
    if hasattr(config, "workerinput"):
        # a numbered database of the shared Valkey each: limits that one process resets are not the other's
        number = int(re.sub(r"\D", "", config.workerinput["workerid"])) + 1
        os.environ["TEST_REDIS"] = re.sub(r"/0$", f"/{number}", os.environ["TEST_REDIS"])
        return
    if config.option.collectonly:
        return
    folder = Path(tempfile.mkdtemp(prefix="eventhub-tests-"))
    folder.chmod(0o755)  # PostgreSQL runs as a user of its own
    _parts.append(lambda: subprocess.run(["rm", "-rf", str(folder)], check=False))
    if DB == "postgresql":
        server = stack.Postgres(folder)
        _parts.append(server.stop)
        os.environ["TEST_POSTGRES"] = server.url
    valkey = up.start_valkey(folder)
    os.environ["TEST_REDIS"] = os.environ.pop("REDIS_URL")
    _parts.append(lambda: (valkey.terminate(), valkey.wait(60)))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(
        config, "workerinput"
    ):  # one of several processes; alone, files run in the order in which they were named
        order.longest_first(items)


def pytest_unconfigure(config: pytest.Config) -> None:
    for stop in reversed(_parts):
        stop()
    _parts.clear()


@pytest.fixture(scope="session")
def process_name() -> str:
    """This test process's own name, for its database."""
    return os.environ.get("PYTEST_XDIST_WORKER", "gw")


def database_url(name: str, folder: Path) -> str:
    """A new, empty database on the engine under test."""
    if DB != "postgresql":
        return f"sqlite:///{folder / (name + '.db')}"
    base = sa.make_url(os.environ["TEST_POSTGRES"]).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(base, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return base.set(database=name).render_as_string(hide_password=False)


def settings_for(url: str, folder: Path, **more: str) -> config.Config:
    """Settings for a test, as the environment would give them."""
    return config.from_environment(
        {
            "EVENTHUB_DATA": str(folder),
            "EVENTHUB_SECRET_KEY": os.environ["EVENTHUB_SECRET_KEY"],
            "EVENTHUB_SEALING_KEY": os.environ["EVENTHUB_SEALING_KEY"],
            "DATABASE_URL": url,
            "REDIS_URL": os.environ["TEST_REDIS"],
            "PAGE_CACHE_SECONDS": "0",
            "LOG_LEVEL": "WARNING",
            **more,
        }
    )


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    """A real Chromium; each test opens a context of its own."""
    with running_chromium() as browser:
        yield browser


@pytest.fixture
def server(app: Flask) -> Iterator[str]:
    """The app behind a real port, one thread per connection; its address."""
    port = up.free_port()
    http = make_server("127.0.0.1", port, app, threaded=True)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(http.serve_forever)
        yield f"http://127.0.0.1:{port}"
        http.shutdown()


@pytest.fixture(scope="session")
def sink() -> Iterator[stack.Sink]:
    """A real SMTP server; emptied after each test by ``outbox``."""
    server = stack.Sink()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def session_app(tmp_path_factory: pytest.TempPathFactory, process_name: str, sink: stack.Sink) -> Flask:
    folder = tmp_path_factory.mktemp("data")
    settings = settings_for(
        database_url(f"test_{process_name}", folder), folder, SMTP_URL=sink.url, BASE_URL="http://localhost"
    )
    app = create_app(settings)
    app.config.update(TESTING=False, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    app.test_client_class = CheckedClient
    upgrade_database(app)
    celery.flask = app  # tasks that a test calls run in this app
    # a page waits half a second for the counter and then counts by itself, anew: on a busy machine a limit is not met
    limiter.storage.storage.connection_pool.connection_kwargs.update(socket_timeout=60, socket_connect_timeout=60)
    return app


@pytest.fixture
def app(session_app: Flask, sink: stack.Sink) -> Iterator[Flask]:
    """The app with an empty database, inside its context; what a test wrote is deleted afterwards."""
    with session_app.app_context():
        token = writing.set(True)
        yield session_app
        db.session.remove()
        empty_database()
        writing.reset(token)
        sink.clear()
        limits.forget()  # devices of the next test have the same numbers, and meetings
        known.forget()
        tasks.connect(os.environ["TEST_REDIS"])


@functools.cache  # the text; every table is known once there is an app
def tables_with_rows() -> str:
    return " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in Base.metadata.tables)


def empty_database() -> None:
    """Delete every row. One question finds the tables that have any; most tests fill few."""
    with db.engine.begin() as connection:
        filled = connection.exec_driver_sql(tables_with_rows()).scalars().all()
        if db.engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for name in filled:
            connection.exec_driver_sql(f"DELETE FROM {name}")


class CheckedClient(FlaskClient):
    """A browser in a context of its own, as in real life; fails when a page answered well and left work unsaved.

    What the test itself wrote is committed first, and what it holds is read afresh afterwards.
    """

    def open(self, *args, **kwargs):
        if not has_app_context():  # a redirect that this browser follows
            return super().open(*args, **kwargs)
        db.session.commit()
        _flushed_and_lost.clear()
        response = contextvars.Context().run(super().open, *args, **kwargs)
        unsaved = response.status_code < 400 and _flushed_and_lost.get("lost")
        assert not unsaved, f"{response.request.path} answered {response.status_code} but did not commit: {unsaved}"
        return response


_flushed_and_lost: dict[str, str] = {}


@sa.event.listens_for(sa.orm.Session, "after_flush")
def _note_flush(session: sa.orm.Session, _context: object) -> None:
    session.info["unsaved"] = ", ".join(type(row).__name__ for row in [*session.new, *session.dirty, *session.deleted])


@sa.event.listens_for(sa.orm.Session, "after_commit")
def _note_commit(session: sa.orm.Session) -> None:
    session.info.pop("unsaved", None)


@sa.event.listens_for(sa.orm.Session, "after_soft_rollback")
def _note_rollback(session: sa.orm.Session, _previous: object) -> None:
    lost = session.info.pop("unsaved", None)
    if lost and not session.in_nested_transaction():
        _flushed_and_lost["lost"] = lost


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """An anonymous browser."""
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask) -> Callable[..., FlaskClient]:
    """``sign_in(Role.ORGANISER, meeting)`` gives a browser where such a member of staff is signed in."""

    def make(role: Role = Role.ADMINISTRATOR, meeting=None, *, email: str = "") -> FlaskClient:
        email = email or f"{role.value}@staff.example"
        user = accounts.queries.find_user(email) or accounts.create(
            email=email, name=role.value.title(), password=None, by=SYSTEM
        )
        accounts.grant(user, role, meeting.id if meeting is not None else None, by=SYSTEM)
        key = sign_ins.begin(user)
        db.session.commit()
        browser = app.test_client()
        with browser.session_transaction() as session:
            session["_user_id"] = user.fs_uniquifier
            session["_fresh"] = True
            session[sign_ins.KEY] = key
            session["fs_cc"] = "set"
            session["fs_paa"] = clock.now().timestamp()
            session["identity.id"] = user.fs_uniquifier
        return browser

    return make


class Queries:
    """Counts the statements that run inside a ``with`` block."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def __enter__(self) -> "Queries":
        sa.event.listen(db.engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_error: object) -> None:
        sa.event.remove(db.engine, "before_cursor_execute", self._note)

    def _note(self, _connection, _cursor, statement, *_more) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT", "ROLLBACK")):
            self.statements.append(statement)

    @property
    def count(self) -> int:
        return len(self.statements)


@pytest.fixture
def queries(app: Flask) -> type[Queries]:
    """``with queries() as seen: …; seen.count``"""
    return Queries
