"""Stories: told from a partnership's records, sentence by sentence, with everybody's consent or a source that names them."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub.db import Base, choice, created, key, reference
from eventhub.directory.models import Person
from eventhub.partnerships.models import Evidence, Partnership
from eventhub.partnerships.states import Basis, StoryPart, StoryState


class Story(Base):
    __tablename__ = "stories"

    id: Mapped[int] = key()
    partnership_id: Mapped[int] = reference("partnerships.id")
    slug: Mapped[str] = mapped_column(sa.String(120), unique=True)
    title: Mapped[str]
    lead: Mapped[str] = mapped_column(default="")
    lead_rests_on: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")  # records: "activity:12" …
    why_chosen: Mapped[str] = mapped_column(default="", server_default="")  # Most Significant Change: why this one
    chosen_by: Mapped[str] = mapped_column(default="", server_default="")  # and who said so
    state: Mapped[StoryState] = mapped_column(choice(StoryState), default=StoryState.DRAFT)
    photo_id: Mapped[int | None] = reference("evidence.id", nullable=True, ondelete="SET NULL")
    photo_words: Mapped[str] = mapped_column(default="")  # what can be seen, for those who do not see it
    published_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = created()

    partnership: Mapped[Partnership] = relationship()
    photo: Mapped[Evidence | None] = relationship()
    claims: Mapped[list["StoryClaim"]] = relationship(
        cascade="all, delete-orphan", back_populates="story", order_by="StoryClaim.position, StoryClaim.id"
    )
    names: Mapped[list["StoryName"]] = relationship(
        cascade="all, delete-orphan", back_populates="story", order_by="StoryName.id"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class StoryClaim(Base):
    """One sentence or two of a story, and the record that they rest on. ``made`` is what the record itself said when
    the claim was made: a record that says otherwise since is seen."""

    __tablename__ = "story_claims"

    id: Mapped[int] = key()
    story_id: Mapped[int] = reference("stories.id")
    position: Mapped[int]
    part: Mapped[StoryPart] = mapped_column(choice(StoryPart))
    record: Mapped[str] = mapped_column(sa.String(24))  # introduction | origin | activity | outcome | context | …
    record_id: Mapped[int]
    field: Mapped[str] = mapped_column(sa.String(40), default="")  # a gap of a record: "session", "counts" …
    text: Mapped[str]
    made: Mapped[str] = mapped_column(default="")

    story: Mapped[Story] = relationship(back_populates="claims")


class StoryName(Base):
    """Why a person may be named in a story: their own consent, or a published source that names them already."""

    __tablename__ = "story_names"
    __table_args__ = (sa.UniqueConstraint("story_id", "person_id"),)

    id: Mapped[int] = key()
    story_id: Mapped[int] = reference("stories.id", index=False)
    person_id: Mapped[int] = reference("people.id")
    basis: Mapped[Basis] = mapped_column(choice(Basis))
    words: Mapped[str]  # who said yes, when and how; or the source, cited
    url: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = created()

    story: Mapped[Story] = relationship(back_populates="names")
    person: Mapped[Person] = relationship()
