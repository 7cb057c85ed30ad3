"""Measures of a network, betweenness by networkx. Pure; what cannot be said of so small a network is None.

Density: ties of all possible ones. Centralisation: Freeman (1978), by degree, 1 for a star. E-I index: Krackhardt and
Stern (1988), ties across groups less ties within, of both; -1 all within, 1 all across.
"""

from dataclasses import dataclass

from eventhub.reports.memory import Memory
from eventhub.reports.network import Network

_kept, _parts = Memory(), Memory()
SAMPLE = 200  # sources for betweenness where more organisations have ties: exact is the square of that


@dataclass(frozen=True)
class Measures:
    nodes: int
    ties: int
    density: float | None
    components: int  # of two organisations at least
    largest: int  # organisations in the largest
    isolates: int  # no tie known
    mean_degree: float | None
    centralisation: float | None
    ei_sector: float | None
    ei_sector_ties: int  # ties whose both ends have a sector
    ei_country: float | None
    ei_country_ties: int


def measures(network: Network) -> Measures:
    """What is said of the whole."""
    n, m = len(network.nodes), len(network.ties)
    degrees = network.degrees.values()
    sizes = [len(part) for part in components(network)]
    most = max(degrees, default=0)
    sectors = {node.id: node.sector_id for node in network.nodes}
    countries = {node.id: node.country or None for node in network.nodes}
    sector, by_sector = _ei(network, sectors)
    country, by_country = _ei(network, countries)
    return Measures(
        nodes=n,
        ties=m,
        density=2 * m / (n * (n - 1)) if n > 1 else None,
        components=sum(size > 1 for size in sizes),
        largest=sizes[0] if sizes and sizes[0] > 1 else 0,
        isolates=sum(size == 1 for size in sizes),
        mean_degree=2 * m / n if n else None,
        centralisation=sum([most - d for d in degrees]) / ((n - 1) * (n - 2)) if n > 2 else None,
        ei_sector=sector,
        ei_sector_ties=by_sector,
        ei_country=country,
        ei_country_ties=by_country,
    )


def components(network: Network) -> list[set[int]]:
    """Organisations that hang together, largest first; of the same size the one with the least id."""
    return _parts.remember(network.fingerprint, lambda: _components(network))


def _components(network: Network) -> list[set[int]]:
    parts = {end: {end} for tie in network.ties for end in (tie.a, tie.b)}
    for tie in network.ties:
        one, other = parts[tie.a], parts[tie.b]
        if one is not other:
            more, fewer = (one, other) if len(one) >= len(other) else (other, one)
            more |= fewer
            parts.update(dict.fromkeys(fewer, more))
    tied = {id(part): part for part in parts.values()}.values()
    alone = sorted([node.id for node in network.nodes if node.id not in parts])
    return [*sorted(tied, key=lambda part: (-len(part), min(part))), *({ident} for ident in alone)]


def betweenness(network: Network) -> dict[int, float]:
    """The share of shortest ways between others that lead over each; 0 to 1. Beyond twice SAMPLE organisations with
    ties it is estimated from SAMPLE of them, always the same ones."""
    return _kept.remember(network.fingerprint, lambda: _betweenness(network))


def forget() -> None:
    """Work out everything anew: for who measures how long that takes."""
    _kept.forget()
    _parts.forget()


def _betweenness(network: Network) -> dict[int, float]:
    import networkx as nx

    tied = {end for tie in network.ties for end in tie.ends}
    n = len(network.nodes)
    if n < 3:
        return {node.id: 0.0 for node in network.nodes}
    whole = graph(network).subgraph(tied)
    sample = SAMPLE if len(tied) > 2 * SAMPLE else None
    raw = nx.betweenness_centrality(whole, k=sample, normalized=False, seed=1)
    scale = 2 / ((n - 1) * (n - 2))
    return {node.id: raw.get(node.id, 0.0) * scale for node in network.nodes}


def graph(network: Network):  # type: ignore[no-untyped-def]  # networkx is imported where it is needed
    """The same as a networkx.Graph, in the order of ids."""
    import networkx as nx

    made = nx.Graph()
    made.add_nodes_from(sorted(node.id for node in network.nodes))
    made.add_edges_from(sorted(tie.ends for tie in network.ties))
    return made


def _ei(network: Network, group: dict[int, object]) -> tuple[float | None, int]:
    """The E-I index, and over how many ties: those whose both ends have a group."""
    across = within = 0
    for tie in network.ties:
        one, other = group[tie.a], group[tie.b]
        if one is not None and other is not None:
            across, within = across + (one != other), within + (one == other)
    total = across + within
    return ((across - within) / total if total else None), total
