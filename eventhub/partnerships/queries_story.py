"""Looking up stories."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from eventhub.db import db
from eventhub.errors import NotFoundError
from eventhub.files import StoredFile
from eventhub.partnerships import queries, stories
from eventhub.partnerships.models import Evidence, Origin, Partnership
from eventhub.partnerships.models_story import Story
from eventhub.partnerships.states import StoryState


class GoneError(NotFoundError):
    sentence = "This story is not here (any more). It may have been withdrawn, or somebody named in it asked for that."


def list_public() -> list[Story]:
    """The stories that everybody may read now, newest first."""
    rows = db.session.scalars(
        sa.select(Story)
        .where(Story.state == StoryState.PUBLISHED)
        .options(selectinload(Story.partnership).options(*queries.whole()), selectinload(Story.claims))
        .order_by(Story.published_at.desc(), Story.id.desc())
    )
    return [story for story in rows if stories.is_shown(story)]


def get_public(slug: str) -> Story:
    """A story that everybody may read now; raises GoneError."""
    story = db.session.scalar(sa.select(Story).where(Story.slug == slug))
    if story is None or not stories.is_shown(story):
        raise GoneError
    return story


def get_story(ident: int) -> Story:
    story = db.session.get(Story, ident)
    if story is None:
        raise NotFoundError("There is no story at this address.")
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
