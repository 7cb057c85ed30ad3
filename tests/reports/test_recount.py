"""After any sequence of answers, corrections, disputes, merges and undos every figure of every kind equals a plain recount."""

import pytest

from eventhub import clock
from eventhub.db import db
from eventhub.meetings import queries as meetings
from eventhub.reports import catalogue, donor, ledger, memory, method, metrics
from eventhub.reports.facts import Facts
from eventhub.reports.scope import Scope
from eventhub.reports.suppression import FEWEST
from eventhub.reports.tidy import DATASETS, Source
from tests.reports.recount import Plain
from tests.reports.world import World

LOOKS, ACTS = 5, 12  # looks; so many acts before each


@pytest.fixture(params=["small", "large"])
def world(app, request):
    """A network that is read every time, and one whose ledger is kept until something changes."""
    before = memory.LARGE
    memory.LARGE = 1 if request.param == "large" else before
    yield World({"small": 5, "large": 11}[request.param])
    memory.LARGE = before
    ledger.forget()


def cells(figure, labels):
    return {tuple(row.cells[:labels]): tuple(row.cells[labels:]) for row in figure.table.rows}


def test_every_figure_equals_a_plain_recount(app, world):
    met = set()
    for _ in range(LOOKS):
        for _again in range(ACTS):
            world.step()
        with app.test_request_context():
            db.session.expire_all()
            facts = Facts(Scope(meetings.list_meetings(), None, world.series))
            figures = {figure.key: figure for figure in catalogue.make_all(facts)}
            plain = Plain(facts.meetings)
            met |= set(figures)
            _equal(facts, figures, plain)
            _network(facts, plain, world.homes[0].id)
            _told(facts, plain)
    assert met == set(catalogue.keys())  # the story went through every figure


def _equal(facts, figures, plain):
    names, today = facts.sectors, clock.today()
    wanted = {
        "stages": (plain.stages(), 1), "levels": (plain.levels(), 1), "country_pairs": (plain.country_pairs(), 1),
        "themes": (plain.themes(), 2), "crossing": (plain.crossing(), 1), "origins": (plain.origins(), 2),
        "evidence": (plain.evidence(), 1), "replies": (plain.replies(), 1), "cohorts": (plain.cohorts(today), 1),
        "commitments": (plain.commitments(), 1), "sectors": (plain.sectors(names), 1), "quotas": (plain.quotas(names), 2),
    }  # fmt: skip
    for key, (counts, labels) in wanted.items():
        if key in figures and facts.sensitive and key in ("sectors", "quotas"):
            _written(cells(figures[key], labels), counts)
        elif key in figures:
            assert cells(figures[key], labels) == counts, key
        else:
            assert not counts or key in ("replies",), key
    two = {row.cells[0]: row.cells[1:3] for row in figures["funnel"].table.rows}
    if not facts.silent_on_people:
        assert {(label,): tuple(pair) for label, pair in two.items()} == plain.funnel()
    growth = {(row.cells[0],): tuple(row.cells[2:]) for row in figures["growth"].table.rows}
    assert growth == plain.growth()
    assert {(row.cells[0],): tuple(row.cells[2:]) for row in figures["returning"].table.rows} == plain.returning()
    if "first_activity" in figures:
        expected = plain.first_activity(today)
        assert figures["first_activity"].table.rows
        for row in figures["first_activity"].table.rows:
            assert tuple(row.cells[1:]) == expected[row.cells[0],], row.cells
    for figure in figures.values():
        for row in figure.table.rows:  # the records behind each number are as many
            for column, ids in row.records.items():
                assert not isinstance(row.cells[column], int) or len(set(ids)) == row.cells[column], figure.key
        if figure.response is not None:
            rows = plain.records.values()
            asked = sum(row["asked"] for row in rows), sum(row["answered"] for row in rows)
            assert (figure.response.asked, figure.response.answered) == asked


def _written(told, counts):
    """Somebody at risk takes part: what is written is right, and no small number is."""
    assert told.keys() == counts.keys()
    for label, numbers in told.items():
        assert "not written" in numbers or (numbers == counts[label] and not 0 < numbers[1] < FEWEST), label


def _network(facts, plain, host):
    found, expected = donor.network_of(facts, [facts.scope.series]), plain.ties()
    evidence = {True: "substantiated", False: "confirmed"}
    told = {
        tie.ends: (evidence[tie.substantiated] if tie.confirmed else "reported", tie.silent, tie.stage)
        for tie in found.ties
    }
    assert told == expected
    n, m = len(found.nodes), len(expected)
    measured, degrees = metrics.measures(found), [sum(node.id in pair for pair in expected) for node in found.nodes]
    assert (measured.ties, measured.isolates) == (m, degrees.count(0))
    assert measured.density == pytest.approx(2 * m / (n * (n - 1)))
    lands = {node.id: node.country for node in found.nodes}
    known = [pair for pair in expected if all(lands[end] for end in pair)]
    across = sum(lands[a] != lands[b] for a, b in known)
    assert measured.ei_country == (pytest.approx((2 * across - len(known)) / len(known)) if known else None)
    without = found.of(secretariat=False)
    river = plain.one(host)
    assert {tie.ends for tie in without.ties} == {pair for pair in expected if river not in pair}


def _told(facts, plain):
    """What a report's first pages say, and the tables for own questions."""
    counted = plain.counted
    homes = {home for row in counted for home in row["homes"]}
    answered = sum(row["answered"] for row in plain.records.values())
    headline = [row["n"] for row in donor._headline(facts)]
    assert headline == [len(counted), sum(row["agreed"] > 0 for row in counted), len(homes), answered]
    rungs = [row["rung"].value for row in plain.records.values()]
    assert {step["rung"]: step["n"] for step in method.ladder(facts)} == {
        rung: rungs.count(rung) for rung in ("reported", "confirmed", "substantiated")
    }
    source = Source(facts)
    rows = {row["partnership"]: row for row in DATASETS["partnerships"].records(source)}
    for record in plain.records.values():
        row = rows.pop(record["said"]["core"]["ref"])
        assert (row["evidence"], row["disputed"]) == (record["rung"].value, record["disputed"])
        assert (row["activities"], row["activities_confirmed"]) == (record["acts"], record["agreed"])
        assert (row["contact_from"], row["contact_to"]) == record["start"]
        assert (row["days_least"], row["days_most"]) == (record["time"] or (None, None))
        assert (row["parties_asked"], row["parties_answered"]) == (record["asked"], record["answered"])
    assert not rows
    assert len(list(DATASETS["parties"].records(source))) == sum(len(row["homes"]) for row in plain.records.values())
    assert len(list(DATASETS["ties"].records(source))) == len(plain.ties())
