"""The letters about a 1:1 meeting, with its entry for the calendar; each step of it is written about once.

About somebody at risk no letter is written: the pages tell, and nothing else.
"""

from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from eventhub import clock, security
from eventhub.directory import queries as directory
from eventhub.mail import service as mail
from eventhub.mail.letters import spoken
from eventhub.networking import queries
from eventhub.networking.models_one_to_one import OneToOne, OneToOneStep
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState

BOTH = ("accepted", "moved", "seated", "cancelled")  # the entry of both calendars changes
PATH = "/one-to-one/"


def tell(row: OneToOne, step: OneToOneStep, by: Registration | None) -> None:
    """Write about a step to whom it concerns: the other, or both. Who does not come any more is not written to."""
    if not all(is_named(side) for side in (row.a, row.b)):
        return
    for side, me, other in (("a", row.a, row.b), ("b", row.b, row.a)):
        acts = by is not None and by.id == me.id
        if (not acts or step.step in BOTH) and me.state is RegistrationState.CONFIRMED:
            _queue(row, step, side, me, other, acts=acts)


def is_named(registration: Registration) -> bool:
    """Whether letters and calendars may hold this person's name."""
    return queries.is_listed(registration.person) and queries.is_listed(directory.canonical(registration.person))


def _queue(row: OneToOne, step: OneToOneStep, side: str, me: Registration, other: Registration, *, acts: bool) -> None:
    person = directory.canonical(me.person)
    with force_locale(spoken(me.language)):
        words = context(row, step, me, other, acts=acts)
    mail.queue(
        letter="one_to_one",
        key=f"one_to_one:{row.id}:{step.id}:{side}",
        to_email=person.email,
        to_name=person.full_name,
        language=me.language,
        context=words,
        meeting=row.meeting,
        person_id=person.id,
        attachments=[{"kind": f"one_to_one_{side}", "id": row.id}] if step.step in BOTH else [],
        surely_new=True,
    )


def context(row: OneToOne, step: OneToOneStep, me: Registration, other: Registration, *, acts: bool) -> dict[str, Any]:
    """What the letter says in the language set; ``acts``: its reader did this step themselves."""
    person, them = directory.canonical(me.person), directory.canonical(other.person)
    table = row.table if step.step in ("accepted", "moved", "seated") else None
    places = [table.name, table.room.name if table.room else "", table.place] if table else []
    organisation = other.organisation.name if other.organisation else other.organisation_text
    return {
        "sentence": sentence(step.step, them.full_name, acts=acts),
        "person": person.called or person.full_name,
        "other": them.full_name,
        "organisation": organisation,
        "starts": step.starts,
        "agreed": row.starts if step.step == "proposed" and row.table_id is not None else None,
        "tz": row.meeting.tz,
        "place": ", ".join(part for part in places if part),
        "words": "" if acts else step.words,
        "is_over": step.step in ("declined", "withdrawn", "cancelled"),
        "link": security.placeholder("me", me.id, me.link_version) + f"{PATH}{row.id}",
    }


def sentence(step: str, name: str, *, acts: bool) -> str:
    """What happened, for its reader, in the language set."""
    name = f"\u2068{name}\u2069"  # kept whole in a line that runs the other way
    if step == "cancelled" and acts:
        return _("You cancelled the 1:1 meeting with %(name)s", name=name)
    return {
        "requested": _("%(name)s asks you for a 1:1 meeting", name=name),
        "proposed": _("%(name)s proposes another time for your 1:1 meeting", name=name),
        "accepted": _("Your 1:1 meeting with %(name)s is agreed", name=name),
        "moved": _("Your 1:1 meeting with %(name)s has a new time", name=name),
        "seated": _("The organisers arranged a 1:1 meeting with %(name)s for you", name=name),
        "kept": _("%(name)s would rather keep the time that you agreed on", name=name),
        "declined": _("%(name)s cannot meet you", name=name),
        "withdrawn": _("%(name)s took the request for a 1:1 meeting back", name=name),
        "cancelled": _("Your 1:1 meeting with %(name)s does not take place", name=name),
    }[step]


def sample() -> dict[str, Any]:
    return {
        "sentence": sentence("accepted", "山田 花子", acts=False),
        "person": "Sopheap",
        "other": "山田 花子",
        "organisation": "Lotus Child Rights Network (Cambodia)",
        "starts": clock.now(),
        "agreed": None,
        "tz": "Asia/Manila",
        "place": "Table 4, Garden",
        "words": "I would like to hear about your alternative report.",
        "is_over": False,
        "link": security.placeholder("me", 1) + f"{PATH}1",
    }
