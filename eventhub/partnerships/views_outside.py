"""Staff pages: ask somebody independent about a partnership, take the question back, set a statement aside."""

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub.accounts.guard import staff
from eventhub.errors import RuleError
from eventhub.partnerships import queries, substantiation
from eventhub.partnerships.forms_outside import AskOutsideForm
from eventhub.partnerships.models import Substantiation
from eventhub.partnerships.views import bp, load, refused, saved
from eventhub.security import permission

TEMPLATE = "partnerships/ask_outside.html"


@bp.route("/partnerships/<int:partnership_id>/outside", methods=["GET", "POST"])
@permission("partnerships.edit")
def ask_outside(partnership_id: int) -> ResponseReturnValue:
    partnership = load(partnership_id, "partnerships.edit")
    form = AskOutsideForm()
    form.prepare(partnership)
    if form.validate_on_submit():
        try:
            substantiation.ask(partnership, by=staff(), **form.values())
        except RuleError as error:
            return refused(form, error, TEMPLATE, partnership_id)
        return saved(partnership_id, _("A letter goes to them, with a link of their own."))
    return render_template(TEMPLATE, form=form, p=partnership), 422 if form.errors else 200


@bp.post("/partnerships/<int:partnership_id>/outside/<int:part_id>/withdraw")
@permission("partnerships.edit")
def withdraw_outside(partnership_id: int, part_id: int) -> ResponseReturnValue:
    partnership = load(partnership_id, "partnerships.edit")
    substantiation.withdraw(queries.get_part(Substantiation, partnership, part_id), by=staff())
    return saved(
        partnership_id, _("Their link no longer works, and nothing rests on their word. What they said is kept.")
    )
