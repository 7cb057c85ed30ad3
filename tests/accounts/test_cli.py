"""``eventhub user``."""

import pytest

from eventhub.accounts import queries
from eventhub.accounts.cli import commands
from eventhub.db import db
from eventhub.mail.models import Message
from eventhub.security import Role
from tests.accounts.staff import PASSWORD, sign_in_as, signed_in
from tests.factories.basics import a_meeting


@pytest.fixture
def run(app):
    def call(*words, text=None):
        db.session.commit()
        answer = app.test_cli_runner().invoke(commands, list(words), input=text)
        db.session.expire_all()
        return answer

    return call


def test_the_first_account_is_made_with_a_password(client, run):
    words = ("create", "--email", "Ana@hub.example", "--name", "Ana", "--role", "reader", "--password-stdin")
    done = run(*words, text=PASSWORD + "\n")
    assert done.output == "ana@hub.example is now reader of all meetings.\n"
    sign_in_as(client, queries.find_user("ana@hub.example"))
    assert signed_in(client)


def test_without_a_password_a_letter_is_sent(run):
    meeting = a_meeting()
    done = run("create", "--email", "ana@hub.example", "--role", "organiser", "--meeting", meeting.slug)
    assert done.exit_code == 0 and "letter" in done.output
    assert [(g.role, g.meeting_id) for g in queries.find_user("ana@hub.example").grants] == [
        (Role.ORGANISER, meeting.id)
    ]
    assert db.session.query(Message).one().letter == "staff_invitation"


def test_roles_are_given_and_listed(run):
    meeting = a_meeting()
    run("create", "--email", "ana@hub.example", "--name", "Ana", "--role", "reader")
    assert run("grant", "ana@hub.example", "door", "--meeting", meeting.slug).exit_code == 0
    listed = run("list").output
    assert listed == f"ana@hub.example\tAna\treader of all meetings, door of {meeting.slug}\n"


@pytest.mark.parametrize(
    ("words", "text", "sentence"),
    [
        (("create", "--email", "a@b.example", "--role", "king"), None, "king"),
        (("create", "--email", "nobody", "--role", "reader"), None, "e-mail"),
        (("create", "--email", "a@b.example", "--role", "reader", "--password-stdin"), "short\n", "at least 12"),
        (("create", "--email", "a@b.example", "--role", "reader", "--meeting", "none"), None, "no meeting"),
        (("grant", "nobody@b.example", "reader"), None, "no account"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(run, words, text, sentence):
    answer = run(*words, text=text)
    assert answer.exit_code != 0 and sentence in answer.output
    assert queries.list_users() == [] and db.session.query(Message).count() == 0
