"""Staff pages: a meeting's partnerships, one partnership, its facts and origin, asking its parties.

A partnership outlives its meeting, so its own page stands outside of the meeting's addresses; who may open it is
decided by the meeting that it came from.
"""

import re
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_security import current_user

from eventhub import audit
from eventhub.accounts import guard
from eventhub.accounts import queries as accounts
from eventhub.accounts.guard import staff
from eventhub.db import db
from eventhub.directory import queries as directory
from eventhub.errors import InvalidError, NotFoundError, RuleError, StaleError
from eventhub.meetings import queries as meetings
from eventhub.meetings.models import Meeting
from eventhub.networking import queries as introductions
from eventhub.pages import cut, query_text
from eventhub.partnerships import (
    attendance,
    backfill,
    corrections,
    forms,
    letters,
    listing,
    merging,
    purposes,
    queries,
    ratings,
    service,
    sight,
    statements,
    telling,
    timeline,
    verification,
    words,
)
from eventhub.partnerships.backfill_columns import RowKind
from eventhub.partnerships.models import Partnership, Party
from eventhub.partnerships.states import MOVES, FieldGroup, MergeDecision, PartnershipState
from eventhub.security import permission

bp = Blueprint("partnerships", __name__, url_prefix="/staff")
bp.add_app_template_filter(words.word, "word")
bp.add_app_template_global(timeline.people, "head_counts")
bp.add_app_template_global(words.money, "money")
bp.add_app_template_global(words.vocabulary_word, "vocabulary_word")


@bp.get("/m/<slug>/partnerships")
@permission("partnerships.read")
def index() -> ResponseReturnValue:
    """What came of a meeting: searched, and filtered by the evidence ladder."""
    may_see_all = accounts.meetings_where(current_user, "partnerships.read") is None
    everywhere = bool(request.args.get("all")) and may_see_all
    hidden = (
        accounts.may_everywhere(current_user, "partnerships.edit") if everywhere else guard.may("partnerships.edit")
    )
    rows = queries.list_partnerships(None if everywhere else [g.meeting.id], hidden=hidden)
    q, show = query_text("q"), query_text("show")
    found = listing.search(listing.entries(rows), q)
    shown = [entry for entry in found if entry.is_shown_as(show)] if show in listing.SHOW else found
    return render_template(
        "partnerships/index.html",
        page=cut(shown),
        counts=listing.count(found),
        total=len(found),
        q=q,
        show=show,
        everywhere=everywhere,
        may_see_all=may_see_all,
        response=queries.verification_response(entry.partnership for entry in found),
        came=attendance.is_known(g.meeting),
        averages=ratings.averages(None if everywhere else [g.meeting.id]),
    )


@bp.route("/m/<slug>/partnerships/new", methods=["GET", "POST"])
@permission("partnerships.edit")
def new() -> ResponseReturnValue:
    """Log a partnership by hand, as one that came from this meeting."""
    form = forms.NewPartnershipForm()
    if form.validate_on_submit():
        try:
            made = service.create(parties=form.organisations(), meeting=g.meeting, by=staff(), **form.facts())
        except RuleError as error:
            return refused(form, error, "partnerships/new.html", organisations=directory.list_names())
        db.session.commit()
        flash(_("The partnership was logged. Now say what came of it, then ask the parties."), "ok")
        return redirect(url_for("partnerships.show", partnership_id=made.id))
    return _page("partnerships/new.html", form, organisations=directory.list_names())


@bp.post("/m/<slug>/introductions/<int:introduction_id>/partnership")
@permission("partnerships.edit")
def from_introduction(introduction_id: int) -> ResponseReturnValue:
    """Log what came of an introduction; pressed twice, it is the same partnership."""
    introduction = introductions.get_introduction(introduction_id)
    if introduction.meeting_id != g.meeting.id:
        raise NotFoundError
    made = service.create_from_introduction(introduction, by=staff())
    db.session.commit()
    flash(_("The partnership is logged. Now say what came of it, then ask the parties."), "ok")
    return redirect(url_for("partnerships.show", partnership_id=made.id))


