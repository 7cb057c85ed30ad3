"""Staff pages of offers and needs: the list of those who agreed, as the participants see it."""

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from eventhub.directory.places import country_name
from eventhub.networking import people_words, queries_offers, queries_suggestions
from eventhub.networking.forms_offers import CONTACTS
from eventhub.pages import query_number
from eventhub.security import permission

bp = Blueprint("offers", __name__, url_prefix="/staff/m/<slug>/offers")


@bp.get("")
@permission("networking.edit")
def index() -> ResponseReturnValue:
    wanted = people_words.wanted()
    return render_template(
        "networking/people_staff.html",
        page=queries_offers.list_shown(g.meeting.id, wanted, query_number("page", 1)),
        wanted=wanted,
        choices=people_words.filter_choices(g.meeting.id),
        told=people_words.told,
        country_name=country_name,
        contacts=dict(CONTACTS),
    )


@bp.get("/suggestions")
@permission("networking.edit")
def suggested() -> ResponseReturnValue:
    """Whom the meeting's participants should meet, and why."""
    page, rows = queries_suggestions.list_all(g.meeting.id, query_number("page", 1))
    return render_template("networking/suggestions.html", page=page, rows=rows, why=people_words.why_both)
