"""Importing through the pages and from the command line."""

import io

import pytest

from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.directory import imports, queries
from eventhub.directory.columns import What
from eventhub.jobs import service as jobs
from eventhub.jobs.models import Job
from eventhub.security import Role
from tests.factories.basics import a_meeting

LIST = b"Name,Country\n<b>Lotus</b>,KH\nC-Rights,Japan\n!!!,KH\n"


def send(browser, content=LIST, name="list.csv", address="/staff/imports", **more):
    data = {"what": "organisations", "encoding": "", "file": (io.BytesIO(content), name), **more}
    return browser.post(address, data=data, content_type="multipart/form-data")


def last_job():
    return db.session.query(Job).order_by(Job.id.desc()).first()


def test_a_list_is_chosen_looked_at_and_imported(sign_in):
    meeting = a_meeting()
    browser = sign_in(Role.ORGANISER, meeting)
    answer = send(browser, address=f"/staff/m/{meeting.slug}/imports")
    read = last_job()
    address = f"/staff/m/{meeting.slug}/imports/{read.id}"
    assert answer.location == address
    assert 'http-equiv="refresh"' in browser.get(address).text
    jobs.run_now(read.id)
    page = browser.get(address).text
    assert "Import 2 organisations" in page and "&lt;b&gt;Lotus" in page and "<b>Lotus" not in page
    assert "at least one letter" in page and queries.search_organisations().total == 0
    assert "C-Rights" not in browser.get(f"{address}?state=problem").text
    for query in ("?state=nonsense", "?page=99", "?page=x"):
        assert browser.get(address + query).status_code == 200
    assert browser.post(f"{address}/begin").status_code == 302
    assert browser.post(f"{address}/begin").status_code == 302
    job = last_job()
    jobs.run_now(job.id)
    assert queries.search_organisations().total == 2
    page = browser.get(f"/staff/jobs/{job.id}").text
    assert "Added" in page and "Download the rows that were not imported" in page
    assert f'href="/staff/m/{meeting.slug}/invitations/new"' in page  # where the work goes on
    assert b"!!!" in browser.get(f"/staff/jobs/{job.id}/file").data
    assert "See the import" in browser.get(address).text


def test_a_list_that_cannot_be_read_says_why(sign_in):
    browser = sign_in()
    assert send(browser, b"a,b\n1,2\n").status_code == 302
    jobs.run_now(last_job().id)
    page = browser.get(f"/staff/imports/{last_job().id}").text
    assert "cannot be imported as it is" in page and "No column is called" in page
    assert browser.post(f"/staff/imports/{last_job().id}/begin").status_code == 409


def test_what_is_no_upload_is_refused(sign_in):
    browser = sign_in()
    assert browser.post("/staff/imports", data={"what": "organisations"}).status_code == 422
    assert send(browser, what="nonsense").status_code == 422
    assert send(browser, encoding="rot13").status_code == 422
    assert send(browser, b"x" * (10 * 1024 * 1024 + 1)).status_code == 422
    assert send(browser, b"x" * (34 * 1024 * 1024)).status_code == 413
    assert db.session.query(Job).count() == 0
    assert send(browser, name="../../\x00" + "ស" * 3000 + ".csv").status_code == 302


@pytest.mark.parametrize("what", ["organisations", "people"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_templates_are_there(sign_in, what, kind):
    answer = sign_in().get(f"/staff/imports/template/{what}.{kind}")
    assert answer.status_code == 200 and f'filename="{what}.{kind}"' in answer.headers["Content-Disposition"]


def test_only_who_edits_the_directory_imports(sign_in):
    meeting = a_meeting()
    send(sign_in())
    job = last_job()
    browser = sign_in(Role.PROGRAMME, meeting)
    for address in ("/staff/imports", f"/staff/imports/{job.id}", "/staff/imports/template/people.csv"):
        assert browser.get(address).status_code == 403
    assert browser.post(f"/staff/imports/{job.id}/begin").status_code == 403
    for address in (
        "/staff/imports/template/nothing.csv",
        "/staff/imports/template/people.exe",
        "/staff/imports/999999",
    ):
        assert sign_in().get(address).status_code == 404


def test_the_command_line_imports_and_leaves_the_rejected_rows_beside_the_file(app, tmp_path):
    file = tmp_path / "organisations.csv"
    file.write_bytes(LIST)
    runner = app.test_cli_runner()
    asked = runner.invoke(args=["import", "organisations", str(file)], input="n\n")
    assert "2 new, 0 completed, 0 known, 1 not importable." in asked.output and asked.exit_code == 1
    assert queries.search_organisations().total == 0
    done = runner.invoke(args=["import", "organisations", str(file), "--yes"])
    assert done.exit_code == 0 and "Added: 2" in done.output
    db.session.rollback()
    assert queries.search_organisations().total == 2
    assert b"!!!" in (tmp_path / "organisations-not-imported.csv").read_bytes()
    people = tmp_path / "people.csv"
    people.write_text("Name,Organisation\nDara,C-Rights\n")
    assert runner.invoke(args=["import", "people", str(people)], input="y\n").exit_code == 0
    again = runner.invoke(args=["import", "people", str(people), "--yes"])
    assert "0 new, 0 completed, 1 known" in again.output


def test_the_command_line_says_what_is_wrong_with_a_file(app, tmp_path):
    file = tmp_path / "list.csv"
    file.write_bytes(b"a,b\n1,2\n")
    done = app.test_cli_runner().invoke(args=["import", "people", str(file), "--yes"])
    assert done.exit_code == 1 and "No column is called" in done.output


def test_the_preview_of_a_long_list_asks_the_database_as_often_as_of_a_short_one(sign_in, queries):
    browser = sign_in()
    counts = []
    for n in (3, 300):
        content = "Name\n" + "".join(f"Organisation {n} {i}\n" for i in range(n))
        job = imports.receive(What.ORGANISATIONS, "list.csv", content.encode(), by=SYSTEM)
        db.session.commit()
        jobs.run_now(job.id)
        address = f"/staff/imports/{job.id}"
        browser.get(address)
        with queries() as seen:
            assert browser.get(address).status_code == 200
        counts.append(seen.count)
    assert counts[0] == counts[1] <= 12


def test_a_list_is_shown_to_nobody_who_may_not_know_of_it(sign_in):
    """It is somebody's own file: an organiser of another meeting neither reads it nor begins its import."""
    mine, other = a_meeting(), a_meeting()
    send(sign_in(Role.ORGANISER, mine), name="guests.csv", address=f"/staff/m/{mine.slug}/imports")
    read = last_job()
    jobs.run_now(read.id)
    stranger = sign_in(Role.ORGANISER, other, email="other@staff.example")
    for address in (f"/staff/imports/{read.id}", f"/staff/m/{other.slug}/imports/{read.id}"):
        assert stranger.get(address).status_code == 404
        assert stranger.post(f"{address}/begin").status_code == 404
    assert "guests.csv" not in stranger.get(f"/staff/m/{other.slug}/imports").text
    assert last_job().id == read.id
