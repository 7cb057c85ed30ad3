"""Safeguarding's pages: who sees what, naming adults, opening what is sealed, incidents."""

import re

import pytest
import sqlalchemy as sa

from eventhub.audit import AuditEntry
from eventhub.db import db
from eventhub.mail.models import Message
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState
from eventhub.safeguarding import queries
from eventhub.safeguarding.models import AgeBand, Consent, Incident
from eventhub.safeguarding.ratios import adults_needed
from eventhub.security import Role, token
from tests.factories.basics import a_meeting
from tests.factories.registration import a_child, a_registration


def base(meeting):
    return f"/staff/m/{meeting.slug}/children"


def unmarked(page):
    return re.sub(r"<[^>]+>", "", page)


def rows(model):
    db.session.expire_all()
    return list(db.session.scalars(sa.select(model).order_by(model.id)))


def test_only_who_may_see_children_opens_the_list(sign_in):
    meeting = a_meeting(admits_children=True)
    child = a_child(meeting, called="Bopha")
    for role, status in ((Role.ORGANISER, 200), (Role.SAFEGUARDING, 200), (Role.READER, 403), (Role.PROGRAMME, 403)):
        browser = sign_in(role, meeting)
        assert browser.get(f"{base(meeting)}/").status_code == status
        assert browser.get(f"{base(meeting)}/{child.id}").status_code == status
    page = sign_in(Role.ORGANISER, meeting).get(f"{base(meeting)}/").text
    assert "Bopha" in page and "No adult is named" in page and "13 to 15" in page


def test_an_adult_is_named_only_if_registered_and_completes_the_child(sign_in):
    meeting = a_meeting(admits_children=True)
    child = a_child(meeting, complete=True)
    adult, deputy = a_registration(meeting), a_registration(meeting)
    browser, address = sign_in(Role.ORGANISER, meeting), f"{base(meeting)}/{child.id}/adult"
    for email in ("nobody@hub.example", "nonsense", ""):
        assert browser.post(address, data={"email": email, "role": "adult"}).status_code == 422
    before = queries.named_adult(child.person_id, meeting.id)
    assert browser.post(address, data={"email": adult.person.email.upper(), "role": "adult"}).status_code == 302
    assert browser.post(address, data={"email": adult.person.email, "role": "deputy"}).status_code == 422
    assert browser.post(address, data={"email": deputy.person.email, "role": "deputy"}).status_code == 302
    carers = queries.carers([child.person_id], meeting.id)[child.person_id]
    assert [c.adult_id for c in carers] == [adult.person_id, deputy.person_id] and before.id != adult.person_id
    assert child.state is RegistrationState.CONFIRMED


def test_a_new_guardian_gets_new_links_and_the_old_ones_are_over(client, sign_in):
    meeting = a_meeting(admits_children=True)
    child = a_child(meeting, guardian_email="old@family.example")
    guardian = queries.find_guardian(child.person_id, meeting.id)
    old = [f"/consent/{token('consent', guardian.id, 1)}", f"/me/{token('me', child.id, 1)}"]
    assert [client.get(link).status_code for link in old] == [200, 200]
    browser, address = sign_in(Role.ORGANISER, meeting), f"{base(meeting)}/{child.id}/guardian"
    assert "old@family.example" in browser.get(address).text
    data = {"name": "Aunt", "email": "new@family.example", "age_band": "9-12"}
    assert browser.post(address, data={**data, "email": "x"}).status_code == 422
    assert browser.post(address, data=data).status_code == 302
    assert [client.get(link).status_code for link in old] == [410, 410]
    assert rows(Message)[-1].to_email == "new@family.example"
    assert browser.post(f"{base(meeting)}/{child.id}/letter").status_code == 302
    assert rows(Message)[-1].letter == "registration_child"


def test_what_is_sealed_opens_for_safeguarding_alone_and_each_opening_is_noted(sign_in):
    meeting = a_meeting(admits_children=True)
    child = a_child(meeting, needs={"diet": "Nothing with nuts"})
    address = f"{base(meeting)}/sealed/{child.id}/diet"
    organiser, keeper = sign_in(Role.ORGANISER, meeting), sign_in(Role.SAFEGUARDING, meeting)
    assert organiser.post(address).status_code == 403
    assert keeper.get(address).headers["Location"] == f"{base(meeting)}/"  # looking opens nothing
    page = keeper.post(address)
    assert page.status_code == 200 and "Nothing with nuts" in page.text
    assert keeper.post(address.replace("diet", "passport")).status_code == 404
    adult = a_registration(meeting, needs={"diet": "No fish"})
    where, button = f"/staff/m/{meeting.slug}/registrations/{adult.id}", f"{base(meeting)}/sealed/{adult.id}/diet"
    assert f'action="{button}"' in keeper.get(where).text and "No fish" in keeper.post(button).text
    assert f'action="{button}"' not in (page := organiser.get(where).text) and "focal point can open" in page
    read = [e.actor_name for e in rows(AuditEntry) if e.action == "read sealed record"]
    assert read == ["Safeguarding"] * 2
    for browser in (organiser, keeper):
        for page in (f"{base(meeting)}/{child.id}", f"/staff/m/{meeting.slug}/registrations/{child.id}"):
            assert "nuts" not in browser.get(page).text


