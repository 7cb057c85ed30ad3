"""Rows that are only ever added: they are there after the commit, and gone with whatever is rolled back."""

import sqlalchemy as sa

from eventhub import audit, clock, inserts
from eventhub.audit import SYSTEM, AuditEntry
from eventhub.db import append, db
from eventhub.registration.models import RegistrationFact
from tests.factories.basics import a_meeting
from tests.factories.registration import a_registration


def acts() -> list[str]:
    return list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def test_what_was_noted_is_there_after_the_commit_in_its_order(app):
    meeting = a_meeting()
    db.session.execute(sa.delete(AuditEntry))
    for action in ("first", "second", "third"):
        audit.record(SYSTEM, action, meeting)
    assert [entry.action for entry in audit.history(meeting)] == ["third", "second", "first"]
    audit.record(SYSTEM, "fourth", meeting)
    db.session.commit()
    assert acts() == ["first", "second", "third", "fourth"]


def test_what_is_rolled_back_was_never_noted(app):
    meeting = a_meeting()
    db.session.execute(sa.delete(AuditEntry))
    db.session.commit()
    audit.record(SYSTEM, "lost", meeting)
    db.session.rollback()
    audit.record(SYSTEM, "kept", meeting)
    savepoint = db.session.begin_nested()
    audit.record(SYSTEM, "lost with the savepoint", meeting)
    savepoint.rollback()
    with db.session.begin_nested():
        audit.record(SYSTEM, "kept in a savepoint", meeting)
    audit.record(SYSTEM, "kept after it", meeting)
    db.session.commit()
    assert acts() == ["kept", "kept in a savepoint", "kept after it"]


def test_what_a_session_noted_and_never_committed_is_not_the_next_ones(app):
    meeting = a_meeting()
    db.session.execute(sa.delete(AuditEntry))
    db.session.commit()
    audit.record(SYSTEM, "forgotten", meeting)
    db.session.close()
    db.session.execute(sa.select(1))
    db.session.commit()
    assert acts() == []


def test_rows_of_several_tables_come_with_their_defaults_and_odd_values(app):
    registration = a_registration(a_meeting())
    db.session.commit()
    before = clock.now()
    strange = {"said": "a 'quote', %s, :v1, \u4f60\u597d", "none": None, "list": [1, {"a": True}]}
    for count in (1, inserts.MOST_AT_ONCE // 2 - 1, inserts.MOST_AT_ONCE * 2):
        db.session.execute(sa.delete(AuditEntry))
        db.session.execute(sa.delete(RegistrationFact))
        for n in range(count):
            append(
                AuditEntry,
                actor_kind="k",
                actor_id=str(n),
                actor_name=":v0",
                action="a",
                subject_kind="s",
                subject_id=n,
                detail=strange,
            )
            append(RegistrationFact, registration_id=registration, fact="confirmed", at=before)
        db.session.commit()
        entries = list(db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)))
        assert [entry.subject_id for entry in entries] == list(range(count))
        assert all(entry.detail == strange and entry.at >= before and entry.meeting_id is None for entry in entries)
        facts = db.session.scalars(sa.select(RegistrationFact)).all()
        assert {(fact.registration_id, fact.fact, fact.at) for fact in facts} == {
            (registration.id, "confirmed", before)
        }
        assert len(facts) == count
