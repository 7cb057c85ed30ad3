"""What becomes a row in the outbox, and that it does so once."""

import threading

import pytest
import sqlalchemy as sa

from eventhub import security, tasks
from eventhub.db import db, writing
from eventhub.mail import addresses, queries, service
from eventhub.mail.models import Message, Suppression
from eventhub.mail.states import NO_ADDRESS, WRONG_ADDRESS, MessageState
from tests.factories.basics import a_meeting
from tests.factories.mail import a_letter

pytestmark = pytest.mark.usefixtures("letters")


@pytest.fixture
def named(monkeypatch):
    """The tasks that were handed to the broker."""
    seen = []
    monkeypatch.setattr(tasks, "send", lambda name, *args: seen.append((name, *args)))
    return seen


def test_a_letter_is_rendered_now_and_named_to_the_worker_after_the_commit(app, named):
    message = a_letter(to_name="Sopheap", meeting=a_meeting(title="APPM, Manila"))
    assert (message.state, message.subject) == (MessageState.QUEUED, "Welcome, Sopheap")
    assert message.text.startswith("Dear Sopheap,\n\n28 July 2025\neventhub-link:me/")
    assert "APPM, Manila" in message.text and "<style" not in message.html and 'lang="en"' in message.html
    assert named == []
    db.session.commit()
    assert named == [(tasks.MAIL_SEND,)]


def test_a_letter_speaks_the_recipients_language_and_not_the_pages(app):
    with app.test_request_context(headers={"Accept-Language": "km"}):
        urdu, thai = a_letter(language="ur-PK"), a_letter(language="th")
    assert 'lang="ur" dir="rtl"' in urdu.html and "28 جولائی" in urdu.text
    assert 'lang="en" dir="ltr"' in thai.html and (thai.language, urdu.language) == ("th", "ur-PK")


def test_the_same_purpose_is_the_same_row(app, named):
    first = a_letter(key="invitation:1")
    assert a_letter(key="invitation:1", context={"name": "Another"}) is first
    db.session.commit()
    assert a_letter(key="invitation:1").id == first.id
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Message)) == 1


def test_twenty_at_once_for_one_purpose_make_one_row(app):
    gate, found, failed = threading.Barrier(20), [], []

    def ask() -> None:
        with app.app_context():
            token = writing.set(True)
            try:
                gate.wait()
                message = a_letter(key="confirmation:1")
                db.session.commit()
                found.append(message.id)
            except Exception as error:
                failed.append(error)
            finally:
                db.session.remove()
                writing.reset(token)

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == [] and len(found) == 20 and len(set(found)) == 1


def test_losing_the_race_keeps_what_the_caller_did_and_the_tasks_it_named(app, named):
    a_letter(key="taken")
    db.session.commit()
    named.clear()
    tasks.after_commit(db.session, tasks.JOBS_RUN, 7)
    db.session.add(Suppression(email_key="gone@network.example", reason="It bounced."))
    twin = Message(key="taken", letter="greeting", to_email="x@y.example", subject="s", text="t", html="h")
    assert service._add_once(twin).id == queries.find_message("taken").id
    db.session.commit()
    assert named == [(tasks.JOBS_RUN, 7)]
    assert queries.find_suppression("Gone@NETWORK.example").reason == "It bounced."


def test_a_rollback_leaves_neither_row_nor_task(app, named):
    a_letter(key="never")
    db.session.rollback()
    db.session.commit()
    assert queries.find_message("never") is None and named == []


@pytest.mark.parametrize(
    ("address", "state", "problem"),
    [
        ("", MessageState.FAILED, NO_ADDRESS),
        ("someone", MessageState.FAILED, WRONG_ADDRESS),
        ("a@b.example\r\nBcc: all@b.example", MessageState.FAILED, WRONG_ADDRESS),
        ("x" * 300 + "@b.example", MessageState.FAILED, WRONG_ADDRESS),
        ("សុភាព@network.example", MessageState.QUEUED, ""),
        ("person@ឧទាហរណ៍.example", MessageState.QUEUED, ""),
    ],
)
def test_a_wrong_address_is_for_the_staff_and_no_error(app, named, address, state, problem):
    message = a_letter(to_email=address)
    db.session.commit()
    assert (message.state, message.problem) == (state, problem)
    assert bool(named) is (state is MessageState.QUEUED)


def test_who_must_not_be_written_to_is_not(app, named):
    db.session.add(Suppression(email_key=addresses.key("gone@network.example"), reason="It bounced."))
    message = a_letter(to_email="Gone@Network.Example")
    db.session.commit()
    assert message.state is MessageState.SUPPRESSED and "It bounced." in message.problem and named == []


def test_nobody_adds_a_header_through_a_name(app):
    message = a_letter(to_name="A\r\nBcc: all@b.example", context={"name": "A\r\nBcc: all@b.example\x00"})
    assert message.subject == "Welcome, A Bcc: all@b.example"
    assert message.to_name == "A Bcc: all@b.example"


def test_names_are_words_and_never_markup(app):
    message = a_letter(context={"name": "<b>& {{ 7*7 }}</b>"})
    assert "&lt;b&gt;&amp; {{ 7*7 }}&lt;/b&gt;" in message.html and "<b>& {{ 7*7 }}</b>" in message.text


@pytest.mark.once
def test_only_our_own_placeholders_become_links(app):
    ours = security.placeholder("me", 5, 2)
    assert security.fill_links(f"see {ours}.") == f"see {security.link('me', 5, 2)}."
    typed = ("eventhub-link:me/6/1", "eventhub-link:me/6/1/" + "a" * 26, ours.replace("me/5/2", "me/6/2"))
    for text in typed:
        assert security.token("me", 6) not in security.fill_links(text)
        assert "/me/6" not in security.fill_links(text)
    assert security.deaden_links(ours) == "https://link.invalid/me"
