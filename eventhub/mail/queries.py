"""Looking up messages and suppressed addresses."""

import sqlalchemy as sa

from eventhub.db import db
from eventhub.errors import NotFoundError
from eventhub.mail import addresses
from eventhub.mail.models import Message, Suppression


def find_message(key: str) -> Message | None:
    """The message of a purpose."""
    return db.session.scalar(sa.select(Message).where(Message.key == key))


def get_message(ident: int) -> Message:
    """The message; raises NotFoundError."""
    message = db.session.get(Message, ident)
    if message is None:
        raise NotFoundError("There is no such letter. It may have been removed when its time was over.")
    return message


def find_suppression(email: str) -> Suppression | None:
    """Why this address must not be written to; None when it may."""
    return db.session.scalar(sa.select(Suppression).where(Suppression.email_key == addresses.key(email)))
