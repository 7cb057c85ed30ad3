"""The rows that the server keeps are those of the pure pass, whatever comes in whatever order: 200 random histories by
HTTP in every run, held against the rules in Python and in JavaScript.

A failure names its seed: put it in place of `FIRST` to play it again.
"""

import json
import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.badges.models import BadgeState
from eventhub.checkin import cases, service, settling
from eventhub.checkin.models import CheckpointRules, DoorClock, FirstEntry, Presence, Scan, Told, Verdict
from eventhub.checkin.replay import replay
from eventhub.checkin.rules import Verdict as Word
from eventhub.db import db
from eventhub.meetings.states import MeetingState
from eventhub.registration.models import RegistrationFact
from tests.factories.basics import a_meeting
from tests.factories.checkin import a_badge, a_checkpoint, a_device, a_participant, name_adult, text

START = datetime(2026, 11, 21, 20, 54, tzinfo=UTC)  # six minutes before the second day begins in Bangkok
NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
DAYS = [
    {"day": "2026-11-21", "from": "2026-11-20T21:00:00Z", "to": "2026-11-21T21:00:00Z"},
    {"day": "2026-11-22", "from": "2026-11-21T21:00:00Z", "to": "2026-11-22T21:00:00Z"},
]
PLACES = (("entrance", "G"), ("meal", "G"), ("entrance", None), ("meal", None))
WORDS = [str(word) for word in Word]
OUTCOMES = ("verdicts", "presence", "first_entries", "conflicts", "kept_aside")
FIRST = random.SystemRandom().randrange(2**40)
TESTS, GROUNDS, HISTORIES = 8, 5, 5  # 200 histories in all


def moment(step: int) -> datetime:
    return START + timedelta(seconds=30 * step)


