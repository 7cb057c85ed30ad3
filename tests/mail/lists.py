import itertools

from eventhub.db import db
from eventhub.mail.models import Message
from eventhub.mail.states import MessageState

_numbers = itertools.count(1)
STATES = itertools.cycle(MessageState)


def letters(meeting, n):
    for number in itertools.islice(_numbers, n):
        message = Message(
            key=f"list:{number}",
            letter="invitation",
            meeting_id=meeting.id if meeting is not None else None,
            about_child=number % 5 == 0,
            to_email=f"person{number}@network.example",
            to_name="សុភាព ចាន់",
            subject=f"Letter {number}",
            text="Words",
            html="<p>Words</p>",
            state=next(STATES),
        )
        db.session.add(message)
    db.session.commit()


PAGES = {"mail.outbox": letters, "mail.others": lambda _meeting, n: letters(None, n)}
