"""Every figure equals a plain recount of the records, whatever was answered, disputed, corrected, merged; reported ones
and context are in no headline; nobody can be found among few."""

import csv
import io
import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventhub import clock
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.directory import service as directory
from eventhub.directory.imprecise import bounds, span
from eventhub.directory.models import Precision
from eventhub.meetings import queries as meetings
from eventhub.meetings.states import MeetingState
from eventhub.partnerships import commitments, follow_ups, parts, service, verification
from eventhub.partnerships import queries as partnerships
from eventhub.partnerships.listing import entries
from eventhub.partnerships.models import FollowUp, Partnership
from eventhub.partnerships.states import (
    ActivityKind,
    CommitmentState,
    FollowUpState,
    OriginKind,
    ThemeScheme,
    VerificationState,
    Visibility,
)
from eventhub.reports import catalogue, ledger, memory, ready, survival
from eventhub.reports.facts import Facts
from eventhub.reports.scope import Scope
from eventhub.reports.suppression import FEWEST, hidden
from eventhub.reports.survival import Watched
from eventhub.security import Role
from tests.factories.basics import a_meeting, a_sector, a_series
from tests.factories.directory import a_person, an_organisation
from tests.factories.partnerships import a_partnership, a_past_meeting, an_introduction, confirm, says
from tests.factories.programme import a_session
from tests.factories.reports import invite, let_in, nominate, register


@pytest.fixture
def figures_of(app):
    """All figures of a scope, as their page would have them, by key."""

    def make(**choice):
        db.session.commit()
        db.session.expire_all()
        with app.test_request_context():
            facts = Facts(Scope(meetings.list_meetings(), choice.pop("allowed", None), **choice))
            return {figure.key: figure for figure in catalogue.make_all(facts)}

    return make


@pytest.fixture
def as_if_large(app):
    """What is read is kept until something changes, as in a network of hundreds of partnerships."""
    before = memory.LARGE, memory.READY
    memory.LARGE = memory.READY = 1
    yield
    memory.LARGE, memory.READY = before
    ledger.forget()


def cells(figure, *columns):
    return {row.cells[0]: tuple(row.cells[c] for c in columns) for row in figure.table.rows}


def an_activity(partnership, **values):
    return parts.add(
        partnership, "activity", by=SYSTEM, **{"kind": ActivityKind.TRAINING, "title": "Training", **values}
    )


# the arithmetic


@pytest.mark.once
@given(st.lists(st.one_of(st.none(), st.integers(0, 12)), max_size=8))
def test_what_is_hidden_cannot_be_worked_out(column):
    secret = hidden(column)
    small = {k for k, n in enumerate(column) if n is not None and 0 < n < FEWEST}
    assert small <= secret and all(column[k] for k in secret)
    if small and len(secret) < sum(1 for n in column if n):
        total = sum(column[k] for k in secret)
        answers = itertools.islice(_ways(total, len(secret)), 3)
        assert len(list(answers)) == 3 or total == FEWEST, column


