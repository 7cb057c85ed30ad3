"""The rows that the server keeps are those of the pure pass, whatever comes in whatever order: random histories by HTTP."""

import random
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from eventhub import clock
from eventhub.checkin import service
from eventhub.checkin.fold import Outcome, fold
from eventhub.checkin.models import CheckpointRules, DoorClock, FirstEntry, Presence, Verdict
from eventhub.checkin.rules import Verdict as Word
from eventhub.db import db
from eventhub.meetings.states import MeetingState
from eventhub.registration.models import RegistrationFact
from tests.factories.basics import a_meeting
from tests.factories.checkin import a_checkpoint, a_device, a_participant, name_adult, text

START = datetime(2026, 11, 21, 20, 54, tzinfo=UTC)  # six minutes before the second day begins in Bangkok
NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
PLACES = (("entrance", "G"), ("meal", "G"), ("entrance", None), ("meal", None))
WORDS = [str(word) for word in Word]


def moment(step: int) -> datetime:
    return START + timedelta(seconds=30 * step)


class History:
    """One meeting with its facts, in the tables and in the protocol's form; and what its devices send."""

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
        self.people = [self._person(is_child=n > 2) for n in range(5)]
        for child in self.people[3:]:
            self._name(child, chance.choice(self.people[:3]))
        self.devices = {a_device(c)[0].id: c for c in self.checkpoints for _ in range(2)}
        self.keys: dict[int, str] = {}
        for checkpoint in self.checkpoints:
            for _ in range(2):
                device, key = a_device(checkpoint)
                self.devices[device.id], self.keys[device.id] = checkpoint, key
        self.ids = [str(uuid.UUID(int=chance.getrandbits(128), version=4)) for _ in range(12)]
        self.sent: list[tuple[int, dict[str, Any]]] = []

    def _checkpoint(self, kind: str, group: str | None) -> Any:
        made = a_checkpoint(self.meeting, kind=kind, group=group, since=START - timedelta(hours=1))
        row = db.session.query(CheckpointRules).filter_by(checkpoint_id=made.id).one()
        row.reentry = self.chance.choice(["yes", "yes", "once"])
        row.capacity = self.chance.choice([None, None, None, None, 1, 2])
        rows = [row]
        if self.chance.random() < 0.2:
            changed = CheckpointRules(
                checkpoint_id=made.id, at_ms=_ms(moment(self.chance.randint(0, 24))), reentry="yes", capacity=1
            )
            db.session.add(changed)
            rows.append(changed)
        for each in rows:
            self.facts.append(
                {
                    "fact": "rules",
                    "checkpoint": str(made.id),
                    "from": text(datetime.fromtimestamp(each.at_ms / 1000, UTC)),
                    "rules": {"reentry": each.reentry, "capacity": each.capacity},
                }
            )
        return made

    def _person(self, *, is_child: bool) -> Any:
        since = moment(self.chance.choice([-60, -60, -60, self.chance.randint(0, 12)]))
        badge = a_participant(self.meeting, is_child=is_child, at=since)
        key = _key(badge)
        self.facts.append({"fact": "confirmed", "person": key, "from": text(since)})
        issued = {"code": badge.code, "person": key, "meeting": str(self.meeting.id)}
        self.facts.append({"fact": "issued", **issued, "from": text(since)})
        if self.chance.random() < 0.15:
            badge.ended_at = moment(self.chance.randint(12, 24))
            self.facts.append({"fact": "revoked", "code": badge.code, "from": text(badge.ended_at)})
        if self.chance.random() < 0.15:
            at = moment(self.chance.randint(12, 24))
            db.session.add(RegistrationFact(registration_id=badge.registration_id, fact="cancelled", at=at))
            self.facts.append({"fact": "cancelled", "person": key, "from": text(at)})
        return badge

    def _name(self, child: Any, adult: Any) -> None:
        row = name_adult(self.meeting, child, adult, start=moment(-60))
        about = {"child": _key(child), "adult": _key(adult)}
        self.facts.append({"fact": "named", **about, "from": text(row.start)})
        if self.chance.random() < 0.2:
            row.end = moment(self.chance.randint(0, 24))
            self.facts.append({"fact": "unnamed", **about, "from": text(row.end)})

    def scan(self) -> tuple[int, dict[str, Any]]:
        """A device and what it observed."""
        chance = self.chance
        device = chance.choice(list(self.keys))
        kind = chance.choice(["entry"] * 6 + ["exit"] * 2 + ["handover", "void"])
        raw: dict[str, Any] = {
            "id": chance.choice(self.ids),
            "checkpoint": str(self.devices[device].id),
            "kind": kind,
            "scanned_at": text(moment(chance.randint(0, 24))),
            "offset_ms": chance.choice([None, 0, 1, -90_000]),
        }
        if kind == "void":
            raw["voids"] = chance.choice(self.ids)
        elif kind == "handover":
            raw["person"] = _key(chance.choice(self.people[3:]))
            raw["with"] = _key(chance.choice(self.people[:3]))
        elif kind == "entry" and chance.random() < 0.1:
            raw["walk_in"] = {"name": "Zoë Ng", "adult": True}
        elif chance.random() < 0.7:
            raw["code"] = chance.choice([p.code for p in self.people] + ["K-NONE"])
        else:
            raw["person"] = chance.choice([_key(p) for p in self.people] + [f"walkin:{chance.choice(self.ids)}"])
        return device, raw

    def play(self, client: Any) -> None:
        """Let the devices ask or send, sometimes twice."""
        scans = [self.scan() for _ in range(self.chance.randint(3, 10))]
        for device, raw in scans + self.chance.choices(scans, k=1):
            headers = {"Authorization": f"Bearer {self.keys[device]}"}
            body: dict[str, Any] = {"device_time": text(NOW)}
            if self.chance.random() < 0.6:
                what, body["scan"] = "ask", raw
            else:
                told = self.chance.choice([None, *WORDS]) if raw["kind"] != "void" else None
                raw = {**raw, "told": told}
                what, body["scans"] = "scans", [raw]
            answer = client.post(f"/api/v1/door/{what}", json=body, headers=headers)
            assert answer.status_code == 200, answer.text
            self.sent.append((device, {k: v for k, v in raw.items() if v is not None}))

    def expected(self) -> Outcome:
        """The pure pass over all that was sent and answered."""
        answers = db.session.execute(
            sa.select(Verdict.device_id, Verdict.scan_id, Verdict.answered).where(
                Verdict.meeting_id == self.meeting.id, Verdict.answered.is_not(None)
            )
        )
        return fold(
            {
                "meeting": str(self.meeting.id),
                "days": [
                    {"day": "2026-11-21", "from": "2026-11-20T21:00:00Z", "to": "2026-11-21T21:00:00Z"},
                    {"day": "2026-11-22", "from": "2026-11-21T21:00:00Z", "to": "2026-11-22T21:00:00Z"},
                ],
                "checkpoints": [{"id": str(c.id), "kind": c.kind, "group": c.group} for c in self.checkpoints],
                "persons": [{"key": _key(p), "child": p.registration.is_child} for p in self.people],
                "facts": self.facts,
                "batches": [{"device": str(device), "scans": [raw]} for device, raw in self.sent],
                "answers": [{"device": str(d), "id": i, "answered": a} for d, i, a in answers],
            }
        )


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _key(badge: Any) -> str:
    return f"p{badge.registration.person_id}"


