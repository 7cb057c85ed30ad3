"""Staff pages for the parts of a partnership: one form page each, to add, change and remove."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub import files
from eventhub.accounts import guard
from eventhub.accounts.guard import staff
from eventhub.directory import queries as directory
from eventhub.errors import NotAllowedError, NotFoundError, RuleError
from eventhub.partnerships import forms_parts, parts, queries, telling
from eventhub.partnerships.models import Evidence, Partnership
from eventhub.partnerships.views import bp, load, refused, saved
from eventhub.security import permission
from eventhub.themes.codes import codes, find_code
from eventhub.themes.finding import offered
from eventhub.themes.states import ThemeScheme

TEMPLATE = "partnerships/part.html"
ADDRESS = (
    "/partnerships/<int:partnership_id>/<any(party, place, theme, activity, outcome, context, evidence, stage, "
    "formality, resource):part>"
)


@bp.route(f"{ADDRESS}/new", methods=["GET", "POST"])
@permission("partnerships.edit")
def add_part(partnership_id: int, part: str) -> ResponseReturnValue:
    partnership = load(partnership_id, "partnerships.edit")
    data = {"version": partnership.version, "about": request.args.get("about", "")}
    form = _form(partnership, part, data)
    if form.validate_on_submit():
        try:
            parts.add(
                partnership, part, version=form.seen_version, by=staff(), why=form.why.data or "", **form.values()
            )
        except RuleError as error:
            return _refused(form, error, partnership_id, part)
        return saved(partnership_id, _("It was added."))
    return _shown(form, partnership, part)


@bp.route(f"{ADDRESS}/<int:part_id>", methods=["GET", "POST"])
@permission("partnerships.edit")
def edit_part(partnership_id: int, part: str, part_id: int) -> ResponseReturnValue:
    partnership = load(partnership_id, "partnerships.edit")
    row = queries.get_part(parts.PARTS[part], partnership, part_id)
    form = _form(partnership, part, {**forms_parts.FORMS[part].data_of(row), "version": partnership.version})
    if form.validate_on_submit():
        try:
            said = {"by": staff(), "why": form.why.data or ""}
            parts.change(partnership, part, part_id, version=form.seen_version, **said, **form.values())
        except RuleError as error:
            return _refused(form, error, partnership_id, part, part_id)
        return saved(partnership_id, _("It was saved."))
    return _shown(form, partnership, part, part_id)


@bp.post(f"{ADDRESS}/<int:part_id>/remove")
@permission("partnerships.edit")
def remove_part(partnership_id: int, part: str, part_id: int) -> ResponseReturnValue:
    parts.remove(load(partnership_id, "partnerships.edit"), part, part_id, by=staff())
    return saved(partnership_id, _("It was removed. What it said is kept in the record's history."))


@bp.get("/partnerships/<int:partnership_id>/evidence/<int:part_id>/file")
@permission("partnerships.read")
def evidence_file(partnership_id: int, part_id: int) -> ResponseReturnValue:
    """The file of an evidence. One that shows children without consent is shown to nobody."""
    partnership = load(partnership_id)
    row: Evidence = queries.get_part(Evidence, partnership, part_id)
    if row.file_id is None:
        raise NotFoundError
    if row not in queries.list_shown_evidence(partnership, may_edit=guard.may("partnerships.edit")):
        raise NotAllowedError
    return files.sent(files.get(row.file_id))


def _form(partnership: Partnership, part: str, data: dict[str, object]) -> forms_parts.PartForm:
    form = forms_parts.FORMS[part](data=data)
    form.prepare(partnership)
    return form


def _shown(
    form: forms_parts.PartForm, partnership: Partnership, part: str, part_id: int | None = None
) -> ResponseReturnValue:
    context = _context(part, part_id)
    known = (
        find_code(ThemeScheme(form.scheme.data), form.code.data or "")
        if part == "theme" and part_id and form.scheme.data in list(ThemeScheme)
        else None
    )
    return render_template(TEMPLATE, form=form, p=partnership, known=known, **context), 422 if form.errors else 200


def _refused(
    form: forms_parts.PartForm, error: RuleError, partnership_id: int, part: str, part_id: int | None = None
) -> ResponseReturnValue:
    about = f"{part}:{part_id}" if part_id is not None else ""
    return refused(form, error, TEMPLATE, partnership_id, about=about, **_context(part, part_id))


def _context(part: str, part_id: int | None) -> dict[str, object]:
    suggested = directory.list_names() if part == "party" else []
    return {
        "part": part,
        "part_id": part_id,
        "heading": telling.kinds()[part],
        "organisations": suggested,
        "codes": [offered(code) for code in codes().values()] if part == "theme" else [],
    }
