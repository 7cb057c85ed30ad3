"""Who sees long work, its file, and may stop it."""

from datetime import timedelta

import pytest

from eventhub import clock
from eventhub.accounts import queries as accounts
from eventhub.accounts import service as staff
from eventhub.db import db
from eventhub.directory import imports
from eventhub.jobs import service
from eventhub.jobs.models import JobState
from eventhub.security import Role
from tests.factories.basics import a_meeting
from tests.factories.jobs import a_job


def test_progress_is_shown_until_it_is_done_then_the_file(sign_in):
    meeting = a_meeting()
    job = a_job(meeting=meeting, title="ស្លាក <b>")
    browser = sign_in(Role.ORGANISER, meeting)
    page = browser.get(f"/staff/jobs/{job.id}")
    assert 'http-equiv="refresh"' in page.text and "ស្លាក &lt;b&gt;" in page.text and "Stop this work" in page.text
    assert browser.get(f"/staff/jobs/{job.id}/file").status_code == 404
    service.run_now(job.id)
    page = browser.get(f"/staff/jobs/{job.id}")
    assert 'http-equiv="refresh"' not in page.text and "Counted" in page.text and "Stop this work" not in page.text
    got = browser.get(f"/staff/jobs/{job.id}/file")
    assert got.data == b"3"
    assert got.headers["Content-Disposition"].startswith("attachment; filename=\"___.txt\"; filename*=UTF-8''%E1")
    assert "ស្លាក &lt;b&gt;" in browser.get(f"/staff/m/{meeting.slug}/jobs").text


def test_only_who_started_it_or_may_read_the_meetings_jobs_sees_it(sign_in, client):
    meeting, other = a_meeting(), a_meeting()
    job = a_job(meeting=meeting)
    service.run_now(job.id)
    address = f"/staff/jobs/{job.id}"
    assert client.get(address).status_code == 302
    assert sign_in(Role.ORGANISER, meeting, email="a@staff.example").get(address).status_code == 200
    assert sign_in(Role.ORGANISER, other, email="b@staff.example").get(address).status_code == 404
    stranger = sign_in(Role.READER, meeting, email="c@staff.example")
    for path in ("", "/file"):
        assert stranger.get(address + path).status_code == 404
    assert stranger.post(address + "/cancel").status_code == 404


def test_who_may_read_jobs_but_not_make_the_sheet_sees_the_work_and_not_its_file(sign_in):
    meeting = a_meeting()
    job = a_job(meeting=meeting)
    service.run_now(job.id)
    browser = sign_in(Role.PROGRAMME, meeting)
    page = browser.get(f"/staff/jobs/{job.id}")
    assert page.status_code == 200 and "/file" not in page.text
    assert browser.get(f"/staff/jobs/{job.id}/file").status_code == 404


def test_work_of_no_meeting_is_for_who_edits_the_directory_and_for_who_started_it(sign_in):
    meeting = a_meeting()
    reader = sign_in(Role.READER, meeting)
    job = a_job(title="Not yours")
    mine = a_job(title="Yours", by=staff.actor(accounts.find_user("reader@staff.example")))
    assert reader.get(f"/staff/jobs/{job.id}").status_code == 404
    assert reader.get(f"/staff/jobs/{mine.id}").status_code == 200
    organiser = sign_in(Role.ORGANISER, meeting)
    assert organiser.get(f"/staff/jobs/{job.id}").status_code == 200
    programme = sign_in(Role.PROGRAMME, meeting).get(f"/staff/m/{meeting.slug}/jobs").text
    assert "Not yours" not in programme
    assert "Not yours" in organiser.get(f"/staff/m/{meeting.slug}/jobs").text


def test_stopping_and_stopping_what_is_over(sign_in):
    meeting = a_meeting()
    waiting, over = a_job(meeting=meeting), a_job(meeting=meeting)
    service.run_now(over.id)
    browser = sign_in(Role.ORGANISER, meeting)
    assert browser.post(f"/staff/jobs/{waiting.id}/cancel").status_code == 302
    assert browser.post(f"/staff/jobs/{over.id}/cancel").status_code == 409
    db.session.expire_all()
    assert (waiting.state, over.state) == (JobState.CANCELLED, JobState.DONE)


@pytest.mark.parametrize("address", ["/staff/jobs/999999", "/staff/jobs/99999999999999", "/staff/jobs/0"])
def test_an_unknown_job_is_a_kind_404(sign_in, address):
    assert sign_in().get(address).status_code == 404


def test_what_failed_lately_waits_on_the_meetings_first_page(sign_in):
    meeting = a_meeting()
    job = a_job(meeting=meeting)
    job.state, job.finished_at = JobState.FAILED, clock.now()
    db.session.commit()
    browser = sign_in(Role.ORGANISER, meeting)
    assert "long work that failed" in browser.get(f"/staff/m/{meeting.slug}/").text
    job.kind = imports.READ  # why a list cannot be read is said at once, where it was chosen
    assert "long work that failed" not in browser.get(f"/staff/m/{meeting.slug}/").text
    job.kind, job.finished_at = "badges.sheet", clock.now() - timedelta(days=8)
    assert "long work that failed" not in browser.get(f"/staff/m/{meeting.slug}/").text
