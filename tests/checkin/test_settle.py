"""What the doors could not know: shown with names and both doors, settled with one click, kept in the audit."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from eventhub import clock
from eventhub.audit import AuditEntry
from eventhub.badges.models import BadgeState
from eventhub.checkin import service, unsettled
from eventhub.checkin.models import AsideWord, CheckpointRules, FirstEntry, Presence, Scan
from eventhub.db import db
from eventhub.security import Role
from tests.factories.basics import a_meeting
from tests.factories.checkin import (
    Door,
    a_checkpoint,
    a_participant,
    a_running_meeting,
    a_scan,
    name_adult,
)


@pytest.fixture
def doors(client, meeting):
    """Two doors of one entrance, and none of them can hear the other."""
    checkpoint = a_checkpoint(meeting, "Main entrance")
    return [Door(client, checkpoint, name=name) for name in ("North phone", "South phone")]


@pytest.fixture
def organiser(sign_in, meeting):
    return Organiser(sign_in(Role.ORGANISER, meeting), meeting)


class Organiser:
    """Somebody on the page."""

    def __init__(self, browser, meeting):
        self.browser, self.address = browser, f"/staff/m/{meeting.slug}/to-settle"

    def read(self, kind=""):
        answer = self.browser.get(f"{self.address}?kind={kind}")
        assert answer.status_code == 200
        return " ".join(re.sub("<[^>]+>", " ", answer.text.partition("<main")[2]).split())

    def values(self, name, kind=""):
        """What the buttons of this name would send."""
        return re.findall(rf'name="{name}" value="([^"]+)"', self.browser.get(f"{self.address}?kind={kind}").text)

    def press(self, **data):
        answer = self.browser.post(self.address, data=data, follow_redirects=True)
        assert answer.status_code == 200
        return " ".join(re.sub("<[^>]+>", " ", answer.text).split())


def ago(**time):
    return clock.now() - timedelta(**time)


def actions():
    return list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def present(door):
    return door.presence()["checkpoints"][0]["count"]


def test_a_badge_admitted_at_two_doors_names_both(doors, organiser, meeting):
    north, south = doors
    badge = a_participant(meeting, "សុខ ស្រីមុំ", latin_name="Sok Sreymom")
    north.send(a_scan(north.checkpoint, code=badge.code, at=ago(minutes=20), told="admitted"))
    south.send(a_scan(south.checkpoint, code=badge.code, at=ago(minutes=9), told="admitted"))
    page = organiser.read()
    assert "សុខ ស្រីមុំ" in page and "Sok Sreymom" in page
    assert "let in twice" in page and "South phone" in page and "by North phone" in page
    assert "Told at the door" in page and "Already in" in page
    [case] = organiser.values("settle")
    assert "1 scan is settled" in organiser.press(settle=case)
    assert "Nothing to settle" in organiser.read()
    assert "changed meanwhile" in organiser.press(settle=case)
    said = organiser.read("said")
    assert "It may stand" in said and "Organiser" in said and "Sok Sreymom" in said
    assert actions()[-1] == "settled"
    assert present(north) == 1


def test_a_settlement_that_no_longer_fits_opens_again(doors, organiser, meeting):
    north, south = doors
    badge = a_participant(meeting)
    north.send(a_scan(north.checkpoint, code=badge.code, at=ago(minutes=20), told="admitted"))
    south.send(a_scan(south.checkpoint, code=badge.code, at=ago(minutes=9), told="admitted"))
    organiser.press(settle=organiser.values("settle")[0])
    # the badge turns out to have been withdrawn in between: the rules now say something else
    badge.state, badge.ended_at = BadgeState.REVOKED, ago(minutes=10)
    db.session.commit()
    service.refold_meeting(meeting.id)
    db.session.commit()
    page = organiser.read()
    assert "The badge had been withdrawn" in page and "The badge ended on" in page
    badge.state, badge.ended_at = BadgeState.VALID, None
    db.session.commit()
    service.refold_meeting(meeting.id)
    db.session.commit()
    assert "Nothing to settle" in organiser.read()  # what was settled is as it was


def test_a_child_before_its_adult_and_who_may_read_its_name(doors, organiser, sign_in, meeting):
    north, _ = doors
    adult = a_participant(meeting, "Somchai Dee")
    child = a_participant(meeting, "Malee Familyname", is_child=True, called="Malee")
    name_adult(meeting, child, adult)
    north.send(a_scan(north.checkpoint, code=child.code, at=ago(minutes=9), told="admitted"))
    page = organiser.read()
    assert "while no adult of theirs was inside" in page and "Malee" in page and "Familyname" not in page
    assert "Somchai Dee : was not let in that day" in page
    north.send(a_scan(north.checkpoint, code=adult.code, at=ago(minutes=5), told="admitted"))
    assert "Somchai Dee : first let in" in organiser.read()
    door = Organiser(sign_in(Role.DOOR, meeting), meeting)
    page = door.read()
    assert "A child" in page and "focal point" in page
    assert "Malee" not in page and "Somchai" not in page
    assert "1 scan is settled" in door.press(settle=door.values("settle")[0])
    assert "Malee" not in door.read("said") and "A child" in door.read("said")


def test_somebody_at_risk_is_named_as_on_the_badge_also_as_a_childs_adult(doors, organiser, meeting):
    north, south = doors
    badge = a_participant(meeting, "Whole Name", latin_name="Whole Name", called="River", at_risk=True)
    child = a_participant(meeting, "Malee Familyname", is_child=True, called="Malee")
    name_adult(meeting, child, badge)
    north.send(a_scan(north.checkpoint, code=child.code, at=ago(minutes=30), told="admitted"))
    for door in (north, south):
        door.send(a_scan(door.checkpoint, code=badge.code, at=ago(minutes=9), told="admitted"))
    page = organiser.read()
    assert page.count("River") == 2 and "Malee" in page
    for case in organiser.values("settle"):
        organiser.press(settle=case)
    said = organiser.read("said")
    assert "River" in said and "Whole" not in page + said


def test_people_of_other_meetings_have_no_name_here(doors, organiser, meeting):
    north, _ = doors
    other = a_participant(a_meeting(title="Secret gathering"), "Nobody Here")
    north.send(a_scan(north.checkpoint, code=other.code, at=ago(minutes=9), told="admitted"))
    page = organiser.read()
    assert "belongs to another meeting" in page and "Nobody we know" in page
    assert "Nobody Here" not in page and "Secret" not in page


def test_turned_away_and_let_go_against_the_rules(doors, organiser, meeting):
    north, south = doors
    one, two = a_participant(meeting), a_participant(meeting)
    north.send(
        a_scan(north.checkpoint, code=one.code, at=ago(minutes=20), told="refused/unknown"),
        a_scan(north.checkpoint, "exit", code=two.code, at=ago(minutes=19), told="left"),
    )
    south.send(a_scan(south.checkpoint, code=two.code, at=ago(minutes=15), told="already_in"))
    page = organiser.read()
    assert "turned away, although the rules would have let them in" in page
    assert "Nobody knew them to be inside" in page
    assert "2 scans are settled" in organiser.press(items=organiser.values("settle"), action="settle")
    assert "No row was chosen" in organiser.press(action="settle")


def test_what_was_put_aside_counts_from_a_persons_word_on(doors, organiser, client, meeting):
    north, south = doors
    badge = a_participant(meeting, "Somchai Dee")
    north.device.revoked_at = clock.now()
    db.session.commit()
    scan = a_scan(north.checkpoint, code=badge.code, at=ago(minutes=20), told="admitted")
    north.send(scan)
    assert present(south) == 0
    page = organiser.read()
    assert "after it was revoked" in page and "Somchai Dee" in page and "not judged" in page and "Admitted" in page
    with clock.frozen(clock.now()):
        assert "1 scan counts now" in organiser.press(count=organiser.values("count")[0])
        assert db.session.scalar(sa.select(Scan.counts_from)) == clock.now()
    assert present(south) == 1
    first = db.session.scalar(sa.select(FirstEntry))
    assert (first.scan_id, first.device_id) == (scan["id"], north.device.id)
    assert unsettled.counts(meeting.id) == {"differ": 0, "aside": 0, "contents": 0}
    assert actions()[-1] == "let count" and "It counts" in organiser.read("said")
    # folding everything anew, and the device's second delivery, change nothing
    service.refold_meeting(meeting.id)
    db.session.commit()
    north.send(scan)
    assert present(south) == 1 and south.enter(badge) == "already_in"


def test_what_was_put_aside_is_left_out_with_the_reason_kept(doors, organiser, meeting):
    north, south = doors
    north.device.revoked_at = clock.now()
    scans = [
        a_scan(north.checkpoint, code=a_participant(meeting).code, at=ago(minutes=n), told="admitted") for n in (3, 4)
    ]
    db.session.commit()
    north.send(*scans)
    rows = organiser.values("count")
    assert "2 scans are left out" in organiser.press(items=rows, action="leave", reason="The phone\nwas stolen")
    assert "Nothing to settle" in organiser.read("aside") and present(south) == 0
    assert {word.reason for word in db.session.scalars(sa.select(AsideWord))} == {"The phone was stolen"}
    assert "The phone was stolen" in organiser.read("said")
    assert "changed meanwhile" in organiser.press(leave=rows[0])
    # and one of them after all
    assert "1 scan counts now" in organiser.press(count=rows[0])
    assert present(south) == 1 and actions()[-2:] == ["left out", "let count"]


def test_a_void_a_handover_and_a_walk_in_that_were_put_aside_do_what_they_say(doors, organiser, client, meeting):
    north, south = doors
    gate = Door(client, a_checkpoint(meeting, "Gate"), scope=[])
    badge = a_participant(meeting)
    scan = a_scan(south.checkpoint, code=badge.code, at=ago(minutes=9))
    assert south.ask(scan)["verdict"] == "admitted"
    walk_in = a_scan(gate.checkpoint, walk_in={"name": "Zoë Ng", "adult": True}, told="admitted")
    gate.send(walk_in)
    north.device.revoked_at = clock.now()
    north.send(a_scan(north.checkpoint, "void", voids=scan["id"]))
    page = organiser.read("aside")
    assert "Zoë Ng" in page and "may not take walk-ins" in page and "Undo" in page
    assert "2 scans count now" in organiser.press(items=organiser.values("count"), action="count")
    counts = {c["id"]: c["count"] for c in south.presence()["checkpoints"]}
    assert counts == {str(south.checkpoint.id): 0, str(gate.checkpoint.id): 1}
    # the walk-in is known by name from now on
    asked = gate.ask(a_scan(gate.checkpoint, person=f"walkin:{walk_in['id']}"))
    assert asked["verdict"] == "already_in"


def test_a_clock_that_was_off_and_a_door_that_is_not_of_this_meeting(doors, organiser, meeting):
    north, south = doors
    one, two = a_participant(meeting), a_participant(meeting)
    late = a_scan(north.checkpoint, code=one.code, at=clock.now() + timedelta(days=3), told="admitted")
    slow = {**a_scan(north.checkpoint, code=one.code, at=ago(hours=2), told="admitted"), "offset_ms": 6_900_000}
    again = {**a_scan(south.checkpoint, code=one.code, at=ago(hours=3), told="admitted"), "offset_ms": 10_740_000}
    strange = {**a_scan(north.checkpoint, code=two.code, told="admitted"), "checkpoint": "999999"}
    north.send(late, slow, strange)
    south.send(again)
    assert "its own clock showed" in organiser.read("differ")
    page = organiser.read("aside")
    assert "more than a day off" in page and "its own clock showed" in page
    assert "a door that is not of this meeting" in page and "It cannot count" in page
    assert len(organiser.values("count", "aside")) == 1
    rows = organiser.values("leave", "aside")
    assert "1 row had changed meanwhile, or cannot count" in organiser.press(items=rows, action="count")


def test_two_contents_under_one_name_are_shown_once(doors, organiser, meeting):
    north, _ = doors
    one, two, three = (a_participant(meeting, name) for name in ("Ann One", "Ben Two", "Cy Three"))
    scan = a_scan(north.checkpoint, code=one.code)
    north.ask(scan)
    north.ask({**scan, "code": two.code})
    north.send({**scan, "code": three.code, "told": "admitted"})
    page = organiser.read("contents")
    assert "Two contents under one name" in page and "Ben Two" in page and "Cy Three" in page
    assert unsettled.counts(meeting.id)["contents"] == 2
    rows = organiser.values("seen", "contents")
    assert "2 rows are noted" in organiser.press(items=rows, action="seen")
    assert unsettled.counts(meeting.id)["contents"] == 0 and actions()[-1] == "looked at"


def test_strange_words_settle_nothing(doors, organiser, sign_in, meeting):
    north, _ = doors
    badge = a_participant(meeting)
    north.device.revoked_at = clock.now()
    north.send(a_scan(north.checkpoint, code=badge.code, told="admitted"))
    [row] = organiser.values("count")
    for strange in ("", "x", "1:2:3", "9" * 30, "-1", "１", "1:" + "x" * 99 + ":y"):
        for action in ("settle", "count", "leave", "seen", "dance"):
            organiser.press(items=[strange], action=action)
            organiser.press(**{action: strange})
    elsewhere = a_running_meeting()
    other = Organiser(sign_in(Role.ORGANISER, elsewhere, email="other@staff.example"), elsewhere)
    assert "changed meanwhile" in other.press(count=row) and "changed meanwhile" in other.press(leave=row)
    assert unsettled.counts(meeting.id)["aside"] == 1
    assert other.browser.get(organiser.address).status_code == 403
    reader = sign_in(Role.READER, meeting)
    assert reader.post(organiser.address, data={"count": row}).status_code == 403


def test_three_hundred_rows_have_pages_and_the_overview_counts_them(doors, organiser, sign_in, meeting):
    north, _ = doors
    codes = [a_participant(meeting).code for _ in range(4)]
    north.device.revoked_at = clock.now()
    scans = [a_scan(north.checkpoint, code=codes[n % 4], at=ago(minutes=5), told="admitted") for n in range(300)]
    north.send(*scans)
    assert "1 to 50 of 300" in organiser.read()
    last = organiser.browser.get(f"{organiser.address}?kind=aside&page=6")
    assert "251 to 300 of 300" in " ".join(re.sub("<[^>]+>", " ", last.text).split())
    assert organiser.browser.get(f"{organiser.address}?kind=aside&page=99").status_code == 200
    overview = organiser.browser.get(organiser.address.replace("to-settle", "")).text
    assert "put aside" in overview and "kind=aside" in overview


def test_a_closed_rule_and_a_full_room(doors, organiser, client, meeting):
    room = Door(client, a_checkpoint(meeting, "Small room", kind="meal", capacity=1))
    people = [a_participant(meeting) for _ in range(2)]
    room.send(*(a_scan(room.checkpoint, code=p.code, at=ago(minutes=9), told="admitted") for p in people))
    assert "All places were taken" in organiser.read()
    rules = db.session.query(CheckpointRules).filter_by(checkpoint_id=room.checkpoint.id).one()
    rules.open_to = ago(minutes=30)
    service.changed(meeting.id)
    db.session.commit()
    service.refold_meeting(meeting.id)
    db.session.commit()
    assert "The door was closed" in organiser.read()
    assert db.session.query(Presence).filter(Presence.checkpoint_id.is_not(None)).count() == 2
