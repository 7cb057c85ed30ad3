"""The network: who is on the map, which ties, what is not known; one picture for one network; no hidden one anywhere."""

import itertools
import re
from datetime import date

import networkx
import pytest

from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.directory import service as directory
from eventhub.meetings.states import MeetingState
from eventhub.partnerships import parts, service, verification
from eventhub.partnerships.states import ThemeScheme, VerificationState, Visibility
from eventhub.reports import layout, ledger, map, metrics, network, network_tables
from eventhub.reports.facts import organisations
from eventhub.reports.network import Network, Node, Tie
from eventhub.security import Role
from tests.factories.basics import a_meeting, a_sector, a_series
from tests.factories.directory import a_person, an_organisation
from tests.factories.partnerships import a_partnership, confirm, says
from tests.factories.reports import register


def made(nodes, ties, secretariat=()):
    """A network of bare numbers; ties as (a, b) or (a, b, facts)."""
    whole = tuple(Node(n, f"Organisation {n}", country, sector, 2015, n in secretariat) for n, country, sector in nodes)
    facts = {"since": 2015, "confirmed": True, "substantiated": False, "disputed": False, "silent": False, "stage": 1}
    return Network(whole, tuple(Tie(a, b, partnerships=(1,), **facts) for a, b in ties))


def read(meetings, **more):
    db.session.expire_all()
    return network.network(ledger.read(), meeting_ids={m.id for m in meetings}, **more)


def state(partnership, **answers):
    names = ("exchanges_information", "alters_activities", "shares_resources", "enhances_capacity")
    parts.add(partnership, "stage", by=SYSTEM, **{**dict.fromkeys(names), **answers})
    db.session.commit()


@pytest.mark.once
def test_measures_are_those_of_the_papers():
    star = made(
        [(0, "KH", 1), *((n, "KH" if n < 3 else "JP", 1) for n in range(1, 6)), (9, "", None)],
        [(0, n) for n in range(1, 6)],
    )
    found = metrics.measures(star)
    assert (found.nodes, found.ties, found.components, found.largest, found.isolates) == (7, 5, 1, 6, 1)
    assert found.density == pytest.approx(5 / 21)
    assert found.centralisation == pytest.approx((5 * 4 + 5) / 30)
    assert (found.ei_country, found.ei_country_ties) == (pytest.approx((3 - 2) / 5), 5)
    assert found.ei_sector == -1
    assert metrics.betweenness(star)[0] == pytest.approx(networkx.betweenness_centrality(metrics.graph(star))[0])
    empty = metrics.measures(made([], []))
    assert (empty.density, empty.centralisation, empty.ei_sector, empty.mean_degree) == (None, None, None, None)


@pytest.mark.once
def test_the_same_network_is_the_same_picture_and_nothing_moves(app):
    pairs = list(itertools.combinations(range(14), 2))[::3]
    whole = made([(n, "KH", 1 + n % 3) for n in range(20)], pairs, secretariat={0})
    with app.test_request_context():
        first = map.draw(whole, whole, [1, 2, 3], title="The network").svg()
        layout.forget()
        assert map.draw(whole, whole, [1, 2, 3], title="The network").svg() == first
        without = map.draw(whole, whole.of(secretariat=False), [1, 2, 3], title="The network")
    at, height = layout.places(whole)
    assert len(set(at.values())) == 20 and all(0 <= x <= layout.WIDTH and 0 <= y <= height for x, y in at.values())
    drawn = {mark.at["d"] for mark in without.marks if mark.kind == "node"}
    assert map.outline("square", *at[1], 11) in drawn and map.outline("circle", *at[0], 11) not in drawn
    assert not any(mark.kind.startswith("node-secretariat") for mark in without.marks)


@pytest.mark.once
def test_names_do_not_stand_on_each_other_with_four_hundred_organisations(app):
    whole = made([(n, "KH", 1) for n in range(450)], [(n, n * 7 % 300) for n in range(1, 300) if n < n * 7 % 300])
    cut = map.cut(whole)
    assert len(cut.nodes) == map.DRAWN and len(cut.ties) == len(whole.ties)
    with app.test_request_context():
        names = {}
        for zoom in (1, 3):
            marks = [m for m in map.draw(cut, cut, [1], title="Many", zoom=zoom).marks if m.kind == "map-name"]
            names[zoom] = len(marks)
            boxes = []
            for mark in marks:
                wide = map.picture.width_of(mark.words)
                left = mark.at["x"] - {"start": 0, "middle": wide / 2, "end": wide}[mark.at["text-anchor"]]
                boxes.append((left, mark.at["y"] - 11, left + wide, mark.at["y"] + 3))
            for one, other in itertools.combinations(boxes, 2):
                apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
                assert apart, (one, other)
    assert names[3] > names[1] > 20


