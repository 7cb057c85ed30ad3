"""Asking at the door, through the API: who is let in, who is not and why, and the same answer to the same question."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from eventhub import clock
from eventhub.checkin import known
from eventhub.db import db
from eventhub.registration.models import RegistrationFact
from tests.factories.basics import a_meeting
from tests.factories.checkin import (
    Door,
    a_checkpoint,
    a_participant,
    a_scan,
    name_adult,
    text,
    verdict,
)


def test_a_confirmed_person_is_admitted_then_already_in_then_leaves(door, meeting):
    badge = a_participant(meeting, "សុខ ស្រីមុំ", latin_name="Sok Sreymom", organisation="Lotus Network")
    first = door.ask(a_scan(door.checkpoint, code=badge.code))
    assert first["verdict"] == "admitted"
    assert first["person"] == {
        "key": f"p{badge.registration.person_id}",
        "name": "សុខ ស្រីមុំ",
        "latin_name": "Sok Sreymom",
        "called": "",
        "organisation": "Lotus Network",
        "role": "delegate",
        "mark": "no_photo",
        "see_focal_point": False,
    }
    again = door.ask(a_scan(door.checkpoint, code=badge.code))
    assert again["verdict"] == "already_in"
    assert again["first"]["checkpoint_name"] == "Main entrance"
    assert again["first"]["device"] == str(door.device.id)
    assert door.leave(badge) == "left"
    assert door.leave(badge) == "not_in"
    assert door.enter(badge) == "admitted"


def test_the_same_question_gets_the_same_answer(door, meeting):
    badge = a_participant(meeting)
    scan = a_scan(door.checkpoint, code=badge.code)
    assert [verdict(door.ask(scan)) for _ in range(3)] == ["admitted"] * 3
    assert door.presence()["checkpoints"][0]["count"] == 1


def test_the_clock_of_a_slow_door_does_not_admit_twice(door, meeting, client):
    """The second door's clock is behind: its scan stands first, yet the person is inside already."""
    other, badge = Door(client, door.checkpoint), a_participant(meeting)
    assert door.enter(badge) == "admitted"
    assert other.enter(badge, at=clock.now() - timedelta(minutes=5)) == "already_in"


def test_refusals_in_their_order(door, meeting):
    elsewhere = a_participant(a_meeting())
    long_ago = clock.now() - timedelta(days=30)
    revoked, unconfirmed, fine = (a_participant(meeting, at=long_ago) for _ in range(3))
    revoked.ended_at = clock.now() - timedelta(hours=1)
    db.session.execute(
        sa.delete(RegistrationFact).where(RegistrationFact.registration_id == unconfirmed.registration_id)
    )
    assert door.enter("NOBODYS0CODE") == "refused/unknown"
    assert door.enter(elsewhere) == "refused/wrong_meeting"
    assert door.enter(revoked) == "refused/revoked"
    assert door.enter(unconfirmed) == "refused/not_confirmed"
    assert door.enter(fine, at=clock.now() - timedelta(days=20)) == "refused/wrong_day"
    assert door.enter(fine) == "admitted"


def test_a_full_room_and_the_last_place(client, meeting):
    door = Door(client, a_checkpoint(meeting, kind="meal", capacity=2))
    one, two, three = (a_participant(meeting) for _ in range(3))
    assert [door.enter(b) for b in (one, two, three)] == ["admitted", "admitted", "refused/full"]
    assert door.leave(one) == "left"
    assert door.enter(three) == "admitted"


def test_a_child_comes_after_its_adult_and_the_adult_leaves_after_it(door, meeting):
    adult, deputy = a_participant(meeting), a_participant(meeting)
    child = a_participant(meeting, is_child=True, called="Bopha")
    name_adult(meeting, child, adult)
    assert door.enter(child) == "refused/chaperone_first"
    assert door.enter(adult) == "admitted"
    shown = door.ask(a_scan(door.checkpoint, code=child.code))
    assert shown["verdict"] == "admitted"
    assert shown["person"]["name"] == "Bopha" and shown["person"]["see_focal_point"] is True
    assert door.leave(adult) == "refused/child_in_care"
    assert door.enter(deputy) == "admitted"
    keys = {"person": f"p{child.registration.person_id}", "with": f"p{deputy.registration.person_id}"}
    assert verdict(door.ask(a_scan(door.checkpoint, "handover", **keys))) == "handed_over"
    assert door.leave(adult) == "left"
    assert door.leave(deputy) == "refused/child_in_care"
    assert door.leave(child) == "left"
    assert door.leave(deputy) == "left"


@pytest.mark.parametrize("on_line", [True, False])
def test_who_took_over_a_child_stays_with_it_also_where_another_process_answers(door, meeting, on_line):
    adult, other = a_participant(meeting), a_participant(meeting)
    child = a_participant(meeting, is_child=True, called="Bopha")
    name_adult(meeting, child, adult)
    assert [door.enter(one) for one in (adult, other, child)] == ["admitted"] * 3
    before = dict(known._kept)  # what another process keeps: it hears of no scan but those that it is asked about
    keys = {"person": f"p{child.registration.person_id}", "with": f"p{other.registration.person_id}"}
    scan = a_scan(door.checkpoint, "handover", **keys)
    if on_line:
        assert verdict(door.ask(scan)) == "handed_over"
    else:
        assert verdict(door.send({**scan, "told": "handed_over"})[0]) == "handed_over"
    assert door.leave(adult) == "left"
    known._kept.update(before)
    assert door.leave(other) == "refused/child_in_care"


def test_a_void_undoes_what_a_scan_did(door, meeting):
    badge = a_participant(meeting)
    scan = a_scan(door.checkpoint, code=badge.code)
    assert verdict(door.ask(scan)) == "admitted"
    assert verdict(door.ask(a_scan(door.checkpoint, "void", voids=scan["id"]))) == "voided"
    assert door.presence()["checkpoints"][0] == {
        "id": str(door.checkpoint.id),
        "present": [],
        "count": 0,
        "first_entries": [],
    }
    assert door.enter(badge) == "admitted"


def test_a_walk_in_is_known_by_its_scan(door):
    scan = a_scan(door.checkpoint, walk_in={"name": "Zoë Ng", "adult": True})
    assert verdict(door.ask(scan)) == "admitted"
    assert [p["name"] for p in door.presence()["checkpoints"][0]["present"]] == ["Zoë Ng"]
    assert verdict(door.ask(a_scan(door.checkpoint, person=f"walkin:{scan['id']}"))) == "already_in"


def test_entering_another_checkpoint_of_the_group_moves_a_person(client, meeting):
    a, b = (Door(client, a_checkpoint(meeting, group="halls")) for _ in range(2))
    badge = a_participant(meeting)
    assert [a.enter(badge), b.enter(badge), a.enter(badge)] == ["admitted"] * 3


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8"])
def test_the_express_lane_and_the_route_answer_alike(door, meeting, content_type):
    """On PostgreSQL the first of the two spellings takes the lane, the second the API's own route."""
    badge = a_participant(meeting, "Somchai Dee")
    headers = {"Authorization": f"Bearer {door.key}", "Content-Type": content_type}
    body = json.dumps({"device_time": text(), "scan": a_scan(door.checkpoint, code=badge.code)})
    answers = [door.client.post("/api/v1/door/ask", data=body, headers=headers) for _ in range(2)]
    assert [a.json["result"]["verdict"] for a in answers] == ["admitted", "admitted"]
    assert answers[0].json["result"] == answers[1].json["result"]
    assert answers[0].json["result"]["person"]["name"] == "Somchai Dee"
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cache-Control"):
        assert answers[0].headers[name]
