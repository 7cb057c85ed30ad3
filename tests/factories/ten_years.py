"""Ten years of a network, times a factor, written row by row as fast as a database takes them: meetings, organisations,
people, registrations, partnerships with parties, activities, answers and stages."""

from datetime import date, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa

from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.directory.models import Organisation, Person, Precision
from eventhub.meetings import service as meetings
from eventhub.meetings.models import Sector, Series
from eventhub.meetings.states import MeetingState
from eventhub.partnerships import facts, queries
from eventhub.partnerships.models import (
    Activity,
    Level,
    Origin,
    Partnership,
    Party,
    StageStatement,
    Theme,
    Verification,
)
from eventhub.partnerships.states import (
    ActivityKind,
    FieldGroup,
    LevelKind,
    PartyRole,
    ThemeScheme,
    VerificationState,
)
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState

LANDS = ("KH", "TH", "VN", "LA", "MM", "PH", "ID", "MY", "NP", "IN", "BD", "LK", "PK", "JP", "KR", "TW", "HK", "MN")
THEMES = ("Heat in schools", "Alternative reports", "Child-led networks", "Violence", "Online safety")


def fill(
    times: int = 1, *, years: int = 10, registrations: int = 900, organisations: int = 400, partnerships: int = 300
) -> Series:
    """The series of these meetings; all numbers are multiplied by ``times``, but for the years. Committed."""
    chance = Random(7)
    sectors = [meetings.add_sector(code=f"sector-{n}", name=f"Sector {n}", position=n).id for n in range(6)]
    series = meetings.create_series(name="Ten years", slug="ten-years", secretariat="Organisation 0", by=SYSTEM)
    held = [_meeting(series, 2015 + n).id for n in range(years)]
    homes = _insert(
        Organisation,
        [
            {
                "name": f"Organisation {n}",
                "country": chance.choice(LANDS),
                "sector_id": chance.choice(sectors),
                "search_text": "",
            }
            for n in range(organisations * times)
        ],
    )
    people = _insert(
        Person, [{"full_name": f"Person {n}", "email": f"p{n}@people.example"} for n in range(registrations * times)]
    )
    _insert(
        Registration,
        [
            {
                "meeting_id": held[n % years],
                "person_id": person,
                "organisation_id": homes[n * 7 % len(homes)],
                "state": RegistrationState.CONFIRMED,
                "country": "KH",
            }
            for n, person in enumerate(people)
        ],
    )
    _partnerships(chance, held, homes, partnerships * times)
    db.session.commit()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Sector)) == len(sectors)
    return series


def _meeting(series: Series, year: int):
    starts = date(year, 7, 1)
    meeting = meetings.create(
        series=series,
        title=f"Edition {year}",
        slug=f"edition-{year}",
        starts=starts,
        ends=starts + timedelta(days=2),
        place="Manila",
        country="PH",
        by=SYSTEM,
    )
    meeting.state = MeetingState.OVER
    db.session.flush()
    return meeting


def _insert(model: Any, rows: list[dict[str, Any]]) -> list[int]:
    """Their ids, in order."""
    before = db.session.scalar(sa.select(sa.func.max(model.id))) or 0
    for start in range(0, len(rows), 1000):
        db.session.execute(sa.insert(model), rows[start : start + 1000])
    return list(db.session.scalars(sa.select(model.id).where(model.id > before).order_by(model.id)))


def _partnerships(chance: Random, held: list[int], homes: list[int], many: int) -> None:
    ids = _insert(Partnership, [{"ref": f"P-{n:05}", "title": f"Partnership {n}"} for n in range(many)])
    pairs = [chance.sample(homes[: max(4, len(homes) // 2)], 2) for _ in ids]
    where = [chance.randrange(len(held)) for _ in ids]
    _insert(Origin, [{"partnership_id": i, "meeting_id": held[w]} for i, w in zip(ids, where, strict=True)])
    _insert(
        Party,
        [
            {"partnership_id": i, "organisation_id": home, "role": PartyRole.PARTNER}
            for i, pair in zip(ids, pairs, strict=True)
            for home in pair
        ],
    )
    _insert(Theme, [{"partnership_id": i, "scheme": ThemeScheme.OWN, "label": chance.choice(THEMES)} for i in ids])
    _insert(Level, [{"partnership_id": i, "level": chance.choice(list(LevelKind))} for i in ids])
    _insert(
        Activity,
        [
            {"partnership_id": i, "kind": ActivityKind.TRAINING, "title": "A training", "start": date(2015 + w, 10, 1) + timedelta(days=chance.randrange(700)), "start_precision": chance.choice([Precision.DAY, Precision.MONTH])}
            for i, w in zip(ids, where, strict=True) for _ in range(chance.randrange(3))
        ],
    )  # fmt: skip
    _insert(
        StageStatement,
        [
            {
                "partnership_id": i,
                "stated_on": date(2016 + w, 1, 1),
                "exchanges_information": True,
                "alters_activities": chance.choice([True, False, None]),
            }
            for i, w in zip(ids, where, strict=True)
        ],
    )
    _answers(chance)


def _answers(chance: Random) -> None:
    """Two of three parties confirmed the facts as they stand."""
    rows = []
    for partnership in queries.list_partnerships(None):
        shown = facts.facts(partnership, FieldGroup.FACTS)
        for party in partnership.parties:
            if chance.random() < 0.8:
                rows.append(
                    {
                        "partnership_id": partnership.id,
                        "party_id": party.id,
                        "field_group": FieldGroup.FACTS,
                        "state": VerificationState.CONFIRMED,
                        "old_value": shown,
                    }
                )
    _insert(Verification, rows)
    db.session.expunge_all()
