"""Staff pages: one meeting's report, the editions across years, and each table as a file."""

from flask import Blueprint, Response, g, render_template
from flask.typing import ResponseReturnValue
from flask_security import current_user

from eventhub import files
from eventhub.accounts import guard
from eventhub.accounts import queries as accounts
from eventhub.errors import NotFoundError
from eventhub.meetings import queries as meetings
from eventhub.meetings.models import Meeting, Series
from eventhub.pages import query_text
from eventhub.partnerships.timeline import span_text
from eventhub.reports import service
from eventhub.reports.tables import Table
from eventhub.security import permission

bp = Blueprint("reports", __name__, url_prefix="/staff")


@bp.get("/m/<slug>/report")
@permission("reports.read")
def meeting() -> ResponseReturnValue:
    """One meeting: from the invitation to the activity, what came of it, how well it is known."""
    found = service.report(g.meeting, may_see_children=guard.may("safeguarding.see_children"))
    return render_template("reports/meeting.html", report=found, span_text=span_text)


@bp.get("/m/<slug>/report/<table>.csv")
@permission("reports.read")
def meeting_table(table: str) -> ResponseReturnValue:
    found = next((t for t in service.report(g.meeting).tables if t.key == table), None)
    if found is None:
        raise NotFoundError
    return as_file(found, f"{g.meeting.slug}-{table}.csv")


@bp.get("/reports/years")
@permission("reports.read")
def years() -> ResponseReturnValue:
    """The editions of one series, a row each, with the years that had none."""
    every, held = meetings.list_series(), meetings.every_meeting()
    chosen = _series(every, held)
    table = (
        service.years(_editions(chosen, held), allowed=accounts.meetings_where(current_user, "reports.read"))
        if chosen
        else None
    )
    return render_template("reports/years.html", every=every, chosen=chosen, table=table)


@bp.get("/reports/years.csv")
@permission("reports.read")
def years_table() -> ResponseReturnValue:
    held = meetings.every_meeting()
    chosen = _series(meetings.list_series(), held)
    if chosen is None:
        raise NotFoundError
    table = service.years(_editions(chosen, held), allowed=accounts.meetings_where(current_user, "reports.read"))
    return as_file(table, f"{chosen.slug}-years.csv")


def _series(every: list[Series], held: list[Meeting]) -> Series | None:
    """The series that the address names, else the one with the latest meeting."""
    wanted = query_text("series")
    named = next((series for series in every if series.slug == wanted), None)
    if named is not None or wanted:
        return named
    latest = next(iter(held), None)
    return latest.series if latest is not None else next(iter(every), None)


def _editions(series: Series, held: list[Meeting]) -> list[Meeting]:
    return [meeting for meeting in held if meeting.series_id == series.id]


def as_file(table: Table, name: str) -> Response:
    response = Response(files.export_csv(table.as_rows()), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = files.attachment_name(name)
    return response
