"""Certificates of attendance: only for who was there, numbered once, right in every script."""

from datetime import UTC, datetime
from threading import Barrier, Thread

import pytest

from eventhub import files, security
from eventhub.audit import SYSTEM, Actor
from eventhub.db import db, writing
from eventhub.directory.models import Person
from eventhub.documents import printing, queries, service
from eventhub.documents.models import Document
from eventhub.errors import RuleError
from eventhub.jobs import service as jobs
from eventhub.jobs.models import Job, JobState
from eventhub.meetings.models import Meeting
from eventhub.security import Role
from tests.factories.badges import NAMES, a_confirmed, confirmed_people
from tests.factories.basics import a_meeting
from tests.factories.documents import let_in
from tests.typeset.pages import letters, pages, size, words

STAFF = Actor("staff", "7", "Dara")


def squeezed(text):
    return "".join(text.split())


def test_only_who_was_there_gets_one_and_only_one(app):
    meeting = a_meeting(slug="appm-2027")
    came, stayed_away = confirmed_people(meeting, 2)
    let_in(meeting, came)
    document = service.issue(came, by=STAFF)
    assert (document.number, document.by_name) == ("APPM-2027-0001", "Dara")
    assert service.issue(came, by=STAFF) is document
    with pytest.raises(service.NotThereError):
        service.issue(stayed_away, by=STAFF)
    assert service.issue_missing(meeting, by=STAFF) == 0


def test_it_bears_the_day_where_the_meeting_is(app):
    meeting = a_meeting(tz="Asia/Manila")
    (came,) = confirmed_people(meeting, 1)
    let_in(meeting, came)
    document = service.issue(came, by=STAFF)
    document.issued_at = datetime(2026, 11, 30, 20, 30, tzinfo=UTC)
    db.session.commit()
    assert "1 December 2026" in words(pages(printing.one_pdf(document))[0])


def test_who_was_merged_was_there_under_either_record(app):
    meeting = a_meeting()
    kept = Person(full_name="Sok Chanthy")
    db.session.add(kept)
    db.session.flush()
    registration = a_confirmed(meeting, "Chanthi S.", merged_into_id=kept.id)
    let_in(meeting, person_id=kept.id)
    text = words(pages(printing.one_pdf(service.issue(registration, by=SYSTEM)))[0])
    assert "Sok Chanthy" in text and "Chanthi" not in text


def test_names_of_all_scripts_stand_on_one_page_each(app):
    meeting = a_meeting(title="Asia Pacific Partnership Meeting 2027", theme="Children and the climate", place="Manila")
    people = confirmed_people(meeting, len(NAMES))
    let_in(meeting, *people)
    service.issue_missing(meeting, by=SYSTEM)
    pdf, number = printing.all_pdf(meeting, with_children=True)
    sheets = pages(pdf)
    assert (number, len(sheets)) == (len(NAMES), len(NAMES))
    assert {size(sheet) for sheet in sheets} == {(297, 210)}
    for holder, sheet in zip(queries.holders(meeting.id, with_children=True), sheets, strict=True):
        text = squeezed(words(sheet))
        assert holder.number in text and "AsiaPacificPartnershipMeeting2027" in text and "Manila,Philippines" in text
        assert squeezed(holder.latin_name or holder.full_name) in text


def test_the_longest_names_stay_on_the_page(app):
    meeting = a_meeting(title="The long " * 30, theme="Theme " * 40)
    registration = a_confirmed(
        meeting, "Wolfeschlegelstein " * 15, latin_name="Muhammad " * 30, organisation_text="Org " * 70
    )
    let_in(meeting, registration)
    (page,) = pages(printing.one_pdf(service.issue(registration, by=SYSTEM)))
    placed = letters(page)
    assert min(one.left for one in placed) > 40 and max(one.right for one in placed) < 257
    assert max(one.bottom for one in placed) < 196


