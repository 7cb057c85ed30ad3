"""Rows that are only ever added: they are there after the commit, and gone with whatever is rolled back."""

import sqlalchemy as sa

from eventhub import audit
from eventhub.audit import SYSTEM, AuditEntry
from eventhub.db import db
from tests.factories.basics import a_meeting


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
