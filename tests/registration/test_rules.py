"""Seats, states, approval, the waiting list, and what is told to the higher features."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from eventhub import audit, clock, tasks
from eventhub.audit import SYSTEM, Actor
from eventhub.db import db
from eventhub.errors import IllegalMoveError, RuleError
from eventhub.invitations.models import Quota
from eventhub.mail.models import Message
from eventhub.registration import queries, queries_waiting, retention, service_deciding
from eventhub.registration.models import Registration, RegistrationFact
from eventhub.registration.moves import move
from eventhub.registration.states import MOVES, RegistrationState
from tests.factories.basics import a_meeting, a_sector
from tests.factories.invitations import a_nomination
from tests.factories.registration import a_child, a_registration
from worker.purge import run

S = RegistrationState
STAFF = Actor("staff", "1", "Organiser")


def letters():
    return list(db.session.scalars(sa.select(Message.letter).order_by(Message.id)))


def facts(registration):
    wanted = sa.select(RegistrationFact.fact).where(RegistrationFact.registration_id == registration.id)
    return list(db.session.scalars(wanted.order_by(RegistrationFact.id)))


def test_every_move_that_the_table_does_not_name_is_refused(app):
    registration = a_registration(a_meeting())
    for before in S:
        for after in set(S) - MOVES[before]:
            registration.state = before
            with pytest.raises(IllegalMoveError):
                move(registration, after, by=SYSTEM)


def test_a_meeting_that_approves_holds_every_registration_until_an_organiser_decides(app):
    meeting = a_meeting(needs_approval=True, capacity=1)
    first, second, third = (a_registration(meeting, S.SUBMITTED) for _ in range(3))
    for _ in range(2):
        service_deciding.approve(first, by=STAFF)
        service_deciding.decline(third, by=STAFF, note="All seats are taken.")
    service_deciding.approve(second, by=STAFF)
    assert [first.state, second.state, third.state] == [S.CONFIRMED, S.WAITING, S.DECLINED]
    assert facts(first) == ["confirmed"]
    assert letters()[3:] == ["registration_declined", "registration_waiting"]
    with pytest.raises(RuleError, match="All seats are taken"):
        service_deciding.approve(second, by=STAFF)
    service_deciding.cancel(first, by=STAFF)
    assert second.state is S.CONFIRMED and facts(first) == ["confirmed", "cancelled"]


def test_no_seats_at_all_and_no_limit_at_all(app):
    assert a_registration(a_meeting(capacity=0), S.WAITING).queue_no == 1
    assert a_registration(a_meeting(capacity=None)).queue_no is None


def test_nobody_passes_those_who_wait_when_seats_are_added(app):
    meeting = a_meeting(capacity=1)
    a_registration(meeting)
    waiting = [a_registration(meeting, S.WAITING) for _ in range(3)]
    meeting.capacity = 3
    db.session.commit()
    late = a_registration(meeting, S.WAITING)
    moved = service_deciding.fill_seats(meeting, by=STAFF)
    assert moved == waiting[:2] and waiting[2].state is late.state is S.WAITING
    assert [r.queue_no for r in (*waiting, late)] == [1, 2, 3, 4]
    assert queries.place_in_queue(late) == 2


def test_cancelling_somebody_who_waits_moves_nobody(app):
    meeting = a_meeting(capacity=1)
    a_registration(meeting)
    first, second = a_registration(meeting, S.WAITING), a_registration(meeting, S.WAITING)
    service_deciding.cancel(first, by=STAFF)
    assert second.state is S.WAITING and queries.place_in_queue(second) == 1


def test_after_the_commit_the_higher_features_are_told(app, monkeypatch):
    sent = []
    monkeypatch.setattr(tasks, "send", lambda name, *args: sent.append((name, *args)))
    registration = a_registration(a_meeting())
    assert (tasks.REGISTRATION_CONFIRMED, registration.id) in sent
    sent.clear()
    service_deciding.cancel(registration, by=STAFF)
    assert sent == []
    db.session.commit()
    assert (tasks.REGISTRATION_CHANGED, registration.id) in sent


def test_a_quota_warns_and_does_not_block(app):
    meeting, sector = a_meeting(), a_sector()
    db.session.add(Quota(meeting_id=meeting.id, sector_id=sector.id, seats=1))
    for _ in range(2):
        a_registration(meeting, sector=sector)
    assert [(quota.sector, n) for quota, n in queries_waiting.over_quota(meeting.id)] == [(sector, 2)]


def test_the_counts_and_the_funnel(app):
    meeting = a_meeting(capacity=2, admits_children=True)
    for _ in range(2):
        a_registration(meeting)
    a_registration(meeting, S.WAITING)
    cancelled = a_registration(meeting, S.WAITING)
    service_deciding.cancel(cancelled, by=STAFF)
    assert queries.counts(meeting.id) == {S.CONFIRMED: 2, S.WAITING: 1, S.CANCELLED: 1}
    assert queries.funnel(meeting.id) == {
        "registered": 4,
        "seated": 2,
        "confirmed": 2,
        "waiting": 1,
        "cancelled": 1,
    }


def test_a_year_after_the_meeting_a_childs_names_are_gone_and_an_adults_stay(app):
    meeting = a_meeting(admits_children=True)
    child = a_child(meeting, complete=True, called="Bopha")
    guardian = {"contact_name": "Sok Maly", "contact_email": "maly@families.example"}
    only_named = a_nomination(meeting=meeting, full_name="Sreyneang", email="", is_child=True, **guardian)
    end = clock.now() + timedelta(days=13)
    assert retention.purge(end + timedelta(days=300)) == 0
    assert retention.purge(end + timedelta(days=370)) == 2
    assert retention.purge(end + timedelta(days=370)) == 0
    assert (only_named.person.full_name, only_named.person.search_text) == ("—", "")
    assert (child.person.full_name, child.person.called, child.person.search_text) == ("—", "—", "")
    adults = [r.person.full_name for r in db.session.scalars(sa.select(Registration)) if not r.is_child]
    assert all(name.startswith("Delegate") for name in adults)


def test_the_daily_purge_leaves_a_row_without_personal_data(app):
    meeting = a_meeting(admits_children=True)
    a_child(meeting, called="Bopha", needs={"diet": "No nuts"})
    counts = run(clock.now() + timedelta(days=400))
    assert (counts["registration"], counts["safeguarding"]) == (1, 2)
    [entry] = db.session.scalars(sa.select(audit.AuditEntry).where(audit.AuditEntry.action == "purged"))
    assert entry.detail == counts and entry.subject_kind == "house"
