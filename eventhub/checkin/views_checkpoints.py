"""Staff pages: a whole meeting's checkpoints from its programme, and what one checkpoint does: follow, close, open."""

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from eventhub.accounts.guard import staff
from eventhub.checkin import queries, service, service_checkpoints
from eventhub.checkin.forms_checkpoints import PlanForm
from eventhub.checkin.views import bp
from eventhub.db import db
from eventhub.errors import RuleError
from eventhub.programme import queries as programme
from eventhub.security import permission


@bp.route("/checkpoints/plan", methods=["GET", "POST"])
@permission("checkin.manage")
def plan_checkpoints() -> ResponseReturnValue:
    """An entrance for each day, each session, each meal: made in one go; what is there already stays as it is."""
    form = PlanForm(programme.list_sessions(g.meeting.id), g.meeting.tz)
    if form.validate_on_submit():
        try:
            made = service_checkpoints.make(g.meeting, form.plan(), by=staff())
        except RuleError as error:
            db.session.rollback()
            form.refuse(error)
            return render_template("checkin/plan.html", form=form), 422
        db.session.commit()
        if made:
            flash(ngettext("%(num)d checkpoint was made.", "%(num)d checkpoints were made.", len(made)), "ok")
        else:
            flash(_("There was nothing new to make: all of these are there already."), "info")
        return redirect(url_for("checkin.checkpoints"))
    return render_template("checkin/plan.html", form=form), 422 if form.errors else 200


@bp.post("/checkpoints/<int:checkpoint_id>/<any(follow,unfollow,reopen):act>")
@permission("checkin.manage")
def change_checkpoint(checkpoint_id: int, act: str) -> ResponseReturnValue:
    """Let the session decide the rules, decide them by hand, or open a closed checkpoint again."""
    found = queries.get_checkpoint(checkpoint_id, g.meeting.id)
    if act == "follow":
        service_checkpoints.start_following(found, by=staff())
        said = _("The session decides the hours, the places and the sign-up from now on.")
    elif act == "unfollow":
        service_checkpoints.stop_following(found, by=staff())
        said = _("The rules stay as they are. Change them by hand now.")
    else:
        service.reopen(found, by=staff())
        service_checkpoints.follow(found.id, by=staff())
        said = _("The checkpoint is open again, by the rules that it had before.")
    db.session.commit()
    flash(said, "ok")
    return redirect(url_for("checkin.checkpoint", checkpoint_id=checkpoint_id))
