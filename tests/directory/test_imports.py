"""Importing lists: the preview says what the import then does; the same list twice adds nothing twice."""

import csv
import io

import pytest
import sqlalchemy as sa

from eventhub import files
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.directory import imports, queries, service
from eventhub.directory.columns import What
from eventhub.directory.models import Affiliation, Organisation, Person
from eventhub.errors import RuleError
from eventhub.jobs import service as jobs
from eventhub.jobs.models import Job, JobState
from tests.factories.basics import a_sector
from tests.factories.directory import a_person, an_organisation

ORGANISATIONS = """Name;Short name;Other names;name_km;Country;Sector;E-mail;Website
C-Rights;;シーライツ | Japan International Center for the Rights of the Child;;Japan;Coalition;office@c-rights.example;c-rights.example
Lotus Network;LN;;បណ្តាញឈូក;Cambodia;unheard of;;
Save Children;;;;Philippines;;;
Save Children;;;;Nepal;;;
lotus network;;Lotus-Net;;KH;;lotus@hub.example;
;;;;KH;;;
!!!;;;;KH;;;
Atlantis Trust;;;;Combodia;;;
Bad Mail;;;;;;not an address;
=HYPERLINK("http://x");;;;;;;
"""
PEOPLE = """Name,Latin name,Email,Country,Language,Organisation,Post,Since
សុខ ដារ៉ា,Sok Dara,dara@people.example,KH,Khmer,Lotus Network,Director,2019-05
石田 花子,Ishida Hanako,hanako@people.example,日本,ja,シーライツ,,
Bat,,,MN,,,,
Bat,,,MN,,,,
Nobody Known,,n@people.example,,,Lotus Netwrok,,
Someone Else,,dara@people.example,,,,,
Late,,,,,,,2019-13
"""


def read(what, text, **more):
    job = imports.receive(what, "list.csv", text.encode() if isinstance(text, str) else text, by=SYSTEM, **more)
    db.session.commit()
    return jobs.run_now(job.id)


def imported(what, text):
    job = imports.begin(read(what, text), by=SYSTEM)
    db.session.commit()
    job = jobs.run_now(job.id)
    db.session.commit()
    return job


def count(model):
    return db.session.scalar(sa.select(sa.func.count(model.id)))


def states(job):
    return [(o.row, o.state, o.name) for o in imports.preview(job).outcomes]


def test_the_preview_writes_nothing_and_says_what_each_row_would_do(app):
    a_sector("coalition")
    known = an_organisation(name="Center for C-Rights", names=[("C-RIGHTS", "", "short")], country="JP", email="")
    job = read(What.ORGANISATIONS, ORGANISATIONS)
    assert states(job) == [
        (2, "completes", "Center for C-Rights"),
        (3, "new", "Lotus Network"),
        (4, "new", "Save Children"),
        (5, "new", "Save Children"),
        (6, "completes", "Lotus Network"),
        (7, "problem", ""),
        (8, "problem", "!!!"),
        (9, "problem", "Atlantis Trust"),
        (10, "problem", "Bad Mail"),
        (11, "new", '=HYPERLINK("http://x")'),
    ]
    found = imports.preview(job)
    assert found.counts == {"new": 4, "completes": 2, "known": 0, "problem": 4}
    by_row = {o.row: o for o in found.outcomes}
    assert (
        by_row[2].key == known.id and "シーライツ" in by_row[2].brings and "office@c-rights.example" in by_row[2].brings
    )
    assert by_row[3].notes == ["No sector is called “unheard of”. It comes in without one. There are: Coalition."]
    assert "Cambodia" in by_row[3].brings  # what was understood of a row can be looked at
    assert "in Philippines" in by_row[5].notes[0]
    assert "same as row 3" in by_row[6].notes[0]
    assert "Is it Cambodia?" in by_row[9].notes[0]
    assert "formula" in by_row[11].notes[0]
    assert count(Organisation) == 1 and known.email == ""


