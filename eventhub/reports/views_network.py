"""Staff pages: the map of the network with its years, its measures and its tables; the same map as a file."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from flask import Response as Answer
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub import clock
from eventhub.accounts import guard
from eventhub.files import attachment_name
from eventhub.meetings import queries as meetings
from eventhub.meetings.models import Sector, Series
from eventhub.pages import query_number
from eventhub.partnerships.queries import Response
from eventhub.reports import ledger, map, network, network_tables
from eventhub.reports.facts import Home, organisations
from eventhub.reports.memory import unhindered
from eventhub.reports.network import Network
from eventhub.reports.picture import Mark, Picture
from eventhub.reports.scope import Scope
from eventhub.reports.tables import Table
from eventhub.reports.views import as_file, bp
from eventhub.reports.views_figures import asked_scope, choices_of
from eventhub.security import permission

MOST_ZOOM = 3


@dataclass(frozen=True)
class Asked:
    """What the address asks for: of which meetings, partnerships and organisations, until which year, with what."""

    every: list[Series]
    scope: Scope
    secretariat: bool = True
    reported: bool = True
    zoom: int = 1

    @property
    def series(self) -> Series | None:
        """None: all of them."""
        return self.scope.series

    @cached_property
    def secretariats(self) -> dict[int, str]:
        edition = self.scope.edition
        one = self.series or (edition.series if edition else None)
        return network.secretariats([one] if one else self.every)

    @cached_property
    def organisations(self) -> dict[int, Home]:
        return organisations()

    @cached_property
    def kept(self) -> list[ledger.Kept]:
        return self.scope.chosen(ledger.read(), self.organisations)

    @cached_property
    def alone(self) -> set[int] | None:
        """The organisations that may stand on the map without a tie (None: all)."""
        scope = self.scope
        if scope.theme:
            return set()  # a theme is one of partnerships
        if scope.sector is None and not scope.country:
            return None
        return {
            row.id
            for row in self.organisations.values()
            if (scope.sector is None or row.sector_id == scope.sector.id) and scope.country in ("", row.country)
        }

    def _network(self, until: int | None = None) -> Network:
        ids = None if self.scope.everything else {meeting.id for meeting in self.scope.meetings}
        return network.network(
            self.kept, meeting_ids=None, took_part=ids, secretariats=self.secretariats, until=until, alone=self.alone,
            homes=self.organisations,
        )  # fmt: skip

    @cached_property
    def latest(self) -> Network:
        """The whole network as it is today."""
        return self._network()

    @cached_property
    def years(self) -> tuple[int, int]:
        return self.latest.years or (clock.today().year, clock.today().year)

    @cached_property
    def until(self) -> int:
        return min(max(query_number("until", self.years[1]), self.years[0]), self.years[1])

    @cached_property
    def there(self) -> Network:
        """The network in the end of the year asked for, with everybody."""
        return self.latest if self.until == self.years[1] else self._network(self.until)

    @cached_property
    def shown(self) -> Network:
        """What the map shows of it."""
        return self.there.of(secretariat=self.secretariat, reported=self.reported)

    @cached_property
    def sheet(self) -> Network:
        """As many of the whole network as a sheet has room for."""
        return map.cut(self.latest)

    def cut(self, network: Network) -> Network:
        return self.sheet if network is self.latest else map.cut(network)

    @cached_property
    def _drawn(self) -> Network:
        if self.shown is self.latest:
            return self.sheet
        here = {node.id for node in self.sheet.nodes}
        return Network(
            tuple(node for node in self.shown.nodes if node.id in here),
            tuple(tie for tie in self.shown.ties if tie.a in here and tie.b in here),
        )

    def picture(self, sectors: list[Sector]) -> Picture:
        title = _("The network of %(what)s in %(year)d", what=self.scope.words(), year=self.until)
        return map.draw(self.sheet, self._drawn, [sector.id for sector in sectors], title=title, zoom=self.zoom)


def _asked() -> Asked:
    return Asked(
        meetings.list_series(),
        asked_scope(),
        secretariat=request.args.get("secretariat") != "no",
        reported=request.args.get("evidence") != "confirmed",
        zoom=min(query_number("zoom", 1), MOST_ZOOM),
    )


@bp.get("/reports/network")
@permission("reports.read")
def network_map() -> ResponseReturnValue:
    return network_page(_asked())


@unhindered()
def network_page(asked: Asked) -> str:
    sectors = meetings.list_sectors()
    return render_template(
        "reports/network.html",
        asked=asked,
        shown=asked.shown,
        picture=asked.picture(sectors),
        keys=_keys(sectors),
        measures=network_tables.measure_table(asked.there),
        known=network_tables.known(asked.shown),
        ties=_ties(asked.cut(asked.shown)),
        nodes=_nodes(asked.there, sectors, {node.id for node in asked.cut(asked.there).nodes}),
        left_out=max(0, len(asked.latest.nodes) - map.DRAWN),
        all_series=len(asked.every) > 1,
        today=clock.today(),
        response=Response(sum([row.answered for row in asked.kept]), sum([row.asked for row in asked.kept])),
        choices=choices_of(asked.scope, asked.organisations.values(), asked.kept),
    )


@bp.get("/reports/network.svg")
@permission("reports.read")
def network_svg() -> ResponseReturnValue:
    """The same picture as a file of its own: to print, to enlarge, to put into a paper."""
    asked = _asked()
    response = Answer(asked.picture(meetings.list_sectors()).svg(), mimetype="image/svg+xml")
    # nothing in it runs or loads, wherever it is opened
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    response.headers["Content-Disposition"] = attachment_name(f"network-{asked.until}.svg").replace(
        "attachment", "inline", 1
    )
    return response


@bp.get("/reports/network/<any(measures, ties, nodes):table>.csv")
@permission("reports.read")
def network_table(table: str) -> ResponseReturnValue:
    asked = _asked()
    if table == "measures":
        found = network_tables.measure_table(asked.there)
    elif table == "ties":
        found = _ties(asked.shown)
    else:
        found = _nodes(asked.there, meetings.list_sectors())
    return as_file(found, f"network-{asked.until}-{table}.csv")


def _ties(shown: Network) -> Table:
    return network_tables.tie_table(shown, _addresses("partnerships.read", "partnerships.show", "partnership_id"))


def _nodes(there: Network, sectors: list[Sector], drawn: set[int] | None = None) -> Table:
    address = _addresses("directory.read", "directory.organisation", "organisation_id")
    return network_tables.node_table(there, sectors, address, drawn)


def _addresses(permission: str, endpoint: str, argument: str) -> Callable[[int], str]:
    """Where each record stands, "" for who may not see it. The address is built once: a table has hundreds."""
    if not guard.may(permission):
        return lambda _ident: ""
    before = url_for(endpoint, **{argument: 0}).removesuffix("0")
    return lambda ident: f"{before}{ident}"


def _keys(sectors: list[Sector]) -> list[tuple[str, list[Mark]]]:
    """Each sector's word with its shape, as on the map."""
    ids = [sector.id for sector in sectors]
    words: list[tuple[str, str, str]] = [(s.name, map.shape_of(s.id, ids), "node") for s in sectors]
    words += [
        (_("no sector noted"), "unknown", "node node-unknown"),
        (_("the secretariat"), "circle", "node node-secretariat"),
    ]
    return [(word, [Mark("path", {"d": map.outline(shape, 14, 12, 8)}, kind)]) for word, shape, kind in words]
