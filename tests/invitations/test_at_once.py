"""The same request many times at the same moment: one answer, one row, one letter, no failure."""

import threading

import pytest
import sqlalchemy as sa

from eventhub.audit import SYSTEM, AuditEntry
from eventhub.db import db
from eventhub.invitations import service_naming
from eventhub.invitations.models import Invitation, Nomination, Quota
from eventhub.invitations.states import InvitationState, NominationState
from eventhub.mail.models import Message
from eventhub.meetings.models import Sector
from tests.factories.basics import a_meeting, a_sector
from tests.factories.invitations import a_nomination, a_nominee, address, an_invitation, an_invited_organisation

S = InvitationState
PERSON = {"full_name": "Chan Dara", "role": "delegate", "adult": "yes", "email": "dara@lotus.example"}


def at_once(browsers, requests, method="POST"):
    """The status of each answer; all requests start together, each in a thread and a browser of its own."""
    db.session.commit()
    start, statuses = threading.Barrier(len(requests)), []

    def post(browser, path, data):
        start.wait()
        statuses.append(browser.open(path, method=method, data=data).status_code)

    threads = [
        threading.Thread(target=post, args=(browser, *request))
        for browser, request in zip(browsers, requests, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.expire_all()
    return sorted(statuses)


def anybody(app, requests):
    return at_once([app.test_client() for _ in requests], requests)


def letters(*names):
    wanted = sa.select(sa.func.count(Message.id)).where(Message.letter.in_(names))
    return db.session.scalar(wanted)


@pytest.mark.parametrize("answer", ["accept", "decline"])
def test_twenty_answers_are_one(app, answer):
    invitation = an_invitation()
    assert anybody(app, [(f"{address(invitation)}/{answer}", {})] * 20) == [302] * 20
    assert invitation.state is (S.ACCEPTED if answer == "accept" else S.DECLINED)
    moves = sa.select(sa.func.count(AuditEntry.id)).where(AuditEntry.action.in_(["accepted", "declined"]))
    assert db.session.scalar(moves) == 1


def test_twenty_first_openings_are_noted_once_and_all_see_the_page(app):
    invitation = an_invitation()
    path = address(invitation)
    statuses = at_once([app.test_client() for _ in range(20)], [(path, None)] * 20, method="GET")
    assert statuses == [200] * 20 and invitation.opened_at is not None and invitation.state is S.SENT


def test_twenty_times_the_same_person_is_one_nomination_and_one_letter(app):
    invitation = an_invitation(S.ACCEPTED, seats=5)
    assert anybody(app, [(f"{address(invitation)}/people", PERSON)] * 20) == [302] * 20
    assert db.session.scalar(sa.select(sa.func.count(Nomination.id))) == 1
    assert letters("nomination") == 1


def test_twenty_people_at_once_get_exactly_the_seats_there_are(app):
    invitation = an_invitation(S.ACCEPTED, seats=3)
    path = f"{address(invitation)}/people"
    people = [{**PERSON, "full_name": f"Person {n}", "email": f"p{n}@lotus.example"} for n in range(20)]
    assert anybody(app, [(path, person) for person in people]) == [302] * 3 + [422] * 17
    assert db.session.scalar(sa.select(sa.func.count(Nomination.id))) == 3
    assert letters("nomination") == 3


def test_twenty_replacements_of_one_person_leave_one_in_the_seat(app):
    invitation = an_invitation(S.ACCEPTED, seats=1)
    old = a_nomination(invitation)
    path = f"{address(invitation)}/people/{old.id}/replace"
    people = [{**PERSON, "full_name": f"Person {n}", "email": f"p{n}@lotus.example"} for n in range(20)]
    assert anybody(app, [(path, person) for person in people]) == [302] + [409] * 19
    states = list(db.session.scalars(sa.select(Nomination.state).order_by(Nomination.id)))
    assert states == [NominationState.REPLACED, NominationState.INVITED]


def test_ten_alternates_move_up_into_one_free_seat(app):
    invitation = an_invitation(S.ACCEPTED, seats=10)
    spares = [
        service_naming.nominate(invitation, a_nominee(role=service_naming.NomineeRole.ALTERNATE), by=SYSTEM)
        for _ in range(10)
    ]
    invitation.seats = 1
    paths = [(f"{address(invitation)}/people/{n.id}/up", {}) for n in spares]
    assert anybody(app, paths) == [302] + [422] * 9
    assert letters("nomination") == 1


def test_ten_presses_on_send_are_one_letter_each(sign_in):
    meeting = a_meeting()
    drafts = [an_invitation(S.DRAFT, meeting=meeting) for _ in range(3)]
    press = (f"/staff/m/{meeting.slug}/invitations/send", {"ids": [d.id for d in drafts]})
    assert at_once([sign_in() for _ in range(10)], [press] * 10) == [302] * 10
    assert letters("invitation") == 3


def test_ten_presses_on_prepare_are_one_draft_each(sign_in):
    meeting = a_meeting()
    data = {
        "organisations": [an_invited_organisation().id for _ in range(3)],
        "seats": 2,
        "deadline": meeting.starts.isoformat(),
        "language": "en",
        "as_sector": 0,
    }
    press = (f"/staff/m/{meeting.slug}/invitations/new", data)
    assert at_once([sign_in() for _ in range(10)], [press] * 10) == [302] * 10
    assert db.session.scalar(sa.select(sa.func.count(Invitation.id))) == 3


def test_ten_presses_set_one_target_and_add_one_sector(sign_in):
    meeting, sector = a_meeting(), a_sector()
    base = f"/staff/m/{meeting.slug}/invitations"
    browsers = [sign_in() for _ in range(10)]
    target = (f"{base}/quotas", {"sector_id": sector.id, "country": "", "seats": 5})
    assert at_once(browsers, [target] * 10) == [302] * 10
    assert at_once(browsers, [(f"{base}/sectors", {"name": "Youth groups"})] * 10) == [302] * 10
    counts = (sa.select(sa.func.count(Quota.id)), sa.select(sa.func.count(Sector.id)))
    assert [db.session.scalar(wanted) for wanted in counts] == [1, 2]
