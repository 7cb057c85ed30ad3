"""Children at the door: the adult first, handing over, leaving with a named adult, and the safe return."""

import re
from datetime import timedelta

import pytest

from eventhub import clock
from eventhub.audit import AuditEntry
from eventhub.checkin import queries, queries_children
from eventhub.checkin.models import Device, Scan
from eventhub.db import db
from eventhub.safeguarding import queries as safeguarding
from eventhub.safeguarding.models import ChaperoneRole, Departure, Guardian, SafeReturn
from eventhub.security import Role
from eventhub.waits import numbers
from tests.factories.checkin import a_participant, a_scan, name_adult


@pytest.fixture
def family(meeting):
    """(child, adult, deputy), confirmed with badges."""
    adult, deputy = a_participant(meeting, "Dara Adult"), a_participant(meeting, "Vanna Deputy")
    child = a_participant(meeting, "Malee Familyname", is_child=True, called="Malee")
    name_adult(meeting, child, adult)
    name_adult(meeting, child, deputy).role = ChaperoneRole.DEPUTY
    db.session.commit()
    return child, adult, deputy


def page_of(meeting, child):
    return f"/staff/m/{meeting.slug}/children-here/{child.registration_id}"


def key(badge):
    return f"p{badge.registration.person_id}"


def now_of(meeting, child):
    return queries_children.get_child(queries.about(meeting.id), child.registration_id)


def test_the_deputy_takes_over_by_a_form_and_the_adult_may_leave(sign_in, meeting, door, family):
    child, adult, deputy = family
    browser, page = sign_in(Role.SAFEGUARDING, meeting), page_of(meeting, child)
    assert "was not seen today" in browser.get(page).text
    assert door.enter(child) == "refused/chaperone_first"
    assert [door.enter(each) for each in (adult, deputy, child)] == ["admitted"] * 3
    name_adult(meeting, child, deputy).end = clock.now()  # an older naming that is over: nothing to do with today
    for held in safeguarding.carers([child.registration.person_id], meeting.id)[child.registration.person_id]:
        if held.role is ChaperoneRole.DEPUTY:
            held.end = clock.now()
    db.session.commit()
    assert door.leave(adult) == "refused/child_in_care"
    shown = browser.get(page).text
    assert "Dara Adult" in shown and "Malee" in shown and "Familyname" not in shown
    scan_id = re.search(r'id="handover-scan_id"[^>]*value="([^"]+)"', shown)[1]
    nobody = browser.post(f"{page}/handover", data={"handover-adult": "", "handover-scan_id": scan_id})
    assert nobody.status_code == 422 and "Choose the adult who takes over" in nobody.text
    for _ in range(2):  # sent twice is one scan
        answer = browser.post(f"{page}/handover", data={"handover-adult": key(deputy), "handover-scan_id": scan_id})
        assert answer.status_code == 200 and "Handed over" in answer.text and "took over today" in answer.text
    assert db.session.query(Scan).filter_by(kind="handover").count() == 1
    assert door.leave(adult) == "left"
    assert door.leave(deputy) == "refused/child_in_care"
    assert db.session.query(Device).filter(Device.user_id.is_not(None)).count() == 1


def test_an_adult_who_went_meanwhile_cannot_take_over(sign_in, meeting, door, family):
    child, adult, deputy = family
    assert [door.enter(each) for each in (adult, deputy, child)] == ["admitted"] * 3
    browser = sign_in(Role.SAFEGUARDING, meeting)
    assert "Vanna Deputy" in browser.get(page_of(meeting, child)).text
    assert door.leave(deputy) == "left"
    answer = browser.post(f"{page_of(meeting, child)}/handover", data={"handover-adult": key(deputy)})
    assert answer.status_code == 422 and "Handed over" not in answer.text


def test_a_childs_exit_names_the_adult(sign_in, meeting, door, family):
    child, adult, _deputy = family
    assert [door.enter(adult), door.enter(child)] == ["admitted", "admitted"]
    browser, page = sign_in(Role.SAFEGUARDING, meeting), page_of(meeting, child)
    nobody = browser.post(f"{page}/leave", data={})
    assert nobody.status_code == 422 and "Say with whom the child leaves" in nobody.text
    other = browser.post(f"{page}/leave", data={"adult": "other", "name": ""})
    assert other.status_code == 422 and "Write the name of the adult" in other.text
    assert now_of(meeting, child).places
    for _ in range(2):
        answer = browser.post(f"{page}/leave", data={"adult": key(adult)})
        assert answer.status_code == 200 and "Left" in answer.text and "Dara Adult" in answer.text
    [departure] = db.session.query(Departure)
    [scan] = db.session.query(Scan).filter_by(kind="exit")
    assert (departure.scan_id, departure.device_id, departure.adult_id) == (
        scan.scan_id,
        scan.device_id,
        adult.registration.person_id,
    )
    assert departure.by_name == "Safeguarding" and "adult" not in scan.content
    assert db.session.query(AuditEntry).filter_by(action="noted with whom left").count() == 1
    assert door.leave(adult) == "left"


