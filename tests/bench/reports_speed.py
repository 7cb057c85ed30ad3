"""The network map with its measures, the donor's report as a job, and every report page with ten years of data times ten.

Limits: 400 organisations read within a second; a report typeset within ten; a page answered within 300 ms at the server.
"""

import os
import statistics
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from eventhub import clock, config
from eventhub.accounts import service as accounts
from eventhub.app import create_app
from eventhub.audit import SYSTEM
from eventhub.db import db, writing
from eventhub.maintenance import upgrade_database
from eventhub.partnerships import parts
from eventhub.partnerships.models import Partnership
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
    app = _app(place, "network")
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
    app = _app(place, "report")
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
    """The slowest report page at the server, in milliseconds, with ten years of data times ten: looked at again, or
    after somebody changed a record, whichever is slower."""
    app = _app(place, "pages")
    with app.app_context():
        writing.set(True)
        ten_years.fill(10)
        user = accounts.create(email="bench@staff.example", name="Bench", password=None, by=SYSTEM)
        accounts.grant(user, Role.ADMINISTRATOR, None, by=SYSTEM)
        db.session.commit()
        ident = user.fs_uniquifier
    browser = app.test_client()
    with browser.session_transaction() as session:
        session.update(
            {"_user_id": ident, "_fresh": True, "fs_cc": "set", "fs_paa": clock.now().timestamp(), "identity.id": ident}
        )

    def once(page: str) -> float:
        start = time.perf_counter()
        answer = browser.get(page)
        assert answer.status_code == 200, (page, answer.status_code)
        return time.perf_counter() - start

    slowest: dict[str, float] = {}
    first = once(PAGES[0])  # of a new process: the ledger is read once
    for page in PAGES:
        once(page)
        taken = []
        for number in range(ROUNDS):
            _change(app, number)  # somebody adds to a record between two looks
            taken.append(once(page))
        slowest[page] = max(statistics.median(taken), statistics.median(once(page) for _ in range(ROUNDS)))
    page = max(slowest, key=slowest.__getitem__)
    said = _said("report_pages_10x", [slowest[page]], 300)
    pages = {name: round(1000 * seconds) for name, seconds in slowest.items()}
    return {**said, "slowest": page, "pages": pages, "first_of_a_process": round(1000 * first)}


def _change(app: Flask, number: int) -> None:
    with app.app_context():
        writing.set(True)
        row = db.session.scalars(sa.select(Partnership).order_by(Partnership.id).offset(100 + number).limit(1)).one()
        parts.add(row, "activity", kind=ActivityKind.EVENT, title="One more", by=SYSTEM)
        db.session.commit()


def _said(name: str, taken: list[float], limit: int) -> dict[str, Any]:
    value = statistics.median(taken) * 1000
    return {"name": name, "value": round(value, 1), "unit": "ms", "limit": limit, "ratio": round(value / limit, 3)}


def _app(place: Place, name: str) -> Flask:
    for key in ("EVENTHUB_SECRET_KEY", "EVENTHUB_SEALING_KEY"):
        os.environ.setdefault(key, f"bench {key} " + "x" * 32)
    folder = Path(place.folder) / name
    folder.mkdir()
    settings = {
        **os.environ, "EVENTHUB_DATA": str(folder), "DATABASE_URL": place.new_database(), "LOG_LEVEL": "ERROR",
        "EVENTHUB_REQUIRE_SECOND_FACTOR": "0", "EVENTHUB_LIMITS": "off",
    }  # fmt: skip
    app = create_app(config.from_environment(settings))
    app.config.update(WTF_CSRF_ENABLED=False)
    upgrade_database(app)
    return app
