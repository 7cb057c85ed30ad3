"""Staff pages: the meeting's own questions on the form."""

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub.accounts.guard import staff
from eventhub.db import db
from eventhub.errors import RuleError
from eventhub.meetings import queries as meetings
from eventhub.registration import forms, queries_fields, service_fields
from eventhub.registration.models import FormField
from eventhub.registration.views import bp
from eventhub.security import permission


@bp.route("/form", methods=["GET", "POST"])
@permission("registration.edit")
def fields() -> ResponseReturnValue:
    """The questions in their order, and a form for one more."""
    form = _form()
    if form.validate_on_submit():
        try:
            service_fields.add(g.meeting, **_facts(form), by=staff())
        except RuleError as error:
            db.session.rollback()
            form.refuse(error)
            return _fields_page(form), 422
        db.session.commit()
        flash(_("The question was added. It stands on the form at once."), "ok")
        return redirect(url_for("registration.fields"))
    return _fields_page(form), 422 if form.errors else 200


def _fields_page(form: forms.FieldForm) -> str:
    return render_template(
        "registration/fields.html",
        fields=queries_fields.list_fields(g.meeting.id),
        answered=queries_fields.count_answers(g.meeting.id),
        kinds=forms.questions.KINDS,
        form=form,
    )


@bp.route("/form/<int:field_id>", methods=["GET", "POST"])
@permission("registration.edit")
def edit_field(field_id: int) -> ResponseReturnValue:
    field = queries_fields.get_field(g.meeting.id, field_id)
    form = _form(field)
    if form.validate_on_submit():
        try:
            service_fields.change(field, **_facts(form), by=staff())
        except RuleError as error:
            db.session.rollback()
            form.refuse(error)
            return render_template("registration/field.html", form=form), 422
        db.session.commit()
        flash(_("The question was saved."), "ok")
        return redirect(url_for("registration.fields"))
    return render_template("registration/field.html", form=form), 422 if form.errors else 200


@bp.post("/form/<int:field_id>/<any(up, down, remove):action>")
@permission("registration.edit")
def move_field(field_id: int, action: str) -> ResponseReturnValue:
    field = queries_fields.get_field(g.meeting.id, field_id)
    if action == "remove":
        service_fields.remove(field, by=staff())
    else:
        service_fields.move(field, up=action == "up", by=staff())
    db.session.commit()
    return redirect(url_for("registration.fields"))


def _form(field: FormField | None = None) -> forms.FieldForm:
    known = {}
    if field is not None:
        known = {
            "label": field.label,
            "help": field.help,
            "kind": field.kind.value,
            "choices": "\n".join(field.choices),
            "required": field.required,
            "sector_id": str(field.sector_id or ""),
        }
    form = forms.FieldForm(**known)
    form.ask_about(meetings.list_sectors())
    return form


def _facts(form: forms.FieldForm) -> dict[str, object]:
    return {
        "label": form.label.data,
        "help": form.help.data or "",
        "kind": form.kind.data,
        "choices": (form.choices.data or "").splitlines(),
        "required": form.required.data,
        "sector": forms.chosen(meetings.list_sectors(), form.sector_id.data),
    }
