"""Staff pages: who works here, and who may do what in which meeting."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from eventhub import audit, signin, trail
from eventhub.accounts import forms, queries, service
from eventhub.accounts.guard import staff
from eventhub.db import db
from eventhub.errors import RuleError
from eventhub.meetings import queries as meetings
from eventhub.pages import query_number, query_text
from eventhub.security import Role, permission

bp = Blueprint("accounts", __name__, url_prefix="/staff")


@bp.get("/accounts")
@permission("accounts.edit")
def index() -> ResponseReturnValue:
    """Everybody with an account, by name."""
    text = query_text("q")
    found = queries.search_users(text, query_number("page", 1))
    return render_template("accounts/index.html", page=found, q=text, titles=_titles())


@bp.route("/accounts/new", methods=["GET", "POST"])
@permission("accounts.edit")
def new() -> ResponseReturnValue:
    """Make an account with its first role, and send the letter."""
    form = forms.NewUserForm(giver=current_user)
    if form.validate_on_submit():
        try:
            user = service.create(email=form.email.data, name=form.name.data, password=None, by=staff())
            service.grant(user, Role(form.role.data), form.meeting_id.data or None, by=staff())
            signin.send_invitation(user, by=staff().name)
        except RuleError as error:
            return _again("accounts/new.html", form, error)
        db.session.commit()
        flash(_("The account was made. A letter with a link is on its way to %(email)s.", email=user.email), "ok")
        return redirect(url_for("accounts.show", user_id=user.id))
    return render_template("accounts/new.html", form=form), 422 if form.errors else 200


@bp.get("/accounts/<int:user_id>")
@permission("accounts.edit")
def show(user_id: int) -> ResponseReturnValue:
    """One person: roles, sign-in, history."""
    return _show(user_id, forms.GrantForm(giver=current_user))


@bp.route("/accounts/<int:user_id>/edit", methods=["GET", "POST"])
@permission("accounts.edit")
def edit(user_id: int) -> ResponseReturnValue:
    user = queries.get_user(user_id)
    form = forms.UserForm(obj=user)
    if form.validate_on_submit():
        try:
            service.change(user, email=form.email.data, name=form.name.data, by=staff())
        except RuleError as error:
            return _again("accounts/edit.html", form, error, user_id=user_id)
        return _done(user_id, _("The account was changed."))
    return render_template("accounts/edit.html", form=form, user_id=user_id), 422 if form.errors else 200


@bp.post("/accounts/<int:user_id>/roles")
@permission("accounts.edit")
def grant(user_id: int) -> ResponseReturnValue:
    form = forms.GrantForm(giver=current_user)
    if not form.validate_on_submit():
        return _show(user_id, form), 422
    service.grant(queries.get_user(user_id), Role(form.role.data), form.meeting_id.data or None, by=staff())
    return _done(user_id, _("The role was given."))


@bp.post("/accounts/<int:user_id>/roles/<int:grant_id>/take-back")
@permission("accounts.edit")
def revoke(user_id: int, grant_id: int) -> ResponseReturnValue:
    service.revoke(queries.get_grant(queries.get_user(user_id), grant_id), by=staff())
    return _done(user_id, _("The role was taken back."))


@bp.post("/accounts/<int:user_id>/close")
@permission("accounts.edit")
def deactivate(user_id: int) -> ResponseReturnValue:
    service.deactivate(queries.get_user(user_id), by=staff())
    return _done(user_id, _("The account is closed."))


@bp.post("/accounts/<int:user_id>/open")
@permission("accounts.edit")
def activate(user_id: int) -> ResponseReturnValue:
    service.activate(queries.get_user(user_id), by=staff())
    return _done(user_id, _("The account is open again."))


@bp.post("/accounts/<int:user_id>/letter")
@permission("accounts.edit")
def send_letter(user_id: int) -> ResponseReturnValue:
    """The link for setting a password, once more."""
    user = queries.get_user(user_id)
    service.check_reachable(user, by=staff())
    signin.send_reset(user) if user.password else signin.send_invitation(user, by=staff().name)
    return _done(user_id, _("A letter with a new link is on its way. Older links no longer work."))


@bp.post("/accounts/<int:user_id>/second-factor/reset")
@permission("accounts.edit")
def reset_second_factor(user_id: int) -> ResponseReturnValue:
    user = queries.get_user(user_id)
    service.reset_second_factor(user, by=staff())
    signin.send_notice(user, "second_factor")
    return _done(user_id, _("The second factor was reset. The person sets up a new one when signing in."))


def _titles() -> dict[int, str]:
    return {meeting.id: meeting.title for meeting in meetings.every_meeting()}


def _show(user_id: int, form: forms.GrantForm) -> str:
    user = queries.get_user(user_id)
    return render_template(
        "accounts/show.html",
        user=user,
        form=form,
        titles=_titles(),
        words=forms.ROLES,
        managed=queries.manages(current_user, user),
        administers=lambda meeting_id: queries.administers(current_user, meeting_id),
        history=trail.lines(audit.history(user)),
    )


def _done(user_id: int, sentence: str) -> ResponseReturnValue:
    db.session.commit()
    flash(sentence, "ok")
    return redirect(url_for("accounts.show", user_id=user_id))


def _again(template: str, form: forms.PageForm, error: RuleError, **context: object) -> ResponseReturnValue:
    db.session.rollback()
    form.refuse(error)
    return render_template(template, form=form, **context), 422