class Ground:
    """One meeting with its facts, in the tables and in the protocol's form."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.meeting = a_meeting(
            MeetingState.RUNNING,
            starts=START.date(),
            ends=START.date() + timedelta(days=1),
            tz="Asia/Bangkok",
            admits_children=True,
        )
        self.facts: list[dict[str, Any]] = []
        self.checkpoints = [self._checkpoint(kind, group) for kind, group in PLACES]
        self.codes: list[str] = []
        self.people = [self._person(is_child=n > 2) for n in range(5)]
        for child in self.people[3:]:
            self._name(child, chance.choice(self.people[:3]))
        if chance.random() < 0.15:
            self._merge(*chance.sample(self.people[:3], k=2))
        self.keys: dict[int, str] = {}
        self.places: dict[int, str] = {}
        for checkpoint in (self.checkpoints[0], *self.checkpoints):  # the first has two
            device, key = a_device(checkpoint)
            self.keys[device.id], self.places[device.id] = key, str(checkpoint.id)

    def _checkpoint(self, kind: str, group: str | None) -> Any:
        made = a_checkpoint(self.meeting, kind=kind, group=group, since=START - timedelta(hours=1))
        row = db.session.query(CheckpointRules).filter_by(checkpoint_id=made.id).one()
        row.reentry = self.chance.choice(["yes", "yes", "once"])
        row.capacity = self.chance.choice([None, None, None, None, 1, 2])
        self._changed(row)
        if self.chance.random() < 0.2:
            self.change_rules(made)
        return made

    def change_rules(self, checkpoint: Any) -> None:
        at = moment(self.chance.randint(0, 24))
        self._changed(service.change_rules(checkpoint, capacity=1, reentry="yes", at_ms=_ms(at), by=SYSTEM))

    def _changed(self, row: CheckpointRules) -> None:
        rules = {"reentry": row.reentry, "capacity": row.capacity, "needs_sign_up": False}
        since = text(datetime.fromtimestamp(row.at_ms / 1000, UTC))
        self.facts.append({"fact": "rules", "checkpoint": str(row.checkpoint_id), "from": since, "rules": rules})

    def _person(self, *, is_child: bool) -> Any:
        since = moment(self.chance.choice([-60, -60, -60, self.chance.randint(0, 12)]))
        badge = a_participant(self.meeting, is_child=is_child, at=since)
        self.facts.append({"fact": "confirmed", "person": _key(badge), "from": text(since)})
        self._issued(badge, since)
        if self.chance.random() < 0.3:
            self.end(badge)
            if self.chance.random() < 0.7:  # lost, and printed again
                badge = a_badge(badge.registration, at=badge.ended_at)
                self._issued(badge, badge.issued_at)
        if self.chance.random() < 0.15:
            self.cancel(badge)
        return badge

    def _issued(self, badge: Any, since: datetime) -> None:
        self.codes.append(badge.code)
        issued = {"code": badge.code, "person": _key(badge), "meeting": str(self.meeting.id)}
        self.facts.append({"fact": "issued", **issued, "from": text(since)})

    def end(self, badge: Any) -> None:
        """Revoke the badge, or replace it."""
        if badge.ended_at is None:
            badge.ended_at = moment(self.chance.randint(12, 24))
            badge.state = self.chance.choice([BadgeState.REVOKED, BadgeState.REPLACED])
            db.session.flush()
            self.facts.append({"fact": str(badge.state), "code": badge.code, "from": text(badge.ended_at)})

    def cancel(self, badge: Any) -> None:
        at = moment(self.chance.randint(12, 24))
        db.session.add(RegistrationFact(registration_id=badge.registration_id, fact="cancelled", at=at))
        self.facts.append({"fact": "cancelled", "person": _key(badge), "from": text(at)})

    def _name(self, child: Any, adult: Any) -> None:
        row = name_adult(self.meeting, child, adult, start=moment(-60))
        about = {"child": _key(child), "adult": _key(adult)}
        self.facts.append({"fact": "named", **about, "from": text(row.start)})
        if self.chance.random() < 0.2:
            row.end = moment(self.chance.randint(0, 24))
            self.facts.append({"fact": "unnamed", **about, "from": text(row.end)})

    def _merge(self, one: Any, other: Any) -> None:
        one.registration.person.merged_into_id = other.registration.person_id
        self.facts.append({"fact": "merged", "persons": [_key(one), _key(other)]})

    def forget(self) -> None:
        """Take away all that devices sent, for the next history."""
        for table in (Scan, Verdict, Presence, FirstEntry):
            db.session.execute(sa.delete(table).where(table.meeting_id == self.meeting.id))
        db.session.execute(sa.delete(Told).where(Told.device_id.in_(list(self.keys))))
        service.changed(self.meeting.id)
        db.session.commit()


class History:
    """What the devices of a meeting see, ask and send: on line and off, late, twice, with clocks off by up to a day."""

    def __init__(self, ground: Ground, client: Any) -> None:
        self.ground, self.client, self.chance = ground, client, ground.chance
        self.ids = [str(uuid.UUID(int=self.chance.getrandbits(128), version=4)) for _ in range(12)]
        self.skew = {
            device: self.chance.choice([0, 0, 0, 90, self.chance.randint(-86_400, 86_400)]) for device in ground.keys
        }
        self.sent: list[tuple[int, dict[str, Any]]] = []
        self.heard: dict[str, dict[str, Any]] = {}  # a question as JSON -> the answer
        self.has_new_facts = False

    def scan(self) -> tuple[int, dict[str, Any]]:
        """A device and what it observed."""
        chance = self.chance
        device = chance.choice(list(self.ground.keys))
        kind = chance.choice(["entry"] * 6 + ["exit"] * 2 + ["handover", "void"])
        skew = self.skew[device]
        raw: dict[str, Any] = {
            "id": chance.choice(self.ids),
            "checkpoint": self.ground.places[device],
            "kind": kind,
            "scanned_at": text(moment(chance.randint(0, 24)) + timedelta(seconds=skew)),
        }
        if chance.random() < 0.8:
            raw["offset_ms"] = -1000 * skew + chance.choice([0, 0, 1, -90_000])
        return device, {**raw, **self._who(kind)}

    def _who(self, kind: str) -> dict[str, Any]:
        chance, people = self.chance, [_key(badge) for badge in self.ground.people]
        if kind == "void":
            return {"voids": chance.choice(self.ids)}
        if kind == "handover":
            return {"person": chance.choice(people[3:]), "with": chance.choice(people[:3])}
        if kind == "entry" and chance.random() < 0.1:
            return {"walk_in": {"name": "Zoë Ng", "adult": True}}
        if chance.random() < 0.7:
            return {"code": chance.choice([*self.ground.codes, "K-NONE"])}
        return {"person": chance.choice([*people, f"walkin:{chance.choice(self.ids)}"])}

    def play(self) -> None:
        """Every scan is asked or queued with what was told; queues are sent in pieces, and some pieces again."""
        chance = self.chance
        queues: dict[int, list[dict[str, Any]]] = {}
        for device, raw in [self.scan() for _ in range(chance.randint(3, 9))]:
            is_asked = chance.random() < 0.3
            if is_asked:
                for _ in range(chance.choice([1, 1, 1, 2])):
                    self.ask(device, raw)
            if not is_asked or chance.random() < 0.2:  # the answer came too late: the device decided by itself
                told = {"told": chance.choice(WORDS)} if raw["kind"] != "void" and chance.random() < 0.7 else {}
                queues.setdefault(device, []).append({**raw, **told})
            if chance.random() < 0.1:
                self.learn()
        for device, queue in queues.items():
            cut = chance.choice([0, chance.randint(0, len(queue))])
            # the second piece begins within the first, as after an answer that was lost
            for piece in (queue[:cut], queue[max(0, cut - chance.randint(0, 1)) :]):
                if piece:
                    self.send(device, piece)

    def ask(self, device: int, raw: dict[str, Any]) -> None:
        answer = self._post("ask", device, {"scan": raw})["result"]
        self.sent.append((device, raw))
        # a repeat hears the same
        assert self.heard.setdefault(json.dumps([device, raw]), answer)["verdict"] == answer["verdict"]

    def send(self, device: int, scans: list[dict[str, Any]]) -> None:
        results = self._post("scans", device, {"scans": scans})["results"]
        assert [result["id"] for result in results] == [raw["id"] for raw in scans]
        self.sent += [(device, raw) for raw in scans]

    def _post(self, what: str, device: int, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.ground.keys[device]}"}
        body["device_time"] = text(NOW + timedelta(seconds=self.skew[device]))
        answer = self.client.post(f"/api/v1/door/{what}", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json

    def learn(self) -> None:
        """A fact comes in between: what was answered stays, what is computed has to follow."""
        self.has_new_facts = True
        what = self.chance.randrange(3)
        if what == 0:
            self.ground.end(self.chance.choice(self.ground.people))
        elif what == 1:
            self.ground.cancel(self.chance.choice(self.ground.people))
        else:
            self.ground.change_rules(self.chance.choice(self.ground.checkpoints))
        db.session.commit()

    def settle(self) -> None:
        """Somebody looks at one conflict and says that it is fine."""
        row = db.session.query(Verdict).filter_by(meeting_id=self.ground.meeting.id, conflict=True).first()
        if row is not None:
            name = {"device": str(row.device_id), "id": row.scan_id, "verdict": row.verdict}
            settling.settle(row.device_id, row.scan_id, verdict=row.verdict, meeting=self.ground.meeting, by=SYSTEM)
            db.session.commit()
            self.ground.facts.append({"fact": "settled", **name})

    def case(self, number: int) -> dict[str, Any]:
        """All that was sent and answered, in the protocol's form."""
        meeting = self.ground.meeting
        answers = db.session.query(Verdict).filter(Verdict.meeting_id == meeting.id, Verdict.answered.is_not(None))
        return {
            "case": number,
            "meeting": str(meeting.id),
            "days": DAYS,
            "checkpoints": [{"id": str(c.id), "kind": c.kind, "group": c.group} for c in self.ground.checkpoints],
            "persons": [{"key": _key(p), "child": p.registration.is_child} for p in self.ground.people],
            "facts": list(self.ground.facts),
            "batches": [{"device": str(device), "scans": [raw]} for device, raw in self.sent],
            "answers": [{"device": str(v.device_id), "id": v.scan_id, "answered": v.answered} for v in answers],
        }


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _key(badge: Any) -> str:
    return f"p{badge.registration.person_id}"