def test_ties_by_year_stage_and_evidence(app):
    series = a_series(secretariat="River Secretariat")
    hosts = an_organisation(name="River Secretariat", country="TH")
    old, new = (
        a_meeting(MeetingState.OVER, series=series, starts=date(y, 7, 1), ends=date(y, 7, 2)) for y in (2015, 2019)
    )
    known = confirm(a_partnership(old))
    told = a_partnership(new, parties=[hosts, known.parties[0].organisation], focal=())
    asked = a_partnership(new)
    says(asked.parties[0], VerificationState.DISPUTED)
    state(known, stated_on=date(2016, 1, 1), exchanges_information=True, alters_activities=False)
    state(known, stated_on=date(2019, 1, 1), exchanges_information=True, alters_activities=True, shares_resources=False)
    alone = register(new, a_person(an_organisation(name="Alone")), country="KH")
    found = read([old, new], secretariats=network.secretariats([series]))
    assert {node.name for node in found.nodes if node.secretariat} == {"River Secretariat"}
    by = {tie.partnerships[0]: tie for tie in found.ties}
    assert (by[known.id].confirmed, by[known.id].stage, by[known.id].since) == (True, 2, 2015)
    assert (by[told.id].confirmed, by[told.id].disputed) == (False, False)
    assert (by[asked.id].confirmed, by[asked.id].disputed) == (False, True)
    assert "Alone" in {node.name for node in found.nodes} and alone
    assert [node.id for node in found.nodes] == sorted(node.id for node in found.nodes)
    assert read([old, new], secretariats=network.secretariats([series]), homes=organisations()) == found
    assert len(found.of(secretariat=False).ties) == 2 and len(found.of(reported=False).ties) == 1
    early = read([old, new], until=2016)
    assert [(tie.partnerships, tie.stage) for tie in early.ties] == [((known.id,), 1)] and len(early.nodes) == 2
    assert read([new]).years == (2019, 2019)


@pytest.mark.once
def test_parts_of_a_network_are_made_once_and_keep_to_themselves():
    whole = made([(n, "KH", 1) for n in range(5)], [(0, 1), (0, 2), (2, 3)], secretariat={0})
    told = Network(whole.nodes, (whole.ties[0]._replace(confirmed=False), *whole.ties[1:]))
    assert told.of() is told and told.of(secretariat=False) is told.of(secretariat=False)
    shown = {
        choice: (len(part.nodes), [tie.ends for tie in part.ties])
        for choice in itertools.product((True, False), repeat=2)
        for part in [told.of(secretariat=choice[0], reported=choice[1])]
    }
    assert shown == {
        (True, True): (5, [(0, 1), (0, 2), (2, 3)]), (True, False): (5, [(0, 2), (2, 3)]),
        (False, True): (4, [(2, 3)]), (False, False): (4, [(2, 3)]),
    }  # fmt: skip
    assert told.degrees == {0: 2, 1: 1, 2: 2, 3: 1, 4: 0} and told.of(reported=False).degrees[1] == 0


@pytest.mark.once
def test_of_a_part_of_a_network_the_table_says_the_numbers_of_the_whole(app):
    whole = made([(n, "KH", 1) for n in range(5)], [(0, 1), (0, 2), (0, 3), (3, 4)], secretariat={0})
    with app.test_request_context():
        every = network_tables.node_table(whole, [], str)
        part = network_tables.node_table(whole, [], str, {0, 3})
    assert [row.cells[3:6] for row in part.rows] == [[3, 3, None], [2, 2, 1]]
    assert [row.cells[3:6] for row in every.rows if row.url in ("0", "3")] == [row.cells[3:6] for row in part.rows]
    assert "Betweenness" in every.header and "Betweenness" not in part.header
    assert all(len(row.cells) == len(table.header) for table in (every, part) for row in table.rows)


@pytest.mark.once
def test_no_reply_is_not_no_tie(app):
    meeting = a_meeting()
    silent, told = a_partnership(meeting), a_partnership(meeting)
    for party in silent.parties:
        verification.ask(party, by=SYSTEM)
    says(told.parties[0])
    confirm(a_partnership(meeting))
    found = network_tables.known(read([meeting]))
    assert (found.confirmed, found.disputed, found.reported, found.silent, found.none) == (1, 0, 1, 1, 12)


