"""Rules for stories: made from the records, published only when everybody named agrees or is named by a cited source.

What may not be shown is not shown, whatever the story's state says: a dispute, a consent that was withdrawn, a person
at risk hide it at once, since this is looked at whenever somebody opens it.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.exc import IntegrityError

from eventhub import audit, clock, tasks
from eventhub.audit import Actor
from eventhub.db import db, lock
from eventhub.directory.checks import is_web_address
from eventhub.directory.models import Person
from eventhub.errors import IllegalMoveError, InvalidError, NotFoundError, StaleError
from eventhub.meetings.service import slugify
from eventhub.partnerships import named, queries, sight
from eventhub.partnerships.claims import claims_of, grounds
from eventhub.partnerships.models import Evidence, Partnership
from eventhub.partnerships.models_story import Story, StoryClaim, StoryName
from eventhub.partnerships.named import Named
from eventhub.partnerships.states import STORY_MOVES, Basis, FieldGroup, PartnershipState, Sensitivity, StoryState

PHOTO_TYPES = ("image/png", "image/jpeg")


def assemble(partnership: Partnership, *, by: Actor) -> Story:
    """Begin a story from all that the records say; a partnership's draft that is there already comes back."""
    lock(Partnership, partnership.id)
    known = db.session.scalar(
        sa.select(Story).where(Story.partnership_id == partnership.id, Story.state == StoryState.DRAFT).limit(1)
    )
    if known is not None:
        return known
    if sight.is_hidden(partnership):
        raise InvalidError(_("People are at risk in this partnership. Its story is not told."))
    story = Story(partnership=partnership, slug="", title=partnership.title)
    for position, claim in enumerate(claims_of(partnership)):
        story.claims.append(
            StoryClaim(
                position=position, part=claim.part, record=claim.record, record_id=claim.record_id, field=claim.field,
                text=claim.text, made=claim.text,
            )
        )  # fmt: skip
    _insert_with_slug(story, slugify(partnership.title)[:100] or partnership.ref.lower())
    audit.record(by, "began", story, meeting_id=named.meeting_id(story))
    return story


def _insert_with_slug(story: Story, base: str) -> None:
    """Give it an address that no other story has; two at once take different ones."""
    with db.session.no_autoflush:
        taken = set(db.session.scalars(sa.select(Story.slug).where(Story.slug.startswith(base))))
    for number in range(1, 100):
        story.slug = base if number == 1 else f"{base}-{number}"
        if story.slug in taken:
            continue
        try:
            with db.session.begin_nested():
                db.session.add(story)
                db.session.flush()
        except IntegrityError:
            continue
        return
    raise StaleError


def hold(story: Story, version: int | None = None) -> Story:
    """Take turns on one story; raises StaleError when it is no longer the version that the person saw."""
    held = lock(Story, story.id)
    if held is None:
        raise NotFoundError
    if version is not None and held.version != version:
        raise StaleError
    return held


def change(
    story: Story,
    *,
    title: str,
    lead: str,
    lead_rests_on: Sequence[str] = (),
    photo: Evidence | None,
    photo_words: str,
    why_chosen: str = "",
    chosen_by: str = "",
    version: int,
    by: Actor,
) -> None:
    """Change the title, the lead with the records that it rests on ("activity:12"), the photograph, and why this story
    was chosen and by whom (Most Significant Change). Raises InvalidError, StaleError."""
    story = hold(story, version)
    if not title:
        raise InvalidError(_("Give the story a title."), field="title")
    if photo is not None and not photo_words:
        raise InvalidError(
            _("Say what can be seen on the photograph, for those who do not see it."), field="photo_words"
        )
    if why_chosen and not chosen_by:
        raise InvalidError(_("Say who chose this story."), field="chosen_by")
    told = {record_key(claim) for claim in story.claims}
    story.title, story.lead, story.photo, story.photo_words = title, lead, photo, photo_words
    story.lead_rests_on = [key for key in dict.fromkeys(lead_rests_on) if key in told] if lead else []
    story.why_chosen, story.chosen_by = why_chosen, chosen_by
    _still_fit(story)
    db.session.flush()
    audit.record(by, "changed", story, meeting_id=named.meeting_id(story))


def rewrite(story: Story, claim_id: int, *, text: str, by: Actor) -> None:
    """Say a claim in other words; no words leave it out. Its record stays the same, and is what it says now."""
    story = hold(story)
    claim = next((row for row in story.claims if row.id == claim_id), None)
    if claim is None:
        raise NotFoundError
    if text:
        claim.text = text
        says = {found.key: found.text for found in claims_of(story.partnership)}
        claim.made = says.get((claim.record, claim.record_id, claim.field), claim.made)
    else:
        story.claims.remove(claim)
    _still_fit(story)
    db.session.flush()
    audit.record(by, "rewrote", story, meeting_id=named.meeting_id(story), before=claim.text[:500])


