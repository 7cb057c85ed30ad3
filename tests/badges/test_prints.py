"""What is printed and mailed, read back as a scanner and a person would."""

import pytest
from icalendar import Calendar

from eventhub import clock
from eventhub.audit import SYSTEM, Actor
from eventhub.badges import cards, letters, printing, queries, service
from eventhub.badges.models import Badge
from eventhub.db import db
from eventhub.directory.models import Person
from eventhub.errors import RuleError
from eventhub.jobs import service as jobs
from eventhub.jobs.models import JobState
from eventhub.mail.letters import ATTACHMENTS
from eventhub.registration.states import RegistrationRole, RegistrationState
from eventhub.safeguarding.models import Consent, ConsentBy, Guardian, Purpose
from tests.factories.badges import NAMES, a_confirmed, confirmed_people
from tests.factories.basics import a_meeting
from tests.typeset.pages import codes, pages, words

STAFF = Actor("staff", "7", "Dara")


def letters_of(text):
    return "".join(text.split())


def print_all(meeting, **choice):
    choice = printing.Choice(**{"with_children": True, **choice})
    return printing.print_run(meeting, choice, by=SYSTEM, progress=lambda _done, _total: db.session.commit())


def test_every_code_is_read_back_from_the_sheet_in_the_order_of_names(app):
    meeting = a_meeting()
    confirmed_people(meeting, 10)
    pdf, number = print_all(meeting, layout="a4", backs=False)
    assert number == 10
    read = [code for page in pages(pdf) for code in codes(page, 200)]
    badges = db.session.query(Badge).all()
    assert sorted(read) == sorted(f"HTTPS://LOCALHOST/B/{badge.code}" for badge in badges)
    holders = queries.holders(meeting.id, with_children=True)
    singles = print_all(meeting, backs=False)[0]
    assert [codes(page) for page in pages(singles)] == [[cards.address(holder.code)] for holder in holders]
    assert [holder.full_name for holder in holders] != sorted(holder.full_name for holder in holders)


def test_names_of_all_scripts_stand_with_their_latin_form_organisation_and_role(app):
    meeting = a_meeting(focal_point_phone="+63 2 555 0142", focal_point_name="Ana Reyes")
    (registration, *_rest) = confirmed_people(meeting, len(NAMES))
    service.issue_missing(meeting, by=SYSTEM)
    registration.role = RegistrationRole.SPEAKER
    front, back = pages(printing.badge_pdf(queries.valid_badge(registration.id)))
    text = letters_of(words(front))
    for part in ("NguyễnThịÁnh0", "NetworkfortheRightsoftheChild0", "Vietnam", "Speaker", "nophoto"):
        assert part in text
    assert "+6325550142" in letters_of(words(back)) and "Ana Reyes" in words(back)


def test_a_childs_badge_shows_the_chosen_name_and_no_other(app):
    meeting = a_meeting(admits_children=True)
    registration = a_confirmed(
        meeting, "Maria Clara Dela Cruz", child=True, called="Klara", latin_name="Maria Clara Dela Cruz"
    )
    nameless = a_confirmed(meeting, "Jose Rizal", child=True)
    for row, shown in ((registration, "Klara"), (nameless, "Delegate")):
        text = words(pages(printing.badge_pdf(service.issue(row, by=SYSTEM)))[0])
        assert shown in text and "Delegate" in text and "photo" in text
        for hidden in ("Maria", "Clara Dela", "Cruz", "Rizal", "Jose", "child", "call me"):
            assert hidden not in text
        assert "Cruz" not in words(pages(printing.ticket(row))[0])


def test_who_is_at_risk_goes_by_what_they_want_to_be_called(app):
    registration = a_confirmed(a_meeting(), "Real Name", called="Star", latin_name="Real Name", at_risk=True)
    text = words(pages(printing.badge_pdf(service.issue(registration, by=SYSTEM)))[0])
    assert "Star" in text and "Real" not in text


