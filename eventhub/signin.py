"""The letters of staff accounts: invitation, forgotten password, notices. Plugs the outbox into Flask-Security.

It stands above the features because accounts lie below mail. No letter holds a working link: the outbox keeps a
placeholder, so that nobody who reads the outbox can take over an account.
"""

from datetime import timedelta
from typing import Any

from flask import Response, after_this_request, current_app
from flask_security import MailUtil

from eventhub import clock, security
from eventhub.accounts import service
from eventhub.accounts.models import User
from eventhub.mail import service as mail
from eventhub.mail.models import Message

SAMPLE = {"name": "Ana Reyes", "link": "https://link.invalid/staff_password", "hours": 24, "by": "Dara Sok"}


class Letters(MailUtil):
    """What Flask-Security calls in order to send mail."""

    def send_mail(
        self, template: str, subject: str, recipient: Any, sender: Any, body: Any, html: Any, **context: Any
    ) -> None:
        user: User = context["user"]
        if template.endswith("reset_instructions"):
            send_reset(user)
            after_this_request(_commit)  # the library's page writes nothing itself, and so commits nothing
        elif template.endswith(("reset_notice", "change_notice")):
            send_notice(user, "password")


def _commit(response: Response) -> Response:
    current_app.extensions["security"].datastore.commit()
    return response


def send_invitation(user: User, *, by: str) -> Message:
    """The first letter to a new member of staff; ``by`` is who made the account."""
    return _with_link(user, "staff_invitation", service.INVITATION_LASTS, by=by)


def send_reset(user: User) -> Message:
    """The letter to who forgot the password."""
    return _with_link(user, "staff_reset", service.RESET_LASTS)


def send_notice(user: User, what: str) -> Message:
    """Tell somebody what happened to the account: its ``password`` was changed, its ``second_factor`` reset."""
    key = f"staff_notice:{user.id}:{what}:{clock.now().isoformat()}"
    return mail.queue(
        letter="staff_notice",
        key=key,
        to_email=user.email,
        to_name=user.name,
        context={"name": user.name, "what": what, "at": clock.now()},
    )


def _with_link(user: User, letter: str, lasts: timedelta, **more: Any) -> Message:
    version = service.open_link(user, lasts)
    return mail.queue(
        letter=letter,
        key=f"{letter}:{user.id}:{version}",
        to_email=user.email,
        to_name=user.name,
        context={
            "name": user.name,
            "link": security.placeholder(service.LINK, user.id, version),
            "hours": int(lasts.total_seconds() // 3600),
            **more,
        },
    )


mail.letter("staff_invitation", sample=lambda: SAMPLE)
mail.letter("staff_reset", sample=lambda: SAMPLE)
mail.letter("staff_notice", sample=lambda: {"name": "Ana Reyes", "what": "password", "at": clock.now()})