def kept(meeting_id: int) -> dict[str, Any]:
    """The rows in the protocol's form, but for what was voided."""
    verdicts = db.session.query(Verdict).filter_by(meeting_id=meeting_id).all()
    judged = [_named(v.device_id, v.scan_id, verdict=v.verdict) for v in verdicts if v.verdict is not None]
    conflicts = [_named(v.device_id, v.scan_id, verdict=v.verdict) for v in verdicts if v.conflict]
    presence: dict[tuple[str, str], list[str]] = {}
    for row in db.session.query(Presence).filter_by(meeting_id=meeting_id):
        if row.checkpoint_id is not None:
            presence.setdefault((row.day.isoformat(), str(row.checkpoint_id)), []).append(row.person_key)
    firsts = [
        {
            "day": row.day.isoformat(),
            "checkpoint": str(row.checkpoint_id),
            "person": row.person_key,
            **_named(row.device_id, row.scan_id),
        }
        for row in db.session.query(FirstEntry).filter_by(meeting_id=meeting_id)
    ]
    aside = db.session.execute(
        sa.select(Scan.device_id, Scan.scan_id)
        .where(Scan.meeting_id == meeting_id)
        .group_by(Scan.device_id, Scan.scan_id)
        .having(sa.func.count() > 1)
    )
    return {
        "verdicts": _ordered(judged, "device", "id"),
        "presence": [{"day": d, "checkpoint": c, "present": sorted(p)} for (d, c), p in sorted(presence.items())],
        "first_entries": _ordered(firsts, "day", "checkpoint", "person"),
        "conflicts": _ordered(conflicts, "device", "id"),
        "kept_aside": _ordered([_named(*row) for row in aside], "device", "id"),
    }


