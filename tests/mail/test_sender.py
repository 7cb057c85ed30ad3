"""How letters leave: what the mail server hears, what its answers mean, what is written down."""

import threading
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
import sqlalchemy as sa

from eventhub import clock, security, up
from eventhub.db import db
from eventhub.mail import addresses, compose, post, sender
from eventhub.mail.letters import ATTACHMENTS, attachment
from eventhub.mail.models import Message, Suppression
from eventhub.mail.states import NO_ANSWER, MessageState
from tests.factories.basics import a_meeting
from tests.factories.mail import a_letter

pytestmark = pytest.mark.usefixtures("letters")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def send() -> int:
    db.session.commit()
    return sender.run()


def reread(message: Message) -> Message:
    """The row as it is now, in no transaction: the next run needs the locks."""
    db.session.refresh(message)
    db.session.commit()
    return message


@pytest.fixture(autouse=True)
def _rows_stay_readable(app, monkeypatch):
    monkeypatch.setattr(db.session(), "expire_on_commit", False)


def test_a_letter_arrives_whole_and_once(app, sink):
    meeting = a_meeting(contact_email="secretariat@hub.example")
    message = a_letter(to_email="sopheap@network.example", to_name="សុភាព ចាន់", meeting=meeting, key="one")
    with clock.frozen(NOON):
        message.next_attempt_at = NOON
        assert send() == 1
    (arrived,) = sink.messages
    assert arrived["To"].addresses[0].display_name == "សុភាព ចាន់"
    assert arrived["X-Envelope-To"] == "sopheap@network.example"
    assert (arrived["Subject"], arrived["Reply-To"]) == ("Welcome, Sopheap", "secretariat@hub.example")
    assert arrived["From"].addresses[0].addr_spec == "eventhub@localhost"
    assert arrived["Auto-Submitted"] == "auto-generated" and parsedate_to_datetime(arrived["Date"]) == NOON
    text, html = arrived.get_body(("plain",)).get_content(), arrived.get_body(("html",)).get_content()
    link = security.link(*_purpose(message))
    assert link in text and f'href="{link}"' in html and "eventhub-link:" not in text + html
    row = reread(message)
    assert (row.state, row.sent_at, row.attempts, row.claim) == (MessageState.SENT, NOON, 1, None)
    assert "eventhub-link:" in row.text and security.token(*_purpose(message)) not in row.text + row.html
    assert send() == 0 and len(sink.messages) == 1


def _purpose(message: Message) -> tuple[str, int, int]:
    purpose, ident, version = message.text.split("eventhub-link:")[1].split("/")[:3]
    return purpose, int(ident), int(version)


def test_what_is_not_due_waits(app, sink):
    a_letter().next_attempt_at = clock.now() + timedelta(minutes=1)
    a_letter(to_email="")
    assert send() == 0 and sink.messages == []


def test_two_hundred_letters_go_over_one_connection(app, moody):
    for _ in range(200):
        a_letter()
    assert send() == 200
    assert len(moody.messages) == 200 and moody.connections == 1
    assert len({m["Message-ID"] for m in moody.messages}) == 200


@pytest.mark.parametrize("stage", ["RCPT", "DATA"])
def test_a_definite_no_fails_the_letter_and_only_this_one(app, moody, stage):
    wrong, right = a_letter(to_email="wrong@b.example"), a_letter()
    moody.answers[stage]["wrong@b.example"] = "550 5.1.1 No such mailbox"
    assert send() == 1
    assert reread(wrong).state is MessageState.FAILED
    assert wrong.problem == "The mail server answered: 550 5.1.1 No such mailbox"
    assert reread(right).state is MessageState.SENT and moody.connections == 1


