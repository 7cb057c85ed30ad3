"""What the records of a partnership say, as sentences; and what a sentence of a story rests on.

The sentences add nothing to the records. A gap is said openly: "Who introduced them is not known."
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from eventhub.directory.models import Person, Precision
from eventhub.networking import queries as networking
from eventhub.partnerships import facts, ladder, queries, sight
from eventhub.partnerships.models import Activity, Evidence, Origin, Partnership
from eventhub.partnerships.models_story import Story, StoryClaim
from eventhub.partnerships.states import Influence, OriginKind, Rung, StoryPart, Visibility
from eventhub.partnerships.words import word
from eventhub.ui import days_text, imprecise_text, when_text

P = StoryPart


@dataclass(frozen=True)
class Claim:
    """One sentence and the record that it rests on; ``field`` names what is not known of it, for a gap."""

    part: StoryPart
    record: str
    record_id: int
    text: str
    field: str = ""

    @property
    def key(self) -> tuple[str, int, str]:
        return self.record, self.record_id, self.field


@dataclass(frozen=True)
class Ground:
    """What a sentence rests on: the record in words, how well it is known, and which evidence there is."""

    label: str
    rung: Rung | None
    evidence: list[Evidence]  # that everybody may see
    kept: int  # evidence that the secretariat keeps to itself
    changed: bool  # the record says something else since


def claims_of(partnership: Partnership) -> list[Claim]:
    """Every sentence that the records of a partnership can say, in the order of a story; in English, whoever asks."""
    with force_locale("en"):
        return [
            *_beginning(partnership),
            *_done(partnership),
            *_changed(partnership),
            *_before(partnership),
            *_known(partnership),
        ]


def _and(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return _("%(first)s and %(last)s", first=", ".join(names[:-1]), last=names[-1])


def _parties(partnership: Partnership) -> str:
    return _and([party.organisation.name for party in partnership.parties])


def _beginning(partnership: Partnership) -> Iterator[Claim]:
    origin = partnership.origin
    if origin is None:
        words = _("How %(parties)s met is not known.", parties=_parties(partnership))
        yield Claim(P.BEGINNING, "partnership", partnership.id, words, "origin")
        return
    yield _first_meeting(partnership, origin)
    if origin.introduction is not None and origin.introduction.topic:
        words = _("They spoke about: %(topic)s.", topic=origin.introduction.topic)
        yield Claim(P.BEGINNING, "introduction", origin.introduction.id, words, "topic")
    if origin.influence in (Influence.STARTED, Influence.SPEEDED_UP):
        started = _("As the parties see it, the meeting started their work together.")
        faster = _("As the parties see it, the meeting speeded their work up.")
        words = started if origin.influence is Influence.STARTED else faster
        yield Claim(P.BEGINNING, "origin", origin.id, words, "influence")
    if partnership.summary:
        yield Claim(P.BEGINNING, "partnership", partnership.id, partnership.summary, "summary")
    yield from _unknown_of(origin)


def _first_meeting(partnership: Partnership, origin: Origin) -> Claim:
    """Who met and where; people by name only where both may be listed."""
    where, meeting = "", origin.meeting
    if meeting is not None:
        place = f"{meeting.place}, {when_text(meeting)}" if meeting.place else when_text(meeting)
        where = _(" at %(meeting)s (%(place)s)", meeting=meeting.title, place=place)
    elif origin.first_contact is not None:
        where = f", {imprecise_text(origin.first_contact, origin.first_contact_precision)}"
    introduction = origin.introduction
    if introduction is not None and networking.is_listed(introduction.a) and networking.is_listed(introduction.b):
        people = _and([_of(introduction.a, partnership), _of(introduction.b, partnership)])
        words = _("%(people)s met%(where)s.", people=people, where=where)
        return Claim(P.BEGINNING, "introduction", introduction.id, words)
    words = _("%(parties)s met%(where)s.", parties=_parties(partnership), where=where)
    return Claim(P.BEGINNING, "origin", origin.id, words)


def _unknown_of(origin: Origin) -> Iterator[Claim]:
    """The gaps of an origin, said openly."""
    if origin.session_id is None and origin.kind in (OriginKind.UNKNOWN, OriginKind.SESSION):
        words = _("In which session, or whether in one, is not known.")
        yield Claim(P.BEGINNING, "origin", origin.id, words, "session")
    introduction = origin.introduction
    if introduction is not None and introduction.introduced_by_id is None and origin.kind is OriginKind.UNKNOWN:
        words = _("Whether somebody introduced them, and who, is not known.")
        yield Claim(P.BEGINNING, "introduction", introduction.id, words, "introducer")


def _of(person: Person, partnership: Partnership) -> str:
    for party in partnership.parties:
        if party.focal_person_id == person.id:
            return _("%(person)s of %(organisation)s", person=person.full_name, organisation=party.organisation.name)
    return person.full_name


def _done(partnership: Partnership) -> Iterator[Claim]:
    for activity in partnership.activities:
        yield Claim(P.DONE, "activity", activity.id, _activity(activity))
        if activity.description:
            yield Claim(P.DONE, "activity", activity.id, activity.description, "description")
        if not activity.counts:
            yield Claim(P.DONE, "activity", activity.id, _("How many people took part is not known."), "counts")
    if not partnership.activities:
        yield Claim(P.DONE, "partnership", partnership.id, _("What they did together is not recorded."), "activities")


def _activity(row: Activity) -> str:
    when = _when(row.start, row.start_precision, row.end, row.end_precision)
    where = _(", at: %(place)s", place=row.place) if row.place else ""
    if when:
        return _(
            "%(when)s: %(title)s%(where)s.", when=when[:1].upper() + when[1:], title=row.title.rstrip("."), where=where
        )
    return _("%(title)s%(where)s; when is not known.", title=row.title.rstrip("."), where=where)


def _when(start: date | None, precision: Precision, end: date | None, end_precision: Precision) -> str:
    if start is None or precision is Precision.UNKNOWN:
        return ""
    if precision is Precision.DAY and end is not None and end_precision is Precision.DAY:
        return days_text(start, end)
    return imprecise_text(start, precision)


def _changed(partnership: Partnership) -> Iterator[Claim]:
    for outcome in partnership.outcomes:
        yield Claim(P.CHANGED, "outcome", outcome.id, outcome.statement)
        if outcome.significance:
            yield Claim(P.CHANGED, "outcome", outcome.id, outcome.significance, "significance")
    stage = queries.stage(partnership)
    if stage is not None and partnership.stages:
        least, most = (word(ladder.STAGES[n]).lower() for n in (stage.least, stage.most))
        text = (
            _("How close the work is: %(stage)s.", stage=least)
            if stage.known
            else _("How close the work is: at least %(least)s, at most %(most)s.", least=least, most=most)
        )
        yield Claim(P.CHANGED, "stage", partnership.stages[-1].id, text)


def _before(partnership: Partnership) -> Iterator[Claim]:
    for context in partnership.contexts:
        text = _(
            "Earlier and apart from this, %(organisation)s: %(text)s",
            organisation=context.organisation.name,
            text=context.text,
        )
        yield Claim(P.BEFORE, "context", context.id, text)


def _known(partnership: Partnership) -> Iterator[Claim]:
    rung = queries.standing(partnership).rung
    if rung is Rung.REPORTED:
        text = _("What is told here is reported: not all parties have confirmed it here.")
    elif rung is Rung.CONFIRMED:
        text = _("All parties have confirmed this.")
    else:
        text = _("All parties have confirmed this, and somebody outside of them supports it.")
    yield Claim(P.KNOWN, "partnership", partnership.id, text, "evidence")


# what a sentence rests on


def grounds(partnership: Partnership, rows: list[StoryClaim]) -> dict[int, Ground]:
    """Per claim of a story what it rests on; absent for one whose record is no longer there."""
    standing = queries.standing(partnership)
    says = {claim.key: claim.text for claim in claims_of(partnership)}
    records = _records(partnership)
    found = {}
    for row in rows:
        record = records.get((row.record, row.record_id))
        if record is None:
            continue
        label, key = record
        evidence = [e for e in partnership.evidence if _is_about(e, row) and not sight.held_back(e)]
        shown = [e for e in evidence if e.kind == "published_source" or e.visibility is Visibility.PUBLIC]
        found[row.id] = Ground(
            label=label,
            rung=standing.items.get(key) if key else None,
            evidence=shown,
            kept=sum(e not in shown and e.visibility is not Visibility.HIDDEN for e in evidence),
            changed=says.get((row.record, row.record_id, row.field)) != row.made,
        )
    return found


def _is_about(evidence: Evidence, row: StoryClaim) -> bool:
    """Whether an evidence is of a sentence's own record, or of the partnership as a whole."""
    if evidence.activity_id is not None:
        return (row.record, row.record_id) == ("activity", evidence.activity_id)
    if evidence.outcome_id is not None:
        return (row.record, row.record_id) == ("outcome", evidence.outcome_id)
    return True


