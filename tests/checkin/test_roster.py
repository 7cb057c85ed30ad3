"""The roster: what a device may hold, what it is sent when something changed, and that it judges as the server does."""

import gzip
import json
import random
from datetime import timedelta

import pytest

from eventhub import clock
from eventhub.badges.models import BadgeState
from eventhub.checkin import gather, queries
from eventhub.checkin.facts import Scan
from eventhub.checkin.rules import State, judge
from eventhub.checkin.world import World
from eventhub.db import db
from eventhub.directory.models import Organisation
from eventhub.registration.models import RegistrationFact
from eventhub.safeguarding.models import Consent, ConsentBy, Purpose
from eventhub.security import hashed
from tests.factories.basics import a_meeting
from tests.factories.checkin import (
    Door,
    a_badge,
    a_checkpoint,
    a_participant,
    a_running_meeting,
    a_scan,
    name_adult,
)

KHMER = "សុខ ស្រីមុំ"


class Copy:
    """A device's copy of the roster, kept up by deltas."""

    def __init__(self, door):
        self.door, self.cursor, self.entries = door, "", {}

    def fetch(self):
        answer = roster(self.door, self.cursor)
        if answer["full"]:
            self.entries = {}
        for key in answer["removed"]:
            self.entries.pop(key, None)
        self.entries.update({entry["person"]: entry for entry in answer["entries"]})
        self.cursor = answer["cursor"]
        return answer


def roster(door, cursor=""):
    """What the device is sent."""
    answer = door.get(f"roster?cursor={cursor}")
    assert answer.status_code == 200, answer.text
    return answer.json


def key_of(badge):
    return gather.key_of(badge.registration.person_id)


def photos(badge, answer):
    about = {"person_id": badge.registration.person_id, "meeting_id": badge.registration.meeting_id}
    db.session.add(
        Consent(
            **about,
            purpose=Purpose.PHOTO_PUBLIC,
            by=ConsentBy.SELF,
            answer=answer,
            text_version="1",
            language="en",
        )
    )


def test_an_entry_says_what_the_door_shows_and_no_more(door, meeting):
    badge = a_participant(meeting, KHMER, latin_name="Sok Sreymom", called="Sreymom", organisation="Lotus Network")
    badge.registration.person.email, badge.registration.person.phone = "sok@lotus.example", "+85512345678"
    photos(badge, True)
    answer = door.get("roster")
    [entry] = answer.json["entries"]
    since = badge.issued_at.isoformat(timespec="milliseconds")
    key, h = key_of(badge), hashed(badge.code)
    assert entry == {
        "h": h,
        "person": key,
        "name": KHMER,
        "latin_name": "Sok Sreymom",
        "called": "Sreymom",
        "sort_key": KHMER,
        "organisation": "Lotus Network",
        "role": "delegate",
        "mark": "photo_ok",
        "see_focal_point": False,
        "sign_ups": [],
        "facts": [
            {"fact": "confirmed", "person": key, "from": since},
            {"fact": "issued", "code": h, "person": key, "meeting": str(meeting.id), "from": since},
        ],
    }
    assert answer.json["checkpoints"][0]["name"] == "Main entrance" and len(answer.json["days"]) == 3
    for secret in (badge.code, badge.code.lower(), "sok@lotus.example", "85512345678"):
        assert secret not in answer.text


def test_who_cannot_come_to_the_door_is_not_on_it(door, meeting):
    here = a_participant(meeting)
    applied = a_participant(meeting)
    db.session.query(RegistrationFact).filter_by(registration_id=applied.registration_id).delete()
    db.session.delete(applied)
    a_participant(a_meeting())  # of another meeting
    here.state, here.ended_at = BadgeState.REPLACED, clock.now()
    db.session.flush()
    replaced = a_badge(here.registration)
    [entry] = roster(door)["entries"]
    assert entry["h"] == hashed(replaced.code)
    codes = [(fact["fact"], fact["code"]) for fact in entry["facts"] if "code" in fact]
    assert sorted(codes) == sorted(
        [("issued", hashed(here.code)), ("replaced", hashed(here.code)), ("issued", hashed(replaced.code))]
    )


