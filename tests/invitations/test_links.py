"""The organisation's and the nominee's pages, as opened from a letter."""

import html
import itertools
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from eventhub import clock, security
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.directory.models import Person
from eventhub.invitations import queries, service
from eventhub.invitations.models import Nomination
from eventhub.invitations.states import InvitationState, NominationState
from eventhub.mail.models import Message
from eventhub.meetings.states import MeetingState
from eventhub.registration import service as registrations
from eventhub.registration import service_deciding
from eventhub.registration.states import RegistrationState
from tests.factories.basics import a_meeting
from tests.factories.invitations import a_nomination, address, an_invitation, an_invited_organisation, nominee_address

S = InvitationState
PERSON = {
    "full_name": "ចាន់ ដារ៉ា",
    "latin_name": "Chan Dara",
    "role": "delegate",
    "adult": "yes",
    "email": "dara@lotus.example",
}
CHILD = {
    "full_name": "Rithy",
    "role": "delegate",
    "adult": "no",
    "contact_name": "Sok Maly",
    "contact_email": "maly@families.example",
}


def register(nomination):
    """The nominee's registration, as their form makes it."""
    person, meeting = nomination.person, nomination.invitation.meeting
    registration = registrations.register(
        meeting=meeting,
        nomination=nomination,
        full_name=person.full_name,
        email=person.email,
        accepts_code=True,
        by=registrations.participant(),
    )
    db.session.commit()
    return registration


def state_of(row):
    db.session.expire_all()
    return row.state


def test_opening_shows_everything_and_changes_no_state(client):
    meeting = a_meeting(title="APPM, Manila", tz="Asia/Manila")
    organisation = an_invited_organisation(name="Lotus Network", country="BD")
    invitation = an_invitation(meeting=meeting, organisation=organisation, seats=3)
    with clock.frozen(clock.now()):
        for _visit in range(2):
            page = client.get(address(invitation))
            assert page.status_code == 200
        opened = clock.now()
    words = ("Lotus Network", "APPM, Manila", "23:59 (Manila time, UTC+8)", "21:59 (Dhaka time, UTC+6)")
    assert [word for word in words if word not in page.text] == []
    assert state_of(invitation) is S.SENT and invitation.opened_at == opened


def test_a_scanner_that_looks_at_every_address_with_get_decides_nothing(client, app):
    invitation = an_invitation()
    nomination = a_nomination()
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("invitation."):
            token = address(invitation).split("/")[-1]
            path = rule.rule.replace("<token>", token).replace("<int:nomination_id>", str(nomination.id))
            assert client.get(path).status_code in (200, 302, 404, 405)
            assert client.head(path).status_code in (200, 302, 404, 405)
    assert (state_of(invitation), state_of(nomination)) == (S.SENT, NominationState.INVITED)


def test_who_reloads_the_answer_to_a_form_lands_on_its_page(client):
    invitation = an_invitation(S.ACCEPTED)
    refused = client.post(f"{address(invitation)}/people", data={"full_name": "Sok Maly"})
    assert refused.status_code == 422 and "autofocus" in refused.text  # the errors come into sight, and have the focus
    again = client.get(f"{address(invitation)}/people?lang=ur")  # the address that now stands in the browser
    assert (again.status_code, again.headers["Location"]) == (302, f"{address(invitation)}?lang=ur")


def test_accepting_naming_and_the_letter_that_follows(client):
    invitation = an_invitation()
    link = address(invitation)
    page = client.post(f"{link}/accept", follow_redirects=True).text
    assert "You accepted" in page and "Name a person" in page
    page = client.post(f"{link}/people", data=PERSON, follow_redirects=True).text
    assert "ចាន់ ដារ៉ា" in page and "1 of 2" in page and "dara@lotus.example" not in page
    message = db.session.scalars(sa.select(Message).where(Message.letter == "nomination")).one()
    assert message.to_email == "dara@lotus.example" and "eventhub-link:nomination" in message.text


def test_a_double_click_is_one_click(client):
    invitation = an_invitation()
    link = address(invitation)
    for path, data in [("accept", {}), ("people", PERSON), ("decline", {"reason": "No visa"})]:
        for _press in range(2):
            assert client.post(f"{link}/{path}", data=data).status_code == 302
    assert state_of(invitation) is S.DECLINED
    rows = list(db.session.scalars(sa.select(Message.letter).order_by(Message.id)))
    assert rows == ["invitation", "nomination", "nomination_withdrawn"]


