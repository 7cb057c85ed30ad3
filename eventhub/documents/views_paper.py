"""Staff page: the grid in which a signed paper is typed in, row by row, by keyboard."""

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub.accounts.guard import may, staff
from eventhub.checkin import queries as checkin
from eventhub.checkin.api_door import again
from eventhub.checkin.models import Checkpoint
from eventhub.db import db
from eventhub.documents import paper, queries_sheets, service_paper
from eventhub.documents.paper import Grid
from eventhub.documents.queries_sheets import Sheet
from eventhub.documents.service_paper import Entered
from eventhub.documents.views import bp
from eventhub.security import permission


@bp.route("/sheets/<name>/paper", methods=["GET", "POST"])
@permission("documents.edit")
def sheet_paper(name: str) -> ResponseReturnValue:
    """Everybody expected, with a box and a time; what is wrong comes back as it was typed."""
    sheet = queries_sheets.get_sheet(g.meeting, name)
    doors = checkin.list_doors(g.meeting.id, sheet.day, sheet.session.id if sheet.session else None)
    door = next((each for each in doors if str(each.id) == request.form.get("door")), doors[0] if doors else None)
    grid = _kept(sheet)
    if request.method != "POST":
        return _page(sheet, doors, door, grid)
    grid = paper.read(sheet, grid, request.form)
    if grid.has_problems:
        return _page(sheet, doors, door, grid), 422
    done = _write(sheet.name, grid, door.id if door is not None else None)
    flash(
        _(
            "Kept: %(signed)s signed, %(back)s taken back, %(scans)s scans.",
            signed=done.signed,
            back=done.taken_back,
            scans=done.scans,
        ),
        "ok",
    )
    return redirect(url_for("documents.sheet_paper", name=name))


def _kept(sheet: Sheet) -> Grid:
    sees = may("safeguarding.see_children")
    rows = [
        row
        for row in queries_sheets.expected(sheet).everybody
        if (row.is_named or row.signed_at is not None or row.is_child) and (sees or not row.is_child)
    ]
    return paper.shown(sheet, rows, queries_sheets.seen_at_doors(sheet))


def _write(name: str, grid: Grid, door_id: int | None) -> Entered:
    """From the start when another request's writing stood in between."""

    def once() -> Entered:
        sheet = queries_sheets.get_sheet(g.meeting, name)
        door = db.session.get(Checkpoint, door_id) if door_id is not None else None
        done = service_paper.enter(
            sheet, signed=grid.signed, taken_back=grid.taken_back, walk_ins=grid.walk_ins, door=door, by=staff()
        )
        db.session.commit()
        return done

    return again(once)


def _page(sheet: Sheet, doors: list[Checkpoint], door: Checkpoint | None, grid: Grid) -> str:
    return render_template("documents/paper.html", sheet=sheet, doors=doors, door=door, grid=grid)
