"""What was issued stops showing what somebody took back; its figures stay byte for byte."""

import json
from datetime import timedelta

import pypdfium2
import pytest

from eventhub import audit, clock, files
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.files import StoredFile
from eventhub.jobs import service as jobs
from eventhub.jobs.models import Job, JobState
from eventhub.partnerships import parts, service, stories
from eventhub.partnerships.states import Basis, Sensitivity, VerificationState, Visibility
from eventhub.reports import issuing
from eventhub.safeguarding import service as safeguarding
from eventhub.safeguarding.models import ConsentBy, Purpose
from eventhub.security import Role
from eventhub.ui import day_text
from tests.factories.directory import a_person
from tests.factories.partnerships import confirm, says
from tests.factories.reports import register
from tests.reports.test_issued import A_PNG, a_network, a_told_story, content_of, issue
from worker import reports as worker

FROZEN = ("headline", "narrative", "ladder", "notes", "figures", "network", "meetings", "as_of", "as_of_words")


def frozen(report):
    return json.dumps([report.content[key] for key in FROZEN]).encode()


def sweep_and_make(report):
    """The sweep, then its job; the report as it stands after."""
    assert issuing.withhold(report.id, by=SYSTEM)
    db.session.commit()
    job = db.session.query(Job).filter_by(kind=issuing.AGAIN).order_by(Job.id.desc()).first()
    assert jobs.run_now(job.id).state is JobState.DONE
    db.session.commit()
    db.session.expire_all()
    assert not issuing.withhold(report.id, by=SYSTEM)  # twice is once
    return report


def pdf_of(report):
    pdf = pypdfium2.PdfDocument(content_of(report, "pdf"))
    words = " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pdf)
    images = sum(item.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE for page in pdf for item in page.get_objects())
    pdf.close()
    return words, images


def test_a_photograph_whose_consent_is_taken_back_leaves_what_was_issued(app, sign_in):
    meeting, one, *_rest = a_network()
    _story, photo = a_told_story(one)
    report = issue(meeting.series)
    before, codes = frozen(report), content_of(report, "iati")
    old = {kind.file_id for kind in report.files if kind.kind in issuing.TOLD}
    drawings = content_of(report, "html").decode().count("<svg")
    staff = sign_in(Role.READER, meeting)
    address = f"/staff/reports/issued/{report.id}"
    assert staff.get(f"{address}/pdf").status_code == 200
    parts.change(
        one, "evidence", photo.id, kind="file", title="The river", consent_ok=False, shows_children=True, by=SYSTEM
    )
    db.session.commit()
    for kind in issuing.TOLD:  # before any task ran
        refused = staff.get(f"{address}/{kind}")
        assert refused.status_code == 409 and "took a consent back" in refused.text
    page = staff.get(address).text
    assert "A photograph was removed on" in page and "Told &lt;i&gt;well" in page
    assert "being made again" in page and f"{address}/iati" in page and f"{address}/pdf" not in page
    assert staff.get(f"{address}/iati").data == codes

    db.session.commit()
    worker.withhold()
    assert not old & {row.id for row in db.session.query(StoredFile.id)}
    db.session.expire_all()
    assert issuing.missing(report) == list(issuing.TOLD)
    waiting = staff.get(f"{address}/html")
    assert waiting.status_code == 409 and "being made again" in staff.get(address).text
    job = db.session.query(Job).filter_by(kind=issuing.AGAIN).one()
    assert jobs.run_now(job.id).state is JobState.DONE
    db.session.commit()
    db.session.expire_all()

    html, (words, images) = staff.get(f"{address}/html").text, pdf_of(report)
    for text in (html, words):
        assert "A photograph was removed on" in text and "its consent was taken back" in text
    assert "data:image" not in html and images == 0 and html.count("<svg") == drawings
    assert frozen(report) == before and content_of(report, "iati") == codes
    assert "Told <i>well" in words  # the story itself stays
    (entry,) = [row for row in audit.history(report) if row.action == "took out of"]
    assert entry.detail == {"number": report.number, "what": ["photo"]}
    db.session.commit()
    worker.withhold()
    assert db.session.query(Job).filter_by(kind=issuing.AGAIN).count() == 1


