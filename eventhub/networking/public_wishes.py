"""The personal link's page of wishes: whom I would like to meet, in my order, and whether I agree to be seated."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from eventhub.db import db
from eventhub.errors import NotFoundError, RuleError
from eventhub.networking import forms_wishes as forms
from eventhub.networking import queries, queries_one_to_one, queries_seating, wishes
from eventhub.pages import PageForm
from eventhub.registration import queries as registrations
from eventhub.registration import service as registration_service
from eventhub.registration.models import Registration
from eventhub.registration.states import RegistrationState
from eventhub.security import public

bp = Blueprint("wishes", __name__, url_prefix="/me/<token>/wishes")


def _mine(token: str) -> Registration:
    """The adult's confirmed registration of the link; raises NotFoundError for every other."""
    registration = registrations.get_by_link(token)
    g.meeting = registration.meeting
    if registration.is_child or registration.person.is_child or registration.state is not RegistrationState.CONFIRMED:
        raise NotFoundError(
            _("This page opens once a place is confirmed, for adults. Your own page says what is missing.")
        )
    return registration


@bp.get("")
@public
def page(token: str) -> ResponseReturnValue:
    """My list, and what I agree to."""
    return _page(_mine(token), token)


@bp.post("")
@public
def add(token: str) -> ResponseReturnValue:
    """One of the page's two forms: somebody for the list, or what I agree to."""
    registration = _mine(token)
    form: PageForm
    if "whom" in request.form:
        form = forms.WishForm().offer(queries_seating.list_wishable(registration))
    else:
        form = forms.ConsentForm()
    if not form.validate_on_submit():
        return _page(registration, token, form), 422
    try:
        sentence = _keep(registration, form)
    except RuleError as error:
        db.session.rollback()
        form.refuse(error)
        return _page(_mine(token), token, form), error.status
    db.session.commit()
    flash(sentence, "ok")
    return redirect(url_for("wishes.page", token=token), 303)


def _keep(registration: Registration, form: PageForm) -> str:
    by = registration_service.participant(registration)
    if isinstance(form, forms.WishForm):
        wishes.add(registration, int(form.whom.data), by=by)
        return _("Added. Only the organisers see it.")
    agreed = bool(form["agreed"].data)
    wishes.agree(registration, agreed=agreed, most=form["most"].data, by=by)
    return _("Kept. The organisers may seat you.") if agreed else _("Kept. The organisers will not seat you.")


@bp.post("/<int:wish_id>/<any(up, down, remove):step>")
@public
def change(token: str, wish_id: int, step: str) -> ResponseReturnValue:
    """Dearer, less dear, or off the list."""
    registration = _mine(token)
    by = registration_service.participant(registration)
    if step == "remove":
        wishes.remove(registration, wish_id, by=by)
        flash(_("Taken off your list. Nobody is told."), "ok")
    else:
        wishes.move(registration, wish_id, up=step == "up", by=by)
    db.session.commit()
    return redirect(url_for("wishes.page", token=token), 303)


def _page(registration: Registration, token: str, wrong: PageForm | None = None) -> str:
    """``wrong`` is the one of the two forms that did not pass, with what was typed."""
    people = {row.id: row for row in queries_seating.list_wishable(registration)}
    mine = queries_seating.list_wishes(registration.id)
    listed = {row.whom_id for row in mine}
    others = [row for row in people.values() if row.id not in listed]
    consent = queries_seating.find_consent(registration.id)
    given = {"agreed": consent.agreed, "most": consent.most} if consent is not None else None
    wish = wrong if isinstance(wrong, forms.WishForm) else forms.WishForm(formdata=None).offer(others)
    return render_template(
        "networking/wishes.html",
        token=token,
        meeting=registration.meeting,
        wishes=[(row, people.get(row.whom_id)) for row in mine],
        others=others,
        agreed=bool(consent and consent.agreed),
        wish_form=wish,
        consent_form=wrong if isinstance(wrong, forms.ConsentForm) else forms.ConsentForm(formdata=None, data=given),
        is_listed=queries.is_listed(registration.person),
        has_windows=bool(queries_one_to_one.list_windows(registration.meeting_id)),
    )
