"""Two stories of the invented network, told from its records; a drawing stands where a photograph would."""

import sqlalchemy as sa

from eventhub import files
from eventhub.db import db
from eventhub.demo import drawing
from eventhub.demo.editions import SECRETARIAT
from eventhub.meetings.models import Meeting, Series
from eventhub.partnerships import named, parts, stories
from eventhub.partnerships.models import Evidence, Origin, Partnership
from eventhub.partnerships.models_story import Story
from eventhub.partnerships.queries import standing
from eventhub.partnerships.states import Basis, Visibility

SEEN = "A river in the morning, hills on the other side. Drawn, in place of a photograph: nobody is on it."
WHY = "Of all that was told this year, this is what went on when the adults had left."
TOLD = (
    (
        "A room of their own",
        "Four young people came to see how others of their age speak up. What stayed behind was a monthly meeting that no adult calls.",
    ),
    (
        "One report instead of two",
        "Two organisations had told the Committee two different things about the same country. Then they met at a table.",
    ),
)


def fill(series: str) -> None:
    """Tell the first two confirmed partnerships of the series that changed something."""
    rows = db.session.scalars(
        sa.select(Partnership)
        .join(Origin, Origin.partnership_id == Partnership.id)
        .join(Meeting, Meeting.id == Origin.meeting_id)
        .join(Series, Series.id == Meeting.series_id)
        .where(Series.slug == series)
        .order_by(Partnership.id)
    )
    told = [row for row in rows if row.outcomes and standing(row).counted]
    for number, (row, (title, lead)) in enumerate(zip(_apart(told), TOLD, strict=False)):
        _tell(row, title, lead, number)


def _apart(rows: list[Partnership]) -> list[Partnership]:
    """One of each title: the demo tells no story twice."""
    return list({row.title: row for row in reversed(rows)}.values())[::-1]


def _tell(partnership: Partnership, title: str, lead: str, number: int) -> None:
    story = stories.assemble(partnership, by=SECRETARIAT)
    photo = _photo(partnership, number)
    stories.change(
        story, title=title, lead=lead,
        lead_rests_on=[stories.record_key(claim) for claim in story.claims if claim.record in ("activity", "outcome")],
        photo=photo, photo_words=SEEN, version=story.version, by=SECRETARIAT,
        why_chosen=WHY if number == 0 else "", chosen_by="The youth members of the forum's board (invented)" if number == 0 else "",
    )  # fmt: skip
    for claim in list(story.claims):
        if claim.field in ("summary", "counts"):
            stories.rewrite(story, claim.id, text="", by=SECRETARIAT)
    _names(story)
    stories.publish(story, by=SECRETARIAT)


def _photo(partnership: Partnership, number: int) -> Evidence:
    stored = files.store(f"river-{number}.png", "image/png", drawing.river(number))
    db.session.flush()
    parts.add(
        partnership, "evidence", kind="file", title="The river in the morning (a drawing)", file_id=stored.id,
        given_by="Invented for the demo", consent_ok=True, visibility=Visibility.PUBLIC, by=SECRETARIAT,
    )  # fmt: skip
    return next(row for row in partnership.evidence if row.file_id == stored.id)


def _names(story: Story) -> None:
    """Who is named has agreed; whoever said no at the meeting is told of without a name."""
    people = named.find([story])
    for person in people.people[story.id]:
        stories.give_basis(
            story, person, basis=Basis.CONSENT, words="Read the text and agreed by letter. Invented for the demo.", by=SECRETARIAT
        )  # fmt: skip
        if people.may_be(story, person):
            continue
        for claim in list(story.claims):
            if person.full_name in claim.text:
                stories.rewrite(
                    story, claim.id, text=claim.text.replace(person.full_name, "Somebody"), by=SECRETARIAT
                )  # fmt: skip
