"""Staff pages: who is invited, choosing organisations, looking at the letter, sending; one invitation's record."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub import audit
from eventhub.accounts.guard import may, staff
from eventhub.db import db
from eventhub.directory import places
from eventhub.directory import queries as directory
from eventhub.errors import IllegalMoveError, InvalidError, RuleError
from eventhub.invitations import forms, letters, queries, service_quotas, service_sending
from eventhub.invitations.models import Invitation
from eventhub.invitations.public import people_states
from eventhub.invitations.states import INVITATION_MOVES, InvitationState
from eventhub.meetings import queries as meetings
from eventhub.pages import LARGEST_INT, query_number, query_text
from eventhub.registration import queries as registrations
from eventhub.security import permission
from eventhub.states import label_of

bp = Blueprint("invitations", __name__, url_prefix="/staff/m/<slug>/invitations")
bp.context_processor(lambda: {"country_name": places.country_name})


@bp.get("/")
@permission("invitations.read")
def index() -> ResponseReturnValue:
    """Who is invited, and what they answered."""
    q, state, sector_id = query_text("q"), query_text("state"), _sector_in_address()
    page = queries.page_of_invitations(
        g.meeting.id, q=q, state=state, sector_id=sector_id, page=query_number("page", 1)
    )
    counts = queries.count_by_state(g.meeting.id, q=q, sector_id=sector_id)
    return render_template(
        "invitations/index.html",
        page=page,
        named=queries.count_named([row.id for row in page.items]),
        by_state=counts,
        states_with_counts=[(label_of(s), s.value, counts.get(s.value, 0)) for s in InvitationState]
        + [(_("Nobody named yet"), queries.UNNAMED, None)] * (state == queries.UNNAMED),
        sectors=meetings.list_sectors(),
        q=q,
        state=state,
        sector_id=sector_id,
        drafts=queries.count_by_state(g.meeting.id).get(InvitationState.DRAFT.value, 0),
    )


@bp.route("/new", methods=["GET", "POST"])
@permission("invitations.edit")
def new() -> ResponseReturnValue:
    """Choose organisations and what they are offered; the next page shows the letter and sends."""
    form = forms.InviteForm(deadline=service_sending.default_deadline(g.meeting))
    if form.validate_on_submit():
        chosen = queries.list_organisations(_ids("organisations"))
        if _prepared(form, organisations=chosen, seats=form.seats.data):
            return redirect(url_for("invitations.review"))
    return _choose(form), 422 if form.errors else 200


@bp.route("/new/people", methods=["GET", "POST"])
@permission("invitations.edit")
def new_people() -> ResponseReturnValue:
    """Choose single people, such as a speaker or a former delegate, who are invited without an organisation."""
    form = forms.InvitePeopleForm(deadline=service_sending.default_deadline(g.meeting))
    if form.validate_on_submit() and _prepared(form, people=queries.list_people(_ids("people"))):
        return redirect(url_for("invitations.review"))
    q = query_text("q")
    page = queries.page_of_people(g.meeting.id, q=q, page=query_number("page", 1))
    organisations = {row.id: directory.current_organisation(row) for row in page.items}
    chosen = set(_ids("people"))
    return render_template(
        "invitations/new_people.html", form=form, page=page, organisations=organisations, chosen=chosen, q=q
    ), 422 if form.errors else 200


def _prepared(form: forms.InviteForm, **guests: Any) -> bool:
    """Whether drafts were made of what was chosen; else the form says why not."""
    try:
        if "people" in guests and not guests["people"]:
            raise InvalidError(_("Choose at least one person from the list."))
        if "organisations" in guests and not guests["organisations"]:
            raise InvalidError(_("Choose at least one organisation from the list."))
        service_sending.prepare(
            meeting=g.meeting,
            deadline=form.deadline.data,
            language=form.language.data,
            sector=queries.find_sector(form.as_sector.data),
            by=staff(),
            **guests,
        )
    except RuleError as error:
        db.session.rollback()
        form.refuse(error)
        return False
    db.session.commit()
    return True


def _choose(form: forms.InviteForm) -> str:
    q, sector_id, country = query_text("q"), _sector_in_address(), query_text("country", 8)
    whole = query_text("all") == "1"
    page = queries.page_of_organisations(
        g.meeting.id, q=q, sector_id=sector_id, country=country, page=query_number("page", 1), whole=whole
    )
    return render_template(
        "invitations/new.html",
        form=form,
        page=page,
        is_anybody_known=bool(page.total or directory.search_organisations().total),
        sector_chips=[(_("All"), None, None), *((s.name, s.id, None) for s in meetings.list_sectors())],
        countries=forms.country_choices(_("all countries"), used=True),
        chosen=set(_ids("organisations")),
        all_chosen=request.method == "GET" and whole,
        q=q,
        sector_id=sector_id,
        country=country,
    )


@bp.get("/review")
@permission("invitations.edit")
def review() -> ResponseReturnValue:
    """The invitations that are about to go, the letter as it will look, and the quotas it would pass."""
    chosen = queries.list_invitations(g.meeting.id, _ids("ids"))
    return _review(chosen or queries.list_drafts(g.meeting.id), forms.SendForm())


def _review(invitations: list[Invitation], form: forms.SendForm) -> str:
    shown = next((i for i in invitations if i.id == query_number("letter", 0)), invitations[0] if invitations else None)
    return render_template(
        "invitations/review.html",
        form=form,
        invitations=invitations,
        shown=shown,
        letter=letters.preview(shown) if shown else None,
        overruns=service_quotas.overruns(g.meeting, invitations),
    )


@bp.post("/send")
@permission("invitations.edit")
def send() -> ResponseReturnValue:
    form = forms.SendForm()
    invitations = queries.list_invitations(g.meeting.id, _ids("ids"))
    try:
        if not form.validate():
            raise InvalidError
        done = service_sending.send(invitations, meeting=g.meeting, reason=form.reason.data or "", by=staff())
    except InvalidError as error:
        db.session.rollback()
        if not form.errors:
            form.refuse(error)
        return _review(queries.list_invitations(g.meeting.id, _ids("ids")), form), 422
    db.session.commit()
    _tell(done)
    return redirect(url_for("invitations.index"))


def _tell(done: service_sending.Sending) -> None:
    if done.sent:
        flash(_("Invitations sent: %(n)s.", n=len(done.sent)), "ok")
    if done.already:
        flash(_("Already sent before, not sent again: %(n)s.", n=len(done.already)), "info")
    if done.refused:
        flash(_("Already accepted, so not sent again: %(names)s.", names=_names(done.refused)), "info")
    if done.no_address:
        flash(
            _("No e-mail address, so not sent: %(names)s. Add the address, then send.", names=_names(done.no_address)),
            "stop",
        )
    if done.late:
        flash(
            _("The deadline is over, so not sent: %(names)s. Choose a later day, then send.", names=_names(done.late)),
            "stop",
        )


def _names(invitations: Iterable[Invitation]) -> str:
    return ", ".join(i.name for i in invitations)


@bp.post("/chosen")
@permission("invitations.edit")
def bulk() -> ResponseReturnValue:
    """What the list's bar does with the chosen rows: look at the letter and send, or remind."""
    invitations = queries.list_invitations(g.meeting.id, _ids("ids"))
    if not invitations:
        flash(_("Choose at least one row first."), "info")
        return redirect(_list_again())
    if request.form.get("action") == "send":
        return redirect(url_for("invitations.review", ids=[i.id for i in invitations]))
    reminded = 0
    for invitation in invitations:
        try:
            reminded += service_sending.remind(invitation, by=staff())
        except IllegalMoveError:
            continue  # only who has not answered is reminded; the count below says how many were
    db.session.commit()
    flash(
        _(
            "Reminded: %(n)s of %(of)s. Who has answered, or got a letter from us today, gets none.",
            n=reminded,
            of=len(invitations),
        ),
        "ok" if reminded else "info",
    )
    if request.form.get("record"):  # from one invitation's own page
        return redirect(url_for("invitations.show", invitation_id=invitations[0].id))
    return redirect(_list_again())


