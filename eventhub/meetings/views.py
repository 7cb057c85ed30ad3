"""Staff pages: the meetings, one meeting's facts, what waits for a decision."""

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from eventhub import audit, trail
from eventhub.accounts import queries as accounts
from eventhub.accounts.guard import may, may_open, staff
from eventhub.badges import queries as badges
from eventhub.checkin import queries_waiting as checkin
from eventhub.db import db
from eventhub.directory.places import country_choices
from eventhub.documents import queries as documents
from eventhub.errors import InvalidError, StaleError
from eventhub.invitations import queries as invitations
from eventhub.jobs import queries as jobs
from eventhub.mail import queries as mail
from eventhub.meetings import forms, queries, service
from eventhub.meetings.models import Meeting
from eventhub.meetings.states import MOVES, MeetingMode, MeetingState
from eventhub.networking import queries as networking
from eventhub.pages import query_number
from eventhub.partnerships import queries_waiting as partnerships
from eventhub.programme import queries as programme
from eventhub.registration import queries_waiting as registration
from eventhub.reports import service as reports
from eventhub.security import permission
from eventhub.waits import numbers

bp = Blueprint("meetings", __name__, url_prefix="/staff")

# whose decisions stand on a meeting's first page, in the order of the work
WAITING = (
    invitations.waiting,
    registration.waiting,
    programme.waiting,
    mail.waiting,
    badges.waiting,
    checkin.waiting,
    networking.waiting,
    partnerships.waiting,
    jobs.waiting,
)
PREPARED_IN = (MeetingState.PLANNED, MeetingState.OPEN)
READ_BACK = 200  # entries of the audit, of which the reader may see some
SHOWN_BACK = 15  # lines


@bp.get("/")
@permission("staff")
def index() -> ResponseReturnValue:
    """The meetings that one may open; the first page after sign-in."""
    allowed = accounts.meeting_ids(current_user)
    rows = [row for row in queries.every_meeting() if allowed is None or row.id in allowed]
    return render_template("meetings/index.html", all_meetings=rows, series=queries.list_series())


@bp.route("/series/new", methods=["GET", "POST"])
@permission("meeting.create")
def new_series() -> ResponseReturnValue:
    form = forms.SeriesForm()
    if form.validate_on_submit():
        facts = {name: value for name, value in form.data.items() if name not in ("csrf_token", "name")}
        try:
            made = service.create_series(name=form.name.data, by=staff(), **facts)
        except InvalidError as error:
            return _again(form, error, "meetings/series.html")
        db.session.commit()
        flash(_("The series was made. Now plan its first meeting."), "ok")
        return redirect(url_for("meetings.new", series=made.id))
    return render_template("meetings/series.html", form=form), 422 if form.errors else 200


@bp.route("/meetings/new", methods=["GET", "POST"])
@permission("meeting.create")
def new() -> ResponseReturnValue:
    if not queries.list_series():
        flash(_("A meeting belongs to a series. Start one first."), "info")
        return redirect(url_for("meetings.new_series"))
    form = forms.MeetingForm(countries=country_choices(), series_id=query_number("series", 0) or None)
    if form.validate_on_submit():
        try:
            meeting = service.create(series=queries.get_series(form.series_id.data), by=staff(), **form.facts())
        except InvalidError as error:
            return _again(form, error, "meetings/edit.html")
        db.session.commit()
        flash(_("The meeting was planned."), "ok")
        return redirect(url_for("meetings.overview", slug=meeting.slug))
    return render_template("meetings/edit.html", form=form), 422 if form.errors else 200


@bp.get("/m/<slug>/")
@permission("meeting.read")
def overview() -> ResponseReturnValue:
    """What waits for a decision, how far it has come, what happened lately."""
    steps = reports.funnel(g.meeting) if may("reports.read") else []
    reached = {step.key: step.of if step.key == "invited" else step.n for step in steps}
    waiting, sessions = what_waits(g.meeting)
    return render_template(
        "meetings/overview.html",
        waiting=waiting,
        next_steps=next_steps(reached, has_sessions=bool(sessions)) if may("meeting.edit") else [],
        steps=steps,
        recent=trail.lines(audit.recent(g.meeting.id, READ_BACK), may)[:SHOWN_BACK],
        moves=[state for state in MeetingState if state in MOVES[g.meeting.state]],
    )