def test_declining_says_why_and_can_be_taken_back_before_the_deadline(client, sign_in):
    invitation = an_invitation()
    link = address(invitation)
    page = client.post(f"{link}/decline", data={"reason": "No <b>budget</b>\nthis year"}, follow_redirects=True).text
    assert "You declined" in page and "Accept after all" in page
    record = sign_in().get(f"/staff/m/{invitation.meeting.slug}/invitations/{invitation.id}").text
    assert "No &lt;b&gt;budget&lt;/b&gt;" in record
    assert client.post(f"{link}/accept").status_code == 302
    assert state_of(invitation) is S.ACCEPTED


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"full_name": ""}, "Write the person's name."),
        ({"full_name": " \u200b\x07 \n"}, "at least one letter"),
        ({"latin_name": "ដារ៉ា"}, "in Latin letters"),
        ({"full_name": "x" * 301}, "300"),
        ({"full_name": "x" * 2_000_000}, "300"),
        ({"email": ""}, "Write this person's e-mail address"),
        ({"email": "dara@"}, "complete e-mail address"),
        ({"email": "dara@lotus.example\nBcc: all@x.example"}, "complete e-mail address"),
        ({"adult": ""}, "Say whether the person is 18 or over."),
        ({"adult": "maybe"}, "Not a valid choice"),
        ({"role": "king"}, "Not a valid choice"),
        ({"role": "child_delegate"}, "Not a valid choice"),
        (CHILD, "18 and over"),
    ],
)
def test_a_wrong_person_comes_back_with_a_sentence_and_what_was_typed(client, change, sentence):
    invitation = an_invitation(S.ACCEPTED)
    answer = client.post(f"{address(invitation)}/people", data={**PERSON, **change})
    assert answer.status_code == 422 and sentence in html.unescape(answer.text)
    assert "lotus" in answer.text or ("Chan Dara" in answer.text and answer.text.count("error-summary") == 1)
    assert db.session.scalar(sa.select(sa.func.count(Nomination.id))) == 0


@pytest.mark.parametrize(
    "name",
    [
        "អ" * 300,
        "محمد علی جناح",
        "𠮷野 太郎 🌾",
        "Suharto",
        "Sok\r\nBcc: everybody@x.example",
        "<script>alert(1)</script>",
        "{{ 7 * 7 }} %(n)s %s",
        "eventhub-link:me/1/1",
        "=HYPERLINK(1)",
    ],
)
def test_names_of_all_kinds_are_kept_shown_and_mailed(client, sign_in, name):
    invitation = an_invitation(S.ACCEPTED)
    answer = client.post(f"{address(invitation)}/people", data={**PERSON, "full_name": name}, follow_redirects=True)
    assert answer.status_code == 200 and "<script>alert" not in answer.text
    person = db.session.scalars(sa.select(Person)).one()
    assert person.full_name == re.sub(r"[\r\n]+", " ", name)
    message = db.session.scalars(sa.select(Message).where(Message.letter == "nomination")).one()
    assert "\n" not in message.to_name + message.subject and "<script>alert" not in message.html
    record = sign_in().get(f"/staff/m/{invitation.meeting.slug}/invitations/{invitation.id}")
    assert record.status_code == 200 and "<script>alert" not in record.text


def test_an_address_that_is_not_ascii_is_taken(client):
    invitation = an_invitation(S.ACCEPTED)
    client.post(f"{address(invitation)}/people", data={**PERSON, "email": "ដារ៉ា@ខ្មែរ.example"})
    assert db.session.scalars(sa.select(Message).where(Message.letter == "nomination")).one().problem == ""


def test_replacing_and_taking_back_by_the_link(client):
    invitation = an_invitation(S.ACCEPTED, seats=1)
    old = a_nomination(invitation)
    link = f"{address(invitation)}/people/{old.id}"
    assert old.person.full_name in client.get(f"{link}/replace").text
    wrong = client.post(f"{link}/replace", data={**PERSON, "full_name": ""})
    assert wrong.status_code == 422 and state_of(old) is NominationState.INVITED
    assert client.post(f"{link}/replace", data=PERSON).status_code == 302
    new = db.session.scalars(sa.select(Nomination).where(Nomination.id != old.id)).one()
    assert (state_of(old), state_of(new)) == (NominationState.REPLACED, NominationState.INVITED)
    assert client.post(f"{address(invitation)}/people/{new.id}/withdraw").status_code == 302
    assert state_of(new) is NominationState.WITHDRAWN
    again = client.post(f"{link}/replace", data={**PERSON, "full_name": "Somebody Else"})
    assert again.status_code == 409 and "not possible from the present state" in again.text


