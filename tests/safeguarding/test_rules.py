"""Consents, guardians, named adults, sealed records, incidents: the rules themselves."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from eventhub import audit, clock
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.directory.models import Person
from eventhub.errors import InvalidError, NotFoundError
from eventhub.safeguarding import incidents, queries, service
from eventhub.safeguarding.models import (
    REQUIRED_OF_CHILDREN,
    ChaperoneRole,
    Consent,
    ConsentBy,
    Guardian,
    Purpose,
    SealedRecord,
)
from eventhub.safeguarding.queries import photo_ok
from tests.factories.basics import a_meeting

CHILD, GUARDIAN, SELF = ConsentBy.CHILD, ConsentBy.GUARDIAN, ConsentBy.SELF


def a_person(name="Sok Dara", *, is_child=False, email="") -> Person:
    person = Person(full_name=name, called=name, is_child=is_child, email=email)
    db.session.add(person)
    db.session.flush()
    return person


def say(person, meeting, side, **answers):
    service.record_consents(
        person=person,
        meeting=meeting,
        side=side,
        answers={Purpose(name): answer for name, answer in answers.items()},
        language="en",
        by=SYSTEM,
    )


def a_complete_child(meeting):
    child, adult = a_person("Bopha", is_child=True), a_person("Adult", email="adult@hub.example")
    service.set_guardian(child=child, meeting=meeting, name="Mother", email="mother@hub.example", by=SYSTEM)
    service.name_adult(child=child, adult=adult, meeting=meeting, by=SYSTEM)
    for side in (CHILD, GUARDIAN):
        say(child, meeting, side, **{purpose.value: True for purpose in REQUIRED_OF_CHILDREN})
    return child, adult


def test_a_child_lacks_everything_at_first_and_nothing_in_the_end(app):
    meeting = a_meeting(admits_children=True)
    assert service.missing(a_person("Bopha", is_child=True), meeting) == [
        "The guardian's name and e-mail address are missing.",
        "The guardian has not yet answered about: taking part, travel, medical help.",
        "The child has not yet answered about: taking part, travel, medical help.",
        "No adult is named for the child yet.",
    ]
    child, adult = a_complete_child(meeting)
    assert service.missing(child, meeting) == []
    assert service.missing(adult, meeting) == []


@pytest.mark.parametrize("side", [CHILD, GUARDIAN])
@pytest.mark.parametrize("purpose", REQUIRED_OF_CHILDREN)
def test_a_no_from_either_wins_and_a_yes_can_be_taken_back(app, side, purpose):
    meeting = a_meeting(admits_children=True)
    child, _adult = a_complete_child(meeting)
    service.withdraw_consent(person=child, meeting=meeting, purpose=purpose, side=side, by=SYSTEM)
    assert len(service.missing(child, meeting)) == 1
    say(child, meeting, side, **{purpose.value: True})
    assert service.missing(child, meeting) == []
    say(child, meeting, side, **{purpose.value: False})
    assert len(service.missing(child, meeting)) == 1


def test_an_answer_is_added_never_changed_and_only_when_it_is_new(app):
    meeting = a_meeting(admits_children=True)
    child = a_person("Bopha", is_child=True)
    for answer in (True, True, False, True):
        say(child, meeting, CHILD, participation=answer)
    db.session.commit()
    rows = db.session.scalars(sa.select(Consent).order_by(Consent.id)).all()
    assert [row.answer for row in rows] == [True, False, True]
    assert {row.text_version for row in rows} == {service.texts.VERSION}


def test_a_childs_answer_is_never_its_own_alone_and_an_adults_never_anybody_elses(app):
    meeting = a_meeting(admits_children=True)
    with pytest.raises(InvalidError):
        say(a_person(is_child=True), meeting, SELF, photo_public=True)
    with pytest.raises(InvalidError):
        say(a_person(), meeting, GUARDIAN, photo_public=True)


def test_photo_consent_is_no_condition_and_the_mark_needs_every_side(app, queries):
    meeting, other = a_meeting(admits_children=True), a_meeting()
    child, adult = a_complete_child(meeting)
    silent, willing, careful = a_person("A"), a_person("B"), a_person("C")
    say(child, meeting, GUARDIAN, photo_public=True)
    say(willing, meeting, SELF, photo_public=True, photo_internal=True)
    say(willing, other, SELF, photo_public=False)
    say(careful, meeting, SELF, photo_public=True, photo_internal=False)
    ids = [person.id for person in (child, adult, silent, willing, careful)]
    db.session.flush()
    with queries() as seen:
        marks = photo_ok(ids, meeting.id)
    assert [marks[ident] for ident in ids] == [False, False, False, True, False]
    assert seen.count == 2
    say(child, meeting, CHILD, photo_public=True)
    assert photo_ok([child.id], meeting.id) == {child.id: True}


def test_a_child_has_one_named_adult_and_one_deputy_who_are_two_grown_up_people(app):
    meeting = a_meeting(admits_children=True)
    child, first = a_complete_child(meeting)
    second, other_child = a_person("Second"), a_person("Minor", is_child=True)
    with pytest.raises(InvalidError, match="18 or over"):
        service.name_adult(child=child, adult=other_child, meeting=meeting, by=SYSTEM)
    with pytest.raises(InvalidError, match="two people"):
        service.name_adult(child=child, adult=first, meeting=meeting, role=ChaperoneRole.DEPUTY, by=SYSTEM)
    service.name_adult(child=child, adult=second, meeting=meeting, role=ChaperoneRole.DEPUTY, by=SYSTEM)
    assert [c.adult for c in queries.carers([child.id], meeting.id)[child.id]] == [first, second]
    third = a_person("Third")
    service.name_adult(child=child, adult=third, meeting=meeting, by=SYSTEM)
    assert queries.named_adult(child.id, meeting.id) is third
    assert [c.child for c in queries.children_of(second.id, meeting.id)] == [child]
    assert queries.children_of(first.id, meeting.id) == []


def test_a_childs_letters_go_to_the_guardian_else_to_the_named_adult(app):
    meeting = a_meeting(admits_children=True)
    child, adult = a_complete_child(meeting)
    assert queries.contact_for(child, meeting) == ("mother@hub.example", "Mother")
    assert queries.contact_for(adult, meeting) == ("adult@hub.example", "Adult")
    db.session.execute(sa.delete(Guardian))
    assert queries.contact_for(child, meeting) == ("adult@hub.example", "Adult")
    assert queries.contact_for(a_person("Alone", is_child=True, email="x@hub.example"), meeting) is None


def test_a_new_address_of_the_guardian_withdraws_the_old_link(app):
    meeting = a_meeting(admits_children=True)
    child, _adult = a_complete_child(meeting)
    for address, version in (("Mother@hub.example", 1), ("other@hub.example", 2)):
        guardian = service.set_guardian(child=child, meeting=meeting, name="Mother", email=address, by=SYSTEM)
        assert guardian.link_version == version


def test_a_sealed_record_is_unreadable_in_the_table_and_each_reading_is_noted(app):
    meeting = a_meeting()
    person = a_person()
    reader = audit.Actor("staff", "7", "Focal point")
    service.seal(person=person, meeting=meeting, kind="medical", text="asthma ស្ត្រី", by=SYSTEM)
    row = db.session.scalars(sa.select(SealedRecord)).one()
    assert b"asthma" not in row.sealed
    assert service.read_sealed(person=person, meeting=meeting, kind="medical", by=reader) == "asthma ស្ត្រី"
    assert service.read_sealed(person=person, meeting=meeting, kind="diet", by=reader) is None
    db.session.flush()
    readings = [e for e in audit.history(person) if e.action == "read sealed record"]
    assert [(e.actor_name, e.detail) for e in readings] == [("Focal point", {"kind": "medical"})]
    with pytest.raises(InvalidError):
        service.seal(person=person, meeting=meeting, kind="gossip", text="x", by=SYSTEM)
    service.seal(person=person, meeting=meeting, kind="medical", text="", by=SYSTEM)
    assert service.read_sealed(person=person, meeting=meeting, kind="medical", by=reader) is None


def test_an_incident_does_not_exist_for_who_is_named_in_it(app):
    meeting = a_meeting()
    by = audit.Actor("staff", "3", "Reporter")
    incident = incidents.report(meeting=meeting, text="What happened", named=["Named@Hub.example"], by=by)
    db.session.flush()
    assert incidents.list_open_to("reader@hub.example", meeting.id) == [incident]
    assert incidents.list_open_to("named@hub.example", meeting.id) == []
    found = incidents.read(incident.id, meeting_id=meeting.id, reader_email="reader@hub.example", by=by)
    assert found == (incident, "What happened")
    assert b"happened" not in incident.sealed
    for act in (incidents.read, incidents.close):
        with pytest.raises(NotFoundError):
            act(incident.id, meeting_id=meeting.id, reader_email="NAMED@hub.example", by=by)


def test_the_purge_deletes_what_is_over_and_nothing_else(app):
    meeting = a_meeting(admits_children=True)
    child, adult = a_complete_child(meeting)
    service.seal(person=child, meeting=meeting, kind="medical", text="asthma", by=SYSTEM)
    end = clock.now() + timedelta(days=13)
    assert service.purge(end + timedelta(days=29)) == 0
    assert service.purge(end + timedelta(days=31)) == 1
    assert service.purge(end + timedelta(days=370)) == 1
    assert queries.find_guardian(child.id, meeting.id) is None
    assert service.purge(end + timedelta(days=3 * 365 + 5)) == 6
    assert queries.carers([child.id], meeting.id)[child.id][0].adult is adult
