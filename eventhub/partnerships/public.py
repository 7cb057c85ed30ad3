"""The pages behind a party's links: are the facts true, and what came of it. GET changes nothing; POST answers."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm.attributes import set_committed_value

from eventhub.db import db
from eventhub.errors import InvalidError, LinkError, RuleError
from eventhub.pages import clean_line
from eventhub.partnerships import (
    corrections,
    facts,
    follow_ups,
    forms,
    public_follow,
    public_outside,
    queries,
    ratings,
    telling,
    timeline,
    verification,
    waves,
    words,
)
from eventhub.partnerships.models import FollowUp, Partnership, Verification
from eventhub.partnerships.models_follow import PersonFollowUp
from eventhub.partnerships.states import FieldGroup, VerificationState
from eventhub.security import csrf, limiter, public

bp = Blueprint("party", __name__)


@bp.get("/verification/<token>")
@public
def verify(token: str) -> ResponseReturnValue:
    """The facts as they are, and the party's answer to them so far."""
    row = _question(token)
    form = _form(row)(by_name=row.asked_of.full_name if row.asked_of else "")
    form.seen.data = verification.digest(row.partnership, row.field_group)
    return _verification(row, form, 200)


@bp.post("/verification/<token>")
@public
def answer(token: str) -> ResponseReturnValue:
    row = _question(token)
    form, said = _form(row)(), request.form.get("state", "")
    if not form.validate():
        return _verification(row, form, 422)
    try:
        if request.form.get("agree", "").isdecimal():
            verification.agree(
                row, int(request.form["agree"][:9]), by_name=form.by_name.data or "", seen=form.seen.data or ""
            )
            db.session.commit()
            flash(_("Thank you. The record says so now. Please look at the whole of it once more."), "ok")
            return redirect(url_for("party.verify", token=token))
        if said not in list(VerificationState):
            raise InvalidError(_("Choose one of the three answers."))
        verification.answer(
            row,
            state=VerificationState(said),
            words=form.words.data or "",
            by_name=form.by_name.data or "",
            seen=form.seen.data or "",
            typed=_typed(row),
        )
        if isinstance(form, forms.CloseForm):
            ratings.rate(row.party, **form.ratings())
    except LinkError:
        raise
    except RuleError as error:
        db.session.rollback()
        form.refuse(error)
        row = _question(token)
        form.seen.data = verification.digest(row.partnership, row.field_group)
        return _verification(row, form, 422)
    db.session.commit()
    flash(_("Thank you. Your answer was kept."), "ok")
    return redirect(url_for("party.verify", token=token))


@bp.get("/substantiation/<token>")
@public
def outside(token: str) -> ResponseReturnValue:
    """Somebody independent is asked whether one thing was so."""
    return public_outside.show(token)


@bp.post("/substantiation/<token>")
@public
def outside_answer(token: str) -> ResponseReturnValue:
    return public_outside.save(token)


def _question(token: str) -> Verification:
    row = verification.open_link(token)
    # with its parties and where it began, and held by the row
    set_committed_value(row, "partnership", queries.get_partnership(row.partnership_id))
    _in_meeting(row.partnership)
    return row


def _form(row: Verification) -> type[forms.VerificationForm]:
    return forms.CloseForm if row.field_group is FieldGroup.STAGE else forms.VerificationForm


def _typed(row: Verification) -> dict[str, str]:
    """What the party typed as corrections, by the fields' names."""
    fields = corrections.correctable(row.partnership, row.field_group)
    return {one.name: str(clean_line(request.form.get(one.name, "")))[: corrections.LONGEST_TYPED] for one in fields}


def _verification(row: Verification, form: forms.VerificationForm, status: int) -> ResponseReturnValue:
    partnership = row.partnership
    standing = queries.standing(partnership)
    newest = queries.newest_round(row.party_id, row.field_group)
    events = timeline.events(partnership, standing, [])
    if row.field_group is FieldGroup.ORIGIN:
        events = [event for event in events if event["key"] == facts.ORIGIN]
    page = render_template(
        "partnerships/verification.html",
        row=row,
        p=partnership,
        form=form,
        events=[{**event, "state": None, "url": ""} for event in events],
        stage=queries.stage(partnership),
        fields=corrections.correctable(partnership, row.field_group),
        typed=_typed(row),
        offered=corrections.open_proposals(partnership, not_of=row.party_id),
        item_title=lambda item: telling.title_now(partnership, item),
        field_label=telling.field_label,
        questions=words.QUESTIONS,
        newest=newest if newest is not None and newest.state in queries.STANDS else None,
        word_now=queries.standing(partnership, row.field_group).words.get(row.party_id),
    )
    return page, status


@bp.get("/follow-up/<token>")
@public
def follow_up(token: str) -> ResponseReturnValue:
    """What came of it? A participant's questions about everybody met, or one short form for a party."""
    person = waves.open_link(token)
    if person is not None:
        return public_follow.show(person)
    return _follow_up(_asked(token), forms.FollowUpForm(), 200)


@bp.post("/follow-up/<token>")
@public
@csrf.exempt  # the link is the key; each form looks at its own mark, so that an old one comes back as it was typed
def tell(token: str) -> ResponseReturnValue:
    person = waves.open_link(token)
    if person is not None:
        return public_follow.save(person)
    row, form = _asked(token), forms.FollowUpForm()
    what = request.form.get("what", "")
    if not form.validate():
        return _follow_up(row, form, 422)
    told: dict[str, Any] = form.facts() if what == follow_ups.ACTIVITY else {"words": form.words.data or ""}
    try:
        follow_ups.answer(row, what=what, **told)
    except LinkError:
        raise
    except RuleError as error:
        db.session.rollback()
        form.refuse(error)
        return _follow_up(_asked(token), form, 422)
    db.session.commit()
    flash(_("Thank you. Your answer was kept."), "ok")
    return redirect(url_for("party.follow_up", token=token))


@bp.post("/follow-up/<token>/successor")
@public
@csrf.exempt
@limiter.limit("20 per hour")  # each sends a letter to an address that somebody typed
def successor(token: str) -> ResponseReturnValue:
    """Hand the questions over to whoever holds the post now."""
    return public_follow.hand_over(_person(token))


@bp.post("/follow-up/<token>/stop")
@public
def stop(token: str) -> ResponseReturnValue:
    """Ask no more about this meeting."""
    return public_follow.stop(_person(token))


def _person(token: str) -> PersonFollowUp:
    row = waves.open_link(token)
    if row is None:
        raise LinkError
    return row


def _asked(token: str) -> FollowUp:
    row = follow_ups.open_link(token)
    _in_meeting(row.partnership)
    return row


def _follow_up(row: FollowUp, form: forms.FollowUpForm, status: int) -> ResponseReturnValue:
    return render_template("partnerships/follow_up.html", row=row, p=row.partnership, form=form), status


def _in_meeting(partnership: Partnership) -> None:
    """Show the page in the colours of the meeting that it came from."""
    if partnership.origin is not None and partnership.origin.meeting is not None:
        g.meeting = partnership.origin.meeting