def test_the_photo_mark_needs_a_consent(app):
    meeting = a_meeting()
    yes, no = a_confirmed(meeting, "Aa"), a_confirmed(meeting, "Bb")
    for purpose in (Purpose.PHOTO_PUBLIC, Purpose.PHOTO_INTERNAL):
        db.session.add(
            Consent(
                person_id=yes.person_id,
                meeting_id=meeting.id,
                purpose=purpose,
                by=ConsentBy.SELF,
                answer=True,
                text_version="1",
                language="en",
            )
        )
    fronts = [words(page) for page in pages(print_all(meeting, backs=False)[0])]
    assert [("photo ok" in text, "no photo" in text) for text in fronts] == [(True, False), (False, True)]
    assert yes.id != no.id


def test_a_merged_person_is_printed_under_the_record_that_stays(app):
    meeting = a_meeting()
    kept = Person(full_name="Sok Chanthy")
    db.session.add(kept)
    db.session.flush()
    registration = a_confirmed(meeting, "Chanthi S.", merged_into_id=kept.id)
    text = words(pages(printing.badge_pdf(service.issue(registration, by=SYSTEM)))[0])
    assert "Sok Chanthy" in text and "Chanthi" not in text


def test_the_job_prints_once_more_with_the_same_codes_and_then_only_what_is_new(app):
    meeting = a_meeting()
    confirmed_people(meeting, 3)
    run = []
    for _ in range(2):
        job = jobs.start(
            "badges.sheet", "Badges", args={"with_children": True, "backs": False}, meeting=meeting, by=STAFF
        )
        db.session.commit()
        assert jobs.run_now(job.id).state is JobState.DONE
        db.session.commit()
        assert job.result["summary"] == [["Badges", 3]] and (job.done, job.total) == (3, 3)
        run.append([codes(page) for page in pages(content(job))])
    assert run[0] == run[1]
    assert all(badge.printed_at for badge in db.session.query(Badge))
    a_confirmed(meeting, "Late Comer")
    pdf, number = print_all(meeting, unprinted=True, backs=False)
    assert number == 1 and "Late Comer" in words(pages(pdf)[0])


def content(job):
    from eventhub import files

    return files.get(job.result_file_id).content


def test_a_print_run_can_be_of_a_role_or_a_sector_and_leaves_children_to_who_may_see_them(app):
    meeting = a_meeting(admits_children=True)
    a_confirmed(meeting, "Speaker One", role=RegistrationRole.SPEAKER)
    a_confirmed(meeting, "Maria", child=True, called="Klara")
    a_confirmed(meeting, "Gone", state=RegistrationState.CANCELLED)
    assert print_all(meeting, role="speaker")[1] == 1
    assert print_all(meeting, with_children=False)[1] == 1
    assert print_all(meeting)[1] == 2
    with pytest.raises(RuleError, match="no badge to print"):
        print_all(meeting, sector_id=999)


def test_too_many_for_one_file_is_said(app, monkeypatch):
    meeting = a_meeting()
    confirmed_people(meeting, 3)
    monkeypatch.setattr(printing, "MOST", 2)
    with pytest.raises(RuleError, match="These are 3 badges; one file holds 2"):
        print_all(meeting)


def test_a_stopped_run_leaves_no_badge_marked_as_printed(app):
    meeting = a_meeting()
    confirmed_people(meeting, 3)

    def stop(done, _total):
        db.session.commit()
        if done:
            raise jobs.CancelledError

    with pytest.raises(jobs.CancelledError):
        printing.print_run(meeting, printing.Choice(), by=SYSTEM, progress=stop)
    assert [badge.printed_at for badge in db.session.query(Badge)] == [None] * 3