def kept(meeting_id: int) -> dict[str, Any]:
    """The rows in the form of the pure outcome."""
    presence: dict[tuple[str, str], set[str]] = {}
    for row in db.session.query(Presence).filter_by(meeting_id=meeting_id):
        if row.checkpoint_id is not None:
            presence.setdefault((row.day.isoformat(), str(row.checkpoint_id)), set()).add(row.person_key)
    verdicts = db.session.query(Verdict).filter_by(meeting_id=meeting_id).all()
    return {
        "verdicts": {(str(v.device_id), v.scan_id): v.verdict for v in verdicts if v.verdict is not None},
        "presence": {place: frozenset(persons) for place, persons in presence.items()},
        "first_entries": {
            (row.day.isoformat(), str(row.checkpoint_id), row.person_key): (str(row.device_id), row.scan_id)
            for row in db.session.query(FirstEntry).filter_by(meeting_id=meeting_id)
        },
        "conflicts": {(str(v.device_id), v.scan_id): v.verdict for v in verdicts if v.conflict},
    }


@pytest.mark.parametrize("seed", range(10))
def test_the_rows_are_those_of_the_pure_pass(app, client, seed):
    chance = random.Random(seed)
    with clock.frozen(NOW):
        for _ in range(10):
            history = History(chance)
            history.play(client)
            expected = history.expected()
            wanted = {
                "verdicts": {name: str(word) for name, word in expected.verdicts.items()},
                "presence": expected.presence,
                "first_entries": expected.first_entries,
                "conflicts": {name: str(word) for name, word in expected.conflicts.items()},
            }
            assert kept(history.meeting.id) == wanted
            # folding all anew changes nothing, and neither does the pass over everything differ
            before = [tuple(r) for r in db.session.execute(sa.select(Presence.__table__).order_by(Presence.id))]
            service.refold_meeting(history.meeting.id)
            db.session.commit()
            assert [tuple(r) for r in db.session.execute(sa.select(Presence.__table__).order_by(Presence.id))] == before
            assert kept(history.meeting.id) == wanted
            waits = sa.select(DoorClock.refold_wanted_at).where(DoorClock.meeting_id == history.meeting.id)
            assert db.session.scalar(waits) is None
