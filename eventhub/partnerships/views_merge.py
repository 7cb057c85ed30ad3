"""Staff pages: two records of the same work. What joining them will do, the decision, and its undo."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub.accounts.guard import staff
from eventhub.db import db
from eventhub.errors import NotFoundError, RuleError
from eventhub.pages import query_text
from eventhub.partnerships import forms, merging, queries, statements, telling
from eventhub.partnerships.models import Partnership
from eventhub.partnerships.views import bp, load, saved
from eventhub.security import permission

TEMPLATE = "partnerships/merge.html"


@bp.get("/partnerships/<int:partnership_id>/merge")
@permission("partnerships.edit")
def merge(partnership_id: int) -> ResponseReturnValue:
    """Choose the other record; then see what the joined record will hold."""
    partnership = load(partnership_id, "partnerships.edit")
    ref = query_text("other", 24)
    found = queries.find_by_ref(ref)
    other = load(found.id, "partnerships.edit") if found is not None else None
    load(partnership_id)  # the page shows itself as this one's
    if ref and other is None:
        flash(
            _("There is no record with this reference. Write it as it stands on its page, such as P-2018-003."), "wait"
        )
    return _page(partnership, other, forms.MergeForm(version=partnership.version), ref), 200


@bp.post("/partnerships/<int:partnership_id>/merge")
@permission("partnerships.edit")
def join(partnership_id: int) -> ResponseReturnValue:
    partnership, other, form = load(partnership_id, "partnerships.edit"), _other(), forms.MergeForm()
    if not form.validate():
        return _page(partnership, other, form, other.ref), 422
    try:
        merging.join(partnership, other, version=form.seen_version, by=staff(), why=form.why.data or "")
    except RuleError as error:
        db.session.rollback()
        form.refuse(error)
        form.version.data = str(load(partnership_id).version)
        return _page(load(partnership_id), _other(), form, _other().ref), 422
    return saved(partnership_id, _("The two records are one now. Ask the parties to confirm what came over."))


@bp.post("/partnerships/<int:partnership_id>/apart")
@permission("partnerships.edit")
def apart(partnership_id: int) -> ResponseReturnValue:
    other = _other()
    merging.keep_apart(load(partnership_id, "partnerships.edit"), other, by=staff())
    return saved(partnership_id, _("Noted: they are two. They are not suggested to you again."))


@bp.post("/partnerships/<int:partnership_id>/merges/<int:merge_id>/undo")
@permission("partnerships.edit")
def part(partnership_id: int, merge_id: int) -> ResponseReturnValue:
    partnership = load(partnership_id, "partnerships.edit")
    row = merging.get_merge(partnership.id, merge_id)
    load(row.gone_id, "partnerships.edit")
    try:
        merging.part(row, by=staff())
    except RuleError as error:
        db.session.rollback()
        flash(str(error), "stop")
        return redirect(url_for("partnerships.show", partnership_id=partnership_id))
    return saved(partnership_id, _("They are two records again, as they were."))


def _other() -> Partnership:
    """The other record that the form names; whoever joins two must be allowed to change both."""
    text = request.form.get("other", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise NotFoundError
    return load(int(text), "partnerships.edit")


def _page(partnership: Partnership, other: Partnership | None, form: forms.MergeForm, ref: str) -> str:
    plan, refused = None, ""
    if other is not None:
        try:
            plan = merging.plan(partnership, other)
        except RuleError as error:
            refused = str(error)
    there = statements.present(other) if other is not None else {}
    return render_template(
        TEMPLATE,
        p=partnership,
        other=other,
        form=form,
        ref=ref,
        plan=plan,
        refused=refused,
        moved=[telling.title_of(item, there[item]) for item in plan.moved] if plan else [],
        same=[telling.title_of(item, there[item]) for item in plan.same] if plan else [],
        changes=[telling.field_change(*change) for change in plan.changed if change[0] == "core"] if plan else [],
    )
