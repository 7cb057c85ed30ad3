"""Pages behind a personal link: the ticket, the calendar file; and what a stranger sees who finds a badge."""

from flask import Blueprint, Response, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub import security
from eventhub.badges import printing, queries
from eventhub.errors import NotFoundError
from eventhub.files import attachment_name
from eventhub.programme import service as programme
from eventhub.registration import queries as registrations
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState
from eventhub.security import public

bp = Blueprint("ticket", __name__)


@bp.get("/me/<token>/ticket.pdf")
@public
@security.limiter.limit("60/minute")
def pdf(token: str) -> ResponseReturnValue:
    """The ticket of a personal link."""
    registration = _confirmed(token)
    if queries.valid_badge(registration.id) is None:
        raise NotFoundError(_("Your ticket is not ready yet. Look at your page again in a minute."))
    return _file(f"ticket-{registration.meeting.slug}.pdf", "application/pdf", printing.ticket(registration))


@bp.get("/me/<token>/meeting.ics")
@public
@security.limiter.limit("60/minute")
def ics(token: str) -> ResponseReturnValue:
    """The meeting for one's own calendar."""
    meeting = _confirmed(token).meeting
    return _file(f"{meeting.slug}.ics", "text/calendar", programme.calendar(meeting))


@bp.get("/b/<code>")
@bp.get("/B/<code>")
@public
@security.limiter.limit("30/minute")
def found(code: str) -> ResponseReturnValue:
    """What a badge's code says to a stranger: which meeting it belongs to and how to return it. Never whose it is."""
    badge = queries.find_badge(code[:200])
    if badge is None:
        raise NotFoundError(_("This code is not one of our badges. Look at the letters under the square again."))
    g.meeting = badge.registration.meeting  # whoever stands at this meeting's door gets a link to it
    return render_template("badges/found.html", meeting=g.meeting, code=badge.code)


def _confirmed(token: str) -> Registration:
    registration = registrations.get_by_link(token)
    if registration.state is not RegistrationState.CONFIRMED:
        raise NotFoundError(_("There is a ticket once your place is confirmed. Your page says what is missing."))
    return registration


def _file(name: str, media_type: str, content: bytes) -> Response:
    headers = {"Content-Disposition": attachment_name(name), "Cache-Control": "no-store"}
    return Response(content, mimetype=media_type, headers=headers)
