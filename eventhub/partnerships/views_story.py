"""Staff pages: a partnership's story, made from its records, and what is missing before it may be published."""

from typing import Any

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_security import current_user
from sqlalchemy.orm.attributes import set_committed_value

from eventhub import audit
from eventhub.accounts import queries as accounts
from eventhub.accounts.guard import staff
from eventhub.db import db
from eventhub.errors import NotFoundError, RuleError
from eventhub.pages import cut
from eventhub.partnerships import claims, named, stories
from eventhub.partnerships import forms_story as forms
from eventhub.partnerships import queries_story as queries
from eventhub.partnerships.models_story import Story
from eventhub.partnerships.states import Basis
from eventhub.partnerships.views import bp, load
from eventhub.security import permission

bp.add_app_template_global(claims.anchor, "record_anchor")


@bp.get("/stories")
@permission("partnerships.edit")
def stories_index() -> ResponseReturnValue:
    """Every story, whatever its state."""
    rows = queries.list_stories(accounts.meetings_where(current_user, "partnerships.edit"))
    return render_template("stories/staff_index.html", page=cut(rows))


@bp.post("/partnerships/<int:partnership_id>/story")
@permission("partnerships.edit")
def begin_story(partnership_id: int) -> ResponseReturnValue:
    """Make a draft from what the records say; pressed twice, it is the same draft."""
    story = stories.assemble(load(partnership_id, "partnerships.edit"), by=staff())
    return _saved(
        story.id, _("The draft is made from the records. Read it aloud, then change what does not sound well.")
    )


@bp.get("/stories/<int:story_id>")
@permission("partnerships.edit")
def story(story_id: int) -> ResponseReturnValue:
    row = _load(story_id)
    return _page(row, _form(row), 200)


@bp.get("/stories/<int:story_id>/preview")
@permission("partnerships.edit")
def preview_story(story_id: int) -> ResponseReturnValue:
    """The story as everybody would read it, whatever its state."""
    row = _load(story_id)
    found = named.find([row], everywhere=True)
    people = [(person, named.noted(row, person)) for person in found.people[row.id] if found.may_be(row, person)]
    if row.partnership.origin is not None and row.partnership.origin.meeting is not None:
        g.meeting = row.partnership.origin.meeting
    return render_template(
        "stories/show.html",
        story=row,
        p=row.partnership,
        people=people,
        grounds=claims.grounds(row.partnership, row.claims),
        preview=True,
        shown=stories.is_shown(row, found),
        problems=stories.problems(row, found),
    )


def _load(story_id: int) -> Story:
    row = queries.get_story(story_id)
    # held by the row: else it may be forgotten, and be read again without its parties
    set_committed_value(row, "partnership", load(row.partnership_id, "partnerships.edit"))
    return row


def _form(row: Story) -> forms.StoryForm:
    data = {
        "title": row.title,
        "lead": row.lead,
        "lead_rests_on": row.lead_rests_on,
        "why_chosen": row.why_chosen,
        "chosen_by": row.chosen_by,
        "photo": str(row.photo_id or ""),
        "photo_words": row.photo_words,
        "version": str(row.version),
    }
    return _story_form(row, data=data)


def _story_form(row: Story, **options: Any) -> forms.StoryForm:
    return forms.StoryForm(queries.list_photos(row.partnership), claims.records_of(row), **options)


def _page(row: Story, form: Any, status: int, *, refused: str = "") -> ResponseReturnValue:
    found = named.find([row], everywhere=True)
    people = [(person, named.noted(row, person), found.may_be(row, person)) for person in found.people[row.id]]
    page = render_template(
        "stories/edit.html",
        story=row,
        p=row.partnership,
        form=form,
        refused=refused,
        grounds=claims.grounds(row.partnership, row.claims),
        problems=stories.problems(row, found),
        people=[(person, name, yes) for person, name, yes in people if not person.at_risk and not person.is_child],
        bases=list(Basis),
        history=[{"at": e.at, "who": e.actor_name, "what": e.action.capitalize()} for e in audit.history(row)],
    )
    return page, status


@bp.post("/stories/<int:story_id>/edit")
@permission("partnerships.edit")
def edit_story(story_id: int) -> ResponseReturnValue:
    row = _load(story_id)
    form = _story_form(row)
    if not form.validate():
        return _page(row, form, 422)
    try:
        stories.change(row, version=form.seen_version, by=staff(), **form.values())
    except RuleError as error:
        db.session.rollback()
        form.refuse(error)
        row = _load(story_id)
        form.version.data = str(row.version)
        return _page(row, form, 422)
    return _saved(story_id, _("It was saved."))


@bp.post("/stories/<int:story_id>/claims/<int:claim_id>")
@permission("partnerships.edit")
def rewrite_claim(story_id: int, claim_id: int) -> ResponseReturnValue:
    """Say one sentence in other words, or leave it out."""
    row, form = _load(story_id), forms.ClaimForm()
    if not form.validate():
        return _page(row, _form(row), 422, refused=str(form.errors["text"][0]))
    return _done(story_id, lambda: stories.rewrite(row, claim_id, text=form.text.data or "", by=staff()))


@bp.post("/stories/<int:story_id>/records")
@permission("partnerships.edit")
def take_up_records(story_id: int) -> ResponseReturnValue:
    """Add what the records say by now."""
    row = _load(story_id)
    added = stories.take_up(row, by=staff())
    return _saved(story_id, ngettext("%(num)d sentence was added.", "%(num)d sentences were added.", added))


@bp.post("/stories/<int:story_id>/names/<int:person_id>")
@permission("partnerships.edit")
def name_in_story(story_id: int, person_id: int) -> ResponseReturnValue:
    """Note why somebody may be named."""
    row, form = _load(story_id), forms.BasisForm()
    people = named.find([row], everywhere=True).people[row.id]
    person = next((found for found in people if found.id == person_id), None)
    if person is None:
        raise NotFoundError
    if not form.validate():
        return _page(row, _form(row), 422, refused=next(str(errors[0]) for errors in form.errors.values()))
    basis, words, url = Basis(form.basis.data), form.words.data or "", form.url.data or ""
    return _done(story_id, lambda: stories.give_basis(row, person, basis=basis, words=words, url=url, by=staff()))


@bp.post("/stories/<int:story_id>/publish")
@permission("partnerships.edit")
def publish_story(story_id: int) -> ResponseReturnValue:
    row = _load(story_id)
    return _done(story_id, lambda: stories.publish(row, by=staff()))


@bp.post("/stories/<int:story_id>/withdraw")
@permission("partnerships.edit")
def withdraw_story(story_id: int) -> ResponseReturnValue:
    """Take it away: it is gone at once."""
    row = _load(story_id)
    return _done(story_id, lambda: stories.withdraw(row, by=staff()))


def _done(story_id: int, act: Any) -> ResponseReturnValue:
    try:
        act()
    except NotFoundError:
        raise
    except RuleError as error:
        db.session.rollback()
        row = _load(story_id)
        return _page(row, _form(row), 422, refused=str(error))
    return _saved(story_id, _("It was saved."))


def _saved(story_id: int, sentence: str) -> ResponseReturnValue:
    db.session.commit()
    flash(sentence, "ok")
    return redirect(url_for("partnerships.story", story_id=story_id))
