"""Two doors, one person, the same moment: through real connections of real threads, exactly one hears `admitted`."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from eventhub.db import db
from tests.bench.load import Connection
from tests.factories.checkin import a_checkpoint, a_device, a_participant, a_running_meeting, a_scan, name_adult, text

RUNS = 30


def request(key: str, scan: dict) -> bytes:
    body = json.dumps({"device_time": text(), "scan": scan}).encode()
    head = f"POST /api/v1/door/ask HTTP/1.1\r\nHost: door\r\nAuthorization: Bearer {key}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def at_once(server: str, questions: list[bytes]) -> list[str]:
    """Ask all at the same moment, each over a connection of its own; the verdicts."""
    db.session.commit()  # the test's own session must hold no lock
    barrier = Barrier(len(questions))

    def one(question: bytes) -> str:
        connection = Connection(server)
        barrier.wait(60)
        status, _, body = connection.ask(question)
        connection.socket.close()
        assert status == 200, body
        return json.loads(body)["result"]["verdict"]

    with ThreadPoolExecutor(len(questions)) as pool:
        return sorted(pool.map(one, questions))


def test_of_two_doors_at_once_exactly_one_admits(server):
    meeting = a_running_meeting()
    checkpoint = a_checkpoint(meeting)
    keys = [a_device(checkpoint)[1] for _ in range(2)]
    badges = [a_participant(meeting) for _ in range(RUNS)]
    db.session.commit()
    heard = [at_once(server, [request(key, a_scan(checkpoint, code=badge.code)) for key in keys]) for badge in badges]
    assert heard == [["admitted", "already_in"]] * RUNS


def test_of_two_people_exactly_one_gets_the_last_place(server):
    meeting = a_running_meeting()
    people = [a_participant(meeting) for _ in range(6)]
    for _ in range(5):
        checkpoint = a_checkpoint(meeting, kind="meal", capacity=2)
        keys = [a_device(checkpoint)[1] for _ in people]
        db.session.commit()
        questions = [request(key, a_scan(checkpoint, code=badge.code)) for key, badge in zip(keys, people, strict=True)]
        assert at_once(server, questions) == ["admitted"] * 2 + ["refused"] * 4


def test_the_same_question_at_once_is_one_scan(server):
    meeting = a_running_meeting()
    checkpoint, badge = a_checkpoint(meeting), a_participant(meeting)
    key = a_device(checkpoint)[1]
    db.session.commit()
    question = request(key, a_scan(checkpoint, code=badge.code))
    assert at_once(server, [question] * 8) == ["admitted"] * 8


def test_an_adult_does_not_leave_while_the_child_comes_in(server):
    """Whatever the order: the child is never inside alone."""
    meeting = a_running_meeting(admits_children=True)
    checkpoint = a_checkpoint(meeting)
    keys = [a_device(checkpoint)[1] for _ in range(2)]
    for _ in range(5):
        adult, child = a_participant(meeting), a_participant(meeting, is_child=True, called="Bopha")
        name_adult(meeting, child, adult)
        db.session.commit()
        assert at_once(server, [request(keys[0], a_scan(checkpoint, code=adult.code))]) == ["admitted"]
        both = [
            request(keys[0], a_scan(checkpoint, "exit", code=adult.code)),
            request(keys[1], a_scan(checkpoint, code=child.code)),
        ]
        assert at_once(server, both) in (["admitted", "refused"], ["left", "refused"])
