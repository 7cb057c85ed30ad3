"""Staff pages: who met whom at a meeting."""

from collections.abc import Sequence

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from eventhub import audit
from eventhub.accounts.guard import staff
from eventhub.db import db
from eventhub.directory import queries as directory
from eventhub.directory.models import Person
from eventhub.errors import InvalidError, NotFoundError, RuleError
from eventhub.networking import forms, queries, service
from eventhub.networking.models import Introduction
from eventhub.pages import query_number, query_text
from eventhub.partnerships import queries as partnerships
from eventhub.security import permission

bp = Blueprint("networking", __name__, url_prefix="/staff/m/<slug>/introductions")


@bp.get("")
@permission("networking.edit")
def index() -> ResponseReturnValue:
    """The meeting's introductions: searched, and filtered by what the two people say."""
    q, wanted = query_text("q"), query_text("standing")
    kind = queries.Standing(wanted) if wanted in list(queries.Standing) else None
    page, counts = queries.list_introductions(g.meeting, q=q, wanted=kind, page=query_number("page", 1))
    return render_template(
        "networking/index.html",
        page=page,
        counts=counts,
        q=q,
        wanted=kind,
        standing=queries.standing,
        organisation=directory.current_organisation,
    )


@bp.route("/new", methods=["GET", "POST"])
@permission("networking.edit")
def new() -> ResponseReturnValue:
    form = forms.IntroductionForm(g.meeting)
    people = queries.people_to_suggest(g.meeting)
    if form.validate_on_submit():
        try:
            introduction = _record(form)
        except RuleError as error:
            db.session.rollback()
            form.refuse(error)
            return _form(form, people, 422)
        db.session.commit()
        flash(_("The introduction was recorded."), "ok")
        return redirect(url_for("networking.show", introduction_id=introduction.id))
    return _form(form, people, 422 if form.errors else 200)


def _record(form: forms.IntroductionForm) -> Introduction:
    a, b, introducer = (service.pick_person(form[name].data or "", name) for name in ("a", "b", "introduced_by"))
    if a is None or b is None:
        raise InvalidError(_("An introduction needs two people."), field="a" if a is None else "b")
    introduction = service.introduce(meeting=g.meeting, a=a, b=b, introduced_by=introducer, **form.facts(), by=staff())
    if form.ask.data:
        service.ask(introduction, by=staff())
    return introduction


def _form(form: forms.IntroductionForm, people: Sequence[Person], status: int) -> ResponseReturnValue:
    return (
        render_template("networking/new.html", form=form, people=people, organisation=directory.current_organisation),
        status,
    )


@bp.get("/<int:introduction_id>")
@permission("partnerships.read")
def show(introduction_id: int) -> ResponseReturnValue:
    """One introduction: what is known of it, what each side says, what came of it."""
    introduction = _load(introduction_id)
    return render_template(
        "networking/show.html",
        introduction=introduction,
        standing=queries.standing(introduction),
        listed=queries.is_listed,
        organisation=directory.current_organisation,
        partnership=partnerships.find_from_introduction(introduction.id),
        sources=dict(forms.SOURCES),
        history=_history(introduction),
    )


def _history(introduction: Introduction) -> list[dict[str, object]]:
    """What was done to the record. Where one of the two is not listed, neither is named here."""
    named = queries.is_listed(introduction.a) and queries.is_listed(introduction.b)
    return [
        {"at": e.at, "who": e.actor_name if named or e.actor_kind == "staff" else "", "what": e.action.capitalize()}
        for e in audit.history(introduction)
    ]


@bp.post("/<int:introduction_id>/ask")
@permission("networking.edit")
def ask(introduction_id: int) -> ResponseReturnValue:
    introduction = _load(introduction_id)
    asked = service.ask(introduction, by=staff())
    db.session.commit()
    flash(ngettext("A letter goes to %(num)d person.", "A letter goes to each of %(num)d people.", asked), "ok")
    return redirect(url_for("networking.show", introduction_id=introduction.id))


def _load(introduction_id: int) -> Introduction:
    introduction = queries.get_introduction(introduction_id)
    if introduction.meeting_id != g.meeting.id:
        raise NotFoundError
    return introduction