@bp.get("/partnerships/<int:partnership_id>")
@permission("partnerships.read")
def show(partnership_id: int) -> ResponseReturnValue:
    """The whole story of one partnership, from the handshake on."""
    partnership = load(partnership_id)
    if partnership.merged_into_id is not None:
        flash(_("%(ref)s was joined to this record.", ref=partnership.ref), "info")
        return redirect(url_for("partnerships.show", partnership_id=queries.canonical(partnership).id))
    standing = queries.standing(partnership)
    due = queries.list_follow_ups(partnership.id)
    decisions = merging.list_decisions(partnership.id)
    return render_template(
        "partnerships/show.html",
        p=partnership,
        standing=standing,
        contradicted=queries.is_contradicted(partnership),
        stage=queries.stage(partnership),
        events=timeline.events(partnership, standing, due),
        rungs=timeline.who_stands_where(partnership, standing),
        answers=timeline.answers(partnership),
        addressees=letters.addressees(partnership.parties),
        public_text=queries.public_text(partnership),
        same=merging.suggested(partnership, decisions) if guard.may("partnerships.edit") else [],
        merges=[row for row in decisions if row.decision is MergeDecision.JOINED],
        moves=sorted(MOVES[partnership.state]),
        questions=words.QUESTIONS,
        evidence=queries.list_shown_evidence(partnership, may_edit=guard.may("partnerships.edit")),
        held_back=sum(map(sight.held_back, partnership.evidence)),
        hidden=queries.is_hidden(partnership),
        purposes=purposes.dac_purposes(partnership),
        iati=(purposes.iati_status(partnership), purposes.iati_scope(partnership)),
        sources=backfill.source_of(RowKind.ACTIVITY, [activity.id for activity in partnership.activities]),
        history=history(partnership),
        groups=[
            (group, queries.standing(partnership, group).words) for group in FieldGroup if group is not FieldGroup.FACTS
        ],
        proposals=corrections.open_proposals(partnership),
        field_label=telling.field_label,
        item_title=lambda item: telling.title_now(partnership, item),
    )


@bp.route("/partnerships/<int:partnership_id>/edit", methods=["GET", "POST"])
@permission("partnerships.edit")
def edit(partnership_id: int) -> ResponseReturnValue:
    partnership = load(partnership_id, "partnerships.edit")
    form = forms.PartnershipForm(obj=partnership, levels=[level.level.value for level in partnership.levels])
    if form.validate_on_submit():
        try:
            service.change(partnership, version=form.seen_version, by=staff(), why=form.why.data or "", **form.values())
        except RuleError as error:
            return refused(form, error, "partnerships/edit.html", partnership_id, heading=_("The facts"), about="core")
        return saved(partnership_id, _("The facts were saved."))
    return _page("partnerships/edit.html", form, p=partnership, heading=_("The facts"))


@bp.route("/partnerships/<int:partnership_id>/origin", methods=["GET", "POST"])
@permission("partnerships.edit")
def origin(partnership_id: int) -> ResponseReturnValue:
    partnership = load(partnership_id, "partnerships.edit")
    present = partnership.origin
    form = forms.OriginForm(
        _meetings(),
        present.meeting if present else None,
        data={"version": partnership.version, **forms.OriginForm.data_of(present)},
    )
    if form.validate_on_submit():
        try:
            service.set_origin(
                partnership, version=form.seen_version, by=staff(), why=form.why.data or "", **form.values()
            )
        except RuleError as error:
            heading = _("How it began")
            return refused(form, error, "partnerships/edit.html", partnership_id, heading=heading, about="origin")
        return saved(partnership_id, _("The origin was saved."))
    return _page("partnerships/edit.html", form, p=partnership, heading=_("How it began"))


def _meetings() -> list[Any]:
    allowed = accounts.meetings_where(current_user, "partnerships.edit")
    return [m for m in meetings.every_meeting() if allowed is None or m.id in allowed]


@bp.post("/partnerships/<int:partnership_id>/state/<state>")
@permission("partnerships.edit")
def move(partnership_id: int, state: str) -> ResponseReturnValue:
    partnership = load(partnership_id, "partnerships.edit")
    if state not in list(PartnershipState):
        raise InvalidError
    service.move(partnership, PartnershipState(state), by=staff())
    return saved(partnership_id, _("The partnership has a new state."))


