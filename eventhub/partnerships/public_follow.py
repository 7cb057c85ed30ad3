"""The page behind a participant's follow-up: saved as it is typed, without JavaScript by "Save and go on".

The link is the only key, so a browser's session may end at any moment: a form with an old mark comes back as it was
typed and is sent again, and nothing is lost.
"""

from dataclasses import replace
from typing import Any

from flask import flash, g, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from eventhub.db import db
from eventhub.errors import LinkError, RuleError
from eventhub.partnerships import answers, queries_answers, queries_commit, waves
from eventhub.partnerships import forms_follow as forms
from eventhub.partnerships import queries_follow as queries
from eventhub.partnerships.models_commit import Commitment
from eventhub.partnerships.models_follow import PersonFollowUp
from eventhub.partnerships.queries_follow import Subject
from eventhub.ui import moment_text

PAGE = "partnerships/follow_up_person.html"
ALL = "all"  # nothing came of any of them

Asked = list[tuple[Subject, forms.SubjectForm]]
Promised = list[tuple[Commitment, forms.CommitmentAnswerForm]]


def show(row: PersonFollowUp) -> ResponseReturnValue:
    """The questions with what was answered so far; changes nothing."""
    g.meeting = row.meeting
    asked, known = _asked(row, None), queries_answers.answers_by_subject(row)
    for subject, form in asked:
        form.fill(answers.said_of(known.get(subject.key)))
    main = forms.PersonFollowUpForm(formdata=None, seen=str(row.version), words=row.words)
    return _page(row, main, asked, 200, promised=_promised(row))


def save(row: PersonFollowUp) -> ResponseReturnValue:
    """Keep what the page holds, by the script as it is typed or by its button."""
    g.meeting = row.meeting
    main, asked = forms.PersonFollowUpForm(), _asked(row, request.form)
    promised = _promised(row, request.form)
    fine = [form.validate() for _subject, form in [*asked, *promised]]
    if not main.validate() or not all(fine):
        return _refused(row, main, asked, 422, promised)
    tapped = request.form.get("nothing", "")
    said = {subject.key: _said(form, tapped in (subject.key, ALL)) for subject, form in asked}
    try:
        answers.save(row, said, words=main.words.data or "", seen=main.seen_version, promised=_told(row, promised))
    except LinkError:
        raise
    except RuleError as error:
        db.session.rollback()
        main.refuse(error)
        return _refused(row, main, asked, error.status, promised)
    db.session.commit()
    if _by_script():
        return jsonify(
            version=row.version, said=_("Saved, %(when)s", when=moment_text(row.answered_at, row.meeting.tz))
        )
    left = _unanswered(row)
    flash(_("Saved. Thank you: everything is answered.") if not left else _("Saved. You can go on now or later."), "ok")
    return redirect(request.path + (f"#{left[0]}" if left else ""))


def _said(form: forms.SubjectForm, nothing: bool) -> answers.Said:
    """The answers of one subject; "nothing came of it" is one tap, and keeps what was written besides."""
    said = form.said()
    return replace(answers.NOTHING, words=said.words) if nothing and not said.together else said


def _by_script() -> bool:
    return request.headers.get("X-Saved-As-Typed") == "1"


def _asked(row: PersonFollowUp, sent: MultiDict[str, str] | None) -> Asked:
    """The subjects, each with its own small form."""
    return [
        (subject, forms.SubjectForm(formdata=sent, prefix=f"{subject.key}-")) for subject in queries.list_subjects(row)
    ]


def _promised(row: PersonFollowUp, sent: MultiDict[str, str] | None = None) -> Promised:
    """The commitments of the participant's delegation, each with its own small form."""
    found = []
    for commitment in queries_commit.list_commitments_of(row.meeting, row.person):
        form = forms.CommitmentAnswerForm(formdata=sent, prefix=f"c{commitment.id}-")
        last = commitment.tellings[-1] if commitment.tellings else None
        if sent is None and last is not None:
            form.state.data, form.words.data, form.evidence_url.data = last.state.value, last.words, last.evidence_url
        found.append((commitment, form))
    return found


def _told(row: PersonFollowUp, promised: Promised) -> list[answers.Kept]:
    """What was tapped about commitments; what stands as it stood is no telling."""
    told = []
    for commitment, form in promised:
        state, last = form.told(), commitment.tellings[-1] if commitment.tellings else None
        said = (state, form.words.data or "", form.evidence_url.data or "")
        if state is not None and (last is None or said != (last.state, last.words, last.evidence_url)):
            told.append(answers.Kept(commitment, state, said[1], said[2]))
    return told


def _unanswered(row: PersonFollowUp) -> list[str]:
    known = queries_answers.answers_by_subject(row)
    return [subject.key for subject in queries.list_subjects(row) if answers.said_of(known.get(subject.key)).empty]


def _refused(row: PersonFollowUp, main: Any, asked: Asked, status: int, promised: Promised) -> ResponseReturnValue:
    """What was typed, the reason, and beside it what is stored by now; the next save then knows of both."""
    stale = status == answers.ElsewhereError.status
    if _by_script():
        reason = next(iter([*main.form_errors, *(e for f in main for e in f.errors)]), _("Look at the marked fields."))
        return jsonify(version=None, said=_("Not saved yet: %(reason)s", reason=reason)), status
    known = queries_answers.answers_by_subject(row)
    other = {
        subject.key: stored
        for subject, form in asked
        if stale and (stored := answers.said_of(known.get(subject.key))) != form.said()
    }
    main.seen.data = str(row.version)
    return _page(row, main, asked, status, promised=promised, other=other)


def _page(
    row: PersonFollowUp,
    main: Any,
    asked: Asked,
    status: int,
    *,
    promised: Promised,
    successor: Any = None,
    other: Any = None,
) -> ResponseReturnValue:
    page = render_template(
        PAGE,
        row=row,
        form=main,
        asked=asked,
        promised=promised,
        other=other or {},
        answered=sum(not form.said().empty for _subject, form in asked),
        successor=successor or forms.SuccessorForm(formdata=None),
        token=(request.view_args or {})["token"],
    )
    return page, status


def hand_over(row: PersonFollowUp) -> ResponseReturnValue:
    """Name a successor: a new link goes to them, this one ends."""
    g.meeting = row.meeting
    form = forms.SuccessorForm()
    try:
        if not form.validate():
            return _again(row, form)
        waves.hand_over(row, name=form.name.data or "", email=form.email.data or "")
    except LinkError:
        raise
    except RuleError as error:
        db.session.rollback()
        form.refuse(error)
        return _again(row, form)
    db.session.commit()
    return render_template("partnerships/follow_up_over.html", title=_("Thank you"), over="handed"), 200


def _again(row: PersonFollowUp, form: forms.SuccessorForm) -> ResponseReturnValue:
    asked, known = _asked(row, None), queries_answers.answers_by_subject(row)
    for subject, one in asked:
        one.fill(answers.said_of(known.get(subject.key)))
    main = forms.PersonFollowUpForm(formdata=None, seen=str(row.version), words=row.words)
    return _page(row, main, asked, 422, promised=_promised(row), successor=form)


def stop(row: PersonFollowUp) -> ResponseReturnValue:
    """No more letters about this meeting."""
    g.meeting = row.meeting
    waves.stop(row)
    db.session.commit()
    return render_template("partnerships/follow_up_over.html", title=_("No more letters"), over="stopped"), 200
