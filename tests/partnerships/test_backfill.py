"""Past editions from a list: nothing is guessed, nothing comes in twice, everything keeps its source and is reported."""

import html
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
from eventhub.partnerships import attendance, backfill, backfill_columns, queries
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


def told(*rows):
    """A list of rows by their columns' own names."""
    sheet = [[column.label for column in backfill_columns.COLUMNS]]
    sheet += [[row.get(column.key, "") for column in backfill_columns.COLUMNS] for row in rows]
    return files.export_csv(sheet)


FORUM = {"what": "meeting", "meeting": "Forum 2018", "from": "2018", "edition": "4"}
PAIR = {"meeting": "Forum 2018", "organisation_1": "Lotus Network", "organisation_2": "シーライツ"}
MET = {"what": "introduction", "reference": "I1", **PAIR, "person_1": "Sok Dara", "person_2": "石田 花子"}


EVERYTHING = [
    FORUM,
    {**MET, "session": "Lost session", "person_3": "Ann Example", "organisation_3": "Lotus Network"},
    {
        "what": "partnership", "reference": "P1", **PAIR, "introduction": "I1", "title": "Learning",
        "person_1": "Sok Dara", "role_1": "host", "state": "dormant", "sensitivity": "sensitive", "from": "2018-Q3",
        "kind": "margin", "knew_before": "by name", "influence": "speeded_up", "said_by": "Both", "said_on": "2020-05-01",
        "levels": "commune; national", "themes": "CRC cluster 5; sdg 8.7; Our own words", "exactness": "district",
        "place": "Kompong Ro; Kampong Rou; ស្រុកកំពង់រោទិ៍", "lies_in": "Cambodia / Svay Rieng / Kampong Rou",
    },
    {"what": "party", "partnership": "P1", "organisation_1": "Fourth House", "role_1": "funder", "from": "2019", "to": "2020-Q4"},
    {"what": "party", "partnership": "P1", "organisation_1": "C-Rights", "from": "2018-07"},
    {"what": "place", "partnership": "P1", "place": "Phnom Penh"},
    {"what": "stage", "partnership": "P1", "from": "2020-05-01", "said_by": "Lotus Network", "exchanges_information": "yes", "alters_activities": "no"},
    {"what": "formality", "partnership": "P1", "kind": "MoU", "from": "2019", "to": "2021-06"},
    {"what": "resource", "partnership": "P1", "kind": "money", "title": "Travel", "organisation_1": "C-Rights", "amount": "1,200.50", "currency": "usd"},
    {
        "what": "activity", "reference": "A1", "partnership": "P1", "kind": "training", "from": "2019-Q2", "to": "2019-09",
        "mode": "online", "women": "3", "adults": "5", "girls": "2", "outputs": "A guide; A film", "organisation_1": "C-Rights",
    },
    {"what": "outcome", "partnership": "P1", "words": "The council hears children.", "title": "The council", "kind": "policy", "intended": "no", "direction": "mixed"},
    {"what": "context", "partnership": "P1", "organisation_1": "C-Rights", "words": "A project since long.", "from": "2014", "source": "Report"},
    {"what": "evidence", "partnership": "P1", "activity": "A1", "title": "Newsletter 3", "from": "2019-Q3", "independent": "yes"},
]  # fmt: skip


def test_every_field_of_the_record_can_be_told(series):
    an_organisation(name="Fourth House")
    job = read(told(*EVERYTHING), series)
    found = backfill.preview(job)
    assert set(states(job).values()) == {"new"}, [(o.row, o.notes) for o in found.outcomes]
    assert "the programme has no “Lost session”" in " ".join(found.outcomes[1].notes)
    done = begun(job)
    assert dict(done.result["summary"])["Imported"] == len(EVERYTHING)
    meeting = db.session.scalar(sa.select(Meeting))
    assert meeting.edition_no == 4
    introduction = db.session.scalar(sa.select(Introduction))
    assert introduction.introduced_by.full_name == "Ann Example" and "Lost session" in introduction.source_text
    p = db.session.scalar(sa.select(Partnership))
    how_it_began_and_between_whom(p, introduction)
    what_was_agreed_and_done(p)
    assert queries.standing(p).counted is False  # everything is reported
    assert dict(begun(read(told(*EVERYTHING), series, "again.csv")).result["summary"])["Imported before"] == len(
        EVERYTHING
    )


