"""The meeting's statement: the public page with every voice, and the page behind a delegation's link."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub.db import db
from eventhub.errors import LinkError, NotFoundError, RuleError
from eventhub.pages import query_number
from eventhub.partnerships import forms_commit as forms
from eventhub.partnerships import meeting_statements
from eventhub.partnerships import queries_commit as queries
from eventhub.partnerships.models_commit import Voice
from eventhub.partnerships.public import bp
from eventhub.partnerships.states import Stance
from eventhub.security import csrf, public


@bp.get("/m/<slug>/statement")
@public
def statement() -> ResponseReturnValue:
    """The statement as it was published last, or an older version: endorsements, reservations and dissent alike."""
    versions = queries.list_public_statements(g.meeting)
    wanted = query_number("version", 0)
    shown = next((row for row in versions if wanted in (0, row.number)), None)
    if shown is None:
        raise NotFoundError(_("There is no statement of this meeting (yet), or not this version of it."))
    return render_template("partnerships/statement_public.html", shown=shown, versions=versions, stances=list(Stance))


@bp.get("/statement/<token>")
@public
def voice(token: str) -> ResponseReturnValue:
    """The text, and how the delegation stands to it so far; changes nothing."""
    row = _voice(token)
    form = forms.VoiceForm(
        formdata=None, stance=row.stance.value if row.stance else None, words=row.words, by_name=row.by_name
    )
    return _page(row, form, 200)


@bp.post("/statement/<token>")
@public
@csrf.exempt  # the link is the key; the form looks at its own mark, so that an old one comes back as it was typed
def speak(token: str) -> ResponseReturnValue:
    row, form = _voice(token), forms.VoiceForm()
    if not form.validate():
        return _page(row, form, 422)
    try:
        meeting_statements.speak(
            row, stance=Stance(form.stance.data), words=form.words.data or "", by_name=form.by_name.data or ""
        )
    except LinkError:
        raise
    except RuleError as error:
        db.session.rollback()
        form.refuse(error)
        return _page(_voice(token), form, 422)
    db.session.commit()
    flash(_("Thank you. Your answer was kept."), "ok")
    return redirect(url_for("party.voice", token=token))


def _voice(token: str) -> Voice:
    row = meeting_statements.open_link(token)
    g.meeting = row.statement.meeting
    return row


def _page(row: Voice, form: Any, status: int) -> ResponseReturnValue:
    page = render_template(
        "partnerships/statement_voice.html", voice=row, shown=row.statement, form=form, address=request.path
    )
    return page, status
