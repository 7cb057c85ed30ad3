"""A lost letter: who types their address gets the link to their own page sent to it, once more.

The answer is the same for everybody, whether the address is registered or not; the letter goes out once an hour.
"""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from eventhub.db import db
from eventhub.meetings.public import public_meeting
from eventhub.registration import forms, queries, service, service_deciding
from eventhub.security import limiter, public

bp = Blueprint("own_link", __name__, url_prefix="/m/<slug>/register/link")


@bp.get("")
@public
def ask() -> ResponseReturnValue:
    public_meeting()
    return _page(forms.LinkForm(formdata=None))


@bp.post("")
@public
@limiter.limit("20 per minute; 60 per hour")
def send() -> ResponseReturnValue:
    meeting, form = public_meeting(), forms.LinkForm()
    if not form.validate():
        return _page(form), 422
    for registration in queries.list_by_contact(meeting.id, form.email.data):
        service_deciding.send_link(registration, by=service.participant())
    db.session.commit()
    return render_template("register/link_sent.html", meeting=meeting)


def _page(form: forms.LinkForm) -> str:
    return render_template("register/link.html", form=form)
