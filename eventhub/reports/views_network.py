"""Staff pages: the map of the network with its years, its measures and its tables; the same map as a file."""

from dataclasses import dataclass
from functools import cached_property

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from eventhub import clock
from eventhub.accounts import guard
from eventhub.accounts import queries as accounts
from eventhub.errors import NotFoundError
from eventhub.files import attachment_name
from eventhub.meetings import queries as meetings
from eventhub.meetings.models import Meeting, Sector, Series
from eventhub.pages import query_number, query_text
from eventhub.reports import ledger, map, network, network_tables
from eventhub.reports.network import Network
from eventhub.reports.picture import Mark, Picture
from eventhub.reports.tables import Table
from eventhub.reports.views import as_file, bp
from eventhub.security import permission

MOST_ZOOM = 3


@dataclass(frozen=True)
class Asked:
    """What the address asks for: of which series, until which year, with what."""

    every: list[Series]
    meetings: list[Meeting]
    series: Series | None  # None: all of them
    secretariat: bool
    reported: bool
    zoom: int

    @cached_property
    def meeting_ids(self) -> set[int] | None:
        """None: all meetings, and what came from none."""
        allowed = accounts.meetings_where(current_user, "reports.read")
        if self.series is None:
            return allowed
        ids = {meeting.id for meeting in self.meetings if meeting.series_id == self.series.id}
        return ids if allowed is None else ids & allowed

    @cached_property
    def secretariats(self) -> dict[int, str]:
        return network.secretariats([self.series] if self.series else self.every)

    @cached_property
    def kept(self) -> list[ledger.Kept]:
        return ledger.read(themes=False)

    @cached_property
    def latest(self) -> Network:
        """The whole network as it is today."""
        return network.network(self.kept, meeting_ids=self.meeting_ids, secretariats=self.secretariats)

    @cached_property
    def years(self) -> tuple[int, int]:
        return self.latest.years or (clock.today().year, clock.today().year)

    @cached_property
    def until(self) -> int:
        return min(max(query_number("until", self.years[1]), self.years[0]), self.years[1])

    @cached_property
    def there(self) -> Network:
        """The network in the end of the year asked for, with everybody."""
        if self.until == self.years[1]:
            return self.latest
        return network.network(
            self.kept, meeting_ids=self.meeting_ids, secretariats=self.secretariats, until=self.until
        )

    def picture(self, sectors: list[Sector]) -> Picture:
        whole = map.cut(self.latest)
        shown = self.there.of(secretariat=self.secretariat, reported=self.reported)
        here = {node.id for node in whole.nodes}
        drawn = Network(
            tuple(node for node in shown.nodes if node.id in here),
            tuple(tie for tie in shown.ties if tie.a in here and tie.b in here),
        )
        name = self.series.name if self.series else _("All series")
        title = _("The network of %(series)s in %(year)d", series=name, year=self.until)
        return map.draw(whole, drawn, [sector.id for sector in sectors], title=title, zoom=self.zoom)


def _asked() -> Asked:
    every, held = meetings.list_series(), meetings.list_meetings()
    wanted = query_text("series")
    found = next((series for series in every if series.slug == wanted), None)
    if found is None and wanted not in ("", "all"):
        raise NotFoundError
    if not wanted:
        latest = next(iter(held), None)
        found = latest.series if latest is not None else None
    return Asked(
        every,
        held,
        found,
        secretariat=request.args.get("secretariat") != "no",
        reported=request.args.get("evidence") != "confirmed",
        zoom=min(query_number("zoom", 1), MOST_ZOOM),
    )


@bp.get("/reports/network")
@permission("reports.read")
def network_map() -> ResponseReturnValue:
    asked, sectors = _asked(), meetings.list_sectors()
    shown = asked.there.of(secretariat=asked.secretariat, reported=asked.reported)
    return render_template(
        "reports/network.html",
        asked=asked,
        shown=shown,
        picture=asked.picture(sectors),
        keys=_keys(sectors),
        measures=network_tables.measure_table(asked.there),
        known=network_tables.known(shown),
        ties=_ties(map.cut(shown)),
        nodes=_nodes(map.cut(asked.there), sectors),
        left_out=max(0, len(asked.latest.nodes) - map.DRAWN),
        all_series=len(asked.every) > 1,
    )


@bp.get("/reports/network.svg")
@permission("reports.read")
def network_svg() -> ResponseReturnValue:
    """The same picture as a file of its own: to print, to enlarge, to put into a paper."""
    asked = _asked()
    response = Response(asked.picture(meetings.list_sectors()).svg(), mimetype="image/svg+xml")
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
    shown = asked.there.of(secretariat=asked.secretariat, reported=asked.reported)
    if table == "measures":
        found = network_tables.measure_table(asked.there)
    elif table == "ties":
        found = _ties(shown)
    else:
        found = _nodes(asked.there, meetings.list_sectors())
    return as_file(found, f"network-{asked.until}-{table}.csv")


def _ties(shown: Network) -> Table:
    may = guard.may("partnerships.read")
    return network_tables.tie_table(
        shown, lambda ident: url_for("partnerships.show", partnership_id=ident) if may else ""
    )


def _nodes(there: Network, sectors: list[Sector]) -> Table:
    may = guard.may("directory.read")
    return network_tables.node_table(
        there, sectors, lambda ident: url_for("directory.organisation", organisation_id=ident) if may else ""
    )


def _keys(sectors: list[Sector]) -> list[tuple[str, list[Mark]]]:
    """Each sector's word with its shape, as on the map."""
    ids = [sector.id for sector in sectors]
    words: list[tuple[str, str, str]] = [(s.name, map.shape_of(s.id, ids), "node") for s in sectors]
    words += [
        (_("no sector noted"), "unknown", "node node-unknown"),
        (_("the secretariat"), "circle", "node node-secretariat"),
    ]
    return [(word, [Mark("path", {"d": map.outline(shape, 14, 12, 8)}, kind)]) for word, shape, kind in words]
