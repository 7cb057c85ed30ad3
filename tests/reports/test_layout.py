"""Where organisations stand on the map: springs as networkx has them, nobody on somebody, the same parts as networkx."""

from random import Random

import networkx
import numpy
import pytest

from eventhub.reports import layout, metrics
from eventhub.reports.network import Network, Node, Tie

pytestmark = pytest.mark.once


def pairs(organisations, ties, chance):
    """A network that hangs together, with so many ties."""
    found = {(chance.randrange(n), n) for n in range(1, organisations)}
    while len(found) < ties:
        found.add(tuple(sorted(chance.sample(range(organisations), 2))))
    return sorted(found)


@pytest.mark.parametrize("many", [3, layout.ROWS - 1, layout.ROWS, 2 * layout.ROWS + 1])
def test_springs_settle_as_those_of_networkx(many):
    ties = pairs(many, many * 3 // 2 if many > 3 else 2, Random(many))
    graph = networkx.Graph()
    graph.add_nodes_from(range(many))
    graph.add_edges_from(ties)
    # its starting places are drawn from 0 to 1 as ours are; a few rounds: what is rounded differently grows with each
    wanted = networkx.spring_layout(graph, seed=7, iterations=12, scale=None, method="force")
    x, y = layout._settled(range(many), ties, 12)
    assert numpy.allclose(numpy.array([x, y]).T, [wanted[n] for n in range(many)], rtol=0, atol=1e-6)


@pytest.mark.parametrize("spread", [3, 20, 120])
def test_only_the_near_are_looked_at_and_that_is_enough(spread):
    chance = Random(spread)
    crowd = {n: (chance.gauss(300, spread), chance.gauss(250, spread)) for n in range(90)}
    assert layout._apart(crowd, 600, 500) == every_pair_pushed(crowd, 600, 500)


def every_pair_pushed(crowd, width, height, least=30.0):
    """The same with every pair looked at every time."""
    x, y = (numpy.array([place[axis] for place in crowd.values()]) for axis in (0, 1))
    for _round in range(30):
        right, down = x[:, None] - x, y[:, None] - y
        far = numpy.sqrt(right * right + down * down)
        numpy.fill_diagonal(far, least)
        one, other = numpy.nonzero(far < least)
        if not len(one):
            break
        push = (least - far[one, other]) / 2 / numpy.maximum(far[one, other], 0.01) * 0.6
        x = x + numpy.bincount(one, right[one, other] * push, len(crowd))
        y = y + numpy.bincount(one, down[one, other] * push, len(crowd))
        x, y = x.clip(30, width - 30), y.clip(20, height - 20)
    return {n: (round(float(x[n]), 1), round(float(y[n]), 1)) for n in crowd}


def test_the_parts_of_a_network_are_those_of_networkx():
    chance = Random(3)
    ids = chance.sample(range(1000), 120)
    ends = sorted({tuple(sorted(chance.sample(ids[:90], 2))) for _n in range(50)})
    whole = Network(
        tuple(Node(n, f"Organisation {n}", "KH", None, 2015) for n in ids),
        tuple(Tie(a, b, 2015, True, False, False, False, 1, (1,)) for a, b in ends),
    )
    graph = networkx.Graph()
    graph.add_nodes_from(ids)
    graph.add_edges_from(ends)
    found = metrics.components(whole)
    assert found == sorted(networkx.connected_components(graph), key=lambda part: (-len(part), min(part)))
    assert len(found[0]) > 5 and len(found[-1]) == 1
