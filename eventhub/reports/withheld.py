"""What of an issued report may no longer be told: decided from what people say now, each time it is looked at.

Frozen are a report's figures, definitions and date; a person's consent is not. A photograph goes when its consent is
taken back, a story when somebody named in it says no, or is known to be a child or at risk by now, or when it was
withdrawn; its name when it may not be named any more. What was taken out stays out: a new report tells it again. The
words about a partnership are only left out for as long as a party disputes them, and so are the stories of it: nobody
took anything back, and a dispute is settled one day. No number is touched.

Consents are deleted three years after a meeting. Then nobody has taken anything back, so what was told stays.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from eventhub.db import db
from eventhub.directory import queries as directory
from eventhub.directory.models import Person
from eventhub.partnerships import named, queries, queries_story, sight, stories
from eventhub.partnerships.models import Evidence, Partnership
from eventhub.partnerships.models_story import Story
from eventhub.partnerships.named import Named
from eventhub.partnerships.states import Basis, FieldGroup, Sensitivity, StoryState, Visibility
from eventhub.reports import told

Content = dict[str, Any]
Why = Mapping[tuple[str, Any], "Reason"]  # per thing, what it is of: why it goes
STORY, CARD, NAME, PHOTO, QUOTE, MENTION, MAP = "story", "card", "name", "photo", "quote", "mention", "map"


class Reason(StrEnum):
    CONSENT = "consent"  # taken back
    NAMED = "named"  # somebody named does not agree, or must not be named
    DISPUTED = "disputed"
    WITHDRAWN = "withdrawn"
    PRIVATE = "private"  # the partnership may not be named; of people at risk nothing else is said


@dataclass(frozen=True)
class Taken:
    """One thing that must go: ``of`` is a story's slug, a partnership's reference, or an evidence's id."""

    what: str
    of: str | int
    why: Reason

    @property
    def may_come_back(self) -> bool:
        """Left out while the reason lasts, and else kept; all other things are taken out for good."""
        return self.why is Reason.DISPUTED


def find(content: Content, *, name_all: bool) -> list[Taken]:
    """What this content tells and may not tell now; once it was taken out it tells it no more. ``name_all``: partnerships that are
    not public were named too. The number of queries does not depend on how much is told."""
    ids = {row["ref"]: row["id"] for row in content["partnerships"] if row["named"]}
    private, hidden = _private(ids, name_all)
    found = [Taken(NAME, ref, Reason.PRIVATE) for ref in ids if ref in private]
    if hidden and "map" not in content.get("left_out", ()):
        found.append(Taken(MAP, "", Reason.PRIVATE))
    found += _of_stories(content)
    found += _of_cards(content, {ref: ident for ref, ident in ids.items() if ref not in private})
    return found + _of_evidence(content)


def _private(ids: Mapping[str, int], name_all: bool) -> tuple[set[str], bool]:
    """The references that may not be named, and whether one of them is hidden from every figure by now."""
    rows = db.session.execute(
        sa.select(
            Partnership.ref, Partnership.visibility, Partnership.sensitivity,
            sa.or_(sight.is_open(), Partnership.merged_into_id.is_not(None)),
        ).where(Partnership.id.in_(ids.values()))
    )  # fmt: skip
    private, hidden = set(), False
    for ref, visibility, sensitivity, is_open in rows:
        hidden = hidden or not is_open
        public = name_all or visibility is Visibility.PUBLIC
        if not (is_open and public and sensitivity is Sensitivity.ORDINARY):
            private.add(ref)
    return private, hidden


def _of_stories(content: Content) -> list[Taken]:
    frozen = {one["slug"]: one for one in content["stories"] if not one.get("removed")}
    slugs = [*frozen, *(one["slug"] for one in content["more_stories"])]
    rows = {
        row.slug: row
        for row in db.session.scalars(sa.select(Story).where(Story.slug.in_(slugs)).options(*queries_story.whole()))
    }
    whole = [row for slug, row in rows.items() if slug in frozen]
    people = named.find(whole, texts={row.id: "\n".join(_strings(frozen[row.slug])) for row in whole})
    known = _ask_everybody(whole, frozen, people)
    others = {row.slug for row in rows.values() if row.slug not in frozen}
    shown = named.find([rows[slug] for slug in others])
    found = [
        Taken(STORY, slug, why)
        for slug, one in frozen.items()
        if (why := _why_not(one, rows.get(slug), people, known)) is not None
    ]
    return found + [
        Taken(MENTION, one["slug"], Reason.WITHDRAWN)
        for one in content["more_stories"]
        if one["slug"] not in others or not stories.is_shown(rows[one["slug"]], shown)
    ]


