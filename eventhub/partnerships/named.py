"""Who is named in stories, and whether each may be: looked up for many stories at once, in as many queries as for one.

A story is looked at whenever somebody opens it, so what counts is what people say now. At reading, the people of the
parties, of the introduction and those noted for the story are looked for; before it is saved, everybody of the
directory is.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from eventhub.db import db
from eventhub.directory.models import Affiliation, Organisation, Person
from eventhub.directory.names import script_of
from eventhub.partnerships.models_story import Story, StoryName
from eventhub.partnerships.states import Basis
from eventhub.safeguarding import queries as safeguarding
from eventhub.safeguarding.models import Consent, ConsentBy, Purpose

SPACED = frozenset({"Latn", "Grek", "Cyrl", ""})  # in other scripts endings, or the next word, follow without a space
SHORTEST_ALONE = 6  # letters of a name of one word that is looked for in the whole directory


@dataclass
class Named:
    """Who is named in each story (by its id), and what people said of being named at each meeting."""

    people: dict[int, list[Person]] = field(default_factory=dict)
    said: dict[tuple[int, int], bool] = field(default_factory=dict)  # (person, meeting)

    def may_be(self, story: Story, person: Person) -> bool:
        """Whether a person may be named: by a basis that was noted, or by their own consent at the meeting.

        Their own "no", or a "yes" that they took back, wins over a noted consent; a published source names them anyway.
        """
        row = noted(story, person)
        if row is not None and row.basis is Basis.PUBLISHED_SOURCE:
            return True
        said = self.said.get((person.id, meeting_id(story) or 0))
        return said if said is not None else row is not None


def noted(story: Story, person: Person) -> StoryName | None:
    """Why this person may be named in the story, as somebody noted it."""
    return next((row for row in story.names if row.person_id == person.id), None)


def meeting_id(story: Story) -> int | None:
    """The meeting that the story's partnership came from."""
    return story.partnership.origin.meeting_id if story.partnership.origin else None


def find(stories: Sequence[Story], *, everywhere: bool = False, texts: Mapping[int, str] | None = None) -> Named:
    """Who is named in these stories, or in what they said once (``texts``, by their ids); ``everywhere`` also looks
    through the whole directory. Five queries at most."""
    found = Named()
    if not stories:
        return found
    belongs = _who_belongs(stories)
    for story in stories:
        text = texts[story.id] if texts is not None else text_of(story)
        people = {person.id: person for person in _close(story, belongs)}
        named = [person for _id, person in sorted(people.items()) if _is_in(person, text)]
        if everywhere:
            named += [person for person in _elsewhere(text) if person.id not in people]
        found.people[story.id] = named
    ids = {person.id for people in found.people.values() for person in people}
    found.said = said(ids, {meeting_id(story) for story in stories} - {None})
    return found


def text_of(story: Story) -> str:
    """Everything of a story that people read."""
    own = (story.title, story.lead, story.photo_words, story.why_chosen, story.chosen_by)
    return "\n".join([*own, *(row.text for row in story.claims)])


def _close(story: Story, belongs: dict[int, list[Person]]) -> Iterable[Person]:
    partnership, origin = story.partnership, story.partnership.origin
    for party in partnership.parties:
        yield from (
            (party.focal_person, *belongs.get(party.organisation_id, ()))
            if party.focal_person
            else belongs.get(party.organisation_id, ())
        )
    if origin is not None and origin.introduction is not None:
        met = origin.introduction
        yield from (person for person in (met.a, met.b, met.introduced_by) if person is not None)
    yield from (row.person for row in story.names)


def _who_belongs(stories: Sequence[Story]) -> dict[int, list[Person]]:
    """Everybody who ever belonged to a party, under whatever record the organisation had, by the party's organisation."""
    ids = {party.organisation_id for story in stories for party in story.partnership.parties}
    tree = sa.select(Organisation.id.label("top"), Organisation.id.label("id")).where(Organisation.id.in_(ids))
    family = tree.cte("family", recursive=True)
    family = family.union(
        sa.select(family.c.top, Organisation.id).join(family, Organisation.merged_into_id == family.c.id)
    )
    rows = db.session.execute(
        sa.select(family.c.top, Person)
        .join(Affiliation, Affiliation.organisation_id == family.c.id)
        .join(Person, Person.id == Affiliation.person_id)
    )
    found: dict[int, list[Person]] = {}
    for organisation_id, person in rows:
        found.setdefault(organisation_id, []).append(person)
    return found


def said(people: set[int], meetings: set[int | None]) -> dict[tuple[int, int], bool]:
    """What people say of being named, per meeting: the newest answer."""
    rows = db.session.scalars(
        sa.select(Consent)
        .where(
            Consent.person_id.in_(people),
            Consent.meeting_id.in_(meetings),
            Consent.purpose == Purpose.NAMING,
            Consent.by == ConsentBy.SELF,
        )
        .order_by(Consent.id)
    )
    return {(row.person_id, row.meeting_id): safeguarding.in_force(row) for row in rows}


def _is_in(person: Person, text: str) -> bool:
    return any(len(name) > 1 and _stands(name, text, re.IGNORECASE) for name in (person.full_name, person.latin_name))


def _stands(name: str, text: str, flags: int = 0) -> bool:
    """Whether a name stands in a text, as words of their own where its script has spaces between words."""
    pattern = rf"(?<!\w){re.escape(name)}(?!\w)" if script_of(name) in SPACED else re.escape(name)
    return re.search(pattern, text, flags) is not None


def _elsewhere(text: str) -> list[Person]:
    """People of the whole directory whose names stand in a text just so; a short single word may be any word."""
    rows = db.session.execute(
        sa.select(Person.id, Person.full_name, Person.latin_name).where(Person.merged_into_id.is_(None))
    )
    ids = [
        ident
        for ident, *names in rows
        if any(name in text and (" " in name or len(name) >= SHORTEST_ALONE) and _stands(name, text) for name in names)
    ]
    return list(db.session.scalars(sa.select(Person).where(Person.id.in_(ids)).order_by(Person.id)))