def test_the_ticket_letter_has_ticket_and_calendar(app):
    meeting = a_meeting(title="APPM, Manila")
    registration = a_confirmed(meeting, "ស្ត្រី ចន្ធី", called="Chanthy", email="chanthy@hub.example")
    badge = service.issue(registration, by=SYSTEM)
    message = letters.ticket(registration)
    assert (message.to_email, message.subject) == ("chanthy@hub.example", "Your ticket: APPM, Manila")
    assert "Dear Chanthy," in message.text and f"eventhub-link:me/{registration.id}/1" in message.text
    assert letters.ticket(registration) is message
    made = {a["kind"]: ATTACHMENTS[a["kind"]](a["id"]) for a in message.attachments}
    name, media_type, pdf = made["ticket"]
    assert (name, media_type) == (f"ticket-{meeting.slug}.pdf", "application/pdf")
    assert codes(pages(pdf)[0]) == [f"HTTPS://LOCALHOST/B/{badge.code}"]
    (event,) = Calendar.from_ical(made["calendar"][2]).walk("VEVENT")
    assert event["summary"] == "APPM, Manila" and event.decoded("dtstart") == meeting.starts


def test_a_ticket_tells_the_address_on_its_one_page_and_a_badge_does_not(app):
    for venue in (
        "Hotel Himawari\n313 Sisowath Quay",
        "The Hall of the Federation of Rivers and Children, Block C, " * 4,
    ):
        meeting = a_meeting(venue=venue, place="Phnom Penh", country="KH")
        registration = a_confirmed(meeting, "Sok Chanthy")
        service.issue(registration, by=SYSTEM)
        found = pages(printing.ticket(registration))
        assert len(found) == 1
        text = " ".join(words(found[0]).split())
        assert venue.split("\n")[0].strip(" ,") in text and "Phnom Penh, Cambodia" in text
    meeting = a_meeting(venue="Hotel Himawari")
    badge = service.issue(a_confirmed(meeting, "Sok Dara"), by=SYSTEM)
    assert "Himawari" not in words(pages(printing.badge_pdf(badge))[0])  # who wears it is there


def test_a_childs_ticket_goes_to_the_guardian(app):
    meeting = a_meeting(admits_children=True)
    registration = a_confirmed(meeting, "Maria Dela Cruz", child=True, called="Klara", email="")
    db.session.add(
        Guardian(child_id=registration.person_id, meeting_id=meeting.id, name="Ana Cruz", email="ana@hub.example")
    )
    service.issue(registration, by=SYSTEM)
    message = letters.ticket(registration)
    assert (message.to_email, message.to_name, message.about_child) == ("ana@hub.example", "Ana Cruz", True)
    assert "Klara’s ticket" in message.subject and "Dear Ana Cruz," in message.text
    assert "Maria" not in message.subject + message.text + message.html


def test_without_an_address_the_letter_waits_for_the_staff(app):
    registration = a_confirmed(a_meeting(), email="")
    assert service.react_to_confirmed(registration.id)
    message = letters.ticket(registration)
    assert message.state == "failed" and "no e-mail address" in message.problem


def test_reminders_go_to_everybody_confirmed_once_a_day(app):
    meeting = a_meeting()
    coming = confirmed_people(meeting, 3)
    a_confirmed(meeting, state=RegistrationState.CANCELLED)
    for _ in range(2):
        job = jobs.start("mail.reminder", "Reminder", args={}, meeting=meeting, by=STAFF)
        assert jobs.run_now(job.id).state is JobState.DONE
    from eventhub.mail.models import Message

    sent = db.session.query(Message).filter_by(letter="reminder").all()
    assert {m.person_id for m in sent} == {row.person_id for row in coming} and len(sent) == 3
    with clock.frozen(clock.now().replace(year=2031)):
        letters.reminder(coming[0])
    assert db.session.query(Message).filter_by(letter="reminder").count() == 4


def test_the_code_names_the_host_with_its_port(app):
    assert cards.address("ABC") == "HTTPS://LOCALHOST/B/ABC"
    import dataclasses

    before = app.config["EVENTHUB"]
    app.config["EVENTHUB"] = dataclasses.replace(before, base_url="https://hub.example:8443")
    try:
        assert cards.address("ABC") == "HTTPS://HUB.EXAMPLE:8443/B/ABC"
    finally:
        app.config["EVENTHUB"] = before
