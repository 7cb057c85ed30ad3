"""Past editions from a list: nothing is guessed, nothing comes in twice, everything keeps its source and is reported."""

import io
import re

import openpyxl
import pytest
import sqlalchemy as sa

from eventhub import files
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.directory.models import Organisation, Person, Precision
from eventhub.errors import InvalidError, RuleError
from eventhub.jobs import service as jobs
from eventhub.mail.models import Message
from eventhub.meetings.models import Meeting
from eventhub.networking.models import Introduction
from eventhub.partnerships import backfill, backfill_columns, queries
from eventhub.partnerships.backfill_values import head_count, remembered
from eventhub.partnerships.models import Activity, Partnership
from eventhub.partnerships.models_import import ImportedFact, NameDecision
from eventhub.partnerships.states import NameChoice, OriginKind, Rung
from eventhub.registration.models import Registration
from eventhub.security import Role
from tests.factories.basics import a_series
from tests.factories.directory import an_organisation

HEAD = (
    "What,Reference,Meeting,From,To,Organisation 1,Organisation 2,Person 1,Person 2,E-mail 1,Title,Kind,Partnership,"
    "Place,Country,Adults,Children,Description,Source"
)
LIST = f"""{HEAD}
activity,A1,,2018-Q3,,,,,,,Visit,learning visit,P1,Kampong Rou,,12,unknown,Three days,Newsletter 3/2018
partnership,P1,Forum 2018,07/2018,,Lotus Network,シーライツ,,,,Learning,margin,,,,,,They met and went on,
introduction,I1,Forum 2018,2018,,Lotus Netwrok,C-Rights,Sok Dara,石田 花子,,Networks,,,,,,,,Interview 2020
registration,,Forum 2018,,,Lotus Network,,Sok Dara,,dara@people.example,,,,,,,,,List of participants
meeting,M1,Forum 2018,07/2018,,,,,,,,,,Manila,PH,,,,Final report
activity,A2,,04/07/2018,,,,,,,Talk,event,P1,,,,,,
activity,A3,,2019,,,,,,,Talk,party,P1,,,,,,
activity,A4,,2019,,,,,,,Talk,event,P9,,,,,,
wedding,,,,,,,,,,,,,,,,,,
"""


@pytest.fixture
def series(app):
    an_organisation(name="Lotus Network")
    an_organisation(name="C-Rights", country="JP", names=[("シーライツ", "ja", "alias")])
    return a_series()


def read(text, series, name="past.csv", **more):
    job = backfill.receive(name, text if isinstance(text, bytes) else text.encode(), series=series, by=SYSTEM, **more)
    db.session.commit()
    job = jobs.run_now(job.id)
    db.session.commit()
    return job


def begun(job):
    imported = backfill.begin(job, by=SYSTEM)
    db.session.commit()
    imported = jobs.run_now(imported.id)
    db.session.commit()
    return imported


def states(job):
    return {outcome.row: outcome.state for outcome in backfill.preview(job).outcomes}


def everything():
    models = (Meeting, Registration, Introduction, Partnership, Activity, Organisation, Person, ImportedFact)
    return [db.session.scalar(sa.select(sa.func.count(model.id))) for model in models]


def lotus():
    return db.session.scalar(sa.select(Organisation).where(Organisation.name == "Lotus Network"))


def test_an_unknown_name_waits_for_a_persons_decision_and_is_remembered(series):
    first = read(LIST, series)
    found = backfill.preview(first)
    assert [(name.text, name.rows) for name in found.names] == [("Lotus Netwrok", 1)]
    assert found.names[0].suggestions[0][:2] == (lotus().id, "Lotus Network")
    assert states(first)[4] == "waits"
    with pytest.raises(RuleError, match="wait for a decision"):
        backfill.begin(first, by=SYSTEM)
    assert everything()[:5] == [0] * 5  # reading wrote nothing
    backfill.decide({"Lotus Netwrok": str(lotus().id)}, by=SYSTEM)
    again = backfill.read_again(first, by=SYSTEM)
    db.session.commit()
    assert states(jobs.run_now(again.id))[4] == "new"
    assert backfill.preview(read(LIST, series, "another.csv")).names == []