def take_up(story: Story, *, by: Actor) -> int:
    """Add what the records say by now and the story does not; returns how many sentences."""
    story = hold(story)
    told = {(row.record, row.record_id, row.field) for row in story.claims}
    last = max((row.position for row in story.claims), default=-1)
    new = [claim for claim in claims_of(story.partnership) if claim.key not in told]
    for position, claim in enumerate(new, last + 1):
        story.claims.append(
            StoryClaim(
                position=position, part=claim.part, record=claim.record, record_id=claim.record_id, field=claim.field,
                text=claim.text, made=claim.text,
            )
        )  # fmt: skip
    _still_fit(story)
    db.session.flush()
    audit.record(by, "took up records in", story, meeting_id=named.meeting_id(story), sentences=len(new))
    return len(new)


def give_basis(story: Story, person: Person, *, basis: Basis, words: str, url: str = "", by: Actor) -> None:
    """Note why a person may be named. Raises InvalidError for no words, and for a child or somebody at risk."""
    story = hold(story)
    if person.is_child or person.at_risk:
        raise InvalidError(_("This person is never named. Write the sentence without the name."))
    if not words:
        raise InvalidError(_("Write who said yes and when, or cite the source."), field="words")
    if url and not is_web_address(url):
        raise InvalidError(_("Write the whole address, beginning with https://"), field="url")
    row = next((row for row in story.names if row.person_id == person.id), None)
    if row is None:
        row = StoryName(person=person, basis=basis, words=words, url=url)
        story.names.append(row)
    row.basis, row.words, row.url = basis, words, url
    db.session.flush()
    audit.record(
        by, f"noted {basis.value.replace('_', ' ')} for", story, meeting_id=named.meeting_id(story), person=person.id
    )


def record_key(claim: StoryClaim) -> str:
    """The record that a sentence rests on, in one word: "activity:12"."""
    return f"{claim.record}:{claim.record_id}"


# whether it may be shown


def problems(story: Story, people: Named | None = None) -> list[str]:
    """Why the story may not be shown to anybody, as sentences; empty when it may.

    ``people`` are those named in it, where they were looked up already for many stories.
    """
    people = people or named.find([story])
    partnership, found = story.partnership, []
    if sight.is_hidden(partnership):
        found.append(_("People are at risk in this partnership. Its story is not told."))
    if partnership.sensitivity is Sensitivity.SENSITIVE:
        found.append(_("The partnership is marked as sensitive. Its story stays with the secretariat."))
    if partnership.state is PartnershipState.CANCELLED or partnership.merged_into_id is not None:
        found.append(_("The partnership was cancelled, or joined with another one. Tell that one's story."))
    if any(queries.standing(partnership, group).disputed for group in FieldGroup):
        found.append(_("A party disputes the facts. The story is hidden until that is solved."))
    for person in people.people[story.id]:
        if person.is_child or person.at_risk:
            found.append(_("Somebody is named who must not be: a child, or a person at risk. Rewrite that sentence."))
        elif not people.may_be(story, person):
            found.append(
                _("%(name)s has not agreed to be named, and no published source is cited.", name=person.full_name)
            )
    missing = len(story.claims) - len(grounds(partnership, story.claims))
    if missing:
        found.append(
            ngettext(
                "%(num)s sentence rests on a record that is no longer there. Rewrite or remove it.",
                "%(num)s sentences rest on records that are no longer there. Rewrite or remove them.",
                missing,
            )
        )
    if not story.claims:
        found.append(_("The story has no sentence yet."))
    elif story.lead and not {record_key(claim) for claim in story.claims}.intersection(story.lead_rests_on):
        found.append(_("The lead says what no record is named for. Choose the records that it rests on."))
    if story.photo is not None and not photo_ok(story.photo):
        found.append(_("Not everybody on the photograph has agreed to it."))
    return found


def photo_ok(row: Evidence) -> bool:
    """Whether a photograph may be published: only where somebody noted that all on it agreed."""
    return row.file_id is not None and row.consent_ok is True


def is_shown(story: Story, people: Named | None = None) -> bool:
    """Whether the public may read it now."""
    return story.state is StoryState.PUBLISHED and not problems(story, people)


def _still_fit(story: Story) -> None:
    """A change of a published story must not name anybody who has not agreed; else it is not saved."""
    if story.state is StoryState.PUBLISHED:
        db.session.flush()
        found = problems(story, named.find([story], everywhere=True))
        if found:
            raise InvalidError(_("The story is public, so this cannot be saved as it is. %(why)s", why=found[0]))


def publish(story: Story, *, by: Actor) -> None:
    """Show it to everybody. Raises InvalidError that says what is missing. Twice is once."""
    story = hold(story)
    if story.state is StoryState.PUBLISHED:
        return
    found = problems(story, named.find([story], everywhere=True))
    if found:
        raise InvalidError(" ".join(found))
    _move(story, StoryState.PUBLISHED)
    story.published_at = clock.now()
    db.session.flush()
    audit.record(by, "published", story, meeting_id=named.meeting_id(story))


def withdraw(story: Story, *, by: Actor) -> None:
    """Take it away: it is gone at once. Twice is once."""
    story = hold(story)
    if story.state is StoryState.WITHDRAWN:
        return
    _move(story, StoryState.WITHDRAWN)
    db.session.flush()
    audit.record(by, "withdrew", story, meeting_id=named.meeting_id(story))
    tasks.after_commit(db.session, tasks.REPORTS_WITHHOLD)


def _move(story: Story, state: StoryState) -> None:
    if state not in STORY_MOVES[story.state]:
        raise IllegalMoveError
    story.state = state
