"""Reports: so many of so many, confirmed apart from reported, context never, children never, unknown never 0."""

import csv
import io
from datetime import date

import pytest

from eventhub.audit import SYSTEM
from eventhub.checkin.models import CheckpointKind
from eventhub.db import db
from eventhub.directory import service as directory
from eventhub.directory.imprecise import Span
from eventhub.directory.models import Precision
from eventhub.invitations.states import InvitationState, NominationState
from eventhub.meetings.states import MeetingState
from eventhub.partnerships import parts, service
from eventhub.partnerships.states import ActivityKind, VerificationState, Visibility
from eventhub.registration.states import RegistrationState
from eventhub.reports import service as reports
from eventhub.security import Role
from tests.factories.basics import a_meeting, a_sector, a_series
from tests.factories.directory import a_person, an_organisation
from tests.factories.partnerships import a_partnership, a_past_meeting, an_introduction, confirm, says
from tests.factories.reports import invite, let_in, nominate, register


@pytest.fixture
def report_of(app):
    """The report of a meeting, as its page would have it."""

    def make(meeting, **more):
        db.session.expire_all()
        with app.test_request_context():
            return reports.report(meeting, **more)

    return make


def steps(report):
    return {step.key: (step.n, step.of) for step in report.steps}


def rows(report, key):
    return [row.cells for row in next(t for t in report.tables if t.key == key).rows]


def an_activity(partnership, **values):
    parts.add(partnership, "activity", by=SYSTEM, **{"kind": ActivityKind.LEARNING_VISIT, "title": "A visit", **values})
    db.session.commit()


def test_every_step_is_so_many_of_so_many(report_of):
    meeting = a_past_meeting()
    one, two, three = (an_organisation() for _ in range(3))
    accepted = invite(meeting, one, opened_at=meeting.created_at)
    invite(meeting, two, InvitationState.DECLINED)
    invite(meeting, three, InvitationState.DRAFT)
    invite(meeting, an_organisation(), InvitationState.WITHDRAWN)
    named, replaced = a_person(one), a_person(one)
    nominate(accepted, named)
    nominate(accepted, replaced, NominationState.REPLACED)
    register(meeting, named)
    alone = register(meeting)
    register(meeting, state=RegistrationState.WAITING)
    register(meeting, state=RegistrationState.STARTED)
    let_in(meeting, named)
    let_in(meeting, named, CheckpointKind.SESSION)
    let_in(meeting, alone, CheckpointKind.MEAL)  # a meal is no entrance
    an_introduction(meeting, people=(named, alone))
    confirm(a_partnership(meeting))
    a_partnership(meeting)
    assert steps(report_of(meeting)) == {
        "invited": (2, 3),
        "opened": (1, 2),
        "accepted": (1, 2),
        "nominated": (1, 2),
        "registered": (3, 3),
        "confirmed": (2, 3),
        "attended": (1, 2),
        "introduced": (2, 2),
        "partnerships": (1, 2),
        "activities": (0, 1),
    }


def test_a_past_meeting_without_records_is_unknown_not_zero(report_of):
    meeting = a_past_meeting()
    an_introduction(meeting)
    found = steps(report_of(meeting))
    assert found["invited"] == found["registered"] == found["attended"] == (None, None)
    assert found["introduced"] == (2, None)
    assert found["partnerships"] == (0, 0)


def test_a_meeting_to_come_has_nobody_yet(report_of):
    found = steps(report_of(a_meeting()))
    assert found["invited"] == found["registered"] == found["attended"] == (0, 0)


def test_only_what_all_confirmed_is_in_the_headline_and_context_is_nowhere(report_of):
    meeting = a_past_meeting()
    counted, reported, disputed, hidden = (a_partnership(meeting) for _ in range(4))
    for partnership in (counted, reported, disputed, hidden):
        an_activity(partnership, start=date(2020, 2, 18), start_precision=Precision.DAY)
        parts.add(
            partnership, "context", organisation=partnership.parties[0].organisation, text="Since 2014", by=SYSTEM
        )
        service.set_origin(
            partnership, first_contact=date(2018, 1, 1), first_contact_precision=Precision.YEAR, by=SYSTEM
        )
        confirm(partnership) if partnership is not reported else says(partnership.parties[0])
    says(disputed.parties[1], VerificationState.DISPUTED)
    service.change(hidden, visibility=Visibility.HIDDEN, by=SYSTEM)
    an_activity(counted, title="Added later, confirmed by nobody")
    db.session.commit()
    report = report_of(meeting)
    assert steps(report)["partnerships"] == (1, 3) and steps(report)["activities"] == (1, 1)
    assert len(report.outcome.reported) == 2
    assert (report.outcome.time, report.outcome.timed) == (Span(414, 778), 1)
    table = rows(report, "partnerships")
    assert [(row[1], row[3], row[5], row[6]) for row in table] == [
        (counted.ref, "Confirmed", 1, 2),
        (reported.ref, "Reported", 0, 1),
        (disputed.ref, "Disputed", 0, 1),
    ]
    assert table[0][7] == "414–778 days (about 14–26 months)"
    assert "2014" not in str(report) and hidden.ref not in str(report.tables)
    assert (report.outcome.response.answered, report.outcome.response.asked) == (5, 5)


def test_the_time_is_a_number_where_the_dates_are_exact(report_of):
    meeting = a_meeting(starts=date(2018, 7, 4), ends=date(2018, 7, 4))
    partnership = a_partnership(meeting)
    an_activity(partnership, start=date(2018, 7, 14), start_precision=Precision.DAY)
    confirm(partnership)
    assert report_of(meeting).outcome.time == Span(10, 10)
    assert rows(report_of(meeting), "partnerships")[0][7] == "10 days"


