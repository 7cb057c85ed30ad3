"""Trust and value: asked with the stage, told only as averages of five parties or more, never one by one."""

import re

import pytest
import sqlalchemy as sa

from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.errors import InvalidError
from eventhub.partnerships import ratings, service, verification
from eventhub.partnerships.models_record import Rating
from eventhub.partnerships.ratings import Average
from eventhub.partnerships.states import FieldGroup, Visibility
from eventhub.security import token
from tests.factories.partnerships import a_partnership, a_past_meeting


def test_an_average_needs_five_parties_and_each_counts_once(app):
    meeting = a_past_meeting()
    rows = [a_partnership(meeting) for _ in range(4)]
    parties = [party for row in rows[:3] for party in row.parties]
    for party in parties[:4]:
        ratings.rate(party, trust=4, value=None)
    ratings.rate(parties[0], trust=2, value=3)  # a later answer of the same party
    ratings.rate(parties[0], trust=2, value=3)
    assert ratings.averages([meeting.id]) == {"trust": Average(None, 4), "value": Average(None, 1)}
    ratings.rate(parties[4], trust=1, value=None)
    assert ratings.averages([meeting.id])["trust"] == Average(3.0, 5)
    assert ratings.averages(None)["trust"] == Average(3.0, 5)
    assert ratings.averages([])["trust"] == Average(None, 0)
    service.change(rows[2], visibility=Visibility.HIDDEN, by=SYSTEM)
    assert ratings.averages([meeting.id])["trust"] == Average(None, 4)
    assert db.session.scalar(sa.select(sa.func.count(Rating.id))) == 6
    db.session.commit()


@pytest.mark.parametrize("answer", [0, 5, -1])
def test_only_the_four_answers(app, answer):
    with pytest.raises(InvalidError):
        ratings.rate(a_partnership().parties[0], trust=answer, value=None)


def test_asked_with_the_stage_and_shown_to_nobody(client, sign_in):
    partnership = a_partnership()
    row = verification.ask(partnership.parties[0], group=FieldGroup.STAGE, by=SYSTEM)
    other = verification.ask(partnership.parties[1], by=SYSTEM)
    assert (
        "Two questions that nobody has to answer"
        not in client.get(f"/verification/{token('verification', other.id)}").text
    )
    path = f"/verification/{token('verification', row.id)}"
    seen = re.search(r'name="seen"[^>]*value="([0-9a-f]{32})"', client.get(path).text)[1]
    data = {"by_name": "Sopheap", "seen": seen, "state": "confirmed", "trust": "2", "value": "9"}
    assert client.post(path, data=data).status_code == 422
    assert client.post(path, data={**data, "value": ""}).status_code == 302
    saved = db.session.scalars(sa.select(Rating)).one()
    assert (saved.trust, saved.value) == (2, None)
    browser = sign_in()
    listed = browser.get(f"/staff/m/{partnership.origin.meeting.slug}/partnerships").text
    assert "fewer than five parties answered" in listed
    assert "A little" not in browser.get(f"/staff/partnerships/{partnership.id}").text
    assert "A little" not in browser.get(f"/staff/partnerships/{partnership.id}/record").text
