"""The outbox and its letters, as staff see them."""

import re

import pytest
import sqlalchemy as sa

from eventhub import security
from eventhub.db import db
from eventhub.mail import sender, service
from eventhub.mail.models import Message
from eventhub.mail.states import NO_ANSWER, MessageState
from eventhub.security import Role
from tests.factories.basics import a_meeting
from tests.factories.mail import a_letter

pytestmark = pytest.mark.usefixtures("letters")


@pytest.fixture
def meeting(app):
    return a_meeting(title="APPM, Manila")


@pytest.fixture
def organiser(sign_in, meeting):
    return sign_in(Role.ORGANISER, meeting)


def address(meeting, message=None, step=""):
    end = f"/{message.id}{step}" if message is not None else ""
    return f"/staff/m/{meeting.slug}/letters{end}"


def failed(meeting, **facts) -> Message:
    message = a_letter(meeting=meeting, **facts)
    message.state, message.problem = MessageState.FAILED, "The mail server answered: 550 No such mailbox"
    db.session.commit()
    return message


def test_the_outbox_shows_states_finds_and_filters(organiser, meeting):
    assert "No letter yet" in organiser.get(address(meeting)).text
    failed(meeting, to_email="wrong@b.example", context={"name": "Kanya"})
    a_letter(meeting=meeting, to_email="right@b.example")
    a_letter(meeting=a_meeting(), to_email="elsewhere@b.example")
    page = organiser.get(address(meeting)).text
    assert "wrong@b.example" in page and "550 No such mailbox" in page and "right@b.example" in page
    assert "elsewhere@b.example" not in page and "Send the failed letter again" in page
    assert "right@b.example" not in organiser.get(address(meeting) + "?state=failed").text
    found = organiser.get(address(meeting) + "?q=KANYA").text
    assert "wrong@b.example" in found and "right@b.example" not in found
    assert "No letter here" in organiser.get(address(meeting) + "?q=%25&state=nonsense").text


def test_the_mail_server_being_away_is_said_once_and_calmly(organiser, meeting):
    message = a_letter(meeting=meeting)
    message.state, message.problem = MessageState.RETRY, NO_ANSWER
    assert "The mail server is away" in organiser.get(address(meeting)).text


def test_a_letter_is_shown_as_it_looks_with_its_links_dead(organiser, meeting):
    message = a_letter(meeting=meeting, context={"name": "<script>alert(1)</script>"})
    ident = int(message.text.split("eventhub-link:me/")[1].split("/")[0])
    page, look = organiser.get(address(meeting, message)), organiser.get(address(meeting, message, "/look"))
    for text in (page.text, look.text):
        assert security.token("me", ident) not in text and "eventhub-link:" not in text
        assert "https://link.invalid/me" in text and "<script>alert" not in text
    assert 'sandbox title="The letter"' in page.text
    policy = look.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and policy.endswith("sandbox") and "frame-ancestors 'self'" in policy
    assert look.headers["Cache-Control"] == "no-store"


def test_a_test_goes_to_who_asked_once_however_often_pressed(organiser, meeting, sink):
    message = a_letter(meeting=meeting)
    message.state = MessageState.SENT
    page = organiser.get(address(meeting, message)).text
    action = re.search(r'action="([^"]*/test/[0-9a-f]{32})"', page)[1]
    for _ in range(2):
        assert "on its way to organiser@staff.example" in organiser.post(action, follow_redirects=True).text
    db.session.commit()
    assert sender.run() == 1
    (copy,) = sink.to("organiser@staff.example")
    assert copy["Subject"].startswith("[Test] ")


def test_an_address_is_corrected_and_the_letter_goes(organiser, meeting, sink):
    message = failed(meeting)
    bad = organiser.post(address(meeting, message, "/address"), data={"to_email": "half@"})
    assert bad.status_code == 422 and "complete address" in bad.text and "half@" in bad.text
    assert organiser.post(address(meeting, message, "/address"), data={"to_email": ""}).status_code == 422
    good = organiser.post(
        address(meeting, message, "/address"), data={"to_email": "right@b.example"}, follow_redirects=True
    )
    assert "The letter goes to right@b.example now." in good.text
    assert "Corrected the address of a letter and sent it again" in good.text
    db.session.commit()
    assert sender.run() == 1 and len(sink.to("right@b.example")) == 1


