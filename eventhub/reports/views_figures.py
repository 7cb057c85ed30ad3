"""Staff pages: all figures of a choice of meetings, each with its table and file; the records behind a number."""

from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from eventhub.accounts import guard
from eventhub.accounts import queries as accounts
from eventhub.directory.places import country_choices, country_name
from eventhub.errors import NotFoundError
from eventhub.meetings import queries as meetings
from eventhub.pages import query_number, query_text
from eventhub.reports import catalogue, ledger
from eventhub.reports.facts import Facts
from eventhub.reports.memory import unhindered
from eventhub.reports.scope import Scope
from eventhub.reports.views import as_file, bp
from eventhub.security import permission


def asked_scope() -> Scope:
    """The filters of the address; without any it is the series with the latest meeting. Raises NotFoundError."""
    held, every = meetings.every_meeting(), meetings.list_series()
    wanted, edition = query_text("series"), query_text("edition")
    series = next((one for one in every if one.slug == wanted), None)
    meeting = next((one for one in held if one.slug == edition), None)
    if (wanted not in ("", "all") and series is None) or (edition and meeting is None):
        raise NotFoundError
    if not wanted and meeting is None and held:
        series = held[0].series
    sector = query_text("sector")
    return Scope(
        held,
        accounts.meetings_where(current_user, "reports.read"),
        series,
        meeting if series is None or meeting is None or meeting.series_id == series.id else None,
        _year("from"),
        _year("to"),
        meetings.find_sector(sector) if sector else None,
        query_text("country") if query_text("country") in dict(country_choices()) else "",
        theme := query_text("theme"),
        ledger.words_of_theme(theme) if theme else "",
    )


def _year(name: str) -> int | None:
    year = query_number(name, 0)
    return year if 1900 <= year <= 2199 else None


@bp.get("/reports/figures")
@permission("reports.read")
def figures() -> ResponseReturnValue:
    """Every figure of the field, of the meetings in question."""
    return figures_page(asked_scope())


@unhindered()
def figures_page(scope: Scope) -> str:
    facts = Facts(scope)
    return render_template(
        "reports/figures.html",
        scope=scope,
        facts=facts,
        figures=catalogue.make_all(facts),
        records_url=records_url(scope) if guard.may("partnerships.read") else None,
        people_url=_people_url(scope),
        args=_args(scope),
        choices=choices_of(scope, facts.organisations.values(), facts.kept),
    )


@bp.get("/reports/figures/<figure>.csv")
@permission("reports.read")
def figure_table(figure: str) -> ResponseReturnValue:
    scope = asked_scope()
    found = catalogue.make(figure, Facts(scope))
    if found is None:
        raise NotFoundError
    return as_file(found.table, f"{figure}-{found.as_of.isoformat()}.csv")


@bp.get("/reports/figures/<figure>/<int:row>/<int:column>")
@permission("partnerships.read")
def records(figure: str, row: int, column: int) -> ResponseReturnValue:
    """The partnerships behind one number of a figure's table."""
    scope = asked_scope()
    facts = Facts(scope)
    found = catalogue.make(figure, facts)
    if found is None or row >= len(found.table.rows) or column >= len(found.table.header):
        raise NotFoundError
    line = found.table.rows[row]
    ids = set(line.records.get(column, ()))
    return render_template(
        "reports/records.html",
        scope=scope,
        figure=found,
        line=line,
        column=found.table.header[column],
        rows=[kept for kept in facts.kept if kept.id in ids],
        organisations=facts.organisations,
        args=_args(scope),
    )


def _args(scope: Scope) -> dict[str, Any]:
    return {**({} if scope.series or scope.edition else {"series": "all"}), **scope.args()}


_PEOPLE = {
    "invitations.index": "invitations.read",
    "registration.index": "registration.read",
    "networking.index": "networking.edit",
    "partnerships.commitments": "partnerships.read",
}


def _people_url(scope: Scope) -> Callable[[str, str, int | None], str]:
    """Where a meeting's people are listed: (endpoint, slug, sector) -> address, "" for who may not see them."""
    ids = {meeting.slug: meeting.id for meeting in scope.held}

    def found(endpoint: str, slug: str, sector: int | None) -> str:
        if not current_user.is_authenticated or not accounts.may(current_user, _PEOPLE[endpoint], ids[slug]):
            return ""
        return url_for(endpoint, slug=slug) if sector is None else url_for(endpoint, slug=slug, sector=sector)

    return found


def records_url(scope: Scope) -> Callable[[str, int, int], str]:
    """Where the records behind a cell stand: (figure, row, column) -> address."""
    args = _args(scope)
    return lambda figure, row, column: url_for("reports.records", figure=figure, row=row, column=column, **args)


def choices(scope: Scope) -> dict[str, list[tuple[str, str]]]:
    """What of meetings a filter offers: only what the reader may see; "" and "all" stand first."""
    allowed = [m for m in scope.held if scope.allowed is None or m.id in scope.allowed]
    series = {m.series.slug: m.series.name for m in allowed}
    editions = [(m.slug, m.title) for m in allowed if scope.series is None or m.series_id == scope.series.id]
    return {
        "series": [("all", ""), *sorted(series.items(), key=lambda item: item[1])],
        "edition": [("", ""), *editions],
        "year": [("", ""), *((str(y), str(y)) for y in sorted({m.year for m in allowed}))],
    }


def choices_of(scope: Scope, homes: Iterable[Any], kept: Iterable[ledger.Kept]) -> dict[str, list[tuple[str, str]]]:
    """What a page's filters offer; themes are those of these partnerships."""
    lands = {row.country for row in homes if row.country}
    listed = {id(row.themes): row.themes for row in kept}  # thousands of records, and few lists of themes
    themes = {theme.key: theme.words for theme in dict.fromkeys(chain.from_iterable(listed.values()))}
    if scope.theme:
        themes.setdefault(scope.theme, scope.theme_words or scope.theme)
    return {
        **choices(scope),
        "sector": [("", ""), *((sector.code, sector.name) for sector in meetings.list_sectors())],
        "country": [("", ""), *sorted(((code, country_name(code)) for code in lands), key=lambda item: item[1])],
        "theme": [("", ""), *sorted(themes.items(), key=lambda item: item[1])],
    }
