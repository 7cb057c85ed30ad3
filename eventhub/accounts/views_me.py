"""My own account: how and where I sign in, which roles I have, my tokens for programs."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import auth_required, current_user

from eventhub import clock
from eventhub.accounts import forms, queries, sign_ins, tokens
from eventhub.accounts.guard import staff
from eventhub.accounts.settings import FRESH
from eventhub.accounts.views import bp
from eventhub.db import db
from eventhub.errors import RuleError
from eventhub.meetings import queries as meetings
from eventhub.security import permission


@bp.get("/account")
@permission("staff")
def me() -> ResponseReturnValue:
    return render_template(
        "accounts/me.html",
        user=current_user,
        titles={meeting.id: meeting.title for meeting in meetings.every_meeting()},
        words=forms.ROLES,
        tokens=queries.list_tokens(current_user),
        now=clock.now(),
    )


@bp.route("/account/tokens/new", methods=["GET", "POST"])
@permission("staff")
@auth_required("session", **FRESH)
def new_token() -> ResponseReturnValue:
    """Make a token; the answer to the form is the only page that ever shows it."""
    form = forms.TokenForm()
    if form.validate_on_submit():
        try:
            token, secret = tokens.make(current_user, name=form.name.data, days=form.days.data, by=staff())
        except RuleError as error:
            db.session.rollback()
            form.refuse(error)
            return render_template("accounts/new_token.html", form=form), 422
        db.session.commit()
        return render_template("accounts/token.html", token=token, secret=secret)
    return render_template("accounts/new_token.html", form=form), 422 if form.errors else 200


@bp.post("/account/tokens/<int:token_id>/revoke")
@permission("staff")
def revoke_token(token_id: int) -> ResponseReturnValue:
    tokens.revoke(current_user, token_id, by=staff())
    db.session.commit()
    flash(_("The token was revoked. Programs that use it are refused from now on."), "ok")
    return redirect(url_for("accounts.me"))


@bp.get("/account/signed-in")
@permission("staff")
def signed_in() -> ResponseReturnValue:
    """Where I am signed in, this browser too."""
    return render_template("accounts/signed_in.html", rows=sign_ins.list_of(current_user), is_this=sign_ins.is_this)


@bp.post("/account/signed-in/<int:sign_in_id>/end")
@permission("staff")
def sign_out_there(sign_in_id: int) -> ResponseReturnValue:
    sign_ins.end(current_user, sign_in_id, by=staff())
    db.session.commit()
    flash(_("You are signed out there."), "ok")
    return redirect(url_for("accounts.signed_in"))


@bp.post("/account/signed-in/end")
@permission("staff")
def sign_out_elsewhere() -> ResponseReturnValue:
    """Every browser but this one."""
    sign_ins.end_others(current_user, by=staff())
    db.session.commit()
    flash(_("You are signed in here only."), "ok")
    return redirect(url_for("accounts.signed_in"))