def _list_again() -> str:
    """The list as it was filtered when its bar was used."""
    kept = {name: request.form.get(name, "") for name in ("q", "state", "sector", "page")}
    return url_for("invitations.index", **{name: value for name, value in kept.items() if value})


@bp.get("/<int:invitation_id>")
@permission("invitations.read")
def show(invitation_id: int) -> ResponseReturnValue:
    invitation = queries.get_invitation(invitation_id, meeting=g.meeting)
    return render_template(
        "invitations/show.html",
        invitation=invitation,
        nominations=[n for n in invitation.nominations if may("safeguarding.see_children") or not n.person.is_child],
        taken=queries.seats_taken(invitation),
        last_minute=queries.closes_at(invitation) - timedelta(minutes=1),
        roles=forms.role_names(),
        states=people_states(invitation),
        registered=registrations.registrations_of([n.person_id for n in invitation.nominations], g.meeting.id),
        moves=INVITATION_MOVES[invitation.state],
        past=queries.is_past(invitation),
        recent=[{"at": e.at, "who": e.actor_name, "what": label_of(e.action)} for e in audit.history(invitation)],
    )


@bp.route("/<int:invitation_id>/facts", methods=["GET", "POST"])
@permission("invitations.edit")
def edit(invitation_id: int) -> ResponseReturnValue:
    invitation = queries.get_invitation(invitation_id, meeting=g.meeting)
    form = forms.InvitationForm(obj=invitation)
    if invitation.person_id is not None:
        del form.seats
    if form.validate_on_submit():
        try:
            service_sending.change(invitation, by=staff(), **form.facts())
        except InvalidError as error:
            db.session.rollback()
            form.refuse(error)
            return render_template("invitations/edit.html", form=form, invitation=invitation), 422
        db.session.commit()
        flash(_("Saved."), "ok")
        return redirect(url_for("invitations.show", invitation_id=invitation_id))
    return render_template("invitations/edit.html", form=form, invitation=invitation), 422 if form.errors else 200


@bp.post("/<int:invitation_id>/withdraw")
@permission("invitations.edit")
def withdraw(invitation_id: int) -> ResponseReturnValue:
    invitation = queries.get_invitation(invitation_id, meeting=g.meeting)
    service_sending.withdraw(invitation, by=staff())
    db.session.commit()
    flash(_("The invitation was withdrawn. Its link no longer works."), "ok")
    return redirect(url_for("invitations.show", invitation_id=invitation_id))


@bp.post("/<int:invitation_id>/discard")
@permission("invitations.edit")
def discard(invitation_id: int) -> ResponseReturnValue:
    """Take a draft off the list: nobody has heard of it yet."""
    invitation = queries.get_invitation(invitation_id, meeting=g.meeting)
    service_sending.discard(invitation, by=staff())
    db.session.commit()
    return redirect(url_for("invitations.review"))


def _ids(name: str) -> list[int]:
    """Ids of chosen rows, from the form or the address; what is no id is left out."""
    texts = request.values.getlist(name)
    return [int(text) for text in texts if text.isascii() and text.isdigit() and int(text[:12]) <= LARGEST_INT][:2000]


def _sector_in_address() -> int | None:
    return query_number("sector", 0) or None
