"""The page behind a personal link: did you meet? It opens with GET and acts only by POST."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub.db import db
from eventhub.directory import queries as directory
from eventhub.errors import InvalidError
from eventhub.networking import service
from eventhub.security import public

bp = Blueprint("introduction", __name__)


@bp.get("/introduction/<token>")
@public
def show(token: str) -> ResponseReturnValue:
    introduction, side = service.open_link(token)
    g.meeting = introduction.meeting
    you, other = (introduction.a, introduction.b) if side == "a" else (introduction.b, introduction.a)
    return render_template(
        "networking/answer.html",
        introduction=introduction,
        you=you,
        other=other,
        organisation=directory.current_organisation(other),
        answer=getattr(introduction, f"{side}_answer"),
        answered_at=getattr(introduction, f"{side}_answered_at"),
    )


@bp.post("/introduction/<token>")
@public
def answer(token: str) -> ResponseReturnValue:
    introduction, side = service.open_link(token)
    said = request.form.get("answer")
    if said not in ("yes", "no"):
        raise InvalidError(_("Choose one of the two answers."))
    service.answer(introduction, side, said == "yes")
    db.session.commit()
    flash(_("Thank you. Your answer was kept."), "ok")
    return redirect(url_for("introduction.show", token=token))
