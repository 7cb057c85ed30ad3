"""Looking up messages and suppressed addresses, and what waits for a decision about them."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import lazy_gettext as _
from flask_babel import ngettext
from flask_sqlalchemy.pagination import Pagination

from eventhub.accounts.guard import may
from eventhub.db import db, page_of
from eventhub.errors import NotFoundError
from eventhub.mail import addresses
from eventhub.mail.models import Message, Suppression
from eventhub.mail.states import SERVER_AWAY, MessageState
from eventhub.meetings.models import Meeting
from eventhub.waits import Wait, count_of

ROWS = 50  # on one page


def find_message(key: str) -> Message | None:
    """The message of a purpose."""
    return db.session.scalar(sa.select(Message).where(Message.key == key))


def get_message(ident: int) -> Message:
    """The message; raises NotFoundError."""
    message = db.session.get(Message, ident)
    if message is None:
        raise NotFoundError(_("There is no such letter. It may have been removed when its time was over."))
    return message


def page_of_messages(
    meeting_id: int | None, *, q: str = "", state: str = "", children: bool = False, page: int = 1
) -> Pagination:
    """A meeting's letters (or those of no meeting), newest first; those about a child only with ``children``."""
    wanted = sa.select(Message).where(*_shown(meeting_id, q, children))
    if state in list(MessageState):
        wanted = wanted.where(Message.state == state)
    # the bodies are long, and a list shows none
    wanted = wanted.options(sa.orm.defer(Message.text), sa.orm.defer(Message.html)).order_by(Message.id.desc())
    return page_of(wanted, page, ROWS)


def count_by_state(meeting_id: int | None, *, q: str = "", children: bool = False) -> dict[MessageState, int]:
    """How many letters are in which state."""
    counted = sa.select(Message.state, sa.func.count()).where(*_shown(meeting_id, q, children)).group_by(Message.state)
    return {state: n for state, n in db.session.execute(counted)}


def count_held_up(meeting_id: int | None) -> int:
    """Letters that wait because the mail server is away."""
    return db.session.scalar(
        sa.select(sa.func.count()).where(
            Message.meeting_id == meeting_id, Message.state == MessageState.RETRY, Message.problem.in_(SERVER_AWAY)
        )
    ) or 0  # fmt: skip


def list_failed(meeting_id: int | None, *, children: bool) -> list[Message]:
    """Failed letters, held until the transaction ends."""
    failed = sa.select(Message).where(*_shown(meeting_id, "", children), Message.state == MessageState.FAILED)
    return list(db.session.scalars(failed.order_by(Message.id).with_for_update()))


def _shown(meeting_id: int | None, q: str, children: bool) -> list[Any]:
    conditions: list[Any] = [Message.meeting_id == meeting_id]
    if not children:
        conditions.append(Message.about_child.is_(False))
    if q:
        columns = (Message.to_email, Message.to_name, Message.subject)
        conditions.append(sa.or_(*(column.icontains(q, autoescape=True) for column in columns)))
    return conditions


def find_suppression(email: str) -> Suppression | None:
    """Why this address must not be written to; None when it may."""
    return db.session.scalar(sa.select(Suppression).where(Suppression.email_key == addresses.key(email)))


def waiting(meeting: Meeting) -> list[Wait]:
    """What waits for the secretariat here."""
    shown = _shown(meeting.id, "", may("safeguarding.see_children"))
    words: dict[MessageState, Callable[[int], str]] = {
        MessageState.FAILED: lambda n: ngettext("letter could not be delivered", "letters could not be delivered", n),
        MessageState.UNKNOWN: lambda n: ngettext(
            "letter may have arrived or not: decide", "letters may have arrived or not: decide", n
        ),
    }
    return [
        Wait(
            count_of(Message, *shown, Message.state == state),
            said,
            url_for("mail.outbox", slug=meeting.slug, state=state.value),
        )
        for state, said in words.items()
    ]