def test_the_import_does_what_the_preview_said_and_twice_adds_nothing(app):
    a_sector("coalition")
    job = imported(What.ORGANISATIONS, ORGANISATIONS)
    assert job.result["summary"] == [["Added", 5], ["Completed", 1], ["Known already", 0], ["Not imported", 4]]
    c_rights, lotus = queries.find_organisation("シーライツ"), queries.find_organisation("បណ្តាញឈូក")
    assert (c_rights.name, c_rights.country, c_rights.sector.code) == ("C-Rights", "JP", "coalition")
    assert [(n.text, n.lang, n.kind.value) for n in lotus.names] == [
        ("Lotus Network", "", "official"),
        ("LN", "", "short"),
        ("បណ្តាញឈូក", "km", "official"),
        ("lotus network", "", "alias"),
        ("Lotus-Net", "", "alias"),
    ]
    assert lotus.email == "lotus@hub.example"
    assert len(queries.match_organisations("Save Children")) == 2
    again = imported(What.ORGANISATIONS, ORGANISATIONS)
    assert again.result["summary"] == [["Added", 0], ["Completed", 0], ["Known already", 6], ["Not imported", 4]]
    assert count(Organisation) == 5


def test_what_could_not_be_imported_comes_back_as_a_list_that_can_be_corrected(app):
    job = imported(What.ORGANISATIONS, ORGANISATIONS)
    content = files.get(job.result_file_id).content
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[0][0] == "Name" and rows[0][-1] == "Why it was not imported"
    assert [row[0] for row in rows[1:]] == ["", "!!!", "Atlantis Trust", "Bad Mail"]
    assert "not an e-mail address" in rows[-1][-1]
    corrected = content.replace(b"not an address", b"bad@mail.example").replace(b"Combodia", b"Cambodia")
    assert imported(What.ORGANISATIONS, corrected).result["summary"][0] == ["Added", 2]


def test_a_sector_is_known_in_the_singular_too(app):
    a_sector("research", "Research institutions and networks")
    done = imported(What.ORGANISATIONS, "Name;Sector\nDelta Lab;research institution and network\n")
    assert [o.sector.code for o in db.session.scalars(sa.select(Organisation))] == ["research"], done.problem


def test_nothing_that_the_directory_has_is_overwritten(app):
    held = an_organisation(name="C-Rights", country="JP", email="kept@c-rights.example", website="https://kept.example")
    imported(What.ORGANISATIONS, ORGANISATIONS)
    assert (held.email, held.website) == ("kept@c-rights.example", "https://kept.example")


def test_names_that_mean_several_organisations_are_for_a_person_to_decide(app):
    one, two = an_organisation(name="Rights Now", country=""), an_organisation(name="Rights Now", country="")
    text = "Name\nRights Now\n"
    outcome = imports.preview(read(What.ORGANISATIONS, text)).outcomes[0]
    assert outcome.state == "problem" and "Merge them" in outcome.notes[0]
    service.merge(one, two, by=SYSTEM)
    db.session.commit()
    assert imports.preview(read(What.ORGANISATIONS, text)).outcomes[0].state == "known"


def test_people_are_matched_by_address_then_by_name_and_organisation(app):
    imported(What.ORGANISATIONS, ORGANISATIONS)
    job = read(What.PEOPLE, PEOPLE)
    assert states(job) == [
        (2, "new", "សុខ ដារ៉ា"),
        (3, "new", "石田 花子"),
        (4, "new", "Bat"),
        (5, "known", "Bat"),
        (6, "problem", "Nobody Known"),
        (7, "problem", "Someone Else"),
        (8, "problem", "Late"),
    ]
    notes = {o.row: " ".join(o.notes) for o in imports.preview(job).outcomes}
    assert "Is it “Lotus Network”?" in notes[6] and "belongs to" in notes[7]
    for added in (3, 0):
        assert imported(What.PEOPLE, PEOPLE).result["summary"][0] == ["Added", added]
    assert (count(Person), count(Affiliation)) == (3, 2)
    dara = queries.find_person_by_email("dara@people.example")
    held = dara.affiliations[0]
    assert (dara.country, dara.language, dara.latin_name) == ("KH", "km", "Sok Dara")
    assert (held.organisation.name, held.post, str(held.start), held.start_precision.value) == (
        "Lotus Network",
        "Director",
        "2019-05-01",
        "month",
    )


