"""Decides what stands on a person's badge and ticket: which name, which role, which mark, which address in the code.

A child's badge looks like any other: the name it chose and nothing else of its name, the role "Delegate". Somebody at
risk goes by what they want to be called.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import force_locale

from eventhub.badges.sheet import Face, Occasion
from eventhub.db import db
from eventhub.directory import queries as directory
from eventhub.directory.models import Person
from eventhub.directory.places import country_name
from eventhub.meetings.models import Meeting
from eventhub.safeguarding import queries as safeguarding
from eventhub.ui import band, when_text

NAMELESS = "Delegate"  # on the badge of a child whose chosen name nobody wrote down


def host() -> str:
    """Where this EventHub is reached: host, and port where there is one."""
    return urlsplit(current_app.config["EVENTHUB"].base_url).netloc.encode("idna").decode()


def address(code: str) -> str:
    """What the QR code holds: all upper case, so that the symbol stays small."""
    return f"HTTPS://{host()}/B/{code}".upper()


def occasion(meeting: Meeting) -> Occasion:
    """What all badges of a meeting share, in English like the badge itself."""
    with force_locale("en"):
        dates, country = when_text(meeting), country_name(meeting.country)
    return Occasion(
        title=meeting.title,
        dates=dates,
        place=", ".join(part for part in (meeting.place, country) if part),
        venue=", ".join(line.strip(" ,") for line in meeting.venue.splitlines() if line.strip(" ,")),
        accent=meeting.accent,
        band=str(band(meeting)).encode(),
        focal_phone=meeting.focal_point_phone,
        focal_person=meeting.focal_point_name,
        address=f"{host()}/m/{meeting.slug}",
    )


def faces(meeting: Meeting, holders: Sequence[Any]) -> list[Face]:
    """One face for each holder (``queries.holders``), in their order. Two statements for the photo marks."""
    marks = safeguarding.photo_ok([holder.person_id for holder in holders], meeting.id)
    with force_locale("en"):
        return [_face(holder, marks.get(holder.person_id, False)) for holder in holders]


def names(holder: Any) -> tuple[str, str, str]:
    """What may be printed of a person's name: as written, in Latin letters, what to call them."""
    person = _person(holder)
    if holder.is_child or person.is_child:
        return person.called or NAMELESS, "", ""
    return directory.worn_names(person)


def _face(holder: Any, photo_ok: bool) -> Face:
    name, latin, called = names(holder)
    return Face(
        name=name,
        latin_name=latin,
        called=called,
        code=holder.code,
        url=address(holder.code),
        photo_ok=photo_ok,
        organisation=holder.organisation or "",
        country=country_name(holder.country) if holder.country else "",
        country_code=holder.country or "",
        role=holder.role.shown.capitalize(),
        language=holder.language,
    )


def _person(holder: Any) -> Any:
    """The holder's own columns, or the record that the person was merged into."""
    if holder.merged_into_id is None:
        return holder
    return directory.canonical(db.session.get_one(Person, holder.person_id))
