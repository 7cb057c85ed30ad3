"""What the door supposes of a question beforehand is written only where every fact is as supposed."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from eventhub import clock
from eventhub.badges.models import BadgeState
from eventhub.checkin import direct, service
from eventhub.checkin.models import FirstEntry, Presence, Scan, Verdict
from eventhub.db import db
from eventhub.registration.models import RegistrationFact
from tests.factories.basics import a_meeting
from tests.factories.checkin import Door, a_badge, a_checkpoint, a_participant, a_person, a_scan, name_adult, verdict


def _nothing(_meeting, _badge):
    """As supposed."""


def _fact(fact, **before):
    def fact_added(_meeting, badge):
        at = clock.now() - timedelta(**before)
        db.session.add(RegistrationFact(registration_id=badge.registration_id, fact=fact, at=at))

    return fact_added


def _cancelled_and_back(meeting, badge):
    _fact("cancelled", hours=3)(meeting, badge)
    _fact("confirmed", hours=2)(meeting, badge)


def _badge_ended(_meeting, badge):
    badge.ended_at, badge.state = clock.now() - timedelta(hours=1), BadgeState.REVOKED


def _badge_printed_again(meeting, badge):
    _badge_ended(meeting, badge)
    a_badge(badge.registration)


def _badge_of_tomorrow(_meeting, badge):
    badge.issued_at = clock.now() + timedelta(days=1)


def _confirmed_tomorrow(_meeting, badge):
    db.session.execute(sa.delete(RegistrationFact).where(RegistrationFact.registration_id == badge.registration_id))
    db.session.add(
        RegistrationFact(registration_id=badge.registration_id, fact="confirmed", at=clock.now() + timedelta(days=1))
    )


def _never_confirmed(_meeting, badge):
    db.session.execute(sa.delete(RegistrationFact).where(RegistrationFact.registration_id == badge.registration_id))


def _of_another_meeting(_meeting, badge):
    badge.registration.meeting_id = a_meeting().id


def _a_child(_meeting, badge):
    badge.registration.is_child = True


def _a_child_by_its_person(_meeting, badge):
    badge.registration.person.is_child = True


def _merged(_meeting, badge):
    badge.registration.person.merged_into_id = a_person().id


def _somebody_is_merged_into_them(_meeting, badge):
    a_person().merged_into_id = badge.registration.person_id


def _cares_for_a_child(meeting, badge):
    name_adult(meeting, a_participant(meeting, is_child=True), badge)


SITUATIONS = [
    (_nothing, "admitted", True),
    (_fact("cancelled", hours=1), "refused/not_confirmed", False),
    (_cancelled_and_back, "admitted", False),
    (_badge_ended, "refused/revoked", False),
    (_badge_printed_again, "refused/revoked", False),
    (_badge_of_tomorrow, None, False),
    (_confirmed_tomorrow, None, False),
    (_never_confirmed, None, False),
    (_of_another_meeting, "refused/wrong_meeting", False),
    (_a_child, None, False),
    (_a_child_by_its_person, None, False),
    (_merged, None, False),
    (_somebody_is_merged_into_them, "admitted", False),
    (_cares_for_a_child, "admitted", False),
]


@pytest.fixture
def at_once(monkeypatch):
    """For each reading by ``supposed``, whether it wrote as well."""
    seen, rows = [], direct.Direct.rows

    def watched(self, statement, values):
        found = rows(self, statement, values)
        seen.extend(row.is_written > 0 for row in found[:1] if hasattr(row, "is_written"))
        return found

    monkeypatch.setattr(direct.Direct, "rows", watched)
    return seen


@pytest.mark.parametrize(
    ("change", "due", "as_supposed"), SITUATIONS, ids=[s[0].__name__.lstrip("_") for s in SITUATIONS]
)
def test_only_what_is_as_supposed_is_written_at_once(door, meeting, at_once, change, due, as_supposed):
    badge = a_participant(meeting)
    change(meeting, badge)
    service.changed(meeting.id)
    _warm(door, meeting, at_once)
    scan = a_scan(door.checkpoint, code=badge.code)
    before = _stored(scan["id"])
    said = verdict(door.ask(scan))
    if due is not None:
        assert said == due
    assert before == (0, 0) and _stored(scan["id"]) == (1, 1)
    inside = said == "admitted"
    assert _present(scan["id"]) == (inside, inside)  # whichever key a merged person goes by
    assert verdict(door.ask(scan)) == said  # asked again, the same
    if direct.is_offered():
        assert at_once.count(True) == (1 if as_supposed else 0)
    else:
        assert not at_once  # SQLite has one writer, and one way


def test_who_is_inside_or_has_been_is_judged_by_what_was_read(door, meeting, at_once):
    badge = a_participant(meeting)
    _warm(door, meeting, at_once)
    asked = [door.enter(badge), door.enter(badge), door.leave(badge), door.enter(badge)]
    assert asked == ["admitted", "already_in", "left", "admitted"]
    if direct.is_offered():
        assert at_once.count(True) == 1


def test_what_has_no_badge_of_ours_is_not_written_by_the_fast_lane(door, meeting, at_once):
    scan = a_scan(door.checkpoint, code="WHATISTHISCODE0000000")
    assert verdict(door.ask(scan)) == "refused/unknown"
    assert _stored(scan["id"]) == (1, 1) and not any(at_once)


def test_a_room_with_a_capacity_asks_for_more_than_a_good_badge(client, meeting, at_once):
    room = Door(client, a_checkpoint(meeting, capacity=1))
    assert [room.enter(a_participant(meeting)) for _ in range(2)] == ["admitted", "refused/full"]
    assert not any(at_once)


def test_a_connection_that_the_database_closed_costs_nobody_their_answer(door, meeting, at_once):
    _warm(door, meeting, at_once)
    for each in direct._idle.connections:
        pid = each.connection.info.backend_pid
        assert db.session.scalar(sa.select(sa.func.pg_terminate_backend(pid)))
    db.session.commit()
    scans = [a_scan(door.checkpoint, code=a_participant(meeting).code) for _ in range(3)]
    assert [verdict(door.ask(scan)) for scan in scans] == ["admitted"] * 3
    assert all(_stored(scan["id"]) == (1, 1) and _present(scan["id"]) == (True, True) for scan in scans)


def _warm(door, meeting, at_once):
    """Another's question first: what is kept of the door is of now then."""
    assert door.enter(a_participant(meeting)) == "admitted"
    del at_once[:]


def _stored(scan_id):
    return tuple(
        db.session.scalar(sa.select(sa.func.count()).select_from(table).where(table.scan_id == scan_id))
        for table in (Scan, Verdict)
    )


def _present(scan_id):
    """Whether that scan let somebody in who is there now, and whether it was their first."""
    there = sa.select(Presence.id).where(Presence.last_scan_id == scan_id, Presence.checkpoint_id.is_not(None))
    first = sa.select(FirstEntry.id).where(FirstEntry.scan_id == scan_id)
    return db.session.scalar(there) is not None, db.session.scalar(first) is not None
