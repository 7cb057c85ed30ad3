"""What both sides say in their follow-ups about the same introduction or partnership, and what waits for a decision."""

from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from eventhub.db import db
from eventhub.directory.models import Person
from eventhub.errors import NotFoundError
from eventhub.meetings.models import Meeting
from eventhub.networking import queries as networking
from eventhub.networking.models import Introduction
from eventhub.partnerships.models_follow import FollowUpAnswer, PersonFollowUp
from eventhub.partnerships.queries_follow import Subject
from eventhub.partnerships.states import Decision


@dataclass
class Both:
    """What the sides say about one introduction or partnership, per time of asking."""

    subject: Subject
    months: int
    said: list[FollowUpAnswer] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)  # activities that came of earlier answers about the same

    @property
    def disagree(self) -> bool:
        """Whether two sides answered a question differently."""
        return any(
            len({value for answer in self.said if (value := getattr(answer, name)) is not None}) > 1
            for name in ("in_contact", "met_again", "together")
        )

    @property
    def proposed(self) -> bool:
        return any(is_proposal(answer) for answer in self.said)


def is_proposal(answer: FollowUpAnswer) -> bool:
    """Whether it tells of something done together that nobody has decided on yet."""
    return answer.together is True and answer.decision is Decision.WAITING


def list_both_sides(meeting: Meeting) -> list[Both]:
    """Everything that was said about a meeting's introductions, both sides together: what waits for a decision first,
    then where the sides disagree, then the newest. Nobody at risk is named."""
    rows = db.session.scalars(
        sa.select(FollowUpAnswer)
        .join(FollowUpAnswer.follow_up)
        .join(PersonFollowUp.person)
        .where(PersonFollowUp.meeting_id == meeting.id, ~Person.at_risk, ~Person.is_child)
        .options(
            joinedload(FollowUpAnswer.follow_up).joinedload(PersonFollowUp.person),
            joinedload(FollowUpAnswer.introduction).options(joinedload(Introduction.a), joinedload(Introduction.b)),
            joinedload(FollowUpAnswer.partnership),
        )
        .order_by(FollowUpAnswer.answered_at.desc(), FollowUpAnswer.id.desc())
    ).all()
    found: dict[tuple[int, str], Both] = {}
    taken: dict[str, set[int]] = {}
    for row in rows:
        about = row.introduction
        if about is not None and not (networking.is_listed(about.a) and networking.is_listed(about.b)):
            continue
        key = f"i{row.introduction_id}" if row.introduction_id else f"p{row.partnership_id}"
        both = found.setdefault(
            (row.follow_up.months, key),
            Both(
                Subject(key, [], about.topic if about else "", about, row.partnership),
                row.follow_up.months,
                taken=taken.setdefault(key, set()),
            ),
        )
        both.said.append(row)
        if row.activity_id is not None:
            both.taken.add(row.activity_id)
    return sorted(found.values(), key=lambda both: (not both.proposed, not both.disagree))


def count_proposals(meeting: Meeting) -> sa.ScalarSelect[int]:
    """How many tellings of something done together wait for a decision, as a part of a statement."""
    return (
        sa.select(sa.func.count())
        .select_from(FollowUpAnswer)
        .join(FollowUpAnswer.follow_up)
        .join(PersonFollowUp.person)
        .where(
            PersonFollowUp.meeting_id == meeting.id,
            FollowUpAnswer.together.is_(True),
            FollowUpAnswer.decision == Decision.WAITING,
            ~Person.at_risk,
        )
        .scalar_subquery()
    )


def get_answer(ident: int, meeting: Meeting) -> FollowUpAnswer:
    """One answer of a meeting's follow-ups; raises NotFoundError."""
    row = db.session.get(FollowUpAnswer, ident)
    if row is None or row.follow_up.meeting_id != meeting.id:
        raise NotFoundError
    return row


def same_activity(answer: FollowUpAnswer) -> FollowUpAnswer | None:
    """Another answer about the same, of either side, that was taken into the record already."""
    about = (
        FollowUpAnswer.introduction_id == answer.introduction_id
        if answer.introduction_id
        else FollowUpAnswer.partnership_id == answer.partnership_id
    )
    return db.session.scalar(
        sa.select(FollowUpAnswer)
        .where(about, FollowUpAnswer.id != answer.id, FollowUpAnswer.activity_id.is_not(None))
        .order_by(FollowUpAnswer.id.desc())
        .limit(1)
    )


def answers_by_subject(row: PersonFollowUp) -> dict[str, FollowUpAnswer]:
    """What was answered so far, by the subject's key."""
    return {
        f"i{answer.introduction_id}" if answer.introduction_id is not None else f"p{answer.partnership_id}": answer
        for answer in row.answers
    }