def test_a_person_known_by_name_gets_what_was_missing(app):
    organisation = an_organisation(name="Lotus Network")
    person = a_person(organisation, full_name="Sok Dara", email="")
    other = a_person(full_name="Chan Vy", email="vy@people.example")
    text = "First name,Last name,Mail,Organisation\nSok,Dara,dara@people.example,Lotus Network\nChan,Vy,chan@people.example,\n"
    job = imported(What.PEOPLE, text)
    db.session.expire_all()
    assert person.email == "dara@people.example"
    assert job.result["summary"][:2] == [["Added", 1], ["Completed", 1]]  # another Chan Vy, with another address
    assert queries.find_person_by_email("vy@people.example") == other


def test_children_and_people_at_risk_are_neither_matched_by_name_nor_changed(app):
    child = a_person(full_name="Dara Surname", called="Dara", is_child=True, email="kid@people.example")
    a_person(full_name="Hidden Person", email="", at_risk=True)
    text = "Name,Email,Phone\nDara Surname,kid@people.example,+855\nHidden Person,,\n"
    assert [o[1] for o in states(read(What.PEOPLE, text))] == ["new", "new"]
    imported(What.PEOPLE, text)
    assert child.phone == "" and count(Person) == 4


def test_zawgyi_is_converted_and_said(app):
    job = read(What.ORGANISATIONS, "Name\nကေလးသူငယ္မ်ား အဖြဲ႕\nမဂၤလာပါ\n")
    outcomes = imports.preview(job).outcomes
    assert [o.name for o in outcomes] == ["ကလေးသူငယ်များ အဖွဲ့", "မင်္ဂလာပါ"]
    assert "Zawgyi" in outcomes[0].notes[0]


def test_a_list_that_cannot_be_read_fails_with_its_sentence(app):
    job = read(What.ORGANISATIONS, "Nothing,Here\nx,y\n")
    assert job.state is JobState.FAILED and "No column is called “Name”" in job.problem
    assert imports.preview(job) is None
    with pytest.raises(RuleError):
        imports.begin(job, by=SYSTEM)


def test_asking_twice_starts_one_import_and_a_failed_one_may_be_started_again(app):
    job = read(What.ORGANISATIONS, ORGANISATIONS)
    first = imports.begin(job, by=SYSTEM)
    assert imports.begin(job, by=SYSTEM) == first
    first.state = JobState.FAILED
    db.session.commit()
    assert imports.begin(job, by=SYSTEM) != first


def test_one_import_at_a_time(app):
    earlier = imports.begin(read(What.ORGANISATIONS, ORGANISATIONS), by=SYSTEM)
    later = imports.begin(read(What.ORGANISATIONS, ORGANISATIONS), by=SYSTEM)
    db.session.commit()
    jobs.claim(earlier.id)
    db.session.commit()
    assert "Another import is running" in jobs.run_now(later.id).problem
    assert count(Organisation) == 0


def test_an_import_cut_off_in_the_middle_and_begun_again_equals_one(app):
    text = "Name\n" + "".join(f"Organisation number {n}\n" for n in range(120))
    job = imports.begin(read(What.ORGANISATIONS, text), by=SYSTEM)
    db.session.commit()
    job_id = job.id
    saves = []

    class KilledError(BaseException):
        pass

    def save():
        db.session.commit()
        saves.append(1)
        if len(saves) == 4:  # claim, before reading, 25 rows, 50 rows: then the worker is killed
            raise KilledError

    with pytest.raises(KilledError):
        jobs.run(job_id, save=save)
    db.session.rollback()
    assert count(Organisation) == 50
    db.session.get(Job, job_id).beat_at = None
    db.session.execute(sa.update(Job).values(state=JobState.QUEUED))
    db.session.commit()
    jobs.run(job_id, save=db.session.commit)
    assert count(Organisation) == 120
    assert db.session.get(Job, job_id).state is JobState.DONE


def test_a_cancelled_import_keeps_what_it_had_saved(app):
    text = "Name\n" + "".join(f"Organisation number {n}\n" for n in range(120))
    job = imports.begin(read(What.ORGANISATIONS, text), by=SYSTEM)
    db.session.commit()
    saves = []

    def save():
        db.session.commit()
        saves.append(1)
        if len(saves) == 3:
            jobs.cancel(db.session.get(Job, job.id), by=SYSTEM)
            db.session.commit()

    jobs.run(job.id, save=save)
    assert count(Organisation) == 25 and db.session.get(Job, job.id).state is JobState.CANCELLED