def test_no_child_is_in_any_number(report_of):
    meeting = a_past_meeting(admits_children=True)
    before = report_of(meeting)
    child = a_person(an_organisation(country="NP"), is_child=True, country="NP")
    nominate(invite(meeting, child.affiliations[0].organisation), child)
    register(meeting, child)
    grown = a_person(an_organisation(country="NP"), country="NP")
    register(meeting, grown, is_child=True)  # was a child at this meeting
    for person in (child, grown):
        let_in(meeting, person)
    report = report_of(meeting)
    people = ("registered", "confirmed", "attended")
    assert {key: steps(report)[key] for key in people} == {key: steps(before)[key] for key in people}
    assert steps(report)["nominated"] == (0, 2)
    assert rows(report, "countries") == []
    assert report.children is None
    assert report_of(meeting, may_see_children=True).children == "fewer than 5"


def test_small_numbers_are_not_written_where_children_could_be_seen(report_of):
    for admits, written in ((True, "not written"), (False, 2)):
        meeting = a_meeting(admits_children=admits)
        sector = a_sector("environment")
        for _ in range(2):
            register(meeting, sector=sector)
        report = report_of(meeting)
        assert rows(report, "countries") == [["Cambodia", written, written, 0]]
        assert rows(report, "sectors") == [["Environment", 0, 0, written, written, 0]]
    assert steps(report)["confirmed"] == (2, 2)  # the whole is written; only a breakdown could point to one person
    register(meeting, a_person(at_risk=True), sector=sector)
    assert {n for row in rows(report_of(meeting), "countries") for n in row[1:3]} == {"not written"}


def test_who_was_merged_counts_once(report_of):
    meeting = a_meeting()
    one, twice = register(meeting), register(meeting)
    directory.merge(one, twice, by=SYSTEM)
    db.session.commit()
    assert steps(report_of(meeting))["registered"] == (1, 1)


def test_across_years_a_gap_is_seen_and_new_organisations_are_new(app):
    series = a_series()
    old = an_organisation()
    held = {}
    for year, people in ((2015, [a_person(old)]), (2016, []), (2019, [a_person(old), a_person(an_organisation())])):
        starts = date(year, 7, 1)
        held[year] = a_meeting(MeetingState.OVER, series=series, starts=starts, ends=starts)
        for person in people:
            register(held[year], person, country="KH")
    confirm(a_partnership(held[2019]))
    a_partnership(held[2019])
    db.session.expire_all()
    with app.test_request_context():
        table = reports.years(list(held.values()), allowed=None)
        mine = reports.years(list(held.values()), allowed={held[2015].id})
    cells = {row.cells[0]: row.cells[3:] for row in table.rows}
    assert list(cells) == ["2015", "2016", "2017", "2018", "2019"]
    assert cells["2015"] == [1, 1, None, None, 1, 0, 0, 0]
    assert cells["2016"] == [None] * 5 + [0, 0, 0]
    assert cells["2019"] == [1, 2, 1, 1, 2, 0, 1, 1]
    assert [row.quiet for row in table.rows] == [False, False, True, True, False]
    assert mine.rows[-1].cells[2:] == [f"{held[2019].title} (not yours to see)"] + [None] * 8


def test_the_pages_and_their_files(client, sign_in):
    meeting = a_past_meeting(title="=cmd|APPM")
    partnership = a_partnership(meeting, title="=1+1")
    register(meeting)
    reader = sign_in(Role.READER, meeting)
    page = reader.get(f"/staff/m/{meeting.slug}/report")
    assert page.status_code == 200 and f"/staff/partnerships/{partnership.id}" in page.text
    assert 'class="bar-n"' in page.text and "response rate" in page.text
    for key in ("funnel", "sectors", "countries", "partnerships", "follow_ups"):
        file = reader.get(f"/staff/m/{meeting.slug}/report/{key}.csv")
        assert file.status_code == 200 and file.data.startswith(b"\xef\xbb\xbf")
    table = list(csv.reader(io.StringIO(reader.get(f"/staff/m/{meeting.slug}/report/partnerships.csv").text[1:])))
    assert table[1][0] == "'=1+1"
    funnel = list(csv.reader(io.StringIO(reader.get(f"/staff/m/{meeting.slug}/report/funnel.csv").text[1:])))
    assert funnel[1][:3] == ["Invited", "unknown", "unknown"]
    assert reader.get(f"/staff/m/{meeting.slug}/report/secrets.csv").status_code == 404
    years = reader.get(f"/staff/reports/years?series={meeting.series.slug}")
    assert years.status_code == 200 and "=cmd|APPM" in years.text
    assert b"'=cmd|APPM" in reader.get(f"/staff/reports/years.csv?series={meeting.series.slug}").data
    assert reader.get("/staff/reports/years.csv?series=nowhere").status_code == 404
    assert client.get(f"/staff/m/{meeting.slug}/report").status_code == 302
    assert sign_in(Role.DOOR, meeting).get(f"/staff/m/{meeting.slug}/report").status_code == 403
    stranger = sign_in(Role.READER, a_meeting(), email="stranger@staff.example")
    assert stranger.get(f"/staff/m/{meeting.slug}/report").status_code == 403


def test_a_reader_of_one_meeting_sees_no_figures_of_another(sign_in):
    series = a_series()
    mine, other = (a_past_meeting(series=series) for _ in range(2))
    a_partnership(other, title="Not for you")
    page = sign_in(Role.READER, mine).get(f"/staff/reports/years?series={series.slug}").text
    assert "not yours to see" in page and mine.title in page


def test_reports_without_anything(sign_in):
    browser = sign_in()
    assert "No edition yet" in browser.get("/staff/reports/years").text
    meeting = a_meeting()
    assert browser.get(f"/staff/m/{meeting.slug}/report").status_code == 200
