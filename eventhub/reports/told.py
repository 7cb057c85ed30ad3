"""What a report tells beside its numbers: published stories, the confirmed partnerships with what they did and changed,
their photographs. All of it is read from the records; nothing is written here.

Told is only what may leave the house. A story is one that the public may read at that moment; a photograph is one whose
people have agreed; a sentence about a partnership rests on an item that all its parties confirmed.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from eventhub.db import db
from eventhub.directory.models import Person
from eventhub.directory.places import country_name
from eventhub.files import StoredFile
from eventhub.partnerships import claims, named, queries, queries_story, sight, stories
from eventhub.partnerships.models import Evidence, Partnership
from eventhub.partnerships.models_story import Story, StoryClaim, StoryName
from eventhub.partnerships.states import Basis, Rung, StoryPart, StoryState, Visibility
from eventhub.reports.facts import Facts
from eventhub.reports.ledger import Kept
from eventhub.states import label_of

STORIES = 3  # told whole; the others are named
CARDS = 40  # partnerships told with what they did; the list has all
PHOTOS = 6  # beside those of the stories
LARGEST = 4_000_000  # bytes of a photograph; a larger one stays where it is

Told = dict[str, Any]


def partnerships(facts: Facts, rows: Sequence[Kept], shown: Collection[int | None] = ()) -> list[Told]:
    """The first of these confirmed partnerships, each with what it did and what changed. ``rows`` may be named; ``shown``
    are the photographs that stories show already."""
    ids = [row.id for row in rows[:CARDS]]
    found = {one.id: one for one in db.session.scalars(_whole().where(Partnership.id.in_(ids)))}
    left, told = PHOTOS, []
    for row in rows[:CARDS]:
        photos = [one for one in _photos(found[row.id]) if one.file_id not in shown] if left else []
        card = _card(facts, row, found[row.id], next(iter(photos), None))
        left -= card["photo"] is not None
        told.append(card)
    return told


def _whole() -> sa.Select[tuple[Partnership]]:
    return sa.select(Partnership).options(*queries.whole())


def _card(facts: Facts, row: Kept, partnership: Partnership, photo: Evidence | None) -> Told:
    parties = [facts.organisations[ident] for ident in row.parties]
    agreed = {key for key, rung in queries.standing(partnership).items.items() if rung is not Rung.REPORTED}
    said = claims.claims_of(partnership)
    return {
        "ref": row.ref,
        "title": row.title,
        "parties": [f"{one.name} ({country_name(one.country)})" if one.country else one.name for one in parties],
        "meeting": next((m.title for m in facts.meetings if m.id == row.meeting_id), ""),
        "evidence_word": label_of(row.standing.rung),
        "stage": row.stage.least if row.stage else None,
        "did": [one.text for one in said if not one.field and f"{one.record}:{one.record_id}" in agreed and one.record == "activity"],
        "changed": [one.text for one in said if f"{one.record}:{one.record_id}" in agreed and one.record == "outcome" and not one.field],
        "quotes": [{"id": one.id, "words": one.quote, "by": one.given_by or one.title} for one in partnership.evidence if quotable(one)],
        "themes": row.theme_words(),
        "photo": photo.file_id if photo else None,
        "photo_words": photo.title if photo else "",
    }  # fmt: skip


def quotable(row: Evidence) -> bool:
    """Words that somebody said, which everybody may read."""
    return (
        bool(row.quote) and row.visibility is Visibility.PUBLIC and row.consent_ok is True and not sight.held_back(row)
    )


def _photos(partnership: Partnership) -> list[Evidence]:
    """Photographs that everybody may see, and whose people have agreed."""
    return [row for row in queries_story.list_photos(partnership) if row.visibility is Visibility.PUBLIC and row.title]


def published(facts: Facts) -> tuple[list[Told], list[Told]]:
    """The stories of these partnerships that the public may read now: those told whole, and the others' titles.

    Those that are best known come first, then the newest.
    """
    kept = {row.id: row for row in facts.kept}
    rows = db.session.scalars(
        sa.select(Story)
        .where(Story.state == StoryState.PUBLISHED)
        .options(*queries_story.whole())
        .order_by(Story.published_at.desc(), Story.id.desc())
    )
    about = [one for one in rows if one.partnership_id in kept]
    people = named.find(about)
    here = [one for one in about if stories.is_shown(one, people)]
    order = [Rung.SUBSTANTIATED, Rung.CONFIRMED, Rung.REPORTED]
    here.sort(key=lambda one: order.index(kept[one.partnership_id].standing.rung))
    whole = [_story(one, kept[one.partnership_id], people.people[one.id]) for one in here[:STORIES]]
    more = [{"title": one.title, "slug": one.slug, "lead": one.lead} for one in here[STORIES:]]
    return whole, more


def _story(story: Story, row: Kept, people: Sequence[Person]) -> Told:
    sources, grounds = _numbered(story), claims.grounds(story.partnership, story.claims)
    return {
        "slug": story.slug,
        "ref": row.ref,
        "title": story.title,
        "lead": story.lead,
        "lead_sources": [n for (record, ident), n in sources.items() if f"{record}:{ident}" in story.lead_rests_on],
        "why_chosen": story.why_chosen,
        "chosen_by": story.chosen_by,
        "parties": [party.organisation.name for party in story.partnership.parties],
        "evidence_word": _("disputed") if row.standing.disputed else label_of(row.standing.rung),
        "photo": story.photo.file_id if story.photo is not None else None,
        "photo_words": story.photo_words if story.photo is not None else "",
        "parts": [
            {"head": _head(part), "paragraphs": _paragraphs(part, list(rows), sources)}
            for part, rows in groupby(story.claims, key=lambda one: one.part)
        ],
        "sources": _sources(story, grounds, sources),
        "evidence": _evidence(story, grounds),
        "kept": max((ground.kept for ground in grounds.values()), default=0),  # pieces that stay with the secretariat
        "named": [_named(person, named.noted(story, person)) for person in people],
        "people": [person.id for person in people],  # whose consent it needs for as long as it is told
    }


def _numbered(story: Story) -> dict[tuple[str, int], int]:
    """The number of each record that the story rests on, as its marks say it."""
    return {record: n for n, record in enumerate(dict.fromkeys((c.record, c.record_id) for c in story.claims), 1)}


def _head(part: StoryPart) -> str:
    return {
        StoryPart.BEGINNING: _("How it began"),
        StoryPart.DONE: _("What they did"),
        StoryPart.CHANGED: _("What changed"),
        StoryPart.BEFORE: _("What was there before"),
        StoryPart.KNOWN: _("How well this is known"),
    }[part]


def _paragraphs(part: StoryPart, rows: list[StoryClaim], sources: dict[tuple[str, int], int]) -> list[list[Told]]:
    """What the same record says stands together, in a paragraph of its own after the beginning."""
    told = [
        ((row.record, row.record_id), {"text": row.text, "source": sources[row.record, row.record_id]}) for row in rows
    ]
    if part is StoryPart.BEGINNING:
        return [[one for _record, one in told]]
    return [[one for _record, one in group] for _key, group in groupby(told, key=lambda pair: pair[0])]


def _sources(story: Story, grounds: Mapping[int, claims.Ground], numbers: dict[tuple[str, int], int]) -> list[Told]:
    """Each record that the story rests on, once, with how well it is known."""
    found: dict[int, Told] = {}
    for row in story.claims:
        n, ground = numbers[row.record, row.record_id], grounds[row.id]
        found.setdefault(n, {"n": n, "label": ground.label, "word": label_of(ground.rung) if ground.rung else ""})
    return [found[n] for n in sorted(found)]


def _evidence(story: Story, grounds: Mapping[int, claims.Ground]) -> list[Told]:
    """What is on file and may be seen by everybody, each piece once; the photograph stands above already."""
    every = {one.id: one for ground in grounds.values() for one in ground.evidence if one.id != story.photo_id}
    return [
        {"id": one.id, "title": one.title or one.url or one.given_by, "url": one.url, "quote": one.quote}
        for one in every.values()
    ]


def _named(person: Person, row: StoryName | None) -> str:
    if row is None or row.basis is Basis.CONSENT:
        return _("%(name)s agreed to be named.", name=person.full_name)
    return _("%(name)s is named already in: %(source)s", name=person.full_name, source=row.words)


def photographs(content: Told) -> dict[int, tuple[str, bytes]]:
    """The photographs that a content speaks of: {file: (media type, bytes)}; those too large for a file are not there."""
    ids = {one["photo"] for one in (*content["stories"], *content["told"])} - {None}
    rows = db.session.scalars(
        sa.select(StoredFile).where(
            StoredFile.id.in_(ids), StoredFile.size <= LARGEST, StoredFile.media_type.in_(stories.PHOTO_TYPES)
        )
    )
    return {row.id: (row.media_type, row.content) for row in rows}