def next_steps(reached: dict[str, int | None], *, has_sessions: bool) -> list[tuple[str, str, str]]:
    """What comes next: what to do, why, and its page, in the order of the work. ``reached``: the funnel's numbers."""
    if g.meeting.state in PREPARED_IN:
        steps = _before(is_anybody_invited=bool(reached.get("invited")), has_sessions=has_sessions)
    else:
        steps = _afterwards(reached) if g.meeting.state is MeetingState.OVER else []
    return [(what, why, url) for needed, what, why, url in steps if needed and (url[0] == "#" or may_open(url))]


def _afterwards(reached: dict[str, int | None]) -> list[tuple[bool, str, str, str]]:
    """What a meeting that is over begins with, so that years later somebody can say what came of it."""
    return [
        (
            bool(documents.ids_without_certificate(g.meeting.id)),
            _("Issue the certificates"),
            _("For everybody who was checked in; each stands on the person's own page, too."),
            url_for("documents.index"),
        ),
        (
            not reached.get("introduced"),
            _("Write down who met whom"),
            _("Follow-ups, partnerships and stories begin with it."),
            url_for("networking.new"),
        ),
    ]


def _before(*, is_anybody_invited: bool, has_sessions: bool) -> list[tuple[bool, str, str, str]]:
    """What a meeting still needs before people can come."""
    meeting, facts = g.meeting, url_for("meetings.edit")
    return [
        (not meeting.place and meeting.mode is not MeetingMode.ONLINE, _("Say where it takes place"), "", facts),
        (
            not meeting.contact_email,
            _("Give an address for questions"),
            _("It stands on every page and letter."),
            facts,
        ),
        (not meeting.code_of_conduct, _("Write the code of conduct"), _("Everybody agrees to it on the form."), facts),
        (
            meeting.admits_children and not meeting.focal_point_name,
            _("Name the safeguarding focal point"),
            _("Children may take part: whom to call stands on the back of every badge."),
            facts,
        ),
        (
            not is_anybody_invited,
            _("Invite the first organisations"),
            _("You see the letter before anything goes out."),
            url_for("invitations.new"),
        ),
        (
            not has_sessions,
            _("Make the programme"),
            _("Rooms first, then the sessions."),
            url_for("programme.index"),
        ),
        (
            meeting.state is MeetingState.PLANNED,
            _("Open the meeting"),
            _("Until then its page is not public, and nobody can register."),
            "#state",
        ),
    ]


def what_waits(meeting: Meeting) -> tuple[list[tuple[str, int, str]], int]:
    """What waits in each feature, in the order of the work, only pages that one may open: its words, how many, its
    page; and how many sessions there are."""
    offered = [wait for waiting in WAITING for wait in waiting(meeting) if may_open(wait.url)]
    *counts, sessions = numbers([*(wait.count for wait in offered), programme.count_sessions(meeting.id)])
    return [(wait.words(n), n, wait.url) for wait, n in zip(offered, counts, strict=True) if n], sessions


@bp.route("/m/<slug>/facts", methods=["GET", "POST"])
@permission("meeting.edit")
def edit() -> ResponseReturnValue:
    meeting = g.meeting
    form = forms.MeetingForm(
        obj=meeting,
        countries=country_choices(),
        registration_opens=forms.local(meeting.registration_opens, meeting.tz),
        registration_closes=forms.local(meeting.registration_closes, meeting.tz),
    )
    if form.validate_on_submit():
        try:
            service.change(meeting, version=int(form.version.data or 0), by=staff(), **form.facts())
        except (InvalidError, StaleError) as error:
            return _again(form, error, "meetings/edit.html")
        db.session.commit()
        flash(_("The meeting's facts were saved."), "ok")
        return redirect(url_for("meetings.overview"))
    return render_template("meetings/edit.html", form=form), 422 if form.errors else 200


@bp.post("/m/<slug>/state/<state>")
@permission("meeting.edit")
def move(state: str) -> ResponseReturnValue:
    if state not in list(MeetingState):
        raise InvalidError
    service.move(g.meeting, MeetingState(state), by=staff())
    db.session.commit()
    flash(_("The meeting is now: %(state)s.", state=state), "ok")
    return redirect(url_for("meetings.overview"))


def history(entries: list[audit.AuditEntry]) -> list[dict[str, object]]:
    """Entries of the audit as the history macro shows them."""
    return trail.lines(entries)


def _again(form: forms.PageForm, error: InvalidError | StaleError, template: str) -> ResponseReturnValue:
    """The form with what was typed and the rule's sentence, beside its field where it has one."""
    db.session.rollback()
    form.refuse(error)
    return render_template(template, form=form), 422
