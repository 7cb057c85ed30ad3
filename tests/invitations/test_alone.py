"""Somebody who is invited without an organisation: chosen from the directory, answers and registers by one link."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.errors import InvalidError, RuleError
from eventhub.invitations import queries_quotas, service, service_naming, service_quotas, service_sending
from eventhub.invitations.models import Invitation, Nomination
from eventhub.invitations.states import InvitationState, NominationState
from eventhub.mail.models import Message
from eventhub.meetings.states import MeetingState
from eventhub.registration.models import Registration
from tests.factories.basics import a_meeting, a_sector
from tests.factories.directory import a_person
from tests.factories.invitations import a_nominee, address, an_invitation, an_invited_organisation
from tests.registration.test_form import ADULT, rows

S = InvitationState


def a_guest(**facts):
    known = {"full_name": "ចាន់ ដារ៉ា", "latin_name": "Chan Dara", "called": "Dara", "email": "dara@lotus.example"}
    return a_person(facts.pop("organisation", None), **{**known, **facts})


def invited(meeting=None, person=None, *, send=True):
    """A person's invitation, sent. Committed."""
    meeting = meeting or a_meeting()
    deadline = clock.today(meeting.tz) + timedelta(days=5)
    (made,) = service_sending.prepare(meeting=meeting, people=[person or a_guest()], deadline=deadline, by=SYSTEM)
    if send:
        service_sending.send([made], meeting=meeting, reason="A test.", by=SYSTEM)
    db.session.commit()
    return made


def state_of(invitation):
    db.session.expire_all()
    return db.session.get(Invitation, invitation.id).state


def form_of(meeting, guest):
    known = {"full_name": guest.full_name, "latin_name": guest.latin_name, "email": guest.email}
    return {**ADULT, **known, "submission_key": f"{meeting.id:032x}"}


def test_a_person_is_chosen_from_the_directory_and_reads_a_letter_of_their_own(sign_in):
    meeting, browser, green = a_meeting(), sign_in(), a_sector("environment", "Environmental groups")
    guest = a_guest(organisation=an_invited_organisation(sector=green))
    child, hidden = a_person(is_child=True, full_name="Small Child"), a_person(at_risk=True, full_name="Hidden Person")
    base = f"/staff/m/{meeting.slug}/invitations"
    page = browser.get(f"{base}/new/people").text
    assert guest.full_name in page and "Small Child" not in page and "Hidden Person" not in page
    assert "Nobody found" in browser.get(f"{base}/new/people?q=nobody-of-that-name").text
    offer = {"deadline": (clock.today(meeting.tz) + timedelta(days=5)).isoformat(), "language": "en", "as_sector": 0}
    nobody = browser.post(f"{base}/new/people", data={**offer, "people": [child.id, hidden.id]})
    assert nobody.status_code == 422 and "Choose at least one person" in nobody.text
    for _press in range(2):
        assert browser.post(f"{base}/new/people", data={**offer, "people": [guest.id]}).status_code == 302
    (drafted,) = rows(Invitation)
    assert (drafted.seats, drafted.sector_id, drafted.email) == (1, green.id, "dara@lotus.example")
    assert guest.full_name not in browser.get(f"{base}/new/people").text
    review = browser.get(f"{base}/review").text
    assert "You are invited to" in review and "Seats for you" not in review
    browser.post(f"{base}/send", data={"ids": drafted.id})
    (letter,) = rows(Message)
    assert (letter.to_email, letter.to_name, letter.person_id) == ("dara@lotus.example", "Dara", guest.id)
    assert "name the people" not in letter.text and "colleagues" not in letter.text
    for shown in (f"{base}/?q=dara", f"{base}/{drafted.id}"):
        assert guest.full_name in browser.get(shown).text
    assert "Nobody is invited" not in browser.get(f"{base}/?q=nobody-of-that-name").text
    assert 'name="seats"' not in browser.get(f"{base}/{drafted.id}/facts").text


def test_who_accepts_registers_by_the_same_link_and_nobody_else_can_be_named(client):
    meeting, guest = a_meeting(), a_guest()
    invitation = invited(meeting, guest)
    page = client.get(address(invitation))
    assert "Will you come?" in page.text and "Name a person" not in page.text and not rows(Nomination)
    for _press in range(2):  # a double click
        assert client.post(f"{address(invitation)}/accept").status_code == 302
    (named,) = rows(Nomination)
    assert (named.person_id, named.state) == (guest.id, NominationState.INVITED)
    assert [m.letter for m in rows(Message)] == ["invitation"]
    form_address = f"/m/{meeting.slug}/register/?nomination="
    link = next(part for part in client.get(address(invitation)).text.split('"') if "register" in part and "?" in part)
    assert link.startswith(form_address) or link.startswith(form_address.replace("/?", "?"))
    assert guest.latin_name in client.get(link).text
    assert client.post(link, data=form_of(meeting, guest)).status_code == 303
    (registered,) = rows(Registration)
    assert registered.person_id == guest.id and rows(Nomination)[0].state is NominationState.REGISTERED
    assert "You have registered" in client.get(address(invitation)).text
    own = client.get(f"/nomination/{link.split('nomination=')[1]}")
    assert own.status_code == 410  # used
    with pytest.raises(RuleError, match="for one person"):
        service_naming.nominate(invitation, a_nominee(), by=service.actor(invitation))


