"""The network map with its measures, the donor's report as a job, and every report page with ten years of data times ten.

Limits: 400 organisations read within a second; a report typeset within ten; a page answered within 300 ms at the server, also the first that a new process shows.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from eventhub import clock, config, serving
from eventhub.accounts import service as accounts
from eventhub.accounts import sign_ins
from eventhub.app import create_app
from eventhub.audit import SYSTEM
from eventhub.db import db, writing
from eventhub.directory.models import Organisation
from eventhub.maintenance import upgrade_database
from eventhub.meetings.models import Meeting
from eventhub.partnerships import parts, service
from eventhub.partnerships.models import Partnership, Party
from eventhub.partnerships.states import ActivityKind
from eventhub.reports import issuing, layout, ledger, map, metrics, network, network_tables
from eventhub.security import Role
from tests.bench.place import Place
from tests.factories import ten_years

ROUNDS = 3
PAGES = (
    "/staff/reports/figures",
    "/staff/reports/network",
    "/staff/reports/years",
    "/staff/m/edition-2024/report",
    "/staff/reports/figures/themes/0/2",
    "/api/v1/reports/partnerships",
)


def network_400(place: Place) -> dict[str, Any]:
    """Milliseconds from the records to the picture, measures and tables of 400 organisations, with nothing kept."""
    app = _app(_settings(place, "network"))
    with app.app_context():
        writing.set(True)
        ten_years.fill()
    taken = []
    for _ in range(ROUNDS):
        layout.forget()
        metrics.forget()
        with app.app_context(), app.test_request_context():
            start = time.perf_counter()
            found = map.cut(network.network(ledger.read(themes=False), meeting_ids=None))
            assert len(found.nodes) == 400
            picture = map.draw(found, found, [], title="The network")
            network_tables.measure_table(found)
            network_tables.node_table(found, [], lambda _ident: "")
            assert picture.svg()
            taken.append(time.perf_counter() - start)
    return _said("network_400", taken, 1000)


def report_pdf(place: Place) -> dict[str, Any]:
    """Milliseconds of the whole donor's report about ten years: counting, drawing, typesetting, all its files."""
    app = _app(_settings(place, "report"))
    with app.app_context():
        writing.set(True)
        ten_years.fill()
    taken = []
    for _ in range(ROUNDS):
        with app.app_context():
            writing.set(True)
            start = time.perf_counter()
            report = issuing.issue(
                issuing.read_scope({"series": "ten-years"}, None),
                title="Ten years",
                by=SYSTEM,
                progress=lambda _d, _t: None,
            )
            taken.append(time.perf_counter() - start)
            assert len(report.files) == len(issuing.KINDS)
            db.session.rollback()
    return _said("report_pdf", taken, 10_000)


def report_pages_10x(place: Place) -> dict[str, Any]:
    """The slowest report page at the server, in milliseconds, with ten years of data times ten: looked at again, after
    somebody changed a record, or the first that a new process shows, whichever is slower."""
    settings = _settings(place, "pages")
    app = _app(settings)
    with app.app_context():
        writing.set(True)
        ten_years.fill(10)
        user = accounts.create(email="bench@staff.example", name="Bench", password=None, by=SYSTEM)
        accounts.grant(user, Role.ADMINISTRATOR, None, by=SYSTEM)
        ident = f"{user.fs_uniquifier}/{sign_ins.begin(user)}"
        db.session.commit()
    new = _new_process(settings, ident)
    browser = signed_in(app, ident)

    def once(page: str) -> float:
        start = time.perf_counter()
        answer = browser.get(page)
        assert answer.status_code == 200, (page, answer.status_code)
        return time.perf_counter() - start

    slowest: dict[str, float] = {}
    unprepared = once(PAGES[0])  # of a process that could not be made ready, and with nothing kept anywhere
    serving.warm(app)  # from here on it is as every web process
    for page in PAGES:
        once(page)
        taken = []
        for number in range(ROUNDS):
            change(app, number)  # somebody adds to a record between two looks
            taken.append(once(page))
        slowest[page] = max(statistics.median(taken), statistics.median(once(page) for _ in range(ROUNDS)))
    every = [(seconds, page) for found in (slowest, new["pages"]) for page, seconds in found.items()]
    seconds, page = max(every)
    return {
        **_said("report_pages_10x", [seconds], 300),
        "slowest": page,
        "pages": _milliseconds(slowest),
        "first_of_a_process": _milliseconds(new["pages"]),
        "first_of_a_process_after_a_change": _milliseconds(new["changed"]),  # both at once: told, and not the value
        "process_started_s": round(new["started"], 1),
        "first_unprepared": round(1000 * unprepared),
    }


def _new_process(settings: dict[str, str], ident: str) -> dict[str, Any]:
    """How long a new process took until it could answer, and each page's first request, in seconds."""
    command = [sys.executable, "-m", "tests.bench.first_view", ident, *PAGES]
    return json.loads(subprocess.run(command, env=settings, check=True, stdout=subprocess.PIPE).stdout)


def _milliseconds(found: dict[str, float]) -> dict[str, int]:
    return {name: round(1000 * seconds) for name, seconds in found.items()}


def signed_in(app: Flask, ident: str) -> FlaskClient:
    """A browser in which a member of staff is signed in."""
    ident, _slash, key = ident.partition("/")
    now = clock.now().timestamp()
    browser = app.test_client()
    with browser.session_transaction() as session:
        session.update({"_user_id": ident, "identity.id": ident, sign_ins.KEY: key, sign_ins.SEEN: now})
        session.update({"_fresh": True, "fs_cc": "set", "fs_paa": now})
    return browser


def change(app: Flask, number: int) -> None:
    """Somebody adds to a record, and two of the best connected begin something new: the map has another shape."""
    with app.app_context():
        writing.set(True)
        count, home = sa.func.count(Party.id), Party.organisation_id
        ids = db.session.scalars(sa.select(home).group_by(home).order_by(count.desc(), home).limit(100)).all()
        pair = Random(db.session.scalar(sa.select(sa.func.count(Partnership.id)))).sample(ids, 2)
        meeting = db.session.scalars(sa.select(Meeting).order_by(Meeting.id.desc()).limit(1)).one()
        service.create(parties=[db.session.get_one(Organisation, i) for i in pair], meeting=meeting, by=SYSTEM)
        row = db.session.scalars(sa.select(Partnership).order_by(Partnership.id).offset(100 + number).limit(1)).one()
        parts.add(row, "activity", kind=ActivityKind.EVENT, title="One more", by=SYSTEM)
        db.session.commit()


def _said(name: str, taken: list[float], limit: int) -> dict[str, Any]:
    value = statistics.median(taken) * 1000
    return {"name": name, "value": round(value, 1), "unit": "ms", "limit": limit, "ratio": round(value / limit, 3)}


def _settings(place: Place, name: str) -> dict[str, str]:
    for key in ("EVENTHUB_SECRET_KEY", "EVENTHUB_SEALING_KEY"):
        os.environ.setdefault(key, f"bench {key} " + "x" * 32)
    folder = Path(place.folder) / name
    folder.mkdir()
    return {
        **os.environ, "EVENTHUB_DATA": str(folder), "DATABASE_URL": place.new_database(), "LOG_LEVEL": "ERROR",
        "EVENTHUB_REQUIRE_SECOND_FACTOR": "0", "EVENTHUB_LIMITS": "off",
    }  # fmt: skip


def _app(settings: dict[str, str]) -> Flask:
    app = create_app(config.from_environment(settings))
    app.config.update(WTF_CSRF_ENABLED=False)
    upgrade_database(app)
    return app
