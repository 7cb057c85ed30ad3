"""Organisations and people for tests."""

import itertools
from typing import Any

from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.directory import service
from eventhub.directory.models import Organisation, Person

_numbers = itertools.count(1)


def an_organisation(**facts: Any) -> Organisation:
    """An organisation in Cambodia, committed."""
    n = next(_numbers)
    organisation = service.create_organisation(
        **{"name": f"Lotus Network {n}", "country": "KH", "email": f"office{n}@lotus.example", "by": SYSTEM, **facts}
    )
    db.session.commit()
    return organisation


def a_person(organisation: Organisation | None = None, *, post: str = "", **facts: Any) -> Person:
    """An adult with an address, at ``organisation`` when given; committed. A child is given a chosen name."""
    n = next(_numbers)
    facts.setdefault("called", f"Kid {n}" if facts.get("is_child") else "")
    person = service.create_person(
        **{"full_name": f"Sok Person {n}", "email": f"person{n}@people.example", "by": SYSTEM, **facts}
    )
    if organisation is not None:
        service.affiliate(person, organisation, post=post, by=SYSTEM)
    db.session.commit()
    return person