def how_it_began_and_between_whom(p, introduction):
    origin = p.origin
    assert (origin.introduction, origin.knew_before.value, origin.influence.value, str(origin.stated_on)) == (
        introduction, "by_name", "speeded_up", "2020-05-01"
    )  # fmt: skip
    assert origin.stated_by == "Both; past.csv, line 4"
    assert (p.state.value, p.sensitivity.value) == ("dormant", "sensitive")
    assert [(x.role.value, x.focal_person and x.focal_person.full_name) for x in p.parties] == [
        ("host", "Sok Dara"), ("partner", None), ("funder", None)
    ]  # fmt: skip
    assert [(x.joined_precision, x.left_precision) for x in p.parties[1:]] == [
        (Precision.MONTH, Precision.UNKNOWN), (Precision.YEAR, Precision.QUARTER)
    ]  # fmt: skip
    assert [x.level.value for x in p.levels] == ["commune", "national"]
    assert [(x.scheme.value, x.code, x.primary) for x in p.themes] == [
        ("crc_cluster", "5", True), ("sdg", "8.7", False), ("own", "", False)
    ]  # fmt: skip
    assert [(x.names, x.precision) for x in p.places] == [
        (["Kompong Ro", "Kampong Rou", "ស្រុកកំពង់រោទិ៍"], "district"), (["Phnom Penh"], "unknown")
    ]  # fmt: skip


def what_was_agreed_and_done(p):
    (stage,), (formality,), (resource,) = p.stages, p.formalities, p.resources
    assert (stage.exchanges_information, stage.alters_activities, stage.shares_resources) == (True, False, None)
    assert (formality.since_precision, formality.until_precision) == (Precision.YEAR, Precision.MONTH)
    assert (str(resource.amount), resource.currency, resource.organisation.name) == ("1200.50", "USD", "C-Rights")
    (activity,), (outcome,), (context,), (evidence,) = p.activities, p.outcomes, p.contexts, p.evidence
    assert activity.counts == {"adult": {"f": 3, "unknown": 2}, "child": {"f": 2}}
    assert (activity.mode, activity.outputs, len(activity.organisation_ids)) == ("online", ["A guide", "A film"], 1)
    assert (outcome.actor, outcome.change, outcome.intended, outcome.direction) == (
        "The council", "policy", False, "mixed"
    )  # fmt: skip
    assert (context.organisation.name, context.since_precision, context.source) == (
        "C-Rights",
        Precision.YEAR,
        "Report",
    )
    assert (evidence.activity_id, evidence.dated_precision, evidence.independent) == (
        activity.id, Precision.QUARTER, True
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"what": "partnership", **PAIR, "knew_before": "perhaps"}, "none of: no, by_name"),
        ({"what": "partnership", **PAIR, "levels": "village"}, "Levels: “village” is none of: commune"),
        ({"what": "partnership", **PAIR, "said_on": "2020"}, "Said on: write the day"),
        ({"what": "partnership", **PAIR, "introduction": "I9"}, "no row of its kind has the reference “I9”"),
        ({"what": "partnership", **PAIR, "organisation_2": "Lotus Network"}, "two parties"),
        ({"what": "activity", **PAIR, "kind": "event", "adults": "2", "women": "3"}, "fewer in all"),
        ({"what": "stage", "partnership": "P1", "from": "2020-05-01", "said_by": "X"}, "four questions"),
        ({"what": "stage", "partnership": "P1", "from": "2020", "said_by": "X"}, "From: write the day"),
        ({"what": "resource", "partnership": "P1", "title": "X", "amount": "much"}, "is no amount"),
        ({"what": "resource", "partnership": "P1", "title": "X", "amount": "5"}, "needs its currency"),
        ({"what": "resource", "partnership": "P1", "title": "X", "amount": "5", "currency": "ABC"}, "“ABC” is none"),
        ({"what": "evidence", "partnership": "P1", "title": "X", "address": "ftp://x"}, "write the whole address"),
        ({"what": "evidence", "partnership": "P1", "title": "X", "address": "http://[x"}, "write the whole address"),
        (
            {"what": "context", "partnership": "P1", "organisation_1": "Third House", "words": "X"},
            "none of the parties",
        ),
        ({"what": "outcome", "partnership": "P1", "title": "X"}, "who does what differently"),
        ({"what": "evidence", "partnership": "P1"}, "say what the evidence is"),
        ({"what": "context", "organisation_1": "C-Rights", "words": "Work"}, "give its reference"),
        ({"what": "meeting", "meeting": "Forum 2019", "from": "2019", "state": "open"}, "none of: archived, cancelled"),
        ({"what": "attendance", "meeting": "Forum 2018"}, "the organisation is missing"),
        ({"what": "registration", **PAIR, "person_1": "Sok Dara", "role_1": "child_delegate"}, "Role 1"),
    ],
)
def test_what_makes_no_sense_is_said_before_anything_is_written(series, row, sentence):
    an_organisation(name="Third House")
    job = read(told(FORUM, {"what": "partnership", "reference": "P1", **PAIR}, row), series)
    wrong = [" ".join(o.notes) for o in backfill.preview(job).outcomes if o.state == "problem"]
    assert len(wrong) == 1 and sentence in wrong[0]


