"""What a batch leaves is what the pure pass makes of the same scans, whether they are judged in one go or folded: random
batches by HTTP, mostly of plain people in order, with a child, a carer, a full room, voids, lies and repeats in between."""

import random
import uuid

import pytest

from eventhub import clock
from eventhub.checkin.models import CheckpointRules
from eventhub.db import db
from tests.checkin.test_rows import NOW, WORDS, History, _key, kept, moment
from tests.factories.checkin import Door, a_checkpoint, a_participant, a_running_meeting, a_scan, text


class Batches(History):
    """The same meeting, and devices that send much at once."""

    def __init__(self, chance, *, plain):
        super().__init__(chance)
        self.plain = plain
        self.people += [self._person(is_child=False) for _ in range(6)]

    def _checkpoint(self, kind, group):
        made = super()._checkpoint(kind, group)
        if self.chance.random() < 0.8:  # a capacity anywhere in a group leaves everybody to the fold
            db.session.query(CheckpointRules).filter_by(checkpoint_id=made.id).update({"capacity": None})
            for fact in self.facts:
                if fact["checkpoint"] == str(made.id):
                    fact["rules"]["capacity"] = None
        return made

    def several(self, device):
        """Scans of one device, one after the other."""
        chance, begin = self.chance, self.chance.randint(0, 10)
        made = []
        for n in range(chance.randint(1, 8)):
            if not self.plain and chance.random() < 0.2:
                _, raw = self.scan()
                raw["checkpoint"] = str(self.devices[device].id)
            else:
                person = chance.choice(self.people[5:] if self.plain else self.people)
                who = {"code": person.code} if chance.random() < 0.8 else {"person": _key(person)}
                kind = chance.choice(["entry", "entry", "exit"])
                at = moment(begin + n if chance.random() < 0.9 else chance.randint(0, 24))
                raw = a_scan(self.devices[device], kind, at=at, **who)
                raw["id"] = str(uuid.UUID(int=chance.getrandbits(128), version=4))
            if raw["kind"] != "void" and chance.random() < 0.7:
                raw["told"] = chance.choice(["admitted", "admitted", "left", "already_in", *WORDS])
            made.append(raw)
        return made

    def play(self, client):
        sent = []
        for _ in range(self.chance.randint(1, 5)):
            device = self.chance.choice(list(self.keys))
            sent.append((device, self.several(device)))
        for device, scans in sent + self.chance.choices(sent, k=1):
            headers = {"Authorization": f"Bearer {self.keys[device]}"}
            answer = client.post("/api/v1/door/scans", json={"device_time": text(NOW), "scans": scans}, headers=headers)
            assert answer.status_code == 200, answer.text
            assert [r["id"] for r in answer.json["results"]] == [scan["id"] for scan in scans]
            self.sent += [(device, {k: v for k, v in raw.items() if v is not None}) for raw in scans]


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("seed", range(2))
def test_a_batch_leaves_what_the_pure_pass_leaves(app, client, seed, plain):
    chance = random.Random(seed)
    with clock.frozen(NOW):
        for _ in range(6):
            history = Batches(chance, plain=plain)
            history.play(client)
            expected = history.expected()
            wanted = {
                "verdicts": {name: str(word) for name, word in expected.verdicts.items()},
                "presence": expected.presence,
                "first_entries": expected.first_entries,
                "conflicts": {name: str(word) for name, word in expected.conflicts.items()},
            }
            assert kept(history.meeting.id) == wanted, f"seed {seed}, plain {plain}"


def test_a_batch_of_many_costs_as_many_statements_as_one_of_few(app, client, queries):
    meeting = a_running_meeting()
    door = Door(client, a_checkpoint(meeting))
    counts = []
    for n in (3, 100):
        scans = [a_scan(door.checkpoint, code=a_participant(meeting).code, told="admitted") for _ in range(n)]
        db.session.commit()
        with queries() as seen:
            results = door.send(*scans)
        assert [r["verdict"] for r in results] == ["admitted"] * n
        counts.append(seen.count)
    assert counts[0] == counts[1] <= 24