def test_the_kitchen_gets_numbers_and_no_names(sign_in):
    meeting = a_meeting(admits_children=True)
    for _ in range(2):
        a_registration(meeting, full_name="Ann Example", needs={"diet": "No  fish" if _ else "no fish"})
    a_child(meeting, complete=True, called="Bopha", needs={"diet": "No nuts", "medical": "Asthma"})
    a_child(meeting, called="Not coming", needs={"diet": "No milk"})  # not confirmed
    keeper, address = sign_in(Role.SAFEGUARDING, meeting), f"{base(meeting)}/kitchen"
    assert sign_in(Role.ORGANISER, meeting).post(address).status_code == 403
    assert f'action="{address}"' in keeper.get(f"/staff/m/{meeting.slug}/registrations/").text
    page = keeper.post(address)
    shown = re.findall(r"<tr>.*?</tr>", page.text, re.DOTALL)[1:]
    assert [" ".join(unmarked(row).split()) for row in shown] == ["no fish 2", "No nuts 1"]
    assert all(word not in page.text for word in ("Ann Example", "Bopha", "Asthma", "No milk"))
    assert [e.action for e in rows(AuditEntry)].count("read sealed record") == 3


def test_an_incident_is_closed_to_who_is_named_in_it(sign_in):
    meeting = a_meeting()
    keeper = sign_in(Role.SAFEGUARDING, meeting)
    named = sign_in(Role.SAFEGUARDING, meeting, email="named@staff.example")
    address = f"{base(meeting)}/incidents"
    assert keeper.post(address, data={"text": " "}).status_code == 422
    keeper.post(address, data={"text": "What happened", "named": "Named@staff.example\nother@hub.example"})
    [incident] = rows(Incident)
    assert "tone-wait" in (page := keeper.post(f"{address}/{incident.id}").text) and "What happened" in page
    assert "No incident is written down" in named.get(address).text
    for act in ("", "/close"):
        assert named.post(f"{address}/{incident.id}{act}").status_code == 404
    assert sign_in(Role.ORGANISER, meeting).get(address).status_code == 403
    keeper.post(f"{address}/{incident.id}/close")
    assert rows(Incident)[0].state == "closed"


def test_a_childs_registration_is_not_there_for_another_meeting_or_an_adult(sign_in):
    meeting, other = a_meeting(admits_children=True), a_meeting(admits_children=True)
    child, adult = a_child(other), a_registration(meeting)
    browser = sign_in(Role.ADMINISTRATOR)
    assert browser.get(f"{base(meeting)}/{child.id}").status_code == 404
    assert browser.get(f"{base(meeting)}/{adult.id}").status_code == 404
    assert len(rows(Registration)) == 2


def test_answers_on_paper_are_written_down_by_safeguarding_alone_and_complete_the_child(sign_in):
    meeting = a_meeting(admits_children=True)
    child = a_child(meeting, called="Bopha", adult=a_registration(meeting))
    assert child.state is RegistrationState.APPROVED
    browser = sign_in(Role.SAFEGUARDING, meeting)
    assert "cannot be confirmed yet" in browser.get(f"/staff/m/{meeting.slug}/").text
    address = f"{base(meeting)}/{child.id}/paper"
    assert sign_in(Role.ORGANISER, meeting).get(f"{address}/child").status_code == 403
    said = {"participation": "yes", "travel": "yes", "medical": "yes", "photo_public": "no", "language": "km"}
    assert browser.post(f"{address}/guardian", data={**said, "side": "guardian"}).status_code == 422  # not seen
    for side in ("guardian", "child"):
        sent = {**said, "side": side, "seen": "y"}
        assert browser.post(f"{address}/{side}", data=sent).status_code == 302
    assert child.state is RegistrationState.CONFIRMED
    assert {(row.collected_by, row.language) for row in rows(Consent)} == {("staff", "km")} and len(rows(Consent)) == 8
    page = browser.get(f"{base(meeting)}/{child.id}").text
    assert "written down by staff" in page and "No deputy yet" in page
    assert "cannot be confirmed yet" not in browser.get(f"/staff/m/{meeting.slug}/").text


@pytest.mark.once
def test_the_standard_says_how_many_adults_the_children_need(sign_in):
    old, young, unknown = AgeBand.FROM_13_TO_15, AgeBand.FROM_9_TO_12, None
    for bands, needed in (([], 0), ([old], 2), ([old] * 20, 2), ([old] * 21, 3), ([young] * 8 + [old] * 20, 3)):
        assert adults_needed(bands) == needed
    assert adults_needed([unknown] * 13) == 3
    meeting = a_meeting(admits_children=True)
    a_child(meeting, complete=True)  # and one adult comes along
    page = sign_in(Role.SAFEGUARDING, meeting).get(f"{base(meeting)}/").text
    assert "Too few adults" in page and "Children: 1. Confirmed adults who are there for them: 1." in unmarked(page)