def anchor(row: StoryClaim) -> str | None:
    """Where a sentence's record stands on the partnership's own page; None for the page as a whole."""
    if row.record in ("origin", "introduction"):
        return facts.ORIGIN
    return f"{row.record}-{row.record_id}" if row.record in ("activity", "outcome", "context") else None


def records_of(story: Story) -> list[tuple[str, str]]:
    """The records that a story tells of, each once: ("activity:12", "P-2018-003, learning visit")."""
    records = _records(story.partnership)
    told = dict.fromkeys((row.record, row.record_id) for row in story.claims if (row.record, row.record_id) in records)
    return [(f"{record}:{ident}", records[record, ident][0]) for record, ident in told]


def _records(partnership: Partnership) -> dict[tuple[str, int], tuple[str, str]]:
    """Every record that a claim may rest on: in words, and its key on the evidence ladder."""
    ref = partnership.ref
    found: dict[tuple[str, int], tuple[str, str]] = {
        ("partnership", partnership.id): (_("%(ref)s, the partnership", ref=ref), facts.CORE)
    }
    origin: Any = partnership.origin
    if origin is not None:
        found["origin", origin.id] = (_("%(ref)s, how it began", ref=ref), facts.ORIGIN)
        if origin.introduction is not None:
            label = _("%(ref)s, the introduction", ref=ref)
            found["introduction", origin.introduction.id] = (label, facts.ORIGIN)
    for activity in partnership.activities:
        label = f"{ref}, {word(activity.kind).lower()}"
        found["activity", activity.id] = (label, facts.activity_key(activity))
    for outcome in partnership.outcomes:
        found["outcome", outcome.id] = (_("%(ref)s, what changed", ref=ref), facts.outcome_key(outcome))
    for stage in partnership.stages:
        found["stage", stage.id] = (_("%(ref)s, how close the work is", ref=ref), "")
    for context in partnership.contexts:
        label = _("%(ref)s, earlier work of one party, counted nowhere", ref=ref)
        found["context", context.id] = (label, "")
    return found
