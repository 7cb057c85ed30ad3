"""Rules for profiles: what a participant offers, seeks and works on, and who may see it.

Nobody is listed who did not agree. A child has no profile; a person at risk may keep none that others see. A change
counts at once, and taking it back deletes it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from eventhub import audit, clock
from eventhub.audit import Actor
from eventhub.db import db, lock, touched
from eventhub.directory import queries as directory
from eventhub.errors import InvalidError
from eventhub.meetings.models import Meeting
from eventhub.networking import queries, queries_offers
from eventhub.networking.models import THEME_SIDES, Contact, Profile, ProfileCode, Side, Suggestion, SuggestionRound
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState
from eventhub.themes.words import theme

KEEP = timedelta(days=365)  # after the meeting's last day

Code = tuple[Side, str, str]  # side, scheme ("" for what is not a theme), code


@dataclass(frozen=True)
class Entry:
    """What a participant says of themselves; ``codes`` from the vocabularies that the form offers."""

    offers: str = ""
    seeks: str = ""
    works_on: str = ""
    codes: list[Code] = field(default_factory=list)
    contact: Contact = Contact.NOBODY
    listed: bool = False
    may_be_asked: bool = False  # for a 1:1 meeting, by the others who take part


def save(registration: Registration, entry: Entry, *, by: Actor, at: datetime | None = None) -> Profile:
    """Keep what a participant says, in place of what they said before.

    Raises InvalidError for a child, for who is not confirmed, and for listing a person at risk.
    """
    lock(Registration, registration.id)  # the same form sent twice makes one profile
    person = directory.canonical(registration.person)
    if registration.is_child or not queries.is_listed(person) or not queries.is_listed(registration.person):
        raise InvalidError(_("For your safety, nothing about you is shown to other participants, so there is no list."))
    if registration.state is not RegistrationState.CONFIRMED:
        raise InvalidError(_("You can say this once your place is confirmed. Your page says what is missing."))
    profile = queries_offers.find_profile(registration.id)
    if profile is None:
        profile = Profile(registration=registration, meeting_id=registration.meeting_id, codes=[])
        db.session.add(profile)
    profile.offers, profile.seeks, profile.works_on = entry.offers, entry.seeks, entry.works_on
    profile.contact, profile.listed = entry.contact, entry.listed
    profile.may_be_asked = entry.may_be_asked
    profile.updated_at = at or clock.now()
    _replace_codes(profile, entry.codes)
    index(profile)
    db.session.flush()
    audit.record(by, "listed" if entry.listed else "kept unlisted", profile)
    return profile


def _replace_codes(profile: Profile, codes: list[Code]) -> None:
    """Only what differs is written: a code that stays is the same row."""
    wanted = dict.fromkeys(codes)
    stays = [row for row in profile.codes if (row.side, row.scheme, row.code) in wanted]
    known = {(row.side, row.scheme, row.code) for row in stays}
    new = [
        ProfileCode(side=side, scheme=scheme, code=code)
        for side, scheme, code in wanted
        if (side, scheme, code) not in known
    ]
    profile.codes = [*stays, *new]


def index(profile: Profile) -> None:
    """The text that a search looks in: names, organisation, words and themes. Never the address: a search must not tell it."""
    registration = profile.registration
    person, organisation = registration.person, registration.organisation
    names = [person.full_name, person.latin_name, person.called]
    at_home = organisation.search_text.split("\n") if organisation else [directory.fold(registration.organisation_text)]
    words = [profile.offers, profile.seeks, profile.works_on]
    themes = [theme(row.scheme, row.code) for row in profile.codes if row.side in THEME_SIDES]
    texts = [*map(directory.fold, names), *at_home, *map(directory.fold, [*words, *themes])]
    profile.search_text = "\n".join(dict.fromkeys(text for text in texts if text))


def withdraw(registration: Registration, *, by: Actor) -> bool:
    """Delete what a participant said; from this moment nobody sees it. Returns whether there was anything."""
    profile = queries_offers.find_profile(registration.id)
    if profile is None:
        return False
    audit.record(by, "withdrawn", profile)
    forget([profile.id])
    db.session.delete(profile)
    db.session.flush()
    return True


def purge(before: datetime) -> int:
    """Delete the profiles of meetings that ended a year before the instant; returns how many."""
    ended = sa.select(Meeting.id).where(Meeting.ends < (before - KEEP).date())
    gone = list(db.session.scalars(sa.select(Profile).where(Profile.meeting_id.in_(ended))))
    forget([profile.id for profile in gone])
    touched(sa.delete(SuggestionRound).where(SuggestionRound.meeting_id.in_(ended)))
    for profile in gone:
        db.session.delete(profile)
    db.session.flush()
    return len(gone)


def forget(profile_ids: list[int]) -> None:
    """Delete every suggestion of these profiles."""
    touched(sa.delete(Suggestion).where(sa.or_(Suggestion.a_id.in_(profile_ids), Suggestion.b_id.in_(profile_ids))))
