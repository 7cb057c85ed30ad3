"""What of a meeting's partnerships waits for a decision, for the first page; from plain rows, in one statement of its own."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import ngettext

from eventhub.db import db
from eventhub.meetings.models import Meeting
from eventhub.partnerships import ladder, queries, queries_answers
from eventhub.partnerships.models import Origin, Partnership, Party, Substantiation, Verification
from eventhub.partnerships.states import SubstantiationState
from eventhub.waits import Number, Wait, count_of


def waiting(meeting: Meeting) -> list[Wait]:
    """What of a meeting's partnerships waits for a decision, for the overview."""
    words = _words(meeting)

    def wait(count: Number, said: Callable[[int], str], show: str) -> Wait:
        return Wait(count, said, url_for("partnerships.index", slug=meeting.slug, show=show))

    return [
        wait(
            sum(ladder.Word.DISPUTED in found for found in words),
            lambda n: ngettext("partnership that a party disputes", "partnerships that a party disputes", n),
            "disputed",
        ),
        wait(
            sum(ladder.Word.CORRECTED in found for found in words),
            lambda n: ngettext("partnership that a party corrected", "partnerships that a party corrected", n),
            "corrected",
        ),
        wait(
            sum(ladder.Word.NOT_ASKED in found for found in words),
            lambda n: ngettext(
                "partnership where a party was not asked yet", "partnerships where a party was not asked yet", n
            ),
            "not_asked",
        ),
        wait(
            count_of(Partnership, *_began_at(meeting), _CONTRADICTED),
            lambda n: ngettext(
                "partnership that somebody independent contradicts",
                "partnerships that somebody independent contradicts",
                n,
            ),
            "contradicted",
        ),
        Wait(
            queries_answers.count_proposals(meeting),
            lambda n: ngettext(
                "answer that tells of something done together", "answers that tell of something done together", n
            ),
            url_for("partnerships.follow_up_answers", slug=meeting.slug, show="waiting"),
        ),
    ]


_CONTRADICTED = sa.exists().where(
    Substantiation.partnership_id == Partnership.id,
    Substantiation.contradicts,
    Substantiation.state == SubstantiationState.DECLINED,
)


def _began_at(meeting: Meeting) -> tuple[sa.ColumnElement[bool], ...]:
    """The conditions for a meeting's records, hidden ones too."""
    here = sa.select(Origin.partnership_id).where(Origin.meeting_id == meeting.id)
    return Partnership.merged_into_id.is_(None), Partnership.id.in_(here)


def _words(meeting: Meeting) -> list[set[ladder.Word]]:
    """How the parties of each partnership stand to its facts, from their answers alone; one statement of plain rows.

    Whether a confirmation still fits what the record says today takes the whole record, and is not told apart here.
    """
    rows = db.session.execute(
        sa.select(
            Party.partnership_id,
            Party.id.label("party_id"),
            Verification.id,
            Verification.field_group,
            Verification.state,
            Verification.asked_at,
            Verification.answered_at,
            Verification.old_value,
        )
        .join(Partnership, Partnership.id == Party.partnership_id)
        .outerjoin(
            Verification,
            sa.and_(Verification.party_id == Party.id, Verification.partnership_id == Party.partnership_id),
        )
        .where(*_began_at(meeting))
        .order_by(Verification.id)
    ).all()
    parties: dict[int, set[int]] = defaultdict(set)
    answers: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        parties[row.partnership_id].add(row.party_id)
        if row.id is not None:
            answers[row.partnership_id].append(row)
    return [
        set(ladder.stand(sorted(of), queries.answers(answers[ident]), {}, ()).words.values())
        for ident, of in parties.items()
    ]