def test_who_was_at_a_past_edition_by_name_or_only_by_number(series, sign_in):
    there = {"what": "attendance", "meeting": "Forum 2018"}
    rows = [
        FORUM,
        {**there, "organisation_1": "Lotus Network", "person_1": "Sok Dara", "source": "Signed list"},
        {**there, "organisation_1": "Lotus Network", "person_1": "Ann Example", "role_1": "observer"},
        {**there, "organisation_1": "シーライツ", "adults": "3", "children": "unknown", "source": "Report, page 4"},
        {**there, "organisation_1": "C-Rights", "adults": "3", "young": "0"},  # said twice
    ]
    job = begun(read(told(*rows), series))
    assert dict(job.result["summary"])["Imported"] == 5
    meeting = db.session.scalar(sa.select(Meeting))
    came = [
        (row.organisation.name, row.named, row.adults, row.young, row.children, row.at_least)
        for row in attendance.list_came([meeting.id])
    ]
    assert came == [("C-Rights", 0, 3, 0, None, 3), ("Lotus Network", 2, None, None, None, 2)]
    roles = db.session.scalars(sa.select(Registration.role).order_by(Registration.id)).all()
    assert [role.value for role in roles] == ["delegate", "observer"]
    page = sign_in(Role.READER, meeting).get(f"/staff/m/{meeting.slug}/who-was-there").text
    assert "2 organisations are known" in page and "There were 5 people at least" in page and "unknown" in page
    assert "Sok Dara" not in page
    assert db.session.scalar(sa.select(sa.func.count(Message.id))) == 0


def test_an_edition_that_was_cancelled_is_a_gap_and_no_edition_of_another_number(series):
    begun(read(told({**FORUM, "meeting": "Forum 2020", "from": "2020", "state": "cancelled", "edition": ""}), series))
    meeting = db.session.scalar(sa.select(Meeting))
    assert (meeting.state.value, meeting.edition_no) == ("cancelled", None)


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
    sent = {"file": (io.BytesIO(LIST.encode()), "past.csv")}
    address = administrator.post("/staff/past-editions", data=sent).headers["Location"]
    jobs.run_now(int(address.rsplit("/", 1)[1]))
    shown = html.unescape(administrator.get(address).text)
    assert "To which series do they belong?" in shown and "cannot come in. Set that line right first." in shown
    address = administrator.post(f"{address}/series", data={"series_id": str(series.id)}).headers["Location"]
    jobs.run_now(int(address.rsplit("/", 1)[1]))
    shown = administrator.get(address).text
    assert "To which series" not in shown
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
