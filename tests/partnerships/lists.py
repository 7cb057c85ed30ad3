from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.partnerships import (
    answers,
    attendance,
    commitments,
    meeting_statements,
    queries_commit,
    queries_follow,
    stories,
    waves,
)
from eventhub.partnerships.states import CommitmentState
from tests.factories.directory import a_person, an_organisation
from tests.factories.partnerships import a_delegation, a_partnership, an_introduction, confirm


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


def promised(meeting, n):
    for _ in range(n):
        organisation, _head = a_delegation(meeting)
        row = commitments.promise(meeting=meeting, organisation=organisation, text="We meet.", by=SYSTEM)
        commitments.tell(row, state=CommitmentState.KEPT, by=SYSTEM)
    db.session.commit()


def voices(meeting, n):
    for _ in range(n):
        a_delegation(meeting)
    newest = next(iter(queries_commit.list_statements(meeting)), None)
    if newest is None:
        newest = meeting_statements.draft(meeting=meeting, title="Heard", text="We agree.", by=SYSTEM)
    meeting_statements.ask(newest, by=SYSTEM)
    db.session.commit()


def told(meeting, n):
    for _ in range(n):
        stories.assemble(a_partnership(meeting), by=SYSTEM)
    db.session.commit()


def attended(meeting, n):
    for _ in range(n):
        organisation = an_organisation()
        attendance.note(meeting=meeting, organisation=organisation, counts={"adult": 2}, source="A list", by=SYSTEM)
        attendance.note(meeting=meeting, organisation=organisation, person=a_person(organisation), by=SYSTEM)
    db.session.commit()


PAGES = {
    "partnerships.came": attended,
    "partnerships.stories_index": told,
    "partnerships.index": partnerships,
    "partnerships.follow_ups": follow_ups,
    "partnerships.ask_past": follow_ups,
    "partnerships.follow_up_answers": answered,
    "partnerships.commitments": promised,
    "partnerships.statement": voices,
}
