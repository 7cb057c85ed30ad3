"""Own questions: tidy tables, one dictionary for files and API, nobody in them who should not be."""

import csv
import io
import json
import zipfile

import pytest

from eventhub.accounts import tokens
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.jobs import service as jobs
from eventhub.jobs.models import Job, JobState
from eventhub.meetings import queries as meetings
from eventhub.partnerships import parts, service
from eventhub.partnerships.states import ActivityKind, LevelKind, ThemeScheme, Visibility
from eventhub.reports import export, tidy
from eventhub.reports.facts import Facts
from eventhub.reports.scope import Scope
from eventhub.security import Role
from tests.accounts.staff import a_colleague
from tests.factories.basics import a_meeting
from tests.factories.directory import a_person, an_organisation
from tests.factories.partnerships import a_partnership, a_past_meeting, confirm
from tests.factories.reports import register


def a_full_record():
    meeting = a_past_meeting(title="=1+1")
    row = a_partnership(
        meeting, title="@risk <b>", parties=[an_organisation(name="=cmd", country="KH"), an_organisation()], focal=()
    )
    service.change(row, levels=[LevelKind.COMMUNE], by=SYSTEM)
    parts.add(row, "theme", scheme=ThemeScheme.SDG, code="16.2", by=SYSTEM)
    parts.add(row, "activity", kind=ActivityKind.TRAINING, title="A training", by=SYSTEM)
    parts.add(row, "stage", stated_on=meeting.ends, exchanges_information=True, by=SYSTEM)
    parts.add(row, "context", organisation=row.parties[0].organisation, text="Earlier work of one", by=SYSTEM)
    register(meeting, a_person(row.parties[0].organisation, full_name="Nobody Listed"))
    db.session.commit()
    return meeting, confirm(row)


def unpacked(facts):
    with zipfile.ZipFile(io.BytesIO(export.archive(facts))) as packed:
        return {name: packed.read(name).decode("utf-8-sig") for name in packed.namelist()}


def test_the_archive_its_dictionary_and_the_api_are_one(app, client):
    meeting, row = a_full_record()
    colleague = a_colleague(Role.READER)
    secret = tokens.make(colleague, name="notebook", days=1, by=SYSTEM)[1]
    db.session.commit()
    with app.test_request_context():
        files = unpacked(Facts(Scope(meetings.list_meetings(), None)))
    told = list(csv.DictReader(io.StringIO(files["dictionary.csv"])))
    package = json.loads(files["datapackage.json"])
    headers = {"Authorization": f"Bearer {secret}"}
    described = {one["name"]: one for one in client.get("/api/v1/reports", headers=headers).json["items"]}
    assert {f"{name}.csv" for name in tidy.DATASETS} | {"dictionary.csv", "datapackage.json", "README.txt"} == set(
        files
    )
    for resource in package["resources"]:
        name = resource["name"]
        table = list(csv.DictReader(io.StringIO(files[f"{name}.csv"])))
        columns = [field["name"] for field in resource["schema"]["fields"]]
        assert columns == [line["column"] for line in told if line["table"] == name]
        assert columns == [column["name"] for column in described[name]["columns"]]
        answer = client.get(f"/api/v1/reports/{name}?per_page=1000", headers=headers).json
        assert [[_read(value) for value in line.values()] for line in table] == [
            [_read(one[column]) for column in columns] for one in answer["items"]
        ], name
        assert table or name == "replies", name
    (one,) = csv.DictReader(io.StringIO(files["partnerships.csv"]))
    assert (one["partnership"], one["title"], one["evidence"], one["stage_least"], one["stage_most"]) == (
        row.ref,
        "'@risk <b>",
        "confirmed",
        "1",
        "4",
    )
    assert files["organisations.csv"].count("'=cmd") == 1 and f"{meeting.slug}," in files["participations.csv"]
    assert "Nobody Listed" not in str(files) and "Earlier work of one" not in str(files)


def _read(value):
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text.removeprefix("'")


@pytest.mark.once
def test_pages_of_the_api_and_who_may_read_which(app, client):
    meeting, _row = a_full_record()
    other = a_past_meeting()
    theirs = a_partnership(other)
    secret = tokens.make(a_colleague(Role.READER, meeting), name="notebook", days=1, by=SYSTEM)[1]
    door = tokens.make(a_colleague(Role.DOOR, meeting, email="door@staff.example"), name="x", days=1, by=SYSTEM)[1]
    db.session.commit()
    headers = {"Authorization": f"Bearer {secret}"}
    page = client.get("/api/v1/reports/organisations?per_page=1&page=2", headers=headers).json
    assert (page["page"], page["pages"], page["total"], len(page["items"])) == (2, 2, 2, 1)
    assert theirs.ref not in client.get("/api/v1/reports/partnerships", headers=headers).text
    assert client.get(f"/api/v1/reports/partnerships?series={other.series.slug}", headers=headers).json["total"] == 0
    for wrong, status in (("secrets", 404), ("ties?series=x", 404), ("ties?page=0", 422), ("ties?per_page=9999", 422)):
        assert client.get(f"/api/v1/reports/{wrong}", headers=headers).status_code == status
    assert client.get("/api/v1/reports/ties").status_code == 401
    assert client.get("/api/v1/reports/ties", headers={"Authorization": f"Bearer {door}"}).status_code == 403
    assert client.post("/api/v1/reports/ties", headers=headers).status_code == 405


@pytest.mark.once
def test_children_people_at_risk_and_what_is_hidden_are_in_no_table(app):
    meeting = a_past_meeting(admits_children=True)
    hidden = confirm(a_partnership(meeting, title="Hidden for ever"))
    service.change(hidden, visibility=Visibility.HIDDEN, by=SYSTEM)
    register(meeting, a_person(an_organisation(name="Child House"), is_child=True, called="Little One"))
    register(meeting, a_person(an_organisation(name="Hidden House"), at_risk=True))
    register(meeting, a_person(an_organisation(name="Open House")))
    with app.test_request_context():
        files = unpacked(Facts(Scope(meetings.list_meetings(), None)))
    everything = str(files)
    for word in ("Hidden for ever", hidden.ref, "Child House", "Little One", "Hidden House"):
        assert word not in everything, word
    (one,) = csv.DictReader(io.StringIO(files["participations.csv"]))
    assert one["people"] == "" and "Open House" in files["organisations.csv"]


def test_the_export_is_a_job_for_those_who_may_read(sign_in):
    meeting, row = a_full_record()
    reader = sign_in(Role.READER, meeting)
    assert "dictionary" in reader.get("/staff/reports/export").text
    assert reader.post("/staff/reports/export", data={"series": meeting.series.slug}).status_code == 302
    job = db.session.query(Job).one()
    assert jobs.run_now(job.id).state is JobState.DONE
    db.session.commit()
    file = reader.get(f"/staff/jobs/{job.id}/file")
    with zipfile.ZipFile(io.BytesIO(file.data)) as packed:
        assert row.ref in packed.read("partnerships.csv").decode()
    assert sign_in(Role.DOOR, meeting).get("/staff/reports/export").status_code == 403
    assert (
        sign_in(Role.READER, a_meeting(), email="stranger@staff.example").get(f"/staff/jobs/{job.id}/file").status_code
        == 404
    )