def test_a_childs_certificate_shows_the_chosen_name_only(app):
    meeting = a_meeting(admits_children=True)
    child = a_confirmed(meeting, "Maria Dela Cruz", child=True, called="Klara", latin_name="Maria Dela Cruz")
    let_in(meeting, child)
    text = words(pages(printing.one_pdf(service.issue(child, by=SYSTEM)))[0])
    assert "Klara" in text and "Maria" not in text and "Cruz" not in text
    with pytest.raises(RuleError):
        printing.all_pdf(meeting, with_children=False)


def test_numbers_are_given_once_whatever_runs_at_once(app):
    meeting = a_meeting()
    let_in(meeting, *confirmed_people(meeting, 6))
    meeting_id, barrier, answers = meeting.id, Barrier(5), []
    db.session.commit()

    def run():
        with app.app_context():
            token = writing.set(True)
            barrier.wait()
            try:
                answers.append(service.issue_missing(db.session.get_one(Meeting, meeting_id), by=SYSTEM))
                db.session.commit()
            finally:
                db.session.remove()
                writing.reset(token)

    threads = [Thread(target=run) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [0, 0, 0, 0, 6]
    assert len({document.number for document in db.session.query(Document)}) == 6


def test_a_meeting_that_takes_over_an_address_counts_on(app):
    first = a_meeting(slug="appm")
    let_in(first, *confirmed_people(first, 2))
    service.issue_missing(first, by=SYSTEM)
    first.slug = "appm-old"
    second = a_meeting(slug="appm")
    let_in(second, *confirmed_people(second, 1))
    service.issue_missing(second, by=SYSTEM)
    assert sorted(document.number for document in db.session.query(Document)) == ["APPM-0001", "APPM-0002", "APPM-0003"]


def test_the_job_makes_all_and_twice_is_once(app):
    meeting = a_meeting()
    let_in(meeting, *confirmed_people(meeting, 3))
    for new in (3, 0):
        job = jobs.start("documents.certificates", "All", args={"with_children": True}, meeting=meeting, by=STAFF)
        db.session.commit()
        assert jobs.run_now(job.id).state is JobState.DONE
        assert job.result == {"summary": [["Certificates", 3], ["Of them new", new]]}
    assert len(pages(files.get(job.result_file_id).content)) == 3


def test_the_pages_of_staff_and_of_the_person(sign_in, client):
    meeting = a_meeting(admits_children=True)
    came, away, child = (
        a_confirmed(meeting, "Came"),
        a_confirmed(meeting, "Away"),
        a_confirmed(meeting, "Maria", child=True),
    )
    let_in(meeting, came, child)
    db.session.commit()
    browser, base = sign_in(Role.ORGANISER, meeting), f"/staff/m/{meeting.slug}/certificates"
    page = browser.get(f"{base}/").text
    assert "Came" in page and "Away" not in page and "Maria" not in page
    assert browser.post(f"{base}/issue/{came.id}").status_code == 302
    assert browser.post(f"{base}/issue/{away.id}").status_code == 409
    document = queries.find_certificate(came.id)
    assert browser.get(f"{base}/{document.id}.pdf").mimetype == "application/pdf"
    assert browser.get(f"{base}/999.pdf").status_code == 404
    assert browser.post(f"{base}/all").status_code == 302
    assert db.session.query(Job).one().args == {"with_children": True}
    link = security.token("me", came.id)
    assert "Came" in words(pages(client.get(f"/me/{link}/certificate.pdf").data)[0])
    assert f"/me/{link}/certificate.pdf" in client.get(f"/me/{link}").text
    assert client.get(f"/me/{security.token('me', away.id)}/certificate.pdf").status_code == 404
    assert sign_in(Role.READER, meeting).get(f"{base}/").status_code == 403


def test_a_certificate_of_another_meeting_is_not_here(sign_in):
    meeting, other = a_meeting(), a_meeting()
    registration = a_confirmed(other)
    let_in(other, registration)
    document = service.issue(registration, by=SYSTEM)
    db.session.commit()
    browser = sign_in(Role.ORGANISER, meeting)
    assert browser.get(f"/staff/m/{meeting.slug}/certificates/{document.id}.pdf").status_code == 404
    assert browser.post(f"/staff/m/{meeting.slug}/certificates/issue/{registration.id}").status_code == 404
