"""Pages of the personal link: what I offer and seek, and the list of those who agreed to be found."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub.db import db
from eventhub.directory.places import country_name
from eventhub.errors import NotFoundError, RuleError
from eventhub.networking import (
    ask_links,
    forms_offers,
    offers,
    people_words,
    queries,
    queries_offers,
    queries_suggestions,
    suggestions,
)
from eventhub.pages import query_number
from eventhub.registration import queries as registrations
from eventhub.registration import service as registration_service
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState
from eventhub.security import public

bp = Blueprint("people", __name__, url_prefix="/me/<token>")


def _mine(token: str) -> Registration:
    """The adult's confirmed registration of the link; raises NotFoundError for every other."""
    registration = registrations.get_by_link(token)
    g.meeting = registration.meeting
    if registration.is_child or registration.state is not RegistrationState.CONFIRMED:
        raise NotFoundError(
            _("This page opens once a place is confirmed, for adults. Your own page says what is missing.")
        )
    return registration


@bp.route("/offers", methods=["GET", "POST"], endpoint="offers")
@public
def say(token: str) -> ResponseReturnValue:
    registration = _mine(token)
    profile = queries_offers.find_profile(registration.id)
    form = forms_offers.OffersForm(data=forms_offers.stored(profile))
    form.offer(people_words.main_themes(), people_words.levels())
    if not form.validate_on_submit():
        return _form(form, registration, token, profile), 422 if form.errors else 200
    try:
        offers.save(registration, form.entry(), by=registration_service.participant(registration))
    except RuleError as error:
        db.session.rollback()
        form.refuse(error)
        return _form(form, _mine(token), token, None), error.status
    db.session.commit()
    flash(_("Kept. The others see it now.") if form.listed.data else _("Kept. Nobody else sees it."), "ok")
    return redirect(url_for("people.offers", token=token), 303)


def _form(form: Any, registration: Registration, token: str, profile: Any) -> str:
    return render_template(
        "networking/offers.html",
        form=form,
        token=token,
        profile=profile,
        meeting=registration.meeting,
        themes=people_words.offered_themes(),
        may_be_listed=queries.is_listed(registration.person),
    )


@bp.post("/offers/withdraw")
@public
def withdraw(token: str) -> ResponseReturnValue:
    """Take everything back: it is deleted."""
    registration = _mine(token)
    offers.withdraw(registration, by=registration_service.participant(registration))
    db.session.commit()
    flash(_("Deleted. Nobody sees it any more."), "ok")
    return redirect(url_for("people.offers", token=token), 303)


@bp.get("/people")
@public
def directory(token: str) -> ResponseReturnValue:
    """Who agreed to be found; searched in any script, filtered by theme, country and language."""
    registration = _mine(token)
    meeting, wanted = registration.meeting, people_words.wanted()
    met = queries_offers.who_confirmed(meeting.id, registration.person)
    return render_template(
        "networking/people.html",
        token=token,
        meeting=meeting,
        mine=queries_offers.find_profile(registration.id),
        page=queries_offers.list_shown(meeting.id, wanted, query_number("page", 1)),
        wanted=wanted,
        choices=people_words.filter_choices(meeting.id),
        told=people_words.told,
        country_name=country_name,
        suggested=queries_suggestions.list_for(registration),
        why=people_words.why,
        address=lambda profile: queries_offers.address_for(profile, met),
        ask=ask_links.links(registration, token),
    )


@bp.post("/people/<int:suggestion_id>/not-for-me")
@public
def not_for_me(token: str, suggestion_id: int) -> ResponseReturnValue:
    """Hide one suggestion; the other person is not told."""
    registration = _mine(token)
    suggestions.not_for_me(registration, suggestion_id, by=registration_service.participant(registration))
    db.session.commit()
    flash(_("This suggestion is gone. Nobody is told."), "ok")
    return redirect(url_for("people.directory", token=token), 303)