def _ways(total, parts_, least=1):
    """Ways to write a total as a sum of positive numbers, in no order."""
    if parts_ == 1:
        if total >= least:
            yield [total]
        return
    for first in range(least, total // parts_ + 1):
        yield from ([first, *rest] for rest in _ways(total - first, parts_ - 1, first))


@pytest.mark.once
def test_the_curve_is_kaplan_and_meiers():
    # the textbook's: 6, 6, 6, 6+, 7, 9+, 10, 10+, 11+, 13, 16, 17+, 19+, 20+, 22, 23, 25+, 32+, 32+, 34+, 35+ weeks
    # of remission (Freireich 1963): S(6)=0.857, S(7)=0.807, S(10)=0.753, S(13)=0.690, S(16)=0.627, S(22)=0.538, S(23)=0.448
    happened = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    watched = [Watched(t, t) for t in happened] + [Watched(open=t) for t in censored]
    steps = survival.curve(watched, late=True)
    assert [(s.days, s.at_risk, round(1 - s.share, 3)) for s in steps] == [
        (6, 21, 0.857), (7, 17, 0.807), (10, 15, 0.753), (13, 12, 0.69), (16, 11, 0.627), (22, 7, 0.538), (23, 6, 0.448),
    ]  # fmt: skip
    assert survival.curve(watched, late=False) == steps
    doubt = [Watched(10, 40), Watched(open=30)]
    assert (survival.at(survival.curve(doubt, late=False), 20), survival.at(survival.curve(doubt, late=True), 20)) == (
        0.5,
        0,
    )
    assert [one.until(late=True) for one in doubt] == [40, 30] and survival.curve([], late=True) == []


# the counting


def test_what_is_kept_notices_every_change(app, as_if_large):
    row = a_partnership(a_past_meeting())
    db.session.commit()
    assert not ledger.read()[0].counted and ledger.read()[0] is ledger.read()[0]
    changes = [
        lambda: confirm(row),
        lambda: an_activity(row),
        lambda: parts.change(
            row, "activity", row.activities[0].id, title="Another", kind=ActivityKind.EVENT, by=SYSTEM
        ),
        lambda: parts.remove(row, "activity", row.activities[0].id, by=SYSTEM),
        lambda: says(row.parties[0], VerificationState.DISPUTED),
        lambda: service.change(row, title="A new title", by=SYSTEM),
        lambda: service.set_origin(
            row, first_contact=date(2019, 1, 1), first_contact_precision=Precision.YEAR, by=SYSTEM
        ),
        lambda: directory.merge(an_organisation(), row.parties[0].organisation, by=SYSTEM),
        lambda: service.change(row, visibility=Visibility.HIDDEN, by=SYSTEM),
    ]
    for change in changes:
        before = ledger.read()
        change()
        db.session.commit()
        assert ledger.read() is not before and ledger.read() == ledger._read(True)
    assert ledger.read() == []


def test_a_large_network_is_made_ready_before_the_first_reader_and_a_change_is_seen_all_the_same(
    app, as_if_large, queries, figures_of
):
    ident = confirm(a_partnership(a_past_meeting())).id
    db.session.commit()
    db.session.close()  # another session reads now, and SQLite has one who writes
    assert ready.make()
    with queries() as asked:
        assert [kept.counted for kept in ledger.read()] == [True]
    assert not [said for said in asked.statements if "FROM verifications" in said and "count(" not in said]
    says(db.session.get_one(Partnership, ident).parties[0], VerificationState.DISPUTED)
    figures = figures_of()
    assert (figures["evidence"].table.rows[0].cells[2:5]) == [0, 0, 1]
    db.session.close()
    memory.READY = 100
    assert not ready.make()  # small networks are read when somebody asks


def test_the_ledger_says_what_the_records_say(app):
    one = confirm(a_partnership(a_past_meeting()))
    intro = an_introduction(a_past_meeting())
    two = service.create_from_introduction(intro, by=SYSTEM)
    an_activity(two, start=date(2027, 1, 1), start_precision=Precision.YEAR)
    confirm(two)
    db.session.commit()
    for kept, entry in zip(
        ledger.read(),
        sorted(entries(partnerships.list_partnerships(None)), key=lambda e: e.partnership.id),
        strict=True,
    ):
        assert (kept.standing.rung, kept.standing.words) == (entry.standing.rung, entry.standing.words)
        assert kept.stage == entry.stage and kept.ref == entry.partnership.ref
    kept = ledger.read()[1]
    assert kept.time == span(kept.contact, bounds(date(2027, 1, 1), Precision.YEAR)) and one.ref == ledger.read()[0].ref


def test_more_answers_move_the_response_rate_and_not_the_count(figures_of, as_if_large):
    meeting = a_past_meeting()
    confirm(a_partnership(meeting))
    told = a_partnership(meeting)
    for party in told.parties:
        verification.ask(party, by=SYSTEM)
    before = figures_of()
    says(told.parties[0])
    after = figures_of()
    assert (before["evidence"].response.answered, after["evidence"].response.answered) == (2, 3)
    for key, figure in before.items():
        if key != "evidence":
            assert [row.cells for row in figure.table.rows] == [row.cells for row in after[key].table.rows], key
    assert cells(before["evidence"], 2, 3) == cells(after["evidence"], 2, 3)


def test_the_funnel_from_the_invitation_to_stage_three(figures_of):
    meeting = a_past_meeting()
    one = an_organisation()
    accepted = invite(meeting, one)
    person = a_person(one)
    nominate(accepted, person)
    register(meeting, person)
    other = register(meeting)
    let_in(meeting, person)
    an_introduction(meeting, people=(person, other))
    partnership = a_partnership(meeting)
    an_activity(partnership, start=clock.today(), start_precision=Precision.DAY)
    parts.add(
        partnership,
        "stage",
        by=SYSTEM,
        stated_on=clock.today(),
        exchanges_information=True,
        alters_activities=True,
        shares_resources=True,
        enhances_capacity=None,
    )
    confirm(partnership)
    follow_ups.schedule(partnership)
    for row in db.session.query(FollowUp).filter_by(months=3):
        row.state, row.answer = FollowUpState.ANSWERED, {"what": "in_touch"}
    steps = cells(figures_of()["funnel"], 1, 2)
    assert steps == {
        "Organisations invited": (1, 1), "People nominated": (1, 2), "Registered": (2, 2), "Attended": (1, 2), "Introduced to somebody": (2, 2),
        "Partnerships, confirmed": (1, 1), "Contact at 3 months": (1, 1), "An activity": (1, 1), "Stage 3 or 4": (1, 1),
    }  # fmt: skip


@pytest.mark.once
def test_commitments_kept_of_those_that_were_told(figures_of):
    meeting = a_past_meeting()
    one, other = an_organisation(), an_organisation(country="NP")
    made = [
        commitments.promise(meeting=meeting, organisation=home, text=f"We will {n}", by=SYSTEM)
        for n, home in enumerate((one, one, one, other))
    ]
    for row, state in zip(
        made, (CommitmentState.KEPT, CommitmentState.NOT_KEPT, CommitmentState.WITHDRAWN), strict=False
    ):
        commitments.tell(row, state=state, words="It was so.", by=SYSTEM)
    # promised, kept, partly, not kept, goes on, nothing told, past its day, share
    assert cells(figures_of()["commitments"], *range(1, 9))["Together"] == (3, 1, 0, 1, 0, 1, 0, "50%")
    assert cells(figures_of(country="NP")["commitments"], 1, 8)["Together"] == (1, None)
    assert "commitments" not in figures_of(country="FJ")


@pytest.mark.once
def test_filters_choose_meetings_parties_and_themes(figures_of):
    series, other = a_series(), a_series()
    old = a_meeting(MeetingState.OVER, series=series, starts=date(2015, 6, 2), ends=date(2015, 6, 4))
    new = a_meeting(MeetingState.OVER, series=other, starts=date(2018, 6, 2), ends=date(2018, 6, 4))
    green = a_sector("environment")
    one = a_partnership(old, parties=[an_organisation(country="NP", sector=green), an_organisation()], focal=())
    parts.add(one, "theme", scheme=ThemeScheme.SDG, code="16.2", by=SYSTEM)
    a_partnership(new)
    service.create(parties=[an_organisation(), an_organisation()], by=SYSTEM)  # from no meeting

    def n(**choice):
        return cells(figures_of(**choice)["funnel"], 2)["Partnerships, confirmed"][0]

    assert n() == 3 and n(series=series) == 1 and n(edition=new) == 1 and n(first=2016, last=2019) == 1
    assert n(sector=green) == 1 and n(country="NP") == 1 and n(country="FJ") == 0 and n(theme="sdg:16.2") == 1
    assert n(allowed={new.id}) == 1


@pytest.mark.once
def test_people_are_not_singled_out_where_children_take_part(figures_of):
    meeting = a_past_meeting(admits_children=True)
    green, grey = a_sector("environment"), a_sector("research")
    for sector, many in ((green, 6), (grey, 2)):
        for _ in range(many):
            register(meeting, sector=sector)
    found = figures_of()
    assert set(cells(found["sectors"], 2).values()) == {("not written",)} and found["sectors"].n == 8
    narrowed = figures_of(sector=grey)
    assert "sectors" not in narrowed and "Registered" not in cells(narrowed["funnel"], 1)
    assert {row.cells[3] for row in narrowed["growth"].table.rows} == {"not written"}
    open_meeting = a_past_meeting()
    for _ in range(2):
        register(open_meeting, sector=grey)
    assert cells(figures_of(edition=open_meeting)["sectors"], 2)["Research"] == (2,)
    a_risk = register(open_meeting, sector=green)
    a_risk.at_risk = True
    assert cells(figures_of(edition=open_meeting)["sectors"], 2)["Research"] == ("not written",)


@pytest.mark.once
def test_a_person_at_risk_who_introduced_somebody_is_not_named(figures_of):
    meeting = a_past_meeting()
    through = register(meeting, a_person(an_organisation(), full_name="Named Nowhere", at_risk=True))
    service.create_from_introduction(an_introduction(meeting, introduced_by=through), by=SYSTEM)
    origins = figures_of()["origins"]
    assert "Named Nowhere" not in str(origins) and "somebody who is not listed" in cells(origins, 1)


@pytest.mark.once
def test_sessions_that_led_to_nothing_stand_with_0_and_breaks_do_not(figures_of):
    meeting, other = a_past_meeting(), a_past_meeting()
    led = a_session(meeting, "Peer exchange")
    a_session(meeting, "Opening"), a_session(meeting, "=Quiet <b>"), a_session(other, "Opening")
    a_session(meeting, "Coffee", kind="break"), a_session(a_meeting(), "Later on")
    one = a_partnership(meeting)
    service.set_origin(one, session=led, kind=OriginKind.SESSION, by=SYSTEM)
    confirm(one)
    a_partnership(meeting)
    found = figures_of(edition=meeting)["origins"]
    lines = {row.cells[0]: row.cells[2:] for row in found.table.rows if row.cells[1] == "Session or occasion"}
    assert {name: lines.pop(name) for name in ("Peer exchange", "Opening", "=Quiet <b>")} == {
        "Peer exchange": [1, 0], "Opening": [0, 0], "=Quiet <b>": [0, 0],
    }  # fmt: skip
    assert list(lines.values()) == [[0, 1]]
    assert [row.cells[0] for row in found.table.rows][-2:] == ["=Quiet <b>", "Opening"]
    assert (found.n, found.base) == (2, "partnerships logged; 3 sessions in the programmes")
    assert found.table.note.startswith("2 sessions of 3 led to no partnership on record")
    assert "Quiet" not in found.picture.says
    labels = [row.cells[0] for row in figures_of()["origins"].table.rows]
    alike = [f"{one.title}: Opening" for one in (meeting, other)]  # of one year
    assert {label for label in labels if "Opening" in label} == set(alike) and "Later on" not in labels


@pytest.mark.once
def test_the_cohorts_picture_says_what_its_table_says(figures_of):
    meeting = a_past_meeting()
    starts = meeting.starts - timedelta(days=5 * 365)
    long_ago = a_meeting(starts=starts, ends=starts + timedelta(days=2), title="Long ago " * 6)
    for start, precision in ((long_ago.ends, Precision.DAY), (starts, Precision.YEAR), (None, Precision.UNKNOWN)):
        one = a_partnership(long_ago)
        parts.add(
            one, "activity", kind=ActivityKind.TRAINING, title="T", start=start, start_precision=precision, by=SYSTEM
        )
        db.session.commit()
        confirm(one)
    confirm(a_partnership(meeting))
    found = figures_of()["cohorts"]
    picture = found.picture
    for row in found.table.rows:
        for cell, months in zip(row.cells[2:], (3, 6, 12, 24), strict=True):
            said = f"{row.cells[0]}, {months} months: {cell}"
            assert any(mark.title == said for mark in picture.marks), said
            assert f"{months} months {cell}" in picture.says
    assert {mark.kind for mark in picture.marks} >= {"c-gap", "c-beside", "c-none"}
    assert all(mark.at["x"] + mark.at["width"] <= picture.width for mark in picture.marks if mark.tag == "rect")
    (whole,) = {mark.at["width"] for mark in picture.marks if mark.kind == "c-none"}
    filled = [mark.at["width"] for mark in picture.marks if mark.kind == "c-n" and mark.title]
    sure = [int(str(cell).split("–")[0]) for cell in found.table.rows[0].cells[2:]]
    assert filled == pytest.approx([whole * n / 3 for n in sure], abs=0.1)  # from zero, of all of its edition


def test_the_page_its_files_and_the_records_behind_a_number(sign_in, client):
    meeting = a_past_meeting()
    partnership = confirm(a_partnership(meeting, title="=1+1 <b>"))
    register(meeting)
    reader = sign_in(Role.READER, meeting)
    page = reader.get("/staff/reports/figures").text
    for key in sorted(catalogue.keys()):
        assert f'id="figure-{key}"' in page or key in ("quotas", "replies", "sectors", "returning", "commitments"), key
        file = reader.get(f"/staff/reports/figures/{key}.csv")
        assert file.status_code in (200, 404) and b"<b>" not in file.data
    table = list(csv.reader(io.StringIO(reader.get("/staff/reports/figures/funnel.csv").text[1:])))
    row = next(n for n, line in enumerate(table[1:]) if line[0] == "Partnerships, confirmed")
    address = f"/staff/reports/figures/funnel/{row}/1?series={meeting.series.slug}"
    assert address.replace("&", "&amp;") in page
    behind = reader.get(address).text
    assert f"/staff/partnerships/{partnership.id}" in behind and "=1+1 &lt;b&gt;" in behind
    edition = f"/staff/reports/figures?series={meeting.series.slug}&edition={meeting.slug}"
    assert f'href="/staff/m/{meeting.slug}/registrations' in sign_in(Role.ORGANISER, meeting).get(edition).text
    assert (
        f'href="/staff/m/{meeting.slug}/registrations'
        not in reader.get(edition).text.partition('id="figure-funnel"')[2]
    )
    organiser = sign_in(Role.ORGANISER, meeting, email="organiser2@staff.example").get(edition).text
    for figure in ("sectors", "returning", "funnel"):  # each number leads to its people
        part = organiser.partition(f'id="figure-{figure}"')[2].partition("</section>")[0]
        assert f'href="/staff/m/{meeting.slug}/registrations' in part, figure
    for wrong in ("funnel/99/1", "funnel/0/99", "secrets/0/1"):
        assert reader.get(f"/staff/reports/figures/{wrong}").status_code == 404
    for query in ("series=x", "edition=x"):
        assert reader.get(f"/staff/reports/figures?{query}").status_code == 404
    odd = "?from=0&to=99999&country=%3Cb%3E&sector=x&theme=%00&series=all"
    assert reader.get(f"/staff/reports/figures{odd}").status_code == 200
    assert client.get("/staff/reports/figures").status_code == 302
    stranger = sign_in(Role.READER, a_meeting(), email="stranger@staff.example")
    assert partnership.ref not in stranger.get(address).text