def test_an_exit_at_another_door_waits_for_the_name_and_a_new_day_of_entry_asks_again(sign_in, meeting, door, family):
    child, adult, _deputy = family
    guardian = Guardian(child_id=child.registration.person_id, meeting_id=meeting.id, name="Somsri Mother")
    db.session.add(guardian)
    assert [door.enter(adult), door.enter(child), door.leave(child)] == ["admitted", "admitted", "left"]
    browser, page = sign_in(Role.ORGANISER, meeting), page_of(meeting, child)
    assert "nobody wrote down with whom" in browser.get(f"/staff/m/{meeting.slug}/children-here").text
    answer = browser.post(f"{page}/leave", data={"adult": "guardian"})
    assert answer.status_code == 200 and now_of(meeting, child).departure.adult_name == "Somsri Mother (guardian)"
    assert "nobody wrote down with whom" not in browser.get(f"/staff/m/{meeting.slug}/children-here").text
    assert door.enter(child) == "admitted" and now_of(meeting, child).left is None
    assert door.leave(child) == "left" and now_of(meeting, child).departure is None


def test_a_child_inside_without_its_adults_is_on_top(client, sign_in, meeting, door, family):
    child, adult, _deputy = family
    told = [a_scan(door.checkpoint, code=each.code, told="admitted") for each in (adult, child)]
    door.send(*told)
    browser = sign_in(Role.ORGANISER, meeting)
    address = f"/staff/m/{meeting.slug}/children-here"
    assert "Inside without an adult" not in browser.get(address).text
    door.send(a_scan(door.checkpoint, "exit", code=adult.code, told="left"))
    assert "Inside without an adult" in browser.get(address).text


def test_the_safe_return_is_said_with_a_name_and_taken_back(sign_in, meeting, family):
    child, _adult, _deputy = family
    browser, base = sign_in(Role.SAFEGUARDING, meeting), f"/staff/m/{meeting.slug}/children-here"
    tonight = clock.today(meeting.tz).isoformat()
    data = {"child": [child.registration_id], "when": tonight, "action": "confirm"}
    for _ in range(2):
        assert browser.post(f"{base}/safe", data=data).status_code == 302
    assert browser.post(f"{base}/safe", data={**data, "when": "home"}).status_code == 302
    kept = db.session.query(SafeReturn).order_by(SafeReturn.id).all()
    assert [(row.day and row.day.isoformat(), row.by_name) for row in kept] == [
        (tonight, "Safeguarding"),
        (None, "Safeguarding"),
    ]
    assert "home" in browser.get(base).text
    assert browser.post(f"{base}/safe", data={**data, "when": "home", "action": "withdraw"}).status_code == 302
    assert set(safeguarding.safe_returns(meeting.id)) == {(child.registration.person_id, clock.today(meeting.tz))}
    assert numbers([queries_children.count_not_home(meeting.id)]) == [0]  # it was not there
    wrong = browser.post(f"{base}/safe", data={**data, "when": "1999-01-01"})
    assert wrong.status_code == 422 and f'href="{base}"' in wrong.text  # the page that the button stood on
    for nobody in ({**data, "child": []}, {**data, "child": ["x"]}):
        assert "Tick the children" in browser.post(f"{base}/safe", data=nobody, follow_redirects=True).text


def test_only_who_may_see_children_opens_these_pages(sign_in, meeting, family):
    child, _adult, _deputy = family
    browser = sign_in(Role.DOOR, meeting)
    for address in (page_of(meeting, child), f"/staff/m/{meeting.slug}/children-here"):
        assert browser.get(address).status_code == 403


def test_the_door_page_leads_to_the_child(sign_in, meeting, door, family):
    child, adult, _deputy = family
    assert [door.enter(adult), door.enter(child)] == ["admitted", "admitted"]
    db.session.commit()
    for role, sees in ((Role.ORGANISER, True), (Role.DOOR, False)):
        browser, base = sign_in(role, meeting), f"/staff/m/{meeting.slug}"
        browser.post(f"{base}/door/start", data={"checkpoint": door.checkpoint.id})
        page = browser.post(f"{base}/door", data={"text": adult.code, "kind": "exit"}).text
        assert "A child is inside" in page and "hand it over to another adult" in page
        assert (f"/children-here/of/{key(adult)}" in page) is sees
        assert ('"care": null' in page) is not sees
    browser = sign_in(Role.ORGANISER, meeting)
    browser.post(f"{base}/door/start", data={"checkpoint": door.checkpoint.id})
    answer = browser.get(f"/staff/m/{meeting.slug}/children-here/of/{key(adult)}")
    assert answer.status_code == 302 and answer.headers["Location"].endswith(page_of(meeting, child))
    page = browser.post(f"/staff/m/{meeting.slug}/door", data={"text": child.code, "kind": "exit"}).text
    assert "Write down with whom the child leaves" in page


def test_after_the_meeting_the_overview_asks_for_every_child(app, client, sign_in, meeting, door, family):
    child, adult, _deputy = family
    assert [door.enter(adult), door.enter(child)] == ["admitted", "admitted"]
    browser, said = sign_in(Role.ORGANISER, meeting), "whose safe return home nobody has confirmed"
    overview = f"/staff/m/{meeting.slug}/"
    assert said not in browser.get(overview).text
    meeting.ends = clock.today(meeting.tz) - timedelta(days=1)
    meeting.starts = meeting.ends
    db.session.commit()
    assert said in browser.get(overview).text
    data = {"child": [child.registration_id], "when": "home"}
    assert browser.post(f"/staff/m/{meeting.slug}/children-here/safe", data=data).status_code == 302
    assert said not in browser.get(overview).text