@pytest.mark.parametrize("act", ["replace", "withdraw"])
def test_who_is_replaced_or_taken_back_after_registering_is_cancelled_and_told_once(client, act):
    nomination = a_nomination(an_invitation(S.ACCEPTED, seats=1))
    registration = register(nomination)
    link = f"{address(nomination.invitation)}/people/{nomination.id}"
    assert "is cancelled, and the person is told" in client.get(address(nomination.invitation)).text
    wrong = client.post(f"{link}/replace", data={**PERSON, "email": ""})
    assert wrong.status_code == 422 and state_of(registration) is RegistrationState.CONFIRMED
    assert client.post(f"{link}/{act}", data=PERSON).status_code == 302
    assert state_of(registration) is RegistrationState.CANCELLED
    to_them = sa.select(Message.letter).where(Message.to_email == nomination.person.email).order_by(Message.id)
    assert list(db.session.scalars(to_them))[-1] == "registration_cancelled"
    assert "nomination_withdrawn" not in list(db.session.scalars(to_them))


def test_the_organisation_sees_that_somebody_cancelled_and_can_name_another(client):
    nomination = a_nomination(an_invitation(S.ACCEPTED, seats=1))
    service_deciding.cancel(register(nomination), by=SYSTEM)
    db.session.commit()
    assert "Cancelled" in client.get(address(nomination.invitation)).text
    link = f"{address(nomination.invitation)}/people/{nomination.id}/replace"
    assert client.post(link, data=PERSON).status_code == 302


def test_a_registration_of_their_own_outlives_the_nomination(client):
    nomination = a_nomination()
    registration = register(nomination)
    registration.nomination_id = None
    db.session.commit()
    client.post(f"{address(nomination.invitation)}/people/{nomination.id}/withdraw")
    assert state_of(registration) is RegistrationState.CONFIRMED


def test_an_alternate_takes_a_free_seat(client):
    invitation = an_invitation(S.ACCEPTED, seats=1)
    link = address(invitation)
    page = client.post(f"{link}/people", data={**PERSON, "role": "alternate"}, follow_redirects=True).text
    assert "named as an alternate" in page
    spare = db.session.scalars(sa.select(Nomination)).one()
    page = client.post(f"{link}/people/{spare.id}/up", follow_redirects=True).text
    assert "on its way" in page and state_of(spare) is NominationState.INVITED


def test_nobody_reaches_another_organisation_s_people(client):
    mine, other = an_invitation(S.ACCEPTED), a_nomination()
    for act in ("withdraw", "up"):
        assert client.post(f"{address(mine)}/people/{other.id}/{act}").status_code == 404
    assert client.get(f"{address(mine)}/people/{other.id}/replace").status_code == 404
    assert state_of(other) is NominationState.INVITED


def test_after_the_deadline_the_page_is_read_only(client):
    accepted, sent = an_invitation(S.ACCEPTED), an_invitation()
    with clock.frozen(queries.closes_at(accepted) + timedelta(minutes=1)):
        page = client.get(address(accepted))
        assert page.status_code == 200 and "<form" not in page.text and "The deadline is over" in page.text
        assert client.post(f"{address(accepted)}/people", data=PERSON).status_code == 410
        answer = client.get(address(sent))
        assert answer.status_code == 410 and "they can give you more time" in answer.text
        assert sent.meeting.contact_email in answer.text and sent.meeting.title in answer.text


def test_a_cancelled_meeting_says_so_and_takes_no_answer(client):
    invitation = an_invitation()
    invitation.meeting.state = MeetingState.CANCELLED
    db.session.commit()
    page = client.get(address(invitation)).text
    assert "will not take place" in page and "<form" not in page and "deadline is over" not in page
    assert client.post(f"{address(invitation)}/accept").status_code == 409
    assert state_of(invitation) is S.SENT


@pytest.mark.parametrize("kind", ["invitation", "nomination"])
def test_guessed_links_are_refused_with_a_sentence(client, kind):
    an_invitation(), a_nomination()
    for token in ("1-1-" + "a" * 26, "1", "1-1", "x" * 500, "1-1-" + "A" * 26, "１-1-" + "a" * 26):
        answer = client.get(f"/{kind}/{token}")
        assert answer.status_code == 404 and "This link does not work" in answer.text