def test_children_are_on_the_roster_of_who_may_see_them_only(door, client, meeting):
    adult = a_participant(meeting, "Somchai Dee", organisation="Lotus Network")
    child = a_participant(meeting, "Malee Familyname", is_child=True, called="Malee", organisation="Secret School")
    name_adult(meeting, child, adult)
    blind = Door(client, door.checkpoint, scope=["evacuation", "desk"])
    assert [e["person"] for e in roster(blind)["entries"]] == [key_of(adult)]
    answer = door.get("roster")
    found = {e["person"]: e for e in answer.json["entries"]}[key_of(child)]
    assert (found["name"], found["role"], found["carers"]) == ("Malee", "delegate", [key_of(adult)])
    assert found["see_focal_point"] is True
    assert "named" in [fact["fact"] for fact in found["facts"]]
    assert "Familyname" not in answer.text and "Secret School" not in answer.text
    # who turns out to be a child is taken from the devices that may not hold it
    copy = Copy(blind)
    copy.fetch()
    adult.registration.person.is_child = True
    assert copy.fetch()["removed"] == [key_of(adult)] and copy.entries == {}
    # and a child's change says nothing to them
    child.registration.person.called = "Lee"
    assert copy.fetch()["removed"] == []


def test_walk_ins_of_other_devices_are_for_the_desk(door, client, meeting):
    desk = Door(client, door.checkpoint, scope=["desk"])
    gate = Door(client, door.checkpoint, scope=[])
    made = a_scan(door.checkpoint, walk_in={"name": "Zoë Ng", "adult": True})
    assert door.ask(made)["verdict"] == "admitted"
    [entry] = roster(desk)["entries"]
    key = f"walkin:{made['id']}"
    assert (entry["person"], entry["name"], entry["h"], entry["role"]) == (key, "Zoë Ng", None, "walk_in")
    assert roster(gate)["entries"] == [] and roster(gate)["present"] == []
    assert roster(door)["entries"] == []  # it made it itself
    assert [row["person"] for row in roster(desk)["present"]] == [key]
    copy = Copy(desk)
    copy.fetch()
    door.ask(a_scan(door.checkpoint, "void", voids=made["id"]))
    assert copy.fetch()["removed"] == [key]


def test_the_picture_to_begin_with(door, client, meeting):
    one, two = a_participant(meeting), a_participant(meeting)
    child = a_participant(meeting, is_child=True, called="Malee")
    meal = Door(client, a_checkpoint(meeting, kind="meal", reentry="once"))
    blind = Door(client, door.checkpoint, scope=[])
    assert [door.enter(one), door.enter(two), door.leave(two), meal.enter(child)] == [
        "admitted",
        "admitted",
        "left",
        "admitted",
    ]
    here, at = str(door.checkpoint.id), str(meal.checkpoint.id)
    seen = roster(blind)
    assert [(row["person"], row["checkpoint"]) for row in seen["present"]] == [(key_of(one), here)]
    assert [row["person"] for row in seen["first_entries"]] == [key_of(one), key_of(two)]
    assert seen["counts"] == [{"checkpoint": here, "count": 1}, {"checkpoint": at, "count": 1}]
    assert [row["person"] for row in roster(meal)["first_entries"]] == [key_of(child)]
    assert {row["person"] for row in roster(meal)["present"]} == {key_of(one), key_of(child)}
    assert (seen["outside"], seen["unnamed"]) == ([], 0)  # for the evacuation list only
    guard = Door(client, door.checkpoint, scope=["evacuation"])
    door.ask(a_scan(door.checkpoint, walk_in={"name": "Walter", "adult": True}))
    assert [meal.enter(one), meal.enter(two), door.enter(child), door.leave(one)] == ["admitted"] * 2 + [
        "refused/chaperone_first",
        "left",
    ]
    seen = roster(guard)
    assert [row["person"] for row in seen["outside"]] == [key_of(one)]
    assert seen["unnamed"] == 2  # the child and the walk-in
    assert roster(door)["unnamed"] == 0  # which made the one and may see the other


def test_unchanged_is_empty_and_a_strange_cursor_gives_everything(door, client, meeting):
    a_participant(meeting)
    cursor = roster(door)["cursor"]
    again = roster(door, cursor)
    assert (again["full"], again["entries"], again["removed"], again["cursor"]) == (False, [], [], cursor)
    other = Door(client, a_checkpoint(a_running_meeting()))
    strange = ["", "nonsense", "1.2", "x" * 200, f"{meeting.id}.99999999999999.1.desk", roster(other)["cursor"]]
    for each in [*strange, cursor.replace("desk", "dusk")]:
        assert roster(door, each)["full"] is True and len(roster(door, each)["entries"]) == 1
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert roster(door, cursor)["full"] is True


