"""One's own agenda behind the personal link: sessions and 1:1 meetings by day, on paper, and as a calendar to subscribe
to."""

from urllib.parse import urlsplit

from flask import Blueprint, current_app, g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub.errors import NotFoundError
from eventhub.networking import calendars, queries_own
from eventhub.networking.public_one_to_one import calendar_file
from eventhub.programme.queries import by_day
from eventhub.registration import queries as registrations
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState
from eventhub.security import public

bp = Blueprint("agenda", __name__, url_prefix="/me/<token>")


def _mine(token: str) -> Registration:
    """A confirmed registration; a child has an agenda of sessions only."""
    registration = registrations.get_by_link(token)
    g.meeting = registration.meeting
    if registration.state is not RegistrationState.CONFIRMED:
        raise NotFoundError(_("There is an agenda once a place is confirmed. Your own page says what is missing."))
    return registration


@bp.get("/agenda")
@public
def agenda(token: str) -> ResponseReturnValue:
    registration = _mine(token)
    entries = queries_own.agenda(registration)
    address = current_app.config["EVENTHUB"].base_url + url_for("agenda.ics", token=token)
    return render_template(
        "networking/agenda.html",
        token=token,
        registration=registration,
        by_day=by_day(entries, g.meeting.tz),
        subscribe=urlsplit(address)._replace(scheme="webcal").geturl(),
        address=address,
    )


@bp.get("/agenda.ics")
@public
def ics(token: str) -> ResponseReturnValue:
    """The same for a calendar program, which may ask for it again and again."""
    registration = _mine(token)
    rows = queries_own.in_calendar(queries_own.list_own(registration))
    content = calendars.agenda(registration, queries_own.list_sessions(registration), rows)
    return calendar_file(f"{g.meeting.slug}-agenda.ics", "text/calendar; charset=utf-8", content)