def test_guessing_is_slowed_down_and_a_good_link_costs_nothing(app, client, monkeypatch):
    invitation = an_invitation()
    monkeypatch.setattr(security.limiter, "enabled", True)
    security.limiter.reset()
    try:
        for _visit in range(40):
            assert client.get(address(invitation)).status_code == 200
        answers = [client.get(f"/invitation/{n}-1-{'a' * 26}").status_code for n in range(40)]
    finally:
        security.limiter.reset()
    assert answers == [404] * 30 + [429] * 10


# --- children ----------------------------------------------------------------------------------------------------


def test_a_child_is_named_with_an_adult_and_its_own_address_is_not_kept(client):
    invitation = an_invitation(S.ACCEPTED, meeting=a_meeting(admits_children=True))
    data = {**PERSON, **CHILD, "latin_name": "Sok Rithy", "email": "rithy@school.example"}
    page = client.post(f"{address(invitation)}/people", data=data, follow_redirects=True)
    assert page.status_code == 200 and "not to the child" in page.text
    person = db.session.scalars(sa.select(Person)).one()
    assert (person.is_child, person.called, person.latin_name, person.email) == (True, "Rithy", "", "")
    messages = list(db.session.scalars(sa.select(Message).where(Message.letter.like("nomination%"))))
    assert [(m.letter, m.to_email) for m in messages] == [("nomination_guardian", "maly@families.example")]
    assert "rithy@school.example" not in "".join(m.text + m.html for m in messages)


def test_a_meeting_without_children_does_not_ask_for_a_guardian(client):
    page = client.get(address(an_invitation(S.ACCEPTED))).text
    assert "Is this person 18 or over?" in page and "guardian" not in page
    other = client.get(address(an_invitation(S.ACCEPTED, meeting=a_meeting(admits_children=True)))).text
    assert "We never write to a child" in other
    # where children come, each answer shows only the address that it needs; elsewhere nothing is hidden
    # (a rule of the stylesheet, where a form has both)
    assert "of-child" in other and "of-child" not in page


# --- the nominee's own link --------------------------------------------------------------------------------------


def test_the_nominee_finds_the_form_and_may_say_no_and_yes_again(client):
    nomination = a_nomination()
    link = nominee_address(nomination)
    page = client.get(link).text
    assert nomination.person.full_name in page and "named you to take part" in page
    form = re.search(r'href="([^"]+/register\?nomination=[^"]+)"', page)
    assert client.get(html.unescape(form[1])).status_code == 200
    for _press in range(2):
        assert client.post(f"{link}/decline").status_code == 302
    assert state_of(nomination) is NominationState.DECLINED
    assert "I can come after all" in client.get(link).text
    assert client.post(f"{link}/return").status_code == 302
    assert state_of(nomination) is NominationState.INVITED


def test_a_used_a_withdrawn_and_an_expired_link_each_say_so(client):
    used, withdrawn, late = a_nomination(), a_nomination(), a_nomination()
    service.mark_registered(used, by=SYSTEM)
    gone = nominee_address(withdrawn)
    client.post(f"{address(withdrawn.invitation)}/people/{withdrawn.id}/withdraw")
    late.invitation.meeting.registration_closes = clock.now() - timedelta(hours=1)
    db.session.commit()
    for link, word in [
        (nominee_address(used), "registered already"),
        (gone, "withdrawn"),
        (nominee_address(late), "expired"),
    ]:
        answer = client.get(link)
        assert answer.status_code == 410 and word in answer.text
        assert "secretariat@" in answer.text  # whoever held a true link reads whom to ask


def test_when_all_seats_have_a_name_the_form_offers_an_alternate(client):
    invitation = an_invitation(S.ACCEPTED, seats=1)
    page = client.get(address(invitation)).text
    assert 'selected value="delegate"' in page and '<details class="fold" id="name">' not in page
    a_nomination(invitation)
    page = client.get(address(invitation)).text
    assert "Name an alternate" in page and 'selected value="alternate"' in page
    assert '<details class="fold" id="name">' in page  # nothing is left to do: the form waits folded
    wrong = client.post(f"{address(invitation)}/people", data={**PERSON, "full_name": ""})
    assert wrong.status_code == 422 and '<details class="fold" id="name" open>' in wrong.text


def test_every_page_reads_in_khmer_and_urdu(client):
    meeting = a_meeting(admits_children=True)
    nomination = a_nomination(an_invitation(S.ACCEPTED, meeting=meeting), full_name="Đặng Thị Ngọc Thịnh")
    for link, language in itertools.product(
        (address(nomination.invitation), nominee_address(nomination)), ("km", "ur")
    ):
        page = client.get(f"{link}?lang={language}").text
        assert f'lang="{language}"' in page and ('dir="rtl"' in page) is (language == "ur")
