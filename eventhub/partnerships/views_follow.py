"""Staff pages of a meeting's follow-ups: the times of asking, each person's, and what both sides say."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub import audit
from eventhub.accounts.guard import staff
from eventhub.db import db
from eventhub.errors import RuleError
from eventhub.pages import cut, query_number, query_text
from eventhub.partnerships import (
    answers,
    asking_past,
    forms_follow,
    letters_follow,
    queries_answers,
    queries_commit,
    waves,
)
from eventhub.partnerships import queries_follow as queries
from eventhub.partnerships.models_follow import PersonFollowUp
from eventhub.partnerships.states import FollowUpState
from eventhub.partnerships.views import bp
from eventhub.security import permission
from eventhub.waits import numbers

ADDRESS = "/m/<slug>/follow-ups"


@bp.get(ADDRESS)
@permission("partnerships.edit")
def follow_ups() -> ResponseReturnValue:
    """How each time of asking goes; below, who was asked and who answered."""
    months, wanted, q = query_number("months", 0), query_text("state"), query_text("q")
    state = FollowUpState(wanted) if wanted in list(FollowUpState) else None
    times = queries.waves(g.meeting)
    months = months if months in {wave.months for wave in times} else 0
    page, counts = queries.list_asked(g.meeting, q=q, months=months, state=state, page=query_number("page", 1))
    return render_template(
        "partnerships/follow_ups.html",
        waves=times,
        is_past=asking_past.is_past(g.meeting),
        may_ask=asking_past.may_ask(g.meeting),
        page=page,
        counts=counts,
        total=sum(counts.values()),
        q=q,
        months=months,
        state=state,
        states=list(FollowUpState),
        hindrances=queries.hindrances(page.items),
        email_of=queries.email_of,
        proposals=numbers([queries_answers.count_proposals(g.meeting)])[0],
    )


@bp.route(f"{ADDRESS}/ask-now", methods=["GET", "POST"])
@permission("partnerships.edit")
def ask_past() -> ResponseReturnValue:
    """Who would be asked about a meeting that is long over; then ask them, once."""
    problem = ""
    if request.method == "POST":
        try:
            job = asking_past.begin(g.meeting, by=staff())
        except RuleError as error:
            db.session.rollback()
            problem = str(error)
        else:
            db.session.commit()
            return redirect(url_for("jobs.show", job_id=job.id))
    rows = asking_past.list_to_ask(g.meeting)
    first = next((row for row in rows if row.hindrance is None), None)
    page = render_template(
        "partnerships/ask_past.html",
        page=cut(rows),
        letter=asking_past.preview(g.meeting, first) if first else None,
        willing=sum(row.hindrance is None for row in rows),
        may_ask=asking_past.may_ask(g.meeting),
        is_past=asking_past.is_past(g.meeting),
        problem=problem,
    )
    return page, 422 if problem else 200


@bp.get(f"{ADDRESS}/answers")
@permission("partnerships.edit")
def follow_up_answers() -> ResponseReturnValue:
    """What both sides say, beside each other; what tells of something done together waits for a decision."""
    found = queries_answers.list_both_sides(g.meeting)
    show = query_text("show")
    kept = {
        "waiting": [both for both in found if both.proposed],
        "disagree": [both for both in found if both.disagree],
    }
    return render_template(
        "partnerships/follow_up_answers.html",
        page=cut(kept.get(show, found)),
        show=show,
        counts={"all": len(found), **{name: len(rows) for name, rows in kept.items()}},
        is_proposal=queries_answers.is_proposal,
        said_of=answers.said_of,
    )


@bp.get(f"{ADDRESS}/<int:follow_up_id>")
@permission("partnerships.edit")
def person_follow_up(follow_up_id: int) -> ResponseReturnValue:
    """One participant's follow-up: what is asked, what was said, the letters."""
    row = queries.get_person_follow_up(follow_up_id, g.meeting)
    return _person(row, forms_follow.AddressForm(formdata=None, email=queries.email_of(row)), 200)


def _person(row: PersonFollowUp, form: Any, status: int) -> ResponseReturnValue:
    subjects = queries.list_subjects(row)
    promised = queries_commit.list_commitments_of(row.meeting, row.person)
    page = render_template(
        "partnerships/follow_up_staff.html",
        row=row,
        form=form,
        subjects=subjects,
        promised=promised,
        said={key: answers.said_of(answer) for key, answer in queries_answers.answers_by_subject(row).items()},
        earlier={
            key: answer.before for key, answer in queries_answers.answers_by_subject(row).items() if answer.before
        },
        hindrance=queries.hindrances([row]).get(row.id),
        email=queries.email_of(row),
        letters=queries.letters_of(row),
        previews=[
            letters_follow.preview(row, len(subjects), len(promised), reminder=n) for n in range(waves.MOST_REMINDERS)
        ],
        history=[
            {"at": e.at, "who": e.actor_name if not row.person.at_risk else "", "what": e.action.capitalize()}
            for e in audit.history(row)
        ],
    )
    return page, status


@bp.post(f"{ADDRESS}/<int:follow_up_id>/send")
@permission("partnerships.edit")
def send_follow_up(follow_up_id: int) -> ResponseReturnValue:
    """Send the letter again, or before its day."""
    row = queries.get_person_follow_up(follow_up_id, g.meeting)
    waves.send_again(row, by=staff())
    return _saved(follow_up_id, _("The letter is on its way."))


@bp.post(f"{ADDRESS}/<int:follow_up_id>/address")
@permission("partnerships.edit")
def readdress_follow_up(follow_up_id: int) -> ResponseReturnValue:
    """Correct the address; the old link ends."""
    row = queries.get_person_follow_up(follow_up_id, g.meeting)
    form = forms_follow.AddressForm()
    if not form.validate():
        return _person(row, form, 422)
    try:
        waves.readdress(row, email=form.email.data or "", by=staff())
    except RuleError as error:
        db.session.rollback()
        form.refuse(error)
        return _person(queries.get_person_follow_up(follow_up_id, g.meeting), form, error.status)
    return _saved(follow_up_id, _("The address was corrected. Links that went to the old one have ended."))


def _saved(follow_up_id: int, sentence: str) -> ResponseReturnValue:
    db.session.commit()
    flash(sentence, "ok")
    return redirect(url_for("partnerships.person_follow_up", follow_up_id=follow_up_id))


@bp.post(f"{ADDRESS}/answers/<int:answer_id>/accept")
@permission("partnerships.edit")
def accept_answer(answer_id: int) -> ResponseReturnValue:
    """Take what was told into the record, as reported."""
    answer = queries_answers.get_answer(answer_id, g.meeting)
    made = answers.accept(answer, by=staff(), same=request.form.get("same") == "1")
    db.session.commit()
    flash(_("It stands in the record as reported. Ask the parties to confirm it."), "ok")
    return redirect(url_for("partnerships.show", partnership_id=made.id))


@bp.post(f"{ADDRESS}/answers/<int:answer_id>/decline")
@permission("partnerships.edit")
def decline_answer(answer_id: int) -> ResponseReturnValue:
    """Leave what was told out of the record."""
    answers.decline(queries_answers.get_answer(answer_id, g.meeting), by=staff())
    db.session.commit()
    flash(_("It stays out of the record. The answer itself is kept."), "ok")
    return redirect(url_for("partnerships.follow_up_answers"))
