"""Staff pages: what delegations promised, and the meeting's statement."""

from typing import Any

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from eventhub import audit
from eventhub.accounts.guard import staff
from eventhub.db import db
from eventhub.errors import RuleError
from eventhub.pages import cut, query_text
from eventhub.partnerships import commitments as rules
from eventhub.partnerships import forms_commit as forms
from eventhub.partnerships import meeting_statements
from eventhub.partnerships import queries_commit as queries
from eventhub.partnerships.models_commit import Commitment, MeetingStatement
from eventhub.partnerships.states import CommitmentState, Stance
from eventhub.partnerships.views import bp
from eventhub.security import permission

PROMISED, STATEMENT = "/m/<slug>/commitments", "/m/<slug>/statement"


@bp.get(PROMISED)
@permission("partnerships.read")
def commitments() -> ResponseReturnValue:
    """What delegations promised and how it stands."""
    rows, show = queries.list_commitments(g.meeting), query_text("state")
    kept = [row for row in rows if show in ("", row.state.value) or (show == "due" and queries.is_due(row))]
    return render_template(
        "partnerships/commitments.html",
        balance=queries.balance(rows),
        page=cut(kept),
        show=show,
        states=list(CommitmentState),
        numbers={state: sum(row.state is state for row in rows) for state in CommitmentState},
        total=len(rows),
        is_due=queries.is_due,
    )


@bp.route(f"{PROMISED}/new", methods=["GET", "POST"])
@permission("partnerships.edit")
def new_commitment() -> ResponseReturnValue:
    form = forms.CommitmentForm(queries.list_delegations(g.meeting))
    if form.validate_on_submit():
        row = rules.promise(meeting=g.meeting, by=staff(), **form.values())
        db.session.commit()
        flash(_("The commitment was noted. The delegation is asked about it in the follow-ups."), "ok")
        return redirect(url_for("partnerships.commitment", commitment_id=row.id))
    return render_template("partnerships/commitment_edit.html", form=form, row=None), 422 if form.errors else 200


@bp.get(f"{PROMISED}/<int:commitment_id>")
@permission("partnerships.read")
def commitment(commitment_id: int) -> ResponseReturnValue:
    row = queries.get_commitment(commitment_id, g.meeting)
    return _commitment(row, forms.TellingForm(formdata=None, state=row.state.value), 200)


def _commitment(row: Commitment, form: Any, status: int) -> ResponseReturnValue:
    history = [{"at": e.at, "who": e.actor_name, "what": e.action.capitalize()} for e in audit.history(row)]
    return render_template("partnerships/commitment.html", row=row, form=form, history=history), status


@bp.route(f"{PROMISED}/<int:commitment_id>/edit", methods=["GET", "POST"])
@permission("partnerships.edit")
def edit_commitment(commitment_id: int) -> ResponseReturnValue:
    row = queries.get_commitment(commitment_id, g.meeting)
    delegations = {found.id: found for found in [*queries.list_delegations(g.meeting), row.organisation]}
    form = forms.CommitmentForm(list(delegations.values()), data=forms.CommitmentForm.data_of(row))
    if form.validate_on_submit():
        try:
            rules.change(row, version=form.seen_version, by=staff(), **form.values())
        except RuleError as error:
            db.session.rollback()
            row = queries.get_commitment(commitment_id, g.meeting)
            form.refuse(error)
            form.version.data = str(row.version)
            return render_template("partnerships/commitment_edit.html", form=form, row=row), 422
        return _told(row, _("It was saved."))
    return render_template("partnerships/commitment_edit.html", form=form, row=row), 422 if form.errors else 200


@bp.post(f"{PROMISED}/<int:commitment_id>/tell")
@permission("partnerships.edit")
def tell_commitment(commitment_id: int) -> ResponseReturnValue:
    """Say how it stands, as the secretariat knows it."""
    row, form = queries.get_commitment(commitment_id, g.meeting), forms.TellingForm()
    if not form.validate():
        return _commitment(row, form, 422)
    try:
        rules.tell(
            row,
            state=CommitmentState(form.state.data),
            words=form.words.data or "",
            evidence_url=form.evidence_url.data or "",
            by=staff(),
        )
    except RuleError as error:
        db.session.rollback()
        form.refuse(error)
        return _commitment(queries.get_commitment(commitment_id, g.meeting), form, 422)
    return _told(row, _("It is kept beside what was told before."))


def _told(row: Commitment, sentence: str) -> ResponseReturnValue:
    db.session.commit()
    flash(sentence, "ok")
    return redirect(url_for("partnerships.commitment", commitment_id=row.id))


# the statement


@bp.get(STATEMENT)
@permission("partnerships.read")
def statement() -> ResponseReturnValue:
    """The versions of the statement, and how each delegation stands to the newest."""
    versions = queries.list_statements(g.meeting)
    return render_template(
        "partnerships/statement.html",
        versions=versions,
        newest=versions[0] if versions else None,
        stances=list(Stance),
        delegations=len(queries.list_delegations(g.meeting)),
    )


@bp.route(f"{STATEMENT}/edit", methods=["GET", "POST"])
@permission("partnerships.edit")
def edit_statement() -> ResponseReturnValue:
    """Write the draft; where delegations were asked about the newest text already, this begins another version."""
    newest = next(iter(queries.list_statements(g.meeting)), None)
    is_draft = newest is not None and newest.state.value == "draft"
    data = {"title": newest.title, "text": newest.text, "version": str(newest.version)} if newest else {}
    form = forms.StatementForm(data=data)
    if form.validate_on_submit():
        try:
            _keep(newest if is_draft else None, form)
        except RuleError as error:
            db.session.rollback()
            form.refuse(error)
            again = next(iter(queries.list_statements(g.meeting)), None)
            form.version.data = str(again.version) if again else ""
            return render_template("partnerships/statement_edit.html", form=form, newest=again), 422
        return _shown(_("The draft was saved. Nobody was asked yet."))
    page = render_template("partnerships/statement_edit.html", form=form, newest=newest)
    return page, 422 if form.errors else 200


def _keep(draft: MeetingStatement | None, form: forms.StatementForm) -> None:
    title, text = form.title.data or "", form.text.data or ""
    if draft is not None:
        meeting_statements.change(draft, title=title, text=text, version=form.seen_version, by=staff())
    else:
        meeting_statements.draft(meeting=g.meeting, title=title, text=text, by=staff())


@bp.post(f"{STATEMENT}/<int:statement_id>/ask")
@permission("partnerships.edit")
def ask_statement(statement_id: int) -> ResponseReturnValue:
    asked = meeting_statements.ask(queries.get_statement(statement_id, g.meeting), by=staff())
    return _shown(
        ngettext("A letter goes to %(num)d delegation.", "A letter goes to each of %(num)d delegations.", asked)
    )


@bp.post(f"{STATEMENT}/voices/<int:voice_id>/ask")
@permission("partnerships.edit")
def ask_voice(voice_id: int) -> ResponseReturnValue:
    meeting_statements.ask_again(queries.get_voice(voice_id, g.meeting), by=staff())
    return _shown(_("The letter is on its way."))


@bp.post(f"{STATEMENT}/<int:statement_id>/publish")
@permission("partnerships.edit")
def publish_statement(statement_id: int) -> ResponseReturnValue:
    meeting_statements.publish(queries.get_statement(statement_id, g.meeting), by=staff())
    return _shown(_("The statement is public, with every voice beside it."))


def _shown(sentence: str) -> ResponseReturnValue:
    db.session.commit()
    flash(sentence, "ok")
    return redirect(url_for("partnerships.statement"))
