"""The map's tables: its measures with and without the secretariat, its ties, its organisations. Same facts, in words."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from eventhub.directory.places import country_name
from eventhub.meetings.models import Sector
from eventhub.reports.map import evidence_words
from eventhub.reports.metrics import Measures, betweenness, measures
from eventhub.reports.network import Network
from eventhub.reports.tables import Cell, Row, Table


@dataclass(frozen=True)
class Known:
    """How many pairs of organisations stand where; every possible pair is in exactly one."""

    confirmed: int
    disputed: int
    reported: int  # one side or a source says so, and somebody answered or nobody was asked
    silent: int  # asked, and none replied
    none: int  # nothing on record: no tie known


def known(network: Network) -> Known:
    """Of all pairs of organisations on the map, how many ties are known, and how well."""
    n = len(network.nodes)
    confirmed = sum([tie.confirmed for tie in network.ties])
    disputed = sum([tie.disputed for tie in network.ties])
    silent = sum([tie.silent for tie in network.ties])
    ties = len(network.ties)
    return Known(confirmed, disputed, ties - confirmed - disputed - silent, silent, n * (n - 1) // 2 - ties)


def measure_table(network: Network) -> Table:
    """Each measure four times: with and without the secretariat, over all ties and over confirmed ones."""
    parts = [network.of(secretariat=s, reported=r) for s in (True, False) for r in (False, True)]
    found = [measures(part) for part in parts]
    rows = [Row([label, *(cell(m) for m in found)]) for label, cell in _lines()]
    known_in = [known(part) for part in parts]
    rows += [
        Row([label, *(getattr(k, name) for k in known_in)])
        for name, label in (
            ("silent", _("Pairs where parties were asked and none replied")),
            ("none", _("Pairs with no tie known")),
        )
    ]
    header = [
        _("Measure"),
        _("With the secretariat, confirmed ties"),
        _("With it, reported ties too"),
        _("Without the secretariat, confirmed ties"),
        _("Without it, reported ties too"),
    ]
    note = _(
        "Density: ties of all possible pairs. Centralisation: 1 when all ties lead over one organisation (Freeman). E–I "
        "index: ties across groups less ties within, of both; +1 all across, −1 all within; ties whose ends both have "
        "the fact. No reply is not the same as no tie."
    )
    return Table("measures", _("Measures of the network"), header, rows, note, frozenset(range(1, 5)))


def _lines() -> list[tuple[str, Callable[[Measures], Cell]]]:
    def number(value: float | None) -> Cell:
        return None if value is None else f"{value:.3f}"

    def of(index: float | None, ties: int) -> Cell:
        return (
            None
            if index is None
            else ngettext("%(index)s (%(num)d tie)", "%(index)s (%(num)d ties)", ties, index=f"{index:+.2f}")
        )

    return [
        (_("Organisations"), lambda m: m.nodes),
        (_("Ties"), lambda m: m.ties),
        (_("Density"), lambda m: number(m.density)),
        (_("Groups that hang together, of two or more"), lambda m: m.components),
        (_("Organisations in the largest group"), lambda m: m.largest),
        (_("Organisations with no tie known"), lambda m: m.isolates),
        (_("Ties of an organisation, mean"), lambda m: None if m.mean_degree is None else f"{m.mean_degree:.2f}"),
        (_("Degree centralisation"), lambda m: number(m.centralisation)),
        (_("E–I index, sectors"), lambda m: of(m.ei_sector, m.ei_sector_ties)),
        (_("E–I index, countries"), lambda m: of(m.ei_country, m.ei_country_ties)),
    ]


def tie_table(network: Network, partnership_url: Callable[[int], str]) -> Table:
    """A row each tie. ``partnership_url(id)`` is where its first partnership can be read, or ""."""
    names = {node.id: node for node in network.nodes}
    word, unknown = evidence_words(), _("unknown")
    rows = []
    for tie in sorted(network.ties, key=lambda t: (not t.confirmed, -(t.stage or 0), names[t.a].name, names[t.b].name)):
        one, other = names[tie.a], names[tie.b]
        cells: list[Cell] = [
            f"{one.name} – {other.name}", f"{one.country or unknown} – {other.country or unknown}", tie.stage,
            word(tie), str(tie.since), len(tie.partnerships),
        ]  # fmt: skip
        rows.append(Row(cells, partnership_url(tie.partnerships[0])))
    header = [_("Between"), _("Countries"), _("Stage 0–4"), _("Evidence"), _("Since"), _("Partnerships")]
    note = _("Of several partnerships between the same two the best known one counts. Hidden ones are not here.")
    return Table("ties", _("The ties"), header, rows, note, frozenset({2, 5}))


def node_table(
    network: Network,
    sectors: Sequence[Sector],
    organisation_url: Callable[[int], str],
    shown: Collection[int] | None = None,
) -> Table:
    """A row each organisation, those with most ties first. Of a network of which only a part is ``shown`` the numbers
    are the whole network's; betweenness, which takes long then, stands in the file alone."""
    names = {sector.id: sector.name for sector in sectors}
    lands = {country: country_name(country) if country else None for country in {n.country for n in network.nodes}}
    without = network.of(secretariat=False)
    ties, ties_without = network.degrees, without.degrees
    confirmed = network.of(reported=False).degrees
    whole = shown is None or len(shown) == len(network.nodes)
    listed = [node for node in network.nodes if whole or node.id in (shown or ())]
    over, over_without = (betweenness(network), betweenness(without)) if whole else ({}, {})

    def between(found: dict[int, float], ident: int) -> Cell:
        return f"{found[ident]:.3f}" if ident in found else None

    rows = []
    for node in sorted(listed, key=lambda node: (-ties[node.id], node.name, node.id)):
        cells: list[Cell] = [
            node.name + (f" ({_('secretariat')})" if node.secretariat else ""),
            lands[node.country], names.get(node.sector_id or 0), ties[node.id],
            confirmed[node.id], ties_without.get(node.id),
        ]  # fmt: skip
        cells += [between(over, node.id), between(over_without, node.id)] if whole else []
        rows.append(Row([*cells, str(node.since)], organisation_url(node.id)))
    header = [
        _("Organisation"), _("Country or territory"), _("Sector"), _("Ties"), _("Of them confirmed"),
        _("Ties without the secretariat"),
    ]  # fmt: skip
    header += [_("Betweenness"), _("Betweenness without the secretariat")] if whole else []
    note = _("Betweenness: the share of shortest ways between two others that lead over the organisation.")
    if not whole:
        note = _("The numbers are those of the whole network. The file has every organisation, and its betweenness.")
    return Table("nodes", _("The organisations"), [*header, _("Since")], rows, note, frozenset(range(3, len(header))))