@pytest.mark.once
def test_photographs_and_quotations_beside_a_partnership_go_too(app):
    meeting, one, *_rest = a_network()
    stored = files.store("river.png", "image/png", A_PNG)
    more = {"consent_ok": True, "visibility": Visibility.PUBLIC, "by": SYSTEM}
    photo = parts.add(one, "evidence", kind="file", title="The river", file_id=stored.id, **more)
    quote = parts.add(one, "evidence", kind="quote", quote="We began to meet.", given_by="Nimali", **more)
    db.session.commit()
    confirm(one)
    report = issue(meeting.series)
    before, (card,) = frozen(report), report.content["told"]
    assert card["photo"] == stored.id and card["quotes"][0]["words"] == "We began to meet." and pdf_of(report)[1] == 1
    assert report.content["example"]["quotes"]
    parts.change(one, "evidence", photo.id, visibility=Visibility.INTERNAL, by=SYSTEM)
    parts.remove(one, "evidence", quote.id, by=SYSTEM)
    db.session.commit()
    sweep_and_make(report)
    words, images = pdf_of(report)
    html = content_of(report, "html").decode()
    for text in (words, html):
        assert "A photograph was removed on" in text and "it is not public any more" in text
        assert "A quotation was removed on" in text and "We began to meet." not in text and "Nimali" not in text
    assert images == 0 and frozen(report) == before and one.title in report.content["told"][0]["title"]


@pytest.mark.once
def test_a_story_goes_when_somebody_named_in_it_says_no_or_a_party_disputes_it(app):
    meeting, one, *_rest = a_network()
    delegate = register(meeting, a_person(one.parties[0].organisation, full_name="Sokha Novotna"))
    story, _photo = a_told_story(one)
    claim = story.claims[0]
    stories.give_basis(story, delegate, basis=Basis.CONSENT, words="By letter", by=SYSTEM)
    stories.rewrite(story, claim.id, text="Sokha Novotna began it.", by=SYSTEM)
    db.session.commit()
    report = issue(meeting.series)
    before = frozen(report)
    assert "Sokha Novotna began it." in content_of(report, "html").decode()
    # the story as it is told now does not name them any more, the one that was issued does
    stories.rewrite(story, claim.id, text="A delegate began it.", by=SYSTEM)
    safeguarding.record_consent(
        person=delegate, meeting=meeting, purpose=Purpose.NAMING, side=ConsentBy.SELF, answer=False, language="en",
        by=SYSTEM,
    )  # fmt: skip
    db.session.commit()
    sweep_and_make(report)
    everything = content_of(report, "html").decode() + pdf_of(report)[0] + str(report.content)
    assert "Sokha" not in everything and "A story was removed on" in everything
    assert frozen(report) == before
    second = issue(meeting.series)
    assert "A delegate began it." in content_of(second, "html").decode()
    says(one.parties[0], VerificationState.DISPUTED)
    sweep_and_make(second)
    text = content_of(second, "html").decode()
    assert "A delegate began it." not in text and text.count("a party disputes it.") >= 2  # the story, and the card
    shown, _waiting = issuing.as_it_may_be_told(second)
    assert shown["told"][0]["did"] == [] and shown["example"] is None


