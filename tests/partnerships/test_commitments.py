"""What delegations promised: told by them and by the secretariat, nothing overwritten, silence apart."""

from datetime import date

import pytest
import sqlalchemy as sa

from eventhub import clock, security
from eventhub.audit import SYSTEM, Actor
from eventhub.db import db
from eventhub.directory.models import Precision
from eventhub.errors import InvalidError, StaleError
from eventhub.mail.models import Message
from eventhub.partnerships import commitments, queries_commit, waves
from eventhub.partnerships.models_commit import Commitment
from eventhub.partnerships.models_follow import PersonFollowUp
from eventhub.partnerships.states import CommitmentState, FollowUpState
from eventhub.security import Role
from tests.factories.partnerships import a_delegation, a_past_meeting

S = CommitmentState
DELEGATION = Actor("participant", "1", "Sok Dara")


@pytest.fixture
def promised(app):
    """A delegation of a past meeting and one commitment of it."""
    meeting = a_past_meeting()
    organisation, head = a_delegation(meeting)
    row = commitments.promise(
        meeting=meeting,
        organisation=organisation,
        text="We translate the report into Khmer.",
        due=date(2019, 7, 1),
        due_precision=Precision.QUARTER,
        by=SYSTEM,
    )
    db.session.commit()
    return row, head


def test_the_same_promise_noted_twice_is_one(promised):
    row, _head = promised
    again = commitments.promise(meeting=row.meeting, organisation=row.organisation, text=row.text, by=SYSTEM)
    assert again is row
    with pytest.raises(InvalidError):
        commitments.promise(meeting=row.meeting, organisation=row.organisation, text="", by=SYSTEM)


def test_every_telling_is_kept_and_the_last_one_counts(promised):
    row, _head = promised
    commitments.tell(row, state=S.KEPT, words="Printed.", by=DELEGATION)
    assert commitments.tell(row, state=S.KEPT, words="Printed.", by=DELEGATION) is None  # again is once
    commitments.tell(row, state=S.PARTLY, evidence_url="https://hub.example/report", by=SYSTEM)
    db.session.commit()
    assert [(t.state, t.by_delegation) for t in row.tellings] == [(S.KEPT, True), (S.PARTLY, False)]
    assert row.state is S.PARTLY
    with pytest.raises(InvalidError, match="organisers"):
        commitments.tell(row, state=S.WITHDRAWN, by=DELEGATION)
    with pytest.raises(InvalidError, match="https"):
        commitments.tell(row, state=S.KEPT, evidence_url="javascript:alert(1)", by=SYSTEM)
    with pytest.raises(InvalidError, match="https"):
        commitments.tell(row, state=S.KEPT, evidence_url="http://[x", by=SYSTEM)


def test_the_balance_keeps_silence_apart(promised):
    first, _head = promised
    meeting, organisation = first.meeting, first.organisation
    for n, state in enumerate((S.KEPT, S.KEPT, S.PARTLY, S.NOT_KEPT, S.OPEN, S.WITHDRAWN)):
        row = commitments.promise(meeting=meeting, organisation=organisation, text=f"Promise {n}", by=SYSTEM)
        commitments.tell(row, state=state, by=SYSTEM)
    db.session.commit()
    found = queries_commit.balance(queries_commit.list_commitments(meeting))
    assert (found.total, found.kept, found.partly, found.not_kept) == (6, 2, 1, 1)
    assert (found.going_on, found.silent, found.withdrawn, found.due) == (1, 1, 1, 1)


def test_the_delegation_is_asked_in_the_follow_up_and_answers_there(promised, client):
    row, head = promised
    waves.schedule(row.meeting)
    asked = db.session.scalar(
        sa.select(PersonFollowUp).where(PersonFollowUp.person_id == head.id, PersonFollowUp.months == 3)
    )
    waves.send(asked.id)
    db.session.commit()
    letter = db.session.scalar(sa.select(Message).where(Message.letter == "person_follow_up"))
    assert "Your delegation promised one thing" in letter.text and "people whom you met" not in letter.text
    page = f"/follow-up/{security.token('person_follow_up', asked.id)}"
    assert "We translate the report into Khmer." in client.get(page).text
    sent = {"seen": "1", f"c{row.id}-state": "kept", f"c{row.id}-words": "In October."}
    for _ in range(2):
        assert client.post(page, data=sent).status_code == 302
    db.session.expire_all()
    assert [(t.state, t.words, t.by_name) for t in row.tellings] == [(S.KEPT, "In October.", head.full_name)]
    assert asked.state is FollowUpState.ANSWERED
    wrong = client.post(page, data={"seen": "2", f"c{row.id}-state": "kept", f"c{row.id}-evidence_url": "nowhere"})
    assert wrong.status_code == 422 and "https://" in wrong.text
    other = commitments.promise(
        meeting=row.meeting, organisation=a_delegation(row.meeting)[0], text="Not theirs", by=SYSTEM
    )
    client.post(page, data={"seen": "2", f"c{other.id}-state": "kept"})
    db.session.expire_all()
    assert other.tellings == []


def test_the_second_of_two_editors_is_told(promised):
    row, _head = promised
    seen = row.version
    commitments.change(row, version=seen, text="We translate two reports.", by=SYSTEM)
    db.session.commit()
    with pytest.raises(StaleError):
        commitments.change(row, version=seen, text="We translate nothing.", by=SYSTEM)


def test_the_staff_pages(promised, sign_in):
    row, _head = promised
    organiser = sign_in(Role.ORGANISER, row.meeting)
    address = f"/staff/m/{row.meeting.slug}/commitments"
    new = {"organisation_id": str(row.organisation_id), "text": "We write a guide.", "due": "2030-Q1"}
    assert organiser.post(f"{address}/new", data=new).status_code == 302
    assert organiser.post(f"{address}/new", data={**new, "due": "soon"}).status_code == 422
    shown = organiser.get(address).text
    assert "We write a guide." in shown and "its day is over" in shown
    told = organiser.post(f"{address}/{row.id}/tell", data={"state": "kept", "words": "Seen."}, follow_redirects=True)
    assert "of the secretariat" in told.text
    edited = organiser.post(
        f"{address}/{row.id}/edit",
        data={"organisation_id": str(row.organisation_id), "text": "Better words", "version": "99"},
    )
    assert edited.status_code == 422 and "Better words" in edited.text
    assert db.session.scalar(sa.select(sa.func.count(Commitment.id))) == 2
    assert clock.today() > date(2019, 7, 1)
