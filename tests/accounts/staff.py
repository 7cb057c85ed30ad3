"""Members of staff who sign in as people do: with a password, a code, a letter."""

import itertools
import re

import pyotp

from eventhub import security
from eventhub.accounts import queries, service
from eventhub.accounts.models import User
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.mail.models import Message
from eventhub.security import Role

PASSWORD = "four words that stay"
SIGN_IN = "/staff/account/sign-in"
_numbers = itertools.count(1)


def a_colleague(role: Role | None = Role.READER, meeting=None, *, password: str | None = None, **facts) -> User:
    """An account with one role; with ``password`` somebody can sign in."""
    n = next(_numbers)
    values = {"email": f"colleague-{n}@staff.example", "name": f"Colleague {n}", **facts}
    user = service.create(password=password, by=SYSTEM, **values)
    if role is not None:
        service.grant(user, role, meeting.id if meeting is not None else None, by=SYSTEM)
    db.session.commit()
    return user


def sign_in_as(browser, user, password=PASSWORD, **more):
    """Send the first form."""
    return browser.post(SIGN_IN, data={"email": user.email, "password": password}, **more)


def set_up(browser, secret_only=False):
    """Set up the second factor in this browser; returns the app (pyotp) that now makes codes."""
    page = browser.post("/staff/account/second-factor", data={"setup": "authenticator"}).text
    key = re.search(r'<code class="code">([A-Z2-7 -]+)</code>', page)[1].replace(" ", "").replace("-", "")
    return pyotp.TOTP(key), page


def signed_in(browser) -> bool:
    return browser.get("/staff/").status_code == 200


def link_in_letter(user: User) -> str:
    """The path of the personal link in the newest letter, as it is when the letter is sent."""
    message = db.session.query(Message).filter_by(to_email=user.email).order_by(Message.id.desc()).first()
    return re.search(r"http://localhost(/staff/password/\S+)", security.fill_links(message.text))[1]


def fresh(user: User) -> User:
    db.session.expire_all()
    return queries.get_user(user.id)
