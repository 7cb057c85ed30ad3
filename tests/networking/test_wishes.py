"""Wishes: an ordered list that only its owner and the organisers see, and the yes to being seated."""

from datetime import timedelta

from eventhub import clock
from eventhub.db import db
from eventhub.networking import queries_seating, wishes
from eventhub.networking.models_seating import SeatingConsent, Wish
from eventhub.registration.service import participant
from tests.factories.basics import a_meeting
from tests.factories.one_to_one import who_may_be_asked
from tests.factories.registration import a_child, a_registration
from tests.networking.test_offers import address


def listed(registration):
    db.session.expire_all()
    return [row.whom_id for row in queries_seating.list_wishes(registration.id)]


def test_a_list_is_made_put_in_order_and_nobody_on_it_reads_of_it(client):
    meeting = a_meeting()
    me, dara, rina = (who_may_be_asked(meeting, name) for name in ("Malee", "សុខ ដារ៉ា", "Rina"))
    page = address(me, "wishes")
    assert "Nobody is on your list yet" in client.get(page).text
    for whom in (dara, rina, dara):
        assert client.post(page, data={"whom": whom.id}).status_code == 303  # the third stands there already
    assert listed(me) == [dara.id, rina.id]
    second = queries_seating.list_wishes(me.id)[1]
    for step, order in (("up", [rina.id, dara.id]), ("up", [rina.id, dara.id]), ("down", [dara.id, rina.id])):
        assert client.post(f"{page}/{second.id}/{step}").status_code == 303
        assert listed(me) == order
    assert client.post(f"{address(dara, 'wishes')}/{second.id}/remove").status_code == 404  # another's
    assert client.post(f"{page}/{second.id}/remove").status_code == 303
    assert listed(me) == [dara.id] and "សុខ ដារ៉ា" in client.get(page).text
    assert "Malee" not in client.get(address(dara, "wishes")).text.split("<select")[0]


def test_who_is_not_listed_or_may_not_be_asked_cannot_be_wished_for(client):
    meeting = a_meeting(admits_children=True)
    me, gone = who_may_be_asked(meeting, "Malee"), who_may_be_asked(meeting, "Dara")
    client.post(address(me, "wishes"), data={"whom": gone.id})
    unlisted, child, elsewhere = a_registration(meeting), a_child(meeting), who_may_be_asked(a_meeting(), "Rina")
    for whom in (unlisted.id, child.id, elsewhere.id, me.id, 2**31 - 1, "x"):
        assert client.post(address(me, "wishes"), data={"whom": whom}).status_code in (404, 422)
    assert listed(me) == [gone.id]
    gone.person.at_risk = True
    page = client.get(address(me, "wishes")).text
    assert "Dara" not in page and "not in the list any more" in page
    assert client.get(address(child, "wishes")).status_code == 404
    assert client.post(address(child, "wishes"), data={"agreed": "y", "most": "3"}).status_code == 404


def test_somebody_at_risk_is_asked_nothing_and_cannot_agree_by_accident(client):
    meeting = a_meeting()
    me, other = a_registration(meeting), who_may_be_asked(meeting, "Dara")
    me.person.at_risk = True
    page = client.get(address(me, "wishes")).text
    assert "seat you with nobody" in page and "<select" not in page
    for data in ({"whom": other.id}, {"agreed": "y", "most": "3"}):
        assert client.post(address(me, "wishes"), data=data).status_code == 422
    assert db.session.query(Wish).count() == db.session.query(SeatingConsent).count() == 0
    assert client.post(address(other, "wishes"), data={"agreed": "y", "most": "3"}).status_code == 303
    db.session.commit()
    assert queries_seating.sitters(meeting.id) == {other.id: 3}
    other.person.at_risk = True  # who agreed before that was known is not seated either
    db.session.commit()
    assert queries_seating.sitters(meeting.id) == {}


def test_nobody_is_seated_without_a_yes_and_a_wrong_number_comes_back(client):
    meeting = a_meeting()
    me = a_registration(meeting)
    page = address(me, "wishes")
    assert "No, they will not" in client.get(page).text
    assert client.post(page, data={"agreed": "y", "most": "0"}).status_code == 422
    for _ in range(2):
        assert client.post(page, data={"agreed": "y", "most": "3"}).status_code == 303
    rows = db.session.query(SeatingConsent).all()
    assert [(row.registration_id, row.agreed, row.most) for row in rows] == [(me.id, True, 3)]
    assert client.post(page, data={"most": "3"}).status_code == 303
    assert "No, they will not" in client.get(page).text


def test_wishes_are_deleted_a_year_after_the_meeting(app):
    meeting = a_meeting()
    me, other = who_may_be_asked(meeting, "Malee"), who_may_be_asked(meeting, "Dara")
    wishes.add(me, other.id, by=participant(me))
    wishes.agree(me, agreed=True, most=2, by=participant(me))
    assert wishes.purge(clock.now()) == 0
    meeting.starts = meeting.ends = clock.now().date() - timedelta(days=400)
    assert wishes.purge(clock.now()) == 2 and db.session.query(Wish).count() == 0
