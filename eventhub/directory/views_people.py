"""Staff pages: people. A child, or a person at risk, does not exist for who may not see them."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub.accounts.guard import may, staff
from eventhub.db import db
from eventhub.directory import forms, imprecise, queries, service
from eventhub.directory.models import Affiliation, Person
from eventhub.directory.views import history, merging, named, page, refused, remembered, sight, whole
from eventhub.errors import InvalidError, NotAllowedError, NotFoundError, StaleError
from eventhub.pages import query_number, query_text
from eventhub.security import permission


@page("/people")
@permission("directory.read")
def people() -> ResponseReturnValue:
    q = query_text("q")
    found = queries.list_people(q, query_number("page", 1), sight=sight())
    return render_template(
        "directory/people.html",
        page=found,
        q=q,
        organisations={row.id: queries.current_organisation(row) for row in found.items},
    )


@page("/people/<int:person_id>")
@permission("directory.read")
def person(person_id: int) -> ResponseReturnValue:
    """One person: how to reach them, where they belonged and when."""
    found = _seen(person_id)
    return render_template(
        "directory/person.html",
        person=found,
        canonical=queries.canonical(found),
        affiliations=[(a, queries.canonical(a.organisation)) for a in queries.list_affiliations(found)],
        is_current=queries.is_current,
        merged=queries.list_merged_into(found),
        alike=queries.similar_people(found),
        history=history(found),
        editable=may("directory.edit") and (not found.is_child or may("safeguarding.edit")),
    )


@page("/people/new", methods=("GET", "POST"))
@permission("directory.edit")
def new_person() -> ResponseReturnValue:
    """A new adult. Children come in by registration only, with their consents."""
    form = forms.PersonForm()
    if form.validate_on_submit():
        try:
            if queries.find_person_by_email(form.email.data or ""):
                raise InvalidError(_("Somebody with this address is in the directory already."), field="email")
            made = service.create_person(**form.facts(), by=staff())
        except InvalidError as error:
            return refused(form, error, "directory/person_edit.html")
        db.session.commit()
        flash(_("The person was added. Now say where they belong."), "ok")
        return redirect(url_for("directory.affiliate", person_id=made.id))
    return render_template("directory/person_edit.html", form=form), 422 if form.errors else 200


@page("/people/<int:person_id>/edit", methods=("GET", "POST"))
@permission("directory.edit")
def edit_person(person_id: int) -> ResponseReturnValue:
    found = _seen(person_id, to_edit=True)
    form = forms.PersonForm(found)
    if form.validate_on_submit():
        try:
            service.change_person(found, version=whole(form.version.data), by=staff(), **form.facts())
        except (InvalidError, StaleError) as error:
            return refused(form, error, "directory/person_edit.html", row=queries.get_person, ident=person_id)
        db.session.commit()
        flash(_("The person was saved."), "ok")
        return redirect(url_for("directory.person", person_id=person_id))
    return render_template("directory/person_edit.html", form=form, row=found), 422 if form.errors else 200


@page("/people/<int:person_id>/organisations", methods=("GET", "POST"))
@permission("directory.edit")
def affiliate(person_id: int) -> ResponseReturnValue:
    """Where a person belongs, from–to."""
    found = _seen(person_id)
    form = forms.AffiliationForm()
    if form.validate_on_submit():
        try:
            start, end = remembered(form)
            organisation = named(form.organisation.data, "organisation")
            service.affiliate(found, organisation, post=form.post.data or "", **start, **end, by=staff())
        except InvalidError as error:
            return refused(form, error, "directory/affiliate.html", row=queries.get_person, ident=person_id)
        db.session.commit()
        flash(_("This was added to where the person belongs."), "ok")
        return redirect(url_for("directory.person", person_id=person_id))
    return render_template("directory/affiliate.html", form=form, row=found), 422 if form.errors else 200


@page("/people/<int:person_id>/organisations/<int:affiliation_id>/end", methods=("GET", "POST"))
@permission("directory.edit")
def end_affiliation(person_id: int, affiliation_id: int) -> ResponseReturnValue:
    """Until when a person was at an organisation."""
    found = _seen(person_id)
    held = _affiliation(found, affiliation_id)
    form = forms.EndForm(obj=held)
    if form.validate_on_submit():
        try:
            end, precision = imprecise.parse(form.end.data, field="end")
            if end is None:
                raise InvalidError(_("Give at least the year."), field="end")
            service.end_affiliation(held, end=end, end_precision=precision, by=staff())
        except InvalidError as error:
            return refused(form, error, "directory/affiliate.html", row=queries.get_person, ident=person_id)
        db.session.commit()
        flash(_("The end was noted."), "ok")
        return redirect(url_for("directory.person", person_id=person_id))
    return render_template("directory/affiliate.html", form=form, row=found, held=held), 422 if form.errors else 200


@page("/people/<int:person_id>/merge", methods=("GET", "POST"))
@permission("directory.edit")
def merge_person(person_id: int) -> ResponseReturnValue:
    """Two records side by side; a person decides which of them stays."""
    return merging(
        _seen_adult,
        person_id,
        "directory.person",
        lambda row, q: queries.search_people(q).items if q else queries.similar_people(row),
    )


@page("/people/<int:person_id>/unmerge", methods=("POST",))
@permission("directory.edit")
def unmerge_person(person_id: int) -> ResponseReturnValue:
    service.undo_merge(_seen_adult(person_id), by=staff())
    db.session.commit()
    flash(_("The two records are apart again."), "ok")
    return redirect(url_for("directory.person", person_id=person_id))


def _seen(person_id: int, *, to_edit: bool = False) -> Person:
    """The person, for who may see them. A child's own record is changed by safeguarding alone."""
    found = queries.get_person(person_id)
    if not queries.is_seen(found, sight()):
        raise NotFoundError(_("There is no person at this address."))
    if to_edit and found.is_child and not may("safeguarding.edit"):
        raise NotAllowedError(_("A child's record is changed by the safeguarding team. Ask them."))
    return found


def _seen_adult(person_id: int) -> Person:
    found = _seen(person_id)
    if found.is_child:
        raise NotFoundError(_("There is no person at this address."))
    return found


def _affiliation(person: Person, affiliation_id: int) -> Affiliation:
    found = next((a for a in queries.list_affiliations(person) if a.id == affiliation_id), None)
    if found is None:
        raise NotFoundError
    return found