def test_a_list_becomes_records_that_are_reported_with_file_and_line(series):
    backfill.decide({"Lotus Netwrok": str(lotus().id)}, by=SYSTEM)
    job = read(LIST, series)
    assert states(job) == {
        2: "new", 3: "new", 4: "new", 5: "new", 6: "new", 7: "problem", 8: "problem", 9: "problem", 10: "problem"
    }  # fmt: skip
    notes = {o.row: " ".join(o.notes) for o in backfill.preview(job).outcomes}
    assert "which is the day" in notes[7] and "none of: learning_visit" in notes[8]
    assert "reference “P9”" in notes[9] and "“wedding” is none of" in notes[10]
    done = begun(job)
    assert dict(done.result["summary"]) == {"Imported": 5, "Imported before": 0, "Left out": 0, "Not imported": 4}
    assert b"Why it was not imported" in files.get(done.result_file_id).content
    meeting = db.session.scalar(sa.select(Meeting))
    assert (meeting.year, meeting.dates_precision, meeting.state.value) == (2018, Precision.MONTH, "archived")
    partnership = db.session.scalar(sa.select(Partnership))
    assert {party.organisation.name for party in partnership.parties} == {"Lotus Network", "C-Rights"}
    assert (partnership.origin.kind, partnership.origin.meeting) == (OriginKind.MARGIN, meeting)
    assert partnership.origin.stated_by == "past.csv, line 3"
    (visit,) = partnership.activities
    assert (visit.start_precision, visit.counts) == (Precision.QUARTER, {"adult": {"unknown": 12}})
    assert backfill.source_of(backfill_columns.RowKind.ACTIVITY, [visit.id]) == {
        visit.id: "past.csv, line 2: Newsletter 3/2018"
    }
    standing = queries.standing(partnership)
    assert standing.counted is False and set(standing.items.values()) == {Rung.REPORTED}
    introduction = db.session.scalar(sa.select(Introduction))
    assert introduction.source_text == "Interview 2020 (past.csv, line 4)"
    assert db.session.scalar(sa.select(sa.func.count(Message.id))) == 0  # nobody of the past is written to


def test_the_same_list_twice_is_once_also_corrected_and_in_another_order(series):
    backfill.decide({"Lotus Netwrok": str(lotus().id)}, by=SYSTEM)
    begun(read(LIST, series))
    before = everything()
    begun(read(LIST, series, "again.csv"))
    head, *lines = LIST.replace("Three days", "Four days").splitlines()
    again = begun(read("\n".join([head, *reversed(lines)]), series, "third.csv"))
    assert dict(again.result["summary"])["Imported before"] == 5
    assert everything() == before


def test_a_new_organisation_and_one_that_is_left_out(series):
    text = f"""{HEAD}
meeting,,Forum 2016,2016,,,,,,,,,,,,,,,
introduction,,Forum 2016,,,Brand New House,Lotus Network,Ann Example,Sok Dara,,,,,,,,,,
introduction,,Forum 2016,,,Brand New House,Nonsense Ltd,Ann Example,Bob Example,,,,,,,,,,
partnership,,Forum 2016,,,Brand New House,Lotus Network,,,,,,,,,,,,
activity,,Forum 2016,unknown,,Brand New House,Lotus Network,,,,Calls,exchange_of_information,,,,,,,
"""
    assert len(backfill.preview(read(text, series)).names) == 2
    backfill.decide({"Brand New House": "new", "Nonsense Ltd": "leave_out"}, by=SYSTEM)
    job = read(text, series)
    assert states(job) == {2: "new", 3: "new", 4: "left_out", 5: "new", 6: "new"}
    begun(job)
    made = db.session.scalars(sa.select(Organisation).where(Organisation.name == "Brand New House")).one()
    introduction = db.session.scalar(sa.select(Introduction))
    assert {introduction.a.full_name, introduction.b.full_name} == {"Ann Example", "Sok Dara"}
    partnership = db.session.scalar(sa.select(Partnership))
    assert made.id in {party.organisation_id for party in partnership.parties}
    assert [activity.start for activity in partnership.activities] == [None]


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-8-sig", "ស្ត្រី"), ("utf-16", "石田 花子"), ("cp1252", "Inês Conceição"), ("shift_jis", "子どもの声 花子")],
)
def test_lists_in_the_encodings_of_the_region(series, encoding, name):
    text = f"{HEAD}\nmeeting,,Forum 2016,2016,,,,,,,,,,,,,,,\nregistration,,Forum 2016,,,Lotus Network,,{name},,,,,,,,,,,\n"
    content = text.encode(encoding)
    told = backfill.preview(read(content, series, encoding="shift_jis" if encoding == "shift_jis" else ""))
    assert [o.name for o in told.outcomes] == ["Forum 2016", name]


