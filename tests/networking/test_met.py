"""I met somebody, from one's own page without JavaScript: scan or type, press once; who is named to whom, and when."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.badges.models import BadgeState
from eventhub.db import db
from eventhub.directory import service as directory
from eventhub.mail.models import Message
from eventhub.networking import offers, queries, queries_candidates, queries_met, service, vcard
from eventhub.networking.models import Introduction
from eventhub.programme import service as programme
from eventhub.security import limiter, token
from tests.factories.checkin import a_participant, a_running_meeting
from tests.factories.programme import a_session


@pytest.fixture
def meeting(app):
    limiter.reset()  # pages of other tests have the same links
    return a_running_meeting(admits_children=True, programme_public=True)


def somebody(meeting, name, **facts):
    badge = a_participant(meeting, name, organisation="Lotus", **facts)
    badge.registration.person.email = f"p{badge.registration.person_id}@people.example"
    db.session.commit()
    return badge


def mine(badge, path="/met"):
    return f"/me/{token('me', badge.registration_id, badge.registration.link_version)}{path}"


def met(client, me, whom, **fields):
    text = whom if isinstance(whom, str) else f"HTTPS://HUB.EXAMPLE/B/{whom.code}"
    answer = client.post(mine(me), data={"badge": text, "answer": "yes", **fields}, follow_redirects=True)
    db.session.expire_all()
    return answer


def rows():
    return list(db.session.scalars(sa.select(Introduction).order_by(Introduction.id)))


def letters():
    return list(db.session.scalars(sa.select(Message).order_by(Message.id)))


def test_two_taps_record_it_and_the_other_is_asked(client, meeting):
    me, other = somebody(meeting, "Machiko Kaida"), somebody(meeting, "ប៉ែន សុន")
    on = a_session(meeting, "Harmful work", "11:00", "14:00", day=clock.today(meeting.tz))
    db.session.commit()
    assert f'href="{mine(me)}"' in client.get(mine(me, "")).text
    assert f'<option selected value="{on.id}">' in client.get(mine(me)).text  # what is on now
    page = met(client, me, other, session_id=on.id, topic="Child-led networks")
    assert page.status_code == 200 and "Noted: you met" in page.text and "ប៉ែន សុន" in page.text
    (row,) = rows()
    assert (row.topic, row.session_id, row.met_on) == ("Child-led networks", on.id, clock.today(meeting.tz))
    assert queries.standing(row) is queries.Standing.ONE_SIDE
    (letter,) = letters()
    assert letter.to_email == other.registration.person.email
    assert "Machiko Kaida (" in letter.text or "Machiko Kaida says that you met" in letter.text
    theirs = client.get(mine(other, "")).text
    assert "Machiko Kaida says that you met. Right?" in theirs
    assert me.registration.person.email not in theirs


def test_before_the_meeting_nothing_is_recorded_and_the_page_says_from_when_on(client, meeting):
    me, other = somebody(meeting, "Machiko Kaida"), somebody(meeting, "Pehn Son")
    begins = datetime.combine(meeting.starts, time(), ZoneInfo(meeting.tz))
    with clock.frozen(begins - timedelta(minutes=1)):
        page = client.get(mine(me)).text
        assert "The meeting has not begun yet" in page and "met-form" not in page
        answer = met(client, me, other)
        assert answer.status_code == 409 and "The meeting begins on" in answer.text and rows() == []
    with clock.frozen(begins):
        assert "met-form" in client.get(mine(me)).text
        assert met(client, me, other).status_code == 200 and len(rows()) == 1


def test_what_a_phone_read_without_a_network_counts_by_its_own_time(client, meeting):
    me, other, third = (somebody(meeting, name) for name in ("Machiko Kaida", "Pehn Son", "Third Person"))
    begins = datetime.combine(meeting.starts, time(), ZoneInfo(meeting.tz))
    for whom, at in ((other, begins - timedelta(minutes=1)), (third, begins + timedelta(minutes=1))):
        answer = met(client, me, whom, kept="1", at=at.isoformat())
        assert answer.status_code == (204 if whom is third else 409)
    (row,) = rows()
    assert {row.a_id, row.b_id} == {me.registration.person_id, third.registration.person_id}
    assert row.met_on == meeting.starts
    assert "The meeting begins on" in client.get(mine(me)).text  # what became of the other one


def test_looking_records_nothing_and_twice_is_one(client, meeting):
    me, other = somebody(meeting, "Machiko Kaida"), somebody(meeting, "Pehn Son")
    client.get(mine(me))
    assert rows() == []
    for _n in range(3):
        met(client, me, other)
    assert len(rows()) == 1 and len(letters()) == 1


def test_both_scanning_each_other_is_one_introduction_confirmed_by_both(client, meeting):
    me, other = somebody(meeting, "Machiko Kaida"), somebody(meeting, "Pehn Son")
    met(client, me, other)
    assert "You both say that you met: Machiko Kaida" in met(client, other, me).text
    (row,) = rows()
    assert queries.standing(row) is queries.Standing.CONFIRMED


def test_an_address_is_shown_only_after_both_said_yes_and_only_by_whom_shares_it(client, meeting):
    me, other = somebody(meeting, "Machiko Kaida"), somebody(meeting, "Son; Pehn, Jr")
    addresses = [badge.registration.person.email for badge in (me, other)]
    met(client, me, other, answer="share")
    (row,) = rows()
    card = mine(other, f"/met/{row.id}.vcf")
    assert addresses[0] not in client.get(mine(other)).text and client.get(card).status_code == 404
    client.post(mine(other, f"/met/{row.id}"), data={"answer": "yes"})
    assert addresses[0] in client.get(mine(other)).text and addresses[0] in client.get(mine(other, "")).text
    assert b"FN:Machiko Kaida\r\n" in client.get(card).data and addresses[0].encode() in client.get(card).data
    assert addresses[1] not in client.get(mine(me)).text  # did not share
    assert client.get(mine(me, f"/met/{row.id}.vcf")).status_code == 404
    client.post(mine(other, f"/met/{row.id}"), data={"answer": "share"})
    assert b"FN:Son\\; Pehn\\, Jr\r\n" in client.get(mine(me, f"/met/{row.id}.vcf")).data
    client.post(mine(me, f"/met/{row.id}"), data={"answer": "no"})  # thought again: both lose it
    for badge, address in ((me, addresses[1]), (other, addresses[0])):
        assert address not in client.get(mine(badge)).text


def test_what_a_phone_sends_late_does_not_overturn_a_later_no(client, meeting):
    me, other = somebody(meeting, "Machiko Kaida"), somebody(meeting, "Pehn Son")
    yesterday = (clock.now() - timedelta(days=1)).isoformat()
    assert client.post(mine(me), data={"badge": other.code, "kept": "1", "at": yesterday}).status_code == 204
    (row,) = rows()
    assert row.met_on == clock.today(meeting.tz) - timedelta(days=1)
    client.post(mine(me, f"/met/{row.id}"), data={"answer": "no"})
    assert client.post(mine(me), data={"badge": other.code, "kept": "1", "at": yesterday}).status_code == 409
    db.session.expire_all()
    assert queries.standing(row) is queries.Standing.DENIED
    assert "You said before that you did not meet" in client.get(mine(me)).text


@pytest.mark.parametrize("at", ["", "x", "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+14:00", "2026-01-01"])
def test_a_clock_that_cannot_be_right_is_not_believed(client, meeting, at):
    me, other = somebody(meeting, "Machiko Kaida"), somebody(meeting, "Pehn Son")
    met(client, me, other, at=at)
    assert [row.met_on for row in rows()] == [clock.today(meeting.tz)]


def test_by_the_name_as_it_stands_on_the_badge(client, meeting):
    me, other = somebody(meeting, "Machiko Kaida"), somebody(meeting, "ប៉ែន សុន", latin_name="Pehn Son")
    somebody(a_running_meeting(), "Elsewhere Somebody")
    for wrong in ("Pehn", "Elsewhere Somebody", "%", "n"):
        answer = met(client, me, wrong, topic="Kept as typed")
        assert answer.status_code == 404 and "neither the code of a badge nor the name" in answer.text
        assert "Kept as typed" in answer.text
    assert "This is your own badge" in met(client, me, "machiko kaida").text
    assert met(client, me, "pehn son").status_code == 200 and len(rows()) == 1
    assert met(client, me, "ប៉ែន សុន").status_code == 200 and len(rows()) == 1
    somebody(meeting, "Pehn Son")
    assert "More than one person" in met(client, me, "Pehn Son").text
    assert other.registration.person.email not in client.get(mine(me)).text


def test_a_sentence_for_each_badge_that_does_not_do(client, meeting):
    me, gone = somebody(meeting, "Machiko Kaida"), somebody(meeting, "Gone Somebody")
    gone.state = BadgeState.REVOKED
    stranger = somebody(a_running_meeting(), "Strange Somebody")
    db.session.commit()
    for badge, sentence in (
        (me, "your own badge"),
        (gone, "does not count any more"),
        (stranger, "another meeting"),
        ("0" * 21, "neither the code"),
        ("", "Scan the badge, or type"),
    ):
        answer = met(client, me, badge)
        assert answer.status_code in (404, 409, 422) and sentence in answer.text
        assert "Somebody</" not in answer.text  # nobody is named
    assert rows() == []


def test_a_child_is_never_one_of_the_two_and_never_named(client, meeting):
    me = somebody(meeting, "Machiko Kaida")
    child = a_participant(meeting, "Hidden Name", is_child=True, called="Star")
    db.session.commit()
    by_code = met(client, me, child)
    assert by_code.status_code == 409 and "no introductions are kept" in by_code.text
    for text in (by_code.text, met(client, me, "Hidden Name").text, met(client, me, "Star").text):
        assert "<bdi" in text and "Hidden Name</" not in text and "Star</" not in text
    assert client.get(mine(child)).status_code == 403
    assert client.post(mine(child), data={"badge": me.code}).status_code == 403
    assert "/met" not in client.get(mine(child, "")).text
    assert rows() == [] and letters() == []


def test_who_is_at_risk_is_met_only_when_they_say_so_themselves(client, meeting):
    me, hidden = somebody(meeting, "Machiko Kaida"), somebody(meeting, "Hidden Person", at_risk=True)
    refused = met(client, me, hidden)
    assert refused.status_code == 409 and "no introductions are kept" in refused.text
    assert met(client, me, "Hidden Person").status_code == 404 and rows() == []
    assert met(client, hidden, me).status_code == 200
    assert letters() == []  # no letter names them
    assert "Hidden Person" in client.get(mine(me)).text
    assert "You both say" in met(client, me, hidden).text
    page, _counts = queries.list_introductions(meeting)
    assert page.items == []  # and no list of the staff's


def test_an_introduction_that_staff_noted_does_not_name_who_is_at_risk(client, meeting):
    me, hidden = somebody(meeting, "Machiko Kaida"), somebody(meeting, "Hidden Person", at_risk=True)
    people = [badge.registration.person for badge in (me, hidden)]
    service.introduce(meeting=meeting, a=people[0], b=people[1], by=SYSTEM)
    db.session.commit()
    assert "Hidden Person" not in client.get(mine(me)).text
    assert "Machiko Kaida" in client.get(mine(hidden)).text


def test_only_ones_own_and_only_with_an_answer(client, meeting):
    me, other, third = (somebody(meeting, name) for name in ("Machiko Kaida", "Pehn Son", "Third Person"))
    met(client, me, other)
    (row,) = rows()
    assert client.post(mine(third, f"/met/{row.id}"), data={"answer": "yes"}).status_code == 404
    assert client.get(mine(third, f"/met/{row.id}.vcf")).status_code == 404
    assert client.post(mine(other, f"/met/{row.id}"), data={"answer": "perhaps"}).status_code == 422
    db.session.expire_all()
    assert queries.standing(row) is queries.Standing.ONE_SIDE


def test_a_member_introduces_two_whom_they_met(client, meeting):
    me, one, two, third = (somebody(meeting, f"{name} Person") for name in ("Me", "One", "Two", "Third"))
    for other in (one, two):
        met(client, me, other)
        met(client, other, me)
    met(client, me, third)  # who has not answered
    ids = {row.other.full_name: str(row.introduction.id) for row in queries_met.list_met(me.registration)}
    db.session.commit()
    post = {"first": ids["One Person"], "second": ids["One Person"], "topic": "Reports"}
    same = client.post(mine(me, "/met/others"), data=post)
    assert same.status_code == 422 and "two different people" in same.text and "Reports" in same.text
    assert client.post(mine(me, "/met/others"), data={**post, "second": ids["Third Person"]}).status_code == 422
    done = client.post(mine(me, "/met/others"), data={**post, "second": ids["Two Person"]}, follow_redirects=True)
    assert "Each of them gets a letter" in done.text
    db.session.expire_all()
    made = rows()[-1]
    assert (made.introduced_by_id, made.topic) == (me.registration.person_id, "Reports")
    assert queries.standing(made) is queries.Standing.REPORTED
    assert ["Me Person introduces you to" in letter.text for letter in letters()[-2:]] == [True, True]


def test_somebody_who_was_merged_keeps_the_people_they_met(client, meeting):
    me, other = somebody(meeting, "Machiko Kaida"), somebody(meeting, "Pehn Son")
    met(client, me, other)
    twin = directory.create_person(full_name="Machiko K.", by=SYSTEM)
    directory.merge(twin, me.registration.person, by=SYSTEM)
    db.session.commit()
    assert "Pehn Son" in client.get(mine(me)).text
    met(client, me, other)
    assert client.get(mine(me)).status_code == 200


@pytest.mark.once
def test_guessing_is_slowed_down_and_only_for_who_guesses(client, meeting):
    me, other = somebody(meeting, "Machiko Kaida"), somebody(meeting, "Pehn Son")
    answers = [client.post(mine(me), data={"badge": f"Nobody {n}"}).status_code for n in range(13)]
    assert answers == [404] * 12 + [429]
    assert client.post(mine(other), data={"badge": me.code}).status_code == 303


@pytest.mark.once
def test_a_card_in_any_script_with_short_lines():
    text = vcard.card("ស្ត្រី " * 20, organisation="A\\B\r\nEND:VCARD", email="a@b.example")
    lines = text.split(b"\r\n")
    assert max(map(len, lines)) <= 75 and lines.count(b"END:VCARD") == 1
    unfolded = text.replace(b"\r\n ", b"").decode()
    assert f"FN:{'ស្ត្រី ' * 20}\r\n" in unfolded and "ORG:A\\\\B\\nEND:VCARD\r\n" in unfolded


@pytest.mark.parametrize(
    "text", ["\x00\x1b[31m", "x" * 5000, "=HYPERLINK(1)", "99999999999999999999", "👩‍👩‍👧‍👦" * 20, "%_"]
)
def test_nothing_that_is_typed_breaks_a_page(client, meeting, text):
    me, other = somebody(meeting, "Machiko Kaida"), somebody(meeting, "Pehn Son")
    met(client, me, other)
    for path in ("/met", "/met/others", f"/met/{rows()[0].id}"):
        fields = dict.fromkeys(("badge", "session_id", "topic", "at", "answer", "first", "second"), text)
        assert client.post(mine(me, path), data=fields).status_code in (404, 422)
    assert client.post(mine(me), data={"badge": other.code, "topic": text, "at": text}).status_code in (303, 422)
    assert len(rows()) == 1


def test_who_sat_in_the_same_session_is_a_candidate_only_where_they_agreed_to_be_found(client, meeting):
    now = clock.now()
    small = a_session(meeting, "Small", "00:00", "00:30", day=clock.today(meeting.tz), needs_sign_up=True)
    later = a_session(meeting, "Later", "00:00", "00:30", day=clock.today(meeting.tz), needs_sign_up=True)
    later.starts, later.ends = now + timedelta(hours=1), now + timedelta(hours=2)
    small.starts, small.ends = now - timedelta(hours=1), now
    me = somebody(meeting, "Machiko Kaida")
    listed, quiet, absent, at_risk = (
        somebody(meeting, name) for name in ("Pehn Son", "Quiet One", "Late Two", "Risk Y")
    )
    for badge, sessions in (
        (me, [small, later]),
        (listed, [small]),
        (quiet, [small]),
        (absent, [later]),
        (at_risk, [small]),
    ):
        for session in sessions:
            programme.sign_up(session, badge.registration, by=SYSTEM)
    for badge in (listed, absent, at_risk):
        offers.save(badge.registration, offers.Entry(listed=True), by=SYSTEM)
    at_risk.registration.person.at_risk = True
    db.session.commit()
    found = queries_candidates.list_candidates(me.registration, at=now)
    assert [(c.person.full_name, c.session.title) for c in found] == [("Pehn Son", "Small")]
    page = client.get(mine(me)).text
    assert "Perhaps you also talked with" in page and "Quiet One" not in page and "Risk Y" not in page
    assert rows() == []  # it is no introduction
    client.post(mine(me), data={"badge": "Pehn Son", "session_id": small.id, "topic": "", "answer": "yes"})
    (row,) = rows()
    assert row.session_id == small.id and [row.a_answer, row.b_answer].count(None) == 1
    assert queries_candidates.list_candidates(me.registration, at=now) == []
