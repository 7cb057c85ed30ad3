"""The letters to a party and to somebody independent: are the facts true, and what came of it. Links are placeholders until they are sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eventhub import clock, security
from eventhub.directory import imprecise
from eventhub.directory import queries as directory
from eventhub.directory.models import Person
from eventhub.mail import service as mail
from eventhub.mail.models import Message
from eventhub.partnerships.models import FollowUp, Partnership, Party, Substantiation, Verification
from eventhub.safeguarding import queries as safeguarding
from eventhub.safeguarding.models import ConsentBy, Purpose


@dataclass(frozen=True)
class Addressee:
    """Where a party's letter goes; ``person`` is None where only the organisation's address is known."""

    email: str
    name: str
    language: str
    person: Person | None


def addressee(party: Party) -> Addressee | None:
    """Whom to write to about a party: its focal person, else the organisation's own address; None for nobody."""
    return addressees([party])[party.id]


def addressees(parties: Sequence[Party]) -> dict[int, Addressee | None]:
    """The same of several parties of one partnership, by their ids, in one statement."""
    focal = {p.id: directory.canonical(p.focal_person) for p in parties if p.focal_person is not None}
    may = {ident: person for ident, person in focal.items() if person.email and not person.is_child}
    declined = _declined({person.id for person in may.values()}, parties[0].partnership) if may else set()
    found: dict[int, Addressee | None] = {}
    for party in parties:
        person, home = may.get(party.id), party.organisation
        if person is not None and person.id not in declined:
            found[party.id] = Addressee(person.email, person.full_name, person.language, person)
        else:
            found[party.id] = Addressee(home.email, home.name, "en", None) if home.email else None
    return found


def _declined(person_ids: set[int], partnership: Partnership) -> set[int]:
    """Who said at the meeting that nobody should write later."""
    origin = partnership.origin
    if origin is None or origin.meeting_id is None:
        return set()
    return {
        ident
        for (ident, by, purpose), said in safeguarding.newest_consents(person_ids, origin.meeting_id).items()
        if by is ConsentBy.SELF and purpose is Purpose.LATER_CONTACT and not safeguarding.in_force(said)
    }


def verification(row: Verification, to: Addressee) -> Message:
    """Ask a party's focal person whether the facts are right."""
    link = security.placeholder("verification", row.id, row.link_version)
    return _queue("verification", f"verification:{row.id}:{row.link_version}", row, to, link)


def follow_up(row: FollowUp, to: Addressee) -> Message:
    """Ask a party what came of the partnership since."""
    link = security.placeholder("follow_up", row.id, row.link_version)
    return _queue("follow_up", f"follow_up:{row.id}:{row.link_version}", row, to, link, months=_months_ago(row))


def _months_ago(row: FollowUp) -> int:
    """How long ago the meeting was; a letter that goes out late says so, not for when it was meant."""
    meeting = row.partnership.origin.meeting if row.partnership.origin else None
    return max(row.months, imprecise.months_between(meeting.ends, clock.today(meeting.tz)) if meeting else 0)


def _queue(letter: str, key: str, row: Verification | FollowUp, to: Addressee, link: str, **more: Any) -> Message:
    partnership = row.partnership
    meeting = partnership.origin.meeting if partnership.origin else None
    return mail.queue(
        letter=letter,
        key=key,
        to_email=to.email,
        to_name=to.name,
        language=to.language,
        context={**context(partnership, row.party, to, link), **more},
        meeting=meeting,
        person_id=to.person.id if to.person is not None else None,
    )


def substantiation(row: Substantiation) -> Message:
    """Ask somebody from outside for their own word on one item."""
    partnership = row.partnership
    return mail.queue(
        letter="substantiation",
        key=f"substantiation:{row.id}:{row.link_version}",
        to_email=row.email,
        to_name=row.asked_name,
        language=row.language,
        context={
            "name": row.asked_name,
            "parties": [party.organisation.name for party in partnership.parties],
            "title": partnership.title,
            "ref": partnership.ref,
            "link": security.placeholder("substantiation", row.id, row.link_version),
        },
        meeting=partnership.origin.meeting if partnership.origin else None,
    )


def context(partnership: Partnership, party: Party, to: Addressee, link: str) -> dict[str, Any]:
    """What both letters say: who is asked, about whom, since which meeting."""
    meeting = partnership.origin.meeting if partnership.origin else None
    return {
        "name": (to.person.called if to.person is not None else "") or to.name,
        "organisation": party.organisation.name,
        "others": [other.organisation.name for other in partnership.parties if other.id != party.id],
        "title": partnership.title,
        "ref": partnership.ref,
        "meeting_title": meeting.title if meeting is not None else "",
        "link": link,
    }


def sample() -> dict[str, Any]:
    return {
        "name": "Sopheap",
        "organisation": "Lotus Child Rights Network (Cambodia)",
        "others": ["子どもの声ネットワーク"],
        "title": "Learning from child-led networks",
        "ref": "P-2018-003",
        "meeting_title": "APPM, Manila",
        "link": "https://hub.example/verification/1-1-abc",
        "months": 12,
        "parties": ["Lotus Child Rights Network (Cambodia)", "子どもの声ネットワーク"],
    }
