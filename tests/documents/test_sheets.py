"""Sheets to sign: from the same presence as the door, right in every script, and never a child's name."""

import csv
import io
import zlib

import openpyxl
import pytest
from PIL import Image

from eventhub import clock
from eventhub.audit import AuditEntry
from eventhub.checkin.models import CheckpointKind
from eventhub.db import db
from eventhub.documents import queries_sheets, sheets
from eventhub.documents.queries_sheets import Reach
from eventhub.jobs import service as jobs
from eventhub.jobs.models import Job, JobState
from eventhub.meetings.models import Meeting
from eventhub.security import Role
from tests.factories.badges import a_confirmed, confirmed_people
from tests.factories.checkin import Door, a_checkpoint, a_participant, a_running_meeting, a_scan, name_adult
from tests.factories.documents import let_in
from tests.factories.programme import a_session
from tests.typeset.pages import letters, pages, size, words


@pytest.fixture
def meeting(app):
    return a_running_meeting(
        admits_children=True, country="PH", title="Partnership Meeting 2027", venue="Hall of Lotus"
    )


def today(meeting):
    return queries_sheets.get_sheet(meeting, clock.today(meeting.tz).isoformat())


def squeezed(text):
    return "".join(text.split())


def png(width=8, height=8):
    def chunk(kind, data):
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    rows = zlib.compress((b"\x00" + b"\x0b\x6e\x6e" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def came_in(client, meeting):
    """Five people of every kind at today's door: (door, the badges by what they are)."""
    door = Door(client, a_checkpoint(meeting, "Main entrance"))
    people = {
        "local": a_participant(meeting, "Maria Santos", country="PH", organisation="Lotus Network"),
        "abroad": a_participant(meeting, "ស្ត្រី ចន្ធី", latin_name="Strey Chanthy", country="KH", organisation="=SUM(1)"),
        "nowhere": a_participant(meeting, "Someone Else"),
        "risk": a_participant(meeting, "Hidden Person", at_risk=True, called="Lily", country="MM"),
        "absent": a_participant(meeting, "Absent Person", country="PH"),
    }
    for who in ("local", "abroad", "nowhere", "risk"):
        assert door.enter(people[who]) == "admitted"
    return door, people


def test_the_signature_list_names_adults_who_came_and_counts_the_others(client, meeting):
    meeting.project_line = "Project 4711, funded by the Foundation for Tests"
    meeting.venue, meeting.place = "Hall of Lotus, 4 Bay Road, Manila", "Manila"
    door, people = came_in(client, meeting)
    child = a_participant(meeting, "Malee Familyname", is_child=True, called="Malee", country="TH")
    name_adult(meeting, child, people["local"])
    assert door.enter(child) == "admitted"
    door.ask(a_scan(door.checkpoint, walk_in={"name": "Walter Walkin", "organisation": "Press", "adult": True}))
    pdf, number = sheets.signature_list(today(meeting))
    text = words(pages(pdf)[0])
    assert number == 4 and {size(page) for page in pages(pdf)} == {(297, 210)}
    for said in ("Maria Santos", "Strey Chanthy", "Someone Else", "Walter Walkin", "Project 4711", "Hall of Lotus"):
        assert said in text
    for hidden in ("Hidden", "Lily", "Malee", "Familyname", "Absent"):
        assert hidden not in text
    assert text.count("Manila") == 1
    assert "6 people: 1 local, 3 international, 2 unknown." in text.replace("\r\n", " ")
    assert "Children: 1 (names kept by the focal point)" in text
    assert "Adults not named: 1 (names kept by the secretariat)" in text
    rows = queries_sheets.came(today(meeting))
    assert {row.name: row.reach for row in rows.named} == {
        "Maria Santos": Reach.LOCAL,
        "ស្ត្រី ចន្ធី": Reach.INTERNATIONAL,
        "Someone Else": Reach.UNKNOWN,
        "Walter Walkin": Reach.UNKNOWN,
    }
    own = words(pages(sheets.children_list(today(meeting)))[0])
    assert "Malee" in own and "Maria Santos" in own and "Familyname" not in own


def test_a_sessions_sheet_holds_who_went_to_that_session(client, meeting):
    today_ = clock.today(meeting.tz)
    session = a_session(meeting, "Workshop on water", "05:00", "23:00", day=today_)
    room = a_checkpoint(meeting, "Room A", kind=CheckpointKind.SESSION, session=session)
    _door, people = came_in(client, meeting)
    assert Door(client, room).enter(people["abroad"]) == "admitted"
    sheet = queries_sheets.get_sheet(meeting, f"session-{session.id}")
    assert sheet.day == today_
    assert [row.latin_name for row in queries_sheets.came(sheet).named] == ["Strey Chanthy"]
    assert "Workshop on water" in words(pages(sheets.signature_list(sheet)[0])[0])
    listed = [(each.day, each.session and each.session.title) for each in queries_sheets.list_sheets(meeting)]
    first, second, third = (row.day for row in meeting.days)
    assert listed == [(first, None), (second, None), (second, "Workshop on water"), (third, None)]


def test_the_table_is_safe_and_says_what_it_leaves_out(sign_in, client, meeting):
    came_in(client, meeting)
    browser, base = sign_in(Role.ORGANISER, meeting), f"/staff/m/{meeting.slug}/sheets/{today(meeting).name}"
    answer = browser.post(f"{base}/table.csv")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row[1] for row in rows[1:]] == [
        "Maria Santos",
        "Someone Else",
        "ស្ត្រី ចន្ធី",
        "Adults not named: 1 (names kept by the secretariat)",
    ]
    assert rows[3][3] == "'=SUM(1)" and rows[1][6] == "local" and rows[2][4] == "unknown"
    book = openpyxl.load_workbook(io.BytesIO(browser.post(f"{base}/table.xlsx").data))
    assert book.active["D4"].value == "=SUM(1)" and book.active["D4"].data_type == "s"
    printed = db.session.query(AuditEntry).filter_by(action="printed a sheet of").all()
    assert [entry.detail["form"] for entry in printed] == ["signed", "signed"]


def test_the_blank_list_has_a_page_for_each_group_of_letters_and_lines_for_walk_ins(app, meeting):
    for name in [f"A{n:02}" for n in range(20)] + ["Ba", "Bo", "Ca", "ស្ត្រី"]:
        a_confirmed(meeting, name)
    a_confirmed(meeting, "Child Family", child=True, called="Kid")
    groups = sheets.letter_groups(queries_sheets.expected(today(meeting)).named)
    assert [(title, len(rows)) for title, rows in groups] == [("A", 20), ("B–ស", 4)]
    pdf, number = sheets.blank_list(today(meeting))
    text = [words(page) for page in pages(pdf)]
    assert number == 24 and "on no list" in text[-1]
    assert "Kid" not in "".join(text) and "Family" not in "".join(text)
    assert [page for page in text if "B–ស" in page]


def test_many_people_make_a_job_and_every_script_stays_in_its_column(sign_in, meeting):
    people = confirmed_people(meeting, 300)
    people[0].person.full_name = "Wolfeschlegelsteinhausenbergerdorff" * 2 + " Abcdefghi"
    people[1].person.full_name = "គោត្តនាមវែងណាស់" * 6
    people[1].person.latin_name = ""
    let_in(meeting, *people)
    meeting_day = meeting.starts.isoformat()
    browser = sign_in(Role.ORGANISER, meeting)
    answer = browser.post(f"/staff/m/{meeting.slug}/sheets/{meeting_day}/signed.pdf")
    assert answer.status_code == 302
    job = jobs.run_now(db.session.query(Job).one().id)
    assert (job.state, job.result["summary"]) == (JobState.DONE, [["People named", 300]])
    db.session.commit()
    made = browser.get(f"/staff/jobs/{job.id}/file")
    sheet_pages = pages(made.data)
    text = squeezed("".join(words(page) for page in sheet_pages))
    assert "NguyễnThịÁnh290" in text and "ស្ត្រី" in text and f"Page1of{len(sheet_pages)}" in text
    for page in (sheet_pages[0], sheet_pages[-1]):
        assert min(one.left for one in letters(page)) > 10 and max(one.right for one in letters(page)) < 287


def test_what_stands_over_the_sheets_is_kept_and_a_bad_logo_refused(sign_in, meeting):
    browser, base = sign_in(Role.ORGANISER, meeting), f"/staff/m/{meeting.slug}/sheets"
    Image.new("1", (5000, 5000)).save(many_pixels := io.BytesIO(), "PNG")
    for content, said in (
        (b"<svg onload='x'/>", "PNG or JPEG"),
        (b"\x89PNG\r\n\x1a\n broken", "damaged"),
        (png() + b"0" * 600_000, "larger than 500 KB"),
        (many_pixels.getvalue(), "too many pixels"),
    ):
        data = {"project_line": "Typed and kept", "logo": (io.BytesIO(content), "logo.png")}
        answer = browser.post(f"{base}/head", data=data)
        assert answer.status_code == 422 and said in answer.text and "Typed and kept" in answer.text
    data = {"project_line": "Grant 12", "logo": (io.BytesIO(png()), "logo.png")}
    assert browser.post(f"{base}/head", data=data).status_code == 302
    db.session.expire_all()
    kept = db.session.get_one(Meeting, meeting.id)
    assert kept.project_line == "Grant 12" and sheets.logo_of(kept)["logo"] == png()
    assert browser.post(f"{base}/head", data={"project_line": "", "remove_logo": "y"}).status_code == 302
    db.session.expire_all()
    assert sheets.logo_of(db.session.get_one(Meeting, meeting.id)) == {}


def test_children_have_their_list_only_for_who_may_see_them(sign_in, meeting):
    a_confirmed(meeting, "Child Family", child=True, called="Kid")
    day = today(meeting).name
    browser = sign_in(Role.ORGANISER, meeting)
    page = browser.get(f"/staff/m/{meeting.slug}/sheets/{day}").text
    assert "Kid" not in page and "own list" in page
    made = browser.post(f"/staff/m/{meeting.slug}/sheets/{day}/children.pdf")
    assert made.status_code == 200 and "Kid" in words(pages(made.data)[0])
    assert sign_in(Role.DOOR, meeting).post(f"/staff/m/{meeting.slug}/sheets/{day}/children.pdf").status_code == 403
    assert browser.get(f"/staff/m/{meeting.slug}/sheets/session-99999999999999999999").status_code == 404
    assert browser.get(f"/staff/m/{meeting.slug}/sheets/1999-01-01").status_code == 404