def test_burmese_in_zawgyi_is_converted(series):
    text = f"{HEAD}\nmeeting,,Forum 2016,2016,,,,,,,,,,,,,,ျမန္မာႏိုင္ငံ ကေလးသူငယ္ အခြင့္အေရး,\n"
    outcome = backfill.preview(read(text, series)).outcomes[0]
    assert "Converted from Zawgyi to Unicode" in outcome.notes[0]


@pytest.mark.once
def test_dates_and_numbers_stay_as_exact_as_they_were_written():
    written = ["2018", "2018-Q3", "Q3 2018", "07/2018", "7.2018", "2018-07-04", "unknown", ""]
    found = [remembered(text, "From") for text in written]
    assert [precision.value for _date, precision in found] == [
        "year", "quarter", "quarter", "month", "month", "day", "unknown", "unknown"
    ]  # fmt: skip
    assert [head_count(text, "Adults") for text in ("0", "12", "unknown", "")] == [0, 12, None, None]
    for text in ("04/07/2018", "2018-13", "soon", "1718"):
        with pytest.raises(InvalidError, match="From"):
            remembered(text, "From")
    with pytest.raises(InvalidError, match="no number of people"):
        head_count("about 40", "Adults")


def test_the_pages_from_the_file_to_the_records(series, sign_in):
    administrator = sign_in(Role.ADMINISTRATOR)
    nothing = administrator.post("/staff/past-editions", data={})
    assert nothing.status_code == 422 and "Choose a file." in nothing.text
    template = administrator.get("/staff/past-editions/template.xlsx").data
    sheets = openpyxl.load_workbook(io.BytesIO(template)).sheetnames
    assert sheets == ["List", "What belongs where"]
    sent = {"series_id": str(series.id), "file": (io.BytesIO(LIST.encode()), "past.csv")}
    address = administrator.post("/staff/past-editions", data=sent).headers["Location"]
    jobs.run_now(int(address.rsplit("/", 1)[1]))
    shown = administrator.get(address).text
    assert "Lotus Netwrok" in shown and "Import 4" not in shown
    wrong = administrator.post(f"{address}/names", data={"number-0": "#99999"})
    assert wrong.status_code == 422 and "look at this again" in wrong.text
    again = administrator.post(f"{address}/names", data={"name-0": str(lotus().id)}).headers["Location"]
    assert db.session.scalar(sa.select(NameDecision)).decision is NameChoice.EXISTING
    jobs.run_now(int(again.rsplit("/", 1)[1]))
    assert "Import 5 rows" in administrator.get(again).text
    for _ in range(2):  # pressed twice
        job = int(re.search(r"\d+$", administrator.post(f"{again}/begin").headers["Location"])[0])
    jobs.run_now(job)
    db.session.commit()
    partnership = db.session.scalar(sa.select(Partnership))
    assert "past.csv, line 2" in administrator.get(f"/staff/partnerships/{partnership.id}").text


def test_the_command_line(series, app, tmp_path):
    path = tmp_path / "past.csv"
    path.write_text(LIST)
    runner = app.test_cli_runner()
    refused = runner.invoke(args=["import", "partnerships", str(path), "--yes"])
    assert refused.exit_code == 1 and "Decide about the names first" in refused.output
    backfill.decide({"Lotus Netwrok": str(lotus().id)}, by=SYSTEM)
    db.session.commit()
    done = runner.invoke(args=["import", "partnerships", str(path), "--yes"])
    assert done.exit_code == 0 and "Imported: 5" in done.output
    assert (tmp_path / "past-not-imported.csv").exists()
