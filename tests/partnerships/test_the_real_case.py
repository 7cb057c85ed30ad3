"""The story that this software was asked for, told as exactly as its source tells it, and no more exactly.

C-Rights and CRC-Cambodia met at the APPM in Manila in 2018; C-Rights visited on 18 February 2020. The source is the
story that was published. Session, introducer, number of students: not told, so not known. The project in Svay Rieng
was C-Rights' own and older: context, never a result.
"""

from datetime import date

import pytest

from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.directory import service as directory
from eventhub.directory.imprecise import Span
from eventhub.directory.models import NameKind, Precision
from eventhub.networking import queries as introductions
from eventhub.networking import service as networking
from eventhub.networking.models import IntroductionSource
from eventhub.partnerships import facts, ladder, parts, queries, service, timeline, timing
from eventhub.partnerships.states import ActivityKind, KnewBefore, LevelKind, PartnershipState, Rung
from tests.factories.basics import a_meeting

SOURCE = "C-Rights Japan’s learning visit at CRC-Cambodia"


@pytest.fixture
def case(app):
    """The case as its source tells it."""
    meeting = a_meeting(
        title="APPM, Manila", starts=date(2018, 1, 1), ends=date(2018, 12, 31), dates_precision=Precision.YEAR
    )
    japan = directory.create_organisation(
        name="Japan International Center for the Rights of the Child",
        country="JP",
        names=[("C-Rights", "en", NameKind.SHORT), ("シーライツ", "ja", NameKind.ALIAS)],
        by=SYSTEM,
    )
    cambodia = directory.create_organisation(name="Child Rights Coalition Cambodia", country="KH", by=SYSTEM)
    people = [directory.create_person(full_name=name, by=SYSTEM) for name in ("Machiko Kaida", "Pehn Son")]
    for person, organisation in zip(people, (japan, cambodia), strict=True):
        directory.affiliate(person, organisation, by=SYSTEM)
    introduction = networking.introduce(
        meeting=meeting, a=people[0], b=people[1], met_on=date(2018, 1, 1), precision=Precision.YEAR,
        source=IntroductionSource.PUBLISHED, source_text=SOURCE, by=SYSTEM,
    )  # fmt: skip
    partnership = service.create_from_introduction(introduction, by=SYSTEM)
    service.change(partnership, levels=[LevelKind.COMMUNE, LevelKind.PROVINCE, LevelKind.NATIONAL], by=SYSTEM)
    parts.add(
        partnership, "activity", kind=ActivityKind.EXCHANGE_OF_INFORMATION, by=SYSTEM,
        title="Exchange on the development of reports to the UN CRC and the UPR",
    )  # fmt: skip
    parts.add(
        partnership, "activity", kind=ActivityKind.LEARNING_VISIT, title="Learning visit to CRC-Cambodia",
        start=date(2020, 2, 18), start_precision=Precision.DAY, organisation_ids=[japan.id, cambodia.id], by=SYSTEM,
    )  # fmt: skip
    parts.add(partnership, "evidence", kind="published_source", title=SOURCE, given_by="CRC Asia", by=SYSTEM)
    parts.add(
        partnership, "context", organisation=japan, by=SYSTEM,
        text="Children's Rights Promotion Project in Thonat Commune, Kompong Ro District, Svay Rieng Province",
    )  # fmt: skip
    parts.add(
        partnership, "stage", stated_on=date(2020, 3, 1), exchanges_information=True, shares_resources=False,
        stated_by="The published story", by=SYSTEM,
    )  # fmt: skip
    db.session.commit()
    return partnership


def test_it_is_reported_on_a_published_source_and_nobody_is_said_to_have_confirmed(case):
    standing = queries.standing(case)
    assert (standing.rung, standing.counted) == (Rung.REPORTED, False)
    assert set(standing.words.values()) == {ladder.Word.NOT_ASKED}
    assert timeline.who_stands_where(case, standing) == {"reported": f"Published: {SOURCE}"}
    assert (case.verifications, case.state) == ([], PartnershipState.PROPOSED)
    introduction = case.origin.introduction
    assert introductions.standing(introduction) is introductions.Standing.REPORTED


def test_its_gaps_are_left_open(case):
    origin = case.origin
    assert (origin.session_id, origin.introduction.introduced_by_id) == (None, None)
    assert origin.knew_before is KnewBefore.UNKNOWN
    visit = next(row for row in case.activities if row.kind is ActivityKind.LEARNING_VISIT)
    assert (visit.counts, timeline.people(visit.counts)) == ({}, "unknown")
    exchange = next(row for row in case.activities if row is not visit)
    assert (exchange.start, exchange.start_precision) == (None, Precision.UNKNOWN)
    assert queries.stage(case) == ladder.Stage(1, 2)  # networking, or coordinating at most


def test_the_time_from_the_meeting_to_the_visit_is_a_range(app, case):
    start = timing.contact_of(case.origin)
    assert (start.first, start.last) == (date(2018, 1, 1), date(2018, 12, 31))
    found = timing.time_to_first(case.activities, start)
    assert found == Span(414, 778) and not found.exact
    with app.test_request_context():
        assert timeline.span_text(found) == "414–778 days (about 14–26 months)"


def test_the_project_of_one_party_is_context_and_counted_nowhere(case):
    assert [row.organisation.name for row in case.contexts] == [
        "Japan International Center for the Rights of the Child"
    ]
    shown = facts.facts(case)
    assert not any("Svay Rieng" in str(value) for value in shown.values())
    assert len([key for key in shown if key.startswith("activity:")]) == 2


def test_nobody_is_asked_about_a_past_that_is_over(case):
    assert queries.list_follow_ups(case.id) == []


def test_the_line_begins_with_the_handshake_and_keeps_what_has_no_date(app, case):
    with app.test_request_context():
        events = timeline.events(case, queries.standing(case), [])
    assert [(event["kind"], str(event["precision"])) for event in events] == [
        ("Handshake", "year"),
        ("Exchange of information", "unknown"),
        ("Learning visit", "day"),
    ]
    assert events[2]["note"] == "414–778 days (about 14–26 months) after they met"