def test_a_doubtful_letter_is_decided_on_its_page(organiser, meeting):
    for step, state in (("/arrived", MessageState.SENT), ("/again", MessageState.QUEUED)):
        message = failed(meeting)
        message.state, message.problem = MessageState.UNKNOWN, "Nobody knows."
        page = organiser.get(address(meeting, message)).text
        assert "It arrived" in page and "Send again" in page
        assert organiser.post(address(meeting, message, step)).status_code == 302
        db.session.expire_all()
        assert message.state is state
        # a second press of the same button says so, and changes nothing
        assert organiser.post(address(meeting, message, step)).status_code == 409


def test_an_address_that_bounced_is_allowed_again(organiser, meeting):
    service.suppress("gone@b.example", reason="It bounced.", by=service.audit.SYSTEM)
    message = a_letter(meeting=meeting, to_email="gone@b.example")
    page = organiser.get(address(meeting, message)).text
    assert "This address is not written to" in page and "Allow this address again" in page
    assert organiser.post(address(meeting, message, "/allow")).status_code == 302
    assert organiser.post(address(meeting, message, "/again")).status_code == 302


def test_failed_letters_go_again_together(organiser, meeting):
    messages = [failed(meeting) for _ in range(3)]
    assert "Send 3 failed letters again" in organiser.get(address(meeting)).text
    answer = organiser.post(address(meeting) + "/send-again", follow_redirects=True)
    assert "Letters that go out again: 3." in answer.text
    db.session.expire_all()
    assert {m.state for m in messages} == {MessageState.QUEUED}


def test_the_first_page_counts_what_waits_for_a_decision(organiser, meeting):
    failed(meeting)
    failed(meeting).state = MessageState.UNKNOWN
    page = organiser.get(f"/staff/m/{meeting.slug}/").text
    assert "could not be delivered" in page and "may have arrived or not" in page


def test_a_letter_about_a_child_is_not_there_for_who_may_not_see_children(organiser, meeting, monkeypatch):
    message = failed(meeting, about_child=True, to_email="guardian@b.example")
    assert "guardian@b.example" in organiser.get(address(meeting)).text
    for role in (Role.ORGANISER, Role.ADMINISTRATOR):
        rights = security.PERMISSIONS[role] - {"safeguarding.see_children"}
        monkeypatch.setitem(security.PERMISSIONS, role, frozenset(rights))
    for query in ("", "?q=guardian", "?state=failed"):
        page = organiser.get(address(meeting) + query).text
        assert "guardian@b.example" not in page and "Failed" not in page
    for step in ("", "/look"):
        assert organiser.get(address(meeting, message, step)).status_code == 404
    for step in ("/again", "/arrived", "/address", "/allow", "/test/x"):
        assert organiser.post(address(meeting, message, step), data={"to_email": "a@b.example"}).status_code == 404
    organiser.post(address(meeting) + "/send-again")
    db.session.expire_all()
    assert message.state is MessageState.FAILED
    assert "could not be delivered" not in organiser.get(f"/staff/m/{meeting.slug}/").text


def test_one_meetings_letters_are_nothing_to_another(organiser, meeting):
    elsewhere = failed(a_meeting())
    nowhere = failed(None)
    for message in (elsewhere, nowhere):
        assert organiser.get(address(meeting, message)).status_code == 404
        assert organiser.post(address(meeting, message, "/again")).status_code == 404
    assert organiser.get(f"/staff/letters/{nowhere.id}").status_code == 403
    assert organiser.get("/staff/letters").status_code == 403


def test_letters_of_no_meeting_are_for_administrators(sign_in, meeting):
    message = failed(None, to_email="party@b.example")
    browser = sign_in(Role.ADMINISTRATOR)
    assert "party@b.example" in browser.get("/staff/letters").text
    page = browser.get(f"/staff/letters/{message.id}")
    assert page.status_code == 200 and f'action="/staff/letters/{message.id}/address"' in page.text
    assert browser.post(f"/staff/letters/{message.id}/again").headers["Location"] == f"/staff/letters/{message.id}"


@pytest.mark.parametrize("role", [Role.DOOR, Role.READER, Role.PROGRAMME, Role.SAFEGUARDING])
def test_who_may_not_read_letters(sign_in, meeting, role):
    message = failed(meeting)
    browser = sign_in(role, meeting)
    assert browser.get(address(meeting)).status_code == 403
    assert browser.get(address(meeting, message, "/look")).status_code == 403
    assert browser.post(address(meeting, message, "/again")).status_code == 403
    assert db.session.scalar(sa.select(Message.state).where(Message.id == message.id)) is MessageState.FAILED
