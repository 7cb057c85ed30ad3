"""What a participant says behind the follow-up's link, saved as typed; and what staff make of it.

The same answer twice is one. Who answers on two devices is told by the second. An answer that is changed later stands
before the old one, which is kept. "We do something together" is a proposal: it counts for nothing until staff take it
into the record, where it is *reported* until the parties confirm it. What the other side says stays beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _

from eventhub import audit, clock
from eventhub.audit import Actor
from eventhub.db import db, lock
from eventhub.directory import imprecise
from eventhub.directory.models import Precision
from eventhub.errors import InvalidError, LinkWithdrawnError, StaleError
from eventhub.partnerships import commitments, follow_ups, parts, queries_answers, service
from eventhub.partnerships import queries_follow as queries
from eventhub.partnerships.models import Partnership
from eventhub.partnerships.models_commit import Commitment
from eventhub.partnerships.models_follow import FollowUpAnswer, PersonFollowUp
from eventhub.partnerships.queries_follow import Subject
from eventhub.partnerships.states import FOLLOW_UP_MOVES, ActivityKind, CommitmentState, Decision, FollowUpState
from eventhub.partnerships.words import word

ONE_SITTING = timedelta(hours=1)  # what is changed sooner is one answer, still being written
PROPOSED = ("together", "kind", "title", "start", "place", "words")


@dataclass(frozen=True)
class Said:
    """The answers about one subject; None and "" are: not answered."""

    in_contact: bool | None = None
    met_again: bool | None = None
    together: bool | None = None
    kind: ActivityKind | None = None
    title: str = ""
    start: str = ""
    place: str = ""
    words: str = ""

    @property
    def empty(self) -> bool:
        return self == Said()

    @property
    def nothing(self) -> bool:
        """Whether it says that nothing came of it."""
        return (self.in_contact, self.met_again, self.together) == (False, False, False)


@dataclass(frozen=True)
class Kept:
    """What is told of one commitment of the participant's delegation."""

    commitment: Commitment
    state: CommitmentState
    words: str = ""
    evidence_url: str = ""


NOTHING = Said(in_contact=False, met_again=False, together=False)


class ElsewhereError(StaleError):
    sentence = _(
        "Other answers were saved meanwhile, perhaps on another device. They stand below beside yours. Nothing you "
        "typed is lost: look at both, then save again what is right."
    )


def said_of(answer: FollowUpAnswer | None) -> Said:
    """An answer as it is stored."""
    if answer is None:
        return Said()
    return Said(**{name: getattr(answer, name) for name in Said.__dataclass_fields__})


def save(
    row: PersonFollowUp,
    said: Mapping[str, Said],
    *,
    words: str,
    seen: int,
    promised: Sequence[Kept] = (),
    at: datetime | None = None,
) -> PersonFollowUp:
    """Save what the page holds: the answers by subject, the free text, what is told of commitments (by whoever came
    for that delegation: the caller knows); ``seen`` is the version that the page showed.

    Raises ElsewhereError when something else was saved since and this would change it.
    """
    at = at or clock.now()
    held = lock(PersonFollowUp, row.id)
    if held is None or held.link_version != row.link_version:
        raise LinkWithdrawnError
    subjects = {subject.key: subject for subject in queries.list_subjects(held)}
    known = queries_answers.answers_by_subject(held)
    changed = {key: new for key, new in said.items() if key in subjects and new != said_of(known.get(key))}
    if not changed and not promised and words == held.words:
        return held
    if seen != held.version:
        raise ElsewhereError
    for key, new in changed.items():
        _write(held, subjects[key], known.get(key), new, at)
    for kept in promised:
        commitments.tell(
            kept.commitment,
            state=kept.state,
            words=kept.words,
            evidence_url=kept.evidence_url,
            by=_actor(held),
            at=at,
        )
    held.words = words
    held.version += 1
    held.answered_at = at
    _note_answered(held)
    db.session.flush()
    return held


def _note_answered(held: PersonFollowUp) -> None:
    """Its state; said in the audit the first time only."""
    if FollowUpState.ANSWERED not in FOLLOW_UP_MOVES[held.state]:
        return
    first = held.state is not FollowUpState.ANSWERED
    held.state = FollowUpState.ANSWERED
    if first:
        audit.record(_actor(held), "answered", held, months=held.months)