def test_what_a_party_disputed_comes_back_when_nobody_does_any_more(app, sign_in):
    meeting, one, *_rest = a_network()
    a_told_story(one)
    report, staff = issue(meeting.series), sign_in(Role.READER, meeting)
    address, told = f"/staff/reports/issued/{report.id}", content_of(report, "html").decode()
    before = {kind: content_of(report, kind) for kind in issuing.KINDS}
    says(one.parties[0], VerificationState.DISPUTED)
    assert "a party disputes it." in staff.get(address).text
    assert staff.get(f"{address}/html").status_code == 409
    with clock.frozen(clock.now() + timedelta(days=1)):
        sweep_and_make(report)
    without = content_of(report, "html").decode()
    assert "Told &lt;i&gt;well" in told and "Told &lt;i&gt;well" not in without + pdf_of(report)[0]
    with clock.frozen(clock.now() + timedelta(days=9)):  # it tells the day on which it was left out
        shown, _waiting = issuing.as_it_may_be_told(report)
        assert all(day_text(clock.today() - timedelta(days=8)) in line for line in shown["removed"])
    says(one.parties[0], VerificationState.CONFIRMED)
    assert "a party disputes it." not in staff.get(address).text  # at once
    assert staff.get(f"{address}/html").text == without  # as long as it takes: less than may be told, and never more
    with clock.frozen(clock.now() + timedelta(days=10)):
        sweep_and_make(report)
    assert {kind: content_of(report, kind) for kind in issuing.KINDS} == before
    words = pdf_of(report)
    assert "Told <i>well" in words[0] and "disputes" not in words[0] and words[1]
    acts = [(row.action, row.detail["what"]) for row in audit.history(report) if "what" in row.detail]
    assert acts == [("put back into", ["card", "story"]), ("took out of", ["card", "story"])]


@pytest.mark.once
def test_what_was_taken_back_during_a_dispute_stays_out_when_that_is_settled(app):
    meeting, one, *_rest = a_network()
    delegate = register(meeting, a_person(one.parties[0].organisation, full_name="Sokha Novotna"))
    story, _photo = a_told_story(one)
    stories.give_basis(story, delegate, basis=Basis.CONSENT, words="By letter", by=SYSTEM)
    stories.rewrite(story, story.claims[0].id, text="Sokha Novotna began it.", by=SYSTEM)
    db.session.commit()
    report = issue(meeting.series)
    says(one.parties[0], VerificationState.DISPUTED)
    sweep_and_make(report)
    assert "Sokha" in str(report.content)  # kept, and shown to nobody
    assert "Sokha" not in content_of(report, "html").decode() + str(issuing.as_it_may_be_told(report))
    safeguarding.record_consent(
        person=delegate, meeting=meeting, purpose=Purpose.NAMING, side=ConsentBy.SELF, answer=False, language="en",
        by=SYSTEM,
    )  # fmt: skip
    db.session.commit()
    sweep_and_make(report)
    assert "Sokha" not in str(report.content)
    says(one.parties[0], VerificationState.CONFIRMED)
    sweep_and_make(report)
    html = content_of(report, "html").decode()
    assert "Sokha" not in html and "not everybody named in it agrees" in html and "disputes" not in html
    assert report.content["told"][0]["did"] and not report.content["told"][0].get("removed")


@pytest.mark.once
def test_a_partnership_that_is_hidden_since_is_named_nowhere_and_counted_as_it_was(app, sign_in):
    meeting, one, two, _three = a_network()
    report = issue(meeting.series)
    before = frozen(report)
    service.change(one, sensitivity=Sensitivity.SENSITIVE, visibility=Visibility.INTERNAL, by=SYSTEM)
    db.session.commit()
    sweep_and_make(report)
    assert one.title not in str(report.content) + content_of(report, "html").decode() + pdf_of(report)[0]
    assert issuing.get_file(report, "graphml") and frozen(report) == before
    service.change(two, visibility=Visibility.PUBLIC, by=SYSTEM)
    second = issue(meeting.series)
    assert two.title in str(second.content)
    service.change(two, visibility=Visibility.HIDDEN, by=SYSTEM)
    db.session.commit()
    staff = sign_in(Role.READER, meeting)
    assert staff.get(f"/staff/reports/issued/{second.id}/graphml").status_code == 409
    sweep_and_make(second)
    assert two.title not in str(second.content) and "The map of the network was removed" in pdf_of(second)[0]
    assert staff.get(f"/staff/reports/issued/{second.id}/graphml").status_code == 404