@pytest.mark.once
def test_hidden_ones_people_at_risk_and_children_are_on_no_map(app):
    meeting = a_meeting(admits_children=True)
    hidden, at_risk, merged = confirm(a_partnership(meeting)), confirm(a_partnership(meeting)), a_partnership(meeting)
    service.change(hidden, visibility=Visibility.HIDDEN, by=SYSTEM)
    at_risk.parties[0].focal_person.at_risk = True
    register(meeting, a_person(an_organisation(), at_risk=True))
    register(meeting, a_person(an_organisation(), is_child=True))
    twice = confirm(a_partnership(meeting, parties=[merged.parties[0].organisation, an_organisation()], focal=()))
    directory.merge(merged.parties[1].organisation, twice.parties[1].organisation, by=SYSTEM)
    db.session.commit()
    found = read([meeting])
    assert [(tie.partnerships, tie.confirmed) for tie in found.ties] == [((merged.id, twice.id), True)]
    assert len(found.nodes) == 2


def test_the_page_its_tables_and_its_files(sign_in, client):
    series = a_series(name="Forum")
    meeting = a_meeting(MeetingState.OVER, series=series, starts=date(2019, 7, 1), ends=date(2019, 7, 2))
    one = an_organisation(name="=cmd|<b>Lotus</b>", country="KH")
    partnership = confirm(a_partnership(meeting, parties=[one, an_organisation(name="ស្ត្រី", country="JP")], focal=()))
    reader = sign_in(Role.READER, meeting)
    page = reader.get(f"/staff/reports/network?series={series.slug}&until=2999&zoom=99").text
    assert "&lt;b&gt;Lotus" in page and "<b>Lotus" not in page and "ស្ត្រី" in page
    assert f"/staff/partnerships/{partnership.id}" in page and 'class="tie"' in page
    assert "No organisation in the directory goes by the name of the secretariat" in page
    picture = reader.get(f"/staff/reports/network.svg?series={series.slug}")
    assert picture.mimetype == "image/svg+xml" and "default-src 'none'" in picture.headers["Content-Security-Policy"]
    assert re.search(rb"<svg xmlns=.*<path", picture.data, re.S) and b"<b>Lotus" not in picture.data
    assert b"'=cmd|" in reader.get("/staff/reports/network/nodes.csv").data
    for table in ("ties", "measures"):
        assert reader.get(f"/staff/reports/network/{table}.csv?secretariat=no").status_code == 200
    assert reader.get("/staff/reports/network?series=nowhere").status_code == 404
    assert client.get("/staff/reports/network").status_code == 302
    stranger = sign_in(Role.READER, a_meeting(), email="stranger@staff.example").get(
        f"/staff/reports/network?series={series.slug}"
    )
    assert stranger.status_code == 200 and "Lotus" not in stranger.text
    assert "No organisation yet" in stranger.text


@pytest.mark.once
def test_the_map_has_the_filters_of_the_figures(sign_in):
    series = a_series()
    old, new = (
        a_meeting(MeetingState.OVER, series=series, starts=date(y, 7, 1), ends=date(y, 7, 2)) for y in (2015, 2019)
    )
    green = a_sector("environment")
    river = [
        an_organisation(name="River One", country="NP", sector=green),
        an_organisation(name="River Two", country="KH"),
    ]
    hills = [an_organisation(name="Hills One", country="PH"), an_organisation(name="Hills Two", country="PH")]
    about = a_partnership(old, parties=river, focal=())
    parts.add(about, "theme", scheme=ThemeScheme.SDG, code="16.2", by=SYSTEM)
    a_partnership(new, parties=hills, focal=())
    register(new, a_person(an_organisation(name="Alone", country="KH")))
    reader = sign_in(Role.READER)
    names = ("River One", "River Two", "Hills One", "Alone")

    def shown(query):
        page = reader.get(f"/staff/reports/network?series={series.slug}&{query}").text
        return [name for name in names if f">{name}<" in page.partition('id="list-nodes"')[2]]

    wanted = {
        f"edition={old.slug}": ["River One", "River Two"], "to=2015": ["River One", "River Two"], "country=NP": ["River One", "River Two"],
        "sector=environment": ["River One", "River Two"], "theme=sdg:16.2": ["River One", "River Two"],
        "theme=own:16.2": [],
    }  # fmt: skip
    wanted |= {"": list(names), "from=2019": ["Hills One", "Alone"], "country=KH": ["River One", "River Two", "Alone"]}
    assert {query: shown(query) for query in wanted} == wanted
    empty = reader.get(f"/staff/reports/network?series={series.slug}&country=FJ")
    assert "No organisation fits this choice" in empty.text and 'name="country"' in empty.text
