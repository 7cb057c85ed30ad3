"""Confirmed people, made straight as rows: what badges need of a registration, without its rules."""

import itertools
from typing import Any

from eventhub import clock
from eventhub.db import db
from eventhub.directory.models import Organisation, Person
from eventhub.directory.names import sort_key
from eventhub.meetings.models import Meeting
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationRole, RegistrationState

_numbers = itertools.count(1)

# ten scripts, each with its Latin form, country and language
NAMES = (
    ("Nguyễn Thị Ánh", "", "VN", "vi"),
    ("ស្ត្រី ចន្ធី", "Strey Chanthy", "KH", "km"),
    ("山田 花子", "Yamada Hanako", "JP", "ja"),
    ("محمد عائشہ", "Muhammad Aisha", "PK", "ur"),
    ("श्रीमती सीता", "Shrimati Sita", "NP", "ne"),
    ("ကျွန်ုပ် ရဲရဲ", "Kyunok Ye Ye", "MM", "my"),
    ("สมชาย ใจดี", "Somchai Jaidee", "TH", "th"),
    ("নাসরিন আক্তার", "Nasrin Akter", "BD", "bn"),
    ("ශ්‍රීමා පෙරේරා", "Shrima Perera", "LK", "si"),
    ("김철수", "Kim Cheol-su", "KR", "ko"),
)


def a_confirmed(meeting: Meeting, full_name: str = "", *, child: bool = False, **facts: Any) -> Registration:
    """A confirmed registration with the code of conduct signed; ``facts`` are the registration's and the person's."""
    n = next(_numbers)
    own = {
        key: facts.pop(key) for key in ("latin_name", "called", "email", "at_risk", "merged_into_id") if key in facts
    }
    name = full_name or f"Person {n:05}"
    person = Person(
        full_name=name,
        sort_key=sort_key(name, own.get("latin_name", "")),
        is_child=child,
        **{"email": f"p{n}@hub.example", **own},
    )
    now = clock.now()
    values = {
        "state": RegistrationState.CONFIRMED,
        "role": RegistrationRole.CHILD_DELEGATE if child else RegistrationRole.DELEGATE,
        "is_child": child,
        "submitted_at": now,
        "confirmed_at": now,
        "code_of_conduct_at": now,
        "code_of_conduct_version": "1",
    }
    registration = Registration(meeting_id=meeting.id, meeting=meeting, person=person, **{**values, **facts})
    db.session.add_all([person, registration])
    db.session.flush()
    return registration


def confirmed_people(meeting: Meeting, number: int) -> list[Registration]:
    """That many confirmed people, in ten scripts, of four organisations."""
    organisations = [Organisation(name=f"Network for the Rights of the Child {n}", country="KH") for n in range(4)]
    db.session.add_all(organisations)
    db.session.flush()
    people = []
    for n in range(number):
        name, latin, country, language = NAMES[n % len(NAMES)]
        people.append(
            a_confirmed(
                meeting,
                f"{name} {n}",
                latin_name=f"{latin} {n}" if latin else "",
                country=country,
                language=language,
                organisation_id=organisations[n % 4].id,
            )
        )
    return people