def test_who_accepts_before_the_meeting_is_open_is_told_when_the_same_link_leads_to_the_form(client):
    meeting = a_meeting(MeetingState.PLANNED)
    page = address(invited(meeting))
    assert client.post(f"{page}/accept").status_code == 302
    waits = client.get(page).text
    assert "You accepted" in waits and "You cannot register yet" in waits and "/register?" not in waits
    meeting.state = MeetingState.OPEN
    db.session.commit()
    assert "/register?" in client.get(page).text


def test_an_organiser_notes_a_yes_that_came_by_telephone_and_registers_the_person(sign_in):
    meeting, browser, guest = a_meeting(), sign_in(), a_guest(organisation=an_invited_organisation())
    invitation = invited(meeting, guest)
    page = f"/staff/m/{meeting.slug}/invitations/{invitation.id}"
    assert "They said yes" in browser.get(page).text
    answer = browser.post(f"{page}/come")
    form = browser.get(answer.headers["Location"]).text
    assert guest.latin_name in form and "Lotus Network" in form
    assert state_of(invitation) is S.ACCEPTED and "They said yes" not in browser.get(page).text
    (named,) = rows(Nomination)
    assert (named.person_id, named.state) == (guest.id, NominationState.INVITED)
    organisation = an_invitation(meeting=meeting)
    assert browser.post(f"/staff/m/{meeting.slug}/invitations/{organisation.id}/come").status_code == 409
    assert state_of(organisation) is S.SENT


def test_who_does_not_come_after_all_gives_the_seat_back(client):
    meeting, guest = a_meeting(capacity=1), a_guest()
    invitation = invited(meeting, guest)
    client.post(f"{address(invitation)}/accept")
    link = next(part for part in client.get(address(invitation)).text.split('"') if "register" in part and "?" in part)
    client.post(link, data=form_of(meeting, guest))
    assert client.post(f"{address(invitation)}/decline", data={"reason": "x" * 2001}).status_code == 422
    assert state_of(invitation) is S.ACCEPTED
    assert client.post(f"{address(invitation)}/decline", data={"reason": "I am ill."}).status_code == 302
    assert state_of(invitation) is S.DECLINED and rows(Registration)[0].state == "cancelled"
    assert "You declined" in client.get(address(invitation)).text
    client.post(f"{address(invitation)}/accept")  # a change of mind: a new nomination revives the registration
    assert [n.state for n in rows(Nomination)] == [NominationState.WITHDRAWN, NominationState.INVITED]
    again = next(part for part in client.get(address(invitation)).text.split('"') if "register" in part and "?" in part)
    client.post(again, data={**form_of(meeting, guest), "submission_key": "f" * 32})
    assert [r.state.value for r in rows(Registration)] == ["confirmed"]


def test_a_late_or_withdrawn_answer_is_refused_kindly(client):
    invitation = invited()
    draft = invited(person=a_guest(email="other@lotus.example"), send=False)
    assert client.get(address(draft)).status_code == 404
    with clock.frozen(clock.now() + timedelta(days=7)):
        late = client.post(f"{address(invitation)}/accept")
        assert late.status_code == 410 and "deadline" in late.text
    service_sending.withdraw(invitation, by=SYSTEM)
    db.session.commit()
    assert client.get(address(invitation)).status_code == 410
    assert [m.letter for m in rows(Message)] == ["invitation", "invitation_withdrawn"]
    assert "your invitation" in rows(Message)[1].text


def test_a_persons_seat_counts_for_the_quota_of_sector_and_country(app):
    meeting, sector = a_meeting(), a_sector()
    service_quotas.set_quota(meeting=meeting, sector=sector, country="KH", seats=1, by=SYSTEM)
    deadline = clock.today(meeting.tz) + timedelta(days=5)
    guests = [a_guest(country="KH"), a_guest(country="KH", email="b@lotus.example", full_name="Sok Maly")]
    made = service_sending.prepare(meeting=meeting, people=guests, deadline=deadline, sector=sector, by=SYSTEM)
    with pytest.raises(service_sending.ReasonNeededError):
        service_sending.send(made, meeting=meeting, by=SYSTEM)
    service_sending.send(made, meeting=meeting, reason="Both speak.", by=SYSTEM)
    (line,) = [one for one in queries_quotas.list_quota_lines(meeting.id) if one.country == "KH"]
    assert (line.invited, line.over) == (2, 1) and made[0].note == "Both speak."


def test_a_child_is_never_invited_alone_and_one_person_has_one_invitation(app):
    meeting = a_meeting(admits_children=True)
    deadline = clock.today(meeting.tz)
    with pytest.raises(InvalidError, match="A child"):
        service_sending.prepare(meeting=meeting, people=[a_person(is_child=True)], deadline=deadline, by=SYSTEM)
    invitation = invited(meeting, send=False)
    with pytest.raises(InvalidError, match="one seat"):
        service_sending.change(invitation, seats=2, by=SYSTEM)
    twin = Invitation(meeting=meeting, person_id=invitation.person_id, deadline=deadline)
    neither = Invitation(meeting=meeting, deadline=deadline)
    for wrong in (twin, neither):
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.add(wrong)
            db.session.flush()