@pytest.mark.parametrize("stage", ["RCPT", "DATA"])
def test_a_no_for_now_is_tried_again_with_growing_pauses_and_at_last_fails(app, moody, stage):
    message = a_letter(to_email="later@b.example")
    moody.answers[stage]["later@b.example"] = "450 4.2.1 Greylisted"
    at, pauses = NOON, []
    message.next_attempt_at = at
    while True:
        with clock.frozen(at):
            send()
        if reread(message).state is MessageState.FAILED:
            break
        assert message.state is MessageState.RETRY and "Greylisted" in message.problem
        with clock.frozen(message.next_attempt_at - timedelta(seconds=1)):
            send()
        pauses.append((message.next_attempt_at - at) // timedelta(minutes=1))
        at = message.next_attempt_at
    assert pauses == [1, 5, 15, 60, 240, 480, 960] and message.attempts == 8
    assert moody.messages == []


def test_a_letter_goes_out_when_the_server_is_ready_for_it(app, moody):
    message = a_letter(to_email="later@b.example")
    moody.answers["DATA"]["later@b.example"], moody.once = "451 Busy", True
    message.next_attempt_at = NOON
    with clock.frozen(NOON):
        assert send() == 0
    with clock.frozen(NOON + timedelta(minutes=1)):
        assert send() == 1
    row = reread(message)
    assert (row.state, row.attempts, row.problem) == (MessageState.SENT, 2, "")


def test_a_server_that_is_away_costs_no_try_and_holds_nothing_up(app, moody, monkeypatch):
    letters = [a_letter() for _ in range(3)]
    for message in letters:
        message.next_attempt_at = NOON
    there = app.config["EVENTHUB"]
    nowhere = f"smtp://127.0.0.1:{up.free_port()}"
    for minute in range(0, 60, 10):
        with monkeypatch.context() as patch, clock.frozen(NOON + timedelta(minutes=minute)):
            patch.setitem(app.config, "EVENTHUB", type(there)(**{**vars(there), "smtp_url": nowhere}))
            assert send() == 0
    for message in letters:
        row = reread(message)
        assert (row.state, row.attempts, row.problem) == (MessageState.RETRY, 0, NO_ANSWER)
    with clock.frozen(NOON + timedelta(minutes=51)):
        assert send() == 3


def test_a_connection_that_breaks_before_the_body_is_made_anew(app, moody):
    letters = [a_letter(), a_letter(to_email="drop@b.example"), a_letter()]
    moody.answers["RCPT"]["drop@b.example"], moody.once = "drop", True
    assert send() == 3
    assert {reread(m).state for m in letters} == {MessageState.SENT} and moody.connections == 2


def test_a_server_that_closes_with_421_is_asked_again_on_a_new_connection(app, moody):
    a_letter()
    a_letter(to_email="many@b.example")
    moody.answers["RCPT"]["many@b.example"], moody.once = "421 Too many letters on this connection", True
    assert send() == 2 and moody.connections == 2


@pytest.mark.parametrize(("mood", "copies"), [("drop", 0), ("keep and drop", 1)])
def test_a_connection_that_breaks_after_the_body_leaves_it_unknown(app, moody, mood, copies):
    doubtful, other = a_letter(to_email="doubt@b.example"), a_letter()
    moody.answers["DATA"]["doubt@b.example"] = mood
    assert send() == 1
    assert (reread(doubtful).state, doubtful.problem) == (MessageState.UNKNOWN, sender.MAY_HAVE_GONE)
    assert reread(other).state is MessageState.SENT
    with clock.frozen(clock.now() + timedelta(days=1)):
        sender.sweep()
        assert send() == 0
    assert len(moody.to("doubt@b.example")) == copies


def test_letters_outside_of_ascii_go_where_the_server_takes_them(app, moody):
    native = a_letter(to_email="សុភាព@ឧទាហរណ៍.example", to_name="សុភាព")
    assert send() == 1
    (arrived,) = moody.messages
    assert arrived["X-Envelope-To"].startswith("សុភាព@xn--") and reread(native).state is MessageState.SENT


def test_an_address_that_the_server_cannot_take_fails_with_a_sentence(app, moody):
    native, domain = a_letter(to_email="សុភាព@network.example"), a_letter(to_email="person@ឧទាហរណ៍.example")
    moody.utf8 = False
    assert send() == 1
    assert (reread(native).state, native.problem) == (MessageState.FAILED, sender.NO_UTF8)
    assert moody.messages[0]["X-Envelope-To"].startswith("person@xn--") and reread(domain).sent_at is not None


@pytest.mark.parametrize(
    "name",
    [
        "😀" * 300,
        "ក្រុម" * 60,
        'Quote " and \\ and, comma; <x@y.example>',
        "آپ کا نام " * 30,
        "a" * 300,
        " ",
        "=?utf-8?q?=0D=0ABcc:x?=",
        "x\u2028y\x0bz",
    ],
)
def test_any_name_makes_one_letter_to_one_address(app, sink, name):
    a_letter(to_email="one@b.example", to_name=name, context={"name": name})
    assert send() == 1
    (arrived,) = sink.messages
    assert [a.addr_spec for a in arrived["To"].addresses] == ["one@b.example"]
    assert arrived["Bcc"] is None and arrived.defects == []


def test_attachments_are_made_when_the_letter_is_sent(app, sink):
    made = []

    @attachment("test.calendar")
    def _calendar(ident):
        made.append(ident)
        return "កម្មវិធី.ics", "text/calendar; method=PUBLISH; charset=utf-8", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"

    a_letter(attachments=[{"kind": "test.calendar", "id": 5}])
    db.session.commit()
    assert made == []
    assert send() == 1
    ATTACHMENTS.pop("test.calendar")
    (file,) = sink.messages[0].iter_attachments()
    assert (file.get_filename(), file.get_content_type(), made) == ("កម្មវិធី.ics", "text/calendar", [5])
    assert file["Content-Type"].params["method"] == "PUBLISH" and "BEGIN:VCALENDAR" in file.get_content()


def test_a_file_that_cannot_be_made_is_tried_again_and_says_nothing_personal_in_the_log(app, sink, caplog):
    @attachment("test.broken")
    def _broken(ident):
        raise ValueError("Sopheap's passport is N123")

    message, other = a_letter(attachments=[{"kind": "test.broken", "id": 1}]), a_letter()
    assert send() == 1
    ATTACHMENTS.pop("test.broken")
    row = reread(message)
    assert (row.state, row.attempts, row.problem) == (MessageState.RETRY, 1, compose.NO_FILE)
    assert "ValueError in _broken" in caplog.text and "N123" not in caplog.text and row.to_email not in caplog.text
    assert reread(other).state is MessageState.SENT
    with clock.frozen(clock.now() + timedelta(days=3)):
        for _ in range(7):
            message.next_attempt_at = clock.now()
            send()
            reread(message)
    assert message.state is MessageState.FAILED and message.attempts == 8


def test_who_bounced_meanwhile_is_not_written_to(app, sink):
    message, other = a_letter(to_email="gone@b.example"), a_letter()
    db.session.add(Suppression(email_key=addresses.key("Gone@b.example"), reason="It bounced."))
    assert send() == 1
    assert reread(message).state is MessageState.SUPPRESSED and reread(other).state is MessageState.SENT
    assert message.claim is None and sink.to("gone@b.example") == []


def test_two_senders_at_once_send_every_letter_once(app, sink):
    letters = [a_letter() for _ in range(230)]
    db.session.commit()
    gate, sent, failed = threading.Barrier(4), [], []

    def work() -> None:
        with app.app_context():
            try:
                gate.wait()
                sent.append(sender.run())
            except Exception as error:
                failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == [] and sum(sent) == 230
    assert sorted(m["X-Envelope-To"] for m in sink.messages) == sorted(m.to_email for m in letters)
    states = db.session.scalars(sa.select(Message.state).distinct()).all()
    assert states == [MessageState.SENT]


def test_told_to_stop_it_finishes_the_one_in_hand_and_gives_the_rest_back(app, sink):
    letters = [a_letter() for _ in range(5)]
    db.session.commit()
    assert sender.run(go_on=lambda: len(sink.messages) < 2) == 2
    states = sorted(reread(m).state for m in letters)
    assert states == [MessageState.QUEUED] * 3 + [MessageState.SENT] * 2
    assert {m.claim for m in letters} == {None}


def test_the_sweep_takes_back_what_a_dead_sender_held_and_leaves_the_living_alone(app, sink):
    def held(claim: str, claimed: int, began: int | None = None) -> Message:
        message = a_letter()
        message.state, message.claim = MessageState.SENDING, claim
        message.claimed_at = NOON - timedelta(seconds=claimed)
        message.began_at = None if began is None else NOON - timedelta(seconds=began)
        return message

    dead, doubtful = held("dead", 400), held("dead", 400, 200)
    perhaps = held("slow", 400, 100)  # silent, but it may still wait for the server's answer
    living, waiting = held("living", 400, 5), held("living", 400)
    db.session.commit()
    with clock.frozen(NOON):
        assert sender.sweep() == (1, 1)
    states = [reread(m).state for m in (dead, doubtful, perhaps, living, waiting)]
    sending = MessageState.SENDING
    assert states == [MessageState.QUEUED, MessageState.UNKNOWN, sending, sending, sending]


def test_a_sender_that_was_believed_dead_does_not_send_what_was_taken_from_it(app, sink):
    message = a_letter()
    db.session.commit()
    with db.engine.connect() as connection, sender._turns().connect() as turns:
        claim = sender._claim(connection, turns)
        with clock.frozen(clock.now() + timedelta(minutes=5)):
            assert sender.sweep() == (1, 0)
        with post.Post(app.config["EVENTHUB"].smtp_url, "localhost") as server:
            assert claim.send_all(server, lambda: True) == 0
    assert sink.messages == [] and reread(message).state is MessageState.QUEUED


def test_it_refuses_to_wait_for_a_lock_that_its_caller_holds(app):
    a_letter()
    with pytest.raises(RuntimeError, match="commit before"):
        sender.run()
