"""What a person may decide about a letter, and what is never done for them."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from eventhub import audit, clock, security, tasks
from eventhub.accounts import service as accounts
from eventhub.audit import SYSTEM, Actor
from eventhub.db import db
from eventhub.errors import IllegalMoveError, InvalidError, NotAllowedError, RuleError
from eventhub.mail import queries, sender, service
from eventhub.mail.models import Message
from eventhub.mail.states import NO_ADDRESS, MessageState
from tests.factories.basics import a_meeting
from tests.factories.mail import a_letter

pytestmark = pytest.mark.usefixtures("letters")
DARA = Actor("staff", "7", "Dara Sok")


def a_letter_in(state: MessageState, **facts) -> Message:
    message = a_letter(**facts)
    message.state, message.problem, message.attempts = state, "Something.", 3
    if state in (MessageState.SENDING, MessageState.UNKNOWN):
        message.claim, message.began_at = "somebody", clock.now() - timedelta(hours=1)
    db.session.commit()
    return message


def sent() -> int:
    db.session.commit()
    return sender.run()


def test_a_doubtful_letter_stays_until_somebody_decides(app, sink):
    arrived, lost = a_letter_in(MessageState.UNKNOWN), a_letter_in(MessageState.UNKNOWN)
    assert sent() == 0
    service.settle(arrived, by=DARA)
    service.send_again(lost, by=DARA)
    assert (arrived.state, arrived.sent_at, arrived.problem) == (MessageState.SENT, arrived.began_at, "")
    assert sent() == 1
    assert [m["X-Envelope-To"] for m in sink.messages] == [lost.to_email]
    assert [e.action for e in audit.history(arrived) + audit.history(lost)] == ["marked as sent", "sent again"]


@pytest.mark.parametrize("state", [MessageState.QUEUED, MessageState.SENDING, MessageState.SENT])
def test_a_letter_that_is_on_its_way_or_arrived_is_not_sent_again(app, state):
    message = a_letter_in(state)
    for step in (
        lambda: service.send_again(message, by=DARA),
        lambda: service.correct(message, to_email="other@network.example", by=DARA),
        lambda: service.settle(message, by=DARA),
    ):
        with pytest.raises(IllegalMoveError):
            step()
        db.session.rollback()


def test_a_corrected_letter_goes_to_the_new_address_with_all_its_tries(app, sink):
    message = a_letter(to_email="wrong@")
    service.correct(message, to_email="right@network.example", by=DARA)
    assert (message.state, message.attempts, message.problem) == (MessageState.QUEUED, 0, "")
    assert sent() == 1 and sink.messages[0]["X-Envelope-To"] == "right@network.example"
    (entry,) = audit.history(message)
    assert entry.action == "readdressed" and "network.example" not in str(entry.detail)


def test_where_a_corrected_letter_never_goes(app):
    message = a_letter_in(MessageState.FAILED)
    accounts.create(email="dara@hub.example", name="Dara", password=None, by=SYSTEM)
    service.suppress("gone@network.example", reason="It bounced.", by=DARA)
    for address, sentence in (
        ("nowhere", "complete address"),
        ("Dara@hub.example", "member of staff"),
        ("gone@NETWORK.example", "It bounced."),
    ):
        with pytest.raises(InvalidError, match=sentence) as refusal:
            service.correct(message, to_email=address, by=DARA)
        assert refusal.value.field == "to_email"
    assert message.to_email.startswith("person")


def test_a_letter_to_a_member_of_staff_cannot_be_led_elsewhere(app):
    message = a_letter_in(MessageState.FAILED, context={"link": security.placeholder("staff_password", 1)})
    with pytest.raises(NotAllowedError):
        service.correct(message, to_email="other@network.example", by=DARA)


def test_an_address_is_written_to_again_only_when_somebody_allows_it(app, sink):
    service.suppress("back@network.example", reason="It bounced.", by=DARA)
    assert service.suppress("Back@network.example", reason="Again.", by=DARA).reason == "It bounced."
    message = a_letter(to_email="back@network.example")
    with pytest.raises(RuleError, match="do not write"):
        service.send_again(message, by=DARA)
    service.allow("BACK@network.example", by=DARA)
    service.send_again(message, by=DARA)
    assert sent() == 1 and queries.find_suppression("back@network.example") is None


def test_all_failed_letters_of_a_meeting_go_again_but_not_those_without_an_address(app, sink):
    meeting, other = a_meeting(), a_meeting()
    ready = [a_letter_in(MessageState.FAILED, meeting=meeting) for _ in range(3)]
    child = a_letter_in(MessageState.FAILED, meeting=meeting, about_child=True)
    hopeless = a_letter(meeting=meeting, to_email="")
    elsewhere = a_letter_in(MessageState.FAILED, meeting=other)
    assert service.send_failed_again(meeting, children=False, by=DARA) == 3
    assert sent() == 3
    assert {m["X-Envelope-To"] for m in sink.messages} == {m.to_email for m in ready}
    assert [m.state for m in (child, hopeless, elsewhere)] == [MessageState.FAILED] * 3
    assert hopeless.problem == NO_ADDRESS
    assert service.send_failed_again(meeting, children=True, by=DARA) == 1


def test_a_test_copy_is_marked_dead_and_without_files(app, sink):
    message = a_letter(meeting=a_meeting(), attachments=[{"kind": "nothing.such", "id": 1}])
    message.state = MessageState.SENT
    for _ in range(2):
        service.send_test(message, to_email="dara@hub.example", to_name="Dara", once="abc", by=DARA)
    assert sent() == 1
    (copy,) = sink.messages
    assert copy["Subject"] == "[Test] Welcome, Sopheap" and copy["X-Envelope-To"] == "dara@hub.example"
    words = copy.get_body(("plain",)).get_content() + copy.get_body(("html",)).get_content()
    assert "https://link.invalid/me" in words and "/me/" not in words and list(copy.iter_attachments()) == []


def test_a_decision_and_a_sender_that_comes_back_do_not_meet(app, sink):
    """A sender that was believed dead tells the truth, unless somebody decided meanwhile."""
    believed, decided = a_letter_in(MessageState.UNKNOWN), a_letter_in(MessageState.UNKNOWN)
    service.send_again(decided, by=DARA)
    db.session.commit()
    with db.engine.connect() as connection, sender._turns().connect() as turns:
        claim = sender._Claim(connection, turns, "somebody", [])
        for message in (believed, decided):
            letter = sender.as_letter(message, sender.addresses.read(message.to_email), "")
            db.session.commit()
            claim._outcome = sender._outcome(letter, MessageState.SENT, sent_at=clock.now())
            claim._write_down()
    db.session.expire_all()
    assert (believed.state, decided.state) == (MessageState.SENT, MessageState.QUEUED)


def test_old_letters_are_deleted_when_they_are_finished(app, monkeypatch):
    monkeypatch.setattr(tasks, "send", lambda *_: True)
    old = clock.now() - timedelta(days=400)
    for state in (MessageState.SENT, MessageState.QUEUED, MessageState.RETRY):
        a_letter_in(state).created_at = old
    fresh = a_letter_in(MessageState.SENT)
    db.session.commit()
    assert service.purge(clock.now()) == 1
    left = db.session.scalars(sa.select(Message.state)).all()
    assert sorted(left) == sorted([MessageState.QUEUED, MessageState.RETRY, MessageState.SENT]) and fresh.id
