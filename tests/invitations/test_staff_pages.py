"""The secretariat's pages: choosing, looking at the letter, sending, quotas, one record."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.invitations import queries_quotas, service, service_quotas
from eventhub.invitations.models import Invitation, Quota
from eventhub.invitations.states import InvitationState, NominationState, NomineeRole
from eventhub.mail.models import Message
from eventhub.meetings.models import Sector
from eventhub.meetings.states import MeetingState
from eventhub.security import Role
from tests.factories.basics import a_meeting, a_sector
from tests.factories.invitations import a_nomination, an_invitation, an_invited_organisation
from tests.factories.registration import a_registration

S = InvitationState


def base(meeting):
    return f"/staff/m/{meeting.slug}/invitations"


def offer(meeting, organisations):
    deadline = clock.today(meeting.tz) + timedelta(days=5)
    return {
        "organisations": [o.id for o in organisations],
        "seats": 2,
        "deadline": deadline.isoformat(),
        "language": "km",
        "as_sector": 0,
    }


def count(model):
    return db.session.scalar(sa.select(sa.func.count()).select_from(model))


def test_an_empty_directory_is_filled_first(sign_in):
    meeting, browser = a_meeting(), sign_in()
    page = browser.get(f"{base(meeting)}/new").text
    assert "No organisation is in the directory yet" in page and "Import a list" in page
    an_invitation(meeting=meeting)
    assert "Nobody is left to invite" in browser.get(f"{base(meeting)}/new").text


def test_the_list_tells_the_day_where_the_meeting_is(sign_in):
    with clock.frozen(datetime(2026, 11, 30, 20, 30, tzinfo=UTC)):
        meeting = a_meeting(starts=date(2026, 12, 10), ends=date(2026, 12, 12), tz="Asia/Phnom_Penh")
        an_invitation(meeting=meeting)
    page = sign_in().get(f"{base(meeting)}/").text
    assert "1 December 2026" in page and "30 November 2026" not in page


def test_who_sends_before_the_meeting_is_open_reads_what_its_letters_lead_to(sign_in):
    browser = sign_in()
    for state, is_told in [(MeetingState.PLANNED, True), (MeetingState.OPEN, False)]:
        meeting = a_meeting(state)
        an_invitation(S.DRAFT, meeting=meeting)
        page = browser.get(f"{base(meeting)}/review").text
        assert ("can register once you open the meeting" in page) is is_told


def test_organisations_of_a_sector_are_chosen_looked_at_and_invited(sign_in):
    meeting, browser = a_meeting(), sign_in()
    green = a_sector("environment", "Environmental groups")
    one, two = (an_invited_organisation(sector=green) for _ in range(2))
    other = an_invited_organisation(country="JP")
    page = browser.get(f"{base(meeting)}/new?sector={green.id}").text
    assert one.name in page and two.name in page and other.name not in page
    assert other.name in browser.get(f"{base(meeting)}/new?country=JP").text
    everybody = browser.get(f"{base(meeting)}/new?sector={green.id}&all=1").text
    assert len(re.findall(r'name="organisations" value="\d+" checked', everybody)) == 2
    data = offer(meeting, [one, two])
    for _press in range(2):
        assert browser.post(f"{base(meeting)}/new", data=data).status_code == 302
    page = browser.get(f"{base(meeting)}/review").text
    assert "Send 2 invitations" in page and "https://link.invalid/invitation" in page
    assert "eventhub-link:" not in page and count(Message) == 0
    ids = re.findall(r'name="ids" value="(\d+)"', page)
    first = browser.post(f"{base(meeting)}/send", data={"ids": ids}, follow_redirects=True)
    second = browser.post(f"{base(meeting)}/send", data={"ids": ids}, follow_redirects=True)
    assert "Invitations sent: 2." in first.text and "Already sent before, not sent again: 2." in second.text
    messages = list(db.session.scalars(sa.select(Message)))
    assert sorted(m.to_email for m in messages) == sorted([one.email, two.email])
    assert {m.language for m in messages} == {"km"} and count(Invitation) == 2


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"organisations": []}, "Choose at least one organisation"),
        ({"organisations": ["abc", "99999999999999999999", "-1"]}, "Choose at least one organisation"),
        ({"seats": "0"}, "between 1 and 500"),
        ({"deadline": "2001-01-01"}, "lies in the past"),
        ({"deadline": "soon"}, "Not a valid date"),
        ({"language": "tlh"}, "Not a valid choice"),
    ],
)
def test_a_wrong_offer_comes_back_with_a_sentence_and_the_choice(sign_in, change, sentence):
    meeting, lotus = a_meeting(), an_invited_organisation()
    answer = sign_in().post(f"{base(meeting)}/new", data={**offer(meeting, [lotus]), **change})
    assert answer.status_code == 422 and sentence in answer.text and count(Invitation) == 0
    if "organisations" not in change:
        assert f'value="{lotus.id}" checked' in answer.text


def test_beyond_a_quota_a_reason_is_asked_for_and_kept(sign_in):
    meeting, browser, sector = a_meeting(), sign_in(), a_sector()
    service_quotas.set_quota(meeting=meeting, sector=sector, seats=3, by=SYSTEM)
    within = an_invitation(meeting=meeting)
    beyond = an_invitation(S.DRAFT, meeting=meeting)
    elsewhere = an_invitation(
        S.DRAFT, meeting=meeting, organisation=an_invited_organisation(sector=a_sector("research"))
    )
    ids = [beyond.id, elsewhere.id]
    assert "Beyond a quota" in browser.get(f"{base(meeting)}/review").text
    answer = browser.post(f"{base(meeting)}/send", data={"ids": ids})
    assert answer.status_code == 422 and "write down the reason" in answer.text
    db.session.expire_all()
    assert {beyond.state, elsewhere.state} == {S.DRAFT}
    browser.post(f"{base(meeting)}/send", data={"ids": ids, "reason": "Two new coalitions"})
    db.session.expire_all()
    assert {beyond.state, elsewhere.state} == {S.SENT}
    assert (within.note, beyond.note, elsewhere.note) == ("", "Two new coalitions", "")
    assert "Two new coalitions" in browser.get(f"{base(meeting)}/{beyond.id}").text


def test_the_matrix_shows_target_and_actual_by_sector_and_country(sign_in):
    meeting, browser, sector = a_meeting(), sign_in(), a_sector()
    data = {"sector_id": sector.id, "country": "", "seats": 5}
    for _press in range(2):
        assert browser.post(f"{base(meeting)}/quotas", data=data).status_code == 302
    browser.post(f"{base(meeting)}/quotas", data={**data, "country": "JP", "seats": 1})
    an_invitation(S.DRAFT, meeting=meeting)
    an_invitation(meeting=meeting, organisation=an_invited_organisation(country="JP"))
    invitation = an_invitation(S.ACCEPTED, meeting=meeting)
    service.mark_registered(a_nomination(invitation), by=SYSTEM)
    a_nomination(invitation, role=NomineeRole.ALTERNATE)
    an_invitation(S.DECLINED, meeting=meeting)
    db.session.commit()
    everywhere, japan = queries_quotas.list_quota_lines(meeting.id)
    numbers = ("target", "drafted", "invited", "accepted", "nominated", "registered", "over")
    assert [getattr(everywhere, name) for name in numbers] == [5, 2, 4, 2, 1, 1, 1]
    assert [getattr(japan, name) for name in numbers] == [1, 0, 2, 0, 0, 0, 1]
    counted = {(sector.id, "KH"): 2, (sector.id, "JP"): 1}
    assert [line.registered for line in queries_quotas.list_quota_lines(meeting.id, counted)] == [3, 1]
    page = browser.get(f"{base(meeting)}/quotas").text
    assert "1 beyond the target" in page and "Japan" in page
    browser.post(f"{base(meeting)}/quotas", data={**data, "country": "JP", "seats": ""})
    assert count(Quota) == 1


def test_the_matrix_counts_everybody_of_the_sector_who_holds_a_seat(sign_in):
    meeting, sector = a_meeting(), a_sector("youth", "Youth groups")
    a_registration(meeting, sector=sector), a_registration(meeting, sector=sector)
    page = sign_in().get(f"{base(meeting)}/quotas").text
    assert 'data-label="Registered"><span><bdi>2</bdi>' in page


def test_a_sector_is_added_once_whatever_its_script(sign_in):
    meeting, browser = a_meeting(), sign_in()
    for name in ("Environmental groups", "ក្រុមបរិស្ថាន", "ក្រុមយុវជន", "environmental GROUPS"):
        assert browser.post(f"{base(meeting)}/sectors", data={"name": name}).status_code == 302
    assert browser.post(f"{base(meeting)}/sectors", data={"name": "  \x00 "}).status_code == 422
    assert len(set(db.session.scalars(sa.select(Sector.code)))) == 3


def test_the_list_is_searched_in_any_script_and_by_state(sign_in):
    meeting, browser = a_meeting(), sign_in()
    an_invitation(meeting=meeting, organisation=an_invited_organisation(name="シーライツ"))
    an_invitation(S.DECLINED, meeting=meeting, organisation=an_invited_organisation(name="Friends of Rivers"))
    assert "シーライツ" in browser.get(f"{base(meeting)}/?q=シーライツ").text
    page = browser.get(f"{base(meeting)}/?state=declined").text
    assert "Friends of Rivers" in page and "シーライツ" not in page
    for odd in ("?state=nonsense", "?sector=-3", "?page=999999", "?q=%25_%00", "?sector=99999999999999"):
        assert browser.get(f"{base(meeting)}/{odd}").status_code == 200


def test_the_bar_reminds_only_who_has_not_answered_and_once_a_day(sign_in):
    meeting, browser = a_meeting(), sign_in()
    sent, accepted = an_invitation(meeting=meeting), an_invitation(S.ACCEPTED, meeting=meeting)
    data = {"ids": [sent.id, accepted.id], "action": "remind", "state": "sent", "q": "a b"}
    same_day = browser.post(f"{base(meeting)}/chosen", data=data)
    assert same_day.location == f"{base(meeting)}/?q=a+b&state=sent"  # the list as it was filtered
    assert "Reminded: 0 of 2." in browser.get(same_day.location).text
    sent.sent_at -= timedelta(days=1)
    assert "Reminded: 1 of 2." in browser.post(f"{base(meeting)}/chosen", data=data, follow_redirects=True).text
    assert "Reminded: 0 of 2." in browser.post(f"{base(meeting)}/chosen", data=data, follow_redirects=True).text
    letters = db.session.scalars(sa.select(Message.to_email).where(Message.letter == "invitation_reminder"))
    assert list(letters) == [sent.email]
    assert browser.post(f"{base(meeting)}/chosen", data={"action": "remind"}).status_code == 302


def test_the_bar_sends_through_the_page_that_shows_the_letter(sign_in):
    meeting, browser = a_meeting(), sign_in()
    invitation = an_invitation(S.DECLINED, meeting=meeting)
    answer = browser.post(
        f"{base(meeting)}/chosen", data={"ids": [invitation.id], "action": "send"}, follow_redirects=True
    )
    assert "Send 1 invitation" in answer.text


def test_one_record_shows_people_and_history_and_is_changed(sign_in):
    meeting, browser = a_meeting(), sign_in()
    nomination = a_nomination(meeting=meeting)
    invitation = nomination.invitation
    page = browser.get(f"{base(meeting)}/{invitation.id}").text
    assert nomination.person.full_name in page and "1 of 2" in page and "Accepted" in page
    facts = {"seats": 3, "deadline": invitation.deadline.isoformat(), "language": "ur", "sector_id": 0}
    wrong = browser.post(f"{base(meeting)}/{invitation.id}/facts", data={**facts, "email": "not an address"})
    assert wrong.status_code == 422 and "complete e-mail address" in wrong.text
    right = {**facts, "email": "ញូ@lotus.example", "addressee": "Sok Maly"}
    assert browser.post(f"{base(meeting)}/{invitation.id}/facts", data=right).status_code == 302
    db.session.expire_all()
    assert (invitation.seats, invitation.email, invitation.sector_id) == (3, "ញូ@lotus.example", None)


def test_staff_take_back_send_again_and_move_up(sign_in):
    meeting, browser = a_meeting(), sign_in()
    first = a_nomination(an_invitation(S.ACCEPTED, meeting=meeting, seats=1))
    spare = a_nomination(first.invitation, role=NomineeRole.ALTERNATE)
    people = f"{base(meeting)}/people"
    assert browser.post(f"{people}/{first.id}/again").status_code == 302
    assert browser.post(f"{people}/{first.id}/withdraw").status_code == 302
    assert browser.post(f"{people}/{spare.id}/up").status_code == 302
    db.session.expire_all()
    assert (first.state, first.link_version, spare.state) == (NominationState.WITHDRAWN, 3, NominationState.INVITED)
    letters = [m.letter for m in db.session.scalars(sa.select(Message).order_by(Message.id))]
    assert letters == ["invitation", "nomination", "nomination", "nomination_withdrawn", "nomination"]


def test_withdrawing_and_discarding_by_their_buttons(sign_in):
    meeting, browser = a_meeting(), sign_in()
    sent, draft = an_invitation(meeting=meeting), an_invitation(S.DRAFT, meeting=meeting).id
    for _press in range(2):
        assert browser.post(f"{base(meeting)}/{sent.id}/withdraw").status_code == 302
    assert browser.post(f"{base(meeting)}/{draft}/discard").status_code == 302
    assert browser.post(f"{base(meeting)}/{draft}/discard").status_code == 404
    db.session.expire_all()
    assert sent.state is S.WITHDRAWN and count(Invitation) == 1


def test_another_meeting_s_records_are_not_at_this_address(sign_in):
    meeting, other = a_meeting(), a_nomination()
    browser = sign_in()
    assert browser.get(f"{base(meeting)}/{other.invitation_id}").status_code == 404
    assert browser.post(f"{base(meeting)}/{other.invitation_id}/withdraw").status_code == 404
    assert browser.post(f"{base(meeting)}/people/{other.id}/withdraw").status_code == 404
    sent = browser.post(f"{base(meeting)}/send", data={"ids": [other.invitation_id]}, follow_redirects=True)
    assert "Invitations sent" not in sent.text


def test_only_who_may_opens_these_pages(client, sign_in):
    meeting, other = a_meeting(), a_meeting()
    addresses = [base(meeting) + "/", f"{base(meeting)}/quotas", f"{base(meeting)}/new", f"{base(meeting)}/review"]
    for address in addresses:
        assert client.get(address).status_code == 302
        assert sign_in(Role.READER, meeting).get(address).status_code == 403
        assert sign_in(Role.ORGANISER, other, email="other@staff.example").get(address).status_code == 403
        assert sign_in(Role.ORGANISER, meeting).get(address).status_code == 200


def test_a_child_is_shown_by_its_chosen_name_to_who_may_see_children(sign_in):
    meeting = a_meeting(admits_children=True)
    child = a_nomination(
        meeting=meeting,
        full_name="Dara",
        is_child=True,
        contact_name="Sok Maly",
        contact_email="maly@families.example",
    )
    page = sign_in().get(f"{base(meeting)}/{child.invitation_id}").text
    assert "Dara" in page and "letters go to" in page and "maly@families.example" not in page