def _actor(row: PersonFollowUp) -> Actor:
    return Actor("participant", str(row.person_id), row.asked_name or row.person.full_name)


def _write(row: PersonFollowUp, subject: Subject, answer: FollowUpAnswer | None, new: Said, at: datetime) -> None:
    if answer is None:
        answer = FollowUpAnswer(
            introduction=subject.introduction,
            partnership=subject.partnership if subject.introduction is None else None,
            before=[],
        )
        row.answers.append(answer)
    elif at - answer.answered_at > ONE_SITTING:
        old = {name: service.plain(value) for name, value in asdict(said_of(answer)).items()}
        answer.before = [{**old, "at": answer.answered_at.isoformat()}, *answer.before]
    if any(getattr(answer, name) != getattr(new, name) for name in PROPOSED):
        answer.decision = Decision.WAITING  # something else is told now
    for name, value in asdict(new).items():
        setattr(answer, name, value)
    answer.answered_at = at
    db.session.flush()
    if subject.partnership is not None and not new.empty:
        for party_row in queries.party_rows(row, subject.partnership.id):
            follow_ups.note(party_row, what=_in_one_word(new), words=new.words, told=answer.id, at=at)


def _in_one_word(said: Said) -> str:
    if said.together:
        return follow_ups.ACTIVITY
    return follow_ups.IN_TOUCH if said.in_contact or said.met_again else follow_ups.NOTHING


# what staff make of it


def accept(answer: FollowUpAnswer, *, by: Actor, same: bool = False) -> Partnership:
    """Take what was told into the record, as reported: the partnership where there is none yet, and the activity.

    ``same`` says that it is what the other side told already. Accepted twice is once.
    """
    answer = _held(answer)
    partnership = _partnership(answer, by)
    if answer.decision is Decision.ACCEPTED:
        return partnership
    other = queries_answers.same_activity(answer) if same else None
    facts = _facts(answer)
    if other is not None:
        answer.activity_id = other.activity_id
    elif answer.activity_id is not None:
        parts.change(partnership, "activity", answer.activity_id, by=by, **facts)
    else:
        ids = [party.organisation_id for party in partnership.parties]
        answer.activity_id = parts.add(partnership, "activity", by=by, organisation_ids=ids, **facts).id
    _decide(answer, Decision.ACCEPTED, by)
    return partnership


def decline(answer: FollowUpAnswer, *, by: Actor) -> None:
    """Leave what was told out of the record; the answer itself stays."""
    answer = _held(answer)
    if answer.decision is Decision.WAITING:
        _decide(answer, Decision.DECLINED, by)


def _held(answer: FollowUpAnswer) -> FollowUpAnswer:
    held = lock(FollowUpAnswer, answer.id)
    if held is None or held.together is not True:
        raise InvalidError(_("This answer was changed meanwhile: it no longer tells of something done together."))
    return held


def _partnership(answer: FollowUpAnswer, by: Actor) -> Partnership:
    if answer.partnership is not None:
        return answer.partnership
    if answer.introduction is None:  # its introduction was removed
        raise InvalidError(_("It is no longer known about whom this speaks."))
    return service.create_from_introduction(answer.introduction, by=by)


def _facts(answer: FollowUpAnswer) -> dict[str, Any]:
    kind = answer.kind or ActivityKind.EXCHANGE_OF_INFORMATION
    words = answer.words
    try:
        start, precision = imprecise.parse(answer.start)
    except InvalidError:  # as it was remembered; a person reads it in the description
        start, precision = None, Precision.UNKNOWN
        words = f"{words}\n({answer.start})".strip()
    return {
        "kind": kind,
        "title": answer.title or word(kind),
        "description": words,
        "start": start,
        "start_precision": precision,
        "place": answer.place,
    }


def _decide(answer: FollowUpAnswer, decision: Decision, by: Actor) -> None:
    answer.decision, answer.decided_by, answer.decided_at = decision, by.name, clock.now()
    db.session.flush()
    audit.record(by, decision.value, answer, meeting_id=answer.follow_up.meeting_id, activity=answer.activity_id)
