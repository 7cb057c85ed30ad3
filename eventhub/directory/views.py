"""Staff pages: organisations. The directory outlives meetings; its pages also stand inside a meeting's rail."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from eventhub import audit
from eventhub.accounts import queries as accounts
from eventhub.accounts.guard import may, staff
from eventhub.db import db
from eventhub.directory import forms, imprecise, queries, service
from eventhub.directory.places import CODES, country_name
from eventhub.errors import InvalidError, RuleError, StaleError
from eventhub.meetings import queries as meetings
from eventhub.pages import query_number, query_text
from eventhub.registration import queries as registrations
from eventhub.security import permission

bp = Blueprint("directory", __name__, url_prefix="/staff")
bp.add_app_template_filter(country_name)
SEE_HIDDEN = "safeguarding.see_children"


def page(
    path: str, *, methods: tuple[str, ...] = ("GET",), endpoint: str | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A page with two addresses: of the house, and within a meeting's rail (there, that meeting's roles count)."""

    def add(view: Callable[..., Any]) -> Callable[..., Any]:
        bp.add_url_rule(path, endpoint, view, methods=methods)
        bp.add_url_rule(f"/m/<slug>{path}", endpoint, view, methods=methods)
        return view

    return add


@page("/organisations")
@permission("directory.read")
def organisations() -> ResponseReturnValue:
    q, country, sector = query_text("q"), query_text("country"), query_number("sector", 0)
    found = queries.search_organisations(
        q, query_number("page", 1), country=country if country in CODES else "", sector_id=sector or None
    )
    return render_template(
        "directory/organisations.html",
        page=found,
        q=q,
        country=country,
        sector=sector,
        countries=sorted(((code, country_name(code)) for code in queries.list_countries()), key=lambda pair: pair[1]),
        sectors=meetings.list_sectors(),
    )


@page("/organisations/<int:organisation_id>")
@permission("directory.read")
def organisation(organisation_id: int) -> ResponseReturnValue:
    """One organisation: its names, its people now and before, what was done to the record."""
    found = queries.get_organisation(organisation_id)
    members = queries.list_members(found, sight=sight())
    return render_template(
        "directory/organisation.html",
        organisation=found,
        canonical=queries.canonical(found),
        present=[a for a in members if queries.is_current(a)],
        former=[a for a in members if not queries.is_current(a)],
        memberships=queries.list_memberships(found),
        merged=queries.list_merged_into(found),
        alike=queries.similar_organisations([n.text for n in found.names], besides=found.id),
        kinds=dict(forms.KINDS),
        history=history(found),
    )


@page("/organisations/new", methods=("GET", "POST"))
@permission("directory.edit")
def new_organisation() -> ResponseReturnValue:
    form = forms.OrganisationForm()
    alike = []
    if form.validate_on_submit():
        facts = form.facts()
        alike = queries.similar_organisations([facts["name"], *(text for text, _lang, _kind in facts["names"])])
        if not alike or form.is_another.data:
            try:
                made = service.create_organisation(**facts, by=staff())
            except InvalidError as error:
                return refused(form, error, "directory/organisation_edit.html", alike=alike)
            db.session.commit()
            flash(_("The organisation was added."), "ok")
            return redirect(url_for("directory.organisation", organisation_id=made.id))
    asked = 422 if form.is_submitted() else 200
    return render_template("directory/organisation_edit.html", form=form, alike=alike), asked


@page("/organisations/<int:organisation_id>/edit", methods=("GET", "POST"))
@permission("directory.edit")
def edit_organisation(organisation_id: int) -> ResponseReturnValue:
    found = queries.get_organisation(organisation_id)
    form = forms.OrganisationForm(found)
    if form.validate_on_submit():
        try:
            service.change_organisation(found, version=whole(form.version.data), by=staff(), **form.facts())
        except (InvalidError, StaleError) as error:
            return refused(
                form, error, "directory/organisation_edit.html", row=queries.get_organisation, ident=organisation_id
            )
        db.session.commit()
        flash(_("The organisation was saved."), "ok")
        return redirect(url_for("directory.organisation", organisation_id=organisation_id))
    return render_template("directory/organisation_edit.html", form=form, row=found), 422 if form.errors else 200


@page("/organisations/<int:organisation_id>/networks", methods=("GET", "POST"))
@permission("directory.edit")
def add_membership(organisation_id: int) -> ResponseReturnValue:
    """A network that the organisation belongs to, from–to."""
    found = queries.get_organisation(organisation_id)
    form = forms.MembershipForm()
    if form.validate_on_submit():
        try:
            start, end = remembered(form)
            network = named(form.network.data, "network")
            service.add_membership(found, network, role=form.role.data or "member", **start, **end, by=staff())
        except InvalidError as error:
            return refused(
                form, error, "directory/membership.html", row=queries.get_organisation, ident=organisation_id
            )
        db.session.commit()
        flash(_("The membership was added."), "ok")
        return redirect(url_for("directory.organisation", organisation_id=organisation_id))
    return render_template("directory/membership.html", form=form, row=found), 422 if form.errors else 200


