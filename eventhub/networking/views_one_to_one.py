"""Staff pages of 1:1 meetings: when and at which tables they may be, and how many there are."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub.accounts.guard import staff
from eventhub.db import db
from eventhub.errors import RuleError
from eventhub.networking import forms_windows as forms
from eventhub.networking import queries_one_to_one as queries
from eventhub.networking import service_windows as service
from eventhub.networking.models_one_to_one import MOST_OPEN
from eventhub.networking.slots import cut
from eventhub.pages import PageForm
from eventhub.programme.queries import by_day
from eventhub.security import permission

bp = Blueprint("one_to_one_staff", __name__, url_prefix="/staff/m/<slug>/one-to-one")


@bp.get("")
@permission("networking.edit")
def index() -> ResponseReturnValue:
    """Windows, tables, the setting, and what became of the requests."""
    return _page()


def _page(wrong: PageForm | None = None) -> str:
    """``wrong`` is the one of the page's forms that did not pass, with what was typed."""
    plan, windows = queries.find_plan(g.meeting.id), queries.list_windows(g.meeting.id)
    most_open = plan.most_open if plan is not None else MOST_OPEN
    fresh = [
        forms.WindowForm(g.meeting, prefix="window", formdata=None),
        forms.TableForm(g.meeting, prefix="table", formdata=None),
        forms.MostOpenForm(prefix="limit", formdata=None, data={"most_open": most_open}),
    ]
    window, table, limit = (wrong if type(wrong) is type(form) else form for form in fresh)
    return render_template(
        "networking/one_to_one_staff.html",
        windows_by_day=by_day(windows, g.meeting.tz),
        slots={row.id: len(cut([row])) for row in windows},
        tables=queries.list_tables(g.meeting.id),
        counts=queries.count_states(g.meeting.id),
        window_form=window,
        table_form=table,
        limit_form=limit,
    )


@bp.post("")
@permission("networking.edit")
def add() -> ResponseReturnValue:
    """One of the page's three forms: a window, a table, or the limit."""
    if "table-name" in request.form:
        form: PageForm = forms.TableForm(g.meeting, prefix="table")
    elif "limit-most_open" in request.form:
        form = forms.MostOpenForm(prefix="limit")
    else:
        form = forms.WindowForm(g.meeting, prefix="window")
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        sentence = _keep(form)
    except RuleError as error:
        db.session.rollback()
        form.refuse(error)
        return _page(form), error.status
    db.session.commit()
    flash(sentence, "ok")
    return redirect(url_for("one_to_one_staff.index"), 303)


def _keep(form: PageForm) -> str:
    if isinstance(form, forms.TableForm):
        table = service.add_table(g.meeting, **form.facts(), by=staff())
        return _("“%(name)s” was added.", name=table.name)
    if isinstance(form, forms.WindowForm):
        service.add_window(g.meeting, **form.facts(), by=staff())
        return _("The window was added.")
    service.set_most_open(g.meeting, form["most_open"].data, by=staff())
    return _("The setting was saved.")


@bp.post("/windows/<int:window_id>/remove")
@permission("networking.edit")
def remove_window(window_id: int) -> ResponseReturnValue:
    service.remove_window(queries.get_window(g.meeting.id, window_id), by=staff())
    db.session.commit()
    flash(_("The window was removed. What was agreed in it stays."), "ok")
    return redirect(url_for("one_to_one_staff.index"), 303)


@bp.route("/tables/<int:table_id>", methods=["GET", "POST"])
@permission("networking.edit")
def table(table_id: int) -> ResponseReturnValue:
    row = queries.get_table(g.meeting.id, table_id)
    form = forms.ChangeTableForm(
        g.meeting,
        data={"name": row.name, "room_id": str(row.room_id or ""), "place": row.place, "active": row.active},
    )
    if form.validate_on_submit():
        try:
            service.change_table(row, **form.facts(), by=staff())
        except RuleError as error:
            db.session.rollback()
            form.refuse(error)
            return render_template("networking/one_to_one_table.html", form=form), error.status
        db.session.commit()
        flash(_("“%(name)s” was saved.", name=row.name), "ok")
        return redirect(url_for("one_to_one_staff.index"), 303)
    return render_template("networking/one_to_one_table.html", form=form), 422 if form.errors else 200


@bp.post("/tables/<int:table_id>/remove")
@permission("networking.edit")
def remove_table(table_id: int) -> ResponseReturnValue:
    service.remove_table(queries.get_table(g.meeting.id, table_id), by=staff())
    db.session.commit()
    flash(_("The table was removed."), "ok")
    return redirect(url_for("one_to_one_staff.index"), 303)
