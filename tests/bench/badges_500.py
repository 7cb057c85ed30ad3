"""500 badges in ten scripts, from the start of the worker's task to the stored file; limit: Typst alone on the same
pages with the QR codes given, in a process as fresh as the one that our task starts."""

import multiprocessing
import os
import statistics
import time
from pathlib import Path
from typing import Any

from eventhub import config, typeset
from eventhub.app import create_app
from eventhub.audit import SYSTEM
from eventhub.badges import cards, printing, queries, service, sheet
from eventhub.badges.qr import qr_png
from eventhub.db import db, writing
from eventhub.jobs import service as jobs
from eventhub.jobs.models import Job, JobState
from eventhub.maintenance import upgrade_database
from eventhub.meetings.models import Meeting
from tests.bench.place import Place
from tests.factories.badges import confirmed_people
from tests.factories.basics import a_meeting

BADGES = 500
ROUNDS = 3


def measure(place: Place) -> dict[str, Any]:
    """Milliseconds a badge; each round is measured beside its own limit."""
    for name in ("EVENTHUB_SECRET_KEY", "EVENTHUB_SEALING_KEY"):
        os.environ.setdefault(name, f"bench {name} " + "x" * 32)
    from worker.app import celery  # reads the settings when it is imported
    from worker.jobs import run

    app = celery.flask = _app(place)
    with app.app_context():
        writing.set(True)
        meeting_id = _fill()
    ours, limits = [], []
    for _ in range(ROUNDS):
        with app.app_context():
            writing.set(True)
            question = _question(db.session.get_one(Meeting, meeting_id))
            job_id = _job(meeting_id)
        with multiprocessing.get_context("spawn").Pool(1) as fresh:
            limits.append(fresh.apply(_bare, (question,)))
        start = time.perf_counter()
        run(job_id)
        ours.append(time.perf_counter() - start)
        with app.app_context():
            assert db.session.get_one(Job, job_id).state is JobState.DONE
    value, limit = (statistics.median(seconds) * 1000 / BADGES for seconds in (ours, limits))
    return {
        "name": "badges_500",
        "value": round(value, 3),
        "unit": "ms/badge",
        "limit": round(limit, 3),
        "ratio": round(value / limit, 3),
    }


def _app(place: Place):
    folder = Path(place.folder) / "badges"
    folder.mkdir()
    settings = {**os.environ, "EVENTHUB_DATA": str(folder), "DATABASE_URL": place.new_database(), "LOG_LEVEL": "ERROR"}
    app = create_app(config.from_environment(settings))
    upgrade_database(app)
    return app


def _fill() -> int:
    meeting = a_meeting(capacity=1000, focal_point_phone="+63 2 8555 0142", focal_point_name="Ana Reyes")
    confirmed_people(meeting, BADGES)
    service.issue_missing(meeting, by=SYSTEM)
    db.session.commit()
    return meeting.id


def _job(meeting_id: int) -> int:
    meeting = db.session.get_one(Meeting, meeting_id)
    choice = printing.Choice(with_children=True)
    job = jobs.start("badges.sheet", "Badges", args=choice.args(), meeting=meeting, by=SYSTEM)
    db.session.commit()
    return job.id


def _question(meeting: Meeting) -> dict[str, str]:
    """What Typst is asked for these badges, with every QR code and the band drawn already."""
    faces = cards.faces(meeting, queries.holders(meeting.id, with_children=True))
    assert len(faces) == BADGES
    drawn = [qr_png(face.url) for face in faces]
    return typeset.question("badges/badge.typ", *sheet.content(cards.occasion(meeting), faces, drawn))


def _bare(files: dict[str, str]) -> float:
    """Seconds of Typst's own work; finding the fonts and making the compiler are not counted."""
    compiler = typeset._shared_compiler()
    sources = {name: content.encode() for name, content in files.items()}
    start = time.perf_counter()
    made = compiler.compile(input=sources, format="pdf", pdf_tags=False)
    assert made[:4] == b"%PDF"
    return time.perf_counter() - start