def _ask_everybody(whole: Sequence[Story], frozen: Mapping[str, Content], people: Named) -> dict[int, Person]:
    """Everybody whom these stories named once or name now, by id; what they say of it today is noted in ``people``."""
    ids = {ident for row in whole for ident in frozen[row.slug].get("people", ())}
    ids |= {person.id for found in people.people.values() for person in found}
    known = {person.id: person for person in db.session.scalars(sa.select(Person).where(Person.id.in_(ids)))}
    canonical = {directory.canonical(person).id for person in known.values()}
    people.said = named.said(ids | canonical, {named.meeting_id(row) for row in whole} - {None})
    return known


def _why_not(one: Content, row: Story | None, people: Named, known: Mapping[int, Person]) -> Reason | None:
    if row is None or row.state is not StoryState.PUBLISHED:
        return Reason.WITHDRAWN
    partnership = row.partnership
    if sight.is_hidden(partnership) or partnership.sensitivity is Sensitivity.SENSITIVE:
        return Reason.PRIVATE
    for ident in one.get("people", ()):
        if ident not in known or _refuses(row, known[ident], people):
            return Reason.NAMED
    if any(_refuses(row, person, people) for person in people.people[row.id]):
        return Reason.NAMED
    return Reason.DISPUTED if _is_disputed(partnership) else None  # the last of all: what else is true stays true


def _refuses(story: Story, person: Person, people: Named) -> bool:
    """Whether a person who was named must not be any more: no word at all is not a no (see above)."""
    who = directory.canonical(person)
    if any(one.is_child or one.at_risk for one in (person, who)):
        return True
    row = named.noted(story, person)
    if row is not None and row.basis is Basis.PUBLISHED_SOURCE:
        return False
    meeting = named.meeting_id(story) or 0
    return any(people.said.get((one.id, meeting)) is False for one in (person, who))


def _is_disputed(partnership: Partnership) -> bool:
    return any(queries.standing(partnership, group).disputed for group in FieldGroup)


def _of_cards(content: Content, ids: Mapping[str, int]) -> list[Taken]:
    refs = [card["ref"] for card in content["told"] if not card.get("removed") and card["ref"] in ids]
    rows = db.session.scalars(
        sa.select(Partnership).where(Partnership.id.in_([ids[ref] for ref in refs])).options(*queries.whole())
    )
    return [Taken(CARD, row.ref, Reason.DISPUTED) for row in rows if _is_disputed(row)]


def _of_evidence(content: Content) -> list[Taken]:
    """Photographs and quotations whose people do not agree any more, or that are no longer there."""
    pieces = {one.get("id"): True for card in content["told"] for one in card["quotes"]}
    pieces |= {one.get("id"): False for story in content["stories"] for one in story.get("evidence", ())}
    photos = {one["photo"] for one in (*content["stories"], *content["told"])} - {None}
    wanted = sa.or_(Evidence.id.in_(pieces.keys() - {None}), Evidence.file_id.in_(photos))
    rows = {row.id: row for row in db.session.scalars(sa.select(Evidence).where(wanted))}
    found = [
        Taken(QUOTE, ident, Reason.CONSENT)
        for ident, quoted in pieces.items()
        if ident is not None and not _may_be_cited(rows.get(ident), quoted)
    ]
    agreed = {row.file_id for row in rows.values() if stories.photo_ok(row)}
    public = {row.file_id for row in rows.values() if row.visibility is Visibility.PUBLIC}
    beside = {card["photo"] for card in content["told"]} - {None}  # not a story's own: told of what everybody may see
    found += [Taken(PHOTO, file_id, Reason.CONSENT) for file_id in sorted(photos - agreed)]
    return found + [Taken(PHOTO, file_id, Reason.PRIVATE) for file_id in sorted((beside & agreed) - public)]


def _may_be_cited(row: Evidence | None, quoted: bool) -> bool:
    """Whether a piece may still be shown: as words of somebody (``quoted``), or under a story as ``claims.grounds`` says,
    where nobody has said no to it since."""
    if row is None:
        return False
    if quoted:
        return told.quotable(row)
    if row.kind == "published_source":
        return not sight.held_back(row)
    return row.visibility is Visibility.PUBLIC and not sight.held_back(row) and row.consent_ok is not False


