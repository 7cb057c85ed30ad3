"""Looking up stories."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy.orm import joinedload, selectinload

from eventhub.db import db, page_of
from eventhub.directory.models import Person
from eventhub.errors import NotFoundError
from eventhub.files import StoredFile
from eventhub.meetings.models import Meeting
from eventhub.partnerships import named, queries, stories
from eventhub.partnerships.models import Evidence, Origin, Partnership
from eventhub.partnerships.models_story import Story, StoryName
from eventhub.partnerships.states import StoryState

PER_PAGE = 20


class GoneError(NotFoundError):
    sentence = _(
        "This story is not here (any more). It may have been withdrawn, or somebody named in it asked for that."
    )


def list_public(page: int = 1, meeting: Meeting | None = None) -> Pagination:
    """A page of the stories that everybody may read now (those that began at a meeting), newest first. What may not be
    shown at this moment is left out of its page; the number of queries does not depend on the number of stories."""
    found = (
        sa.select(Story)
        .where(Story.state == StoryState.PUBLISHED)
        .options(*whole())
        .order_by(Story.published_at.desc(), Story.id.desc())
    )
    if meeting is not None:
        began = sa.select(Origin.partnership_id).where(Origin.meeting_id == meeting.id)
        found = found.where(Story.partnership_id.in_(began))
    rows = page_of(found, page, PER_PAGE)
    people = named.find(rows.items)
    rows.items = [story for story in rows.items if stories.is_shown(story, people)]
    return rows


def whole() -> list[Any]:
    """Load options for everything that a story shows."""
    return [
        selectinload(Story.partnership).options(*queries.whole()),
        selectinload(Story.claims),
        selectinload(Story.names).joinedload(StoryName.person),
        joinedload(Story.photo),
    ]


def get_public(slug: str) -> tuple[Story, list[tuple[Person, StoryName | None]]]:
    """A story that everybody may read now, and who is named in it with what was noted of why; raises GoneError."""
    story = db.session.scalar(sa.select(Story).where(Story.slug == slug).options(*whole()))
    if story is None:
        raise GoneError
    people = named.find([story])
    if not stories.is_shown(story, people):
        raise GoneError
    return story, [(person, named.noted(story, person)) for person in people.people[story.id]]


def get_story(ident: int) -> Story:
    """The story, whatever its state; raises NotFoundError."""
    story = db.session.get(Story, ident)
    if story is None:
        raise NotFoundError(_("There is no story at this address."))
    return story


def list_stories(meeting_ids: Sequence[int] | None) -> list[Story]:
    """The stories of these meetings (None: all), newest first, for staff."""
    statement = sa.select(Story).options(selectinload(Story.partnership)).order_by(Story.id.desc())
    if meeting_ids is not None:
        statement = statement.join(Origin, Origin.partnership_id == Story.partnership_id).where(
            Origin.meeting_id.in_(meeting_ids)
        )
    return list(db.session.scalars(statement))


def list_photos(partnership: Partnership) -> list[Evidence]:
    """The evidence of a partnership that is a picture whose people have agreed."""
    with_file = {row.file_id: row for row in partnership.evidence if row.file_id is not None and stories.photo_ok(row)}
    pictures = db.session.scalars(
        sa.select(StoredFile.id).where(StoredFile.id.in_(with_file), StoredFile.media_type.in_(stories.PHOTO_TYPES))
    )
    return [with_file[ident] for ident in pictures]
