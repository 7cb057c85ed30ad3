"""New rows that go in one statement: afterwards everything is as if the session had flushed them one by one."""

import sqlalchemy as sa
from sqlalchemy import orm

from eventhub import audit, clock, inserts
from eventhub.audit import SYSTEM, AuditEntry
from eventhub.db import db, flush_new
from eventhub.directory import service as directory
from eventhub.directory.models import Affiliation, Person
from eventhub.registration.models import Answer, FormField, Registration, RegistrationFact
from eventhub.registration.states import RegistrationState
from tests.factories.basics import a_meeting
from tests.factories.directory import an_organisation

NAME = "ကျွန်ုပ် 'quoted' %s :v0 \\ \U0001f9f5 \"x\""


def somebody(meeting, name: str = NAME) -> Registration:
    person = directory.new_person(full_name=name, email=f"{abs(hash(name))}@example.org", by=SYSTEM)
    found = Registration(meeting=meeting, person=person, state=RegistrationState.CONFIRMED, link_version=1)
    db.session.add(found)
    return found


def on_postgresql() -> bool:
    return db.engine.dialect.name == "postgresql"


def test_a_person_and_their_registration_are_one_statement_and_then_as_any_rows(app, queries):
    meeting = a_meeting()
    db.session.commit()
    home, before = meeting.id, clock.now()
    with queries() as seen:
        found = somebody(meeting)
        audit.record(SYSTEM, "came", found, said=NAME)
        flush_new()
    if on_postgresql():
        assert seen.count == 1
    with queries() as seen:  # everything that they hold is known, nothing has to be asked for
        assert (found.person_id, found.meeting_id, found.version) == (found.person.id, home, 1)
        assert found.created_at >= before and found.person.version == 1
        assert (found.cancelled_at, found.sector_id, found.person.merged_into_id) == (None, None, None)
    assert seen.statements == []
    assert found in db.session and found.person in db.session and not db.session.new and not db.session.dirty
    db.session.commit()
    db.session.expunge_all()
    again = db.session.scalars(sa.select(Registration)).one()
    assert (again.person.full_name, again.state, again.created_at >= before) == (
        NAME,
        RegistrationState.CONFIRMED,
        True,
    )
    entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "came")).one()
    assert (entry.subject_id, entry.detail) == (again.id, {"said": NAME})
    again.country = "KH"  # and they change as any row does
    db.session.commit()
    assert again.version == 2


def test_what_is_rolled_back_is_new_again_and_in_no_table(app):
    meeting = a_meeting()
    db.session.commit()
    found = somebody(meeting)
    flush_new()
    assert found.id
    db.session.rollback()
    assert found not in db.session and orm.attributes.instance_state(found).transient
    other = somebody(meeting, "Somebody else")
    flush_new()
    db.session.commit()
    assert db.session.scalars(sa.select(Person.full_name)).all() == ["Somebody else"]
    assert other.person.full_name == "Somebody else"


def test_in_a_savepoint_and_with_changes_at_hand_it_is_a_plain_flush(app):
    meeting = a_meeting()
    db.session.commit()
    savepoint = db.session.begin_nested()
    lost = somebody(meeting, "Lost")
    flush_new()
    savepoint.rollback()
    assert lost not in db.session
    meeting.title = "Another title"
    kept = somebody(meeting, "Kept")
    flush_new()
    db.session.commit()
    assert (meeting.title, kept.id is not None) == ("Another title", True)
    assert db.session.scalars(sa.select(Person.full_name)).all() == ["Kept"]


def test_whoever_hangs_on_a_new_row_comes_with_it(app):
    meeting, organisation = a_meeting(), an_organisation()
    question = FormField(meeting_id=meeting.id, name="q", label="Q", choices=["a", "b"])
    db.session.add(question)
    db.session.commit()
    found = somebody(meeting)
    found.person.affiliations.append(Affiliation(organisation=organisation, post=NAME))
    found.answers.append(Answer(field_id=question.id, value=["b", {"c": 1.5}]))
    flush_new()
    db.session.commit()
    assert db.session.scalars(sa.select(Affiliation.person_id)).all() == [found.person_id]
    assert db.session.execute(sa.select(Answer.registration_id, Answer.value)).all() == [(found.id, ["b", {"c": 1.5}])]
    assert [held.post for held in found.person.affiliations] == [NAME]


def test_many_rows_go_the_ordinary_way(app):
    meeting = a_meeting()
    db.session.commit()
    for n in range(inserts.MOST_AT_ONCE):
        somebody(meeting, f"Person {n}")
    flush_new()
    db.session.commit()
    names = db.session.scalars(sa.select(Person.full_name).join(Registration).order_by(Registration.id)).all()
    assert names == [f"Person {n}" for n in range(inserts.MOST_AT_ONCE)]


def test_a_refused_row_refuses_all_of_them(app):
    meeting = a_meeting()
    first = somebody(meeting)
    db.session.commit()
    db.session.add(RegistrationFact(registration_id=first.id, fact="confirmed"))
    db.session.add(Registration(meeting=meeting, person=first.person, state=RegistrationState.STARTED, link_version=1))
    try:
        flush_new()
    except sa.exc.IntegrityError:
        db.session.rollback()
    else:
        raise AssertionError("one person was registered twice")
    assert db.session.scalar(sa.select(sa.func.count(RegistrationFact.id))) == 0