def _named(device_id: int, scan_id: str, **more: Any) -> dict[str, Any]:
    return {"device": str(device_id), "id": scan_id, **more}


def _ordered(rows: list[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: [row[name] for name in names])


def played(ground: Ground, client: Any, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """A case and the rows that the server kept of it."""
    history = History(ground, client)
    history.play()
    if history.has_new_facts:
        refolded(ground)  # as the worker does
    if ground.chance.random() < 0.3:
        history.settle()
    waits = sa.select(DoorClock.refold_wanted_at).where(DoorClock.meeting_id == ground.meeting.id)
    assert db.session.scalar(waits) is None
    aside = sa.select(Scan.put_aside).where(Scan.meeting_id == ground.meeting.id)
    assert set(db.session.scalars(aside)) <= {""}
    return history.case(number), kept(ground.meeting.id)


def refolded(ground: Ground) -> list[tuple[Any, ...]]:
    """The rows of presence, whole, after everything was folded anew."""
    service.refold_meeting(ground.meeting.id)
    db.session.commit()
    return presence_rows(ground)


def presence_rows(ground: Ground) -> list[tuple[Any, ...]]:
    rows = sa.select(Presence.__table__).where(Presence.meeting_id == ground.meeting.id).order_by(Presence.id)
    return [tuple(row) for row in db.session.execute(rows)]


def games(seed: int, client: Any) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    chance = random.Random(seed)
    for number in range(GROUNDS):
        ground = Ground(chance)
        for _ in range(HISTORIES):
            yield played(ground, client, number)
            if chance.random() < 0.4:
                before = presence_rows(ground)
                assert refolded(ground) == before, f"folding anew changed something: seed {seed}"
            ground.forget()


@pytest.mark.parametrize("number", range(TESTS))
def test_the_rows_are_those_of_the_pure_pass(app, client, number):
    seed = FIRST + number
    with clock.frozen(NOW):
        found = list(games(seed, client))
    assert len(found) == GROUNDS * HISTORIES
    # as a file would be read: what the server knows has the protocol's form
    read = cases.parse(json.dumps({"cases": [case for case, _ in found]}).encode())
    expected = replay(read)
    assert replay(read, js=True) == expected, seed
    for outcome, (_, rows) in zip(expected["cases"], found, strict=True):
        assert rows == {name: outcome[name] for name in OUTCOMES}, seed
