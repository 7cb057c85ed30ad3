from eventhub.db import db
from eventhub.partnerships import answers, queries_follow, waves
from tests.factories.partnerships import a_partnership, an_introduction, confirm


def partnerships(meeting, n):
    for i in range(n):
        partnership = a_partnership(meeting)
        if i == 0:
            confirm(partnership)


def follow_ups(meeting, n):
    for _ in range(n):
        an_introduction(meeting)
    waves.schedule(meeting)
    db.session.commit()


def answered(meeting, n):
    """Half are told by both sides, and each waits for a decision."""
    follow_ups(meeting, n)
    for row in queries_follow.list_asked(meeting, months=3)[0].items:
        said = {
            subject.key: answers.Said(together=True, title="A training")
            for subject in queries_follow.list_subjects(row)
        }
        answers.save(row, said, words="", seen=row.version)
    db.session.commit()


PAGES = {
    "partnerships.index": partnerships,
    "partnerships.follow_ups": follow_ups,
    "partnerships.follow_up_answers": answered,
}
