"""What a batch leaves is what the pure pass makes of the same scans, whether they are judged in one go or folded: random
batches of plain people, mostly in order, with lies, voids, old badges and repeats in between.

A failure names its seed: put it in place of `FIRST` to play it again.
"""

import json
import random
import uuid

import pytest

from eventhub import clock
from eventhub.checkin import cases
from eventhub.checkin.replay import replay
from eventhub.db import db
from tests.checkin.test_rows import NOW, OUTCOMES, WORDS, Ground, History, _key, kept, moment, refolded
from tests.factories.checkin import Door, a_checkpoint, a_participant, a_running_meeting, a_scan

FIRST = random.SystemRandom().randrange(2**40)


class PlainGround(Ground):
    """No room can be full, and most people are plain: nobody else's place concerns them."""

    def __init__(self, chance):
        super().__init__(chance)
        self.plain = [self._person(is_child=False) for _ in range(5)]
        self.people += self.plain

    def _changed(self, row):
        row.capacity = None
        super()._changed(row)


class Batches(History):
    """Devices that send much at once, as after a morning without the network."""

    def play(self):
        sent = []
        for _ in range(self.chance.randint(2, 5)):
            device = self.chance.choice(list(self.ground.keys))
            sent.append((device, self._several(device)))
        for device, scans in sent + self.chance.choices(sent, k=1):
            self.send(device, scans)

    def _several(self, device):
        """Scans of one device, nearly always one after the other."""
        chance, begin, made = self.chance, self.chance.randint(0, 10), []
        for n in range(chance.randint(1, 8)):
            person = chance.choice(self.ground.plain if chance.random() < 0.9 else self.ground.people)
            who = {"code": person.code} if chance.random() < 0.8 else {"person": _key(person)}
            at = moment(begin + n if chance.random() < 0.9 else chance.randint(0, 24))
            if made and chance.random() < 0.05:
                raw = {"kind": "void", "voids": chance.choice(made)["id"]}
            else:
                told = {"told": chance.choice(["admitted", "left", *WORDS])} if chance.random() < 0.7 else {}
                raw = {"kind": chance.choice(["entry", "entry", "exit"]), **who, **told}
            scan = a_scan(Place(self.ground.places[device]), at=at, **raw)
            made.append({**scan, "id": str(uuid.UUID(int=chance.getrandbits(128), version=4))})
        return made


class Place:
    def __init__(self, ident):
        self.id = ident


@pytest.mark.parametrize("number", range(4))
def test_a_batch_leaves_what_the_pure_pass_leaves(app, client, number):
    seed = FIRST + number
    chance = random.Random(seed)
    with clock.frozen(NOW):
        for case in range(3):
            ground = PlainGround(chance)
            for _ in range(3):
                history = Batches(ground, client)
                history.play()
                read = cases.parse(cases_of(history.case(case)))
                [expected] = replay(read)["cases"]
                assert kept(ground.meeting.id) == {name: expected[name] for name in OUTCOMES}, f"seed {seed}"
                refolded(ground)
                assert kept(ground.meeting.id) == {name: expected[name] for name in OUTCOMES}, f"seed {seed}"
                ground.forget()


def cases_of(case):
    return json.dumps({"cases": [case]}).encode()


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