def test_a_kiosk_and_who_has_no_key_get_none(door, client, meeting):
    kiosk = Door(client, a_checkpoint(meeting, kind="kiosk"))
    refused = kiosk.get("roster")
    assert refused.status_code == 403 and refused.content_type == "application/problem+json"
    door.device.revoked_at = clock.now()
    expired = Door(client, door.checkpoint, expires_at=clock.now() - timedelta(seconds=1))
    assert [door.get("roster").status_code, expired.get("roster").status_code] == [401, 401]
    assert client.get("/api/v1/door/roster").status_code == 401


def test_it_is_packed_for_who_can_unpack(door, meeting):
    for n in range(20):
        a_participant(meeting, f"Person {n}")
    plain, packed = door.get("roster"), door.get("roster", {"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip" and len(packed.data) * 3 < len(plain.data)
    assert json.loads(gzip.decompress(packed.data))["entries"] == plain.json["entries"]


def test_as_many_queries_for_many_as_for_one(door, meeting, queries):
    def ask():
        roster(door)
        with queries() as seen:
            roster(door)
        return seen.count

    a_participant(meeting)
    few = ask()
    for _ in range(30):
        adult, child = a_participant(meeting), a_participant(meeting, is_child=True)
        name_adult(meeting, child, adult)
        door.enter(adult)
    assert ask() == few


# --- deltas ------------------------------------------------------------------------------------------------------


class Changes:
    """Whatever may happen to a meeting's people, at random."""

    def __init__(self, chance, meeting, door):
        self.chance, self.meeting, self.door = chance, meeting, door
        self.badges = [a_participant(meeting, is_child=n % 4 == 0, called=f"Kid {n}") for n in range(6)]
        self.walk_ins = []

    def happen(self):
        badge = self.chance.choice(self.badges)
        kinds = ["rename", "photo", "replace", "revoke", "cancel", "confirm", "name", "unname", "merge", "age"]
        getattr(self, self.chance.choice([*kinds, "organisation", "arrive", "walk_in", "undo", "purge"]))(badge)
        db.session.commit()

    def rename(self, badge):
        badge.registration.person.full_name = f"Name {self.chance.random()}"

    def photo(self, badge):
        photos(badge, self.chance.random() < 0.5)

    def replace(self, badge):
        self.revoke(badge)
        db.session.flush()
        self.badges[self.badges.index(badge)] = a_badge(badge.registration)

    def revoke(self, badge):
        if badge.ended_at is None:
            badge.state, badge.ended_at = BadgeState.REVOKED, clock.now()

    def cancel(self, badge, fact="cancelled"):
        db.session.add(RegistrationFact(registration_id=badge.registration_id, fact=fact))

    def confirm(self, badge):
        self.cancel(badge, "confirmed")

    def name(self, badge):
        name_adult(self.meeting, self.badges[0], badge)

    def unname(self, _badge):
        for row in db.session.query(gather.Chaperoning).filter_by(end=None).limit(1):
            row.end = clock.now()

    def merge(self, badge):
        other = self.chance.choice(self.badges).registration.person
        person = badge.registration.person
        person.merged_into_id = None if person.merged_into_id or other is person else other.id

    def age(self, badge):
        badge.registration.person.is_child = not badge.registration.person.is_child

    def organisation(self, badge):
        badge.registration.organisation = Organisation(name=f"Org {self.chance.random()}")

    def arrive(self, _badge):
        self.badges.append(a_participant(self.meeting))

    def walk_in(self, _badge):
        scan = a_scan(self.door.checkpoint, walk_in={"name": "Zoë Ng", "adult": True})
        self.walk_ins.append(scan["id"])
        self.door.ask(scan)

    def undo(self, _badge):
        if self.walk_ins:
            self.door.ask(a_scan(self.door.checkpoint, "void", voids=self.walk_ins.pop()))

    def purge(self, badge):
        """As retention leaves it: no fact, no badge."""
        db.session.query(RegistrationFact).filter_by(registration_id=badge.registration_id).delete()
        db.session.query(type(badge)).filter_by(registration_id=badge.registration_id).delete()
        db.session.expire_all()
        self.badges = [b for b in self.badges if b is not badge] or [a_participant(self.meeting)]


@pytest.mark.parametrize("seed", range(2))
def test_a_copy_kept_by_deltas_is_the_whole_roster(door, client, meeting, seed):
    chance = random.Random(seed)
    changes = Changes(chance, meeting, door)
    scopes = ([], ["children"], ["desk"], ["children", "desk"])
    copies = [Copy(Door(client, door.checkpoint, scope=scope)) for scope in scopes]
    for _ in range(30):
        changes.happen()
        for copy in copies:
            if chance.random() < 0.5:
                copy.fetch()
    for copy in copies:
        assert copy.cursor == "" or copy.fetch()["full"] is False
        assert copy.entries == {e["person"]: e for e in roster(copy.door)["entries"]}, f"seed {seed}"


# --- the same verdicts -------------------------------------------------------------------------------------------


def test_a_device_judges_as_the_server_does(door, client, meeting):
    """Each badge, by its own entry alone and by the whole world, at many instants."""
    now = clock.now()
    adult = a_participant(meeting)
    people = [adult, *(a_participant(meeting, at=now - timedelta(minutes=n)) for n in (0, 1, 3, 90))]
    child = a_participant(meeting, is_child=True)
    row = name_adult(meeting, child, adult, start=now - timedelta(hours=2))
    row.end = now + timedelta(minutes=4)
    people.append(child)
    for badge, fact in ((people[1], "cancelled"), (people[2], "cancelled"), (people[2], "confirmed")):
        db.session.add(RegistrationFact(registration_id=badge.registration_id, fact=fact, at=now))
    people[3].state, people[3].ended_at = BadgeState.REPLACED, now
    db.session.flush()
    people.append(a_badge(people[3].registration, at=now))
    twin = a_participant(meeting)
    twin.registration.person.merged_into_id = people[4].registration.person_id
    people.append(twin)
    meal = a_checkpoint(meeting, kind="meal", open_from=now - timedelta(minutes=1), open_to=now + timedelta(minutes=1))
    db.session.commit()
    known = queries.about(meeting.id)
    whole = gather.world_of(db.session.connection(), known)
    entries = {entry["h"]: entry for entry in roster(door)["entries"]}
    of_person = {entry["person"]: entry for entry in entries.values()}
    verdicts = set()
    for badge in people:
        entry = of_person[key_of(badge)]
        persons = [{"key": entry["person"], "child": "carers" in entry}]
        alone = World(str(meeting.id), known.days, known.checkpoints, persons, [*known.rules, *entry["facts"]])
        for checkpoint in (door.checkpoint, meal):
            for minutes in range(-5, 7):
                for inside in ({}, {key_of(adult): str(door.checkpoint.id)}):
                    raw = a_scan(checkpoint, code=badge.code, at=now + timedelta(minutes=minutes, milliseconds=-1))
                    there = judge(Scan.read("1", raw), State(inside=dict(inside)), whole)
                    raw["code"] = hashed(badge.code)
                    assert judge(Scan.read("1", raw), State(inside=dict(inside)), alone) == there
                    verdicts.add(str(there))
    wanted = {"admitted", "already_in", "refused/closed", "refused/revoked", "refused/not_confirmed"}
    assert verdicts == wanted | {"refused/unknown", "refused/chaperone_first"}


def test_a_person_at_risk_is_in_no_list(door, meeting):
    badge = a_participant(meeting, at_risk=True)
    other = a_participant(meeting)
    found = {entry["person"]: entry for entry in roster(door)["entries"]}
    assert found[key_of(badge)]["unlisted"] is True and "unlisted" not in found[key_of(other)]


def test_a_person_at_risk_is_named_as_on_the_badge(door, meeting, sign_in):
    facts = {"latin_name": "Whole Name", "at_risk": True}
    badge = a_participant(meeting, "Whole Name", called="River", **facts)
    plain = a_participant(meeting, "Nobody Else", latin_name="", at_risk=True)  # who chose no other name
    whole = roster(door)
    found = {entry["person"]: entry for entry in whole["entries"]}
    assert [found[key_of(badge)][name] for name in ("name", "latin_name", "called", "sort_key")] == [
        "River", "", "", "river",
    ]  # fmt: skip
    assert found[key_of(plain)]["name"] == "Nobody Else"
    answer = door.ask(a_scan(door.checkpoint, code=badge.code))
    assert (answer["verdict"], answer["person"]["name"]) == ("admitted", "River")
    present = door.presence()["checkpoints"][0]["present"]
    assert [p["name"] for p in present] == ["River"]
    assert "Whole" not in str(whole) + str(answer) + str(present)


@pytest.mark.parametrize(
    ("typed", "names"), [("River", ["River"]), ("Riv", []), ("Whole Name", []), ("Nobody Else", ["Nobody Else"])]
)
def test_the_desk_finds_a_person_at_risk_by_the_whole_name_of_the_badge(meeting, typed, names):
    a_participant(meeting, "Whole Name", latin_name="Whole Name", called="River", at_risk=True)
    a_participant(meeting, "Nobody Else", latin_name="", at_risk=True)
    found = queries.search_people(meeting.id, typed, with_children=True)
    assert [person["full_name"] for person in found] == names