def _strings(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, Collection):
        for one in value:
            yield from _strings(one)


# taking it out


def without(content: Content, found: Collection[Taken], day: str) -> Content:
    """The same content without these, and a line in each place that says so and on which day (in words)."""
    made = deepcopy(content)
    why = {(one.what, one.of): one.why for one in found}
    private = {one.of for one in found if one.what == NAME}
    made["stories"] = [_story(one, why, day) for one in made["stories"]]
    made["more_stories"] = [one for one in made["more_stories"] if (MENTION, one["slug"]) not in why]
    made["told"] = [_card(one, why, day) for one in made["told"] if one["ref"] not in private]
    made["partnerships"] = [_row(one) if one["ref"] in private else one for one in made["partnerships"]]
    _example(made, private, why)
    for row in made.get("changes", {}).get("records", ()):
        row["title"] = _unnamed() if row["ref"] in private else row["title"]
    lines = [_line(one, day) for one in found]
    made["removed"] = list(dict.fromkeys([*made.get("removed", []), *lines]))
    if (MAP, "") in why:
        made["left_out"] = ["map"]
    return made


def left_out(content: Content, disputed: Collection[Mapping[str, Any]]) -> Content:
    """The same content without what is in dispute: ``{"what", "of", "day"}``, each since a day (in words)."""
    for one in disputed:
        content = without(content, [Taken(one["what"], one["of"], Reason.DISPUTED)], one["day"])
    return content


def _story(one: Content, why: Why, day: str) -> Content:
    slug = one.get("slug", "")
    if (STORY, slug) in why:
        return {"slug": slug, "photo": None, "removed": _line(Taken(STORY, slug, why[STORY, slug]), day)}
    if one.get("removed"):
        return one
    kept = [piece for piece in one["evidence"] if (QUOTE, piece.get("id")) not in why]
    return _photo({**one, "evidence": kept}, why, day)


def _card(one: Content, why: Why, day: str) -> Content:
    if (CARD, one["ref"]) in why:
        line = _line(Taken(CARD, one["ref"], why[CARD, one["ref"]]), day)
        return {**one, "did": [], "changed": [], "quotes": [], "photo": None, "removed": line}
    return _photo(
        {**one, "quotes": [piece for piece in one["quotes"] if (QUOTE, piece.get("id")) not in why]}, why, day
    )


def _photo(one: Content, why: Why, day: str) -> Content:
    if (PHOTO, one["photo"]) not in why:
        return one
    line = _line(Taken(PHOTO, one["photo"], why[PHOTO, one["photo"]]), day)
    return {**one, "photo": None, "photo_words": "", "photo_removed": line}


def _row(one: Content) -> Content:
    return {**one, "named": False, "title": _unnamed(), "parties": []}


def _example(made: Content, private: Collection[str | int], why: Why) -> None:
    one = made["example"]
    if one is None:
        return
    if one["ref"] in private or (CARD, one["ref"]) in why:
        made["example"] = None
    else:
        made["example"] = {**one, "quotes": [q for q in one["quotes"] if (QUOTE, q.get("id")) not in why]}


def _unnamed() -> str:
    return _("a partnership that is not public")


def _line(one: Taken, day: str) -> str:
    """What was removed, when and why; of somebody at risk nothing but that."""
    if one.what == PHOTO and one.why is Reason.PRIVATE:
        return _("A photograph was removed on %(day)s: it is not public any more.", day=day)
    if one.what == PHOTO:
        return _("A photograph was removed on %(day)s: its consent was taken back.", day=day)
    if one.what == QUOTE:
        return _("A quotation was removed on %(day)s: its consent was taken back.", day=day)
    if one.what == CARD:
        return _("What these parties did was removed on %(day)s: a party disputes it.", day=day)
    if one.what == NAME:
        return _("The name of a partnership was removed on %(day)s: it is not public any more.", day=day)
    if one.what == MAP:
        return _("The map of the network was removed on %(day)s: it showed what is not public any more.", day=day)
    if one.what == STORY and one.why is Reason.NAMED:
        return _("A story was removed on %(day)s: not everybody named in it agrees to that.", day=day)
    if one.what == STORY and one.why is Reason.DISPUTED:
        return _("A story was removed on %(day)s: a party disputes it.", day=day)
    return _("A story was removed on %(day)s: it is not told any more.", day=day)