@page("/organisations/<int:organisation_id>/merge", methods=("GET", "POST"))
@permission("directory.edit")
def merge_organisation(organisation_id: int) -> ResponseReturnValue:
    """Two records side by side; a person decides which of them stays."""
    return merging(
        queries.get_organisation,
        organisation_id,
        "directory.organisation",
        lambda row, q: (
            queries.search_organisations(q).items if q else queries.similar_organisations([row.name], row.id)
        ),
    )


@page("/organisations/<int:organisation_id>/unmerge", methods=("POST",))
@permission("directory.edit")
def unmerge_organisation(organisation_id: int) -> ResponseReturnValue:
    service.undo_merge(queries.get_organisation(organisation_id), by=staff())
    db.session.commit()
    flash(_("The two records are apart again."), "ok")
    return redirect(url_for("directory.organisation", organisation_id=organisation_id))


# what the pages of organisations and of people share


def sight() -> queries.Sight:
    """Whom the reader may see: a child only where one of its meetings is one's own to see children of."""
    where = accounts.meetings_where(current_user, SEE_HIDDEN)
    return queries.Sight(may(SEE_HIDDEN), None if where is None else registrations.people_of(where))


def merging(
    get: Callable[[int], Any], ident: int, show: str, candidates: Callable[[Any, str], list[Any]]
) -> ResponseReturnValue:
    """Compare two records and merge them: ``show`` is the endpoint of one record."""
    row, form = get(ident), forms.MergeForm()
    name = f"{show.split('.')[1]}_id"
    if form.validate_on_submit() and row.id in (form.kept.data, form.gone.data):
        kept = service.merge(get(whole(form.kept.data)), get(whole(form.gone.data)), by=staff())
        db.session.commit()
        flash(_("The two records are one now. You can undo this on the page of the record."), "ok")
        return redirect(url_for(show, **{name: kept.id}))
    other = get(query_number("other", 0)) if query_number("other", 0) else None
    q = query_text("q")
    return render_template(
        "directory/merge.html",
        row=row,
        other=other if other is None or other.id != row.id else None,
        q=q,
        candidates=[found for found in candidates(row, q) if found.id != row.id][:20],
        show=show,
        name=name,
    ), 422 if form.is_submitted() else 200


def refused(
    form: forms.PageForm,
    error: RuleError,
    template: str,
    *,
    row: Callable[[int], Any] | None = None,
    ident: int = 0,
    **more: Any,
) -> ResponseReturnValue:
    """The form with what was typed. A second editor is told what is stored now, and may then save over it."""
    db.session.rollback()
    form.refuse(error)
    found = row(ident) if row else None
    stored = []
    if isinstance(error, StaleError) and found is not None:
        form._fields["version"].data = found.version
        stored = [
            (field.label.text, getattr(found, name))
            for name, field in form._fields.items()
            if name != "version" and isinstance(getattr(found, name, None), str) and getattr(found, name) != field.data
        ]
        if hasattr(found, "names"):
            stored.append((_("All names"), " · ".join(name.text for name in found.names)))
    return render_template(template, form=form, row=found, stored=stored, **more), 422


def named(text: str, field: str) -> Any:
    """The organisation that somebody means by a name; raises InvalidError beside the field."""
    found = queries.find_organisation(text)
    if found is None:
        raise InvalidError(
            _("No organisation goes by this name. Add it first, or write another of its names."), field=field
        )
    return found


def remembered(form: forms.PageForm) -> tuple[dict[str, Any], dict[str, Any]]:
    """The form's dates from–to as the service takes them."""
    start = imprecise.parse(form._fields["start"].data or "", field="start")
    end = imprecise.parse(form._fields["end"].data or "", field="end")
    return {"start": start[0], "start_precision": start[1]}, {"end": end[0], "end_precision": end[1]}


def whole(text: Any) -> int:
    """A number from a hidden field; 0, which no record has, for anything else."""
    return int(text) if str(text).isascii() and str(text).isdigit() and len(str(text)) < 10 else 0


def history(row: Any) -> list[dict[str, Any]]:
    """What was done to a record, in words."""
    words = {
        "created": _("Added"),
        "changed": _("Changed"),
        "named": _("Given another name"),
        "joined": _("Joined a network"),
        "affiliated": _("Came to an organisation"),
        "left": _("Left an organisation"),
        "merged": _("Merged into another record"),
        "unmerged": _("Taken apart again"),
        "imported": _("Completed by an import"),
    }
    return [
        {"at": entry.at, "who": entry.actor_name, "what": words.get(entry.action, entry.action)}
        for entry in audit.history(row)
    ]