@bp.post("/partnerships/<int:partnership_id>/ask")
@permission("partnerships.edit")
def ask(partnership_id: int) -> ResponseReturnValue:
    """Ask one party, or each that has not confirmed the facts as they stand."""
    partnership = load(partnership_id, "partnerships.edit")
    group = request.form.get("group", FieldGroup.FACTS.value)
    kind = FieldGroup(group) if group in list(FieldGroup) else FieldGroup.FACTS
    if request.form.get("party"):
        asked = [verification.ask(_party(partnership), by=staff(), group=kind)]
    else:
        asked = verification.ask_all(partnership, by=staff(), group=kind)
    if not asked:
        raise InvalidError(_("There is nobody left to ask: all have confirmed, or no address is known."))
    return saved(
        partnership_id,
        ngettext("A letter goes to %(num)d party.", "A letter goes to each of %(num)d parties.", len(asked)),
    )


@bp.post("/partnerships/<int:partnership_id>/withdraw")
@permission("partnerships.edit")
def withdraw(partnership_id: int) -> ResponseReturnValue:
    """Make a party's links stop working."""
    partnership = load(partnership_id, "partnerships.edit")
    verification.withdraw(_party(partnership), by=staff())
    return saved(partnership_id, _("The party's links no longer work. What it answered stays."))


def _party(partnership: Partnership) -> Party:
    text = request.form.get("party", "")
    found = next((party for party in partnership.parties if str(party.id) == text), None)
    if found is None:
        raise NotFoundError
    return found


# what these pages share


def load(partnership_id: int, needed: str = "partnerships.read") -> Partnership:
    """The partnership, if the signed-in person holds the permission in the meeting that it came from.

    Hidden ones are found only by who may edit them; those without a meeting only by who holds it for all meetings.
    """
    partnership = queries.get_partnership(partnership_id)
    meeting = partnership.origin.meeting if partnership.origin else None
    if meeting is not None:
        g.meeting = meeting
    if not _may(needed, meeting):
        abort(403)
    if queries.is_hidden(partnership) and not _may("partnerships.edit", meeting):
        raise NotFoundError
    return partnership


def _may(permission: str, meeting: Meeting | None) -> bool:
    if meeting is None:
        return accounts.may_everywhere(current_user, permission)
    return accounts.may(current_user, permission, meeting.id)


def saved(partnership_id: int, sentence: str) -> ResponseReturnValue:
    db.session.commit()
    flash(sentence, "ok")
    return redirect(url_for("partnerships.show", partnership_id=partnership_id))


def refused(
    form: forms.PageForm,
    error: RuleError,
    template: str,
    partnership_id: int | None = None,
    *,
    about: str = "",
    **context: Any,
) -> ResponseReturnValue:
    """The form with what was typed and the rule's sentence; a stale form gets the version that is stored now, and
    what is stored now of the item ``about`` beside it."""
    db.session.rollback()
    form.refuse(error)
    if partnership_id is not None:
        context["p"] = partnership = load(partnership_id)
        if isinstance(form, forms.VersionForm):
            form.version.data = str(partnership.version)
        if isinstance(error, StaleError) and about:
            row = statements.find_row(partnership, about)
            context["stored"] = telling.stored(row) if row is not None else []
    return render_template(template, form=form, **context), 422


def _page(template: str, form: forms.PageForm, **context: Any) -> ResponseReturnValue:
    return render_template(template, form=form, **context), 422 if form.errors else 200


def history(partnership: Partnership) -> list[dict[str, Any]]:
    """What was done to the record, and what stood before."""
    rows = []
    for entry in audit.history(partnership):
        was = _before(entry)
        act = re.sub(r" (to|of|from)$", "", entry.action).capitalize()  # here the record is this one
        what = act + (f" ({_('before')}: {was})" if was else "")
        rows.append({"at": entry.at, "who": entry.actor_name, "what": what[:300]})
    return rows


def _before(entry: audit.AuditEntry) -> str:
    """What stood before, without what could show a child: evidence, and small numbers of people."""
    before = entry.detail.get("before")
    if isinstance(before, str):
        return before
    if not isinstance(before, dict) or "evidence" in entry.action:
        return ""
    shown = {name: value for name, value in before.items() if name != "counts" and value not in (None, "", [])}
    return "; ".join(f"{name.replace('_', ' ')}: {value}" for name, value in shown.items())
