"""One valid badge per registration, whatever runs at once; what follows a confirmation happens once."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa

from eventhub import clock, security
from eventhub.audit import SYSTEM
from eventhub.badges import queries, service
from eventhub.badges.models import Badge, BadgeState
from eventhub.db import db, writing
from eventhub.errors import IllegalMoveError
from eventhub.mail.models import Message
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState
from tests.factories.badges import a_confirmed, confirmed_people
from tests.factories.basics import a_meeting
from worker import registration as tasks


def test_a_badge_is_opaque_and_issued_once(app):
    registration = a_confirmed(a_meeting(), "Sok Chanthy")
    badge = service.issue(registration, by=SYSTEM)
    assert service.issue(registration, by=SYSTEM) is badge
    assert len(badge.code) == 21 and set(badge.code) <= set(security.CODE_ALPHABET)
    assert badge.code_hash == security.hashed(badge.code)


def test_only_confirmed_people_who_signed_get_a_badge(app):
    meeting = a_meeting()
    waiting = a_confirmed(meeting, state=RegistrationState.WAITING)
    unsigned = a_confirmed(meeting, code_of_conduct_at=None)
    with pytest.raises(service.NotConfirmedError):
        service.issue(waiting, by=SYSTEM)
    with pytest.raises(service.ConductError):
        service.issue(unsigned, by=SYSTEM)
    meeting.code_of_conduct = ""
    assert service.issue(unsigned, by=SYSTEM).state is BadgeState.VALID


def test_validity_follows_from_the_registration(app):
    registration = a_confirmed(a_meeting())
    badge = service.issue(registration, by=SYSTEM)
    assert queries.valid_badge(registration.id) is badge and queries.is_valid(badge)
    registration.state = RegistrationState.CANCELLED
    db.session.flush()
    assert queries.valid_badge(registration.id) is None and not queries.is_valid(badge)
    registration.state = RegistrationState.CONFIRMED
    db.session.flush()
    assert queries.valid_badge(registration.id) is badge


def test_a_lost_badge_is_replaced_by_one_with_another_code(app):
    registration = a_confirmed(a_meeting())
    old = service.issue(registration, by=SYSTEM)
    new = service.replace(old, by=SYSTEM)
    db.session.commit()
    assert (old.state, old.replaced_by_id, new.state) == (BadgeState.REPLACED, new.id, BadgeState.VALID)
    assert new.code != old.code and old.ended_at is not None
    with pytest.raises(IllegalMoveError):
        service.replace(old, by=SYSTEM)
    assert queries.valid_badge(registration.id) is new


def test_a_revoked_badge_stays_revoked_until_somebody_issues_another(app):
    meeting = a_meeting()
    registration = a_confirmed(meeting)
    badge = service.issue(registration, by=SYSTEM)
    service.revoke(badge, by=SYSTEM)
    service.revoke(badge, by=SYSTEM)
    assert service.issue_missing(meeting, by=SYSTEM) == 0
    assert queries.valid_badge(registration.id) is None
    assert service.issue(registration, by=SYSTEM).id != badge.id


@pytest.mark.parametrize(
    "change", [str, str.lower, lambda c: f"HTTPS://HUB.EXAMPLE/B/{c}", lambda c: f" {c[:4]}-{c[4:]}/ "]
)
def test_a_code_is_found_however_it_is_typed(app, change):
    badge = service.issue(a_confirmed(a_meeting()), by=SYSTEM)
    assert queries.find_badge(change(badge.code)) is badge


def test_letters_that_codes_do_not_have_are_understood(app):
    assert queries.read_code("oiL0") == "0110"
    assert queries.find_badge("") is None


def at_once(app, number, call):
    """Run ``call(n)`` in that many threads, all starting together; their answers, or the errors they raised."""
    barrier, answers = Barrier(number), []

    def run(n):
        with app.app_context():
            token = writing.set(True)
            barrier.wait()
            try:
                answers.append(call(n))
                db.session.commit()
            except Exception as error:  # told by the caller's assertion
                answers.append(error)
            finally:
                db.session.remove()
                writing.reset(token)

    threads = [Thread(target=run, args=(n,)) for n in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_twenty_at_once_issue_one_badge(app):
    registration_id = a_confirmed(a_meeting()).id
    db.session.commit()
    answers = at_once(
        app, 20, lambda _n: service.issue(db.session.get_one(Registration, registration_id), by=SYSTEM).code
    )
    assert len(answers) == 20 and len(set(answers)) == 1, answers
    assert db.session.scalar(sa.select(sa.func.count(Badge.id))) == 1


def test_ten_reactions_at_once_make_one_badge_and_one_letter(app):
    registration_id = a_confirmed(a_meeting()).id
    db.session.commit()
    answers = at_once(app, 10, lambda _n: service.react_to_confirmed(registration_id))
    assert sorted(answers, key=str) == [False] * 9 + [True]
    (message,) = db.session.scalars(sa.select(Message).where(Message.letter == "ticket"))
    assert message.key.startswith(f"ticket:{registration_id}:")
    assert db.session.scalar(sa.select(sa.func.count(Badge.id))) == 1


def test_print_runs_at_once_issue_each_badge_once(app):
    meeting = a_meeting()
    confirmed_people(meeting, 12)
    meeting_id = meeting.id
    db.session.commit()
    answers = at_once(
        app, 4, lambda _n: service.issue_missing(db.session.get_one(type(meeting), meeting_id), by=SYSTEM)
    )
    assert sorted(answers) == [0, 0, 0, 12]


def test_confirming_again_keeps_the_badge_and_writes_again(app):
    registration = a_confirmed(a_meeting())
    assert service.react_to_confirmed(registration.id)
    badge = queries.valid_badge(registration.id)
    db.session.refresh(registration)
    registration.followed_up_at, registration.confirmed_at = None, clock.now()
    db.session.flush()
    assert service.react_to_confirmed(registration.id)
    assert queries.valid_badge(registration.id) is badge
    assert db.session.query(Message).filter_by(letter="ticket").count() == 2


def test_a_badge_revoked_after_the_confirmation_is_not_undone_by_the_sweep(app):
    registration = a_confirmed(a_meeting(), confirmed_at=clock.now() - timedelta(minutes=5))
    service.revoke(service.issue(registration, by=SYSTEM), by=SYSTEM)
    assert service.react_to_confirmed(registration.id)
    assert queries.valid_badge(registration.id) is None
    assert db.session.query(Message).count() == 0


def test_the_sweep_finds_what_the_queue_lost_and_leaves_the_unsigned(app):
    meeting = a_meeting()
    earlier = clock.now() - timedelta(minutes=5)
    lost = [a_confirmed(meeting, confirmed_at=earlier) for _ in range(3)]
    fresh = a_confirmed(meeting)
    unsigned = a_confirmed(meeting, confirmed_at=earlier, code_of_conduct_at=None)
    done = [row.id for row in lost]
    others = [fresh.id, unsigned.id]
    db.session.commit()
    tasks.sweep()
    assert all(queries.valid_badge(ident) for ident in done)
    assert not any(queries.valid_badge(ident) for ident in others)
    assert {m.attachments[0]["id"] for m in db.session.scalars(sa.select(Message))} == set(done)
    db.session.commit()
    tasks.confirmed(others[0])
    assert queries.valid_badge(others[0])
    before = db.session.query(Message).count()
    db.session.commit()
    tasks.sweep()
    tasks.changed(others[0])
    assert db.session.query(Message).count() == before


def test_following_up_does_not_disturb_who_edits_meanwhile(app):
    registration = a_confirmed(a_meeting())
    before = registration.version
    service.react_to_confirmed(registration.id)
    db.session.commit()
    db.session.refresh(registration)
    assert registration.version == before and registration.followed_up_at is not None
