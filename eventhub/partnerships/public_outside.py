"""The page behind an independent person's link: was it so, as far as they know? GET changes nothing; POST answers."""

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm.attributes import set_committed_value

from eventhub.db import db
from eventhub.errors import LinkError, RuleError
from eventhub.partnerships import facts, queries, substantiation, timeline
from eventhub.partnerships.forms_outside import OutsideForm
from eventhub.partnerships.models import Substantiation
from eventhub.partnerships.states import SubstantiationState

PAGE = "partnerships/outside.html"


def show(token: str) -> ResponseReturnValue:
    """What is asked, and what was answered so far."""
    row = _question(token)
    said = {name: getattr(row, name) for name in ("name", "organisation", "relation", "statement", "may_be_named")}
    form = OutsideForm(
        formdata=None,
        data={
            **said,
            "name": row.name or row.asked_name,
            "apart": row.state is SubstantiationState.GIVEN or row.contradicts,
        },
    )
    return _page(row, form, 200)


def save(token: str) -> ResponseReturnValue:
    row, form = _question(token), OutsideForm()
    if not form.validate():
        return _page(row, form, 422)
    try:
        said = request.form.get("answer")
        substantiation.answer(row, yes=said == "yes", contradicts=said == "not_so", **form.values())
    except LinkError:
        raise
    except RuleError as error:
        db.session.rollback()
        form.refuse(error)
        return _page(_question(token), form, 422)
    db.session.commit()
    flash(_("Thank you. Your answer was kept."), "ok")
    return redirect(url_for("party.outside", token=token))


def _question(token: str) -> Substantiation:
    row = substantiation.open_link(token)
    partnership = queries.get_partnership(row.partnership_id)  # with its parties and where it began
    set_committed_value(row, "partnership", partnership)  # and held by the row
    if partnership.origin is not None and partnership.origin.meeting is not None:
        g.meeting = partnership.origin.meeting
    return row


def _page(row: Substantiation, form: OutsideForm, status: int) -> ResponseReturnValue:
    partnership = row.partnership
    form.seen.data = substantiation.digest(row)
    wanted = (row.item,) if row.item != facts.CORE else (facts.ORIGIN,)
    events = timeline.events(partnership, queries.standing(partnership), [])
    shown = [{**event, "state": None, "url": ""} for event in events if event["key"] in wanted]
    return render_template(PAGE, row=row, p=partnership, form=form, events=shown), status
