"""Whom to meet, for 1,000 listed people: reading the facts, choosing, and keeping the pairs. At most 10 s."""

import os
import random
import time
from pathlib import Path
from typing import Any

from eventhub import config
from eventhub.app import create_app
from eventhub.db import db, writing
from eventhub.maintenance import upgrade_database
from eventhub.networking import matching, suggestions
from eventhub.networking.models import Profile, ProfileCode, Side, Suggestion
from eventhub.registration.models import Registration
from tests.bench.place import Place
from tests.factories.badges import confirmed_people
from tests.factories.basics import a_meeting

PEOPLE, LIMIT = 1000, 10_000  # ms
_WORDS = [
    "alternative",
    "reports",
    "commune",
    "youth",
    "councils",
    "climate",
    "heat",
    "fishing",
    "boats",
    "trafficking",
    "foster",
    "disability",
    "inclusive",
    "schools",
    "curriculum",
    "digital",
    "safety",
    "budget",
    "analysis",
    "parliament",
    "training",
    "evaluation",
    "survey",
    "reform",
    "courts",
    "birth",
    "registration",
    "refugees",
    "shelter",
    "counselling",
    "hotline",
    "sport",
    "culture",
]


def measure(place: Place) -> dict[str, Any]:
    """Milliseconds of what the worker's task does for one meeting."""
    for name in ("EVENTHUB_SECRET_KEY", "EVENTHUB_SEALING_KEY"):
        os.environ.setdefault(name, f"bench {name} " + "x" * 32)
    folder = Path(place.folder) / "suggest"
    folder.mkdir()
    settings = {**os.environ, "EVENTHUB_DATA": str(folder), "DATABASE_URL": place.new_database(), "LOG_LEVEL": "ERROR"}
    app = create_app(config.from_environment(settings))
    upgrade_database(app)
    with app.app_context():
        writing.set(True)
        meeting_id = _fill()
        start = time.perf_counter()
        seen = suggestions.digest(meeting_id)
        pairs = matching.suggest(suggestions.facts(meeting_id), suggestions.apart(meeting_id))
        suggestions.keep(meeting_id, pairs, seen)
        db.session.commit()
        value = (time.perf_counter() - start) * 1000
        have = {ident for row in db.session.query(Suggestion) for ident in (row.a_id, row.b_id)}
        assert len(have) == PEOPLE, "somebody has no suggestion"
    return {
        "name": "suggest_1000",
        "value": round(value),
        "unit": "ms",
        "limit": LIMIT,
        "ratio": round(value / LIMIT, 3),
    }


def _fill() -> int:
    chance = random.Random(1000)  # the same people in every run
    meeting = a_meeting(capacity=PEOPLE + 10)
    confirmed_people(meeting, PEOPLE)
    for registration in db.session.query(Registration).filter_by(meeting_id=meeting.id).order_by(Registration.id):
        registration.organisation_text = f"Organisation {chance.randrange(350)}"
        codes = [
            ProfileCode(side=side, scheme="crc_cluster", code=str(code))
            for side in (Side.OFFERS, Side.SEEKS, Side.WORKS_ON)
            for code in chance.sample(range(1, 11), chance.randint(1, 3))
        ]
        said = [" ".join(chance.choices(_WORDS, k=12)) for _ in range(3)]
        db.session.add(
            Profile(
                registration=registration,
                meeting_id=meeting.id,
                listed=True,
                offers=said[0],
                seeks=said[1],
                works_on=said[2],
                codes=codes,
            )
        )
    db.session.commit()
    return meeting.id
